/* SPDX-License-Identifier: Apache-2.0 */
#include "zabbix_test.h"

#include <inttypes.h>
#include <stdio.h>

void expect_words(const char *text, const char *words)
{
	if (!text || !strstr(text, words))
		fail_msg("\"%s\" is not in: %s", words, text ? text : "(nothing)");
}

static const char *request_id(const struct zync_jval *request, struct zync_arena *arena)
{
	const char *id = zync_jval_text(arena, zync_jval_get(request, "id"));

	return id ? id : "null";
}

/* The body of a reply in the short forms of a script. */
static const char *reply_text(const char *reply, const char *id, struct zync_arena *arena)
{
	const char *at;

	if (reply[0] == '=')
		return zync_arena_printf(arena, "{\"jsonrpc\":\"2.0\",\"result\":%s,\"id\":%s}", reply + 1, id);
	if (reply[0] == '!')
		return zync_arena_printf(
			arena,
			"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32602,\"message\":\"Invalid params.\",\"data\":\"%s\"},\"id\":%s}",
			reply + 1, id);
	at = strstr(reply, "@ID@");
	return at ? zync_arena_printf(arena, "%.*s%s%s", (int)(at - reply), reply, id, at + 4) : reply;
}

/* What the fake says without a script; NULL when the script has to. */
static const char *reply_by_itself(struct fake *f, const char *method)
{
	if (f->raw || !method)
		return NULL;
	if (zync_str_eq(method, "apiinfo.version"))
		return zync_arena_printf(f->arena, "=\"%s\"", f->version);
	if (zync_str_eq(method, "user.checkAuthentication"))
		return "={\"userid\":\"1\",\"username\":\"Admin\",\"roleid\":\"3\",\"type\":3}";
	if (zync_str_eq(method, "user.login"))
		return zync_arena_printf(
			f->arena, "={\"userid\":\"1\",\"username\":\"zync\",\"roleid\":\"3\",\"type\":3,\"sessionid\":\"session-%u\"}",
			++f->logins);
	if (zync_str_eq(method, "user.logout")) {
		f->logouts++;
		return "=true";
	}
	return NULL;
}

static enum zync_status take_step(struct fake *f, const char *body, const char *id, struct zync_http_reply *reply, struct zync_err *err)
{
	const struct step *step = &f->steps[f->at];

	if (f->at >= f->count)
		fail_msg("a request too many: %s", body);
	f->at++;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(step->expect) && step->expect[i]; i++)
		expect_words(body, step->expect[i]);
	if (step->lost)
		return zync_err_set(err, ZYNC_ERR_UNREACHABLE, "zabbix: connection lost");
	reply->status = step->status ? step->status : 200;
	zync_buf_adds(&reply->body, reply_text(step->reply, id, f->arena));
	return ZYNC_OK;
}

static enum zync_status fake_answer(struct fake *f, const char *body, size_t len, const char *bearer, struct zync_http_reply *reply,
				    struct zync_err *err)
{
	const struct zync_jval *request = NULL;
	const char *text;

	zync_buf_clear(&reply->body);
	OK(zync_json_parse(f->arena, body, len, &request, ok_err));
	(void)snprintf(f->last_bearer, sizeof(f->last_bearer), "%s", bearer ? bearer : "");
	(void)snprintf(f->last_body, sizeof(f->last_body), "%s", body);
	reply->attempts = 1;
	text = reply_by_itself(f, zync_jval_get_str(request, "method"));
	if (!text && !f->server)
		return take_step(f, body, request_id(request, f->arena), reply, err);
	if (!text)
		text = f->server(f, request, f->arena);
	if (!text)
		return zync_err_set(err, ZYNC_ERR_UNREACHABLE, "zabbix: connection lost");
	reply->status = 200;
	zync_buf_adds(&reply->body, reply_text(text, request_id(request, f->arena), f->arena));
	return ZYNC_OK;
}

static enum zync_status fake_send(void *ctx, const char *body, size_t len, const char *bearer, bool repeatable,
				  struct zync_http_reply *reply, struct zync_err *err)
{
	enum zync_status status;

	(void)repeatable;
	fault_pause(true);
	status = fake_answer(ctx, body, len, bearer, reply, err);
	fault_pause(false);
	return status;
}

static bool fake_unknown(void *ctx)
{
	const struct fake *f = ctx;

	return f->server || (f->at > 0 && f->steps[f->at - 1].unknown);
}

void fake_prepare(struct fake *f, const char *version, bool by_token, const struct step *steps, size_t count)
{
	f->version = version;
	f->steps = steps;
	f->count = count;
	f->arena = zync_arena_new(0);
	assert_non_null(f->arena);
	OK(zync_secret_new("token-token-token", &f->token, ok_err));
	OK(zync_secret_new("password-password", &f->password, ok_err));
	f->config = (struct zync_cfg_zabbix){.name = "main",
					     .url = "https://zabbix.example.com/api_jsonrpc.php",
					     .token = by_token ? f->token : NULL,
					     .username = "zync",
					     .password = f->password,
					     .read_page = 2,
					     .write_batch = 100,
					     .target_call_ms = 1000};
}

enum zync_status fake_connect(struct fake *f, struct zync_err *err)
{
	struct zync_zbx_transport transport = {.send = fake_send, .outcome_unknown = fake_unknown, .ctx = f};

	return zync_zbx_open_over(&f->config, &transport, NULL, NULL, &f->z, err);
}

enum zync_status fake_try_open(struct fake *f, const char *version, bool by_token, const struct step *steps, size_t count,
			       struct zync_err *err)
{
	fake_prepare(f, version, by_token, steps, count);
	return fake_connect(f, err);
}

void fake_open(struct fake *f, const char *version, bool by_token, const struct step *steps, size_t count)
{
	OK(fake_try_open(f, version, by_token, steps, count, ok_err));
}

void fake_script(struct fake *f, const struct step *steps, size_t count)
{
	assert_int_equal(f->at, f->count);
	f->steps = steps;
	f->count = count;
	f->at = 0;
}

void fake_close(struct fake *f)
{
	if (f->at != f->count)
		fail_msg("only %zu of %zu steps were used", f->at, f->count);
	zync_zabbix_close(f->z);
	zync_secret_free(f->token);
	zync_secret_free(f->password);
	zync_arena_free(f->arena);
	zync_log_reset();
}
