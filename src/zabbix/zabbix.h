/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file zabbix.h
 * Client of the Zabbix API, 6.0 and newer: one dialect table, reads in pages, writes in arrays with isolation of the bad host.
 *
 * A client belongs to one thread and keeps one call under way at a time: the configuration refuses a `max_in_flight` above 1 (two
 * connections gave a real server's writes nothing, measured on 7.0). The configuration must outlive the client. Facts: measured on real 6.0 and 7.0 servers, proved by tests/contract and tests/live.
 */
#ifndef ZYNC_ZABBIX_ZABBIX_H
#define ZYNC_ZABBIX_ZABBIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/vec.h"
#include "config/config.h"
#include "model/diff.h"
#include "model/host.h"

struct zync_zabbix;

/** apiinfo.version (without authorisation), dialect, then the token is proved or the user logged in. Own messages: unreachable, not a Zabbix API (HTML, 404, wrong path), too old, not authorised. */
enum zync_status zync_zabbix_open(const struct zync_cfg_zabbix *config, bool (*cancelled)(void *), void *cancelled_ctx,
				  struct zync_zabbix **ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Log out (when logged in by password) and free; NULL is fine. */
void zync_zabbix_close(struct zync_zabbix *z);
const char *zync_zabbix_version(const struct zync_zabbix *z);	  /**< "7.0.22" */
unsigned zync_zabbix_version_number(const struct zync_zabbix *z); /**< major × 1000 + minor: 7000, 6004 */
const char *zync_zabbix_name(const struct zync_zabbix *z);	  /**< of the configuration */

struct zync_zabbix_stats {
	uint64_t calls;	      /**< API calls (a JSON-RPC batch counts its requests) */
	uint64_t write_calls; /**< of these, *.create/update/delete/mass* of hosts and groups */
	uint64_t http_requests;
	uint64_t bytes_received;
};
const struct zync_zabbix_stats *zync_zabbix_stats(const struct zync_zabbix *z);

/** What the user behind the credentials may do. */
struct zync_zabbix_access {
	const char *username;
	const char *role; /**< name, or user type on old versions */
	bool super_admin;
	bool may_write_hosts; /**< role allows host.create, host.update, host.delete */
	bool may_create_groups;
};
enum zync_status zync_zabbix_access(struct zync_zabbix *z, struct zync_arena *arena, struct zync_zabbix_access *ret,
				    struct zync_err *err) ZYNC_MUST_CHECK;

/**
 * The catalogue: host groups, templates, proxies and proxy groups, names ↔ ids, read in bulk once a run and kept by the client.
 * Templates are found by technical name, then by visible name.
 */
enum zync_status zync_zabbix_load_catalogue(struct zync_zabbix *z, struct zync_err *err) ZYNC_MUST_CHECK;
/** Read it anew and free what was known before: nothing that was resolved with it may be in use any more. On failure the old one stays. For processes that live long. */
enum zync_status zync_zabbix_renew_catalogue(struct zync_zabbix *z, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_zabbix_kind { ZYNC_ZABBIX_GROUP = 0, ZYNC_ZABBIX_TEMPLATE, ZYNC_ZABBIX_PROXY, ZYNC_ZABBIX_PROXY_GROUP };
/** One of its names; the texts live as long as the catalogue. */
struct zync_zabbix_name {
	uint64_t id;
	const char *name;
	const char *visible_name; /**< of a template, else NULL */
};
/** The next of a kind, in the order in which Zabbix gave them: *pos starts at 0; false at the end. */
bool zync_zabbix_catalogue_next(const struct zync_zabbix *z, enum zync_zabbix_kind kind, size_t *pos, struct zync_zabbix_name *ret);
/** One of that id; false when the catalogue (loaded) does not have it. */
bool zync_zabbix_catalogue_find(const struct zync_zabbix *z, enum zync_zabbix_kind kind, uint64_t id, struct zync_zabbix_name *ret);
/** The server's words when the user may not read that kind (a role may hide proxies), else NULL. */
const char *zync_zabbix_catalogue_refused(const struct zync_zabbix *z, enum zync_zabbix_kind kind);
/** The id of a name, 0 when there is none. */
uint64_t zync_zabbix_lookup(const struct zync_zabbix *z, enum zync_zabbix_kind kind, const char *name);
/** The name of an id, NULL when there is none. */
const char *zync_zabbix_name_of_id(const struct zync_zabbix *z, enum zync_zabbix_kind kind, uint64_t id);
/** The nearest known name, for messages; NULL when nothing is near. */
const char *zync_zabbix_nearest(const struct zync_zabbix *z, enum zync_zabbix_kind kind, const char *name);
/**
 * Fill in the ids of the groups, templates, proxy and proxy group of a desired host and replace names by the catalogue's spelling. Missing groups keep id 0 (they are created later).
 * REJECTED for an unknown template, proxy or proxy group, or a proxy group on a server before 7.0: "template \"X\" does not exist in Zabbix; did you mean \"Y\"?".
 */
enum zync_status zync_zabbix_resolve(const struct zync_zabbix *z, struct zync_host *host, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Create those of @p names that are missing, with their parents, in one call if possible; the catalogue learns their ids. The names of those that this call made, or may have made
 * (no answer came), are added to @p made (may be NULL; initialised, texts in its arena), also when it fails in the middle.
 */
enum zync_status zync_zabbix_create_groups(struct zync_zabbix *z, const char *const *names, size_t count, struct zync_vec *made,
					   struct zync_err *err) ZYNC_MUST_CHECK;
/** The names among @p names and their parents that the catalogue does not have: what zync_zabbix_create_groups() would create, parents first, each once; texts in the arena of @p ret (initialised). */
enum zync_status zync_zabbix_missing_groups(const struct zync_zabbix *z, const char *const *names, size_t count, struct zync_vec *ret,
					    struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Why each of these host groups must stay: ret[i] (in @p arena) is "it has 3 hosts", "the action \"X\" uses it", or NULL when nothing of the kind is known. Looks up hosts, templates (before 6.2),
 * actions, maintenances, maps, dashboards, and rights and tag filters that user groups have for it and not in the same way for the group above. Scripts, correlations and host prototypes Zabbix itself refuses to
 * lose. Only a super admin sees all of that: ask zync_zabbix_access() first.
 */
enum zync_status zync_zabbix_group_uses(struct zync_zabbix *z, const uint64_t *ids, size_t count, struct zync_arena *arena,
					const char **ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Delete those of these host groups that hold no host and no template. *ret_deleted: how many. REJECTED when something else (an action, a maintenance) needs one of them. */
enum zync_status zync_zabbix_delete_empty_groups(struct zync_zabbix *z, const uint64_t *ids, size_t count, size_t *ret_deleted,
						 struct zync_err *err) ZYNC_MUST_CHECK;

/** Hosts as read: canonical, digests not filled (call zync_host_fill_digests). */
struct zync_zabbix_hosts {
	struct zync_host *items; /**< in order of hostid */
	size_t len;
};
/** The hosts of these ids, with every aspect that Zync knows; ids that do not exist (or are not visible) are simply absent. Reads in pages of read_page. */
enum zync_status zync_zabbix_get_hosts(struct zync_zabbix *z, const uint64_t *hostids, size_t count, struct zync_arena *arena,
				       struct zync_zabbix_hosts *ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** The hosts whose technical or visible name is one of these (templates are not hosts but block names: they come with flags == ZYNC_ZABBIX_FLAG_TEMPLATE). */
#define ZYNC_ZABBIX_FLAG_TEMPLATE 0x10000u
enum zync_status zync_zabbix_find_by_names(struct zync_zabbix *z, const char *const *names, size_t count, struct zync_arena *arena,
					   struct zync_zabbix_hosts *ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** (hostid, ownership mark) of every host that carries one of these marks; empty @p owners: of every marked host. */
struct zync_zabbix_mark {
	uint64_t hostid;
	const char *owner;
};
enum zync_status zync_zabbix_find_marks(struct zync_zabbix *z, const char *const *owners, size_t count, struct zync_arena *arena,
					struct zync_zabbix_mark **ret, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

enum zync_zabbix_write_kind { ZYNC_ZABBIX_CREATE = 0, ZYNC_ZABBIX_UPDATE, ZYNC_ZABBIX_DELETE };
/** "host.create", "host.update", "host.delete". */
const char *zync_zabbix_write_method(enum zync_zabbix_write_kind kind);
/** One host to write, and what came of it. */
struct zync_zabbix_write {
	enum zync_zabbix_write_kind kind;
	const char *label;		/**< name for messages */
	uint64_t hostid;		/**< UPDATE, DELETE; out for CREATE */
	const struct zync_host *target; /**< what it shall be (resolved: ids known); NULL for DELETE */
	const struct zync_host *actual; /**< what it is; NULL for CREATE */
	unsigned aspects;		/**< UPDATE: those of the diff; only these are sent */
	/** Removed templates that are only unlinked, so that their items stay as the host's own; NULL or not in it: their items are cleared. By id. */
	const struct zync_ref_list *keep_items;
	bool drop_mark;	     /**< a target without an ownership mark takes the host's away; default: it is kept */
	bool done;	     /**< out: written */
	struct zync_err err; /**< out when not done: Zabbix's own words */
};
/** Who is told what is written; either function may be NULL. A failure of one of them ends the writing and is returned. */
struct zync_zabbix_observer {
	/** Before the first call that holds these entries: nothing of them has been sent. */
	enum zync_status (*intend)(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err);
	/** After every write call, with the entries that it decided, in any order. */
	enum zync_status (*written)(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err);
	void *ctx;
};
/**
 * Write many hosts: arrays of at most write_batch, one entry a host with all its aspects, size adapted towards target_call_ms. When an array is
 * refused, the bad host is isolated (position in the error, name in the error, JSON-RPC batch of single calls, halving) and the good ones are written in the same run; a write
 * that succeeded is never repeated. A call of unknown outcome (connection lost) is read back before anything is repeated.
 * Returns an error only when the run cannot go on (server gone, not authorised, cancelled): then entries without `done` and without err.status were not decided.
 * Deletions come first, then updates, then creations, so that names get free. A target without a mark keeps the one that the host has. `actual` must be what was read,
 * with its ids and texts. A failed entry has the server's words in err, without the secrets of the target. Hosts of low-level discovery are refused. Changing an interface's type in place where items use it is carried out in the order Zabbix accepts.
 */
enum zync_status zync_zabbix_write(struct zync_zabbix *z, struct zync_zabbix_write *writes, size_t count,
				   const struct zync_zabbix_observer *observer, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
