/* SPDX-License-Identifier: Apache-2.0 */
/* record: what became of a host goes to the staged results, the events, the changelog, the counters and, when it failed, to the log. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"

static enum zync_status record_host_json(struct zync_arena *arena, const struct zync_host *host, const char **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);

	if (b == NULL)
		return zync_err_nomem(err, "recording a host");
	return zync_jb_text(b, zync_host_to_json(b, host, ZYNC_HOST_JSON_ACTUAL), ZYNC_JSON_COMPACT, arena, ret, err);
}

static enum zync_status record_pushed(struct zync_arena *arena, const struct zync_host *target, const char **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);

	if (b == NULL)
		return zync_err_nomem(err, "recording a host");
	return zync_jb_text(b, zync_host_pushed_to_json(b, target), ZYNC_JSON_SORTED, arena, ret, err);
}

/* What is known of a host's data before and after, as texts in the arena. */
struct record_data {
	const char *pre;
	const char *post;
};

static enum zync_status record_make_data(struct zync_item *item, struct zync_arena *arena, struct record_data *ret, struct zync_err *err)
{
	const struct zync_op *op = &item->op;

	*ret = (struct record_data){0};
	/* The journal has made it already, in the memory of the page. */
	if (item->pre_json != NULL)
		ret->pre = item->pre_json;
	else if (item->actual != NULL)
		ZYNC_TRY(record_host_json(arena, item->actual, &ret->pre, err));
	if (op->kind == ZYNC_OP_CREATE || op->kind == ZYNC_OP_UPDATE || op->kind == ZYNC_OP_DISABLE ||
	    (op->kind == ZYNC_OP_DELETE && !op->hard)) {
		struct zync_host after = op->target;

		after.hostid = item->hostid;
		ZYNC_TRY(record_host_json(arena, &after, &ret->post, err));
	}
	return ZYNC_OK;
}

static bool record_is_wanted(const struct zync_item *item)
{
	return zync_str_eq(item->work.state, "monitored") || zync_str_eq(item->work.state, "disabled");
}

static enum zync_status record_result(struct zync_run *run, const struct zync_item *item, const char *error, struct zync_arena *arena,
				      struct zync_err *err)
{
	const struct zync_op *op = &item->op;
	struct zync_work_result result = {.outcome = ZYNC_WORK_SYNCED, .hostid = item->hostid};
	bool desired_holds =
		op->kind == ZYNC_OP_CREATE || op->kind == ZYNC_OP_UPDATE || op->kind == ZYNC_OP_NONE || op->kind == ZYNC_OP_DISABLE;

	if (error != NULL) {
		result.outcome = ZYNC_WORK_FAILED;
		result.error = error;
		/* A link that is known stays known, whatever failed. */
		result.hostid = item->work.hostid;
	} else if (op->kind == ZYNC_OP_FORGET || (op->kind == ZYNC_OP_DELETE && op->hard)) {
		result.outcome = ZYNC_WORK_FORGET;
		result.hostid = 0;
	} else if (op->kind == ZYNC_OP_REPORT || (op->kind == ZYNC_OP_DELETE && record_is_wanted(item))) {
		/* Deleted by name while NetBox still wants it: the next sync brings it back. */
		result.outcome = ZYNC_WORK_OUT_OF_SYNC;
	} else if (desired_holds && item->input.desired != NULL) {
		result.applied = !zync_str_eq(item->work.applied, item->work.desired);
		if (op->kind != ZYNC_OP_NONE)
			ZYNC_TRY(record_pushed(arena, &op->target, &result.pushed, err));
		if (zync_str_eq(result.pushed, item->work.pushed) || (item->work.pushed == NULL && zync_str_eq(result.pushed, "{}")))
			result.pushed = NULL;
	}
	return zync_store_work_set_result(run->app->store, item->work.seq, &result, err);
}

static bool record_wants_event(const struct zync_run *run, const struct zync_item *item, const char *error)
{
	enum zync_event_hosts policy = run->app->config->sync.host_events;

	if (policy == ZYNC_EVENT_HOSTS_OFF)
		return false;
	if (item->op.kind == ZYNC_OP_DONE || item->op.kind == ZYNC_OP_FORGET)
		return false;
	return policy == ZYNC_EVENT_HOSTS_ALL || error != NULL || item->op.kind != ZYNC_OP_NONE;
}

static const char *record_message(const struct zync_item *item, const char *error, struct zync_arena *arena)
{
	const char *name = item->work.name;

	if (error != NULL)
		return zync_arena_printf(arena, "Failed to update host %s", name);
	switch (item->op.kind) {
	case ZYNC_OP_CREATE:
		return zync_arena_printf(arena, "Created host %s (hostid %llu)", name, (unsigned long long)item->hostid);
	case ZYNC_OP_UPDATE:
		return zync_arena_printf(arena, "Updated host %s: %zu field%s%s%s", name, item->op.diff.len,
					 item->op.diff.len == 1 ? "" : "s", item->op.reason != NULL ? "; " : "",
					 item->op.reason != NULL ? item->op.reason : "");
	case ZYNC_OP_DISABLE:
		return zync_arena_printf(arena, "Disabled host %s%s%s", name, item->op.reason != NULL ? ": " : "",
					 item->op.reason != NULL ? item->op.reason : "");
	case ZYNC_OP_DELETE:
		return zync_arena_printf(arena, "Deleted host %s (%s)%s%s", name, item->op.hard ? "for good" : "to the graveyard",
					 item->op.reason != NULL ? ": " : "", item->op.reason != NULL ? item->op.reason : "");
	case ZYNC_OP_REPORT:
		return zync_arena_printf(arena, "Host %s is left as it is: %s", name,
					 item->op.reason != NULL ? item->op.reason : "sync.on_missing is report");
	case ZYNC_OP_FORGET:
		return zync_arena_printf(arena, "Host %s is not in Zabbix and is not to be%s%s", name, item->op.reason != NULL ? ": " : "",
					 item->op.reason != NULL ? item->op.reason : "");
	case ZYNC_OP_NONE:
	case ZYNC_OP_DONE:
	case ZYNC_OP_FAIL:
		break;
	}
	return zync_arena_printf(arena, "Host %s is in sync", name);
}

static bool op_wrote(const struct zync_item *item, const char *error)
{
	return error == NULL && (item->op.kind == ZYNC_OP_CREATE || item->op.kind == ZYNC_OP_UPDATE || item->op.kind == ZYNC_OP_DISABLE ||
				 item->op.kind == ZYNC_OP_DELETE);
}

/* Before and after of a single host are the job's own, too. */
static enum zync_status record_single_data(struct zync_run *run, const char *key, const char *json, const char **ret, struct zync_err *err)
{
	const struct zync_jval *value = NULL;

	if (json != NULL) {
		ZYNC_TRY(zync_json_parse(run->arena, json, strlen(json), &value, err));
		*ret = zync_arena_strdup(run->arena, json);
		if (*ret == NULL)
			return zync_err_nomem(err, "recording a host");
	}
	zync_jb_set_val(run->json, run->single, key, value);
	return ZYNC_OK;
}

static enum zync_status record_trail(struct zync_run *run, struct zync_item *item, const char *error, const char *message,
				     struct zync_arena *arena, struct zync_err *err)
{
	struct record_data data = {0};
	int64_t now = zync_clock_now_ms();

	ZYNC_TRY(record_make_data(item, arena, &data, err));
	struct zync_event event = {
		.time = now,
		.job_id = run->job_id,
		.name = item->work.name,
		.kind = "host",
		.action = zync_op_kind_name(item->op.kind),
		.state = error != NULL ? "failed" : "completed",
		.host_config_pk = item->work.pk,
		.hostid = item->hostid,
		.message = message,
		.exception = error,
		.pre_data = data.pre,
		.post_data = error != NULL ? NULL : data.post,
		.user = run->user,
		.request_id = run->request_id,
	};
	struct zync_change_row change = {
		.time = now,
		.job_id = run->job_id,
		.host_config_pk = item->work.pk,
		.object_type = item->work.object_type,
		.object_id = item->work.object_id,
		.name = item->work.name,
		.hostid = item->hostid,
		.action = event.action,
		.pre_data = data.pre,
		.post_data = data.post,
		.user = run->user,
		.request_id = run->request_id,
	};
	if (record_wants_event(run, item, error))
		ZYNC_TRY(zync_store_work_add_event(run->app->store, &event, err));
	/* The spec: a changelog entry when user and request are known. */
	if (op_wrote(item, error) && run->user != NULL && run->request_id != NULL)
		ZYNC_TRY(zync_store_work_add_change(run->app->store, &change, err));
	if (run->single == NULL)
		return ZYNC_OK;
	zync_jb_set_str(run->json, run->single, "action", event.action);
	zync_jb_set_str(run->json, run->single, "message", message);
	zync_run_set_message(run, message);
	zync_jb_set_str(run->json, run->single, "error", error);
	zync_jb_set_u64(run->json, run->single, "host_config_id", item->work.pk);
	zync_jb_set_str(run->json, run->single, "name", item->work.name);
	zync_jb_set_id(run->json, run->single, "hostid", item->hostid);
	ZYNC_TRY(record_single_data(run, "pre_data", data.pre, &run->pre_data, err));
	return record_single_data(run, "post_data", event.post_data, &run->post_data, err);
}

static void record_count(struct zync_run *run, const struct zync_item *item, const char *error)
{
	struct zync_sync_summary *s = &run->summary;

	if (error != NULL) {
		s->failed++;
		run->done++;
		return;
	}
	switch (item->op.kind) {
	case ZYNC_OP_NONE:
		s->unchanged++;
		break;
	case ZYNC_OP_CREATE:
		s->created++;
		break;
	case ZYNC_OP_UPDATE:
		s->changed++;
		break;
	case ZYNC_OP_DISABLE:
		s->disabled++;
		break;
	case ZYNC_OP_DELETE:
		s->deleted++;
		break;
	case ZYNC_OP_FORGET:
	case ZYNC_OP_REPORT:
	case ZYNC_OP_DONE:
	case ZYNC_OP_FAIL:
		s->skipped++;
		return;
	}
	s->updated++;
	run->done++;
}

static enum zync_status record_failure(struct zync_run *run, const struct zync_item *item, const char *error, struct zync_err *err)
{
	ZYNC_TRY(zync_run_add_failure(run, &run->failures, &item->work, error, err));
	/* The spec's words; idx counts the hosts decided so far. */
	zync_log_error("[%llu/%llu] Failed to update host %s (pk=%llu): %s", (unsigned long long)run->done,
		       (unsigned long long)run->summary.total, item->work.name, (unsigned long long)item->work.pk, error);
	return ZYNC_OK;
}

enum zync_status zync_record_item(struct zync_run *run, struct zync_item *item, const char *error, struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = NULL;
	const char *message;

	if (item->op.kind == ZYNC_OP_FAIL)
		error = item->op.reason;
	record_count(run, item, error);
	if (error == NULL)
		ZYNC_TRY(zync_run_note_write_back(run, item, item->hostid, err));
	if (error == NULL && item->op.kind == ZYNC_OP_NONE && item->work.hostid == item->hostid && run->single == NULL &&
	    run->app->config->sync.host_events != ZYNC_EVENT_HOSTS_ALL)
		return record_result(run, item, NULL, run->arena, err); /* the usual case allocates nothing */
	scratch = zync_arena_new(0);
	if (scratch == NULL)
		return zync_err_nomem(err, "recording a host");
	ZYNC_TRY(record_result(run, item, error, scratch, err));
	message = record_message(item, error, scratch);
	if (message == NULL)
		return zync_err_nomem(err, "recording a host");
	ZYNC_TRY(record_trail(run, item, error, message, scratch, err));
	return error == NULL ? ZYNC_OK : record_failure(run, item, error, err);
}
