/* SPDX-License-Identifier: Apache-2.0 */
/* What a run came to: message, failed hosts, the summary as JSON. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "jobs/run.h"

void zync_run_finish_summary(struct zync_run *run)
{
	struct zync_sync_summary *summary = &run->summary;
	uint64_t writes = 0;

	summary->duration_ms = zync_clock_mono_ms() - run->started_mono;
	summary->netbox_calls = zync_app_netbox_calls(run->app) - run->netbox_calls_before;
	summary->zabbix_calls = zync_app_zabbix_calls(run->app, &writes) - run->calls_before;
	summary->zabbix_write_calls = writes - run->write_calls_before;
}

void zync_run_set_message(struct zync_run *run, const char *text)
{
	char *message = run->summary.message;
	size_t len = text == NULL ? 0 : strlen(text);

	if (len >= sizeof(run->summary.message)) {
		len = sizeof(run->summary.message) - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0u) == 0x80u) /* not inside a character */
			len--;
	}
	if (len > 0)
		memcpy(message, text, len);
	message[len] = '\0';
}

enum zync_status zync_run_add_failure(struct zync_run *run, struct zync_vec *list, const struct zync_work *work, const char *error,
				      struct zync_err *err)
{
	struct zync_failure *failure = ZYNC_NEW(run->arena, struct zync_failure);

	if (failure == NULL)
		return zync_err_nomem(err, "recording a failure");
	*failure = (struct zync_failure){
		.pk = work->pk,
		.object_type = zync_arena_strdup(run->arena, work->object_type),
		.object_id = work->object_id,
		.name = zync_arena_strdup(run->arena, work->name),
		.error = zync_arena_strdup(run->arena, error),
	};
	if (failure->object_type == NULL || failure->name == NULL || failure->error == NULL)
		return zync_err_nomem(err, "recording a failure");
	return zync_vec_push(list, failure, err);
}

struct zync_jnode *zync_run_failures_json(struct zync_run *run, const struct zync_vec *failures)
{
	struct zync_jnode *list = zync_jb_array(run->json);

	for (size_t i = 0; i < failures->len; i++) {
		const struct zync_failure *failure = failures->items[i];
		struct zync_jnode *node = zync_jb_add_object(run->json, list);

		if (failure->pk != 0)
			zync_jb_set_u64(run->json, node, "host_config_id", failure->pk);
		else
			zync_jb_set_null(run->json, node, "host_config_id");
		zync_jb_set_str(run->json, node, "name", failure->name);
		zync_jb_set_str(run->json, node, "type", failure->object_type);
		zync_jb_set_u64(run->json, node, "id", failure->object_id);
		zync_jb_set_str(run->json, node, "error", failure->error);
	}
	return list;
}

static struct zync_jnode *summary_put_back(struct zync_run *run)
{
	struct zync_jnode *node = zync_jb_object(run->json);

	zync_jb_set_u64(run->json, node, "restored", run->put_back.restored);
	zync_jb_set_u64(run->json, node, "deleted", run->put_back.deleted);
	zync_jb_set_u64(run->json, node, "groups", run->put_back.groups);
	zync_jb_set_node(run->json, node, "failed", zync_run_failures_json(run, &run->put_back.failed));
	if (run->put_back.broke_off != NULL)
		zync_jb_set_str(run->json, node, "error", run->put_back.broke_off);
	return node;
}

/* What the run leaves in Zabbix when it does not complete. */
static const char *summary_after(const struct zync_run *run)
{
	if (!run->strict)
		return "the next run continues from what Zabbix has";
	if (!run->put_back.tried)
		return "nothing was written to Zabbix";
	if (run->put_back.failed.len > 0 || run->put_back.broke_off != NULL)
		return "not everything that had been written to Zabbix could be put back";
	return "what had been written to Zabbix is put back";
}

static void summary_message(struct zync_run *run, const char *status)
{
	struct zync_sync_summary *s = &run->summary;

	if (zync_str_eq(status, "completed"))
		(void)snprintf(s->message, sizeof(s->message), "Sync complete: %llu/%llu hosts updated, %llu failed.",
			       (unsigned long long)s->updated, (unsigned long long)s->total, (unsigned long long)s->failed);
	else if (zync_str_eq(run->job_name, "sync-hosts-now"))
		(void)snprintf(s->message, sizeof(s->message), "Sync %s: nothing was recorded; %s.", status, summary_after(run));
	else
		(void)snprintf(s->message, sizeof(s->message), "Job %s %s: nothing of it was recorded.", run->job_name, status);
}

static void summary_counts(struct zync_run *run, struct zync_jnode *data)
{
	const struct zync_sync_summary *s = &run->summary;
	struct zync_jb *b = run->json;

	zync_jb_set_u64(b, data, "created", s->created);
	zync_jb_set_u64(b, data, "changed", s->changed);
	zync_jb_set_u64(b, data, "unchanged", s->unchanged);
	zync_jb_set_u64(b, data, "deleted", s->deleted);
	zync_jb_set_u64(b, data, "disabled", s->disabled);
	zync_jb_set_u64(b, data, "skipped", s->skipped);
}

enum zync_status zync_run_summary_json(struct zync_run *run, const char *status, const char **ret, struct zync_err *err)
{
	struct zync_sync_summary *s = &run->summary;
	struct zync_jb *b = run->json;
	struct zync_jnode *data = zync_jb_object(b);
	/* A job that is about no hosts has nothing to count. */
	bool counts = zync_str_eq(status, "completed") || zync_str_eq(run->job_name, "sync-hosts-now") || run->staged > 0;

	zync_run_finish_summary(run);
	summary_message(run, status);
	zync_jb_set_str(b, data, "job_id", run->job_id);
	zync_jb_set_str(b, data, "status", status);
	if (counts) {
		zync_jb_set_u64(b, data, "total", s->total);
		zync_jb_set_u64(b, data, "updated", s->updated);
		zync_jb_set_u64(b, data, "failed", s->failed);
	}
	zync_jb_set_str(b, data, "message", s->message);
	if (counts)
		summary_counts(run, data);
	zync_jb_set_node(b, data, "failures", zync_run_failures_json(run, &run->failures));
	if (run->strict && !zync_str_eq(status, "completed"))
		zync_jb_set_node(b, data, "put_back", summary_put_back(run));
	zync_jb_set_i64(b, data, "duration_ms", s->duration_ms);
	zync_jb_set_u64(b, data, "zabbix_calls", s->zabbix_calls);
	zync_jb_set_u64(b, data, "zabbix_write_calls", s->zabbix_write_calls);
	zync_jb_set_u64(b, data, "netbox_calls", s->netbox_calls);
	return zync_jb_text(b, data, ZYNC_JSON_COMPACT, run->arena, ret, err);
}
