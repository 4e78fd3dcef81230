/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file run.h
 * One run of a job over host configs, and the steps it is made of: pull, plan a page, apply a page, record. Private to jobs/.
 *
 * The order of a run: zync_pull_stage() or zync_pull_stage_stored() fills the staged work; zync_run_plan_guarded() plans it and takes a guard for each host that is going to be
 * written (guard.c), planning anew when another run was there before; zync_run_apply() writes, each call between two entries of the intent journal (journal.c). Nothing is
 * written to Zabbix before the whole plan has passed the limits. The runner commits or abandons what was staged.
 */
#ifndef ZYNC_JOBS_RUN_H
#define ZYNC_JOBS_RUN_H

#include "base/vec.h"
#include "jobs/app.h"
#include "plan/plan.h"
#include "zabbix/templates.h"

/** Numbers of objects that a pull saw. */
struct zync_pull_counts {
	uint64_t objects;		      /**< read from NetBox */
	uint64_t selected;		      /**< with a host config: monitored, disabled, failed */
	uint64_t created, changed, unchanged; /**< of these: new host configs, changed and unchanged desired states */
	uint64_t removed, missing, skipped, failed;
	uint64_t without_address; /**< of the skipped: not in Zabbix, and NetBox has no address for them */
};

/** A host that failed, for the result of the job. */
struct zync_failure {
	uint64_t pk; /**< 0: none (a pull) */
	const char *object_type;
	uint64_t object_id;
	const char *name;
	const char *error;
};

/** A host that belongs to another device in this run: the master of its virtual chassis has changed. */
struct zync_host_move {
	const char *server;
	uint64_t hostid; /**< 0: it has none */
	uint64_t from, to;
	uint64_t chassis; /**< 0: it only makes room for another one */
};

/** A device that is no host, and whose custom field in NetBox holds a hostid. */
struct zync_stale_field {
	uint64_t device;
	uint64_t hostid;
};

/** One host of a page. */
struct zync_item {
	struct zync_work work;
	struct zync_plan_input input;
	struct zync_host desired, base;
	struct zync_host *actual; /**< NULL: not in Zabbix */
	uint64_t hostid;	  /**< the link, however found; 0: none */
	bool found_late;	  /**< it was found by its name, carrying its own mark: it is new */
	struct zync_op op;
	const char *pre_json;		 /**< the host before it is written, as in events; NULL until needed */
	struct zync_zabbix_write *write; /**< while it is being written */
	struct zync_journal_call *call;	 /**< the entry of the journal that it is in, and its place there */
	size_t call_index;
	uint64_t undo_seq; /**< of a strict run: what put_back.c remembers of it */
	bool puts_back;	   /**< the write makes the host as it was before the run, without anything missing */
};

/** Consecutive staged work of one server. Its position stays when its memory is dropped; it can be prepared again. */
struct zync_page {
	const char *server;
	int after_rank;
	uint64_t after_seq;
	size_t limit;
	int64_t read_at;	  /**< wall clock, ms: what is known of its hosts is not older */
	struct zync_arena *arena; /**< NULL: not in memory */
	struct zync_item *items;
	size_t len;
};

/** Hosts that carry one mark. More than one: somebody cloned a host in Zabbix, and its mark with it. */
struct zync_mark_link {
	uint64_t hostid;
	uint64_t second;
};

/** What a run knows of one server. */
struct zync_server_state {
	const char *name;
	struct zync_zabbix *zabbix;
	struct zync_map *marks;			 /**< ownership mark → struct zync_mark_link, NULL until read */
	struct zync_idmap *claims;		 /**< hostid → owner of the host config that has it in this run */
	struct zync_zabbix_templates *templates; /**< what was learnt of templates, NULL until needed */
	struct zync_idmap *freed;		 /**< hostids whose technical name this run takes away; the values mean nothing */
};

/** A host group that this run made, or may have made. */
struct zync_made_group {
	const char *server;
	uint64_t id; /**< 0: its creation got no answer */
	const char *name;
};

/** What putting back came to (strict). */
struct zync_put_back {
	bool tried; /**< there was something */
	uint64_t restored, deleted, groups;
	struct zync_vec failed; /**< struct zync_failure *: hosts that are not as they were */
	const char *broke_off;	/**< why the hosts that are named nowhere were not put back; NULL: there are none */
};

struct zync_run {
	struct zync_app *app;
	char job_id[ZYNC_UUID_SIZE]; /**< "" for a plan, which is no job */
	uint64_t slot;		     /**< 0 for a plan */
	uint64_t epoch;		     /**< of the guards, when it began to look at the world */
	const char *job_name;
	const char *user;
	const char *request_id;
	int64_t started; /**< wall clock, ms */
	int64_t started_mono;
	struct zync_arena *arena; /**< lives as long as the run */
	bool force;
	bool strict;	  /**< the first failed host ends the run, and what was written is put back */
	bool strict_hit;  /**< that happened */
	bool dry;	  /**< nothing is written anywhere; no pks are taken */
	bool delete_all;  /**< the hosts of this run are to be deleted, whatever NetBox says */
	bool server_gone; /**< set when a host to be deleted belongs to a server that the configuration does not have */
	bool delete_hard;
	bool compare_only; /**< record the sync status of each planned host, write nothing to Zabbix */
	bool pulled;	   /**< NetBox was asked in this run: nb_hostid of the work is known */
	bool pull_only;	   /**< hosts that cannot be derived are reported by the pull itself */
	bool explain;	   /**< stage the rule of each field, for plans */
	struct zync_pull_counts pull;
	struct zync_plan_counts plan;
	const char *limit_note; /**< plan: the safety limit that a sync would stop at, met while pulling */
	struct zync_sync_summary summary;
	struct zync_jb *json;		  /**< builder in the arena */
	struct zync_vec failures;	  /**< struct zync_failure * */
	struct zync_jnode *operations;	  /**< of a plan or a single host; NULL: not wanted */
	struct zync_jnode *single;	  /**< the last written host's pre_data, post_data, message; NULL: not wanted */
	const char *data;		  /**< result of the job, JSON, set by its body */
	const char *pre_data, *post_data; /**< of a single host, JSON or NULL */
	struct zync_map *names;		  /**< technical names claimed, see zync_names_claim(); NULL: none yet */
	struct zync_map *visible_names;	  /**< the same of visible names */
	struct zync_vec pages;		  /**< struct zync_page * that have something to write */
	struct zync_vec servers;	  /**< struct zync_server_state * */
	struct zync_vec write_backs;	  /**< struct zync_nb_writeback * */
	struct zync_vec made_groups;	  /**< struct zync_made_group *, of a strict run */
	struct zync_vec moves;		  /**< struct zync_host_move * */
	struct zync_vec stale_fields;	  /**< struct zync_stale_field *: cleared when the hostid is that of a chassis' host */
	struct zync_put_back put_back;
	size_t held_bytes;
	uint64_t staged;  /**< host configs staged */
	uint64_t planned; /**< hosts planned so far */
	uint64_t done;	  /**< hosts decided so far: the idx of [idx/total] */
	const char *phase;
	int64_t phase_started, progress_shown, progress_stored; /**< monotonic, ms */
	uint64_t calls_before, write_calls_before, netbox_calls_before;
};

/* runner.c */

/** What is to be run. */
struct zync_run_spec {
	const char *name; /**< "sync-hosts-now" … */
	const char *user; /**< NULL: the application's */
	const char *request_id;
	const char *params; /**< JSON or NULL */
	int64_t timeout_ms; /**< 0: none */
	const char *retry_of;
	const struct zync_job *taken; /**< from the queue: its row is "running" under the application's slot already; NULL: a new row */
	bool writes_zabbix;	      /**< clear up first what interrupted runs left open */
	bool dry;		      /**< no job row, no event, no commit */
	enum zync_status (*body)(struct zync_run *run, const void *ctx, struct zync_err *err);
	const void *ctx;
};
/**
 * Run it (the spec's AtomicJobRunner): slot, job row, log, body, then one transaction that commits everything staged, or drops it when the body failed; an event either
 * way. The body sets run->data on success; on failure the data is made from the summary. *ret_data (in @p arena, may be NULL) is set in both cases.
 */
enum zync_status zync_runner_run(struct zync_app *app, const struct zync_run_spec *spec, struct zync_arena *arena, const char **ret_data,
				 struct zync_sync_summary *ret_summary, struct zync_err *err) ZYNC_MUST_CHECK;

/* progress.c */

/**
 * Tell how far the run is: to the caller's progress function, and now and then to the store. A phase change is always told. CANCELLED when the run is to stop: somebody asked for
 * it (here, or in the job's row), or its time is up.
 */
enum zync_status zync_run_progress(struct zync_run *run, const char *phase, uint64_t current, uint64_t total,
				   struct zync_err *err) ZYNC_MUST_CHECK;

/* summary.c */

/** What the job's event says of a run that went well; cut to fit. NULL (memory was out) leaves it empty. */
void zync_run_set_message(struct zync_run *run, const char *text);
/** Duration and calls so far. */
void zync_run_finish_summary(struct zync_run *run);
/** The summary as the JSON object of `zync sync --json`. */
enum zync_status zync_run_summary_json(struct zync_run *run, const char *status, const char **ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Remember a failed host in a list of struct zync_failure, for the result. */
enum zync_status zync_run_add_failure(struct zync_run *run, struct zync_vec *list, const struct zync_work *work, const char *error,
				      struct zync_err *err) ZYNC_MUST_CHECK;
/** Such a list as JSON, [{host_config_id, name, type, id, error}]; a fresh node at each call. */
struct zync_jnode *zync_run_failures_json(struct zync_run *run, const struct zync_vec *list);

/* pull.c */

/** Read NetBox, derive, and stage; @p hosts NULL: everything, and what is not found again is missing. */
enum zync_status zync_pull_stage(struct zync_run *run, const char *const *hosts, size_t host_count, struct zync_err *err) ZYNC_MUST_CHECK;
/** The work of a host config as the store has it; its texts are shared. */
struct zync_work zync_run_work_of(const struct zync_host_config *config);
/** Stage the stored host configs as they are. */
enum zync_status zync_pull_stage_stored(struct zync_run *run, const char *const *hosts, size_t host_count,
					struct zync_err *err) ZYNC_MUST_CHECK;

/* names.c */

/**
 * Claim the technical name *name for an object of this run; another one that came before has it: *name becomes a distinguished one, in @p arena. @p only_named:
 * the run is over named objects, so that the store is asked for the others.
 */
enum zync_status zync_names_claim(struct zync_run *run, const struct zync_work *work, bool only_named, struct zync_arena *arena,
				  const char **name, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * The same for a visible name that no mapping has made: Zabbix wants those unique, too, and NetBox has one name at several sites. Another object that came before has it: *name
 * becomes "NAME (d17)". @p apart: its technical name has been told apart from another's, so that this one is, too.
 */
enum zync_status zync_names_claim_visible(struct zync_run *run, const struct zync_work *work, bool apart, bool only_named,
					  struct zync_arena *arena, const char **name, struct zync_err *err) ZYNC_MUST_CHECK;

/* link.c, page.c, page_templates.c, plan_hosts.c */

/** State of a server, opened when first asked for. */
enum zync_status zync_run_server(struct zync_run *run, const char *name, struct zync_server_state **ret,
				 struct zync_err *err) ZYNC_MUST_CHECK;
/** Find the hosts of a page's items: by stored hostid, ownership mark, NetBox's custom field; read them; refuse foreign ones. */
enum zync_status zync_page_observe(struct zync_run *run, struct zync_server_state *server, struct zync_page *page,
				   struct zync_err *err) ZYNC_MUST_CHECK;
/** The host of an item that cannot be dealt with; NULL as reason is out of memory. */
enum zync_status zync_item_fail(struct zync_item *item, const char *reason, struct zync_err *err) ZYNC_MUST_CHECK;
/** Items to be created whose technical name is taken fail, unless this run frees it, or find their own host there: to be called when the items with a host are planned. */
enum zync_status zync_page_check_names(struct zync_server_state *server, struct zync_page *page, struct zync_err *err) ZYNC_MUST_CHECK;
/** Say in the item's input which templates of its host keep their items when they are unlinked: sync.unlink and sync.keep_items_of. */
enum zync_status zync_item_keep_items(const struct zync_run *run, const struct zync_server_state *server, struct zync_item *item,
				      struct zync_arena *arena, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Operations of a page that link templates, or take a type of interface away from templates: those that Zabbix would refuse fail here, before anything is written or cleared
 * (sync.check_templates). @p created: those of hosts that are not there yet, else of those that are.
 */
enum zync_status zync_page_check_templates(struct zync_run *run, struct zync_server_state *server, struct zync_page *page, bool created,
					   struct zync_err *err) ZYNC_MUST_CHECK;
/** Read, observe and plan a page (the first half of update_zabbix_host for its hosts). */
enum zync_status zync_page_prepare(struct zync_run *run, struct zync_page *page, struct zync_err *err) ZYNC_MUST_CHECK;
void zync_page_drop(struct zync_page *page);
/** Plan everything staged, from the beginning also when it was planned before; then check the limits unless run->force. */
enum zync_status zync_run_plan(struct zync_run *run, struct zync_err *err) ZYNC_MUST_CHECK;

/* link_chassis.c */

/** An item without a host that stands for a virtual chassis: the host that carries the mark of another member is its own, if no host config has that. */
enum zync_status zync_link_chassis_mark(struct zync_run *run, struct zync_server_state *server, struct zync_page *page,
					struct zync_item *item, struct zync_err *err) ZYNC_MUST_CHECK;
/** The mark that the item's host may carry beside its own: of the device from which it moves, or of another member of its virtual chassis. */
enum zync_status zync_link_owner_before(struct zync_run *run, struct zync_item *item, struct zync_arena *arena,
					struct zync_err *err) ZYNC_MUST_CHECK;

/* created.c */

/** Before a host is created: {datetime} in a description that is never written again (ownership.description: ignore) becomes the local time, as rules.datetime_format says. */
enum zync_status zync_item_stamp(const struct zync_run *run, struct zync_item *item, struct zync_arena *arena,
				 struct zync_err *err) ZYNC_MUST_CHECK;

/* guard.c */

/** Plan, and take the guards of what is to be written; wait for other runs that write the same hosts, and plan anew with what they left. For runs that are going to apply. */
enum zync_status zync_run_plan_guarded(struct zync_run *run, struct zync_err *err) ZYNC_MUST_CHECK;
/** The same for staged work that is not planned (a link that is going to be written): wait until no other run has it, and keep them out. */
enum zync_status zync_run_guard_staged(struct zync_run *run, uint64_t seq, struct zync_err *err) ZYNC_MUST_CHECK;

/* journal.c */

struct zync_journal_call;
/** Write down that these items are about to be written in one call; they remember their entry. Nothing when the configuration switched the journal off. */
enum zync_status zync_journal_intend(struct zync_run *run, const char *server, const char *method, struct zync_item *const *items,
				     size_t count, struct zync_arena *arena, struct zync_err *err) ZYNC_MUST_CHECK;
/** What came of an item: @p error NULL: written, item->hostid is its host. Durable with zync_journal_flush(). */
enum zync_status zync_journal_decided(struct zync_run *run, struct zync_item *item, const char *error,
				      struct zync_err *err) ZYNC_MUST_CHECK;
/** Write down what was decided in the entry of that item. */
enum zync_status zync_journal_flush(struct zync_run *run, const struct zync_item *item, struct zync_err *err) ZYNC_MUST_CHECK;
/** The same for the creation of groups: before, and after it with the error or NULL. */
enum zync_status zync_journal_groups(struct zync_run *run, const char *server, const char *const *names, size_t count, uint64_t *ret_id,
				     struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_journal_groups_done(struct zync_run *run, uint64_t id, const char *error, struct zync_err *err) ZYNC_MUST_CHECK;
/** The host as JSON for events, and what the journal takes for its digest. Made once an item. */
enum zync_status zync_item_pre_json(struct zync_item *item, struct zync_arena *arena, const char **ret,
				    struct zync_err *err) ZYNC_MUST_CHECK;
/** SHA-256 of a host as it is in Zabbix, by its JSON with sorted members. */
enum zync_status zync_journal_digest(const struct zync_host *host, struct zync_arena *arena, const char **ret,
				     struct zync_err *err) ZYNC_MUST_CHECK;

/* recover.c */

/**
 * Zabbix may go on with a call whose client is dead or has given up. What got no answer and is not seen is looked for again until the call is this old (or as old as the
 * configured time-out, if that is less); only then it counts as not carried out. Zabbix keeps names unique by looking, not by its database, so a second creation beside the
 * first could succeed.
 */
#define ZYNC_SETTLE_MS 15000

/** What runs left open that did not come to their end: ask Zabbix, record what happened, close it. Without such runs it asks nobody. */
enum zync_status zync_run_recover(struct zync_run *run, struct zync_err *err) ZYNC_MUST_CHECK;

/* made_groups.c: store/made_group.h for the runs. */

/** These groups, and their parents, are about to be created; *ret: the names of those that are missing now, in @p arena. */
enum zync_status zync_made_groups_intend(struct zync_run *run, const struct zync_server_state *server, const char *const *names,
					 size_t count, struct zync_arena *arena, struct zync_vec *ret,
					 struct zync_err *err) ZYNC_MUST_CHECK;
/** What came of them: @p made as zync_zabbix_create_groups() gives it. */
enum zync_status zync_made_groups_decided(struct zync_run *run, const struct zync_server_state *server, const struct zync_vec *intended,
					  const struct zync_vec *made, struct zync_arena *arena, struct zync_err *err) ZYNC_MUST_CHECK;
/** Those of run->made_groups on that server that are not there (any more) are forgotten. */
enum zync_status zync_made_groups_forget_gone(struct zync_run *run, const char *server, const struct zync_zabbix *zabbix,
					      struct zync_err *err) ZYNC_MUST_CHECK;
/** Creations of jobs that are over and of which nobody knows: Zabbix says whether they are there. A server that does not answer is asked the next time. Without such groups nobody is asked. */
enum zync_status zync_made_groups_settle(struct zync_run *run, struct zync_err *err) ZYNC_MUST_CHECK;

/* put_back.c */

/** Before the call that writes the item: remember it as it is, for a strict run. Others remember nothing. */
enum zync_status zync_put_back_note(struct zync_run *run, struct zync_item *item, struct zync_err *err) ZYNC_MUST_CHECK;
/** After it: written (item->hostid is its host), or refused. An item of which this is never said may have been written. */
enum zync_status zync_put_back_decided(struct zync_run *run, const struct zync_item *item, bool written,
				       struct zync_err *err) ZYNC_MUST_CHECK;
/** Put everything back that this run wrote to Zabbix, newest first. What cannot be put back is logged and listed in run->put_back; it is no error of this function. */
void zync_run_put_back(struct zync_run *run);
/** For the end of a sentence that says why the run failed: "; what had been written to Zabbix is put back". */
void zync_put_back_text(const struct zync_run *run, char *text, size_t size);

/* apply.c, record.c */

/** Write the kept pages (the second half of update_zabbix_host for their hosts). */
enum zync_status zync_run_apply(struct zync_run *run, struct zync_err *err) ZYNC_MUST_CHECK;
/** Record what became of one host: staged result, event, change, counters, log line for a failure. */
enum zync_status zync_record_item(struct zync_run *run, struct zync_item *item, const char *error, struct zync_err *err) ZYNC_MUST_CHECK;

/* write_back.c */

/** Write hostids and journal entries to NetBox, as the configuration says. Failures are logged, never returned: Zabbix and the store are done by then. */
void zync_run_write_back(struct zync_run *run);
/** Remember what to write back for a host that was written or linked. */
enum zync_status zync_run_note_write_back(struct zync_run *run, const struct zync_item *item, uint64_t hostid,
					  struct zync_err *err) ZYNC_MUST_CHECK;

/* update_zabbix_host.c */

/** Plan, guard and apply everything staged: update_zabbix_host() for one host config or for all. */
enum zync_status zync_run_update_zabbix_hosts(struct zync_run *run, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
