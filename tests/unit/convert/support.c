/* SPDX-License-Identifier: Apache-2.0 */
#include "convert_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "rules/rules.h"

int bench_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->arena = zync_arena_new(0);
	assert_non_null(b->arena);
	(void)setenv("NETBOX_HOST", "https://netbox.example.com", 1);
	(void)setenv("NETBOX_TOKEN", "0123456789abcdef0123456789abcdef01234567", 1);
	(void)setenv("ZABBIX_HOST", "https://zabbix.example.com", 1);
	(void)setenv("ZABBIX_TOKEN", "abcdefabcdefabcdefabcdefabcdefabcdefabcd", 1);
	(void)setenv("SOME_VALUE", "auto", 1);
	(void)setenv("SOME_MODE", "manual", 1);
	*state = b;
	return 0;
}

int bench_teardown(void **state)
{
	struct bench *b = *state;

	zync_arena_free(b->arena);
	free(b);
	zync_log_reset();
	return 0;
}

static const char *bench_environment(void *ctx, const char *name)
{
	struct bench *b = ctx;
	const char *line = b->environment;
	size_t len = strlen(name);

	while (line != NULL && *line != '\0') {
		if (strncmp(line, name, len) == 0 && line[len] == '=')
			return zync_arena_strndup(b->arena, line + len + 1, strcspn(line + len + 1, "\n"));
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	return NULL;
}

void bench_convert(struct bench *b, const char *python)
{
	struct zync_convert_params params = {.name = "config.py",
					     .text = python,
					     .len = strlen(python),
					     .environment = b->environment != NULL ? bench_environment : NULL,
					     .ctx = b};
	ZYNC_AUTO_CONFIG config = NULL;
	ZYNC_AUTO_RULES rules = NULL;

	if (zync_convert_nzs(&params, b->arena, &b->result, &b->err) != ZYNC_OK)
		fail_msg("%s\n%s", b->err.message, python);
	if (zync_config_parse("zync.yaml", b->result.config, strlen(b->result.config), &config, &b->err) != ZYNC_OK ||
	    zync_rules_compile(config, &rules, &b->err) != ZYNC_OK)
		fail_msg("%.900s\n%s", b->err.message, python);
}

static void value_add(struct zync_buf *out, const struct py_value *v)
{
	static const char *const words[] = {"None", "True", "False"};

	if (v->kind <= PY_FALSE) {
		zync_buf_adds(out, words[v->kind]);
	} else if (v->kind == PY_STR) {
		zync_buf_printf(out, "<%s>", v->text);
	} else if (v->kind == PY_INT || v->kind == PY_FLOAT) {
		zync_buf_printf(out, "%s%s", v->kind == PY_FLOAT ? "~" : "", v->text);
	} else if (v->kind == PY_ENV) {
		zync_buf_printf(out, "$%s", v->text);
		if (v->item != NULL)
			value_add(out, v->item);
	} else if (v->kind == PY_OTHER) {
		zync_buf_adds(out, strstr(v->text, "f-string") != NULL ? "?f" : strstr(v->text, "in place") != NULL ? "?+" : "?");
	} else {
		zync_buf_addc(out, v->kind == PY_DICT ? '{' : '[');
		for (size_t i = 0; i < v->len; i++) {
			zync_buf_adds(out, i > 0 ? "," : "");
			if (v->kind == PY_DICT) {
				value_add(out, v->keys[i]);
				zync_buf_addc(out, ':');
			}
			value_add(out, v->items[i]);
		}
		zync_buf_addc(out, v->kind == PY_DICT ? '}' : ']');
	}
}

static const char *bench_made(struct bench *b, struct zync_buf *out)
{
	const char *text;

	assert_int_equal(out->failed, ZYNC_OK);
	text = zync_arena_strndup(b->arena, out->data, out->len);
	assert_non_null(text);
	zync_buf_done(out);
	return text;
}

const char *bench_python(struct bench *b, const char *text, size_t len)
{
	struct py_module module = {0};
	struct zync_buf out;

	zync_buf_init(&out, ZYNC_LIMIT_CONFIG_BYTES);
	if (zync_convert_python(b->arena, "c.py", text, len, &module, &b->err) != ZYNC_OK) {
		zync_buf_printf(&out, "! %s", b->err.message);
		return bench_made(b, &out);
	}
	for (size_t i = 0; i < module.assignments.len; i++) {
		const struct py_assignment *a = module.assignments.items[i];

		zync_buf_printf(&out, "%s%s=", i > 0 ? " " : "", a->name);
		value_add(&out, a->value);
	}
	for (size_t i = 0; i < module.notes.len; i++) {
		const struct py_note *note = module.notes.items[i];

		zync_buf_printf(&out, "%s@%u", out.len > 0 ? " " : "", note->pos.line);
	}
	return bench_made(b, &out);
}

const char *bench_plain(struct bench *b)
{
	struct zync_buf out;

	zync_buf_init(&out, ZYNC_LIMIT_CONFIG_BYTES);
	for (const char *line = b->result.config; *line != '\0';) {
		size_t len = strcspn(line, "\n");
		size_t indent = strspn(line, " ");

		if (line[indent] != '#') {
			zync_buf_add(&out, line + indent, len - indent);
			zync_buf_adds(&out, "; ");
		}
		line += len + (line[len] == '\n' ? 1 : 0);
	}
	return bench_made(b, &out);
}

const char *bench_notes(struct bench *b)
{
	struct zync_buf out;

	zync_buf_init(&out, ZYNC_LIMIT_CONFIG_BYTES);
	for (size_t i = 0; i < b->result.note_count; i++) {
		const struct zync_convert_note *note = &b->result.notes[i];

		zync_buf_printf(&out, "%s %s %u %s\n", note->level == ZYNC_CONVERT_WARNING ? "warning" : "note",
				note->key != NULL ? note->key : "-", note->line, note->text);
	}
	return bench_made(b, &out);
}

void bench_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

void bench_lacks(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" is in:\n%s", part, text);
}
