/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <stdlib.h>
#include <string.h>

/* A variable that is set but empty counts as not set: that is how shells and unit files switch one off. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* Decode the field's variable into the struct at @p base. URLs may be given as a host name alone. */
static enum zync_status fill(struct zync_cfg_ctx *ctx, const struct zync_cfg_table *table, const char *key, void *base)
{
	const struct zync_cfg_field *field = zync_cfg_field_find(table, key);
	const char *value = variable(field->env);
	struct zync_cfg_node node = {.kind = ZYNC_CFG_SCALAR, .literal = true};
	enum zync_status status;

	if (!value)
		return ZYNC_OK;
	if (strcmp(key, "url") == 0 && !strstr(value, "://")) {
		value = zync_arena_printf(ctx->scratch, "https://%s", value);
		if (!value)
			return zync_err_nomem(ctx->err, "reading the environment");
	}
	node.text = value;
	node.text_len = strlen(value);
	ctx->variable = field->env;
	status = zync_cfg_decode_field(ctx, field, &node, base);
	ctx->variable = NULL;
	return status;
}

static bool given(const struct zync_cfg_node *section, const char *a, const char *b)
{
	return zync_cfg_node_get(section, a) || zync_cfg_node_get(section, b);
}

static enum zync_status fill_netbox(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *section, struct zync_config *config)
{
	const struct zync_cfg_table *table = zync_cfg_field_find(&zync_cfg_table_root, "netbox")->table;

	if (!given(section, "url", "url"))
		ZYNC_TRY(fill(ctx, table, "url", &config->netbox));
	if (!given(section, "token", "token_file"))
		ZYNC_TRY(fill(ctx, table, "token", &config->netbox));
	return ZYNC_OK;
}

/* A file that begins a log-in (user name or password) gets the other half, never a token; a token from the environment goes before a log-in. */
static enum zync_status fill_zabbix(struct zync_cfg_ctx *ctx, const struct zync_cfg_table *table, const struct zync_cfg_node *section,
				    struct zync_cfg_zabbix *zabbix)
{
	bool login = given(section, "username", "password") || given(section, "password_file", "password_file");

	if (!given(section, "url", "url"))
		ZYNC_TRY(fill(ctx, table, "url", zabbix));
	if (given(section, "token", "token_file"))
		return ZYNC_OK;
	if (!login && variable(zync_cfg_field_find(table, "token")->env))
		return fill(ctx, table, "token", zabbix);
	if (!given(section, "username", "username"))
		ZYNC_TRY(fill(ctx, table, "username", zabbix));
	if (!given(section, "password", "password_file"))
		ZYNC_TRY(fill(ctx, table, "password", zabbix));
	return ZYNC_OK;
}

enum zync_status zync_cfg_environment(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *root, struct zync_config *config)
{
	const struct zync_cfg_table *table = zync_cfg_field_find(&zync_cfg_table_root, "zabbix")->table;
	const struct zync_cfg_node *zabbix = zync_cfg_node_get(root, "zabbix");

	ZYNC_TRY(fill_netbox(ctx, zync_cfg_node_get(root, "netbox"), config));
	if (config->zabbix.len == 0) {
		struct zync_cfg_zabbix *server = ZYNC_NEW(ctx->arena, struct zync_cfg_zabbix);

		if (!server)
			return zync_err_nomem(ctx->err, "reading the environment");
		config->zabbix.items = server;
		config->zabbix.len = 1;
		ZYNC_TRY(zync_cfg_defaults(ctx, table, server));
	}
	if (zabbix && zabbix->kind == ZYNC_CFG_LIST)
		zabbix = zabbix->count > 0 ? zabbix->items[0] : NULL;
	return fill_zabbix(ctx, table, zabbix, &config->zabbix.items[0]);
}
