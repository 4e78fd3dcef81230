/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file check.h
 * What the files of `zync check` share: check.c is the frame, check_netbox.c and check_zabbix.c ask the servers, check_match.c looks for names that NetBox does not have,
 * check_objects.c derives every object. Private to these.
 *
 * A finding is an entry of the result, never an error; only lack of memory and a cancellation end the check.
 */
#ifndef ZYNC_JOBS_CHECK_H
#define ZYNC_JOBS_CHECK_H

#include "base/vec.h"
#include "jobs/jobs.h"
#include "rules/inspect.h"

/** How many objects have something, and one of them. */
struct zync_check_tally {
	int kind; /**< of zync_rules_name, or enum zync_verdict */
	const char *server, *text;
	uint64_t count;
	const char *example;
};

/** What came of deriving all objects. */
struct zync_check_objects {
	struct zync_rules_census *census;
	uint64_t total, verdicts[ZYNC_VERDICT_FAILED + 1];
	struct zync_map *names;	  /**< kind, server and name → struct zync_check_tally */
	struct zync_map *reasons; /**< verdict and reason → the same */
	uint64_t other_reasons;	  /**< objects whose reason was one too many */
};

struct zync_check_run {
	struct zync_app *app;
	struct zync_arena *arena;
	struct zync_jb *json;
	struct zync_jnode *checks;
	enum zync_status worst; /**< the first thing that is wrong decides the exit code */
	bool fix;
	bool *never;			    /**< mappings of which check_match.c said that they can never match */
	struct zync_check_objects *objects; /**< NULL: they were not derived */
};

/** check.c: an entry; @p level "ok", "info", "warning". The message is a format. */
void zync_check_say(struct zync_check_run *check, const char *what, const char *level, const char *fmt, ...) ZYNC_PRINTF(4, 5);
/** An entry of level "error", which makes the check fail with that status. */
void zync_check_wrong(struct zync_check_run *check, const char *what, enum zync_status status, const char *fmt, ...) ZYNC_PRINTF(4, 5);
/** A failure of a server as an entry. Returned are only lack of memory and a cancellation. */
enum zync_status zync_check_failed(struct zync_check_run *check, const char *what, enum zync_status status, const struct zync_err *problem,
				   struct zync_err *err) ZYNC_MUST_CHECK;
/** "zync.yaml:12:5", or "environment". */
const char *zync_check_place(const struct zync_check_run *check, struct zync_cfg_pos pos);
/** "; did you mean \"X\"?", or "". */
const char *zync_check_suggest(const struct zync_check_run *check, const char *nearest);

/** check_netbox.c: *ret_ok: it answers. */
enum zync_status zync_check_netbox(struct zync_check_run *check, bool *ret_ok, struct zync_err *err) ZYNC_MUST_CHECK;
/** A plain address, or a certificate that is not checked. */
void zync_check_transport(struct zync_check_run *check, const char *what, const char *url, bool verify_tls);
/** check_zabbix.c */
enum zync_status zync_check_zabbix(struct zync_check_run *check, const struct zync_cfg_zabbix *config,
				   struct zync_err *err) ZYNC_MUST_CHECK;
/** Templates of the mappings that no object has. */
enum zync_status zync_check_unused_templates(struct zync_check_run *check, struct zync_err *err) ZYNC_MUST_CHECK;
/** check_match.c: conditions and custom fields that name what NetBox does not have. */
enum zync_status zync_check_match(struct zync_check_run *check, struct zync_err *err) ZYNC_MUST_CHECK;
/** check_objects.c: derive all of them; then what is to be said of mappings, host groups, and objects without a host. */
enum zync_status zync_check_derive(struct zync_check_run *check, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_check_report(struct zync_check_run *check, struct zync_err *err) ZYNC_MUST_CHECK;
/** How many objects want that name of that server (NULL: of any); NULL: none, or they were not derived. */
const struct zync_check_tally *zync_check_wanted(const struct zync_check_run *check, int kind, const char *server, const char *name);

#endif
