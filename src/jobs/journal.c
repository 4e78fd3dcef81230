/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The intent journal: before each call that writes hosts an entry says which hosts, what is to be done, and a digest of each host as it was; after the call it says what came of it. Both are
 * durable when the function returns. recover.c reads the entries of runs that did not come to their end. docs/internals/journal.md.
 *
 * entries: [{"type":"device","id":17,"pk":3,"name":"sw1","host":"sw1","op":"update","hostid":10542,"pre":DIGEST,"secrets":true,"applied":{…}}, …]
 *   op: create, update, disable, delete, delete-hard, or put-back: afterwards the host is as it was before the job
 *   hostid and pre are missing for a creation; secrets: macros are written that Zabbix does not show; applied: the desired state, where it counts for merging
 * outcome: an element each: null (not decided), the hostid of a creation, true, or Zabbix's words of refusal
 */
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"
#include "store/intent.h"

struct zync_journal_call {
	uint64_t id; /* 0: the journal is switched off */
	size_t count;
	struct zync_item *const *items;
	struct journal_outcome {
		bool decided;
		const char *error;
	} *outcomes;
	struct zync_arena *arena;
};

enum zync_status zync_item_pre_json(struct zync_item *item, struct zync_arena *arena, const char **ret, struct zync_err *err)
{
	struct zync_jb *b;

	if (item->pre_json == NULL && item->actual != NULL) {
		b = zync_jb_new(arena);
		if (b == NULL)
			return zync_err_nomem(err, "recording a host");
		ZYNC_TRY(zync_jb_text(b, zync_host_to_json(b, item->actual, ZYNC_HOST_JSON_ACTUAL), ZYNC_JSON_SORTED, arena,
				      &item->pre_json, err));
	}
	*ret = item->pre_json;
	return ZYNC_OK;
}

static enum zync_status journal_digest_text(const char *json, struct zync_arena *arena, const char **ret, struct zync_err *err)
{
	char *hex = zync_arena_alloc(arena, ZYNC_DIGEST_HEX_SIZE);

	if (hex == NULL)
		return zync_err_nomem(err, "recording a host");
	ZYNC_TRY(zync_digest_sha256(json, strlen(json), hex, err));
	*ret = hex;
	return ZYNC_OK;
}

enum zync_status zync_journal_digest(const struct zync_host *host, struct zync_arena *arena, const char **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	const char *json = NULL;

	if (b == NULL)
		return zync_err_nomem(err, "comparing a host");
	ZYNC_TRY(zync_jb_text(b, zync_host_to_json(b, host, ZYNC_HOST_JSON_ACTUAL), ZYNC_JSON_SORTED, arena, &json, err));
	ZYNC_ASSERT(json != NULL);
	return journal_digest_text(json, arena, ret, err);
}

/* ---- before the call ---- */

static bool journal_has_secrets(const struct zync_item *item)
{
	const struct zync_op *op = &item->op;

	/* A pre-shared key, old or new, shows as little as a secret macro. */
	if ((op->diff.aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_TLS)) != 0)
		return true;
	if ((op->diff.aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS)) == 0)
		return false;
	for (size_t i = 0; i < op->target.macros.len; i++) {
		if (op->target.macros.items[i].type == ZYNC_MACRO_SECRET)
			return true;
	}
	return false;
}

/* Only merging asks what Zync itself once wrote. */
static bool journal_needs_applied(const struct zync_item *item)
{
	const struct zync_host *desired = item->input.desired;

	for (size_t i = 0; desired != NULL && i < ZYNC_ASPECT_COUNT; i++) {
		if (desired->own[i] == ZYNC_OWN_MERGE)
			return item->op.kind != ZYNC_OP_DELETE;
	}
	return false;
}

static const char *journal_op(const struct zync_item *item)
{
	if (item->puts_back)
		return "put-back";
	return item->op.kind == ZYNC_OP_DELETE && item->op.hard ? "delete-hard" : zync_op_kind_name(item->op.kind);
}

static enum zync_status journal_entry(struct zync_jb *b, struct zync_jnode *list, struct zync_item *item, struct zync_arena *arena,
				      struct zync_err *err)
{
	struct zync_jnode *node = zync_jb_add_object(b, list);
	const struct zync_op *op = &item->op;
	const struct zync_jval *applied = NULL;
	const char *pre = NULL;

	zync_jb_set_str(b, node, "type", item->work.object_type);
	zync_jb_set_u64(b, node, "id", item->work.object_id);
	zync_jb_set_u64(b, node, "pk", item->work.pk);
	if (item->work.moved_from != 0)
		zync_jb_set_u64(b, node, "from", item->work.moved_from);
	zync_jb_set_str(b, node, "name", item->work.name);
	zync_jb_set_str(b, node, "host", op->kind == ZYNC_OP_DELETE ? item->work.host : op->target.host);
	zync_jb_set_str(b, node, "op", journal_op(item));
	if (journal_has_secrets(item))
		zync_jb_set_bool(b, node, "secrets", true);
	if (journal_needs_applied(item) && item->work.desired != NULL) {
		ZYNC_TRY(zync_json_parse(arena, item->work.desired, strlen(item->work.desired), &applied, err));
		zync_jb_set_val(b, node, "applied", applied);
	}
	if (item->actual == NULL)
		return ZYNC_OK;
	zync_jb_set_u64(b, node, "hostid", item->actual->hostid);
	ZYNC_TRY(zync_item_pre_json(item, arena, &pre, err));
	ZYNC_ASSERT(pre != NULL); /* the host is there */
	ZYNC_TRY(journal_digest_text(pre, arena, &pre, err));
	zync_jb_set_str(b, node, "pre", pre);
	return ZYNC_OK;
}

static enum zync_status journal_add(struct zync_run *run, const char *server, const char *method, const char *entries, uint64_t *ret_id,
				    struct zync_err *err)
{
	struct zync_intent intent = {
		.job_id = run->job_id, .time = zync_clock_now_ms(), .server = server, .method = method, .entries = entries};

	return zync_store_intent_add(run->app->store, &intent, ret_id, err);
}

enum zync_status zync_journal_intend(struct zync_run *run, const char *server, const char *method, struct zync_item *const *items,
				     size_t count, struct zync_arena *arena, struct zync_err *err)
{
	struct zync_journal_call *call = ZYNC_NEW(arena, struct zync_journal_call);
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *list;
	const char *entries = NULL;

	if (!run->app->config->sync.intent_journal)
		return ZYNC_OK;
	if (call == NULL || b == NULL)
		return zync_err_nomem(err, "writing the journal");
	call->outcomes = ZYNC_NEW_ARRAY(arena, struct journal_outcome, count);
	if (call->outcomes == NULL)
		return zync_err_nomem(err, "writing the journal");
	call->count = count;
	call->items = items;
	call->arena = arena;
	list = zync_jb_array(b);
	for (size_t i = 0; i < count; i++) {
		ZYNC_TRY(journal_entry(b, list, items[i], arena, err));
		items[i]->call = call;
		items[i]->call_index = i;
	}
	ZYNC_TRY(zync_jb_text(b, list, ZYNC_JSON_COMPACT, arena, &entries, err));
	return journal_add(run, server, method, entries, &call->id, err);
}

/* ---- after the call ---- */

enum zync_status zync_journal_decided(struct zync_run *run, struct zync_item *item, const char *error, struct zync_err *err)
{
	struct zync_journal_call *call = item->call;
	char *words;

	(void)run;
	if (call == NULL)
		return ZYNC_OK;
	call->outcomes[item->call_index].decided = true;
	if (error == NULL)
		return ZYNC_OK;
	words = zync_arena_strdup(call->arena, error);
	if (words == NULL)
		return zync_err_nomem(err, "writing the journal");
	zync_log_mask(words);
	call->outcomes[item->call_index].error = words;
	return ZYNC_OK;
}

static void journal_add_outcome(struct zync_jb *b, struct zync_jnode *list, const struct zync_journal_call *call, size_t index)
{
	const struct journal_outcome *outcome = &call->outcomes[index];
	const struct zync_item *item = call->items[index];

	if (!outcome->decided)
		zync_jb_add_val(b, list, NULL);
	else if (outcome->error != NULL)
		zync_jb_add_str(b, list, outcome->error);
	else
		zync_jb_add_i64(b, list, (int64_t)item->hostid);
}

enum zync_status zync_journal_flush(struct zync_run *run, const struct zync_item *item, struct zync_err *err)
{
	struct zync_journal_call *call = item->call;
	ZYNC_AUTO_ARENA scratch = NULL;
	const char *text = NULL;
	struct zync_jnode *list;
	struct zync_jb *b;

	if (call == NULL)
		return ZYNC_OK;
	scratch = zync_arena_new(0);
	b = scratch == NULL ? NULL : zync_jb_new(scratch);
	if (b == NULL)
		return zync_err_nomem(err, "writing the journal");
	list = zync_jb_array(b);
	for (size_t i = 0; i < call->count; i++)
		journal_add_outcome(b, list, call, i);
	ZYNC_TRY(zync_jb_text(b, list, ZYNC_JSON_COMPACT, scratch, &text, err));
	return zync_store_intent_outcome(run->app->store, call->id, text, err);
}

/* ---- groups ---- */

enum zync_status zync_journal_groups(struct zync_run *run, const char *server, const char *const *names, size_t count, uint64_t *ret_id,
				     struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct zync_jb *b = scratch == NULL ? NULL : zync_jb_new(scratch);
	const char *entries = NULL;
	struct zync_jnode *list;

	*ret_id = 0;
	if (!run->app->config->sync.intent_journal)
		return ZYNC_OK;
	if (b == NULL)
		return zync_err_nomem(err, "writing the journal");
	list = zync_jb_array(b);
	for (size_t i = 0; i < count; i++)
		zync_jb_add_str(b, list, names[i]);
	ZYNC_TRY(zync_jb_text(b, list, ZYNC_JSON_COMPACT, scratch, &entries, err));
	return journal_add(run, server, "hostgroup.create", entries, ret_id, err);
}

enum zync_status zync_journal_groups_done(struct zync_run *run, uint64_t id, const char *error, struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = NULL;
	struct zync_jb *b;
	struct zync_jnode *list;
	const char *text = NULL;

	if (id == 0)
		return ZYNC_OK;
	scratch = zync_arena_new(0);
	b = scratch == NULL ? NULL : zync_jb_new(scratch);
	if (b == NULL)
		return zync_err_nomem(err, "writing the journal");
	list = zync_jb_array(b);
	zync_jb_add_str(b, list, error != NULL ? error : "done");
	ZYNC_TRY(zync_jb_text(b, list, ZYNC_JSON_COMPACT, scratch, &text, err));
	return zync_store_intent_outcome(run->app->store, id, text, err);
}
