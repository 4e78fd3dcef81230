/* SPDX-License-Identifier: Apache-2.0 */
/* A page of staged work: read the desired states, observe the hosts, plan each. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "jobs/run.h"

static enum zync_status page_fail(struct zync_item *item, const char *reason, struct zync_arena *arena, struct zync_err *err)
{
	item->input.state = "failed";
	item->input.reason = zync_arena_strdup(arena, reason);
	return item->input.reason == NULL ? zync_err_nomem(err, "planning") : ZYNC_OK;
}

static enum zync_status page_read_host(const char *json, struct zync_arena *arena, struct zync_host *ret, struct zync_err *err)
{
	const struct zync_jval *value = NULL;

	ZYNC_TRY(zync_json_parse(arena, json, strlen(json), &value, err));
	return zync_host_from_json(value, arena, ret, err);
}

/* What was sealed with a lost key is derived again, and sealed with the new one. */
static enum zync_status page_key_lost(struct zync_err *err)
{
	struct zync_err cause = *err;

	return zync_err_set(err, ZYNC_ERR_INVALID, "%s; restore that key file, or run `zync pull`, which derives it anew", cause.message);
}

static enum zync_status page_read_desired(struct zync_run *run, struct zync_item *item, struct zync_arena *arena, struct zync_err *err)
{
	const struct zync_jval *sealed = NULL;
	enum zync_status status;

	ZYNC_TRY(page_read_host(item->work.desired, arena, &item->desired, err));
	if (item->work.secrets != NULL) {
		ZYNC_TRY(zync_json_parse(arena, item->work.secrets, strlen(item->work.secrets), &sealed, err));
		status = zync_host_unseal_secrets(&item->desired, sealed, run->app->keyring, arena, err);
		if (status == ZYNC_ERR_INVALID)
			return page_key_lost(err);
		if (status != ZYNC_OK)
			return status;
	}
	if (item->work.applied != NULL)
		ZYNC_TRY(page_read_host(item->work.applied, arena, &item->base, err));
	return ZYNC_OK;
}

/* What a failure with one host's stored data means: out of memory ends the run, everything else fails that host. */
static enum zync_status page_item_problem(struct zync_item *item, enum zync_status status, const struct zync_err *problem,
					  struct zync_arena *arena, struct zync_err *err)
{
	if (status == ZYNC_ERR_NOMEM) {
		zync_err_copy(err, problem);
		return status;
	}
	return page_fail(item, problem->message, arena, err);
}

static bool state_is_wanted(const char *state)
{
	return zync_str_eq(state, "monitored") || zync_str_eq(state, "disabled");
}

static enum zync_status page_load_item(struct zync_run *run, struct zync_server_state *server, struct zync_item *item,
				       struct zync_arena *arena, struct zync_err *err)
{
	struct zync_err problem;
	enum zync_status status = ZYNC_OK;

	item->input = (struct zync_plan_input){
		.pk = item->work.pk,
		.name = item->work.name,
		.state = item->work.state,
		.reason = item->work.reason,
		.owner = zync_app_owner(run->app, item->work.object_type, item->work.object_id, arena),
	};
	if (item->input.owner == NULL)
		return zync_err_nomem(err, "planning");
	if (run->delete_all)
		item->input.state = "removed"; /* one that failed to derive can still be deleted */
	if (!state_is_wanted(item->input.state) || item->work.desired == NULL)
		return ZYNC_OK;
	status = page_read_desired(run, item, arena, &problem);
	if (status == ZYNC_OK)
		status = zync_zabbix_resolve(server->zabbix, &item->desired, &problem);
	if (status != ZYNC_OK)
		return page_item_problem(item, status, &problem, arena, err);
	item->desired.owner = item->input.owner; /* also of a host config that has not moved yet */
	item->input.desired = &item->desired;
	item->input.base = item->work.applied != NULL ? &item->base : NULL;
	return ZYNC_OK;
}

/* Digests make secrets comparable: those that Zabbix shows, and those that were last pushed. */
static enum zync_status page_finish_actual(struct zync_run *run, struct zync_item *item, struct zync_arena *arena, struct zync_err *err)
{
	const struct zync_jval *pushed = NULL;
	bool relinked = item->actual != NULL && item->actual->hostid != item->work.hostid;

	if (item->actual == NULL)
		return ZYNC_OK;
	/* What was written to another host says nothing about this one. */
	if (relinked)
		item->input.base = NULL;
	if (item->work.pushed != NULL && !relinked)
		ZYNC_TRY(zync_json_parse(arena, item->work.pushed, strlen(item->work.pushed), &pushed, err));
	zync_host_apply_pushed(item->actual, pushed);
	ZYNC_TRY(zync_host_fill_digests(item->actual, run->app->keyring, arena, err));
	if (!zync_str_eq(item->input.state, "failed"))
		item->input.actual = item->actual;
	return ZYNC_OK;
}

static enum zync_status page_load(struct zync_run *run, struct zync_page *page, struct zync_err *err)
{
	struct zync_work *work = NULL;

	ZYNC_TRY(zync_store_work_page(run->app->store, page->server, page->after_rank, page->after_seq, page->limit, page->arena, &work,
				      &page->len, err));
	page->items = ZYNC_NEW_ARRAY(page->arena, struct zync_item, page->len);
	if (page->items == NULL)
		return zync_err_nomem(err, "planning");
	for (size_t i = 0; i < page->len; i++)
		page->items[i].work = work[i];
	return ZYNC_OK;
}

static enum zync_status page_plan_item(struct zync_run *run, const struct zync_server_state *server, struct zync_item *item,
				       struct zync_arena *arena, struct zync_err *err)
{
	struct zync_cfg_sync policy = run->app->config->sync;

	ZYNC_TRY(page_finish_actual(run, item, arena, err));
	ZYNC_TRY(zync_item_keep_items(run, server, item, arena, err));
	if (run->delete_all && !zync_str_eq(item->input.state, "failed")) {
		item->input.state = "removed";
		item->input.reason = "asked for by name";
		item->input.unbury = run->delete_hard;
		policy.delete_mode = run->delete_hard ? ZYNC_DELETE_HARD : ZYNC_DELETE_SOFT;
	}
	return zync_plan_host(&policy, &item->input, arena, &item->op, err);
}

/* Does the operation take the technical name from its host? */
static bool op_frees_name(const struct zync_op *op)
{
	if (op->kind == ZYNC_OP_DELETE && op->hard)
		return true;
	return (op->kind == ZYNC_OP_UPDATE || op->kind == ZYNC_OP_DISABLE || op->kind == ZYNC_OP_DELETE) &&
	       (op->diff.aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_HOST)) != 0;
}

/* First the hosts that are there: what is renamed or deleted frees its name for what is created. */
static enum zync_status page_plan(struct zync_run *run, struct zync_server_state *server, struct zync_page *page, struct zync_err *err)
{
	for (size_t i = 0; i < page->len; i++) {
		struct zync_item *item = &page->items[i];

		if (item->actual == NULL)
			continue;
		ZYNC_TRY(page_plan_item(run, server, item, page->arena, err));
	}
	ZYNC_TRY(zync_page_check_templates(run, server, page, /* created= */ false, err));
	for (size_t i = 0; i < page->len; i++) {
		struct zync_item *item = &page->items[i];

		if (item->actual != NULL && op_frees_name(&item->op))
			ZYNC_TRY(zync_idmap_put(server->freed, item->actual->hostid, server, err));
	}
	ZYNC_TRY(zync_page_check_names(server, page, err));
	for (size_t i = 0; i < page->len; i++) {
		if (page->items[i].actual == NULL || page->items[i].found_late)
			ZYNC_TRY(page_plan_item(run, server, &page->items[i], page->arena, err));
	}
	return zync_page_check_templates(run, server, page, /* created= */ true, err);
}

/*
 * A host config of a server that the configuration does not have (any more): nothing can be asked or written there. What is wanted fails, and a pull looks for it where
 * the mappings put it now; what is gone from NetBox is only reported, since its host may still be monitored there; deleted by name it is forgotten.
 */
static enum zync_status page_plan_without_server(struct zync_run *run, struct zync_item *item, struct zync_arena *arena,
						 struct zync_err *err)
{
	bool gone = zync_str_eq(item->work.state, "missing") || zync_str_eq(item->work.state, "removed");
	unsigned long long pk = (unsigned long long)item->work.pk;
	const char *server = item->work.server;

	item->input = (struct zync_plan_input){
		.pk = item->work.pk, .name = item->work.name, .state = item->work.state, .reason = item->work.reason};
	item->hostid = item->work.hostid;
	if (run->delete_all) {
		run->server_gone = true;
		item->op = (struct zync_op){.kind = ZYNC_OP_FORGET};
		item->op.reason = "its Zabbix server is not in the configuration (any more)";
	} else if (gone && item->work.hostid != 0) {
		item->op = (struct zync_op){.kind = run->compare_only ? ZYNC_OP_FAIL : ZYNC_OP_REPORT};
		item->op.reason =
			zync_arena_printf(arena,
					  "it is gone from NetBox, but its Zabbix server \"%s\" is not in the configuration (any more); "
					  "`zync host delete pk:%llu` forgets it",
					  server, pk);
	} else if (gone) {
		item->op = (struct zync_op){.kind = ZYNC_OP_FORGET, .reason = item->work.reason};
	} else {
		item->op = (struct zync_op){.kind = ZYNC_OP_FAIL};
		item->op.reason = zync_arena_printf(
			arena,
			"it belongs to the Zabbix server \"%s\", which the configuration does not have (any more); "
			"`zync sync` with a pull looks for it where the mappings put it now, or give the server back its name",
			server);
	}
	return item->op.kind != ZYNC_OP_FORGET && item->op.reason == NULL ? zync_err_nomem(err, "planning") : ZYNC_OK;
}

static enum zync_status page_fill_without_server(struct zync_run *run, struct zync_page *page, struct zync_err *err)
{
	for (size_t i = 0; i < page->len; i++)
		ZYNC_TRY(page_plan_without_server(run, &page->items[i], page->arena, err));
	return ZYNC_OK;
}

static enum zync_status page_fill(struct zync_run *run, struct zync_page *page, struct zync_err *err)
{
	struct zync_server_state *server = NULL;

	ZYNC_TRY(page_load(run, page, err));
	if (page->len == 0)
		return ZYNC_OK;
	if (zync_config_zabbix(run->app->config, page->server) == NULL)
		return page_fill_without_server(run, page, err);
	ZYNC_TRY(zync_run_server(run, page->server, &server, err));
	for (size_t i = 0; i < page->len; i++)
		ZYNC_TRY(page_load_item(run, server, &page->items[i], page->arena, err));
	ZYNC_TRY(zync_page_observe(run, server, page, err));
	return page_plan(run, server, page, err);
}

enum zync_status zync_page_prepare(struct zync_run *run, struct zync_page *page, struct zync_err *err)
{
	enum zync_status status;

	page->read_at = zync_clock_now_ms();
	page->arena = zync_arena_new(0);
	if (page->arena == NULL)
		return zync_err_nomem(err, "planning");
	status = page_fill(run, page, err);
	if (status != ZYNC_OK)
		zync_page_drop(page);
	return status;
}

void zync_page_drop(struct zync_page *page)
{
	zync_arena_free(page->arena);
	page->arena = NULL;
	page->items = NULL;
	page->len = 0;
}
