/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "zabbix/zabbix_priv.h"

/* --- the transport over HTTP ---------------------------------------------------------------------------------------------------------- */

static enum zync_status connect_send(void *ctx, const char *body, size_t len, const char *bearer, bool repeatable,
				     struct zync_http_reply *reply, struct zync_err *err)
{
	struct zync_http *http = ctx;
	ZYNC_AUTO_BUF authorization;
	const char *headers[] = {"Content-Type: application/json-rpc", NULL, NULL};
	struct zync_http_request request = {
		.method = "POST", .path = "", .headers = headers, .body = body, .body_len = len, .repeatable = repeatable};

	zync_buf_init(&authorization, 64u * 1024);
	if (bearer) {
		zync_buf_adds(&authorization, "Authorization: Bearer ");
		zync_buf_adds(&authorization, bearer);
		ZYNC_TRY(zync_buf_check(&authorization, "the API token", err));
		headers[1] = authorization.data;
	}
	return zync_http_perform(http, &request, reply, err);
}

static bool connect_outcome_unknown(void *ctx)
{
	return zync_http_outcome_unknown(ctx);
}

/* --- open and close ------------------------------------------------------------------------------------------------------------------- */

static enum zync_status connect_read_version(struct zync_zabbix *z, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_zbx_call call = {.method = "apiinfo.version", .kind = ZYNC_ZBX_OPEN, .params = "[]"};
	const struct zync_jval *result;
	const char *text;
	size_t len;

	if (!arena)
		return zync_err_nomem(err, "asking zabbix for its version");
	ZYNC_TRY(zync_zbx_call(z, &call, arena, &result, err));
	text = zync_jval_str(result);
	if (!zync_zbx_version_parse(text, &z->number))
		return zync_err_set(err, ZYNC_ERR_PROTOCOL,
				    "zabbix: %s answered the version \"%s\", which is none of Zabbix: check zabbix.url", z->config->url,
				    text ? text : "(no text)");
	len = ZYNC_MIN(strlen(text), sizeof(z->version) - 1);
	memcpy(z->version, text, len);
	z->version[len] = '\0';
	z->dialect = zync_zbx_dialect_find(z->number);
	if (!z->dialect)
		return zync_err_set(err, ZYNC_ERR_INVALID, "zabbix: Zync needs Zabbix 6.0 or newer, this is %s (%s)", z->version,
				    z->config->url);
	return ZYNC_OK;
}

static enum zync_status connect_take_user(struct zync_zabbix *z, const struct zync_jval *user, struct zync_err *err)
{
	uint64_t type = 0;
	const char *name = zync_arena_strdup(z->arena, zync_jval_get_str(user, "username"));

	if (!name && zync_jval_get_str(user, "username"))
		return zync_err_nomem(err, "logging in to zabbix");
	z->user.username = name ? name : "";
	z->user.userid = 0;
	z->user.roleid = 0;
	(void)zync_jval_to_u64(zync_jval_get(user, "userid"), &z->user.userid);
	(void)zync_jval_to_u64(zync_jval_get(user, "roleid"), &z->user.roleid);
	(void)zync_jval_to_u64(zync_jval_get(user, "type"), &type);
	z->user.type = type <= 3 ? (unsigned)type : 0;
	return ZYNC_OK;
}

enum zync_status zync_zbx_login(struct zync_zabbix *z, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena ? zync_jb_new(arena) : NULL;
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_secret *session = NULL;
	const struct zync_jval *user;
	enum zync_status status;

	if (!params)
		return zync_err_nomem(err, "logging in to zabbix");
	zync_jb_set_str(b, params, "username", z->config->username);
	zync_jb_set_str(b, params, "password", zync_secret_reveal(z->config->password));
	zync_jb_set_bool(b, params, "userData", true);
	status = zync_zbx_call_node(z, "user.login", ZYNC_ZBX_OPEN, b, params, arena, &user, err);
	if (status == ZYNC_ERR_REJECTED || status == ZYNC_ERR_AUTH) {
		(void)zync_err_set(err, ZYNC_ERR_AUTH, "%s (user \"%s\"; check zabbix.username and zabbix.password)",
				   err ? err->message : "", z->config->username);
		return ZYNC_ERR_AUTH;
	}
	ZYNC_TRY(status);
	if (zync_str_empty(zync_jval_get_str(user, "sessionid")))
		return zync_zbx_bad_reply("user.login", "sessionid", err);
	ZYNC_TRY(zync_secret_new(zync_jval_get_str(user, "sessionid"), &session, err));
	zync_secret_free(z->session);
	z->session = session;
	return connect_take_user(z, user, err);
}

static enum zync_status connect_prove_token(struct zync_zabbix *z, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena ? zync_jb_new(arena) : NULL;
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	const struct zync_jval *user;
	enum zync_status status;

	if (!params)
		return zync_err_nomem(err, "proving the token of zabbix");
	zync_jb_set_str(b, params, "token", zync_secret_reveal(z->config->token));
	status = zync_zbx_call_node(z, "user.checkAuthentication", ZYNC_ZBX_OPEN, b, params, arena, &user, err);
	if (status == ZYNC_ERR_REJECTED || status == ZYNC_ERR_AUTH) {
		(void)zync_err_set(err, ZYNC_ERR_AUTH,
				   "zabbix: the API token of \"%s\" was refused (%s): it is wrong, disabled or expired; make one under "
				   "Users > API tokens and set zabbix.token",
				   z->config->name ? z->config->name : "zabbix", err ? err->message : "");
		return ZYNC_ERR_AUTH;
	}
	ZYNC_TRY(status);
	return connect_take_user(z, user, err);
}

static enum zync_status connect_greet(struct zync_zabbix *z, struct zync_err *err)
{
	ZYNC_TRY(connect_read_version(z, err));
	return z->config->token ? connect_prove_token(z, err) : zync_zbx_login(z, err);
}

static enum zync_status connect_new(const struct zync_cfg_zabbix *config, bool (*cancelled)(void *), void *cancelled_ctx,
				    struct zync_zabbix **ret, struct zync_err *err)
{
	struct zync_zabbix *z;

	if (!config->token && (zync_str_empty(config->username) || !config->password))
		return zync_err_set(err, ZYNC_ERR_INVALID, "zabbix: neither a token nor username and password are configured for \"%s\"",
				    config->name ? config->name : "zabbix");
	z = zync_calloc(1, sizeof(*z));
	if (!z)
		return zync_err_nomem(err, "connecting to zabbix");
	z->config = config;
	z->cancelled = cancelled;
	z->cancelled_ctx = cancelled_ctx;
	z->arena = zync_arena_new(0);
	z->catalogue = zync_arena_new(ZYNC_ZBX_CATALOGUE_BYTES);
	if (!z->arena || !z->catalogue) {
		zync_zabbix_close(z);
		return zync_err_nomem(err, "connecting to zabbix");
	}
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(z->sizing); i++)
		zync_zbx_sizing_init(&z->sizing[i], (size_t)config->write_batch);
	*ret = z;
	return ZYNC_OK;
}

enum zync_status zync_zbx_open_over(const struct zync_cfg_zabbix *config, const struct zync_zbx_transport *transport,
				    bool (*cancelled)(void *), void *cancelled_ctx, struct zync_zabbix **ret, struct zync_err *err)
{
	struct zync_zabbix *z;
	enum zync_status status;

	ZYNC_TRY(connect_new(config, cancelled, cancelled_ctx, &z, err));
	z->transport = *transport;
	status = connect_greet(z, err);
	if (status != ZYNC_OK) {
		zync_zabbix_close(z);
		return status;
	}
	*ret = z;
	return ZYNC_OK;
}

enum zync_status zync_zabbix_open(const struct zync_cfg_zabbix *config, bool (*cancelled)(void *), void *cancelled_ctx,
				  struct zync_zabbix **ret, struct zync_err *err)
{
	struct zync_http_params params = {.what = "zabbix",
					  .base_url = config->url,
					  .ca_file = config->ca_file,
					  .insecure = !config->verify_tls,
					  .timeout_ms = config->timeout_ms,
					  .requests_per_second = config->requests_per_second,
					  .cancelled = cancelled,
					  .cancelled_ctx = cancelled_ctx};
	struct zync_zabbix *z;
	enum zync_status status;

	ZYNC_TRY(connect_new(config, cancelled, cancelled_ctx, &z, err));
	status = zync_http_new(&params, &z->http, err);
	if (status == ZYNC_OK) {
		z->transport =
			(struct zync_zbx_transport){.send = connect_send, .outcome_unknown = connect_outcome_unknown, .ctx = z->http};
		status = connect_greet(z, err);
	}
	if (status != ZYNC_OK) {
		zync_zabbix_close(z);
		return status;
	}
	*ret = z;
	return ZYNC_OK;
}

/* The session ends by itself one day; a log-out that fails is worth a line for the curious, no more. */
static void connect_logout(struct zync_zabbix *z)
{
	struct zync_zbx_call call = {.method = "user.logout", .kind = ZYNC_ZBX_READ, .params = "[]"};
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const struct zync_jval *result;
	struct zync_err err;

	/* Closing goes on when somebody cancelled. */
	z->cancelled = NULL;
	if (arena && zync_zbx_call(z, &call, arena, &result, &err) != ZYNC_OK)
		zync_log_debug("zabbix: log-out failed: %s", err.message);
}

void zync_zabbix_close(struct zync_zabbix *z)
{
	if (!z)
		return;
	if (z->session && !z->gone)
		connect_logout(z);
	zync_secret_free(z->session);
	zync_http_free(z->http);
	zync_arena_free(z->arena);
	zync_arena_free(z->catalogue);
	zync_free(z);
}

const char *zync_zabbix_version(const struct zync_zabbix *z)
{
	return z->version;
}

unsigned zync_zabbix_version_number(const struct zync_zabbix *z)
{
	return z->number;
}

const char *zync_zabbix_name(const struct zync_zabbix *z)
{
	return z->config->name ? z->config->name : "zabbix";
}

const struct zync_zabbix_stats *zync_zabbix_stats(const struct zync_zabbix *z)
{
	return &z->stats;
}
