/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

struct url {
	const char *scheme;
	const char *host; /* in brackets for IPv6 */
	size_t host_len;
	const char *port; /* with its colon */
	size_t port_len;
	const char *path;
	size_t path_len;
	bool query; /* something follows the path */
};

/* Split @p text; returns NULL, or what is wrong with it. Never says what stands in it: it may hold a password. */
static const char *url_split(const char *text, struct url *ret)
{
	struct url url = {0};
	const char *s;
	size_t authority;

	if (strncasecmp(text, "https://", 8) == 0)
		url.scheme = "https://";
	else if (strncasecmp(text, "http://", 7) == 0)
		url.scheme = "http://";
	else
		return "expected a URL that begins with https:// or http://";
	s = text + strlen(url.scheme);
	for (const char *c = s; *c; c++) {
		if (isspace((unsigned char)*c) || *c == '\\' || *c == '"' || *c == '<' || *c == '>' || *c == '{' || *c == '}')
			return "the URL holds a character that no URL may have";
	}
	authority = strcspn(s, "/?#");
	if (memchr(s, '@', authority))
		return "a user and password in the URL are not supported; use the keys for tokens and passwords";
	url.host = s;
	if (*s == '[') {
		const char *close = memchr(s, ']', authority);

		if (!close || strspn(s + 1, "0123456789abcdefABCDEF:.") != (size_t)(close - s - 1) || close == s + 1)
			return "the IPv6 address in the URL is not valid";
		url.host_len = (size_t)(close - s) + 1;
	} else {
		const char *colon = memchr(s, ':', authority);

		url.host_len = colon ? (size_t)(colon - s) : authority;
	}
	if (url.host_len == 0)
		return "the URL has no host";
	url.port = s + url.host_len;
	url.port_len = authority - url.host_len;
	url.path = s + authority;
	url.path_len = strcspn(url.path, "?#");
	url.query = url.path[url.path_len] != '\0';
	*ret = url;
	return NULL;
}

static const char *url_port_problem(const struct url *url)
{
	unsigned long port = 0;

	if (url->port_len == 0)
		return NULL;
	if (url->port[0] != ':' || url->port_len < 2 || url->port_len > 6)
		return "the port of the URL is not a number from 1 to 65535";
	for (size_t i = 1; i < url->port_len; i++) {
		if (!isdigit((unsigned char)url->port[i]))
			return "the port of the URL is not a number from 1 to 65535";
		port = port * 10 + (unsigned long)(url->port[i] - '0');
	}
	return port >= 1 && port <= 65535 ? NULL : "the port of the URL is not a number from 1 to 65535";
}

static void url_trim_slashes(struct url *url)
{
	while (url->path_len > 0 && url->path[url->path_len - 1] == '/')
		url->path_len--;
}

static bool url_path_ends(const struct url *url, const char *end)
{
	size_t len = strlen(end);

	return url->path_len >= len && memcmp(url->path + url->path_len - len, end, len) == 0;
}

static enum zync_status url_join(struct zync_cfg_ctx *ctx, const struct url *url, const char *suffix, const char **ret)
{
	char *text = zync_arena_printf(ctx->arena, "%s%.*s%.*s%.*s%s", url->scheme, (int)url->host_len, url->host, (int)url->port_len,
				       url->port, (int)url->path_len, url->path, suffix);

	if (!text)
		return zync_err_nomem(ctx->err, "reading the configuration");
	for (size_t i = strlen(url->scheme); i < strlen(url->scheme) + url->host_len; i++)
		text[i] = (char)tolower((unsigned char)text[i]);
	*ret = text;
	return ZYNC_OK;
}

static enum zync_status url_read(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
				 struct url *ret, bool *ret_ok)
{
	struct url url = {0};
	const char *problem = url_split(text->value, &url);

	if (!problem)
		problem = url_port_problem(&url);
	*ret_ok = !problem;
	if (problem)
		return zync_cfg_problem(ctx, text->pos, "%s: %s; example: %s", field->key, problem, field->example);
	*ret = url;
	return ZYNC_OK;
}

enum zync_status zync_cfg_convert_netbox_url(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					     const char **ret)
{
	struct url url;
	bool ok;

	ZYNC_TRY(url_read(ctx, field, text, &url, &ok));
	if (!ok)
		return ZYNC_OK;
	if (url.query)
		return zync_cfg_problem(ctx, text->pos, "%s: the base URL of NetBox has no \"?\" or \"#\"; example: %s", field->key,
					field->example);
	url_trim_slashes(&url);
	if (url_path_ends(&url, "/api")) {
		url.path_len -= strlen("/api");
		url_trim_slashes(&url);
	}
	return url_join(ctx, &url, "", ret);
}

/* Addresses copied from a browser (…/index.php, …/zabbix.php?action=…) are understood, too. */
enum zync_status zync_cfg_convert_zabbix_url(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					     const char **ret)
{
	struct url url;
	bool ok;

	ZYNC_TRY(url_read(ctx, field, text, &url, &ok));
	if (!ok)
		return ZYNC_OK;
	if (url_path_ends(&url, ".php")) {
		while (url.path[url.path_len - 1] != '/')
			url.path_len--;
	} else if (url.query) {
		return zync_cfg_problem(ctx, text->pos, "%s: the URL of Zabbix has no \"?\" or \"#\"; example: %s", field->key,
					field->example);
	}
	url_trim_slashes(&url);
	return url_join(ctx, &url, "/api_jsonrpc.php", ret);
}

const char *zync_cfg_url_host(struct zync_arena *arena, const char *url)
{
	struct url parts = {0};
	const char *problem = url_split(url, &parts);
	char *host;

	ZYNC_ASSERT(!problem);
	if (parts.host[0] == '[') {
		parts.host++;
		parts.host_len -= 2;
	}
	host = zync_arena_strndup(arena, parts.host, parts.host_len);
	for (char *c = host; c && *c; c++)
		*c = *c == ':' ? '-' : *c;
	return host;
}
