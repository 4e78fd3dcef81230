/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host_group_format: "site/manufacturer/'Prod'" of netbox-zabbix-sync, turned into a template. A known name wins over a custom field of that name; what is empty for an
 * object is left out of the path, as in any host group.
 */
#include "rules/rules_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static const struct {
	const char *token;
	const char *path; /* a value with `parent`, where the token may be traversed */
} format_tokens[] = {
	{"cluster", "cluster.name"},
	{"cluster_type", "cluster.type.name"},
	{"device_type", "device_type.model"},
	{"location", "location"},
	{"manufacturer", "device_type.manufacturer.name"},
	{"platform", "platform"},
	{"rack", "rack.name"},
	{"region", "site.region"},
	{"role", "role"},
	{"site", "site.name"},
	{"site_group", "site.group"},
	{"tenant", "tenant.name"},
	{"tenant_group", "tenant.group"},
};

static bool format_traversed(const struct rules_compiler *c, const char *token)
{
	const struct zync_cfg_texts *traverse = &c->rules->config->rules.traverse;

	for (size_t i = 0; i < traverse->len; i++)
		if (zync_str_eq(traverse->items[i].value, token))
			return true;
	return false;
}

static bool format_is_quoted(const char *part, size_t len)
{
	return len >= 2 && (part[0] == '\'' || part[0] == '"') && part[len - 1] == part[0];
}

/* A text of the language in quotes. */
static void format_add_text(struct zync_buf *out, const char *text, size_t len)
{
	zync_buf_adds(out, "{{ \"");
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			zync_buf_addc(out, '\\');
		zync_buf_addc(out, text[i]);
	}
	zync_buf_adds(out, "\" }}");
}

static void format_add_token(struct rules_compiler *c, struct zync_buf *out, const char *part, size_t len)
{
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(format_tokens); i++) {
		if (strlen(format_tokens[i].token) != len || strncmp(format_tokens[i].token, part, len) != 0)
			continue;
		zync_buf_printf(out, "{{ %s%s }}", format_tokens[i].path, format_traversed(c, format_tokens[i].token) ? " | path" : "");
		return;
	}
	zync_buf_adds(out, "{{ custom_fields[\"");
	for (size_t i = 0; i < len; i++) {
		if (part[i] == '"' || part[i] == '\\')
			zync_buf_addc(out, '\\');
		zync_buf_addc(out, part[i]);
	}
	zync_buf_adds(out, "\"] }}");
}

/* The end of a part: a slash inside quotes is none. */
static size_t format_part_len(const char *part)
{
	const char *end = part[0] == '\'' || part[0] == '"' ? strchr(part + 1, part[0]) : NULL;

	if (end != NULL && (end[1] == '/' || end[1] == '\0'))
		return (size_t)(end - part) + 1;
	return strcspn(part, "/");
}

static void format_part(struct rules_compiler *c, const struct zync_cfg_text *format, const char *part, size_t len, struct zync_buf *out)
{
	if (len == 0) {
		rules_problem(c, format->pos, "host_group_format: \"%s\" has nothing between two slashes, or a slash at its begin or end",
			      rules_shown(&(struct rules_text){.cfg = format}, format->value));
	} else if (format_is_quoted(part, len)) {
		format_add_text(out, part + 1, len - 2);
	} else if (part[0] == '\'' || part[0] == '"') {
		rules_problem(c, format->pos, "host_group_format: a quotation mark has no counterpart in \"%.*s\"", (int)len, part);
	} else {
		format_add_token(c, out, part, len);
	}
}

/* *ret is a text of the configuration whose value is the template. */
static enum zync_status format_translate(struct rules_compiler *c, const struct zync_cfg_text *format, struct zync_cfg_text **ret)
{
	struct zync_cfg_text *text = ZYNC_NEW(c->arena, struct zync_cfg_text);
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_SOURCE);
	if (text == NULL)
		return rules_compile_nomem(c);
	for (const char *part = format->value;; part++) {
		size_t len = format_part_len(part);

		format_part(c, format, part, len, &out);
		part += len;
		if (*part == '\0')
			break;
		zync_buf_addc(&out, '/');
	}
	ZYNC_TRY(zync_buf_check(&out, "a host group format", c->err));
	*text = (struct zync_cfg_text){.value = zync_arena_strdup(c->arena, out.data), .pos = format->pos, .secret = format->secret};
	if (text->value == NULL)
		return rules_compile_nomem(c);
	*ret = text;
	return ZYNC_OK;
}

enum zync_status rules_compile_group_formats(struct rules_compiler *c, const struct zync_cfg_texts *formats, struct rules_texts *out)
{
	struct rules_text *items;

	if (formats->len == 0)
		return ZYNC_OK;
	items = ZYNC_NEW_ARRAY(c->arena, struct rules_text, out->len + formats->len);
	if (items == NULL)
		return rules_compile_nomem(c);
	if (out->len > 0)
		memcpy(items, out->items, out->len * sizeof(*items));
	for (size_t i = 0; i < formats->len; i++) {
		struct zync_cfg_text *text = NULL;

		ZYNC_TRY(format_translate(c, &formats->items[i], &text));
		ZYNC_TRY(rules_compile_text(c, text, "host_group_format", &items[out->len + i]));
	}
	out->items = items;
	out->len += formats->len;
	return ZYNC_OK;
}
