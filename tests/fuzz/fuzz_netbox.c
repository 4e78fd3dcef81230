/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the replies of NetBox: the input is a chain of bodies, each ended by a NUL, that answer one request after the other (opening, reference tables,
 * devices); the last one answers all that follow. This file stands in for the HTTP client. Whatever comes, the walk ends, with an error that says something.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "http/http.h"
#include "netbox/netbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct zync_http {
	const char *left; /* NUL-ended bodies, the last one again and again */
	const char *end;
	unsigned requests;
	struct zync_http_stats stats;
};

static struct zync_http fuzz_http;
#define REQUESTS_MAX 400u

enum zync_status zync_http_new(const struct zync_http_params *params, struct zync_http **ret, struct zync_err *err)
{
	(void)params;
	(void)err;
	*ret = &fuzz_http;
	return ZYNC_OK;
}

void zync_http_free(struct zync_http *http)
{
	(void)http;
}

void zync_http_reply_init(struct zync_http_reply *reply, size_t max_bytes)
{
	*reply = (struct zync_http_reply){0};
	zync_buf_init(&reply->body, max_bytes);
}

void zync_http_reply_done(struct zync_http_reply *reply)
{
	zync_buf_done(&reply->body);
}

const struct zync_http_stats *zync_http_stats(const struct zync_http *http)
{
	return &http->stats;
}

bool zync_http_outcome_unknown(const struct zync_http *http)
{
	(void)http;
	return false;
}

void zync_http_escape(struct zync_buf *out, const char *s)
{
	zync_buf_adds(out, s);
}

/* "#NNN" at the beginning of a body is its HTTP status. */
enum zync_status zync_http_perform(struct zync_http *http, const struct zync_http_request *request, struct zync_http_reply *reply,
				   struct zync_err *err)
{
	const char *body = http->left;
	size_t len = strlen(body);

	(void)request;
	if (++http->requests > REQUESTS_MAX)
		return zync_err_set(err, ZYNC_ERR_UNREACHABLE, "netbox: enough");
	if (body + len + 1 < http->end)
		http->left = body + len + 1;
	zync_buf_clear(&reply->body);
	reply->status = 200;
	if (len >= 4 && body[0] == '#' && body[1] >= '2' && body[1] <= '5') {
		reply->status = (body[1] - '0') * 100 + body[3] % 10;
		body += 4;
		len -= 4;
	}
	(void)snprintf(reply->content_type, sizeof(reply->content_type), "%s",
		       len > 0 && body[0] == '<' ? "text/html" : "application/json");
	(void)snprintf(reply->api_version, sizeof(reply->api_version), "4.6");
	reply->location[0] = '\0';
	reply->attempts = 1;
	zync_buf_add(&reply->body, body, len);
	return ZYNC_OK;
}

static enum zync_status fuzz_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	static const char *const NAMES[] = {"site", "role",   "platform",    "primary_ip", "tags",  "custom_fields",
					    "type", "status", "device_type", "cluster",	   "tenant"};
	const struct zync_netbox *nb = *(struct zync_netbox *const *)ctx;

	(void)err;
	ZYNC_ASSERT(object->id != 0 && object->display != NULL);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(NAMES); i++) {
		const struct zync_jval *v = zync_netbox_member(nb, object, NULL, NAMES[i]);

		for (size_t k = 0; k < ZYNC_ARRAY_LEN(NAMES) && v != NULL; k++)
			(void)zync_netbox_member(nb, object, v, NAMES[k]);
		(void)zync_netbox_member(nb, object, v, "region");
		(void)zync_netbox_member(nb, object, v, "dns_name");
	}
	return ZYNC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zync_cfg_netbox config = {
		.url = "http://127.0.0.1", .page_size = 50, .instance = "fuzz", .devices = true, .hostid_field = "zabbix_hostid"};
	struct zync_nb_walk walk = {.type = ZYNC_NB_DEVICE};
	struct zync_netbox *nb = NULL;
	struct zync_err err = {0};
	char *copy = zync_calloc(1, size + 1);
	enum zync_status status;
	bool has = false;

	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	fuzz_http = (struct zync_http){.left = copy, .end = copy + size + 1};
	status = zync_secret_new("token-of-the-fuzzer", &config.token, &err);
	if (status == ZYNC_OK)
		status = zync_netbox_open(&config, NULL, NULL, &nb, &err);
	if (status == ZYNC_OK)
		status = zync_netbox_load_references(nb, NULL, 0, &err);
	if (status == ZYNC_OK)
		status = zync_netbox_walk(nb, &walk, fuzz_object, &nb, &err);
	if (status == ZYNC_OK)
		status = zync_netbox_has_custom_field(nb, ZYNC_NB_DEVICE, "zabbix_hostid", &has, &err);
	ZYNC_ASSERT(status == ZYNC_OK || (err.status == status && err.message[0] != '\0'));
	zync_netbox_close(nb);
	zync_secret_free(config.token);
	zync_free(copy);
	zync_log_reset();
	return 0;
}
