/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file inspect.h
 * The mappings as a whole, for `zync check`: what they come to over many objects, and which custom fields of NetBox they name.
 */
#ifndef ZYNC_RULES_INSPECT_H
#define ZYNC_RULES_INSPECT_H

#include "rules/rules.h"

/** Counts over objects. Lives in its arena. */
struct zync_rules_census;
enum zync_status zync_rules_census_new(const struct zync_rules *rules, struct zync_arena *arena, struct zync_rules_census **ret,
				       struct zync_err *err) ZYNC_MUST_CHECK;
/** Count an object. @p wanted: it is to have a host, so that its host groups count. @p scratch: for this object only. */
enum zync_status zync_rules_census_add(struct zync_rules_census *census, const struct zync_rules_object *object, bool wanted,
				       struct zync_arena *scratch, struct zync_err *err) ZYNC_MUST_CHECK;

/** A mapping or a bundle, and what was counted of it. */
struct zync_rules_seen {
	const char *name; /**< "routers", "mapping 3", "bundle snmp" */
	struct zync_cfg_pos pos;
	bool bundle;
	bool used;	  /**< of a bundle: a mapping uses it, directly or by way of others; else true */
	uint64_t matched; /**< objects of which all conditions hold; of a bundle as `counted` */
	uint64_t counted; /**< of these, those for which no more specific mapping was taken (rules.combine: first) */
};
/** All mappings in order, then the bundles. */
size_t zync_rules_census_len(const struct zync_rules_census *census);
struct zync_rules_seen zync_rules_census_at(const struct zync_rules_census *census, size_t index);

/** A condition of a mapping that matched nothing. */
struct zync_rules_unmet {
	const char *label;  /**< "site", "custom_fields.monitor" */
	const char *values; /**< as written, ", " between them */
	struct zync_cfg_pos pos;
};
/** Those conditions of a mapping that no object met, in the arena of the census. Empty when each is met by some object. */
enum zync_status zync_rules_census_unmet(const struct zync_rules_census *census, size_t index, struct zync_rules_unmet **ret,
					 size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

/** A text under host_groups or host_group_format. */
struct zync_rules_group_text {
	const char *mapping;
	const char *label; /**< "host_groups" */
	const char *text;  /**< as written, secrets as *** */
	struct zync_cfg_pos pos;
	uint64_t objects; /**< that it counts for */
	uint64_t empty;	  /**< of these: it gives no name at all */
	uint64_t partly;  /**< it gives a name, but a level of it is empty and left out */
	const char *empty_example, *partly_example;
};
enum zync_status zync_rules_census_groups(const struct zync_rules_census *census, struct zync_rules_group_text **ret, size_t *ret_count,
					  struct zync_err *err) ZYNC_MUST_CHECK;

/** A custom field of NetBox that the mappings name. */
struct zync_rules_custom_field {
	const char *name;
	const char *label; /**< where: "match.custom_fields", "templates", "per_host.proxy_field" */
	const char *of;	   /**< NULL: of the devices and virtual machines themselves; "site": of what they belong to; "": of any of these */
	struct zync_cfg_pos pos;
};
/** Each with its first position, in the order of the configuration. */
enum zync_status zync_rules_custom_fields(const struct zync_rules *rules, struct zync_arena *arena, struct zync_rules_custom_field **ret,
					  size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
