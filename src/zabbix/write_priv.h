/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file write_priv.h
 * The write engine: slices of one kind, sent as arrays, isolated when refused, read back when nobody knows.
 *
 * write.c cuts the work into slices, array.c sends a slice until every entry of it is decided, isolate.c finds the bad entry of a
 * refused array, readback.c asks what became of a call of unknown outcome, move_items.c and type_change.c exchange interfaces that items use.
 * An entry is decided once: written (done) or refused (err); decided entries leave the slice and are reported after each call.
 */
#ifndef ZYNC_ZABBIX_WRITE_PRIV_H
#define ZYNC_ZABBIX_WRITE_PRIV_H

#include "zabbix/zabbix_priv.h"

/** One write and its text in the request. */
struct zync_zbx_entry {
	struct zync_zabbix_write *w;
	const char *text; /**< element of the array of parameters */
	bool uncertain;	  /**< was sent before, and that call may still be running */
};

struct zync_zbx_entries {
	struct zync_zbx_entry *items;
	size_t len;
};

/** One run over writes of one kind. */
struct zync_zbx_run {
	struct zync_zabbix *z;
	enum zync_zabbix_write_kind kind;
	const char *method;
	const struct zync_zabbix_observer *observer; /**< may be NULL */
	unsigned unknown_in_row;		     /**< calls of unknown outcome since the last answer */
	struct zync_arena *arena;		     /**< of the slice */
	struct zync_zabbix_write **decided;	     /**< since the last report */
	size_t decided_len;
	size_t decided_cap;
	unsigned suspects; /**< bad entries of this slice found by position or name */
	bool misled;	   /**< position or name pointed to a good entry: do not trust them in this slice any more */
};

/* --- write.c -------------------------------------------------------------------------------------------------------------------------- */

/** Write these, all of @p kind: slices, arrays, isolation. Contract of zync_zabbix_write(). */
enum zync_status zync_zbx_write_kind(struct zync_zabbix *z, enum zync_zabbix_write_kind kind, struct zync_zabbix_write *const *writes,
				     size_t count, const struct zync_zabbix_observer *observer, struct zync_err *err) ZYNC_MUST_CHECK;

/**
 * Must the last failed call be read back? Not when somebody cancelled or memory is out: then the run ends, the entries stay undecided, and the next
 * run finds out.
 */
static inline bool zync_zbx_must_read_back(const struct zync_zbx_run *run, enum zync_status status)
{
	return status != ZYNC_OK && run->z->unknown && status != ZYNC_ERR_CANCELLED && status != ZYNC_ERR_NOMEM;
}

/* --- array.c -------------------------------------------------------------------------------------------------------------------------- */

/** Send entries until all of them are decided. Changes the list. */
enum zync_status zync_zbx_settle(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err) ZYNC_MUST_CHECK;
/** Send @p entries in one call. OK: all are written and marked. Else nothing is, or z->unknown. Reports nothing. */
enum zync_status zync_zbx_send(struct zync_zbx_run *run, const struct zync_zbx_entries *entries, struct zync_err *err) ZYNC_MUST_CHECK;
/** Mark as written; @p hostid counts for creations. */
enum zync_status zync_zbx_decide_done(struct zync_zbx_run *run, struct zync_zbx_entry *entry, uint64_t hostid,
				      struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Mark as refused with the server's words. A creation that was sent before without an answer is looked for first: then "already exists" means that it
 * was carried out.
 */
enum zync_status zync_zbx_decide_refused(struct zync_zbx_run *run, struct zync_zbx_entry *entry, const struct zync_err *why,
					 struct zync_err *err) ZYNC_MUST_CHECK;
/** Take the decided entries out of the list and report them. */
enum zync_status zync_zbx_report(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err) ZYNC_MUST_CHECK;
/** Tell the observer (may be NULL) that these are about to be sent. */
enum zync_status zync_zbx_intend(const struct zync_zabbix_observer *observer, struct zync_zabbix_write *const *writes, size_t count,
				 struct zync_err *err) ZYNC_MUST_CHECK;
/** Text of one array of parameters. */
enum zync_status zync_zbx_array_text(const struct zync_zbx_entry *entries, size_t count, struct zync_arena *arena, const char **ret_text,
				     struct zync_err *err) ZYNC_MUST_CHECK;
/** hostids[0] of the result of a single call; 0 when there is none. */
uint64_t zync_zbx_result_hostid(const struct zync_jval *result);

/* --- isolate.c ------------------------------------------------------------------------------------------------------------------------ */

/** An array of two or more was refused because of @p why: decide at least one entry, or halve and settle. */
enum zync_status zync_zbx_isolate(struct zync_zbx_run *run, struct zync_zbx_entries *entries, const struct zync_err *why,
				  struct zync_err *err) ZYNC_MUST_CHECK;
/** Index of the entry that the words speak of: its position ("/2/groups"), its name or another text of it in quotes; SIZE_MAX when that is none or several. */
size_t zync_zbx_suspect(const struct zync_zbx_entries *entries, const char *words);
/** Settle both halves one after the other. */
enum zync_status zync_zbx_halve(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err) ZYNC_MUST_CHECK;

/* --- readback.c ----------------------------------------------------------------------------------------------------------------------- */

/** A call with these entries may or may not have been carried out (@p why): decide those that were. UNREACHABLE when that happens too often in a row. */
enum zync_status zync_zbx_readback(struct zync_zbx_run *run, struct zync_zbx_entries *entries, const struct zync_err *why,
				   struct zync_err *err) ZYNC_MUST_CHECK;
/** Was this creation carried out? *ret_hostid 0: no. */
enum zync_status zync_zbx_find_created(struct zync_zbx_run *run, const struct zync_zabbix_write *w, uint64_t *ret_hostid,
				       struct zync_err *err) ZYNC_MUST_CHECK;

/* --- move_items.c --------------------------------------------------------------------------------------------------------------------- */

/**
 * Before updates that take an interface away while another one of its type stays: the items, discovery rules and item prototypes that use it move to the one that stays (the
 * default one if it is among them), since Zabbix refuses to delete an interface that items use. They keep their history. No call when nothing of the kind is asked for.
 */
enum zync_status zync_zbx_move_items(struct zync_zabbix *z, struct zync_zabbix_write *const *writes, size_t count, struct zync_arena *arena,
				     struct zync_err *err) ZYNC_MUST_CHECK;

/* --- type_change.c -------------------------------------------------------------------------------------------------------------------- */

/** Does the update take away the last interface of a type from a host with templates? Items may use it: see zync_zbx_type_changes(). */
bool zync_zbx_is_type_change(const struct zync_zabbix_write *w);
/**
 * Updates that exchange interface types. Zabbix (measured on 7.0) refuses to drop an interface that items use, even when the same call unlinks their
 * templates. So the templates whose items use it are unlinked and cleared in a first call (the history of those items is lost), and the second one
 * replaces the interfaces and links the templates. When the second one is refused, the old templates are linked again.
 */
enum zync_status zync_zbx_type_changes(struct zync_zabbix *z, struct zync_zabbix_write *const *writes, size_t count,
				       const struct zync_zabbix_observer *observer, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
