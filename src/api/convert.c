/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "api/api_priv.h"
#include "base/json.h"
#include "convert/convert.h"

static const char *convert_environment(void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

/* As the document of zync.h. */
static enum zync_status convert_json(const struct zync_convert_result *converted, struct zync_arena *arena, const char **ret,
				     struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *root, *notes;

	if (b == NULL)
		return zync_err_nomem(err, "writing a converted configuration");
	root = zync_jb_object(b);
	zync_jb_set_str(b, root, "config", converted->config);
	notes = zync_jb_set_array(b, root, "notes");
	for (size_t i = 0; i < converted->note_count; i++) {
		const struct zync_convert_note *note = &converted->notes[i];
		struct zync_jnode *item = zync_jb_add_object(b, notes);

		zync_jb_set_str(b, item, "level", note->level == ZYNC_CONVERT_WARNING ? "warning" : "note");
		if (note->key != NULL)
			zync_jb_set_str(b, item, "key", note->key);
		if (note->line > 0)
			zync_jb_set_u64(b, item, "line", note->line);
		zync_jb_set_str(b, item, "message", note->text);
	}
	return zync_jb_text(b, root, ZYNC_JSON_COMPACT, arena, ret, err);
}

enum zync_status zync_convert_config(const struct zync_convert_order *order, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_convert_params params = {.name = order->name, .text = order->text, .len = order->len};
	struct zync_convert_result converted;
	const char *json = NULL;

	if (order->environment)
		params.environment = convert_environment;
	if (arena == NULL)
		return zync_err_nomem(err, "converting a configuration");
	ZYNC_TRY(zync_convert_nzs(&params, arena, &converted, err));
	ZYNC_TRY(convert_json(&converted, arena, &json, err));
	return zync_result_new(json, ret, err);
}
