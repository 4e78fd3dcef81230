/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file settings.h
 * What Zabbix servers have besides hosts, as the job import-zabbix-settings found it: templates, host groups, proxies, proxy groups.
 */
#ifndef ZYNC_STORE_SETTINGS_H
#define ZYNC_STORE_SETTINGS_H

#include "store/store.h"

struct zync_setting {
	const char *server;
	const char *kind;	  /**< "template", "host_group", "proxy", "proxy_group" */
	uint64_t id;		  /**< Zabbix's */
	const char *name;	  /**< technical name of a template */
	const char *visible_name; /**< of a template, else NULL */
	int64_t updated;	  /**< when it was last found; out only */
};
/** Begin an import: empty the temporary table of this connection. */
enum zync_status zync_store_settings_begin(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_store_settings_add(struct zync_store *store, const struct zync_setting *setting,
					 struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * This kind was read completely from @p server: it is compared and replaced also when nothing of it was added, because there is none any more. Of a kind that has neither been
 * added to nor been named here nothing is known: what is stored of it stays.
 */
enum zync_status zync_store_settings_kind(struct zync_store *store, const char *server, const char *kind,
					  struct zync_err *err) ZYNC_MUST_CHECK;
struct zync_settings_counts {
	uint64_t total, added, changed, vanished;
};
/** What storing them would change for @p server. */
enum zync_status zync_store_settings_compare(struct zync_store *store, const char *server, struct zync_settings_counts *ret,
					     struct zync_err *err) ZYNC_MUST_CHECK;
/** Store what was added, of all servers, in the place of what was there, when the run commits (store.h), as of @p now: one that fails leaves the settings as they were. */
void zync_store_settings_with_run(struct zync_store *store, int64_t now);
/** Those of a server and kind (NULL: all), by server, kind, name. */
enum zync_status zync_store_settings(struct zync_store *store, const char *server, const char *kind, struct zync_arena *arena,
				     struct zync_setting **ret, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
