/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <string.h>

#include "base/str.h"

static void add_words(const char *const *words, struct zync_buf *out)
{
	for (size_t i = 0; words[i]; i++)
		zync_buf_printf(out, "%s%s", i > 0 ? (words[i + 1] ? ", " : " or ") : "", words[i]);
}

/* Milliseconds as a configuration would say them. */
static void add_duration(double ms, struct zync_buf *out)
{
	if (ms < 1) /* nothing of any unit */
		zync_buf_addc(out, '0');
	else if (ms >= 86400000)
		zync_buf_printf(out, "%.15gd", ms / 86400000);
	else if (ms >= 3600000)
		zync_buf_printf(out, "%.15gh", ms / 3600000);
	else
		zync_buf_printf(out, "%.15gs", ms / 1000);
}

static void add_expects(const struct zync_cfg_field *field, struct zync_buf *out)
{
	switch (field->type) {
	case ZYNC_CFG_TYPE_STRING:
	case ZYNC_CFG_TYPE_TEXT:
	case ZYNC_CFG_TYPE_ENUM:
		if (field->words)
			add_words(field->words, out);
		else
			zync_buf_adds(out, "a text");
		if (field->flags & ZYNC_CFG_TEMPLATE)
			zync_buf_adds(out, ", may be a template");
		return;
	case ZYNC_CFG_TYPE_SECRET:
		zync_buf_adds(out, "a secret text");
		return;
	case ZYNC_CFG_TYPE_SECRET_FILE:
		zync_buf_adds(out, "the name of a file");
		return;
	case ZYNC_CFG_TYPE_INT:
		zync_buf_printf(out, "a whole number from %.15g to %.15g", field->minimum, field->maximum);
		return;
	case ZYNC_CFG_TYPE_DURATION:
		zync_buf_adds(out, field->step > 0	       ? "a time in whole minutes such as 30m, 12h or 7d, from "
				   : field->maximum > 86400000 ? "a time such as 30m, 12h or 7d, from "
							       : "a time such as 30s, 2m or 500ms, from ");
		add_duration(field->minimum, out);
		zync_buf_adds(out, " to ");
		add_duration(field->maximum, out);
		return;
	case ZYNC_CFG_TYPE_BOOL:
		zync_buf_adds(out, "true or false");
		return;
	case ZYNC_CFG_TYPE_REAL:
		zync_buf_printf(out, "a number from %.15g to %.15g", field->minimum, field->maximum);
		return;
	case ZYNC_CFG_TYPE_PERCENT:
		zync_buf_adds(out, "a percentage from 0 to 100, such as 20%");
		return;
	case ZYNC_CFG_TYPE_LIMIT:
		zync_buf_adds(out, "a limit such as 10, 5%, 10 or 5%, none, or {count: 10, percent: 5}");
		return;
	case ZYNC_CFG_TYPE_TEXTS:
		zync_buf_adds(out, "a text or a list of texts");
		break;
	case ZYNC_CFG_TYPE_PAIRS:
		zync_buf_adds(out, field->words ? "a map of names to " : "a map of names to a text or a list of texts");
		break;
	case ZYNC_CFG_TYPE_STRUCT:
		zync_buf_adds(out, "a mapping with keys");
		return;
	case ZYNC_CFG_TYPE_STRUCTS:
		zync_buf_adds(out, "a list of mappings with keys");
		if (field->flags & ZYNC_CFG_ONE)
			zync_buf_adds(out, ", or one of them");
		if (field->flags & ZYNC_CFG_NAMED)
			zync_buf_adds(out, ", or a map of names to values");
		return;
	}
	if (field->words) {
		if (field->type == ZYNC_CFG_TYPE_TEXTS)
			zync_buf_adds(out, " of ");
		add_words(field->words, out);
	} else if (field->flags & ZYNC_CFG_TEMPLATE) {
		zync_buf_adds(out, ", may be templates");
	}
}

enum zync_status zync_cfg_field_expects(const struct zync_cfg_field *field, struct zync_buf *out, struct zync_err *err)
{
	add_expects(field, out);
	return zync_buf_check(out, "the description of a key", err);
}

/* Text of a table cell: no bar, no line break. */
static void add_cell(const char *text, struct zync_buf *out)
{
	for (; *text; text++) {
		if (*text == '|')
			zync_buf_adds(out, "\\|");
		else
			zync_buf_addc(out, *text == '\n' ? ' ' : *text);
	}
}

static void add_type(const struct zync_cfg_field *field, struct zync_buf *out)
{
	ZYNC_AUTO_BUF type;
	const char *text;

	zync_buf_init(&type, 4096);
	add_expects(field, &type);
	if (type.failed != ZYNC_OK)
		out->failed = type.failed;
	text = type.data;
	if (zync_str_starts(text, "a "))
		text += 2;
	add_cell(text, out);
}

static void add_default(const struct zync_cfg_field *field, struct zync_buf *out)
{
	if (field->def) {
		zync_buf_addc(out, '`');
		add_cell(field->def, out);
		zync_buf_addc(out, '`');
	} else if (field->flags & ZYNC_CFG_REQUIRED) {
		zync_buf_adds(out, "required");
	} else if (field->def_help && strchr("{", field->def_help[0])) {
		zync_buf_printf(out, "`%s`", field->def_help);
	} else {
		add_cell(field->def_help ? field->def_help : "see its section", out);
	}
}

static void add_row(const struct zync_cfg_field *field, struct zync_buf *out)
{
	zync_buf_printf(out, "| `%s` | ", field->key);
	add_type(field, out);
	zync_buf_adds(out, " | ");
	add_default(field, out);
	zync_buf_adds(out, " | ");
	add_cell(field->help, out);
	if (field->env)
		zync_buf_printf(out, " Filled by `%s` when the file leaves it out.", field->env);
	zync_buf_adds(out, " |\n");
}

static void add_field_examples(const struct zync_cfg_table *table, struct zync_buf *out)
{
	bool open = false;

	for (size_t i = 0; i < table->count; i++) {
		const struct zync_cfg_field *field = &table->fields[i];

		if (!field->example)
			continue;
		if (!open)
			zync_buf_adds(out, "\n```yaml\n");
		open = true;
		zync_buf_printf(out, "%s: %s\n", field->key, field->example);
	}
	if (open)
		zync_buf_adds(out, "```\n");
}

/* A section, then the sections in it. The tables form a tree of a few levels. */
static void add_table(const struct zync_cfg_table *table, struct zync_buf *out)
{
	zync_buf_printf(out, "\n## %s%s%s\n\n%s\n\n", *table->path ? "`" : "", *table->path ? table->path : "Sections",
			*table->path ? "`" : "", table->help);
	zync_buf_adds(out, "| key | type | default | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < table->count; i++)
		add_row(&table->fields[i], out);
	add_field_examples(table, out);
	for (size_t i = 0; i < table->count; i++) {
		const struct zync_cfg_field *field = &table->fields[i];

		/* The keys of a limit are told once, behind its first use. */
		if (field->table && (field->type != ZYNC_CFG_TYPE_LIMIT || i == 0 || table->fields[i - 1].table != field->table))
			add_table(field->table, out);
	}
}

enum zync_status zync_config_write_reference(struct zync_buf *out, struct zync_err *err)
{
	zync_buf_adds(out, zync_cfg_reference_intro);
	add_table(&zync_cfg_table_root, out);
	zync_buf_adds(out, "\n## Examples\n");
	for (const struct zync_cfg_example *example = zync_cfg_reference_examples; example->title; example++)
		zync_buf_printf(out, "\n### %s\n\n```yaml\n%s```\n", example->title, example->yaml);
	return zync_buf_check(out, "the reference of the configuration", err);
}
