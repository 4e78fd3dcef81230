/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "zabbix/zabbix_priv.h"

#define RPC_BUSY_ATTEMPTS 6u	/* of a write that the server turned away with HTTP 429 */
#define RPC_BUSY_WAIT_MS  1000u /* doubled each time */
#define RPC_SLICE_MS	  100	/* how long cancelling may have to wait */

enum zync_status zync_zbx_check_cancelled(const struct zync_zabbix *z, struct zync_err *err)
{
	if (z->cancelled && z->cancelled(z->cancelled_ctx))
		return zync_err_set(err, ZYNC_ERR_CANCELLED, "zabbix: cancelled");
	return ZYNC_OK;
}

enum zync_status zync_zbx_bad_reply(const char *method, const char *lacks, struct zync_err *err)
{
	return zync_err_set(err, ZYNC_ERR_PROTOCOL, "zabbix: %s: the reply has no %s: is zabbix.url really a Zabbix API?", method, lacks);
}

/* The secret that authorises: the configured token, or the session of the password login. */
static const char *rpc_credential(const struct zync_zabbix *z)
{
	return z->session ? zync_secret_reveal(z->session) : zync_secret_reveal(z->config->token);
}

/* Append one request. Texts go through the JSON builder, params are JSON already. */
static enum zync_status rpc_add_request(const struct zync_zabbix *z, const struct zync_zbx_call *call, uint64_t id,
					struct zync_arena *arena, struct zync_buf *body, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	const char *text;

	if (!b)
		return zync_err_nomem(err, "building a request to zabbix");
	zync_buf_adds(body, "{\"jsonrpc\":\"2.0\",\"method\":");
	ZYNC_TRY(zync_jb_text(b, zync_jb_str(b, call->method), ZYNC_JSON_COMPACT, arena, &text, err));
	zync_buf_adds(body, text);
	if (call->kind != ZYNC_ZBX_OPEN && !z->dialect->bearer) {
		ZYNC_TRY(zync_jb_text(b, zync_jb_str(b, rpc_credential(z)), ZYNC_JSON_COMPACT, arena, &text, err));
		zync_buf_adds(body, ",\"auth\":");
		zync_buf_adds(body, text);
	}
	zync_buf_printf(body, ",\"id\":%" PRIu64 ",\"params\":", id);
	zync_buf_adds(body, call->params);
	zync_buf_addc(body, '}');
	return ZYNC_OK;
}

/* Wait before a write that was turned away is sent again, in slices so that cancelling is heard. */
static enum zync_status rpc_wait(const struct zync_zabbix *z, int64_t ms, struct zync_err *err)
{
	int64_t end = zync_clock_mono_ms() + ms;

	while (zync_clock_mono_ms() < end) {
		ZYNC_TRY(zync_zbx_check_cancelled(z, err));
		(void)zync_clock_sleep_ms(ZYNC_MIN(ms, (int64_t)RPC_SLICE_MS));
	}
	return ZYNC_OK;
}

/*
 * Send and judge the HTTP side. 429 means that the request was not looked at, so that even a write may be sent again; the HTTP client
 * itself repeats only what is repeatable.
 */
static enum zync_status rpc_exchange(struct zync_zabbix *z, const struct zync_buf *body, enum zync_zbx_call_kind kind,
				     struct zync_http_reply *reply, struct zync_err *err)
{
	const char *bearer = kind != ZYNC_ZBX_OPEN && z->dialect->bearer ? rpc_credential(z) : NULL;
	enum zync_status status;

	for (unsigned attempt = 1;; attempt++) {
		status = z->transport.send(z->transport.ctx, body->data, body->len, bearer, kind != ZYNC_ZBX_WRITE, reply, err);
		if (status != ZYNC_OK) {
			z->unknown = kind == ZYNC_ZBX_WRITE && z->transport.outcome_unknown(z->transport.ctx);
			return status;
		}
		z->stats.http_requests += reply->attempts ? reply->attempts : 1;
		z->stats.bytes_received += reply->body.len;
		if (reply->status != 429 || kind != ZYNC_ZBX_WRITE || attempt == RPC_BUSY_ATTEMPTS)
			break;
		ZYNC_TRY(rpc_wait(z, (int64_t)RPC_BUSY_WAIT_MS << (attempt - 1), err));
	}
	status = zync_zbx_reply_check(z, reply, err);
	if (status !=
	    ZYNC_OK) /* A gateway's 502 or 504, or a page of PHP, says nothing about what the server did; a 4xx or a redirect does. */
		z->unknown = kind == ZYNC_ZBX_WRITE && (reply->status == 200 || reply->status >= 500);
	return status;
}

/* Send the body and parse the reply into @p arena. */
static enum zync_status rpc_roundtrip(struct zync_zabbix *z, const struct zync_buf *body, enum zync_zbx_call_kind kind, const char *method,
				      struct zync_arena *arena, const struct zync_jval **ret_root, struct zync_err *err)
{
	struct zync_http_reply reply;
	int64_t start = zync_clock_mono_us();
	enum zync_status status;

	z->unknown = false;
	ZYNC_TRY(zync_zbx_check_cancelled(z, err));
	zync_http_reply_init(&reply, ZYNC_LIMIT_REPLY_BYTES);
	status = rpc_exchange(z, body, kind, &reply, err);
	if (status == ZYNC_OK) {
		status = zync_json_parse(arena, reply.body.data, reply.body.len, ret_root, err);
		if (status != ZYNC_OK) {
			z->unknown = kind == ZYNC_ZBX_WRITE;
			status = zync_err_wrap(err, status, "zabbix: the reply to %s is broken", method);
		}
	}
	z->gone = status == ZYNC_ERR_UNREACHABLE;
	zync_log_debug("zabbix: %s %zu bytes out, %zu in, %" PRId64 " us, %s", method, body->len, reply.body.len,
		       zync_clock_mono_us() - start, zync_status_name(status));
	zync_http_reply_done(&reply);
	return status;
}

/* "host.create", "hostgroup.create" … count as writes, logins do not. */
static void rpc_count(struct zync_zabbix *z, const struct zync_zbx_call *call)
{
	z->stats.calls++;
	if (call->kind == ZYNC_ZBX_WRITE)
		z->stats.write_calls++;
}

static enum zync_status rpc_send_one(struct zync_zabbix *z, const struct zync_zbx_call *call, struct zync_arena *arena,
				     const struct zync_jval **ret_root, struct zync_err *err)
{
	ZYNC_AUTO_BUF body;
	uint64_t id = ++z->next_id;
	uint64_t answered;

	zync_buf_init(&body, ZYNC_LIMIT_REQUEST_BYTES);
	ZYNC_TRY(rpc_add_request(z, call, id, arena, &body, err));
	ZYNC_TRY(zync_buf_check(&body, "a request to zabbix", err));
	rpc_count(z, call);
	ZYNC_TRY(rpc_roundtrip(z, &body, call->kind, call->method, arena, ret_root, err));
	/* The id of an error may be null, that of a result may not be another one. */
	if (zync_jval_get(*ret_root, "result") && !(zync_jval_to_u64(zync_jval_get(*ret_root, "id"), &answered) && answered == id)) {
		z->unknown = call->kind == ZYNC_ZBX_WRITE;
		return zync_zbx_bad_reply(call->method, "id of the request", err);
	}
	return ZYNC_OK;
}

static enum zync_status rpc_token_refused(const struct zync_zabbix *z, enum zync_status status, struct zync_err *err)
{
	long code;

	if (!err)
		return status;
	code = err->code;
	(void)zync_err_set(
		err, ZYNC_ERR_AUTH,
		"%s The API token of \"%s\" is wrong, disabled or expired: make one under Users > API tokens and set zabbix.token",
		err->message, z->config->name ? z->config->name : "zabbix");
	return zync_err_origin(err, ZYNC_ORIGIN_JSONRPC, code);
}

enum zync_status zync_zbx_call(struct zync_zabbix *z, const struct zync_zbx_call *call, struct zync_arena *arena,
			       const struct zync_jval **ret_result, struct zync_err *err)
{
	const struct zync_jval *root;
	const struct zync_jval *error;
	enum zync_status status;

	ZYNC_TRY(rpc_send_one(z, call, arena, &root, err));
	error = zync_jval_get(root, "error");
	if (error && zync_zbx_reply_session_ended(error) && call->kind != ZYNC_ZBX_OPEN && z->session) {
		ZYNC_TRY(zync_zbx_login(z, err));
		ZYNC_TRY(rpc_send_one(z, call, arena, &root, err));
		error = zync_jval_get(root, "error");
	}
	if (error) {
		status = zync_zbx_reply_error(error, call, err);
		if (zync_zbx_reply_session_ended(error) && !z->session && call->kind != ZYNC_ZBX_OPEN)
			status = rpc_token_refused(z, status, err);
		/* A front end that lost its database may have lost it in the middle of the transaction's commit. */
		z->unknown = call->kind == ZYNC_ZBX_WRITE && status == ZYNC_ERR_UNREACHABLE;
		return status;
	}
	if (!zync_jval_get(root, "result")) {
		z->unknown = call->kind == ZYNC_ZBX_WRITE;
		return zync_zbx_bad_reply(call->method, "result", err);
	}
	*ret_result = zync_jval_get(root, "result");
	return ZYNC_OK;
}

enum zync_status zync_zbx_call_node(struct zync_zabbix *z, const char *method, enum zync_zbx_call_kind kind, struct zync_jb *b,
				    struct zync_jnode *params, struct zync_arena *arena, const struct zync_jval **ret_result,
				    struct zync_err *err)
{
	struct zync_zbx_call call = {.method = method, .kind = kind};

	ZYNC_TRY(zync_jb_text(b, params, ZYNC_JSON_COMPACT, arena, &call.params, err));
	return zync_zbx_call(z, &call, arena, ret_result, err);
}

/* One element of a batch reply. A session that ended is left unanswered: nothing was carried out. */
static void rpc_take_element(const struct zync_jval *element, struct zync_zbx_call *calls, size_t count, uint64_t first_id,
			     bool *ret_session_ended)
{
	const struct zync_jval *error = zync_jval_get(element, "error");
	struct zync_zbx_call *call;
	uint64_t id;

	if (!zync_jval_to_u64(zync_jval_get(element, "id"), &id) || id < first_id || id - first_id >= count)
		return;
	call = &calls[id - first_id];
	if (error && zync_zbx_reply_session_ended(error)) {
		*ret_session_ended = true;
		return;
	}
	if (error)
		(void)zync_zbx_reply_error(error, call, &call->err);
	else
		call->result = zync_jval_get(element, "result");
	call->answered = error || call->result;
}

static enum zync_status rpc_batch_once(struct zync_zabbix *z, struct zync_zbx_call *calls, size_t count, struct zync_arena *arena,
				       bool *ret_session_ended, struct zync_err *err)
{
	ZYNC_AUTO_BUF body;
	uint64_t first_id = z->next_id + 1;
	const struct zync_jval *root;
	const struct zync_jval *element;
	struct zync_jiter it;

	zync_buf_init(&body, ZYNC_LIMIT_REQUEST_BYTES);
	for (size_t i = 0; i < count; i++) {
		zync_buf_addc(&body, i ? ',' : '[');
		ZYNC_TRY(rpc_add_request(z, &calls[i], ++z->next_id, arena, &body, err));
		rpc_count(z, &calls[i]);
	}
	zync_buf_addc(&body, ']');
	ZYNC_TRY(zync_buf_check(&body, "a request to zabbix", err));
	ZYNC_TRY(rpc_roundtrip(z, &body, calls[0].kind, "a batch", arena, &root, err));
	if (zync_jval_type(root) != ZYNC_JSON_ARRAY) {
		enum zync_status status =
			zync_zbx_reply_error(zync_jval_get(root, "error"), &(struct zync_zbx_call){.method = "a batch of calls"}, err);

		z->unknown = calls[0].kind == ZYNC_ZBX_WRITE && status == ZYNC_ERR_UNREACHABLE;
		return status;
	}
	zync_jiter_init(&it, root);
	while ((element = zync_jiter_next(&it, NULL)))
		rpc_take_element(element, calls, count, first_id, ret_session_ended);
	return ZYNC_OK;
}

enum zync_status zync_zbx_batch(struct zync_zabbix *z, struct zync_zbx_call *calls, size_t count, struct zync_arena *arena,
				struct zync_err *err)
{
	struct zync_err own;
	struct zync_err *e = err ? err : &own;
	bool session_ended = false;
	enum zync_status status = rpc_batch_once(z, calls, count, arena, &session_ended, e);

	/* The calls that met the ended session stay unanswered; a refused token shows in the caller's next call. */
	if (status == ZYNC_OK)
		return session_ended && z->session ? zync_zbx_login(z, err) : ZYNC_OK;
	/* Refused as a whole though single calls went well: something between us and Zabbix does not know batches. */
	if (!z->unknown && status != ZYNC_ERR_UNREACHABLE && status != ZYNC_ERR_CANCELLED && status != ZYNC_ERR_NOMEM) {
		z->no_batch = true;
		return zync_err_set(err, ZYNC_ERR_PROTOCOL, "zabbix: JSON-RPC batches are refused: %s", e->message);
	}
	return status;
}
