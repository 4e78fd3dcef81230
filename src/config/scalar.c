/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

/* An unsigned decimal at *p, moved behind it; at most 15 digits before and after the point, which a double holds well enough. */
static bool scan_decimal(const char **p, double *ret)
{
	const char *s = *p;
	double value = 0, unit = 1;
	size_t digits = 0, decimals = 0;

	for (; isdigit((unsigned char)*s) && digits < 16; s++, digits++)
		value = value * 10 + (*s - '0');
	if (digits == 0 || digits > 15)
		return false;
	if (*s == '.') {
		for (s++; isdigit((unsigned char)*s) && decimals < 16; s++, decimals++) {
			unit /= 10;
			value += (*s - '0') * unit;
		}
		if (decimals == 0 || decimals > 15)
			return false;
	}
	*p = s;
	*ret = value;
	return true;
}

static const char *skip_spaces(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

bool zync_cfg_parse_real(const char *text, double *ret)
{
	bool negative = *text == '-';
	double value;

	if (negative)
		text++;
	if (!scan_decimal(&text, &value) || *text)
		return false;
	*ret = negative ? -value : value;
	return true;
}

bool zync_cfg_parse_duration(const char *text, int64_t *ret_ms)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"sec", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
	double value;

	if (!scan_decimal(&text, &value) || value > 1e9)
		return false;
	text = skip_spaces(text);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(units); i++) {
		if (strcmp(text, units[i].name) == 0) {
			*ret_ms = (int64_t)(value * units[i].ms + 0.5);
			return true;
		}
	}
	return false;
}

bool zync_cfg_parse_bool(const char *text, bool *ret)
{
	static const char *const words[2][3] = {{"false", "no", "off"}, {"true", "yes", "on"}};

	for (size_t i = 0; i < 6; i++) {
		if (zync_str_eq_nocase(text, words[i / 3][i % 3])) {
			*ret = i >= 3;
			return true;
		}
	}
	return false;
}

bool zync_cfg_parse_percent(const char *text, double *ret)
{
	double value;

	if (!scan_decimal(&text, &value))
		return false;
	text = skip_spaces(text);
	if (*text == '%')
		text++;
	if (*text || value > 100)
		return false;
	*ret = value;
	return true;
}

/* A whole number of hosts that a double holds exactly. */
static bool limit_count(double value, int64_t *ret)
{
	if (value > 1e9 || value != (double)(int64_t)value)
		return false;
	*ret = (int64_t)value;
	return true;
}

bool zync_cfg_parse_limit(const char *text, struct zync_cfg_limit *ret)
{
	struct zync_cfg_limit limit = {-1, -1};

	if (zync_str_eq_nocase(text, "none")) {
		*ret = limit;
		return true;
	}
	for (;;) {
		double value;

		if (!scan_decimal(&text, &value))
			return false;
		text = skip_spaces(text);
		if (*text == '%') {
			if (limit.percent >= 0 || value > 100)
				return false;
			limit.percent = value;
			text = skip_spaces(text + 1);
		} else if (limit.count >= 0 || !limit_count(value, &limit.count)) {
			return false;
		}
		if (!*text)
			break;
		if (!zync_str_starts(text, "or "))
			return false;
		text = skip_spaces(text + 3);
	}
	*ret = limit;
	return true;
}

static bool variable_speaks_of_secret(const char *name)
{
	static const char *const words[] = {"TOKEN", "PASS", "SECRET", "KEY", "COMMUNITY"};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(words); i++) {
		if (strcasestr(name, words[i]))
			return true;
	}
	return false;
}

/* One expansion of a text: where it stands and what it gave. */
struct expansion {
	struct zync_cfg_ctx *ctx;
	const struct zync_cfg_field *field;
	struct zync_cfg_pos pos;
	struct zync_buf *out;
	bool expanded;
	bool bad; /* a problem was recorded */
};

/* @p s stands at "${"; returns what follows the reference, NULL when memory is out or there is a problem. */
static const char *expand_variable(struct expansion *e, const char *s, enum zync_status *status)
{
	size_t len = 0;
	const char *name, *value;

	for (s += 2; isalnum((unsigned char)s[len]) || s[len] == '_'; len++)
		;
	if (len == 0 || len > 255 || isdigit((unsigned char)*s) || s[len] != '}') {
		e->bad = true;
		*status = zync_cfg_problem(
			e->ctx, e->pos,
			"%s: \"${\" begins the name of an environment variable, as in ${NETBOX_TOKEN}; write $${ for the two characters",
			e->field->key);
		return NULL;
	}
	name = zync_arena_strndup(e->ctx->scratch, s, len);
	if (!name) {
		*status = zync_err_nomem(e->ctx->err, "expanding an environment variable");
		return NULL;
	}
	value = getenv(name);
	if (!value) {
		e->bad = true;
		*status = zync_cfg_problem(e->ctx, e->pos, "%s: the environment variable %s is not set", e->field->key, name);
		return NULL;
	}
	zync_buf_adds(e->out, value);
	e->expanded = true;
	if (*value && (e->field->flags & ZYNC_CFG_HIDDEN || variable_speaks_of_secret(name))) {
		*status = zync_log_add_secret(value, e->ctx->err);
		if (*status != ZYNC_OK)
			return NULL;
	}
	return s + len + 1;
}

static enum zync_status expand(struct expansion *e, const char *s)
{
	enum zync_status status = ZYNC_OK;

	while (*s) {
		if (zync_str_starts(s, "$${")) {
			zync_buf_adds(e->out, "${");
			s += 3;
		} else if (zync_str_starts(s, "${")) {
			s = expand_variable(e, s, &status);
			if (!s)
				return status;
		} else {
			zync_buf_addc(e->out, *s++);
		}
	}
	return ZYNC_OK;
}

/* NULL, or what is wrong with the text itself. */
static const char *text_problem(const struct zync_cfg_field *field, const char *text, size_t len)
{
	if (!zync_utf8_valid(text, len))
		return "not valid UTF-8, or with a NUL character";
	if (len == 0 && !(field->flags & ZYNC_CFG_EMPTY))
		return "empty; remove the key or give a value";
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c >= 0x20 && *c != 0x7F)
			continue;
		if (*c != '\n' && *c != '\t')
			return "a text with a control character";
		if (!(field->flags & ZYNC_CFG_LINES))
			return *c == '\n' ? "a text with a line break; this value is one line" : "a text with a tab";
	}
	return NULL;
}

/* SNMP communities and pass phrases written into the file: hidden unless they only name a macro or are templates. */
static enum zync_status hide_literal(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, struct zync_cfg_text *text)
{
	if (!(field->flags & ZYNC_CFG_HIDDEN) || text->secret || !*text->value)
		return ZYNC_OK;
	if (strstr(text->value, "{{") || zync_str_starts(text->value, "{$") || zync_str_eq_nocase(text->value, "public"))
		return ZYNC_OK;
	text->secret = true;
	return zync_log_add_secret(text->value, ctx->err);
}

enum zync_status zync_cfg_scalar_text(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				      struct zync_cfg_text *ret)
{
	bool secret = field->type == ZYNC_CFG_TYPE_SECRET;
	size_t max = secret ? ZYNC_LIMIT_SECRET_BYTES : ZYNC_LIMIT_TEMPLATE_SOURCE;
	ZYNC_AUTO_BUF buf;
	struct expansion e = {.ctx = ctx, .field = field, .pos = node->pos, .out = &buf};
	struct zync_cfg_text text = {.pos = node->pos};
	const char *problem;

	zync_buf_init(&buf, max);
	if (strlen(node->text) != node->text_len)
		return zync_cfg_problem(ctx, node->pos, "%s: the value holds a NUL character", field->key);
	if (node->literal)
		zync_buf_adds(&buf, node->text);
	else
		ZYNC_TRY(expand(&e, node->text));
	if (e.bad)
		return ZYNC_OK;
	if (buf.failed == ZYNC_ERR_LIMIT)
		return zync_cfg_problem(ctx, node->pos, "%s: the value is longer than %zu bytes", field->key, max);
	if (buf.failed != ZYNC_OK)
		return zync_err_nomem(ctx->err, "reading the configuration");
	problem = text_problem(field, buf.data, buf.len);
	if (problem)
		return zync_cfg_problem(ctx, node->pos, "%s: the value is %s", field->key, problem);
	/* Secrets do not stay in the configuration's arena: they get an owner of their own. */
	text.value = zync_arena_strndup(secret ? ctx->scratch : ctx->arena, buf.data, buf.len);
	if (!text.value)
		return zync_err_nomem(ctx->err, "reading the configuration");
	text.secret = e.expanded || secret;
	ZYNC_TRY(hide_literal(ctx, field, &text));
	*ret = text;
	return ZYNC_OK;
}
