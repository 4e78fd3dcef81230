/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"

/* What a configuration without a file does: everything that NetBox has an address for, pinged and with an agent interface. */
static const char default_mappings[] = "mappings:\n"
				       "  - name: default\n"
				       "    set:\n"
				       "      host_groups: ['NetBox/{{ site.name | default(\"No site\") }}']\n"
				       "      templates: [ICMP Ping]\n"
				       "      interfaces: [{type: agent}]\n";

static struct zync_config *config_new(void)
{
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_config *config = arena ? ZYNC_NEW(arena, struct zync_config) : NULL;

	if (!config) {
		zync_arena_free(arena);
		return NULL;
	}
	config->arena = arena;
	return config;
}

void zync_config_free(struct zync_config *config)
{
	if (!config)
		return;
	zync_secret_free(config->netbox.token);
	for (size_t i = 0; i < config->zabbix.len; i++) {
		zync_secret_free(config->zabbix.items[i].token);
		zync_secret_free(config->zabbix.items[i].password);
	}
	/* The arena holds the struct itself. */
	zync_arena_free(config->arena);
}

const struct zync_cfg_zabbix *zync_config_zabbix(const struct zync_config *config, const char *name)
{
	for (size_t i = 0; i < config->zabbix.len; i++) {
		if (!name || zync_str_eq(config->zabbix.items[i].name, name))
			return &config->zabbix.items[i];
	}
	return NULL;
}

static enum zync_status config_too_large(const char *name, struct zync_err *err)
{
	(void)zync_err_set(err, ZYNC_ERR_INVALID, "%s: larger than %u bytes; a configuration is never that large", name,
			   ZYNC_LIMIT_CONFIG_BYTES);
	return ZYNC_ERR_INVALID;
}

static enum zync_status config_fill(struct zync_cfg_ctx *ctx, const char *text, size_t len, struct zync_config *config)
{
	struct zync_cfg_node *root = NULL;
	struct zync_cfg_node empty = {.kind = ZYNC_CFG_MAP, .pos = {1, 1}};

	ZYNC_TRY(zync_cfg_yaml_read(ctx, text, len, &root));
	/* Where the YAML itself is broken, what seems to be missing would only distract. */
	if (ctx->problem_count > 0)
		return zync_cfg_problems_check(ctx);
	ZYNC_TRY(zync_cfg_defaults(ctx, &zync_cfg_table_root, config));
	ZYNC_TRY(zync_cfg_decode(ctx, &zync_cfg_table_root, root ? root : &empty, config));
	if (root && root->kind != ZYNC_CFG_MAP)
		return zync_cfg_problems_check(ctx);
	ZYNC_TRY(zync_cfg_environment(ctx, root, config));
	ZYNC_TRY(zync_cfg_check(ctx, root, config));
	return zync_cfg_problems_check(ctx);
}

enum zync_status zync_config_parse(const char *name, const char *text, size_t len, struct zync_config **ret, struct zync_err *err)
{
	ZYNC_AUTO_CONFIG config = NULL;
	ZYNC_AUTO_ARENA scratch = NULL;
	struct zync_cfg_ctx ctx = {.name = name, .err = err};

	if (len > ZYNC_LIMIT_CONFIG_BYTES)
		return config_too_large(name, err);
	config = config_new();
	scratch = zync_arena_new(0);
	if (!config || !scratch)
		return zync_err_nomem(err, "reading the configuration");
	ctx.arena = config->arena;
	ctx.scratch = scratch;
	ZYNC_TRY(config_fill(&ctx, text, len, config));
	*ret = config;
	config = NULL;
	return ZYNC_OK;
}

static enum zync_status read_all(int fd, const char *path, struct zync_buf *out, struct zync_err *err)
{
	char chunk[8192];
	ssize_t got;

	do {
		got = read(fd, chunk, sizeof(chunk));
		if (got > 0)
			zync_buf_add(out, chunk, (size_t)got);
		else if (got < 0 && errno != EINTR)
			return zync_err_os(err, errno, "configuration %s", path);
	} while (got != 0 && out->failed == ZYNC_OK);
	if (out->failed == ZYNC_ERR_LIMIT)
		return config_too_large(path, err);
	return zync_buf_check(out, "the configuration", err);
}

/* Load @p path. *ret_found becomes false, with ZYNC_OK, when there is no such file. */
static enum zync_status load_file(const char *path, struct zync_config **ret, bool *ret_found, struct zync_err *err)
{
	ZYNC_AUTO_BUF text;
	enum zync_status status;
	char *copy;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	zync_buf_init(&text, ZYNC_LIMIT_CONFIG_BYTES);
	*ret_found = fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
	if (fd < 0 && !*ret_found)
		return ZYNC_OK;
	if (fd < 0)
		return zync_err_os(err, errno, "configuration %s", path);
	status = read_all(fd, path, &text, err);
	(void)close(fd);
	ZYNC_TRY(status);
	{
		ZYNC_AUTO_CONFIG config = NULL;

		ZYNC_TRY(zync_config_parse(path, text.data, text.len, &config, err));
		copy = zync_arena_strdup(config->arena, path);
		if (!copy)
			return zync_err_nomem(err, "reading the configuration");
		config->path = copy;
		*ret = config;
		config = NULL;
	}
	return ZYNC_OK;
}

static enum zync_status load_named(const char *path, const char *from, struct zync_config **ret, struct zync_err *err)
{
	bool found;

	ZYNC_TRY(load_file(path, ret, &found, err));
	if (!found)
		return zync_err_set(err, ZYNC_ERR_INVALID, "configuration %s (from %s) does not exist; write one with \"zync init\"", path,
				    from);
	return ZYNC_OK;
}

static enum zync_status load_environment(struct zync_config **ret, struct zync_err *err)
{
	static const char *const names[] = {"NETBOX_HOST", "NETBOX_TOKEN", "ZABBIX_HOST"};
	struct zync_config *config = NULL;
	const char *value;
	bool complete = true;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(names); i++) {
		value = getenv(names[i]);
		complete = complete && !zync_str_empty(value);
	}
	complete = complete && (!zync_str_empty(getenv("ZABBIX_TOKEN")) ||
				(!zync_str_empty(getenv("ZABBIX_USER")) && !zync_str_empty(getenv("ZABBIX_PASS"))));
	if (!complete)
		return zync_err_set(err, ZYNC_ERR_INVALID,
				    "no configuration: there is no ./zync.yaml, ~/.config/zync/zync.yaml or /etc/zync/zync.yaml. "
				    "Run \"zync init\" to write one, or set NETBOX_HOST, NETBOX_TOKEN, ZABBIX_HOST and ZABBIX_TOKEN "
				    "(or ZABBIX_USER and ZABBIX_PASS)");
	ZYNC_TRY(zync_config_parse("built-in configuration", default_mappings, sizeof(default_mappings) - 1, &config, err));
	*ret = config;
	return ZYNC_OK;
}

enum zync_status zync_config_load(const char *path, struct zync_config **ret, struct zync_err *err)
{
	const char *named = getenv("ZYNC_CONFIG"), *home = getenv("HOME");
	const char *places[3] = {"zync.yaml", NULL, "/etc/zync/zync.yaml"};
	ZYNC_AUTO_ARENA arena = NULL;
	bool found = false;

	if (path)
		return load_named(path, "--config", ret, err);
	if (!zync_str_empty(named))
		return load_named(named, "ZYNC_CONFIG", ret, err);
	arena = zync_arena_new(0);
	if (!arena)
		return zync_err_nomem(err, "looking for the configuration");
	if (!zync_str_empty(home)) {
		places[1] = zync_arena_printf(arena, "%s/.config/zync/zync.yaml", home);
		if (!places[1])
			return zync_err_nomem(err, "looking for the configuration");
	}
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(places) && !found; i++) {
		if (places[i])
			ZYNC_TRY(load_file(places[i], ret, &found, err));
	}
	return found ? ZYNC_OK : load_environment(ret, err);
}
