/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file app.h
 * What a process of Zync has open: configuration, rules, store, key ring, and the servers, which are opened when first needed.
 */
#ifndef ZYNC_JOBS_APP_H
#define ZYNC_JOBS_APP_H

#include <stdatomic.h>

#include "base/digest.h"
#include "config/config.h"
#include "netbox/netbox.h"
#include "rules/rules.h"
#include "store/store.h"
#include "zabbix/zabbix.h"
#include "zync/zync.h"

struct zync_app {
	struct zync_config *config;
	struct zync_rules *rules;
	struct zync_store *store;
	struct zync_keyring *keyring;
	struct zync_netbox *netbox;
	struct zync_zabbix **zabbix; /**< one a configured server, NULL until used */
	struct zync_arena *arena;    /**< lives as long as this */
	const char *user;
	const char *request_id;
	void (*progress)(void *ctx, const struct zync_progress *progress);
	void *progress_ctx;
	uint64_t slot;		    /**< of the run that is at work or comes next (store/queue.h), 0: none */
	_Atomic(const char *) stop; /**< why everything shall stop, NULL: go on. Set from signal handlers and other threads: lock-free */
	/* Of the run that is at work; only its thread looks at them. */
	const char *job_id; /**< NULL: none, or a plan */
	struct zync_arena *job_arena;
	int64_t cancel_asked;	   /**< when the job's row was last looked at; monotonic, ms */
	const char *cancel_reason; /**< the job's row says that it shall stop */
	int64_t deadline;	   /**< monotonic, ms; 0: none */
	bool finishing;		   /**< what was begun is being put back or looked up: no stop counts */
};

/** Load, check and compile the configuration, open the store and the key ring. */
enum zync_status zync_app_open(const struct zync_open_params *params, struct zync_app **ret, struct zync_err *err) ZYNC_MUST_CHECK;
void zync_app_close(struct zync_app *app);

/** Ask what is at work to stop between two calls. @p reason: a constant, for the job's error ("cancelled"). Async-signal-safe. */
void zync_app_stop(struct zync_app *app, const char *reason);
/** For the cancel hooks of the clients, and the thread of the run only: is the run to stop? Looks at the job's row twice a second. @p app is a struct zync_app. */
bool zync_app_is_cancelled(void *app);
/** Is its time up? */
bool zync_app_is_late(const struct zync_app *app);
/** Drop the connections to the servers with what was read from them (a service, between two jobs); the next job opens them anew. */
void zync_app_release_servers(struct zync_app *app);
/** NetBox, with its reference tables. */
enum zync_status zync_app_netbox(struct zync_app *app, struct zync_netbox **ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** A walk that reads what the rules look at, of everything of a type; the caller adds filter, name or id. */
struct zync_nb_walk zync_app_walk(const struct zync_app *app, enum zync_nb_type type);
/** The Zabbix server of that name, with its catalogue. INVALID when the configuration has no such server (any more). */
enum zync_status zync_app_zabbix(struct zync_app *app, const char *name, struct zync_zabbix **ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** The ownership mark of an object: "netbox.example.com:device:17". NULL when memory is out. */
const char *zync_app_owner(const struct zync_app *app, const char *object_type, uint64_t object_id, struct zync_arena *arena);
/** The object as the rules see it; @p ctx must outlive it. */
struct zync_app_object {
	struct zync_netbox *netbox;
	const struct zync_nb_object *object;
};
enum zync_status zync_app_rules_object(struct zync_app *app, struct zync_app_object *ctx, struct zync_arena *arena,
				       struct zync_rules_object *ret, struct zync_err *err) ZYNC_MUST_CHECK;

/** The one host config that @p host names, with its desired state. NOT_FOUND, or INVALID when several are called so. */
enum zync_status zync_app_find_config(struct zync_app *app, const char *host, struct zync_arena *arena, struct zync_host_config *ret,
				      struct zync_err *err) ZYNC_MUST_CHECK;

/** Calls to the servers so far. */
uint64_t zync_app_netbox_calls(const struct zync_app *app);
uint64_t zync_app_zabbix_calls(const struct zync_app *app, uint64_t *ret_write_calls);

#endif
