/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file plan.h
 * Desired × actual → what to do with each host, the safety limits of a run, and both as JSON. Pure.
 */
#ifndef ZYNC_PLAN_PLAN_H
#define ZYNC_PLAN_PLAN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "config/config.h"
#include "model/diff.h"
#include "model/host.h"

enum zync_op_kind {
	ZYNC_OP_NONE = 0, /**< in sync */
	ZYNC_OP_CREATE,
	ZYNC_OP_UPDATE,
	ZYNC_OP_DISABLE, /**< an update that (also) disables a host that was monitored */
	ZYNC_OP_DELETE,	 /**< soft or hard */
	ZYNC_OP_FORGET,	 /**< nothing of it is left in Zabbix: the host config goes */
	ZYNC_OP_REPORT,	 /**< would be done but is only reported (on_missing: report) */
	ZYNC_OP_DONE,	 /**< removed before, kept in the graveyard: nothing to do and not counted */
	ZYNC_OP_FAIL
};
/** "none", "create", "update", "disable", "delete", "forget", "report", "none", "fail". */
const char *zync_op_kind_name(enum zync_op_kind kind);

/** What is known of one host config and its host. */
struct zync_plan_input {
	uint64_t pk;
	const char *name;  /**< for messages */
	const char *state; /**< "monitored", "disabled", "removed", "missing", "failed" */
	const char *reason;
	const char *owner;	  /**< the ownership mark that belongs to the object */
	const char *owner_before; /**< another mark that its host may still carry, since the object took that one's place; NULL: none */
	const struct zync_host *desired; /**< resolved; NULL when there is none */
	const struct zync_host *base;	 /**< the desired state last written, or NULL */
	const struct zync_host *actual;	 /**< NULL: not in Zabbix */
	/** Templates of the actual host whose items stay when they are unlinked (sync.unlink, sync.keep_items_of); of the others they are cleared. */
	struct zync_ref_list keep_items;
	bool unbury; /**< delete it also when it is in the graveyard already (somebody asked for a hard deletion by name) */
};

struct zync_op {
	enum zync_op_kind kind;
	bool hard;		 /**< DELETE: really */
	const char *reason;	 /**< why failed, disabled, deleted, reported; NULL otherwise */
	struct zync_host target; /**< CREATE, UPDATE, DISABLE, soft DELETE */
	const struct zync_host *actual;
	struct zync_diff diff;		 /**< CREATE, UPDATE, DISABLE, soft DELETE */
	struct zync_ref_list keep_items; /**< that of the input */
};

/** Decide about one host. Fails only for NOMEM; what is wrong with the host is an operation FAIL with its reason. */
enum zync_status zync_plan_host(const struct zync_cfg_sync *policy, const struct zync_plan_input *input, struct zync_arena *arena,
				struct zync_op *ret, struct zync_err *err) ZYNC_MUST_CHECK;

/** Is this host one that Zync has soft-deleted (disabled, in the graveyard group only, name with the suffix)? */
bool zync_plan_is_buried(const struct zync_cfg_sync *policy, const struct zync_host *actual);

/** Numbers of a plan. */
struct zync_plan_counts {
	uint64_t linked; /**< host configs with a host before the run: what percentages refer to */
	uint64_t create, update, disable, delete_, report, forget, unchanged, failed, skipped;
};
void zync_plan_count(struct zync_plan_counts *counts, const struct zync_op *op);
/** SAFETY error when a limit is exceeded: which, how many, what the limit is, what to do. A percentage never allows less than one host. */
enum zync_status zync_plan_check_limits(const struct zync_cfg_sync *policy, const struct zync_plan_counts *counts,
					struct zync_err *err) ZYNC_MUST_CHECK;
/** SAFETY error when NetBox gave far fewer objects than known (@p known, of which @p missing were not found again). */
enum zync_status zync_plan_check_shrink(const struct zync_cfg_sync *policy, uint64_t known, uint64_t missing,
					struct zync_err *err) ZYNC_MUST_CHECK;

/** SAFETY error when more of what is known of a server (templates, host groups, proxies, proxy groups) has vanished than sync.max_vanished allows. A percentage never allows less than one. */
enum zync_status zync_plan_check_vanished(const struct zync_cfg_sync *policy, const char *server, uint64_t known, uint64_t vanished,
					  struct zync_err *err) ZYNC_MUST_CHECK;

/** One operation: {"action","host_config_id","name","server","hostid","reason","changes":[{"field","old","new","rule","note"}]}, the note only where there is one. @p origins: JSON object {field: rule} or NULL. */
struct zync_jnode *zync_op_to_json(struct zync_jb *b, const struct zync_plan_input *input, const char *server, const struct zync_op *op,
				   const struct zync_jval *origins);

#endif
