/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <string.h>

#include "base/str.h"

#define WRAP 100 /* columns of a comment */
#define BARE (-1)

/* Where the example is being written. */
struct writer {
	struct zync_buf *out;
	const char *netbox_url, *zabbix_url;
	int hash;  /* column of the "#" that comments the whole block out, BARE outside of one */
	bool dash; /* the next key begins an entry of a list */
};

static void write_table(struct writer *w, const struct zync_cfg_table *table, int indent);

static void pad(struct writer *w, int columns)
{
	for (int i = 0; i < columns; i++)
		zync_buf_addc(w->out, ' ');
}

/* The begin of a line at column @p indent, inside a block that is commented out behind its "#". */
static void begin_line(struct writer *w, int indent)
{
	if (w->hash == BARE) {
		pad(w, indent);
		return;
	}
	pad(w, w->hash);
	zync_buf_addc(w->out, '#');
	pad(w, indent - w->hash);
}

/* @p text as comment lines, broken at spaces. */
static void write_comment(struct writer *w, int indent, const char *text)
{
	while (*text) {
		size_t len = strlen(text), cut = len;

		if (len > WRAP) {
			for (cut = WRAP; cut > 0 && text[cut] != ' '; cut--)
				;
			cut = cut == 0 ? len : cut;
		}
		begin_line(w, indent);
		zync_buf_adds(w->out, "# ");
		zync_buf_add(w->out, text, cut);
		zync_buf_addc(w->out, '\n');
		text += cut;
		while (*text == ' ')
			text++;
	}
}

/* A text of the caller as a YAML scalar that is read back as it is. */
static void write_scalar(struct writer *w, const char *text)
{
	if (strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/._-") == strlen(text)) {
		zync_buf_adds(w->out, text);
		return;
	}
	zync_buf_addc(w->out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			zync_buf_printf(w->out, "\\%c", *text);
		else if ((unsigned char)*text < 0x20 || *text == 0x7F)
			zync_buf_printf(w->out, "\\x%02X", (unsigned)(unsigned char)*text);
		else if (zync_str_starts(text, "${"))
			zync_buf_adds(w->out, "$$");
		else
			zync_buf_addc(w->out, *text);
	}
	zync_buf_addc(w->out, '"');
}

static void write_value(struct writer *w, const struct zync_cfg_field *field)
{
	if (field->convert == zync_cfg_convert_netbox_url && w->netbox_url)
		write_scalar(w, w->netbox_url);
	else if (field->convert == zync_cfg_convert_zabbix_url && w->zabbix_url)
		write_scalar(w, w->zabbix_url);
	else
		zync_buf_adds(w->out, field->def ? field->def : field->example);
}

static void write_help(struct writer *w, const struct zync_cfg_field *field, int indent)
{
	write_comment(w, indent, field->help);
	if (field->words) {
		ZYNC_AUTO_BUF line;

		zync_buf_init(&line, 1024);
		zync_buf_adds(&line, "One of:");
		for (size_t i = 0; field->words[i]; i++)
			zync_buf_printf(&line, " %s", field->words[i]);
		/* A failure of the small buffer must not get lost: it is the failure of the whole. */
		if (line.failed != ZYNC_OK)
			w->out->failed = line.failed;
		write_comment(w, indent, line.data);
	}
	/* "none" and "any" tell nothing that the commented key does not tell. */
	if (field->def_help && strcmp(field->def_help, "none") != 0 && strcmp(field->def_help, "any") != 0) {
		begin_line(w, indent);
		zync_buf_printf(w->out, "# Default: %s.\n", field->def_help);
	}
}

/* The key, in a list's entry with its dash. */
static void write_key(struct writer *w, const struct zync_cfg_field *field, int indent)
{
	begin_line(w, w->dash ? indent - 2 : indent);
	if (w->dash)
		zync_buf_adds(w->out, "- ");
	w->dash = false;
	zync_buf_printf(w->out, "%s:", field->key);
}

static void write_section(struct writer *w, const struct zync_cfg_field *field, int indent)
{
	bool list = field->type == ZYNC_CFG_TYPE_STRUCTS && !(field->flags & ZYNC_CFG_ONE);

	write_key(w, field, indent);
	zync_buf_addc(w->out, '\n');
	w->dash = list;
	write_table(w, field->table, list ? indent + 4 : indent + 2);
}

static void write_field(struct writer *w, const struct zync_cfg_field *field, int indent)
{
	/* One with an example of its own holds a section that is written out elsewhere. */
	bool section = (field->type == ZYNC_CFG_TYPE_STRUCT || field->type == ZYNC_CFG_TYPE_STRUCTS) && field->example == NULL;
	bool comment_out = w->hash == BARE && !(field->flags & ZYNC_CFG_SMALLEST);

	write_help(w, field, w->dash ? indent - 2 : indent);
	if (comment_out)
		w->hash = indent;
	if (section) {
		write_section(w, field, indent);
	} else {
		write_key(w, field, indent);
		zync_buf_addc(w->out, ' ');
		write_value(w, field);
		zync_buf_addc(w->out, '\n');
	}
	if (comment_out)
		w->hash = BARE;
}

/* What stands uncommented comes first, so that an entry of a list begins with it. */
static void write_table(struct writer *w, const struct zync_cfg_table *table, int indent)
{
	bool root = table == &zync_cfg_table_root;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < table->count; i++) {
			const struct zync_cfg_field *field = &table->fields[i];
			bool first = w->hash != BARE || field->flags & ZYNC_CFG_SMALLEST;

			if (first != (pass == 0))
				continue;
			if (root)
				zync_buf_addc(w->out, '\n');
			write_field(w, field, indent);
		}
	}
}

enum zync_status zync_config_write_example(const char *netbox_url, const char *zabbix_url, struct zync_buf *out, struct zync_err *err)
{
	struct writer w = {.out = out, .netbox_url = netbox_url, .zabbix_url = zabbix_url, .hash = BARE};

	zync_buf_adds(
		out,
		"# Configuration of Zync. What is not commented out is all that is needed; every other key stands behind a \"#\" with its\n"
		"# default or an example. Check it with: zync check\n"
		"# ${NAME} is the environment variable NAME; tokens do not belong into this file.\n");
	write_table(&w, &zync_cfg_table_root, 0);
	return zync_buf_check(out, "the example configuration", err);
}
