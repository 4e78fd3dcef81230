/* SPDX-License-Identifier: Apache-2.0 */
/** @file request.c One request: sent, judged, parsed. */
#include "netbox/netbox_priv.h"

#include <string.h>

#include "base/str.h"

static bool request_says_json(const char *content_type)
{
	return zync_str_empty(content_type) || strstr(content_type, "json") != NULL;
}

static enum zync_status request_parse(struct zync_netbox *nb, const struct nb_call *call, struct zync_arena *arena,
				      const struct zync_jval **ret_json, struct zync_err *err)
{
	struct zync_err why = {0};
	enum zync_status status;

	if (!request_says_json(nb->reply.content_type))
		return nb_not_json(nb, call, NULL, err);
	status = zync_json_parse(arena, nb->reply.body.data, nb->reply.body.len, ret_json, &why);
	if (status == ZYNC_ERR_PROTOCOL)
		return nb_not_json(nb, call, why.message, err);
	if (status != ZYNC_OK)
		zync_err_copy(err, &why);
	return status;
}

enum zync_status nb_request(struct zync_netbox *nb, const struct nb_call *call, struct zync_arena *arena, const struct zync_jval **ret_json,
			    struct zync_err *err)
{
	const char *headers[4] = {nb->authorization, "Accept: application/json"};
	struct zync_http_request request = {.method = call->method != NULL ? call->method : "GET",
					    .path = call->path,
					    .headers = headers,
					    .body = call->body,
					    .body_len = call->body != NULL ? strlen(call->body) : 0,
					    .repeatable = call->repeatable,
					    .max_attempts = call->max_attempts};
	const struct zync_jval *json = NULL;

	if (call->body != NULL)
		headers[2] = "Content-Type: application/json";
	ZYNC_TRY(zync_http_perform(nb->http, &request, &nb->reply, err));
	if (nb->reply.status >= 200 && nb->reply.status < 300) {
		ZYNC_TRY(request_parse(nb, call, arena, &json, err));
		*ret_json = json;
		return ZYNC_OK;
	}
	/* The body of a refusal may be anything; what cannot be read leaves only the status. */
	if (!request_says_json(nb->reply.content_type) ||
	    zync_json_parse(arena, nb->reply.body.data, nb->reply.body.len, &json, NULL) != ZYNC_OK)
		json = NULL;
	return nb_refuse(nb, call, json, err);
}

long nb_error_status(const struct zync_err *err)
{
	return err->origin == ZYNC_ORIGIN_HTTP ? err->code : 0;
}
