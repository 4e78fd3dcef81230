/* SPDX-License-Identifier: Apache-2.0 */
/* apply: write the planned pages to Zabbix in arrays, and record each host as soon as its fate is known. */
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

/* Groups are created one by one only when the one call for all was refused, so that one bad name fails only its hosts. */
static enum zync_status apply_create_groups(struct apply *apply, const char *const *names, size_t count, struct zync_err *err)
{
	struct zync_zabbix *zabbix = apply->server->zabbix;
	struct zync_err problem;
	size_t created = 0;
	enum zync_status status = zync_zabbix_create_groups(zabbix, names, count, &created, &problem);

	if (status == ZYNC_OK)
		return ZYNC_OK;
	if (problem.disposition != ZYNC_DISPOSITION_REJECT) {
		zync_err_copy(err, &problem);
		return status;
	}
	for (size_t i = 0; i < count; i++) {
		char *reason;

		status = zync_zabbix_create_groups(zabbix, &names[i], 1, &created, &problem);
		if (status == ZYNC_OK)
			continue;
		if (problem.disposition != ZYNC_DISPOSITION_REJECT) {
			zync_err_copy(err, &problem);
			return status;
		}
		reason = zync_arena_strdup(apply->page->arena, problem.message);
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

static enum zync_status apply_record(struct apply *apply, struct zync_item *item, const char *error, struct zync_err *err)
{
	ZYNC_TRY(zync_record_item(apply->run, item, error, err));
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

static enum zync_status apply_written(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct apply *apply = ctx;

	for (size_t i = 0; i < count; i++) {
		const struct zync_zabbix_write *write = writes[i];
		struct zync_item *item = apply->items[write - apply->writes];

		if (write->done && item->op.kind == ZYNC_OP_CREATE)
			item->hostid = write->hostid;
		ZYNC_TRY(apply_record(apply, item, write->done ? NULL : apply_error_text(apply, write), err));
	}
	return ZYNC_OK;
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
	};
	apply->items[apply->count++] = item;
}

/*
 * Deletions are written before everything else: a soft one renames the host, and the name that it frees may be another host's in the same run. In one array
 * Zabbix would compare with the names as they were and refuse that other one.
 */
static enum zync_status apply_items(struct apply *apply, bool deletions, struct zync_err *err)
{
	size_t first = apply->count;

	for (size_t i = 0; i < apply->page->len; i++) {
		struct zync_item *item = &apply->page->items[i];
		const char *bad_group;

		if ((item->op.kind == ZYNC_OP_DELETE) != deletions)
			continue;
		bad_group = apply_is_write(&item->op) ? apply_resolve_groups(apply, item) : NULL;
		if (bad_group == NULL && apply_is_write(&item->op))
			apply_add_write(apply, item);
		else
			ZYNC_TRY(apply_record(apply, item, bad_group, err));
	}
	if (apply->count == first)
		return ZYNC_OK;
	return zync_zabbix_write(apply->server->zabbix, &apply->writes[first], apply->count - first, apply_written, apply, err);
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

enum zync_status zync_run_apply(struct zync_run *run, struct zync_err *err)
{
	ZYNC_TRY(zync_run_progress(run, "apply", run->done, run->summary.total, err));
	for (size_t i = 0; i < run->pages.len; i++) {
		struct zync_page *page = run->pages.items[i];
		enum zync_status status;

		if (page->arena == NULL)
			ZYNC_TRY(zync_page_prepare(run, page, err)); /* it was too much to keep: read again */
		status = apply_page(run, page, err);
		zync_page_drop(page);
		ZYNC_TRY(status);
	}
	return ZYNC_OK;
}
