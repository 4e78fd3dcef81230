/* SPDX-License-Identifier: Apache-2.0 */
/* apply: write the planned pages to Zabbix in arrays, each call between two entries of the journal, and record each host as soon as its fate is known. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"

struct apply {
	struct zync_run *run;
	struct zync_page *page;
	struct zync_server_state *server;
	struct zync_zabbix_write *writes;
	struct zync_item **items; /* of the writes */
	size_t count;
	struct zync_item **sent; /* of the call under way */
	size_t sent_count;
	struct zync_map *bad_groups; /* name → why it could not be created */
};

static bool apply_is_write(const struct zync_op *op)
{
	return op->kind == ZYNC_OP_CREATE || op->kind == ZYNC_OP_UPDATE || op->kind == ZYNC_OP_DISABLE || op->kind == ZYNC_OP_DELETE;
}

static bool apply_needs_groups(const struct zync_item *item)
{
	return apply_is_write(&item->op) && !(item->op.kind == ZYNC_OP_DELETE && item->op.hard) &&
	       (item->op.kind == ZYNC_OP_CREATE || (item->op.diff.aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_GROUPS)) != 0);
}

/* What a strict run made is taken away again when it fails. Parents of nested groups are made along. */
static enum zync_status apply_note_groups(struct apply *apply, const struct zync_vec *made, struct zync_err *err)
{
	for (size_t i = 0; apply->run->strict && i < made->len; i++) {
		struct zync_made_group *group = ZYNC_NEW(apply->run->arena, struct zync_made_group);

		if (group == NULL)
			return zync_err_nomem(err, "creating host groups");
		group->server = apply->server->name;
		group->name = zync_arena_strdup(apply->run->arena, made->items[i]);
		if (group->name == NULL)
			return zync_err_nomem(err, "creating host groups");
		group->id = zync_zabbix_lookup(apply->server->zabbix, ZYNC_ZABBIX_GROUP, group->name);
		ZYNC_TRY(zync_vec_push(&apply->run->made_groups, group, err));
	}
	return ZYNC_OK;
}

/* One call to the client, between two entries of the journal; its refusal is in @p problem. */
static enum zync_status apply_make_groups(struct apply *apply, const char *const *names, size_t count, struct zync_err *problem,
					  struct zync_err *err)
{
	struct zync_vec intended;
	struct zync_vec made;
	uint64_t intent = 0;
	enum zync_status status;

	zync_vec_init(&made, apply->page->arena);
	ZYNC_TRY(zync_made_groups_intend(apply->run, apply->server, names, count, apply->page->arena, &intended, err));
	ZYNC_TRY(zync_journal_groups(apply->run, apply->server->name, names, count, &intent, err));
	status = zync_zabbix_create_groups(apply->server->zabbix, names, count, &made, problem);
	ZYNC_TRY(zync_made_groups_decided(apply->run, apply->server, &intended, &made, apply->page->arena, err));
	ZYNC_TRY(apply_note_groups(apply, &made, err));
	if (status == ZYNC_OK || problem->disposition == ZYNC_DISPOSITION_REJECT)
		ZYNC_TRY(zync_journal_groups_done(apply->run, intent, status == ZYNC_OK ? NULL : problem->message, err));
	if (status != ZYNC_OK && problem->disposition != ZYNC_DISPOSITION_REJECT) {
		zync_err_copy(err, problem);
		return status;
	}
	problem->status = status;
	return ZYNC_OK;
}

/* Groups are created one by one only when the one call for all was refused, so that one bad name fails only its hosts. */
static enum zync_status apply_create_groups(struct apply *apply, const char *const *names, size_t count, struct zync_err *err)
{
	struct zync_err problem = {0};

	ZYNC_TRY(apply_make_groups(apply, names, count, &problem, err));
	for (size_t i = 0; problem.status != ZYNC_OK && i < count; i++) {
		struct zync_err own = {0};
		char *reason;

		ZYNC_TRY(apply_make_groups(apply, &names[i], 1, &own, err));
		if (own.status == ZYNC_OK)
			continue;
		reason = zync_arena_strdup(apply->page->arena, own.message);
		if (reason == NULL)
			return zync_err_nomem(err, "creating host groups");
		ZYNC_TRY(zync_map_put(apply->bad_groups, names[i], reason, err));
	}
	return ZYNC_OK;
}

static enum zync_status apply_groups(struct apply *apply, struct zync_err *err)
{
	struct zync_map *missing = zync_map_new(apply->page->arena);
	const char **names;
	const char *name;
	void *value = NULL;
	size_t count = 0;
	size_t pos = 0;

	apply->bad_groups = zync_map_new(apply->page->arena);
	if (missing == NULL || apply->bad_groups == NULL)
		return zync_err_nomem(err, "creating host groups");
	for (size_t i = 0; i < apply->page->len; i++) {
		struct zync_item *item = &apply->page->items[i];

		for (size_t g = 0; apply_needs_groups(item) && g < item->op.target.groups.len; g++) {
			struct zync_ref *group = &item->op.target.groups.items[g];

			group->id = zync_zabbix_lookup(apply->server->zabbix, ZYNC_ZABBIX_GROUP, group->name);
			if (group->id == 0)
				ZYNC_TRY(zync_map_put(missing, group->name, group, err));
		}
	}
	if (zync_map_len(missing) == 0)
		return ZYNC_OK;
	names = ZYNC_NEW_ARRAY(apply->page->arena, const char *, zync_map_len(missing));
	if (names == NULL)
		return zync_err_nomem(err, "creating host groups");
	while ((name = zync_map_next(missing, &pos, &value)) != NULL)
		names[count++] = name;
	return apply_create_groups(apply, names, count, err);
}

/* The ids of the groups that were missing; NULL, or why one of them could not be created. */
static const char *apply_resolve_groups(struct apply *apply, struct zync_item *item)
{
	for (size_t g = 0; apply_needs_groups(item) && g < item->op.target.groups.len; g++) {
		struct zync_ref *group = &item->op.target.groups.items[g];
		const char *reason = zync_map_get(apply->bad_groups, group->name);

		if (reason != NULL)
			return reason;
		if (group->id == 0)
			group->id = zync_zabbix_lookup(apply->server->zabbix, ZYNC_ZABBIX_GROUP, group->name);
	}
	return NULL;
}

static enum zync_status strict_stop(struct zync_run *run, const char *when, struct zync_err *err)
{
	const struct zync_failure *first = run->failures.items[0];

	run->strict_hit = true;
	return zync_err_set(err, ZYNC_ERR_REJECTED, "stopped %s, as --strict asks: %s (pk=%llu): %s", when, first->name,
			    (unsigned long long)first->pk, first->error);
}

/* REJECTED when the run is strict and a host has failed. */
static enum zync_status apply_check_strict(struct zync_run *run, struct zync_err *err)
{
	if (!run->strict || run->failures.len == 0)
		return ZYNC_OK;
	return strict_stop(run, "at the first host that failed", err);
}

static enum zync_status apply_record(struct apply *apply, struct zync_item *item, const char *error, struct zync_err *err)
{
	ZYNC_TRY(zync_record_item(apply->run, item, error, err));
	ZYNC_TRY(apply_check_strict(apply->run, err));
	return zync_run_progress(apply->run, "apply", apply->run->done, apply->run->summary.total, err);
}

/* Zabbix's words, and what to do where they do not say it themselves. */
static const char *apply_error_text(const struct apply *apply, const struct zync_zabbix_write *write)
{
	const char *words = write->err.message;
	const char *text;

	if (strstr(words, "already exists") == NULL)
		return words;
	if (strstr(words, "visible name") == NULL) {
		if (write->kind != ZYNC_ZABBIX_UPDATE)
			return words;
		text = zync_arena_printf(
			apply->page->arena,
			"%s When another host gives that name up in the same run, the next run succeeds; when two hosts swap their names, "
			"rename one of them in Zabbix to anything first",
			words);
		return text != NULL ? text : words;
	}
	text = zync_arena_printf(apply->page->arena,
				 "%s Zabbix needs visible names to be unique: give them different ones by a mapping, such as `name: \"{{ "
				 "name }} ({{ site.name }})\"`",
				 words);
	return text != NULL ? text : words;
}

/* Between two calls is where a run can be stopped, and nothing of the next one has been sent. */
static enum zync_status apply_intend(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct apply *apply = ctx;
	struct zync_item **items = ZYNC_NEW_ARRAY(apply->page->arena, struct zync_item *, count);

	ZYNC_TRY(zync_run_progress(apply->run, "apply", apply->run->done, apply->run->summary.total, err));
	if (items == NULL)
		return zync_err_nomem(err, "writing hosts");
	for (size_t i = 0; i < count; i++) {
		items[i] = apply->items[writes[i] - apply->writes];
		items[i]->write = writes[i];
		ZYNC_TRY(zync_put_back_note(apply->run, items[i], err));
	}
	apply->sent = items;
	apply->sent_count = count;
	return zync_journal_intend(apply->run, apply->server->name, zync_zabbix_write_method(writes[0]->kind), items, count,
				   apply->page->arena, err);
}

/*
 * A strict run stops at a refused host. What else was in its call was refused with it, or comes in a call that is never sent: not written, with certainty, and the journal says so. Else the next run would have
 * to look for it.
 */
static enum zync_status apply_decide_unsent(struct apply *apply, struct zync_err *err)
{
	for (size_t i = 0; i < apply->sent_count; i++) {
		struct zync_item *item = apply->sent[i];

		if (item->write->done || item->write->err.status != ZYNC_OK)
			continue;
		ZYNC_TRY(zync_put_back_decided(apply->run, item, /* written= */ false, err));
		ZYNC_TRY(zync_journal_decided(apply->run, item, "not written: the run stopped before", err));
	}
	return apply->sent_count > 0 ? zync_journal_flush(apply->run, apply->sent[0], err) : ZYNC_OK;
}

/* Everything that the call decided is recorded, whatever is to happen next: the journal first, since only it outlives a crash. */
static enum zync_status apply_written(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct apply *apply = ctx;
	struct zync_run *run = apply->run;

	for (size_t i = 0; i < count; i++) {
		struct zync_item *item = apply->items[writes[i] - apply->writes];

		if (writes[i]->done && item->op.kind == ZYNC_OP_CREATE)
			item->hostid = writes[i]->hostid;
		ZYNC_TRY(zync_put_back_decided(run, item, writes[i]->done, err));
		ZYNC_TRY(zync_journal_decided(run, item, writes[i]->done ? NULL : writes[i]->err.message, err));
	}
	ZYNC_TRY(zync_journal_flush(run, apply->items[writes[0] - apply->writes], err));
	for (size_t i = 0; i < count; i++) {
		struct zync_item *item = apply->items[writes[i] - apply->writes];

		ZYNC_TRY(zync_record_item(run, item, writes[i]->done ? NULL : apply_error_text(apply, writes[i]), err));
	}
	if (apply_check_strict(run, err) != ZYNC_OK) {
		struct zync_err later = {0};

		if (apply_decide_unsent(apply, &later) != ZYNC_OK)
			zync_log_warning("The journal lacks what was not sent: %s", later.message);
		return err->status;
	}
	return zync_run_progress(run, "apply", run->done, run->summary.total, err);
}

static void apply_add_write(struct apply *apply, struct zync_item *item)
{
	struct zync_zabbix_write *write = &apply->writes[apply->count];
	bool hard = item->op.kind == ZYNC_OP_DELETE && item->op.hard;

	*write = (struct zync_zabbix_write){
		.kind = item->op.kind == ZYNC_OP_CREATE ? ZYNC_ZABBIX_CREATE
			: hard				? ZYNC_ZABBIX_DELETE
							: ZYNC_ZABBIX_UPDATE,
		.label = item->work.name,
		.hostid = item->op.actual != NULL ? item->op.actual->hostid : 0,
		.target = hard ? NULL : &item->op.target,
		.actual = item->op.actual,
		.aspects = item->op.diff.aspects,
		.keep_items = &item->op.keep_items,
	};
	apply->items[apply->count++] = item;
}

/*
 * Deletions are written before everything else: a soft one renames the host, and the name that it frees may be another host's in the same run. In one array
 * Zabbix would compare with the names as they were and refuse that other one.
 */
static enum zync_status apply_items(struct apply *apply, bool deletions, struct zync_err *err)
{
	struct zync_zabbix_observer observer = {.intend = apply_intend, .written = apply_written, .ctx = apply};
	size_t first = apply->count;

	for (size_t i = 0; i < apply->page->len; i++) {
		struct zync_item *item = &apply->page->items[i];
		const char *bad_group;

		if ((item->op.kind == ZYNC_OP_DELETE) != deletions)
			continue;
		ZYNC_TRY(zync_item_stamp(apply->run, item, apply->page->arena, err));
		bad_group = apply_is_write(&item->op) ? apply_resolve_groups(apply, item) : NULL;
		if (bad_group == NULL && apply_is_write(&item->op))
			apply_add_write(apply, item);
		else
			ZYNC_TRY(apply_record(apply, item, bad_group, err));
	}
	if (apply->count == first)
		return ZYNC_OK;
	return zync_zabbix_write(apply->server->zabbix, &apply->writes[first], apply->count - first, &observer, err);
}

static enum zync_status apply_page(struct zync_run *run, struct zync_page *page, struct zync_err *err)
{
	struct apply apply = {
		.run = run,
		.page = page,
		.writes = ZYNC_NEW_ARRAY(page->arena, struct zync_zabbix_write, page->len),
		.items = ZYNC_NEW_ARRAY(page->arena, struct zync_item *, page->len),
	};

	if (apply.writes == NULL || apply.items == NULL)
		return zync_err_nomem(err, "writing hosts");
	/* A page of a server that the configuration lost has nothing to write. */
	if (zync_config_zabbix(run->app->config, page->server) != NULL)
		ZYNC_TRY(zync_run_server(run, page->server, &apply.server, err));
	ZYNC_TRY(apply_groups(&apply, err));
	ZYNC_TRY(apply_items(&apply, /* deletions= */ true, err));
	return apply_items(&apply, /* deletions= */ false, err);
}

/* A page that was too much to keep is planned a second time. What needs a write only since then is not guarded: another run may be at it. */
static enum zync_status apply_prepare_again(struct zync_run *run, struct zync_page *page, struct zync_err *err)
{
	ZYNC_TRY(zync_page_prepare(run, page, err));
	for (size_t i = 0; i < page->len; i++) {
		struct zync_item *item = &page->items[i];

		if (apply_is_write(&item->op) && !item->work.wanted)
			item->op = (struct zync_op){
				.kind = ZYNC_OP_FAIL,
				.reason = "it was changed in Zabbix while this run was under way; the next run brings it in line"};
	}
	return ZYNC_OK;
}

static enum zync_status strict_record_failed(struct zync_run *run, struct zync_page *page, struct zync_err *err)
{
	for (size_t i = 0; i < page->len; i++) {
		if (page->items[i].op.kind == ZYNC_OP_FAIL)
			ZYNC_TRY(zync_record_item(run, &page->items[i], NULL, err));
	}
	return ZYNC_OK;
}

/* A strict run writes nothing when the plan says already that a host is going to fail. All of these are told, not only the first: they are known. */
static enum zync_status strict_check_plan(struct zync_run *run, struct zync_err *err)
{
	char when[96];

	if (!run->strict || run->plan.failed == 0)
		return ZYNC_OK;
	for (size_t i = 0; i < run->pages.len; i++) {
		struct zync_page *page = run->pages.items[i];
		bool held = page->arena != NULL;
		enum zync_status status;

		if (!held)
			ZYNC_TRY(zync_page_prepare(run, page, err));
		status = strict_record_failed(run, page, err);
		if (!held)
			zync_page_drop(page);
		ZYNC_TRY(status);
	}
	if (run->failures.len == 0)
		return ZYNC_OK;
	(void)snprintf(when, sizeof(when), "before the first write, since %zu of %llu hosts cannot be written", run->failures.len,
		       (unsigned long long)run->summary.total);
	return strict_stop(run, when, err);
}

enum zync_status zync_run_apply(struct zync_run *run, struct zync_err *err)
{
	ZYNC_TRY(zync_run_progress(run, "apply", run->done, run->summary.total, err));
	ZYNC_TRY(strict_check_plan(run, err));
	for (size_t i = 0; i < run->pages.len; i++) {
		struct zync_page *page = run->pages.items[i];
		enum zync_status status;

		if (page->arena == NULL)
			ZYNC_TRY(apply_prepare_again(run, page, err));
		status = apply_page(run, page, err);
		zync_page_drop(page);
		ZYNC_TRY(status);
	}
	return ZYNC_OK;
}
