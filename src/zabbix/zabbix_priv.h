/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file zabbix_priv.h
 * What the files of the Zabbix client share: the dialect, the client itself, one call and one batch of calls.
 *
 * Layers inside the part: dialect → rpc → connect, catalogue, access → decode, read → encode → array, isolate, readback, type_change → write.
 */
#ifndef ZYNC_ZABBIX_ZABBIX_PRIV_H
#define ZYNC_ZABBIX_ZABBIX_PRIV_H

#include "base/secret.h"
#include "base/vec.h"
#include "http/http.h"
#include "zabbix/zabbix.h"

/** The oldest Zabbix that the client talks to, as zync_zabbix_version_number() counts. */
#define ZYNC_ZBX_OLDEST 6000u
/** Requests in one JSON-RPC batch at most: one reply is waited for in whole, so it must stay well below the time-out. */
#define ZYNC_ZBX_BATCH_MAX 25u
/** Write calls of unknown outcome in a row before the server counts as gone. */
#define ZYNC_ZBX_UNKNOWN_MAX 3u
/** Names, marks or ids in the filter of one read call. */
#define ZYNC_ZBX_FILTER_MAX 500u
/** Memory of the catalogue (a few hundred bytes a name). */
#define ZYNC_ZBX_CATALOGUE_BYTES ((size_t)512 * 1024 * 1024)

/* --- dialect.c ------------------------------------------------------------------------------------------------------------------------ */

/** How one range of versions differs from the next; facts measured on 6.0 and 7.0, the rest from the upgrade notes of the API. */
struct zync_zbx_dialect {
	unsigned from;		   /**< first version of the row */
	bool bearer;		   /**< Authorization header (6.4); before: member "auth" */
	const char *select_groups; /**< parameter of host.get (6.2 split host and template groups) */
	const char *groups;	   /**< member of its reply */
	bool monitored_by;	   /**< monitored_by, proxyid, proxy_groupid (7.0); before: proxy_hostid */
	const char *proxy_name;	   /**< member of proxy.get */
	bool max_repetitions;	   /**< in the SNMP details of an interface (6.4) */
	bool any_interface;	   /**< simple, external, SSH and Telnet checks need an interface of whatever type (6.0; not 7.0) */
	bool new_keys_unchecked; /**< of two templates linked in one call the keys of the same kind are not compared (6.0; 7.0 compares them) */
};
/** "7.0.22", "7.2.0rc1" → 7000, 7002; false when it does not begin with two numbers. */
bool zync_zbx_version_parse(const char *text, unsigned *ret_number);
/** The row of a version; NULL below ZYNC_ZBX_OLDEST. Newer than the newest row: the newest. */
const struct zync_zbx_dialect *zync_zbx_dialect_find(unsigned number);

/* --- the client ----------------------------------------------------------------------------------------------------------------------- */

/** How a request travels; tests script it instead of a socket. */
struct zync_zbx_transport {
	/** Send @p body; @p bearer (may be NULL) is the secret of the Authorization header. As zync_http_perform(). */
	enum zync_status (*send)(void *ctx, const char *body, size_t len, const char *bearer, bool repeatable,
				 struct zync_http_reply *reply, struct zync_err *err);
	/** As zync_http_outcome_unknown(), of the last failed send. */
	bool (*outcome_unknown)(void *ctx);
	void *ctx;
};

/** How many hosts one write call carries: starts small, then follows the measured time a host. */
struct zync_zbx_sizing {
	size_t size;
};
void zync_zbx_sizing_init(struct zync_zbx_sizing *sizing, size_t max);
/** Learn from a call of @p count hosts that took @p ms: towards @p target_ms, at most doubled or halved, 1 to @p max. A call that was not full only counts when it was too slow. */
void zync_zbx_sizing_learn(struct zync_zbx_sizing *sizing, size_t count, int64_t ms, int64_t target_ms, size_t max);

/** Who we are, as Zabbix told at login or when the token was proved. */
struct zync_zbx_user {
	const char *username;
	uint64_t userid;
	uint64_t roleid;
	unsigned type; /**< 1 user, 2 admin, 3 super admin; 0 unknown */
};

/** One kind of named thing; see catalogue.c. */
struct zync_zbx_names {
	struct zync_map *by_name;  /**< the name that Zync uses */
	struct zync_map *by_alias; /**< visible names of templates */
	struct zync_idmap *by_id;
	const char *refused; /**< the server's words when the user may not read them */
};
#define ZYNC_ZBX_KINDS 4u

struct zync_zabbix {
	const struct zync_cfg_zabbix *config;
	bool (*cancelled)(void *);
	void *cancelled_ctx;
	struct zync_http *http; /* NULL when the transport is scripted */
	struct zync_zbx_transport transport;
	char version[32];
	unsigned number;
	const struct zync_zbx_dialect *dialect;
	struct zync_secret *session;  /* of a password login */
	struct zync_arena *arena;     /* user */
	struct zync_arena *catalogue; /* what the names below are made of */
	struct zync_zbx_user user;
	uint64_t next_id;
	struct zync_zabbix_stats stats;
	bool unknown;			  /* the last write call failed, and may have been carried out nevertheless */
	bool gone;			  /* the last request found no server: do not wait for it to log out */
	bool no_batch;			  /* something in between refuses JSON-RPC batches */
	struct zync_zbx_sizing sizing[3]; /* by enum zync_zabbix_write_kind */
	bool catalogue_loaded;
	struct zync_zbx_names names[ZYNC_ZBX_KINDS];
};

/** As zync_zabbix_open() over any transport (copied). The configuration must outlive the client. */
enum zync_status zync_zbx_open_over(const struct zync_cfg_zabbix *config, const struct zync_zbx_transport *transport,
				    bool (*cancelled)(void *), void *cancelled_ctx, struct zync_zabbix **ret,
				    struct zync_err *err) ZYNC_MUST_CHECK;
/** Log in by user name and password, replacing the session. AUTH when they are refused. */
enum zync_status zync_zbx_login(struct zync_zabbix *z, struct zync_err *err) ZYNC_MUST_CHECK;

/* --- rpc.c ---------------------------------------------------------------------------------------------------------------------------- */

enum zync_zbx_call_kind {
	ZYNC_ZBX_READ = 0,
	ZYNC_ZBX_WRITE, /* never repeated by itself, but after a refused session */
	ZYNC_ZBX_OPEN	/* without authorisation: apiinfo.version, user.login, user.checkAuthentication */
};

/** One call; params is the text of a JSON value. */
struct zync_zbx_call {
	const char *method;
	enum zync_zbx_call_kind kind;
	const char *params;
	const char *label; /**< host, for messages; may be NULL */
	/* Out, of a batch: */
	bool answered;
	const struct zync_jval *result; /**< NULL when refused */
	struct zync_err err;
};

/**
 * Call; the reply lives in @p arena. A session that ended is renewed once and the call repeated. Errors: REJECTED (the server's words, origin JSONRPC),
 * AUTH, PROTOCOL (not a Zabbix API, HTML, broken JSON), UNREACHABLE, LIMIT, CANCELLED, NOMEM. z->unknown tells whether a failed write may have happened.
 */
enum zync_status zync_zbx_call(struct zync_zabbix *z, const struct zync_zbx_call *call, struct zync_arena *arena,
			       const struct zync_jval **ret_result, struct zync_err *err) ZYNC_MUST_CHECK;
/** The same with params as a node of @p b. */
enum zync_status zync_zbx_call_node(struct zync_zabbix *z, const char *method, enum zync_zbx_call_kind kind, struct zync_jb *b,
				    struct zync_jnode *params, struct zync_arena *arena, const struct zync_jval **ret_result,
				    struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Many calls in one request; replies are matched by id. Fails as zync_zbx_call() when the whole request did; when something on the way
 * does not take batches: PROTOCOL, z->no_batch is set, nothing was carried out. Calls without `answered` have an unknown outcome (the session may have ended between them).
 */
enum zync_status zync_zbx_batch(struct zync_zabbix *z, struct zync_zbx_call *calls, size_t count, struct zync_arena *arena,
				struct zync_err *err) ZYNC_MUST_CHECK;
/** CANCELLED when somebody asked to stop. */
enum zync_status zync_zbx_check_cancelled(const struct zync_zabbix *z, struct zync_err *err) ZYNC_MUST_CHECK;
/** PROTOCOL: "zabbix: METHOD: the reply has no …". */
enum zync_status zync_zbx_bad_reply(const char *method, const char *lacks, struct zync_err *err);

/* reply.c: what an HTTP reply or a JSON-RPC error means. */

/** ZYNC_OK when the reply is worth parsing as JSON, else what is wrong with it and what to do. */
enum zync_status zync_zbx_reply_check(const struct zync_zabbix *z, const struct zync_http_reply *reply,
				      struct zync_err *err) ZYNC_MUST_CHECK;
/** Turn the member "error" of a reply into @p err; never ZYNC_OK. */
enum zync_status zync_zbx_reply_error(const struct zync_jval *error, const struct zync_zbx_call *call, struct zync_err *err);
/** Does the error say that the session or token does not count any more? */
bool zync_zbx_reply_session_ended(const struct zync_jval *error);

/* --- catalogue.c ---------------------------------------------------------------------------------------------------------------------- */

/** The name of an id, NULL when the catalogue does not have it. */
const char *zync_zbx_name_of(const struct zync_zabbix *z, enum zync_zabbix_kind kind, uint64_t id);

/** Read the host groups again. */
enum zync_status zync_zbx_reload_groups(struct zync_zabbix *z, struct zync_err *err) ZYNC_MUST_CHECK;
/** Remember a group that was just created. */
enum zync_status zync_zbx_learn_group(struct zync_zabbix *z, const char *name, uint64_t id, struct zync_err *err) ZYNC_MUST_CHECK;

/* --- decode_host.c -------------------------------------------------------------------------------------------------------------------- */

/** Parameters of host.get for every aspect: output and the selects, without a filter. */
void zync_zbx_host_output(const struct zync_zbx_dialect *d, struct zync_jb *b, struct zync_jnode *params);
/**
 * One element of a host.get reply, copied into @p arena, canonical as far as it can be (an odd host is never an error). PROTOCOL when it is no host at all.
 * Names of proxies come from the catalogue of @p z.
 */
enum zync_status zync_zbx_decode_host(const struct zync_zabbix *z, const struct zync_jval *v, struct zync_arena *arena,
				      struct zync_host *ret, struct zync_err *err) ZYNC_MUST_CHECK;

/* --- ipmi_tls.c ----------------------------------------------------------------------------------------------------------------------- */

/** Add their fields to the list "output" of host.get. */
void zync_zbx_ipmi_tls_output(struct zync_jb *b, struct zync_jnode *list);
/** Their members of a host.get element. NOMEM. */
enum zync_status zync_zbx_decode_ipmi_tls(const struct zync_jval *v, struct zync_arena *arena, struct zync_host *ret,
					  struct zync_err *err) ZYNC_MUST_CHECK;
/** Their members of an entry; @p actual NULL: creation. REJECTED when a secret or identity that is needed is not known. */
enum zync_status zync_zbx_encode_ipmi(struct zync_jb *b, struct zync_jnode *entry, const struct zync_ipmi *target,
				      const struct zync_ipmi *actual, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_zbx_encode_tls(struct zync_jb *b, struct zync_jnode *entry, const struct zync_tls *target,
				     const struct zync_tls *actual, struct zync_err *err) ZYNC_MUST_CHECK;

/* --- encode_host.c -------------------------------------------------------------------------------------------------------------------- */

/** The entry of host.create or host.update of a write, as text in @p arena. REJECTED when it cannot be said: an id or a secret is not known. */
enum zync_status zync_zbx_encode_write(const struct zync_zbx_dialect *d, const struct zync_zabbix_write *w, struct zync_arena *arena,
				       const char **ret_text, struct zync_err *err) ZYNC_MUST_CHECK;
/** Entry that sets the templates of a host to @p keep and clears @p clear. */
enum zync_status zync_zbx_encode_templates(uint64_t hostid, const struct zync_ref_list *keep, const struct zync_ref_list *clear,
					   struct zync_arena *arena, const char **ret_text, struct zync_err *err) ZYNC_MUST_CHECK;
/** Replace every secret text of @p host that stands in @p err's message by ***: Zabbix repeats refused values. */
void zync_zbx_scrub(struct zync_err *err, const struct zync_host *host);

#endif
