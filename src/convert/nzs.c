/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/nzs_priv.h"

#include <stdarg.h>
#include <string.h>

#include "base/str.h"

enum zync_status nzs_nomem(struct nzs *n)
{
	return zync_err_nomem(n->err, "converting a configuration");
}

/* The same thing is told of once, also where both mappings meet it. */
static bool nzs_told(const struct nzs *n, enum nzs_key key, unsigned line, const char *text)
{
	for (size_t i = 0; key != NZS_NONE && i < n->notes.len; i++) {
		const struct nzs_note *note = n->notes.items[i];

		if (note->key == key && note->note.line == line && strcmp(note->note.text, text) == 0)
			return true;
	}
	return false;
}

static enum zync_status nzs_add(struct nzs *n, enum zync_convert_level level, enum nzs_key key, unsigned line, const char *text)
{
	struct nzs_note *note = ZYNC_NEW(n->arena, struct nzs_note);

	if (text == NULL || note == NULL)
		return nzs_nomem(n);
	if (nzs_told(n, key, line, text))
		return ZYNC_OK;
	*note = (struct nzs_note){
		.note = {.level = level, .key = key == NZS_NONE ? NULL : nzs_key_rows[key].name, .line = line, .text = text}, .key = key};
	return zync_vec_push(&n->notes, note, n->err);
}

enum zync_status nzs_note_at(struct nzs *n, enum zync_convert_level level, enum nzs_key key, unsigned line, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = zync_arena_vprintf(n->arena, fmt, ap);
	va_end(ap);
	return nzs_add(n, level, key, line, text);
}

enum zync_status nzs_note(struct nzs *n, enum zync_convert_level level, enum nzs_key key, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = zync_arena_vprintf(n->arena, fmt, ap);
	va_end(ap);
	return nzs_add(n, level, key, n->settings[key].line, text);
}

/* What of the file is no assignment. */
static enum zync_status nzs_note_statements(struct nzs *n)
{
	for (size_t i = 0; i < n->module.notes.len; i++) {
		const struct py_note *note = n->module.notes.items[i];

		ZYNC_TRY(nzs_note_at(n, ZYNC_CONVERT_NOTE, NZS_NONE, note->pos.line, "%s", note->text));
	}
	return ZYNC_OK;
}

/* Keys that have no place of their own in the configuration. */
static enum zync_status nzs_note_rest(struct nzs *n)
{
	static const struct {
		enum nzs_key key;
		bool when; /* it is told of when the key is set to this */
		const char *text;
	} rows[] = {
		{NZS_EXTENDED_IPS, true, "nothing is needed for it: Zync reads what the templates name"},
		{NZS_EXTENDED_SITE_PROPERTIES, true, "nothing is needed for it: sites are read as a whole"},
		{NZS_EXTENDED_VIRTUAL_CHASSIS, true, "nothing is needed for it: virtual chassis are read as a whole"},
		{NZS_SKIP_VERSION_CHECK, true, "left out: `zync check` tells of versions, and none is refused"},
		{NZS_LOG_FILE, true, "left out: Zync's lines go to standard error; the section log sets level and format"},
		{NZS_LOG_ROTATION, true, "left out: Zync's lines go to standard error"},
		{NZS_LOG_CONSOLE, false, "left out: Zync's lines go to standard error; -q keeps all but errors away"},
		{NZS_LOG_HANDLERS, true, "left out: Zync's lines go to standard error; the section log sets level and format"},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		const struct nzs_setting *setting = &n->settings[rows[i].key];

		if (setting->given && setting->on == rows[i].when)
			ZYNC_TRY(nzs_note(n, ZYNC_CONVERT_NOTE, rows[i].key, "%s", rows[i].text));
	}
	return ZYNC_OK;
}

/* The lines before the first section, with every note that has no place elsewhere. */
static enum zync_status nzs_emit_head(struct nzs *n, struct zync_buf *out)
{
	const char *text = zync_arena_printf(
		n->arena,
		"Made by `zync convert-config` from %s, a configuration of netbox-zabbix-sync. Each part names the key that it "
		"stands for; \"!\" marks what differs or wants a look. docs/migration.md tells what to do next: zync check, zync plan.",
		nzs_shown(n, n->params->name));

	if (text == NULL)
		return nzs_nomem(n);
	emit_comment(out, "", text);
	for (size_t i = 0; i < n->notes.len; i++) {
		struct nzs_note *note = n->notes.items[i];
		const char *mark = note->note.level == ZYNC_CONVERT_WARNING ? "! " : "- ";
		const char *key = note->note.key != NULL ? note->note.key : "", *colon = note->note.key != NULL ? ": " : "";

		if (note->placed)
			continue;
		note->placed = true;
		if (note->note.line > 0)
			text = zync_arena_printf(n->arena, "%sline %u: %s%s%s", mark, note->note.line, key, colon, note->note.text);
		else
			text = zync_arena_printf(n->arena, "%s%s%s%s", mark, key, colon, note->note.text);
		if (text == NULL)
			return nzs_nomem(n);
		emit_comment(out, "", text);
	}
	return ZYNC_OK;
}

/* Head and body together, and the notes for the caller. */
static enum zync_status nzs_finish(struct nzs *n, struct zync_buf *head, struct zync_convert_result *ret)
{
	struct zync_convert_note *notes = ZYNC_NEW_ARRAY(n->arena, struct zync_convert_note, n->notes.len);
	const char *config;

	ZYNC_TRY(nzs_emit_head(n, head));
	ZYNC_TRY(zync_buf_check(n->out, "the converted configuration", n->err));
	zync_buf_add(head, n->out->data, n->out->len);
	ZYNC_TRY(zync_buf_check(head, "the converted configuration", n->err));
	config = zync_arena_strndup(n->arena, head->data, head->len);
	if (notes == NULL || config == NULL)
		return nzs_nomem(n);
	for (size_t i = 0; i < n->notes.len; i++)
		notes[i] = ((const struct nzs_note *)n->notes.items[i])->note;
	*ret = (struct zync_convert_result){.config = config, .notes = notes, .note_count = n->notes.len};
	return ZYNC_OK;
}

enum zync_status zync_convert_nzs(const struct zync_convert_params *params, struct zync_arena *arena, struct zync_convert_result *ret,
				  struct zync_err *err)
{
	struct nzs n = {.params = params, .arena = arena, .err = err};
	ZYNC_AUTO_BUF body;
	ZYNC_AUTO_BUF head;

	zync_buf_init(&body, ZYNC_LIMIT_CONFIG_BYTES);
	zync_buf_init(&head, ZYNC_LIMIT_CONFIG_BYTES);
	n.out = &body;
	zync_vec_init(&n.notes, arena);
	ZYNC_TRY(zync_convert_python(arena, params->name, params->text, params->len, &n.module, err));
	ZYNC_TRY(nzs_note_statements(&n));
	ZYNC_TRY(nzs_read_settings(&n));
	ZYNC_TRY(nzs_note_rest(&n));
	ZYNC_TRY(nzs_emit_sections(&n));
	ZYNC_TRY(nzs_emit_mappings(&n));
	return nzs_finish(&n, &head, ret);
}
