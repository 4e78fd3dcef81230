/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of a page: whose items stay when they are unlinked, and which ones Zabbix would not link. */
#include "base/str.h"
#include "jobs/run.h"

/* ---- unlinking ---- */

/* By technical or visible name, as templates are named everywhere else. */
static bool templates_keeps(const struct zync_cfg_sync *sync, const struct zync_server_state *server, const struct zync_ref *template)
{
	struct zync_zabbix_name name = {.name = template->name};

	if (sync->unlink == ZYNC_UNLINK_KEEP_ITEMS)
		return true;
	if (sync->keep_items_of.len > 0)
		(void)zync_zabbix_catalogue_find(server->zabbix, ZYNC_ZABBIX_TEMPLATE, template->id, &name);
	for (size_t i = 0; i < sync->keep_items_of.len; i++) {
		const char *pattern = sync->keep_items_of.items[i].value;

		if (zync_glob_match(pattern, name.name, /* nocase= */ true) ||
		    (name.visible_name != NULL && zync_glob_match(pattern, name.visible_name, /* nocase= */ true)))
			return true;
	}
	return false;
}

enum zync_status zync_item_keep_items(const struct zync_run *run, const struct zync_server_state *server, struct zync_item *item,
				      struct zync_arena *arena, struct zync_err *err)
{
	const struct zync_cfg_sync *sync = &run->app->config->sync;
	struct zync_ref_list *keep = &item->input.keep_items;

	*keep = (struct zync_ref_list){0};
	if (item->actual == NULL || (sync->unlink == ZYNC_UNLINK_CLEAR && sync->keep_items_of.len == 0))
		return ZYNC_OK;
	keep->items = ZYNC_NEW_ARRAY(arena, struct zync_ref, item->actual->templates.len);
	if (keep->items == NULL)
		return zync_err_nomem(err, "planning");
	for (size_t i = 0; i < item->actual->templates.len; i++) {
		if (templates_keeps(sync, server, &item->actual->templates.items[i]))
			keep->items[keep->len++] = item->actual->templates.items[i];
	}
	return ZYNC_OK;
}

/* ---- linking ---- */

static bool templates_are_checked(const struct zync_item *item, bool created)
{
	const struct zync_op *op = &item->op;
	unsigned aspects = ZYNC_ASPECT_BIT(ZYNC_ASPECT_TEMPLATES) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES);

	if (created)
		return op->kind == ZYNC_OP_CREATE && zync_zabbix_templates_matter(&op->target, NULL);
	return (op->kind == ZYNC_OP_UPDATE || op->kind == ZYNC_OP_DISABLE) && (op->diff.aspects & aspects) != 0 &&
	       zync_zabbix_templates_matter(&op->target, item->actual);
}

/* All templates of the hosts in question, in one go. */
static enum zync_status templates_learn(struct zync_server_state *server, const struct zync_page *page, bool created, struct zync_err *err)
{
	uint64_t *ids;
	size_t most = 0;
	size_t len = 0;

	for (size_t i = 0; i < page->len; i++)
		most += templates_are_checked(&page->items[i], created) ? page->items[i].op.target.templates.len : 0;
	if (most == 0)
		return ZYNC_OK;
	ids = ZYNC_NEW_ARRAY(page->arena, uint64_t, most);
	if (ids == NULL)
		return zync_err_nomem(err, "planning");
	for (size_t i = 0; i < page->len; i++) {
		const struct zync_ref_list *templates = &page->items[i].op.target.templates;

		for (size_t k = 0; templates_are_checked(&page->items[i], created) && k < templates->len; k++)
			ids[len++] = templates->items[k].id;
	}
	return zync_zabbix_templates_read(server->zabbix, server->templates, ids, len, err);
}

enum zync_status zync_page_check_templates(struct zync_run *run, struct zync_server_state *server, struct zync_page *page, bool created,
					   struct zync_err *err)
{
	/* A comparison writes nothing, and such a host is out of sync one way or the other. */
	if (!run->app->config->sync.check_templates || run->compare_only)
		return ZYNC_OK;
	if (server->templates == NULL)
		server->templates = zync_zabbix_templates_new(run->arena);
	if (server->templates == NULL)
		return zync_err_nomem(err, "planning");
	ZYNC_TRY(templates_learn(server, page, created, err));
	for (size_t i = 0; i < page->len; i++) {
		struct zync_item *item = &page->items[i];
		const char *problem = NULL;

		if (!templates_are_checked(item, created))
			continue;
		ZYNC_TRY(zync_zabbix_templates_check(server->zabbix, server->templates, &item->op.target, created ? NULL : item->actual,
						     page->arena, &problem, err));
		if (problem != NULL)
			item->op = (struct zync_op){.kind = ZYNC_OP_FAIL, .actual = item->op.actual, .reason = problem};
	}
	return ZYNC_OK;
}
