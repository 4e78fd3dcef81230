/* SPDX-License-Identifier: Apache-2.0 */
/* Lines, comments and quoted texts of the configuration. What goes wrong is remembered by the buffer, which is checked at the end. */
#include "convert/nzs_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define EMIT_WIDTH 118 /* characters of a line of comment */
#define EMIT_SHOWN 60  /* characters of a text in a message */

/* Text for the buffer's caller; NULL becomes the failure of n->out. */
static const char *emit_or_fail(struct nzs *n, const char *text)
{
	if (text == NULL && n->out->failed == ZYNC_OK)
		n->out->failed = ZYNC_ERR_NOMEM;
	return text != NULL ? text : "";
}

void emit_line(struct nzs *n, const char *indent, const char *fmt, ...)
{
	va_list ap;

	zync_buf_adds(n->out, indent);
	va_start(ap, fmt);
	zync_buf_vprintf(n->out, fmt, ap);
	va_end(ap);
	zync_buf_addc(n->out, '\n');
}

void emit_comment(struct zync_buf *out, const char *indent, const char *text)
{
	size_t used = 0;

	for (const char *word = text; *word != '\0';) {
		size_t len = strcspn(word, " ");
		size_t width = 0;

		for (size_t i = 0; i < len; i++)
			width += ((unsigned char)word[i] & 0xc0) != 0x80 ? 1 : 0;
		if (used > 0 && used + 1 + width > EMIT_WIDTH) {
			zync_buf_addc(out, '\n');
			used = 0;
		}
		if (used == 0) {
			zync_buf_printf(out, "%s#", indent);
			used = strlen(indent) + 1;
		}
		zync_buf_addc(out, ' ');
		zync_buf_add(out, word, len);
		used += 1 + width;
		word += len + strspn(word + len, " ");
	}
	zync_buf_addc(out, '\n');
}

void emit_notes(struct nzs *n, const char *indent, enum nzs_key key)
{
	for (size_t i = 0; i < n->notes.len; i++) {
		struct nzs_note *note = n->notes.items[i];
		const char *mark = note->note.level == ZYNC_CONVERT_WARNING ? "! " : "";
		const char *text;

		if (note->key != key || note->placed)
			continue;
		note->placed = true;
		if (note->note.line > 0 && note->note.line != n->settings[key].line)
			text = zync_arena_printf(n->arena, "%sline %u: %s", mark, note->note.line, note->note.text);
		else
			text = zync_arena_printf(n->arena, "%s%s", mark, note->note.text);
		emit_comment(n->out, indent, emit_or_fail(n, text));
	}
}

void emit_origin(struct nzs *n, const char *indent, enum nzs_key key)
{
	const struct nzs_setting *setting = &n->settings[key];
	const char *name = nzs_key_rows[key].name;

	if (setting->variable != NULL)
		emit_line(n, indent, "# %s ($%s)", name, setting->variable);
	else if (setting->line > 0)
		emit_line(n, indent, "# %s (line %u)", name, setting->line);
	else
		emit_line(n, indent, "# %s (its default)", name);
	emit_notes(n, indent, key);
}

/*
 * U+0080 to U+009F, U+2028, U+2029, U+FEFF, U+FFFE and U+FFFF: YAML takes them for line ends or refuses them bare. The length of such a character with its number, 0: it is
 * none.
 */
static size_t emit_special(const unsigned char *c, unsigned *ret_point)
{
	if (c[0] == 0xc2 && c[1] < 0xa0) {
		*ret_point = c[1];
		return 2;
	}
	if ((c[0] != 0xe2 && c[0] != 0xef) || c[1] == '\0' || c[2] == '\0')
		return 0;
	*ret_point = (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
	return *ret_point == 0x2028 || *ret_point == 0x2029 || *ret_point == 0xfeff || *ret_point >= 0xfffe ? 3 : 0;
}

/* Double quotes of YAML; @p value: "${" is written so that it stands for itself. */
static void emit_quoted(struct zync_buf *out, const char *text, bool value)
{
	zync_buf_addc(out, '"');
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
		unsigned point = 0;
		size_t len = emit_special(c, &point);

		if (len > 0) {
			zync_buf_printf(out, "\\u%04x", point);
			c += len - 1;
		} else if (*c == '"' || *c == '\\') {
			zync_buf_printf(out, "\\%c", *c);
		} else if (*c < 0x20 || *c == 0x7f) {
			zync_buf_printf(out, "\\x%02x", *c);
		} else if (value && c[0] == '$' && c[1] == '{') {
			zync_buf_adds(out, "$$");
		} else {
			zync_buf_addc(out, (char)*c);
		}
	}
	zync_buf_addc(out, '"');
}

static const char *emit_made(struct nzs *n, struct zync_buf *out)
{
	const char *text = out->failed == ZYNC_OK ? zync_arena_strndup(n->arena, out->data, out->len) : NULL;

	if (out->failed == ZYNC_ERR_LIMIT && n->out->failed == ZYNC_OK)
		n->out->failed = ZYNC_ERR_LIMIT;
	zync_buf_done(out);
	return emit_or_fail(n, text);
}

const char *nzs_shown(struct nzs *n, const char *text)
{
	size_t end = zync_utf8_prefix(text, EMIT_SHOWN);
	struct zync_buf out;

	zync_buf_init(&out, ZYNC_LIMIT_CONFIG_BYTES);
	for (size_t i = 0; i < end;) {
		unsigned point = 0;
		size_t len = emit_special((const unsigned char *)text + i, &point);

		if (len > 0 || (unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			zync_buf_addc(&out, '?');
		else
			zync_buf_addc(&out, text[i]);
		i += ZYNC_MAX(len, (size_t)1);
	}
	if (text[end] != '\0')
		zync_buf_adds(&out, "…");
	return emit_made(n, &out);
}

const char *emit_key(struct nzs *n, const char *text)
{
	struct zync_buf out;

	zync_buf_init(&out, ZYNC_LIMIT_CONFIG_BYTES);
	emit_quoted(&out, text, /* value= */ false);
	return emit_made(n, &out);
}

const char *emit_value(struct nzs *n, const char *text)
{
	struct zync_buf out;

	zync_buf_init(&out, ZYNC_LIMIT_CONFIG_BYTES);
	emit_quoted(&out, text, /* value= */ true);
	return emit_made(n, &out);
}

const char *emit_text(struct nzs *n, const struct nzs_text *text)
{
	if (text->variable)
		return emit_or_fail(n, zync_arena_printf(n->arena, "\"${%s}\"", text->text));
	return emit_value(n, text->text);
}

const char *emit_template(struct nzs *n, const char *text)
{
	struct zync_buf out;

	zync_buf_init(&out, ZYNC_LIMIT_CONFIG_BYTES);
	for (const char *c = text; *c != '\0'; c++) {
		if (c[0] == '{' && (c[1] == '{' || c[1] == '%'))
			zync_buf_printf(&out, "{{ \"{%c\" }}", *++c);
		else
			zync_buf_addc(&out, *c);
	}
	return emit_made(n, &out);
}
