/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "zabbix/zabbix_priv.h"

#define REPLY_EXCERPT 160 /* characters of a strange reply that a message shows */

/* The printable beginning of a strange reply on one line; the title when it is an HTML page. Empty when memory is out: it is only decoration. */
static const char *reply_excerpt(struct zync_arena *arena, const char *body)
{
	const char *title = strcasestr(body, "<title>");
	const char *end = title ? strcasestr(title, "</title>") : NULL;
	size_t len;
	char *text;

	if (title && end && end > title + strlen("<title>")) {
		body = title + strlen("<title>");
		len = (size_t)(end - body);
	} else {
		len = strlen(body);
	}
	if (!zync_utf8_valid(body, len))
		return "(binary data)";
	text = zync_arena_strndup(arena, body, len);
	if (!text)
		return "";
	text[zync_utf8_prefix(text, REPLY_EXCERPT)] = '\0';
	for (char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' ';
	}
	return text;
}

static enum zync_status reply_not_json(const char *url, const char *body, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const char *excerpt;

	if (!arena)
		return zync_err_nomem(err, "reading a reply of zabbix");
	excerpt = reply_excerpt(arena, body);
	if (strcasestr(body, "fatal error") || strcasestr(body, "allowed memory size"))
		return zync_err_set(
			err, ZYNC_ERR_PROTOCOL,
			"zabbix: PHP failed behind %s: \"%s\"; see the log of the Zabbix web server (often: raise PHP's memory_limit)", url,
			excerpt);
	if (strcasestr(body, "setup.php") || strcasestr(body, "zabbix installation") || strcasestr(body, "not configured"))
		return zync_err_set(err, ZYNC_ERR_PROTOCOL,
				    "zabbix: the Zabbix front end at %s is not installed completely (\"%s\"): open it in a browser and "
				    "finish its setup",
				    url, excerpt);
	if (body[strspn(body, " \t\r\n")] == '<')
		return zync_err_set(err, ZYNC_ERR_PROTOCOL,
				    "zabbix: %s answered an HTML page (\"%s\") instead of JSON: check zabbix.url, and that no login page "
				    "or proxy stands before it",
				    url, excerpt);
	return zync_err_set(err, ZYNC_ERR_PROTOCOL, "zabbix: %s answered \"%s\" instead of JSON: check zabbix.url", url, excerpt);
}

static enum zync_status reply_http_status(const char *url, const struct zync_http_reply *reply, struct zync_err *err)
{
	long status = reply->status;

	if (status >= 300 && status < 400)
		(void)zync_err_set(err, ZYNC_ERR_PROTOCOL,
				   "zabbix: %s redirects to \"%s\" (HTTP %ld): set zabbix.url to the final address of the Zabbix front end",
				   url, reply->location, status);
	else if (status == 401 || status == 403)
		(void)zync_err_set(err, ZYNC_ERR_AUTH,
				   "zabbix: %s refused the request (HTTP %ld): the web server or a proxy before Zabbix wants other "
				   "credentials or blocks this client",
				   url, status);
	else if (status == 404)
		(void)zync_err_set(err, ZYNC_ERR_PROTOCOL,
				   "zabbix: there is no Zabbix API at %s (HTTP 404): check zabbix.url, it is the address of the front end, "
				   "with or without /api_jsonrpc.php",
				   url);
	else if (status == 405 || status == 412 || status == 415 || status == 501)
		(void)zync_err_set(err, ZYNC_ERR_PROTOCOL,
				   "zabbix: %s does not take JSON-RPC requests (HTTP %ld): check zabbix.url, and any proxy before it", url,
				   status);
	else if (status == 413)
		(void)zync_err_set(err, ZYNC_ERR_PROTOCOL,
				   "zabbix: the web server at %s refuses a request of this size (HTTP 413): lower zabbix.write_batch or "
				   "raise its limit",
				   url);
	else if (status == 408 || status == 429 || status >= 500)
		(void)zync_err_set(err, ZYNC_ERR_UNREACHABLE,
				   "zabbix: %s answered HTTP %ld: the server is overloaded or broken, see its log", url, status);
	else
		(void)zync_err_set(err, ZYNC_ERR_PROTOCOL, "zabbix: %s answered HTTP %ld, which no Zabbix API does: check zabbix.url", url,
				   status);
	return zync_err_origin(err, ZYNC_ORIGIN_HTTP, status);
}

enum zync_status zync_zbx_reply_check(const struct zync_zabbix *z, const struct zync_http_reply *reply, struct zync_err *err)
{
	const char *url = z->config->url;
	const char *body = reply->body.data;
	size_t start = strspn(body, " \t\r\n");

	if (reply->status == 500 && strcasestr(body, "fatal error"))
		return reply_not_json(url, body, err);
	if (reply->status != 200)
		return reply_http_status(url, reply, err);
	if (body[start] == '\0')
		return zync_err_set(
			err, ZYNC_ERR_PROTOCOL,
			"zabbix: %s answered nothing: PHP probably failed, see the log of the Zabbix web server; or zabbix.url is wrong",
			url);
	if (body[start] != '{' && body[start] != '[')
		return reply_not_json(url, body, err);
	return ZYNC_OK;
}

static bool reply_has_prefix(const char *text, const char *const *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (text && strncasecmp(text, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

/* Zabbix's words for it, 5.4 to 7.4; in "data", since "message" only repeats the kind of error. */
static const char *const session_words[] = {"Session terminated", "Not authorized", "Not authorised", "API token expired"};

bool zync_zbx_reply_session_ended(const struct zync_jval *error)
{
	return reply_has_prefix(zync_jval_get_str(error, "data"), session_words, ZYNC_ARRAY_LEN(session_words)) ||
	       reply_has_prefix(zync_jval_get_str(error, "message"), session_words, ZYNC_ARRAY_LEN(session_words));
}

enum zync_status zync_zbx_reply_error(const struct zync_jval *error, const struct zync_zbx_call *call, struct zync_err *err)
{
	static const char *const permission_words[] = {"No permissions to call", "No permission to call",
						       "You do not have permission to perform this operation"};
	const char *data = zync_jval_get_str(error, "data");
	const char *message = zync_jval_get_str(error, "message");
	const char *words = zync_str_empty(data) ? message : data;
	enum zync_status status = ZYNC_ERR_REJECTED;
	int64_t code = 0;
	int len;

	(void)zync_jval_to_i64(zync_jval_get(error, "code"), &code);
	if (zync_str_empty(words))
		words = "refused without a reason";
	for (len = (int)strlen(words); len > 0 && strchr(" \r\n\t", words[len - 1]); len--)
		;
	if (code == 1) {
		/* Not from an API method: the front end itself could not start (database gone, no configuration file, maintenance). */
		(void)zync_err_set(err, ZYNC_ERR_UNREACHABLE, "zabbix: %s: the Zabbix front end does not work: %.*s", call->method, len,
				   words);
		return zync_err_origin(err, ZYNC_ORIGIN_JSONRPC, 1);
	}
	if (zync_zbx_reply_session_ended(error) || reply_has_prefix(words, permission_words, ZYNC_ARRAY_LEN(permission_words)))
		status = ZYNC_ERR_AUTH;
	else if (code == -32700 || code == -32600)
		status = ZYNC_ERR_PROTOCOL;
	if (call->label)
		(void)zync_err_set(err, status, "zabbix: %s for \"%s\": %.*s", call->method, call->label, len, words);
	else
		(void)zync_err_set(err, status, "zabbix: %s: %.*s", call->method, len, words);
	return zync_err_origin(err, ZYNC_ORIGIN_JSONRPC, (long)code);
}
