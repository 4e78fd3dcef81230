/* SPDX-License-Identifier: Apache-2.0 */
/** @file test_write.c Write-back with isolation of the refused object, in the ways of old and new NetBoxes; custom fields. */
#include "fake_netbox.h"

#include <stdlib.h>

#include "base/str.h"

static struct fake_netbox netbox;

/** What the fake NetBox does with writes. */
static struct {
	bool structured;    /* errors as 4.7 */
	uint64_t bad[4];    /* objects that it refuses with 400 */
	uint64_t forbidden; /* object that it refuses with 403, 1: all */
	uint64_t missing;   /* object that it does not have */
	bool drops_field;   /* as 4.5.0 to 4.5.7 with an unknown custom field */
	size_t fail_at;	    /* this write and all later ones */
	struct fake_reply fail_with;
	uint64_t hostids[FAKE_DEVICES_MAX]; /* what was written, by id */
	bool written[FAKE_DEVICES_MAX];
	size_t journals[FAKE_DEVICES_MAX];
	size_t requests, largest;
} fake;

static bool is_bad(uint64_t id)
{
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(fake.bad); i++) {
		if (fake.bad[i] != 0 && fake.bad[i] == id)
			return true;
	}
	return false;
}

static uint64_t entry_id(const struct zync_jval *entry, bool journal)
{
	uint64_t id = 0;

	/* NetBox up to 4.6 takes an id as text and then changes nothing. */
	assert_int_equal(zync_jval_type(zync_jval_get(entry, journal ? "assigned_object_id" : "id")), ZYNC_JSON_INT);
	assert_true(zync_jval_to_u64(zync_jval_get(entry, journal ? "assigned_object_id" : "id"), &id));
	return id;
}

/** The error body for the objects of @p list that are refused; empty when none is. */
static void write_errors(const struct zync_jval *list, bool journal, struct zync_buf *out)
{
	const struct zync_jval *entry;
	struct zync_jiter it;
	size_t index = 0, found = 0;
	struct zync_buf beside;

	zync_buf_init(&beside, 1000000);
	zync_jiter_init(&it, list);
	while ((entry = zync_jiter_next(&it, NULL)) != NULL) {
		uint64_t id = entry_id(entry, journal);
		bool missing = id == fake.missing && (fake.structured || journal);

		zync_buf_printf(&beside, "%s{%s}", index > 0 ? "," : "", is_bad(id) || missing ? "\"x\":[\"bad value\"]" : "");
		if (is_bad(id) || missing) {
			if (fake.structured && journal)
				zync_buf_printf(out, "%s{\"index\":%zu,\"errors\":{\"x\":[\"bad value\"]}}", found > 0 ? "," : "", index);
			else if (fake.structured)
				zync_buf_printf(out, "%s{\"id\":%llu,\"errors\":{\"x\":[\"bad value\"]}}", found > 0 ? "," : "",
						(unsigned long long)id);
			else if (!journal && found == 0)
				zync_buf_adds(out, "{\"custom_fields\":{\"zabbix_hostid\":[\"bad value\"]}}");
			found++;
		}
		index++;
	}
	if (found > 0 && fake.structured) {
		char *errors = strdup(out->data);

		zync_buf_clear(out);
		zync_buf_printf(out, "{\"detail\":\"%zu of %zu objects could not be updated.\",\"errors\":[%s]}", found, index, errors);
		free(errors);
	} else if (found > 0 && journal)
		zync_buf_printf(out, "[%s]", beside.data);
	zync_buf_done(&beside);
}

static void write_carry_out(const struct zync_jval *list, bool journal, struct zync_buf *out)
{
	const struct zync_jval *entry;
	struct zync_jiter it;

	zync_jiter_init(&it, list);
	while ((entry = zync_jiter_next(&it, NULL)) != NULL) {
		uint64_t id = entry_id(entry, journal), hostid = 0;
		const struct zync_jval *field = zync_jval_get(zync_jval_get(entry, "custom_fields"), "zabbix_hostid");

		if (journal) {
			assert_non_null(zync_jval_get_str(entry, "comments"));
			fake.journals[id]++;
			continue;
		}
		if (id == fake.missing)
			continue; /* silently skipped up to 4.6 */
		assert_non_null(field);
		zync_jval_to_u64(field, &hostid);
		fake.hostids[id] = hostid;
		fake.written[id] = true;
		zync_buf_printf(out, "%s{\"id\":%llu,\"custom_fields\":{", out->len > 0 ? "," : "", (unsigned long long)id);
		if (!fake.drops_field && hostid > 0)
			zync_buf_printf(out, "\"zabbix_hostid\":%llu", (unsigned long long)hostid);
		zync_buf_adds(out, "}}");
	}
}

static bool write_handler(struct fake_netbox *nb, const struct fake_request *request, struct fake_reply *reply)
{
	bool journal = strcmp(request->target, "/api/extras/journal-entries/") == 0;
	struct zync_arena *arena = zync_arena_new(0);
	const struct zync_jval *list = NULL;
	struct zync_buf out;

	assert_string_equal(request->method, journal ? "POST" : "PATCH");
	assert_int_equal(zync_json_parse(arena, request->body, request->body_len, &list, NULL), ZYNC_OK);
	assert_int_equal(zync_jval_type(list), ZYNC_JSON_ARRAY);
	fake.requests++;
	fake.largest = ZYNC_MAX(fake.largest, zync_jval_len(list));
	zync_buf_init(&out, 1000000);
	bool forbidden = fake.forbidden == 1;
	for (size_t i = 0; i < zync_jval_len(list); i++)
		forbidden |= entry_id(zync_jval_at(list, i), journal) == fake.forbidden;
	if (fake.fail_at > 0 && fake.requests >= fake.fail_at)
		*reply = fake.fail_with;
	else if (forbidden) {
		reply->status = 403;
		reply->body = "{\"detail\":\"You do not have permission to perform this action.\"}";
	} else {
		write_errors(list, journal, &out);
		reply->status = out.len > 0 ? 400 : journal ? 201 : 200;
		if (out.len > 0)
			snprintf(nb->text, sizeof(nb->text), "%s", out.data);
		else {
			write_carry_out(list, journal, &out);
			snprintf(nb->text, sizeof(nb->text), "[%s]", out.data);
		}
		reply->body = nb->text;
	}
	zync_buf_done(&out);
	zync_arena_free(arena);
	return true;
}

static struct zync_netbox *start(bool structured)
{
	memset(&fake, 0, sizeof(fake));
	fake.structured = structured;
	fake_netbox_start(&netbox, structured ? "4.7.3" : "4.2.0", 0);
	netbox.write = write_handler;
	return fake_netbox_open(&netbox, 500);
}

static void stop(struct zync_netbox *nb)
{
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

static struct zync_nb_writeback items[300];

/** Objects with the ids 1000, 1001 … and the hostids 20000 … */
static void make_items(size_t count, bool hostid, const char *journal)
{
	for (size_t i = 0; i < count; i++)
		items[i] = (struct zync_nb_writeback){
			.type = ZYNC_NB_DEVICE, .id = 1000 + i, .hostid = 20000 + i, .set_hostid = hostid, .journal = journal};
}

static void test_hostids(void **state)
{
	(void)state;
	for (int structured = 0; structured < 2; structured++) {
		struct zync_netbox *nb = start(structured);
		struct zync_err err = {0};

		make_items(250, true, NULL);
		items[7].hostid = 0;
		items[9].set_hostid = false; /* nothing to do */
		if (zync_netbox_write_back(nb, items, 250, &err) != ZYNC_OK)
			fail_msg("%s", err.message);
		assert_int_equal(fake.requests, 3);
		assert_int_equal(fake.largest, 100);
		for (size_t i = 0; i < 250; i++) {
			assert_int_equal(items[i].status, ZYNC_OK);
			assert_int_equal(fake.written[1000 + i], i != 9);
			assert_int_equal(fake.hostids[1000 + i], i == 7 || i == 9 ? 0 : 20000 + i);
		}
		assert_words(fake_request_at(netbox.server, 1)->target, "/api/dcim/devices/?exclude=config_context");
		assert_null(strstr(fake_request_at(netbox.server, 1)->target, "fields="));
		assert_words(fake_request_at(netbox.server, 1)->headers, "Content-Type: application/json\r\n");
		assert_words(fake_request_at(netbox.server, 1)->body, "{\"id\":1007,\"custom_fields\":{\"zabbix_hostid\":null}}");
		assert_int_equal(zync_netbox_write_back(nb, items, 0, &err), ZYNC_OK);
		stop(nb);
	}
}

static void test_types(void **state)
{
	struct zync_netbox *nb = start(true);
	struct zync_err err = {0};

	(void)state;
	make_items(4, true, "moved");
	items[1].type = items[3].type = ZYNC_NB_VM;
	items[3].kind = "warning";
	assert_int_equal(zync_netbox_write_back(nb, items, 4, &err), ZYNC_OK);
	assert_int_equal(fake.requests, 4);
	assert_words(fake_request_at(netbox.server, 1)->target, "/api/dcim/devices/");
	assert_words(fake_request_at(netbox.server, 2)->target, "/api/virtualization/virtual-machines/");
	assert_words(fake_request_at(netbox.server, 3)->body, "\"assigned_object_type\":\"dcim.device\"");
	assert_words(fake_request_at(netbox.server, 3)->body, "\"kind\":\"info\"");
	assert_words(fake_request_at(netbox.server, 4)->body, "\"assigned_object_type\":\"virtualization.virtualmachine\"");
	assert_words(fake_request_at(netbox.server, 4)->body, "\"kind\":\"warning\"");
	stop(nb);
}

static void check_isolation(bool structured, bool journal)
{
	struct zync_netbox *nb = start(structured);
	struct zync_err err = {0};

	fake.bad[0] = 1000;
	fake.bad[1] = 1050;
	fake.bad[2] = 1051;
	fake.bad[3] = 1099;
	fake.missing = 1077;
	make_items(100, !journal, journal ? "text" : NULL);
	if (zync_netbox_write_back(nb, items, 100, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < 100; i++) {
		bool refused = is_bad(1000 + i);

		if (i == 77)
			assert_int_not_equal(items[i].status, ZYNC_OK);
		else
			assert_int_equal(items[i].status, refused ? ZYNC_ERR_REJECTED : ZYNC_OK);
		if (refused)
			assert_string_equal(items[i].error, journal	 ? "journal entry: x: bad value"
							    : structured ? "x: bad value"
									 : "custom_fields.zabbix_hostid: bad value");
		assert_int_equal(journal ? fake.journals[1000 + i] == 1 : fake.written[1000 + i], !refused && i != 77);
	}
	if (!structured && !journal)
		assert_string_equal(items[77].error, "NetBox has no such object, or the token may not change it");
	/* Named by NetBox: one repeat. Not named: halving, about 2 log2(100) a bad object. */
	assert_true(fake.requests <= (structured || journal ? 2 : 60));
	stop(nb);
}

static void test_isolation(void **state)
{
	(void)state;
	check_isolation(false, false);
	check_isolation(true, false);
	check_isolation(false, true);
	check_isolation(true, true);
}

static void test_field_dropped(void **state)
{
	struct zync_netbox *nb = start(false);

	(void)state;
	fake.drops_field = true;
	make_items(2, true, "text");
	items[1].hostid = 0; /* cleared: nothing there is right */
	assert_int_equal(zync_netbox_write_back(nb, items, 2, NULL), ZYNC_OK);
	assert_int_equal(items[0].status, ZYNC_ERR_REJECTED);
	assert_words(items[0].error, "did not keep the custom field \"zabbix_hostid\"; `zync check --fix` creates it");
	assert_int_equal(items[1].status, ZYNC_OK);
	assert_int_equal(fake.journals[1000], 0); /* no entry that says the contrary */
	assert_int_equal(fake.journals[1001], 1);
	stop(nb);
}

static void test_forbidden(void **state)
{
	struct zync_netbox *nb = start(false);
	struct zync_err err = {0};

	(void)state;
	fake.forbidden = 1; /* the token may not write at all */
	make_items(300, true, NULL);
	assert_int_equal(zync_netbox_write_back(nb, items, 300, &err), ZYNC_OK);
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(items[i].status, ZYNC_ERR_AUTH);
	assert_words(items[0].error, "needs the permission dcim.change_device, and the token must have \"write enabled\"");
	assert_words(items[299].error, "not tried: NetBox refused the three before it");
	assert_true(fake.requests < 20);
	stop(nb);
	nb = start(false);
	fake.forbidden = 1033; /* a constraint of the permission excludes one */
	make_items(100, true, NULL);
	assert_int_equal(zync_netbox_write_back(nb, items, 100, &err), ZYNC_OK);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(items[i].status, i == 33 ? ZYNC_ERR_AUTH : ZYNC_OK);
	stop(nb);
}

static void test_server_gone(void **state)
{
	struct zync_netbox *nb = start(true);
	struct zync_err err = {0};

	(void)state;
	fake.fail_at = 2;
	fake.fail_with = (struct fake_reply){.action = FAKE_RESET};
	make_items(250, true, "text");
	assert_int_equal(zync_netbox_write_back(nb, items, 250, &err), ZYNC_ERR_UNREACHABLE);
	assert_words(err.message, "netbox: PATCH /api/dcim/devices/");
	assert_words(err.message, "(after 5 attempts)"); /* the same hostid may be written twice */
	assert_int_equal(items[99].status, ZYNC_OK);
	assert_int_equal(items[100].status, ZYNC_ERR_UNREACHABLE);
	assert_int_equal(items[249].status, ZYNC_ERR_CANCELLED);
	assert_string_equal(items[249].error, "not tried");
	stop(nb);
	nb = start(true);
	fake.fail_at = 1;
	fake.fail_with = (struct fake_reply){.action = FAKE_HALF, .status = 201, .body = "[{\"id\":1}]"};
	make_items(3, false, "text");
	assert_int_equal(zync_netbox_write_back(nb, items, 3, &err), ZYNC_ERR_UNREACHABLE);
	assert_words(items[0].error, "(it is not known whether the server carried it out)");
	assert_int_equal(fake.requests, 1); /* a journal entry is never sent twice */
	stop(nb);
}

static void test_proxy_timeout(void **state)
{
	struct zync_netbox *nb = start(true);
	struct zync_err err = {0};

	(void)state;
	fake.fail_at = 1;
	fake.fail_with = (struct fake_reply){.status = 504, .headers = "Content-Type: text/html\r\n", .body = "<html>"};
	make_items(2, true, NULL);
	assert_int_equal(zync_netbox_write_back(nb, items, 2, &err), ZYNC_ERR_UNREACHABLE);
	assert_int_equal(fake.requests, 10); /* five attempts for two, five for the first alone */
	stop(nb);
}

/* ---------- custom fields ---------- */

static struct {
	const char *fields; /* objects in the table */
	const char *after;  /* the same after the write */
	struct fake_reply answer;
	char body[1000], method[16], target[200];
	size_t writes;
} field;

static bool field_write(struct fake_netbox *nb, const struct fake_request *request, struct fake_reply *reply)
{
	(void)nb;
	snprintf(field.body, sizeof(field.body), "%s", request->body);
	snprintf(field.method, sizeof(field.method), "%s", request->method);
	snprintf(field.target, sizeof(field.target), "%.190s", request->target);
	field.writes++;
	field.fields = field.after;
	*reply = field.answer;
	return true;
}

static bool field_list(struct fake_netbox *nb, const struct fake_request *request, struct fake_reply *reply)
{
	if (strstr(request->target, "custom-fields/9/") != NULL)
		snprintf(nb->text, sizeof(nb->text), "%s", field.fields);
	else
		snprintf(nb->text, sizeof(nb->text), "{\"count\":null,\"next\":null,\"results\":[%s]}", field.fields);
	reply->body = nb->text;
	return true;
}

#define FIELD(type, types) \
	"{\"id\":9,\"name\":\"zabbix_hostid\",\"type\":{\"value\":\"" type "\",\"label\":\"T\"},\"object_types\":[" types "]}"
#define BOTH "\"dcim.device\",\"virtualization.virtualmachine\""

static const struct {
	const char *fields, *after;
	struct fake_reply answer;
	enum zync_status status;
	const char *words;
	size_t writes;
} field_cases[] = {
	{"", FIELD("integer", BOTH), {.status = 201, .body = "{}"}, ZYNC_OK, NULL, 1},
	{FIELD("integer", BOTH), "", {0}, ZYNC_OK, NULL, 0},
	{FIELD("text", BOTH), "", {0}, ZYNC_OK, NULL, 0},
	{FIELD("select", BOTH), "", {0}, ZYNC_ERR_CONFLICT, "exists with the type select, but a hostid needs integer", 0},
	{FIELD("integer", "\"dcim.site\",\"dcim.device\""), FIELD("integer", BOTH), {.body = "{}"}, ZYNC_OK, NULL, 1},
	{"",
	 FIELD("integer", BOTH),
	 {.status = 400, .body = "{\"name\":[\"exists\"]}"},
	 ZYNC_OK,
	 NULL,
	 1}, /* made by another at the same time */
	{"",
	 "",
	 {.status = 400, .body = "{\"name\":[\"Invalid name\"]}"},
	 ZYNC_ERR_REJECTED,
	 "creating the custom field \"zabbix_hostid\": netbox: POST /api/extras/custom-fields/: NetBox refuses it: name: Invalid name",
	 1},
	{"",
	 "",
	 {.status = 403, .body = "{\"detail\":\"You do not have permission to perform this action.\"}"},
	 ZYNC_ERR_AUTH,
	 "needs the permission extras.add_customfield",
	 1},
};

/* The names of records, and all custom fields, for `zync check`. */
static bool names_list(struct fake_netbox *nb, const struct fake_request *request, struct fake_reply *reply)
{
	if (strstr(request->target, "/api/extras/custom-fields/") != NULL)
		snprintf(nb->text, sizeof(nb->text),
			 "{\"count\":3,\"next\":null,\"results\":[{\"id\":1,\"name\":\"a\",\"object_types\":[" BOTH
			 "]},{\"id\":2,\"name\":\"b\",\"object_types\":[\"dcim.site\"]},{\"id\":3,\"name\":\"c\",\"object_types\":["
			 "\"virtualization.virtualmachine\"]}]}");
	else if (strstr(request->target, "/api/dcim/device-types/") != NULL)
		snprintf(nb->text, sizeof(nb->text),
			 "{\"count\":2,\"next\":null,\"results\":[{\"id\":1,\"slug\":\"x\",\"model\":\"X "
			 "1\"},{\"id\":2,\"slug\":\"y\",\"name\":\"\"}]}");
	else
		return false;
	reply->body = nb->text;
	return true;
}

static void test_names(void **state)
{
	static const char *const want[] = {"x", "X 1", "y"};
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_nb_custom_field f;
	struct zync_err err = {0};
	struct zync_vec names;
	char seen[64] = "";
	bool found = true;
	size_t pos = 0;

	(void)state;
	zync_vec_init(&names, arena);
	fake_netbox_start(&netbox, "4.7.3", 0);
	netbox.list = names_list;
	struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
	assert_int_equal(zync_netbox_names(nb, "dcim/device-types", &names, &err), ZYNC_OK);
	assert_int_equal(names.len, ZYNC_ARRAY_LEN(want));
	for (size_t i = 0; i < names.len; i++)
		assert_string_equal(names.items[i], want[i]);
	while (zync_netbox_next_custom_field(nb, &pos, &f, &found, &err) == ZYNC_OK && found) {
		size_t len = strlen(seen);

		snprintf(seen + len, sizeof(seen) - len, "%s%d%d ", f.name, f.on_device, f.on_vm);
	}
	assert_false(found);
	assert_string_equal(seen, "a11 b00 c01 ");
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
	zync_arena_free(arena);
}

static void test_create_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(field_cases); i++) {
		struct zync_err err = {0};
		bool there = false;

		memset(&field, 0, sizeof(field));
		field.fields = field_cases[i].fields;
		field.after = field_cases[i].after;
		field.answer = field_cases[i].answer;
		fake_netbox_start(&netbox, "4.7.3", 0);
		netbox.write = field_write;
		netbox.list = field_list;
		struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
		enum zync_status status = zync_netbox_create_hostid_field(nb, "zabbix_hostid", &err);
		if (status != field_cases[i].status)
			fail_msg("%zu: %s: %s", i, zync_status_name(status), err.message);
		if (field_cases[i].words != NULL)
			assert_words(err.message, field_cases[i].words);
		assert_int_equal(field.writes, field_cases[i].writes);
		if (status == ZYNC_OK) {
			assert_int_equal(zync_netbox_has_custom_field(nb, ZYNC_NB_DEVICE, "zabbix_hostid", &there, &err), ZYNC_OK);
			assert_true(there);
			assert_int_equal(zync_netbox_has_custom_field(nb, ZYNC_NB_VM, "zabbix_hostid", &there, &err), ZYNC_OK);
			assert_true(there);
			assert_int_equal(zync_netbox_has_custom_field(nb, ZYNC_NB_VM, "other", &there, &err), ZYNC_OK);
			assert_false(there);
		}
		if (i == 0) {
			assert_words(field.body, "\"type\":\"integer\"");
			assert_words(field.body, "\"search_weight\":0");
			assert_words(field.body, "\"object_types\":[" BOTH "]");
			assert_null(strstr(field.body, "default"));
		}
		if (i == 4) { /* what had the field keeps it */
			assert_string_equal(field.method, "PATCH");
			assert_string_equal(field.target, "/api/extras/custom-fields/9/");
			assert_string_equal(field.body,
					    "{\"object_types\":[\"dcim.site\",\"dcim.device\",\"virtualization.virtualmachine\"]}");
		}
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

const struct CMUnitTest tests_write[] = {
	cmocka_unit_test(test_hostids),	      cmocka_unit_test(test_types),	   cmocka_unit_test(test_isolation),
	cmocka_unit_test(test_field_dropped), cmocka_unit_test(test_forbidden),	   cmocka_unit_test(test_server_gone),
	cmocka_unit_test(test_proxy_timeout), cmocka_unit_test(test_create_field), cmocka_unit_test(test_names),
};
const size_t tests_write_len = ZYNC_ARRAY_LEN(tests_write);
