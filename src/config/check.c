/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"

#define SUFFIX_MAX 32 /* characters of the graveyard suffix; a technical name has 128 */

static enum zync_status check_nomem(const struct zync_cfg_ctx *ctx)
{
	return zync_err_nomem(ctx->err, "checking the configuration");
}

/* "sqlite:PATH" or a PostgreSQL URL, whose password is a secret. */
enum zync_status zync_cfg_convert_store(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					const char **ret)
{
	const char *s = text->value, *colon, *at;

	if (zync_str_starts(s, "sqlite:") && s[7]) {
		*ret = s;
		return ZYNC_OK;
	}
	if (!zync_str_starts(s, "postgresql://") && !zync_str_starts(s, "postgres://"))
		return zync_cfg_problem(ctx, text->pos, "%s: expected sqlite:PATH or postgresql://…; example: %s", field->key, field->def);
	s = strstr(s, "://") + 3;
	at = memchr(s, '@', strcspn(s, "/?#"));
	colon = at ? memchr(s, ':', (size_t)(at - s)) : NULL;
	if (colon && at - colon > 1) {
		const char *password = zync_arena_strndup(ctx->scratch, colon + 1, (size_t)(at - colon) - 1);

		if (!password)
			return check_nomem(ctx);
		ZYNC_TRY(zync_log_add_secret(password, ctx->err));
	}
	*ret = text->value;
	return ZYNC_OK;
}

/* Letters, digits, dot, dash and underscore: parts of ownership marks, names of custom fields and of servers. */
enum zync_status zync_cfg_convert_word(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
				       const char **ret)
{
	size_t len = strlen(text->value);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text->value[i];

		if (!isalnum(c) && c != '.' && c != '-' && c != '_')
			return zync_cfg_problem(ctx, text->pos, "%s: only letters, digits, dots, dashes and underscores are allowed",
						field->key);
	}
	if (len > 128)
		return zync_cfg_problem(ctx, text->pos, "%s: longer than 128 characters", field->key);
	*ret = text->value;
	return ZYNC_OK;
}

enum zync_status zync_cfg_convert_group(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					const char **ret)
{
	const char *s = text->value;

	if (*s == '/' || zync_str_ends(s, "/") || strstr(s, "//"))
		return zync_cfg_problem(ctx, text->pos, "%s: a host group name has no empty part before, between or after slashes",
					field->key);
	if (zync_utf8_len(s) > 255)
		return zync_cfg_problem(ctx, text->pos, "%s: a host group name has at most 255 characters", field->key);
	*ret = s;
	return ZYNC_OK;
}

/* It becomes part of the technical name, which is ASCII and does not end in a space (Zabbix 6.0 and 7.0). */
enum zync_status zync_cfg_convert_suffix(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					 const char **ret)
{
	size_t len = strlen(text->value);

	if (len > SUFFIX_MAX || zync_str_ends(text->value, " "))
		return zync_cfg_problem(ctx, text->pos, "%s: at most %d characters, not ending in a space", field->key, SUFFIX_MAX);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text->value[i];

		if (!isalnum(c) && c != ' ' && c != '.' && c != '-' && c != '_')
			return zync_cfg_problem(
				ctx, text->pos,
				"%s: a technical host name may only have letters, digits, spaces, dots, dashes and underscores",
				field->key);
	}
	*ret = text->value;
	return ZYNC_OK;
}

/* The value of a secret macro is a secret, unless it is a template that is rendered for each host. */
enum zync_status zync_cfg_check_macro(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *node, void *base)
{
	struct zync_cfg_macro *macro = base;

	(void)node;
	if (!macro->value.value || !*macro->value.value || !zync_str_eq(macro->type.value, "secret") || strstr(macro->value.value, "{{"))
		return ZYNC_OK;
	macro->value.secret = true;
	return zync_log_add_secret(macro->value.value, ctx->err);
}

enum zync_status zync_cfg_check_set(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *node, void *base)
{
	const struct zync_cfg_set *set = base;
	struct zync_map *names = zync_map_new(ctx->scratch);

	if (!names)
		return check_nomem(ctx);
	if (set->proxy.value && set->proxy_group.value)
		ZYNC_TRY(zync_cfg_problem(ctx, node->pos, "\"proxy\" and \"proxy_group\" are both set; a host has one or the other"));
	for (size_t i = 0; i < set->macros.len; i++) {
		struct zync_cfg_macro *macro = &set->macros.items[i];
		const struct zync_cfg_macro *first = macro->macro.value ? zync_map_get(names, macro->macro.value) : NULL;

		if (first)
			ZYNC_TRY(zync_cfg_problem(ctx, macro->macro.pos, "macros: the same macro is given twice, first in line %u",
						  first->macro.pos.line));
		else if (macro->macro.value)
			ZYNC_TRY(zync_map_put(names, macro->macro.value, macro, ctx->err));
	}
	return ZYNC_OK;
}

/* Position for "X is missing": the section, or the top of the file. */
static struct zync_cfg_pos section_pos(const struct zync_cfg_node *section, const struct zync_cfg_node *root)
{
	if (section)
		return section->pos;
	return root ? root->pos : (struct zync_cfg_pos){1, 1};
}

static enum zync_status check_netbox(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *root, struct zync_config *config)
{
	const struct zync_cfg_node *section = zync_cfg_node_get(root, "netbox");
	struct zync_cfg_pos pos = section_pos(section, root);
	struct zync_cfg_netbox *netbox = &config->netbox;

	/* Not a section at all: that is told already. */
	if (section && section->kind != ZYNC_CFG_MAP)
		return ZYNC_OK;
	if (!netbox->url && !zync_cfg_node_get(section, "url"))
		ZYNC_TRY(zync_cfg_problem(ctx, pos, "netbox: \"url\" is missing; give the base URL of NetBox, or set NETBOX_HOST"));
	if (!netbox->token && !zync_cfg_node_get(section, "token") && !zync_cfg_node_get(section, "token_file"))
		ZYNC_TRY(zync_cfg_problem(ctx, pos, "netbox: \"token\" is missing; give token or token_file, or set NETBOX_TOKEN"));
	if (!netbox->devices && !netbox->virtual_machines)
		ZYNC_TRY(zync_cfg_problem(ctx, pos, "netbox: devices and virtual_machines are both switched off; nothing is left to read"));
	if (netbox->url && !netbox->instance) {
		netbox->instance = zync_cfg_url_host(ctx->arena, netbox->url);
		if (!netbox->instance)
			return check_nomem(ctx);
	}
	return ZYNC_OK;
}

static enum zync_status check_zabbix_access(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *section, struct zync_cfg_pos pos,
					    const struct zync_cfg_zabbix *zabbix)
{
	bool token = zabbix->token || zync_cfg_node_get(section, "token") || zync_cfg_node_get(section, "token_file");
	bool user = zabbix->username || zync_cfg_node_get(section, "username");
	bool password = zabbix->password || zync_cfg_node_get(section, "password") || zync_cfg_node_get(section, "password_file");

	if (!zabbix->url && !zync_cfg_node_get(section, "url"))
		ZYNC_TRY(zync_cfg_problem(ctx, pos, "zabbix: \"url\" is missing; give the URL of the Zabbix frontend, or set ZABBIX_HOST"));
	if (token && (user || password))
		return zync_cfg_problem(ctx, pos, "zabbix: token and username or password are both given; keep one way to log in");
	if (!token && !user && !password)
		return zync_cfg_problem(
			ctx, pos, "zabbix: \"token\" is missing; give token, token_file, or username and password, or set ZABBIX_TOKEN");
	if (!token && !user)
		return zync_cfg_problem(ctx, pos, "zabbix: a password without \"username\"; give it, or set ZABBIX_USER");
	if (!token && !password)
		return zync_cfg_problem(ctx, pos,
					"zabbix: \"username\" without a password; give password or password_file, or set ZABBIX_PASS");
	return ZYNC_OK;
}

/* The section of server @p index: the file may give one, a list, or (when the environment made the server) neither. */
static const struct zync_cfg_node *zabbix_entry(const struct zync_cfg_node *section, size_t index)
{
	if (!section || section->kind != ZYNC_CFG_LIST)
		return section;
	return index < section->count ? section->items[index] : NULL;
}

static enum zync_status check_zabbix(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *root, struct zync_config *config)
{
	const struct zync_cfg_node *section = zync_cfg_node_get(root, "zabbix");
	struct zync_map *names = zync_map_new(ctx->scratch);

	if (!names)
		return check_nomem(ctx);
	for (size_t i = 0; i < config->zabbix.len; i++) {
		struct zync_cfg_zabbix *zabbix = &config->zabbix.items[i];
		const struct zync_cfg_node *entry = zabbix_entry(section, i);
		struct zync_cfg_pos pos = section_pos(entry, root);

		if (section && (!entry || entry->kind != ZYNC_CFG_MAP))
			continue;
		ZYNC_TRY(check_zabbix_access(ctx, entry, pos, zabbix));
		if (zabbix->max_in_flight > 1)
			ZYNC_TRY(zync_cfg_problem(ctx, pos,
						  "zabbix: max_in_flight is %lld, but this version makes one write call at a time; set it "
						  "to 1 or leave it out",
						  (long long)zabbix->max_in_flight));
		if (!zabbix->name)
			continue;
		if (zync_map_get(names, zabbix->name))
			ZYNC_TRY(zync_cfg_problem(ctx, pos, "zabbix: two servers have the name \"%s\"; give each a \"name\" of its own",
						  zabbix->name));
		ZYNC_TRY(zync_map_put(names, zabbix->name, zabbix, ctx->err));
	}
	return ZYNC_OK;
}

static enum zync_status check_status_words(struct zync_cfg_ctx *ctx, const struct zync_cfg_pairs *pairs)
{
	for (size_t i = 0; i < pairs->len; i++) {
		if (pairs->items[i].values.len != 1)
			ZYNC_TRY(zync_cfg_problem(ctx, pairs->items[i].key.pos, "status: a NetBox status has one meaning, not a list"));
	}
	return ZYNC_OK;
}

static enum zync_status default_key_file(struct zync_cfg_ctx *ctx, struct zync_config *config)
{
	if (config->key_file || !config->store)
		return ZYNC_OK;
	if (zync_str_starts(config->store, "sqlite:"))
		config->key_file = zync_arena_printf(ctx->arena, "%s.key", config->store + strlen("sqlite:"));
	else
		config->key_file = zync_arena_strdup(ctx->arena, "zync.key");
	return config->key_file ? ZYNC_OK : check_nomem(ctx);
}

enum zync_status zync_cfg_check(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *root, struct zync_config *config)
{
	ZYNC_TRY(check_netbox(ctx, root, config));
	ZYNC_TRY(check_zabbix(ctx, root, config));
	ZYNC_TRY(check_status_words(ctx, &config->status.device));
	ZYNC_TRY(check_status_words(ctx, &config->status.virtual_machine));
	return default_key_file(ctx, config);
}
