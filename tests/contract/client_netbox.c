/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client_netbox.c The NetBox client against a real NetBox or the simulator, filled with any data.
 *
 * Environment: ZYNC_NETBOX_URL and ZYNC_NETBOX_TOKEN (with all permissions); ZYNC_NETBOX_TOKEN_V1 where there is one. It creates the custom field
 * zync_contract_id if needed, writes it to three devices and clears it again, and adds three journal entries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/str.h"
#include "http/http.h"
#include "netbox/netbox.h"

#define FIELD "zync_contract_id"

static const char *contract_url, *contract_token;

static struct zync_netbox *open_with(const char *url, const char *token, int64_t page, enum zync_status expected, struct zync_err *err)
{
	struct zync_netbox *nb = NULL;
	struct zync_cfg_netbox config = {.url = url, .verify_tls = true, .timeout_ms = 60000, .page_size = page, .hostid_field = FIELD};

	assert_int_equal(zync_secret_new(token, &config.token, err), ZYNC_OK);
	enum zync_status status = zync_netbox_open(&config, NULL, NULL, &nb, err);
	zync_secret_free(config.token);
	if (status != expected)
		fail_msg("%s: %s", zync_status_name(status), err->message);
	return nb;
}

static struct zync_netbox *open_netbox(int64_t page)
{
	struct zync_err err = {0};

	return open_with(contract_url, contract_token, page, ZYNC_OK, &err);
}

/** Read an address by plain HTTP, not through the client under test. */
static const struct zync_jval *plain_get(struct zync_arena *arena, const char *path)
{
	char authorization[512];
	const char *headers[] = {authorization, "Accept: application/json", NULL};
	struct zync_http_params params = {.what = "plain", .base_url = contract_url, .timeout_ms = 60000};
	struct zync_http_request request = {.method = "GET", .path = path, .headers = headers, .repeatable = true};
	const struct zync_jval *json = NULL;
	struct zync_http *http = NULL;
	struct zync_http_reply reply;
	struct zync_err err = {0};

	snprintf(authorization, sizeof(authorization), "Authorization: %s %s", strncmp(contract_token, "nbt_", 4) == 0 ? "Bearer" : "Token",
		 contract_token);
	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_new(&params, &http, &err), ZYNC_OK);
	if (zync_http_perform(http, &request, &reply, &err) != ZYNC_OK || reply.status != 200)
		fail_msg("%s: %ld %s", path, reply.status, err.message);
	assert_int_equal(zync_json_parse(arena, reply.body.data, reply.body.len, &json, &err), ZYNC_OK);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	return json;
}

static int64_t plain_count(const char *path)
{
	struct zync_arena *arena = zync_arena_new(0);
	int64_t count = -1;

	assert_true(zync_jval_to_i64(zync_jval_get(plain_get(arena, path), "count"), &count));
	zync_arena_free(arena);
	return count;
}

/** How many objects the server gives when @p wanted are asked for (its MAX_PAGE_SIZE). */
static int64_t plain_page(int64_t wanted)
{
	struct zync_arena *arena = zync_arena_new(0);
	char path[100];

	snprintf(path, sizeof(path), "/api/dcim/devices/?fields=id&limit=%lld", (long long)wanted);
	int64_t page = (int64_t)zync_jval_len(zync_jval_get(plain_get(arena, path), "results"));
	zync_arena_free(arena);
	return page > 0 ? page : 1;
}

struct seen {
	struct zync_netbox *nb;
	uint64_t last;
	int64_t count, unnamed, with_context, hostids, joined[8];
	uint64_t ids[4];
	char name[256];
};

static enum zync_status on_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct seen *seen = ctx;

	(void)err;
	assert_true(object->id > seen->last);
	assert_non_null(object->display);
	seen->last = object->id;
	if (seen->count < 4)
		seen->ids[seen->count] = object->id;
	seen->count++;
	seen->unnamed += object->name == NULL;
	seen->hostids += object->hostid != 0;
	seen->with_context += zync_jval_get(object->json, "config_context") != NULL;
	if (object->name != NULL && seen->name[0] == '\0' && strpbrk(object->name, "abcdefghijklmnopqrstuvwxyz") != NULL)
		snprintf(seen->name, sizeof(seen->name), "%s", object->name);
	return ZYNC_OK;
}

static struct seen walk(struct zync_netbox *nb, struct zync_nb_walk what)
{
	struct seen seen = {.nb = nb};
	struct zync_err err = {0};

	if (zync_netbox_walk(nb, &what, on_object, &seen, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	return seen;
}

static void test_version(void **state)
{
	struct zync_netbox *nb = open_netbox(500);
	struct zync_arena *arena = zync_arena_new(0);
	const char *version = zync_jval_get_str(plain_get(arena, "/api/status/"), "netbox-version");

	(void)state;
	assert_string_equal(zync_netbox_version(nb), version);
	assert_int_equal(zync_netbox_api_version(nb) / 1000, 4);
	assert_int_equal(zync_netbox_calls(nb), 1);
	zync_arena_free(arena);
	zync_netbox_close(nb);
}

static void test_walk_all(void **state)
{
	static const int64_t pages[] = {7, 500};
	int64_t devices = plain_count("/api/dcim/devices/?limit=1&brief=1");
	int64_t vms = plain_count("/api/virtualization/virtual-machines/?limit=1&brief=1");

	(void)state;
	assert_true(devices > 7 && vms > 7);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(pages); i++) {
		struct zync_netbox *nb = open_netbox(pages[i]);
		struct seen seen = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE});
		int64_t page = plain_page(pages[i]);

		assert_int_equal(seen.count, devices);
		assert_int_equal(seen.with_context, 0);
		seen = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_VM});
		assert_int_equal(seen.count, vms);
		assert_int_equal(seen.unnamed, 0);
		/* No request too many: one page for each `page size` objects, and one more where the last was full. */
		assert_true(zync_netbox_calls(nb) <= (uint64_t)(1 + devices / page + 1 + vms / page + 1));
		zync_netbox_close(nb);
	}
}

static void test_config_context(void **state)
{
	struct zync_netbox *nb = open_netbox(500);
	struct seen seen = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .config_context = true});

	(void)state;
	assert_int_equal(seen.with_context, seen.count);
	seen = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_VM, .config_context = true});
	assert_int_equal(seen.with_context, seen.count);
	zync_netbox_close(nb);
}

static void test_one_object(void **state)
{
	struct zync_netbox *nb = open_netbox(500);
	struct seen all = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}), one;
	char upper[256];

	(void)state;
	one = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .id = all.ids[2]});
	assert_int_equal(one.count, 1);
	assert_int_equal(one.ids[0], all.ids[2]);
	one = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .name = all.name});
	assert_true(one.count >= 1);
	snprintf(upper, sizeof(upper), "%s", all.name);
	for (char *c = upper; *c != '\0'; c++)
		*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
	one = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .name = upper});
	assert_int_equal(one.count, 0); /* NetBox finds it, but it is another name */
	zync_netbox_close(nb);
}

/** member("a"), then "b", then "c" … of a path with dots. */
static const struct zync_jval *path_of(const struct zync_netbox *nb, const struct zync_nb_object *object, const char *path)
{
	const struct zync_jval *value = NULL;
	char step[64];

	for (const char *dot; *path != '\0'; path = *dot != '\0' ? dot + 1 : dot) {
		dot = strchrnul(path, '.');
		snprintf(step, sizeof(step), "%.*s", (int)(dot - path), path);
		value = zync_netbox_member(nb, object, value, step);
		if (value == NULL)
			return NULL;
	}
	return value;
}

static const char *const joins[] = {"site.region.name",	  "site.group.slug",   "device_type.manufacturer.slug",
				    "tenant.group.name",  "cluster.type.name", "role.color",
				    "primary_ip.address", "platform.slug"};

static enum zync_status on_join(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct seen *seen = ctx;

	(void)err;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(joins); i++)
		seen->joined[i] += zync_jval_str(path_of(seen->nb, object, joins[i])) != NULL;
	assert_string_equal(zync_jval_str(path_of(seen->nb, object, "type")), zync_nb_type_name(object->type));
	assert_null(path_of(seen->nb, object, "no_such_member"));
	assert_null(path_of(seen->nb, object, "site.no_such_member"));
	if (zync_jval_type(path_of(seen->nb, object, "primary_ip")) == ZYNC_JSON_OBJECT)
		assert_non_null(zync_jval_str(path_of(seen->nb, object, "primary_ip.dns_name")));
	/* The first objects are compared with what NetBox says of the site itself. */
	if (seen->count++ < 5 && zync_jval_type(path_of(seen->nb, object, "site")) == ZYNC_JSON_OBJECT) {
		struct zync_arena *arena = zync_arena_new(0);
		char path[128];
		int64_t id = 0;

		assert_true(zync_jval_to_i64(path_of(seen->nb, object, "site.id"), &id));
		snprintf(path, sizeof(path), "/api/dcim/sites/%lld/", (long long)id);
		const struct zync_jval *site = plain_get(arena, path);
		const char *region = zync_jval_get_str(zync_jval_get(site, "region"), "name");
		const char *joined = zync_jval_str(path_of(seen->nb, object, "site.region.name"));
		assert_true(zync_str_eq(region, joined));
		zync_arena_free(arena);
	}
	return ZYNC_OK;
}

static void test_joins(void **state)
{
	struct zync_netbox *nb = open_netbox(500);
	struct seen seen = {.nb = nb};
	struct zync_err err = {0};

	(void)state;
	if (zync_netbox_load_references(nb, NULL, 0, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	for (int type = 0; type < 2; type++) {
		struct zync_nb_walk what = {.type = (enum zync_nb_type)type};

		seen.count = 0;
		if (zync_netbox_walk(nb, &what, on_join, &seen, &err) != ZYNC_OK)
			fail_msg("%s", err.message);
	}
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(joins); i++) {
		if (seen.joined[i] == 0)
			fail_msg("%s is never there; is the NetBox filled?", joins[i]);
	}
	zync_netbox_close(nb);
}

static enum zync_status walk_filtered(struct zync_netbox *nb, enum zync_nb_type type, const char *key, const char *value, struct seen *seen,
				      struct zync_err *err)
{
	struct zync_cfg_text text = {.value = value};
	struct zync_cfg_pair pair = {.key = {.value = key, .pos = {.line = 7}}, .values = {.items = &text, .len = 1}};
	struct zync_cfg_pairs pairs = {.items = &pair, .len = 1};
	struct zync_nb_walk what = {.type = type, .filter = &pairs};

	*seen = (struct seen){.nb = nb};
	return zync_netbox_walk(nb, &what, on_object, seen, err);
}

static void test_filters(void **state)
{
	static const struct {
		const char *key, *value, *words; /* words NULL: known, and finds what a plain count finds */
	} cases[] = {
		{"status", "active", NULL},
		{"status__n", "active", NULL},
		{"name__n", "no such device anywhere", NULL}, /* excludes nothing, and is still known */
		{"name__nic", "e", NULL},
		{"name__empty", "true", NULL},
		{"name__empty", "false", NULL},
		{"has_primary_ip", "true", NULL},
		{"has_primary_ip", "false", NULL},
		{"id__lt", "5", NULL},
		{"created__gte", "2001-01-01T00:00:00Z", NULL}, /* all of them */
		{"q", "sw", NULL},
		{"rol", "switch", "does not know the filter \"rol\" (it would ignore it and return everything); did you mean \"role\"?"},
		{"statsu", "active", "(line 7): NetBox does not know the filter \"statsu\""},
		{"statsu__n", "active", "does not know the filter \"statsu__n\""},
		{"cf_no_such_field", "1", "does not know the filter \"cf_no_such_field\""},
		{"has_primary_ip__n", "true", "does not know the filter \"has_primary_ip__n\""},
		{"filter", "no-such-saved-filter", "no saved filter with the slug"},
		{"limit", "5", "\"limit\" is set by Zync itself"},
		{"fields", "id", "\"fields\" is set by Zync itself"},
		{"status", "no-such-status", "refuses a value in netbox.device_filter: status: "},
		{"site", "no-such-site", "refuses a value in netbox.device_filter: site: "},
	};
	struct zync_netbox *nb = open_netbox(500);

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_err err = {0};
		struct seen seen;
		enum zync_status status = walk_filtered(nb, ZYNC_NB_DEVICE, cases[i].key, cases[i].value, &seen, &err);

		if (cases[i].words != NULL) {
			if (status != ZYNC_ERR_INVALID || strstr(err.message, cases[i].words) == NULL)
				fail_msg("%s=%s: %s: %s", cases[i].key, cases[i].value, zync_status_name(status), err.message);
			continue;
		}
		if (status != ZYNC_OK)
			fail_msg("%s=%s: %s", cases[i].key, cases[i].value, err.message);
		struct zync_buf path;
		zync_buf_init(&path, 1000);
		zync_buf_printf(&path, "/api/dcim/devices/?limit=1&brief=1&%s=", cases[i].key);
		zync_http_escape(&path, cases[i].value);
		assert_int_equal(seen.count, plain_count(path.data));
		zync_buf_done(&path);
	}
	uint64_t calls = zync_netbox_calls(nb);
	struct zync_err err = {0};
	struct seen seen;
	assert_int_equal(walk_filtered(nb, ZYNC_NB_DEVICE, "name__nic", "e", &seen, &err), ZYNC_OK);
	assert_true(zync_netbox_calls(nb) <= calls + 2); /* checked once only */
	assert_int_equal(walk_filtered(nb, ZYNC_NB_VM, "rol", "x", &seen, &err), ZYNC_ERR_INVALID);
	assert_non_null(strstr(err.message, "netbox.vm_filter"));
	zync_netbox_close(nb);
}

static void test_write_back(void **state)
{
	struct zync_netbox *nb = open_netbox(500);
	struct seen seen = walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE});
	struct zync_err err = {0};
	int64_t journals = plain_count("/api/extras/journal-entries/?limit=1&brief=1");
	bool there = false;

	(void)state;
	if (zync_netbox_create_hostid_field(nb, FIELD, &err) != ZYNC_OK || zync_netbox_create_hostid_field(nb, FIELD, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	assert_int_equal(zync_netbox_has_custom_field(nb, ZYNC_NB_VM, FIELD, &there, &err), ZYNC_OK);
	assert_true(there);
	assert_int_equal(zync_netbox_has_custom_field(nb, ZYNC_NB_DEVICE, "no_such_field", &there, &err), ZYNC_OK);
	assert_false(there);
	for (int pass = 0; pass < 2; pass++) {
		struct zync_nb_writeback items[4] = {0};

		for (size_t i = 0; i < 4; i++)
			items[i] = (struct zync_nb_writeback){.type = ZYNC_NB_DEVICE,
							      .id = i < 3 ? seen.ids[i] : 99999999,
							      .hostid = pass == 0 ? 10084 + i : 0,
							      .set_hostid = true,
							      .journal = pass == 0 ? "Zync **contract** test" : NULL};
		if (zync_netbox_write_back(nb, items, 4, &err) != ZYNC_OK)
			fail_msg("%s", err.message);
		for (size_t i = 0; i < 3; i++) {
			if (items[i].status != ZYNC_OK)
				fail_msg("%s", items[i].error);
		}
		assert_int_not_equal(items[3].status, ZYNC_OK);
		assert_true(items[3].error[0] != '\0');
		assert_int_equal(walk(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}).hostids, pass == 0 ? 3 : 0);
	}
	assert_int_equal(plain_count("/api/extras/journal-entries/?limit=1&brief=1"), journals + 3);
	zync_netbox_close(nb);
}

static void test_may_read(void **state)
{
	struct zync_netbox *nb = open_netbox(500);
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_err err = {0};
	const char *reason = NULL;
	bool may = false;

	(void)state;
	assert_int_equal(zync_netbox_may_read(nb, "dcim/devices", arena, &may, &reason, &err), ZYNC_OK);
	assert_true(may);
	assert_int_equal(zync_netbox_may_read(nb, "dcim/no-such-things", arena, &may, &reason, &err), ZYNC_OK);
	assert_false(may);
	assert_non_null(strstr(reason, "404"));
	zync_arena_free(arena);
	zync_netbox_close(nb);
}

static void expect_open_error(const char *url, const char *token, enum zync_status status, const char *words)
{
	struct zync_err err = {0};

	assert_null(open_with(url, token, 500, status, &err));
	if (strstr(err.message, words) == NULL)
		fail_msg("%s", err.message);
	assert_null(strstr(err.message, token));
}

static void test_open_errors(void **state)
{
	struct zync_netbox *nb = open_netbox(500);
	unsigned api = zync_netbox_api_version(nb);
	char url[512];

	(void)state;
	zync_netbox_close(nb);
	expect_open_error(contract_url, "0123456789012345678901234567890123456789", ZYNC_ERR_AUTH, "check netbox.token");
	expect_open_error(contract_url, "nbt_abcdefghijkl.0123456789012345678901234567890123456789", ZYNC_ERR_AUTH,
			  api < 4005 ? "need NetBox 4.5 or newer, this is 4." : "check netbox.token");
	snprintf(url, sizeof(url), "%s/api", contract_url);
	expect_open_error(url, contract_token, ZYNC_ERR_INVALID, "must be the address of NetBox's home page, without /api");
	expect_open_error("http://127.0.0.1:1", contract_token, ZYNC_ERR_UNREACHABLE,
			  "could not connect to 127.0.0.1:1: Connection refused");
}

static void test_token_v1(void **state)
{
	const char *token = getenv("ZYNC_NETBOX_TOKEN_V1");
	struct zync_err err = {0};

	(void)state;
	if (zync_str_empty(token)) {
		print_message("# skipped: ZYNC_NETBOX_TOKEN_V1 is not set\n");
		skip();
	}
	zync_netbox_close(open_with(contract_url, token, 500, ZYNC_OK, &err));
}

/* ---------- members beyond the usual ones ---------- */

static const char *const more_names[] = {"face", "position", "local_context_data", "display_url", "owner", "interface_count",
					 "asns", "u_height", "no_such_name"};
static const struct {
	const char *endpoint, *path, *id, *member; /* the member of the record that the path leads to, and its id */
} more_records[] = {
	{"dcim/devices", "", "id", "face"},
	{"dcim/devices", "", "id", "position"},
	{"dcim/devices", "", "id", "local_context_data"},
	{"dcim/devices", "", "id", "display_url"},
	{"dcim/devices", "", "id", "owner"},
	{"dcim/devices", "", "id", "interface_count"},
	{"dcim/sites", "site.", "site.id", "asns"},
	{"dcim/sites", "site.", "site.id", "display_url"},
	{"dcim/device-types", "device_type.", "device_type.id", "u_height"},
	{"dcim/device-types", "device_type.", "device_type.id", "interface_count"},
};

static char *text_of(struct zync_arena *arena, const struct zync_jval *value)
{
	struct zync_buf buf;
	struct zync_err err = {0};
	char *text;

	zync_buf_init(&buf, 1 << 20);
	assert_int_equal(zync_jval_write(arena, value, ZYNC_JSON_SORTED, &buf, &err), ZYNC_OK);
	text = zync_arena_strdup(arena, buf.data);
	zync_buf_done(&buf);
	assert_non_null(text);
	return text;
}

/* Each member as NetBox itself gives it in the record; what it has not under that name is nothing. */
static enum zync_status on_more(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct seen *seen = ctx;
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	char path[128];
	int64_t id = 0;

	(void)err;
	/* The first ones, and then now and then one. */
	if (seen->count++ % 40 > 2)
		return ZYNC_OK;
	assert_null(path_of(seen->nb, object, "no_such_name"));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(more_records); i++) {
		const struct zync_jval *own, *value;

		assert_true(zync_jval_to_i64(path_of(seen->nb, object, more_records[i].id), &id));
		snprintf(path, sizeof(path), "/api/%s/%lld/", more_records[i].endpoint, (long long)id);
		own = zync_jval_get(plain_get(arena, path), more_records[i].member);
		snprintf(path, sizeof(path), "%s%s", more_records[i].path, more_records[i].member);
		value = path_of(seen->nb, object, path);
		if ((own == NULL) != (value == NULL) || (own != NULL && strcmp(text_of(arena, own), text_of(arena, value)) != 0))
			fail_msg("%s: %s instead of %s", path, value != NULL ? text_of(arena, value) : "nothing",
				 own != NULL ? text_of(arena, own) : "nothing");
		seen->joined[0] += own != NULL;
	}
	return ZYNC_OK;
}

#define MANY_NAMES 500

static void test_names(void **state)
{
	static char texts[MANY_NAMES][16];
	const char *names[MANY_NAMES];

	(void)state;
	for (size_t i = 0; i < MANY_NAMES; i++) {
		snprintf(texts[i], sizeof(texts[i]), "zync_none_%zu", i);
		names[i] = i < ZYNC_ARRAY_LEN(more_names) ? more_names[i] : texts[i];
	}
	/* As many as fit, and far too many: the answers are the same. */
	for (int pass = 0; pass < 2; pass++) {
		size_t count = pass == 0 ? ZYNC_ARRAY_LEN(more_names) : MANY_NAMES;
		struct zync_netbox *nb = open_netbox(500);
		struct seen seen = {.nb = nb};
		struct zync_nb_walk what = {.type = ZYNC_NB_DEVICE, .names = names, .name_count = count};
		struct zync_err err = {0};

		if (zync_netbox_load_references(nb, names, count, &err) != ZYNC_OK ||
		    zync_netbox_walk(nb, &what, on_more, &seen, &err) != ZYNC_OK)
			fail_msg("%s", err.message);
		assert_true(seen.joined[0] > 20);
		zync_netbox_close(nb);
	}
}

/* A custom field that points to a site is joined as the site of the device is. */
static enum zync_status on_field(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct seen *seen = ctx;
	const struct zync_jval *fields = path_of(seen->nb, object, "custom_fields"), *value;
	struct zync_jiter it;
	const char *key;

	(void)err;
	zync_jiter_init(&it, fields);
	while ((value = zync_jiter_next(&it, &key)) != NULL) {
		bool list = zync_jval_type(value) == ZYNC_JSON_ARRAY;
		const struct zync_jval *one = list ? zync_jval_at(value, 0) : zync_netbox_member(seen->nb, object, fields, key);
		const char *url = zync_jval_get_str(one, "url");

		if (url == NULL || strstr(url, "/api/dcim/sites/") == NULL)
			continue;
		assert_non_null(zync_netbox_member(seen->nb, object, one, "region"));
		assert_non_null(zync_netbox_member(seen->nb, object, one, "time_zone"));
		seen->joined[list]++;
	}
	return ZYNC_OK;
}

static void test_custom_fields(void **state)
{
	struct zync_netbox *nb = open_netbox(500);
	struct zync_nb_walk what = {.type = ZYNC_NB_DEVICE};
	struct seen seen = {.nb = nb};
	struct zync_err err = {0};

	(void)state;
	if (zync_netbox_load_references(nb, NULL, 0, &err) != ZYNC_OK || zync_netbox_walk(nb, &what, on_field, &seen, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	if (seen.joined[0] == 0)
		fail_msg("no custom field points to a site; is the NetBox filled?");
	zync_netbox_close(nb);
}

/* ---------- addresses by interface, and chassis ---------- */

/* The addresses of an object's own interfaces, counted and added up from NetBox's list. */
static int64_t plain_addresses(struct zync_arena *arena, const struct zync_nb_object *object, const char *address, size_t index)
{
	const struct zync_jval *results, *item;
	struct zync_jiter it;
	char path[160];
	int64_t own = 0, id = 0;
	bool vm = object->type == ZYNC_NB_VM, found = false;

	snprintf(path, sizeof(path), "/api/ipam/ip-addresses/?limit=500&assigned_to_interface=true&%s=%llu",
		 vm ? "virtual_machine_id" : "device_id", (unsigned long long)object->id);
	results = zync_jval_get(plain_get(arena, path), "results");
	zync_jiter_init(&it, results);
	while ((item = zync_jiter_next(&it, NULL)) != NULL) {
		const struct zync_jval *machine = zync_jval_get(zync_jval_get(item, "assigned_object"), vm ? "virtual_machine" : "device");

		if (!zync_jval_to_i64(zync_jval_get(machine, "id"), &id) || (uint64_t)id != object->id)
			continue;
		own++;
		found = found || zync_str_eq(zync_jval_get_str(item, "address"), address);
	}
	if (address != NULL && !found)
		fail_msg("address %zu of %s is none of its own: %s", index, object->display, address);
	return own;
}

static enum zync_status on_addresses(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct seen *seen = ctx;
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const struct zync_jval *list = path_of(seen->nb, object, "ip_addresses"), *item;
	const char *before = NULL;
	struct zync_jiter it;
	size_t index = 0;

	(void)err;
	assert_int_equal(zync_jval_type(list), ZYNC_JSON_ARRAY);
	seen->count++;
	seen->joined[0] += (int64_t)zync_jval_len(list);
	if (seen->count % 25 != 1 && zync_jval_len(list) < 3)
		return ZYNC_OK;
	assert_int_equal(plain_addresses(arena, object, NULL, 0), zync_jval_len(list));
	zync_jiter_init(&it, list);
	while ((item = zync_jiter_next(&it, NULL)) != NULL) {
		(void)plain_addresses(arena, object, zync_jval_get_str(item, "address"), index++);
		assert_true(before == NULL || strcmp(before, zync_jval_get_str(item, "interface")) <= 0);
		before = zync_jval_get_str(item, "interface");
	}
	return ZYNC_OK;
}

static void test_addresses(void **state)
{
	struct zync_netbox *nb = open_netbox(500);
	struct zync_err err = {0};
	int64_t all = 0;

	(void)state;
	if (zync_netbox_load_references(nb, NULL, 0, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	for (int type = 0; type < 2; type++) {
		struct zync_nb_walk what = {.type = (enum zync_nb_type)type, .ip_addresses = true};
		struct seen seen = {.nb = nb};
		uint64_t before = zync_netbox_calls(nb);

		if (zync_netbox_walk(nb, &what, on_addresses, &seen, &err) != ZYNC_OK)
			fail_msg("%s", err.message);
		assert_true(zync_netbox_calls(nb) - before < 20); /* in bulk */
		all += seen.joined[0];
	}
	/* Every address of an interface is somebody's. */
	assert_int_equal(all, plain_count("/api/ipam/ip-addresses/?limit=1&assigned_to_interface=true"));
	zync_netbox_close(nb);
}

static enum zync_status on_one_host(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct seen *seen = ctx;
	const struct zync_jval *chassis = zync_jval_get(object->json, "virtual_chassis");

	(void)err;
	assert_int_equal(object->chassis != NULL, zync_jval_type(chassis) == ZYNC_JSON_OBJECT);
	if (object->chassis == NULL)
		return ZYNC_OK;
	assert_true(zync_nb_chassis_has(object->chassis, object->id));
	assert_string_equal(object->chassis->name, zync_jval_get_str(chassis, "name"));
	seen->joined[0] += zync_nb_object_is_chassis(object);
	assert_true(zync_str_eq(object->name, zync_nb_object_is_chassis(object) ? object->chassis->name : object->device_name));
	assert_true(zync_str_eq(zync_jval_str(path_of(seen->nb, object, "name")), object->name));
	assert_true(zync_str_eq(zync_jval_str(path_of(seen->nb, object, "device_name")), object->device_name));
	return ZYNC_OK;
}

static void test_one_host(void **state)
{
	struct zync_cfg_netbox config = {
		.url = contract_url, .verify_tls = true, .timeout_ms = 60000, .page_size = 500, .virtual_chassis = ZYNC_VC_ONE_HOST};
	struct zync_nb_walk what = {.type = ZYNC_NB_DEVICE};
	struct zync_nb_chassis chassis;
	struct zync_netbox *nb = NULL;
	struct zync_err err = {0};
	struct seen seen = {0};
	int64_t masters = 0;
	size_t pos = 0;

	(void)state;
	assert_int_equal(zync_secret_new(contract_token, &config.token, &err), ZYNC_OK);
	if (zync_netbox_open(&config, NULL, NULL, &nb, &err) != ZYNC_OK || zync_netbox_load_references(nb, NULL, 0, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	zync_secret_free(config.token);
	seen.nb = nb;
	if (zync_netbox_walk(nb, &what, on_one_host, &seen, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	while (zync_netbox_next_chassis(nb, &pos, &chassis))
		masters += chassis.master != 0;
	if (seen.joined[0] == 0)
		fail_msg("no virtual chassis with a master; is the NetBox filled?");
	assert_int_equal(seen.joined[0], masters);
	zync_netbox_close(nb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),	   cmocka_unit_test(test_walk_all), cmocka_unit_test(test_config_context),
		cmocka_unit_test(test_one_object), cmocka_unit_test(test_joins),    cmocka_unit_test(test_filters),
		cmocka_unit_test(test_write_back), cmocka_unit_test(test_may_read), cmocka_unit_test(test_open_errors),
		cmocka_unit_test(test_token_v1),   cmocka_unit_test(test_names),    cmocka_unit_test(test_custom_fields),
		cmocka_unit_test(test_addresses),  cmocka_unit_test(test_one_host),
	};

	contract_url = getenv("ZYNC_NETBOX_URL");
	contract_token = getenv("ZYNC_NETBOX_TOKEN");
	if (zync_str_empty(contract_url) || zync_str_empty(contract_token)) {
		fprintf(stderr, "contract-netbox: set ZYNC_NETBOX_URL and ZYNC_NETBOX_TOKEN\n");
		return 2;
	}
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	zync_log_reset();
	return failed == 0 ? 0 : 1;
}
