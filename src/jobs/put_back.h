/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file put_back.h
 * One host of a strict run that is to be put back: put_back_host.c remembers it and says what is to be done, put_back.c does it, put_back_report.c tells. docs/internals/strict.md.
 */
#ifndef ZYNC_JOBS_PUT_BACK_H
#define ZYNC_JOBS_PUT_BACK_H

#include "jobs/run.h"
#include "store/undo.h"

struct zync_back {
	struct zync_item item; /**< the write that puts it back, as an item of its own */
	enum zync_undo_state state;
	int64_t time;	  /**< when the run wrote it, wall clock */
	bool created;	  /**< by the run */
	bool hard;	  /**< the run deleted it for good */
	unsigned aspects; /**< that the run changed */
	const char *owner;
	const struct zync_jval *row;
	bool drop_mark;	   /**< the mark came with the run */
	bool seen;	   /**< Zabbix shows that the run wrote it */
	bool settled;	   /**< nothing is to be written (any more) */
	bool nothing;	   /**< the run has not written it: nothing to tell */
	const char *lost;  /**< what cannot be put back though the rest can; NULL: nothing */
	const char *note;  /**< it can, but: what is gone with it; NULL: nothing */
	const char *error; /**< why nothing of it is put back */
};

/** The host of a row. Errors: PROTOCOL when the row cannot be read. */
enum zync_status zync_back_read(struct zync_run *run, const struct zync_undo *undo, struct zync_arena *arena, struct zync_back *ret,
				struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * What is to be done with a host that has just been read, and is in Zabbix as @p now says (NULL: it is not there). The host is settled then, or has an operation: op.hard to delete it, else
 * an update by op.target and op.diff.
 */
enum zync_status zync_back_plan(struct zync_run *run, struct zync_back *back, struct zync_host *now, struct zync_arena *arena,
				struct zync_err *err) ZYNC_MUST_CHECK;
/** Tell what came of it: event, log line, run->put_back. Nothing of a host that was not written. */
enum zync_status zync_back_report(struct zync_run *run, const struct zync_back *back, struct zync_arena *arena,
				  struct zync_err *err) ZYNC_MUST_CHECK;

#endif
