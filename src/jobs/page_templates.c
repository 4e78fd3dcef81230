/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of a page: whose items stay when they are unlinked. */
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
