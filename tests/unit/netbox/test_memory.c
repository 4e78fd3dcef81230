/* SPDX-License-Identifier: Apache-2.0 */
/** @file test_memory.c Each allocation of a whole session fails in turn: always an ordinary error, never a crash or a leak (valgrind). */
#include "fake_netbox.h"

#include "base/mem.h"
#include "base/str.h"
#include "http/http_priv.h"
#include "netbox/netbox_priv.h"

static struct fake_netbox netbox;
static _Thread_local size_t allocations, fail_at; /* 0: none fails; of the thread that tests, the server has its own */

void *__real_zync_calloc(size_t count, size_t size);
void *__real_zync_realloc(void *p, size_t count, size_t size);
char *__real_zync_strdup(const char *s);
void *__wrap_zync_calloc(size_t count, size_t size);
void *__wrap_zync_realloc(void *p, size_t count, size_t size);
char *__wrap_zync_strdup(const char *s);

static bool memory_is_out(void)
{
	allocations++;
	return fail_at != 0 && allocations == fail_at;
}

void *__wrap_zync_calloc(size_t count, size_t size)
{
	return memory_is_out() ? NULL : __real_zync_calloc(count, size);
}

void *__wrap_zync_realloc(void *p, size_t count, size_t size)
{
	return memory_is_out() ? NULL : __real_zync_realloc(p, count, size);
}

char *__wrap_zync_strdup(const char *s)
{
	return s != NULL && memory_is_out() ? NULL : __real_zync_strdup(s);
}

static bool memory_list(struct fake_netbox *fake, const struct fake_request *request, struct fake_reply *reply)
{
	if (strstr(request->target, "zync-no-such-value") == NULL)
		return false;
	snprintf(fake->text, sizeof(fake->text), "{\"count\":0,\"next\":null,\"results\":[]}");
	reply->body = fake->text;
	return true;
}

static bool memory_write(struct fake_netbox *fake, const struct fake_request *request, struct fake_reply *reply)
{
	if (strcmp(request->method, "PATCH") == 0)
		snprintf(fake->text, sizeof(fake->text), "[{\"id\":10,\"custom_fields\":{\"zabbix_hostid\":7}}]");
	else
		snprintf(fake->text, sizeof(fake->text), "[{\"id\":1}]");
	reply->body = fake->text;
	return true;
}

static enum zync_status on_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	(void)err;
	(*(size_t *)ctx) += zync_netbox_member(NULL, object, object->json, "name") != NULL;
	return ZYNC_OK;
}

static enum zync_status memory_use(struct zync_netbox *nb, size_t *ret_objects, struct zync_err *err)
{
	struct zync_cfg_text value = {.value = "active"};
	struct zync_cfg_pair pair = {.key = {.value = "status"}, .values = {.items = &value, .len = 1}};
	struct zync_cfg_pairs filter = {.items = &pair, .len = 1};
	static const char *const member_names[] = {"asns", "face"};
	struct zync_nb_walk what = {
		.type = ZYNC_NB_DEVICE, .filter = &filter, .names = member_names, .name_count = 2, .ip_addresses = true};
	struct zync_nb_writeback item = {.type = ZYNC_NB_DEVICE, .id = 10, .hostid = 7, .set_hostid = true, .journal = "text"};
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_nb_custom_field field;
	struct zync_vec names;
	size_t pos = 0;
	bool there;

	if (arena == NULL)
		return zync_err_nomem(err, "testing");
	zync_vec_init(&names, arena);
	ZYNC_TRY(zync_netbox_names(nb, "dcim/sites", &names, err));
	ZYNC_TRY(zync_netbox_next_custom_field(nb, &pos, &field, &there, err));
	ZYNC_TRY(zync_netbox_load_references(nb, member_names, 2, err));
	ZYNC_TRY(zync_netbox_walk(nb, &what, on_object, ret_objects, err));
	ZYNC_TRY(zync_netbox_has_custom_field(nb, ZYNC_NB_VM, "x", &there, err));
	ZYNC_TRY(zync_netbox_write_back(nb, &item, 1, err));
	return item.status;
}

static enum zync_status memory_session(struct zync_err *err)
{
	struct zync_cfg_netbox config = {.url = fake_url(netbox.server),
					 .verify_tls = true,
					 .timeout_ms = 1000,
					 .page_size = 10,
					 .virtual_chassis = ZYNC_VC_ONE_HOST};
	struct zync_netbox *nb = NULL;
	size_t objects = 0;
	enum zync_status status = zync_secret_new(FAKE_TOKEN, &config.token, err);

	if (status == ZYNC_OK)
		status = zync_netbox_open(&config, NULL, NULL, &nb, err);
	if (status == ZYNC_OK)
		status = memory_use(nb, &objects, err);
	assert_true(status != ZYNC_OK || objects == 25);
	zync_netbox_close(nb);
	zync_secret_free(config.token);
	return status;
}

static void test_each_allocation(void **state)
{
	static const struct fake_table tables[] = {
		{"dcim/sites", "{\"id\":2,\"name\":\"Site\"}"},
		{"dcim/virtual-chassis", "{\"id\":3,\"name\":\"stack\",\"master\":{\"id\":10},\"members\":[{\"id\":10},{\"id\":11}]}"},
		{"ipam/ip-addresses", "{\"id\":77,\"dns_name\":\"sw-1.example.net\",\"address\":\"10.0.0.1/"
				      "24\",\"role\":{\"value\":\"vip\"},\"status\":{\"value\":\"active\"},"
				      "\"vrf\":{\"name\":\"red\"},\"assigned_object_type\":\"dcim.interface\",\"assigned_object_id\":5,"
				      "\"assigned_object\":{\"id\":5,\"name\":"
				      "\"mgmt0\",\"device\":{\"id\":10}}}"},
		{NULL, NULL},
	};
	struct zync_err err = {0};

	(void)state;
	fake_netbox_start(&netbox, "4.5.0", 25);
	netbox.tables = tables;
	netbox.extra = ",\"virtual_chassis\":{\"id\":3,\"url\":\"http://x/api/dcim/virtual-chassis/3/\"}";
	netbox.list = memory_list;
	netbox.write = memory_write;
	fail_at = 0;
	allocations = 0;
	if (memory_session(&err) != ZYNC_OK)
		fail_msg("%s", err.message);
	size_t all = allocations;
	assert_true(all > 50);
	for (size_t n = 1; n <= all; n++) {
		fake_forget(netbox.server);
		allocations = 0;
		fail_at = n;
		enum zync_status status = memory_session(&err);
		bool reached = allocations >= n;
		fail_at = 0;
		if (reached && (status != ZYNC_ERR_NOMEM || err.status != ZYNC_ERR_NOMEM))
			fail_msg("allocation %zu of %zu: %s: %s", n, all, zync_status_name(status), err.message);
	}
	fake_netbox_stop(&netbox);
}

const struct CMUnitTest tests_memory[] = {cmocka_unit_test(test_each_allocation)};
const size_t tests_memory_len = ZYNC_ARRAY_LEN(tests_memory);
