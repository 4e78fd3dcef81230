/* SPDX-License-Identifier: Apache-2.0 */
/** @file test_filter.c Is each filter known to NetBox? The fake behaves as a real 4.7.3 does (tests/contract shows it). */
#include "fake_netbox.h"

#include "base/str.h"

static struct fake_netbox netbox;

/** How many of 100 devices a filter finds: -1 refuses the value, -2 does not know the filter. */
static int filter_effect(const char *key, const char *value)
{
	bool yes = zync_str_eq(value, "true"), no = zync_str_eq(value, "false");

	if (zync_str_eq(key, "status"))
		return zync_str_eq(value, "active") ? 90 : zync_str_eq(value, "failed") ? 0 : -1;
	if (zync_str_eq(key, "status__n"))
		return zync_str_eq(value, "active") ? 10 : zync_str_eq(value, "failed") ? 100 : -1;
	if (zync_str_eq(key, "name"))
		return zync_str_eq(value, "sw-1") ? 1 : 0;
	if (zync_str_eq(key, "name__n"))
		return zync_str_eq(value, "sw-1") ? 99 : 100;
	if (zync_str_eq(key, "name__ic"))
		return zync_str_eq(value, "sw") ? 60 : 0;
	if (zync_str_eq(key, "name__nic"))
		return zync_str_eq(value, "sw") ? 40 : 100;
	if (zync_str_eq(key, "has_primary_ip")) /* garbage counts as not given */
		return no ? 0 : 100;
	if (zync_str_eq(key, "has_oob_ip"))
		return yes ? 0 : 100;
	if (zync_str_eq(key, "asset_tag__empty"))
		return yes ? 70 : no ? 30 : 100;
	return -2;
}

static bool filter_list(struct fake_netbox *fake, const struct fake_request *request, struct fake_reply *reply)
{
	static const char *const own[] = {"limit", "start", "id__gte", "ordering", "fields", "exclude", "brief"};
	int count = 100;
	char key[64], value[256];

	if (strncmp(request->target, "/api/extras/saved-filters/", 26) == 0) {
		fake_query(request, "slug", value, sizeof(value));
		snprintf(fake->text, sizeof(fake->text), "{\"count\":%d,\"next\":null,\"results\":[]}", strcmp(value, "mine") == 0);
		reply->body = fake->text;
		return true;
	}
	for (const char *part = strchr(request->target, '?'); part != NULL; part = strchr(part + 1, '&')) {
		bool is_own = false;

		snprintf(key, sizeof(key), "%.*s", (int)strcspn(part + 1, "="), part + 1);
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(own); i++)
			is_own |= zync_str_eq(key, own[i]);
		if (is_own || !fake_query(request, key, value, sizeof(value)))
			continue;
		int effect = filter_effect(key, value);
		if (effect == -1) {
			snprintf(fake->text, sizeof(fake->text),
				 "{\"%s\":[\"Select a valid choice. %s is not one of the available choices.\"]}", key, value);
			reply->status = 400;
			reply->body = fake->text;
			return true;
		}
		count = effect >= 0 && effect < count ? effect : count;
	}
	if (strstr(request->target, "brief=1") == NULL) /* the walk itself; what it finds does not matter here */
		snprintf(fake->text, sizeof(fake->text), "{\"count\":null,\"next\":null,\"results\":[]}");
	else
		snprintf(fake->text, sizeof(fake->text), "{\"count\":%d,\"next\":null,\"results\":[]}", fake->count == 0 ? 0 : count);
	reply->body = fake->text;
	return true;
}

static enum zync_status on_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	(void)ctx;
	(void)object;
	(void)err;
	return ZYNC_OK;
}

static enum zync_status walk(struct zync_netbox *nb, enum zync_nb_type type, const char *key, const char *value, unsigned line,
			     struct zync_err *err)
{
	struct zync_cfg_text text = {.value = value};
	struct zync_cfg_pair pair = {.key = {.value = key, .pos = {.line = line}}, .values = {.items = &text, .len = 1}};
	struct zync_cfg_pairs pairs = {.items = &pair, .len = 1};
	struct zync_nb_walk what = {.type = type, .filter = &pairs};

	return zync_netbox_walk(nb, &what, on_object, NULL, err);
}

static const struct {
	const char *key, *value, *words; /* words NULL: accepted */
	size_t requests;		 /* of lists, with the walk */
} filter_cases[] = {
	{"status", "active", NULL, 2},
	{"status", "failed", NULL, 2},
	{"status__n", "active", NULL, 2},
	{"name", "sw-1", NULL, 2},
	{"name__n", "sw-1", NULL, 4},
	{"name__n", "not there", NULL, 5}, /* excludes nothing, but so would a known one */
	{"name__nic", "sw", NULL, 4},
	{"has_primary_ip", "false", NULL, 4},
	{"has_primary_ip", "true", NULL, 6}, /* all have one */
	{"has_oob_ip", "false", NULL, 6},
	{"asset_tag__empty", "true", NULL, 4},
	{"filter", "mine", NULL, 2},
	{"filter", "other", "netbox.device_filter: NetBox has no saved filter with the slug \"other\"", 1},
	{"stat", "active", "netbox.device_filter: NetBox does not know the filter \"stat\"", 5},
	{"rolle", "x", "does not know the filter \"rolle\" (it would ignore it and return everything); did you mean \"role\"?", 5},
	{"has_primary_ip__n", "true", "does not know the filter \"has_primary_ip__n\"", 4},
	{"has_oob_ip__n", "false", "does not know the filter \"has_oob_ip__n\"", 4},
	{"quite_another_thing", "true", "\"quite_another_thing\" (it would ignore it and return everything); check its spelling", 5},
	{"status", "nonsense",
	 "netbox: NetBox refuses a value in netbox.device_filter: status: Select a valid choice. nonsense is not one of", 2},
	{"limit", "1", "netbox.device_filter: \"limit\" is set by Zync itself; remove it", 0},
	{"offset", "1", "is set by Zync itself", 0},
	{"start", "1", "is set by Zync itself", 0},
	{"ordering", "name", "is set by Zync itself", 0},
	{"fields", "id", "is set by Zync itself", 0},
	{"omit", "id", "is set by Zync itself", 0},
	{"brief", "1", "is set by Zync itself", 0},
	{"exclude", "x", "is set by Zync itself", 0},
	{"format", "csv", "is set by Zync itself", 0},
	{"id__gte", "5", "is set by Zync itself", 0},
	{"", "5", "a filter has no name", 0},
	{"name", NULL, "the filter \"name\" has no value", 0},
};

static void test_filters(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(filter_cases); i++) {
		struct zync_err err = {0};

		fake_netbox_start(&netbox, "4.7.3", 100);
		netbox.list = filter_list;
		struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
		enum zync_status status = walk(nb, ZYNC_NB_DEVICE, filter_cases[i].key, filter_cases[i].value, 0, &err);
		if (filter_cases[i].words == NULL && status != ZYNC_OK)
			fail_msg("%s=%s: %s", filter_cases[i].key, filter_cases[i].value, err.message);
		if (filter_cases[i].words != NULL) {
			assert_int_equal(status, ZYNC_ERR_INVALID);
			assert_words(err.message, filter_cases[i].words);
		}
		if (netbox.lists != filter_cases[i].requests)
			fail_msg("%s=%s: %zu requests", filter_cases[i].key, filter_cases[i].value, netbox.lists);
		if (filter_cases[i].words == NULL) { /* and once it was checked it is not checked again */
			size_t before = netbox.lists;
			assert_int_equal(walk(nb, ZYNC_NB_DEVICE, filter_cases[i].key, filter_cases[i].value, 0, &err), ZYNC_OK);
			assert_true(netbox.lists - before <= 2);
		}
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

static void test_filter_messages(void **state)
{
	struct zync_err err = {0};

	(void)state;
	fake_netbox_start(&netbox, "4.7.3", 100);
	netbox.list = filter_list;
	struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
	assert_int_equal(walk(nb, ZYNC_NB_VM, "statsu", "active", 12, &err), ZYNC_ERR_INVALID);
	assert_words(err.message, "netbox: netbox.vm_filter (line 12): NetBox does not know the filter \"statsu\"");
	assert_words(err.message, "did you mean \"status\"?");
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

/** Several values of a key, several keys, and characters that mean something in a URL. */
static void test_filter_query(void **state)
{
	struct zync_cfg_text values[] = {{.value = "a&b=c"}, {.value = "d e"}}, one = {.value = "active"};
	struct zync_cfg_pair pairs[] = {{.key = {.value = "name"}, .values = {.items = values, .len = 2}},
					{.key = {.value = "status"}, .values = {.items = &one, .len = 1}}};
	struct zync_cfg_pairs filter = {.items = pairs, .len = 2};
	struct zync_nb_walk what = {.type = ZYNC_NB_DEVICE, .filter = &filter};
	static char large[5000];
	struct zync_err err = {0};

	(void)state;
	fake_netbox_start(&netbox, "4.7.3", 100);
	netbox.list = filter_list;
	struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
	assert_int_equal(zync_netbox_walk(nb, &what, on_object, NULL, &err), ZYNC_OK);
	assert_words(fake_request_at(netbox.server, fake_count(netbox.server) - 1)->target, "&name=a%26b%3Dc&name=d%20e&status=active");
	memset(large, 'x', sizeof(large) - 1);
	one.value = large; /* longer than servers accept */
	pairs[1].key.value = "name";
	assert_int_equal(zync_netbox_walk(nb, &what, on_object, NULL, &err), ZYNC_ERR_INVALID);
	assert_words(err.message, "netbox.device_filter is too long");
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

/** Of an empty NetBox nothing can be told, and nothing needs to be. */
static void test_filter_empty_netbox(void **state)
{
	struct zync_err err = {0};

	(void)state;
	fake_netbox_start(&netbox, "4.7.3", 0);
	netbox.list = filter_list;
	struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
	assert_int_equal(walk(nb, ZYNC_NB_DEVICE, "statsu", "active", 0, &err), ZYNC_OK);
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

const struct CMUnitTest tests_filter[] = {
	cmocka_unit_test(test_filters),
	cmocka_unit_test(test_filter_messages),
	cmocka_unit_test(test_filter_query),
	cmocka_unit_test(test_filter_empty_netbox),
};
const size_t tests_filter_len = ZYNC_ARRAY_LEN(tests_filter);
