/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_netbox.h"

#include <stdlib.h>

#include "base/str.h"
#include "http/http_priv.h"
#include "netbox/netbox_priv.h"

static unsigned long fake_number(const struct fake_request *request, const char *name, unsigned long otherwise)
{
	char text[64];

	return fake_query(request, name, text, sizeof(text)) ? strtoul(text, NULL, 10) : otherwise;
}

static void fake_status(struct fake_netbox *netbox, struct fake_reply *reply)
{
	snprintf(netbox->text, sizeof(netbox->text), "{\"django-version\":\"5.2\",\"netbox-version\":\"%s\",\"plugins\":{}}",
		 netbox->version);
	reply->body = netbox->text;
}

static void fake_table_list(struct fake_netbox *netbox, const char *objects, bool cursor, struct fake_reply *reply)
{
	snprintf(netbox->text, sizeof(netbox->text), "{\"count\":%s,\"next\":null,\"previous\":null,\"results\":[%s]}",
		 cursor ? "null" : "1", objects);
	reply->body = netbox->text;
}

static void fake_devices(struct fake_netbox *netbox, const struct fake_request *request, bool cursor, struct fake_reply *reply)
{
	unsigned long limit = fake_number(request, "limit", 50), first = fake_number(request, "id__gte", 1),
		      only = fake_number(request, "id", 0);
	unsigned long most = netbox->page_max > 0 ? netbox->page_max : 1000;
	size_t len = 0, sent = 0, left = 0;
	static char results[sizeof(netbox->text) / 2]; /* of the one thread of the one server */

	if (cursor)
		first = fake_number(request, "start", 1);
	limit = limit < most ? limit : most;
	results[0] = '\0';
	for (size_t i = 0; i < netbox->count; i++) {
		if (netbox->ids[i] < first || (only != 0 && netbox->ids[i] != only))
			continue;
		if (sent == limit) {
			left++;
			continue;
		}
		len += (size_t)snprintf(results + len, sizeof(results) - len, "%s{\"id\":%llu,\"display\":\"d%llu\",\"name\":\"d%llu\"%s}",
					sent > 0 ? "," : "", (unsigned long long)netbox->ids[i], (unsigned long long)netbox->ids[i],
					(unsigned long long)netbox->ids[i], netbox->extra != NULL ? netbox->extra : "");
		sent++;
	}
	/* With a cursor NetBox does not count, and so names a next page whenever this one is full. */
	bool more = cursor ? sent == limit : left > 0;
	char count[32];
	snprintf(count, sizeof(count), "%zu", netbox->count);
	snprintf(netbox->text, sizeof(netbox->text), "{\"count\":%s,\"next\":%s,\"previous\":null,\"results\":[%s]}",
		 cursor ? "null" : count, more ? "\"http://wrong.example/api/dcim/devices/?x\"" : "null", results);
	reply->body = netbox->text;
}

static void fake_lists(struct fake_netbox *netbox, const struct fake_request *request, struct fake_reply *reply)
{
	bool knows_start = strncmp(netbox->version, "4.6", 3) >= 0 && !netbox->ignores_start;
	bool cursor = knows_start && strstr(request->target, "&start=") != NULL;

	netbox->lists++;
	if (netbox->meanwhile != NULL)
		netbox->meanwhile(netbox);
	if (netbox->too_large > 0
		    ? (long)fake_number(request, "limit", 50) > netbox->too_large
		    : netbox->fault_at > 0 && netbox->lists >= netbox->fault_at && netbox->lists < netbox->fault_at + netbox->fault_times) {
		*reply = netbox->fault;
		return;
	}
	if (netbox->list != NULL && netbox->list(netbox, request, reply))
		return;
	for (const struct fake_table *table = netbox->tables; table != NULL && table->endpoint != NULL; table++) {
		if (strncmp(request->target + strlen("/api/"), table->endpoint, strlen(table->endpoint)) == 0 &&
		    request->target[strlen("/api/") + strlen(table->endpoint)] == '/') {
			fake_table_list(netbox, table->objects, cursor, reply);
			return;
		}
	}
	if (strncmp(request->target, "/api/dcim/devices/", 18) == 0)
		fake_devices(netbox, request, cursor, reply);
	else
		fake_table_list(netbox, "", cursor, reply);
}

static void fake_handle(void *ctx, const struct fake_request *request, struct fake_reply *reply)
{
	struct fake_netbox *netbox = ctx;

	snprintf(netbox->headers, sizeof(netbox->headers), "Content-Type: application/json\r\nAPI-Version: %.3s\r\n", netbox->version);
	reply->headers = netbox->headers;
	if (strcmp(request->target, "/api/status/") == 0)
		fake_status(netbox, reply);
	else if (strcmp(request->method, "GET") == 0)
		fake_lists(netbox, request, reply);
	else if (netbox->write == NULL || !netbox->write(netbox, request, reply)) {
		reply->status = 404;
		reply->body = "{\"detail\":\"Not found.\"}";
	}
}

void fake_netbox_start(struct fake_netbox *netbox, const char *version, size_t devices)
{
	memset(netbox, 0, sizeof(*netbox));
	netbox->version = version;
	for (size_t i = 0; i < devices; i++)
		netbox->ids[i] = 10 + i + i / 5; /* with gaps, as where objects were deleted */
	netbox->count = devices;
	netbox->server = fake_start(fake_handle, netbox);
}

void fake_netbox_stop(struct fake_netbox *netbox)
{
	fake_stop(netbox->server);
}

enum zync_status fake_netbox_try(const struct fake_netbox *netbox, const char *url, const char *token, struct zync_netbox **ret,
				 struct zync_err *err)
{
	struct zync_cfg_netbox config = {.url = url != NULL ? url : fake_url(netbox->server),
					 .verify_tls = true,
					 .timeout_ms = 1000,
					 .page_size = 500,
					 .hostid_field = "zabbix_hostid"};
	enum zync_status status;

	if (token != NULL)
		assert_int_equal(zync_secret_new(token, &config.token, err), ZYNC_OK);
	status = zync_netbox_open(&config, NULL, NULL, ret, err);
	zync_secret_free(config.token);
	return status;
}

static struct zync_netbox *fake_open(const struct fake_netbox *netbox, int64_t page_size, enum zync_virtual_chassis chassis)
{
	struct zync_cfg_netbox config = {.url = fake_url(netbox->server),
					 .verify_tls = true,
					 .timeout_ms = 1000,
					 .page_size = page_size,
					 .virtual_chassis = chassis};
	struct zync_netbox *nb = NULL;
	struct zync_err err = {0};

	assert_int_equal(zync_secret_new(FAKE_TOKEN, &config.token, &err), ZYNC_OK);
	if (zync_netbox_open(&config, NULL, NULL, &nb, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	zync_secret_free(config.token);
	nb->http->backoff_base_ms = 1; /* as many attempts as in earnest, without the pauses */
	return nb;
}

struct zync_netbox *fake_netbox_open(const struct fake_netbox *netbox, int64_t page_size)
{
	return fake_open(netbox, page_size, ZYNC_VC_MEMBERS);
}

struct zync_netbox *fake_netbox_open_one_host(const struct fake_netbox *netbox)
{
	return fake_open(netbox, 500, ZYNC_VC_ONE_HOST);
}

void fake_netbox_insert(struct fake_netbox *netbox, uint64_t id)
{
	size_t at = netbox->count++;

	assert_true(netbox->count <= FAKE_DEVICES_MAX);
	for (; at > 0 && netbox->ids[at - 1] > id; at--)
		netbox->ids[at] = netbox->ids[at - 1];
	netbox->ids[at] = id;
}

void fake_netbox_remove(struct fake_netbox *netbox, uint64_t id)
{
	size_t kept = 0;

	for (size_t i = 0; i < netbox->count; i++) {
		if (netbox->ids[i] != id)
			netbox->ids[kept++] = netbox->ids[i];
	}
	netbox->count = kept;
}

void assert_words(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, text);
}

const struct zync_jval *fake_member_at(const struct zync_netbox *nb, const struct zync_nb_object *object, const char *path)
{
	const struct zync_jval *value = NULL;
	char step[64];

	for (const char *dot; *path != '\0'; path = *dot != '\0' ? dot + 1 : dot) {
		dot = strchrnul(path, '.');
		(void)snprintf(step, sizeof(step), "%.*s", (int)(dot - path), path);
		value = zync_jval_type(value) == ZYNC_JSON_ARRAY ? zync_jval_at(value, strtoul(step, NULL, 10))
								 : zync_netbox_member(nb, object, value, step);
		if (value == NULL)
			return NULL;
	}
	return value;
}
