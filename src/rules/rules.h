/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules.h
 * From a NetBox object and the mappings to a desired host. Pure after compilation: the same input always gives the same canonical host.
 */
#ifndef ZYNC_RULES_RULES_H
#define ZYNC_RULES_RULES_H

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"
#include "model/host.h"

struct zync_rules;

/**
 * Compile the mappings of @p config (which must outlive the rules): templates parsed, inventory fields, macro names, enumerations, servers and constant group names checked.
 * INVALID with one line a problem "FILE:LINE:COLUMN: …", at most 20, as zync_config_load().
 */
enum zync_status zync_rules_compile(const struct zync_config *config, struct zync_rules **ret, struct zync_err *err) ZYNC_MUST_CHECK;
void zync_rules_free(struct zync_rules *rules);
ZYNC_DEFINE_CLEANUP(zync_rules, struct zync_rules *, zync_rules_free)
#define ZYNC_AUTO_RULES ZYNC_CLEANUP(zync_rules_cleanup) struct zync_rules *

/** Do any rules look at config_context? Then NetBox is asked for it. */
bool zync_rules_need_config_context(const struct zync_rules *rules);
/** Do any look at addresses other than the primary and out-of-band ones? Then NetBox is asked for the member `ip_addresses`. */
bool zync_rules_need_ip_addresses(const struct zync_rules *rules);
/**
 * The names of all members that the templates look at, at any depth ("face", "site", "asns"): so that NetBox is asked for those that are not always read. They live as
 * long as the rules.
 */
const char *const *zync_rules_names(const struct zync_rules *rules, size_t *ret_count);
/** Constant template, proxy, proxy group and host group names with the position of the first use, for `zync check`. */
struct zync_rules_name {
	enum { ZYNC_RULES_NAME_TEMPLATE = 0, ZYNC_RULES_NAME_PROXY, ZYNC_RULES_NAME_PROXY_GROUP, ZYNC_RULES_NAME_GROUP } kind;
	const char *name;
	const char *server; /**< Zabbix server of the mapping, NULL: the default */
	struct zync_cfg_pos pos;
};
enum zync_status zync_rules_constant_names(const struct zync_rules *rules, struct zync_arena *arena, struct zync_rules_name **ret,
					   size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

/**
 * A NetBox object as the rules see it. The caller (jobs/) fills it from netbox/, since rules and netbox do not know each other's types.
 */
struct zync_rules_object {
	const char *type; /**< "device" or "vm" */
	uint64_t id;
	const char *name; /**< NULL: unnamed */
	const char *display;
	const char *owner; /**< the ownership mark for it */
	/** As in struct zync_expr_source: member @p name of @p parent, NULL parent: the object itself; references joined. */
	const struct zync_jval *(*member)(void *ctx, const struct zync_jval *parent, const char *name);
	void *ctx;
};

/** What becomes of the object. */
enum zync_verdict {
	ZYNC_VERDICT_MONITORED = 0,
	ZYNC_VERDICT_DISABLED,
	ZYNC_VERDICT_REMOVED, /**< its status (or a mapping) says that it has no host in Zabbix */
	ZYNC_VERDICT_SKIPPED, /**< not selected: no mapping matches, unnamed, or a mapping says so */
	ZYNC_VERDICT_FAILED   /**< selected, but no host can be derived (no address, a template's error): a failed host */
};
/** "monitored", "disabled", "removed", "skipped", "failed". */
const char *zync_verdict_name(enum zync_verdict verdict);

/** One line of `zync explain`: a value and the rule that it came from. */
struct zync_rules_origin {
	const char *field; /**< as in zync_change.field: "host", "templates[ICMP Ping]", "interfaces[agent].ip" */
	const char *value; /**< rendered; secrets as *** */
	const char *rule;  /**< mapping name, or "default", "status" */
	struct zync_cfg_pos pos;
	const char *overrode; /**< the rule whose value this one replaced, NULL: none */
	const char *note;     /**< "from config_context.zabbix.tags", "cut to 255 characters", "taken away", or NULL */
};

struct zync_rules_result {
	enum zync_verdict verdict;
	bool no_address;    /**< FAILED only because NetBox has no address for an interface that needs one */
	const char *reason; /**< why skipped, removed, disabled or failed; NULL when monitored */
	const char *server; /**< name of the Zabbix server */
	bool default_name;  /**< the visible name is the object's own: no mapping has made one */
	struct zync_host
		host; /**< canonical, digests not filled; valid for MONITORED and DISABLED; for REMOVED only host, name and owner as far as they can be told */
	struct zync_rules_origin *origins; /**< only when asked for */
	size_t origin_count;
	const char **matched; /**< names of the mappings that match, in order; only when asked for */
	size_t matched_count;
	const char **passed_over; /**< with rules.combine: first: those that match, too, but are less specific; only when asked for */
	size_t passed_over_count;
};

/** Derive one object. Fails only for NOMEM; what is wrong with the object itself is the verdict and its reason. @p explain: fill origins and matched. */
enum zync_status zync_rules_derive(const struct zync_rules *rules, const struct zync_rules_object *object, bool explain,
				   struct zync_arena *arena, struct zync_rules_result *ret, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
