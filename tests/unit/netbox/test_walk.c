/* SPDX-License-Identifier: Apache-2.0 */
/** @file test_walk.c Walks: pages, changes meanwhile, faults; and the joined members. */
#include "fake_netbox.h"

#include "base/str.h"

static struct fake_netbox netbox; /* too large for the stack */

struct seen {
	uint64_t ids[FAKE_DEVICES_MAX];
	size_t count, stop_at;
	uint64_t hostid;
	char display[64], name[64];
};
static struct seen seen;

static enum zync_status on_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct seen *s = ctx;

	if (s->stop_at != 0 && s->count == s->stop_at)
		return zync_err_set(err, ZYNC_ERR_STORE, "disk full");
	assert_true(s->count < FAKE_DEVICES_MAX);
	s->ids[s->count++] = object->id;
	s->hostid = object->hostid;
	snprintf(s->display, sizeof(s->display), "%s", object->display);
	snprintf(s->name, sizeof(s->name), "%s", object->name != NULL ? object->name : "(none)");
	return ZYNC_OK;
}

static enum zync_status walk(struct zync_netbox *nb, struct zync_nb_walk what, struct zync_err *err)
{
	memset(&seen, 0, sizeof(seen));
	return zync_netbox_walk(nb, &what, on_object, &seen, err);
}

static void assert_all_seen(void)
{
	assert_int_equal(seen.count, netbox.count);
	assert_memory_equal(seen.ids, netbox.ids, netbox.count * sizeof(netbox.ids[0]));
}

static void test_pages(void **state)
{
	static const struct {
		const char *version;
		size_t devices;
		int64_t page;
		unsigned server_max;
		bool ignores_start;
		size_t requests;
	} cases[] = {
		{"4.0.0", 0, 500, 0, false, 1},	    {"4.6.8", 0, 500, 0, false, 1},	{"4.0.11", 100, 30, 0, false, 4},
		{"4.5.9", 90, 30, 0, false, 3},	    {"4.6.0", 100, 30, 0, false, 4},	{"4.7.3", 90, 30, 0, false, 4},
		{"4.7.3", 100, 1000, 7, false, 15}, {"4.2.9", 100, 1000, 7, false, 15}, {"4.6.1", 100, 30, 0, true, 5},
		{"4.7.3", 3000, 500, 0, false, 7},  {"4.7.3", 5, 1, 0, false, 6},	{"5.1.0", 100, 40, 0, false, 3},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_err err = {0};

		fake_netbox_start(&netbox, cases[i].version, cases[i].devices);
		netbox.page_max = cases[i].server_max;
		netbox.ignores_start = cases[i].ignores_start;
		struct zync_netbox *nb = fake_netbox_open(&netbox, cases[i].page);
		if (walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, &err) != ZYNC_OK)
			fail_msg("%zu: %s", i, err.message);
		assert_all_seen();
		assert_int_equal(netbox.lists, cases[i].requests);
		assert_int_equal(zync_netbox_calls(nb), cases[i].requests + 1);
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

static void test_query(void **state)
{
	static const struct {
		const char *version;
		bool context;
		const char *has[6], *has_not[4];
	} cases[] = {
		{"4.2.0",
		 false,
		 {"&id__gte=1&ordering=id", "exclude=config_context", "primary_ip,primary_ip4,primary_ip6", "limit=500"},
		 {"start=", ",config_context"}},
		{"4.2.0", true, {",config_context", "limit=200"}, {"exclude="}},
		{"4.6.8", false, {"&start=1&", "exclude=config_context", "fields=id,"}, {"ordering", "id__gte", ",config_context"}},
		{"4.7.3", true, {"&start=1&", ",config_context", "limit=500"}, {"exclude="}},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		fake_netbox_start(&netbox, cases[i].version, 1);
		struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
		struct zync_nb_walk what = {.type = ZYNC_NB_DEVICE, .config_context = cases[i].context, .name = "a b/ü&x=1", .id = 77};
		assert_int_equal(walk(nb, what, NULL), ZYNC_OK);
		const char *target = fake_request_at(netbox.server, 1)->target;
		for (size_t j = 0; j < 6 && cases[i].has[j] != NULL; j++)
			assert_words(target, cases[i].has[j]);
		for (size_t j = 0; j < 4 && cases[i].has_not[j] != NULL; j++)
			assert_null(strstr(target, cases[i].has_not[j]));
		assert_words(target, "&name=a%20b%2F%C3%BC%26x%3D1");
		assert_words(target, "&id=77");
		what = (struct zync_nb_walk){.type = ZYNC_NB_VM};
		assert_int_equal(walk(nb, what, NULL), ZYNC_OK);
		target = fake_request_at(netbox.server, 2)->target;
		assert_words(target, "/api/virtualization/virtual-machines/?");
		assert_words(target, "vcpus,memory,disk");
		assert_null(strstr(target, "oob_ip"));
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

/** Before each page a device that was read goes, one far ahead goes, and new ones come: with a low and with the highest id. */
static void change_meanwhile(struct fake_netbox *fake)
{
	if (fake->lists < 2)
		return;
	fake_netbox_remove(fake, fake->ids[fake->lists]);
	fake_netbox_remove(fake, fake->ids[fake->count - 30]);
	if (fake->lists < 10)
		fake_netbox_insert(fake, fake->lists);
	fake_netbox_insert(fake, 100000 + fake->lists);
}

static void test_concurrent_changes(void **state)
{
	static const char *const versions[] = {"4.1.0", "4.6.8"};
	static uint64_t before[FAKE_DEVICES_MAX];

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(versions); i++) {
		struct zync_err err = {0};
		size_t found = 0, kept = 0;

		fake_netbox_start(&netbox, versions[i], 400);
		memcpy(before, netbox.ids, sizeof(before));
		netbox.meanwhile = change_meanwhile;
		struct zync_netbox *nb = fake_netbox_open(&netbox, 25);
		if (walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, &err) != ZYNC_OK)
			fail_msg("%s", err.message);
		for (size_t j = 1; j < seen.count; j++)
			assert_true(seen.ids[j] > seen.ids[j - 1]); /* none twice */
		for (size_t j = 0; j < 400; j++) {		    /* what was there all the time was seen */
			bool still = false;

			for (size_t k = 0; k < netbox.count; k++)
				still |= netbox.ids[k] == before[j];
			for (size_t k = 0; k < seen.count && still; k++)
				found += seen.ids[k] == before[j];
			kept += still;
		}
		assert_true(kept > 300 && kept < 400);
		assert_int_equal(found, kept);
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

/* ---------- walks that break off ---------- */

static const struct {
	const char *name;
	struct fake_reply fault;
	enum zync_status status;
	const char *words;
} broken[] = {
	{"html", {.headers = "Content-Type: text/html\r\n", .body = "<title>Login</title>"}, ZYNC_ERR_PROTOCOL, "title \"Login\""},
	{"403", {.status = 403, .body = "{\"detail\":\"Token expired\"}"}, ZYNC_ERR_AUTH, "Token expired"},
	{"403 permission",
	 {.status = 403, .body = "{\"detail\":\"You do not have permission to perform this action.\"}"},
	 ZYNC_ERR_AUTH,
	 "needs the permission dcim.view_device"},
	{"404", {.status = 404, .body = "{\"detail\":\"Not found.\"}"}, ZYNC_ERR_NOT_FOUND, "HTTP 404"},
	{"half JSON", {.body = "{\"count\":null,\"next\":null,\"results\":[{\"id\":90}"}, ZYNC_ERR_PROTOCOL, "not JSON"},
	{"no results", {.body = "{\"count\":null,\"next\":null}"}, ZYNC_ERR_PROTOCOL, "no list of results"},
	{"no next", {.body = "{\"results\":[]}"}, ZYNC_ERR_PROTOCOL, "no list of results"},
	{"a list", {.body = "[]"}, ZYNC_ERR_PROTOCOL, "no list of results"},
	{"results null", {.body = "{\"next\":null,\"results\":null}"}, ZYNC_ERR_PROTOCOL, "no list of results"},
	{"backwards",
	 {.body = "{\"count\":null,\"next\":null,\"results\":[{\"id\":3}]}"},
	 ZYNC_ERR_PROTOCOL,
	 "object 3 came where ids from 33 on were expected"},
	{"twice",
	 {.body = "{\"count\":null,\"next\":null,\"results\":[{\"id\":90},{\"id\":90}]}"},
	 ZYNC_ERR_PROTOCOL,
	 "object 90 came where ids from 91 on"},
	{"no id", {.body = "{\"count\":null,\"next\":null,\"results\":[{\"name\":\"x\"}]}"}, ZYNC_ERR_PROTOCOL, "has no id"},
	{"text id", {.body = "{\"count\":null,\"next\":null,\"results\":[{\"id\":\"90\"}]}"}, ZYNC_ERR_PROTOCOL, "has no id"},
	{"id 0", {.body = "{\"count\":null,\"next\":null,\"results\":[{\"id\":0}]}"}, ZYNC_ERR_PROTOCOL, "has no id"},
	{"no object", {.body = "{\"count\":null,\"next\":null,\"results\":[7]}"}, ZYNC_ERR_PROTOCOL, "has no id"},
	{"500", {.status = 500, .body = "{\"error\":\"boom\",\"exception\":\"E\"}"}, ZYNC_ERR_PROTOCOL, "boom"},
	{"502", {.status = 502, .headers = "Content-Type: text/html\r\n", .body = "<html>"}, ZYNC_ERR_UNREACHABLE, "HTTP 502"},
	{"half a body",
	 {.action = FAKE_HALF, .body = "{\"count\":null,\"next\":null,\"results\":[]}"},
	 ZYNC_ERR_UNREACHABLE,
	 "in the middle of the reply"},
	{"reset", {.action = FAKE_RESET}, ZYNC_ERR_UNREACHABLE, ""},
};

static void test_broken_walks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(broken); i++) {
		struct zync_err err = {0};

		fake_netbox_start(&netbox, "4.7.3", 60);
		netbox.fault = broken[i].fault;
		netbox.fault_at = 2;
		netbox.fault_times = 1000;
		struct zync_netbox *nb = fake_netbox_open(&netbox, 20);
		enum zync_status status = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, &err);
		if (status != broken[i].status || err.status != status)
			fail_msg("%s: %s: %s", broken[i].name, zync_status_name(status), err.message);
		assert_words(err.message, broken[i].words);
		assert_words(err.message, "netbox: GET /api/dcim/devices/");
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

/** A fault that passes: once at each page, the walk is complete. */
static void test_passing_faults(void **state)
{
	static const struct fake_reply faults[] = {{.action = FAKE_RESET},
						   {.action = FAKE_HALF, .body = "{\"results\":[]}"},
						   {.status = 503},
						   {.status = 500, .body = "{}"},
						   {.status = 429, .headers = "Retry-After: 0\r\n"}};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(faults); i++) {
		for (size_t page = 1; page <= 4; page++) {
			struct zync_err err = {0};

			fake_netbox_start(&netbox, "4.7.3", 60);
			netbox.fault = faults[i];
			netbox.fault_at = page;
			netbox.fault_times = 1;
			struct zync_netbox *nb = fake_netbox_open(&netbox, 20);
			if (walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, &err) != ZYNC_OK)
				fail_msg("%zu/%zu: %s", i, page, err.message);
			assert_all_seen();
			zync_netbox_close(nb);
			fake_netbox_stop(&netbox);
		}
	}
}

static void test_page_is_halved(void **state)
{
	struct zync_err err = {0};

	(void)state;
	fake_netbox_start(&netbox, "4.7.3", 300);
	netbox.fault = (struct fake_reply){.status = 504, .headers = "Content-Type: text/html\r\n", .body = "<html>"};
	netbox.too_large = 60; /* 500, 250, 125, 62 fail, 31 works */
	struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
	if (walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	assert_all_seen();
	assert_int_equal(netbox.lists, 4 * 2 + 10); /* each size tried twice, and the small one kept */
	netbox.too_large = 24;			    /* not even 25 */
	netbox.lists = 0;
	assert_int_equal(walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, &err), ZYNC_ERR_UNREACHABLE);
	assert_words(err.message, "HTTP 504, a web page (after 5 attempts)");
	assert_int_equal(netbox.lists, 5 * 2 + 5);
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

static void test_sink_stops(void **state)
{
	struct zync_nb_walk what = {.type = ZYNC_NB_DEVICE};
	struct zync_err err = {0};

	(void)state;
	fake_netbox_start(&netbox, "4.7.3", 60);
	struct zync_netbox *nb = fake_netbox_open(&netbox, 20);
	memset(&seen, 0, sizeof(seen));
	seen.stop_at = 25;
	assert_int_equal(zync_netbox_walk(nb, &what, on_object, &seen, &err), ZYNC_ERR_STORE);
	assert_string_equal(err.message, "disk full");
	assert_int_equal(seen.count, 25);
	assert_int_equal(netbox.lists, 2);
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

static bool cancel_at_page_3(void *ctx)
{
	(void)ctx;
	return netbox.lists >= 2;
}

static void test_cancel(void **state)
{
	struct zync_cfg_netbox config = {.verify_tls = true, .timeout_ms = 1000, .page_size = 20};
	struct zync_netbox *nb = NULL;
	struct zync_err err = {0};

	(void)state;
	fake_netbox_start(&netbox, "4.7.3", 100);
	config.url = fake_url(netbox.server);
	assert_int_equal(zync_secret_new(FAKE_TOKEN, &config.token, &err), ZYNC_OK);
	assert_int_equal(zync_netbox_open(&config, cancel_at_page_3, NULL, &nb, &err), ZYNC_OK);
	assert_int_equal(walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, &err), ZYNC_ERR_CANCELLED);
	zync_secret_free(config.token);
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

/* ---------- single objects ---------- */

static void test_objects(void **state)
{
	static const struct {
		const char *object, *name, *display;
		uint64_t hostid;
	} cases[] = {
		{"{\"id\":5,\"name\":\"sw\",\"display\":\"sw\",\"custom_fields\":{\"zabbix_hostid\":10084}}", "sw", "sw", 10084},
		{"{\"id\":5,\"name\":null,\"display\":\"Cisco C9 (5)\",\"custom_fields\":{\"zabbix_hostid\":null}}", "(none)",
		 "Cisco C9 (5)", 0},
		{"{\"id\":5,\"name\":\"\",\"display\":\"\",\"custom_fields\":{\"zabbix_hostid\":\"10084\"}}", "(none)", "device 5", 10084},
		{"{\"id\":5,\"name\":\"n\",\"custom_fields\":{\"zabbix_hostid\":{\"value\":\"77\",\"label\":\"x\"}}}", "n", "n", 77},
		{"{\"id\":5,\"name\":\"n\",\"custom_fields\":{\"zabbix_hostid\":-4}}", "n", "n", 0},
		{"{\"id\":5,\"name\":\"n\",\"custom_fields\":{\"zabbix_hostid\":\"abc\"}}", "n", "n", 0},
		{"{\"id\":5,\"name\":\"n\",\"custom_fields\":null}", "n", "n", 0},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct fake_table tables[] = {{"dcim/devices", cases[i].object}, {NULL, NULL}};

		fake_netbox_start(&netbox, "4.7.3", 0);
		netbox.tables = tables;
		struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
		assert_int_equal(walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, NULL), ZYNC_OK);
		assert_int_equal(seen.count, 1);
		assert_string_equal(seen.name, cases[i].name);
		assert_string_equal(seen.display, cases[i].display);
		assert_int_equal(seen.hostid, cases[i].hostid);
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

static void test_name_is_exact(void **state)
{
	static const struct fake_table tables[] = {
		{"dcim/devices",
		 "{\"id\":1,\"name\":\"SW-1\"},{\"id\":2,\"name\":\"sw-1\"},{\"id\":3,\"name\":null},{\"id\":4,\"name\":\"sw-1\"}"},
		{NULL, NULL},
	};

	(void)state;
	fake_netbox_start(&netbox, "4.7.3", 0);
	netbox.tables = tables;
	struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
	assert_int_equal(walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .name = "sw-1"}, NULL), ZYNC_OK);
	assert_int_equal(seen.count, 2); /* the same name in two sites */
	assert_int_equal(seen.ids[0], 2);
	assert_int_equal(seen.ids[1], 4);
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

/* ---------- members ---------- */

#define REF(path, id) "{\"id\":" #id ",\"url\":\"http://x.example/api/base/api/" path "/" #id "/\",\"name\":\"brief\"}"

static const struct fake_table member_tables[] = {
	{"dcim/sites",
	 "{\"id\":2,\"name\":\"Site\",\"region\":" REF("dcim/regions", 6) ",\"group\":" REF("dcim/site-groups", 4) ",\"facility\":\"F\"}"},
	{"dcim/regions",
	 "{\"id\":5,\"name\":\"Europe\",\"parent\":null},{\"id\":6,\"name\":\"Germany\",\"parent\":" REF("dcim/regions", 5) "}"},
	{"dcim/site-groups", "{\"id\":4,\"name\":\"Site group\"}"},
	{"dcim/manufacturers", "{\"id\":3,\"name\":\"Cisco\",\"slug\":\"cisco\"}"},
	{"dcim/device-types", "{\"id\":7,\"model\":\"C9\",\"manufacturer\":" REF("dcim/manufacturers", 3) ",\"u_height\":1}"},
	{"tenancy/tenants", "{\"id\":4,\"name\":\"Tenant\",\"group\":" REF("tenancy/tenant-groups", 4) "}"},
	{"tenancy/tenant-groups", "{\"id\":4,\"name\":\"Tenant group\"}"},
	{"virtualization/clusters",
	 "{\"id\":8,\"name\":\"cl\",\"type\":" REF("virtualization/cluster-types", 4) ",\"scope\":" REF("dcim/sites", 2) "}"},
	{"virtualization/cluster-types", "{\"id\":4,\"name\":\"VMware\"}"},
	{"dcim/virtual-chassis", "{\"id\":1,\"name\":\"VC\",\"master\":" REF("dcim/devices", 101) ",\"domain\":\"dom\"}"},
	{"ipam/ip-addresses", "{\"id\":77,\"dns_name\":\"sw-1.example.net\"},{\"id\":78,\"dns_name\":\"\"}"},
	{"dcim/devices",
	 "{\"id\":101,\"name\":\"sw-1\",\"display\":\"sw-1\",\"site\":" REF("dcim/sites", 2) ",\"tenant\":" REF(
		 "tenancy/tenants",
		 4) ",\"device_type\":" REF("dcim/device-types",
					    7) ",\"cluster\":" REF("virtualization/clusters",
								   8) ",\"virtual_chassis\":" REF("dcim/virtual-chassis",
												  1) ",\"role\":" REF("dcim/device-roles",
														      99) ",\"location\":"
															  "null,\"primary_"
															  "ip\":null,"
															  "\"primary_ip4\":"
															  "null"
															  ",\"primary_"
															  "ip6\":{\"id\":"
															  "77,\"url\":"
															  "\"http://x/api/"
															  "ipam/"
															  "ip-addresses/77/"
															  "\",\"address\":"
															  "\"2001:db8::1/"
															  "64\"}"
															  ",\"oob_ip\":{"
															  "\"id\":78,"
															  "\"url\":\"http:/"
															  "/x/api/ipam/"
															  "ip-addresses/78/"
															  "\",\"address\":"
															  "\"10.0.0.1/24\"}"
															  ",\"odd\":{"
															  "\"id\":2,"
															  "\"url\":\"dcim/"
															  "sites\"},"
															  "\"odder\":{"
															  "\"url\":\"http:/"
															  "/x/api/dcim/"
															  "sites/2/\"}"
															  ",\"tags\":[{"
															  "\"id\":1,"
															  "\"name\":"
															  "\"Alpha\"}],"
															  "\"custom_"
															  "fields\":{\"n\":"
															  "3}}"},
	{NULL, NULL},
};

static const struct {
	const char *path, *value; /* NULL: undefined or null */
} member_cases[] = {
	{"type", "device"},
	{"name", "sw-1"},
	{"site.name", "Site"},
	{"site.facility", "F"},
	{"site.region.name", "Germany"},
	{"site.region.parent.name", "Europe"},
	{"site.region.parent.parent", NULL},
	{"site.region.parent.parent.name", NULL},
	{"site.group.name", "Site group"},
	{"tenant.group.name", "Tenant group"},
	{"device_type.manufacturer.slug", "cisco"},
	{"device_type.model", "C9"},
	{"cluster.type.name", "VMware"},
	{"cluster.scope.region.name", "Germany"},
	{"virtual_chassis.domain", "dom"},
	{"virtual_chassis.master.name", "brief"}, /* devices are no reference table */
	{"role.name", "brief"},			  /* not in the table: what NetBox nested */
	{"location", NULL},
	{"location.name", NULL},
	{"primary_ip.address", "2001:db8::1/64"},
	{"primary_ip.dns_name", "sw-1.example.net"},
	{"primary_ip6.dns_name", "sw-1.example.net"},
	{"primary_ip4.dns_name", NULL},
	{"oob_ip.dns_name", ""},
	{"site.dns_name", NULL},
	{"odd.name", NULL},
	{"odder.name", NULL},
	{"no.such.thing", NULL},
	{"site.type", NULL},
};

struct member_walk {
	const struct zync_netbox *nb;
	bool references, nested_dns;
	size_t count;
};

static enum zync_status on_member(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct member_walk *w = ctx;

	(void)err;
	w->count++;
	if (!w->references) {
		assert_string_equal(zync_jval_str(fake_member_at(w->nb, object, "site.name")), "brief");
		assert_null(fake_member_at(w->nb, object, "site.region"));
		return ZYNC_OK;
	}
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(member_cases); i++) {
		const char *value = zync_jval_str(fake_member_at(w->nb, object, member_cases[i].path));
		const char *expected = strstr(member_cases[i].path, "dns_name") != NULL && w->nested_dns ? NULL : member_cases[i].value;

		if (!zync_str_eq(value, expected))
			fail_msg("%s: \"%s\" and not \"%s\"", member_cases[i].path, value, expected);
	}
	assert_int_equal(zync_jval_len(fake_member_at(w->nb, object, "tags")), 1);
	assert_int_equal(zync_jval_real(fake_member_at(w->nb, object, "custom_fields.n")), 3);
	return ZYNC_OK;
}

static void test_members(void **state)
{
	static const char *const versions[] = {"4.0.0", "4.6.3", "4.6.4", "4.7.3"};
	struct zync_nb_walk what = {.type = ZYNC_NB_DEVICE};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(versions); i++) {
		struct member_walk w = {.nested_dns = i >= 2};
		struct zync_err err = {0};

		fake_netbox_start(&netbox, versions[i], 0);
		netbox.tables = member_tables;
		struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
		w.nb = nb;
		assert_int_equal(zync_netbox_walk(nb, &what, on_member, &w, &err), ZYNC_OK); /* before the references: what is nested */
		for (int again = 0; again < 2; again++) {
			w.references = true;
			size_t before = netbox.lists;
			if (zync_netbox_load_references(nb, NULL, 0, &err) != ZYNC_OK)
				fail_msg("%s", err.message);
			/* The fake counts "1", so a client that uses start= would notice and ask once more. */
			assert_true(netbox.lists - before >= 15 && netbox.lists - before <= 17);
			assert_int_equal(zync_netbox_walk(nb, &what, on_member, &w, &err), ZYNC_OK);
		}
		assert_int_equal(w.count, 3);
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

/* ---------- records made after the tables were read ---------- */

static size_t late_asked;

static bool late_list(struct fake_netbox *fake, const struct fake_request *request, struct fake_reply *reply)
{
	char id[32];

	if (!fake_query(request, "id", id, sizeof(id)))
		return false;
	late_asked++;
	snprintf(fake->text, sizeof(fake->text), "{\"count\":null,\"next\":null,\"results\":[%s]}",
		 strstr(request->target, "dcim/sites/") != NULL && strcmp(id, "50") == 0
			 ? "{\"id\":50,\"name\":\"New site\",\"region\":" REF("dcim/regions", 60) "}"
		 : strstr(request->target, "dcim/regions/") != NULL && strcmp(id, "60") == 0
			 ? "{\"id\":60,\"name\":\"New region\",\"parent\":" REF("dcim/regions", 5) "}"
			 : "");
	reply->body = fake->text;
	return true;
}

static enum zync_status on_late(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	(void)err;
	assert_string_equal(zync_jval_str(fake_member_at(ctx, object, "site.name")), "New site");
	assert_string_equal(zync_jval_str(fake_member_at(ctx, object, "site.region.name")), "New region");
	assert_string_equal(zync_jval_str(fake_member_at(ctx, object, "site.region.parent.name")), "Europe");
	assert_string_equal(zync_jval_str(fake_member_at(ctx, object, "tenant.name")), "brief"); /* hidden from the token */
	assert_null(fake_member_at(ctx, object, "tenant.group"));
	return ZYNC_OK;
}

static void test_late_references(void **state)
{
	static const struct fake_table tables[] = {
		{"dcim/regions", "{\"id\":5,\"name\":\"Europe\",\"parent\":null}"},
		{"dcim/devices",
		 "{\"id\":1,\"site\":" REF("dcim/sites", 50) ",\"tenant\":" REF("tenancy/tenants", 70) "},{\"id\":2,\"site\":" REF(
			 "dcim/sites", 50) ",\"tenant\":" REF("tenancy/tenants", 70) "}"},
		{NULL, NULL},
	};
	struct zync_nb_walk what = {.type = ZYNC_NB_DEVICE};
	struct zync_err err = {0};

	(void)state;
	fake_netbox_start(&netbox, "4.7.3", 0);
	netbox.tables = tables;
	struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
	if (zync_netbox_load_references(nb, NULL, 0, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	netbox.list = late_list;
	late_asked = 0;
	for (int again = 0; again < 2; again++) {
		if (zync_netbox_walk(nb, &what, on_late, nb, &err) != ZYNC_OK)
			fail_msg("%s", err.message);
	}
	assert_int_equal(late_asked, 3); /* site, region, tenant: each once */
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

static void test_references_break_off(void **state)
{
	struct zync_err err = {0};

	(void)state;
	for (size_t at = 1; at <= 16; at++) {
		fake_netbox_start(&netbox, "4.5.0", 0);
		netbox.tables = member_tables;
		struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
		netbox.fault =
			(struct fake_reply){.status = 403, .body = "{\"detail\":\"You do not have permission to perform this action.\"}"};
		netbox.fault_at = at;
		netbox.fault_times = 1;
		assert_int_equal(zync_netbox_load_references(nb, NULL, 0, &err), ZYNC_ERR_AUTH);
		assert_words(err.message, "reading the reference tables: netbox: GET /api/");
		assert_words(err.message, "needs the permission ");
		assert_words(err.message, ".view_");
		assert_int_equal(zync_netbox_load_references(nb, NULL, 0, &err), ZYNC_OK); /* and once more works */
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

const struct CMUnitTest tests_walk[] = {
	cmocka_unit_test(test_pages),		cmocka_unit_test(test_query),	       cmocka_unit_test(test_concurrent_changes),
	cmocka_unit_test(test_broken_walks),	cmocka_unit_test(test_passing_faults), cmocka_unit_test(test_page_is_halved),
	cmocka_unit_test(test_sink_stops),	cmocka_unit_test(test_cancel),	       cmocka_unit_test(test_objects),
	cmocka_unit_test(test_name_is_exact),	cmocka_unit_test(test_members),	       cmocka_unit_test(test_references_break_off),
	cmocka_unit_test(test_late_references),
};
const size_t tests_walk_len = ZYNC_ARRAY_LEN(tests_walk);
