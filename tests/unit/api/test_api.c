/* SPDX-License-Identifier: Apache-2.0 */
/* The public API as a stranger's program would use it, without any server: opening, what the store answers, and what a server that is not there gives. */
#include <zync/zync.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char CONFIG[] = "netbox: {url: \"http://127.0.0.1:9\", token: 0123456789abcdef0123456789abcdef01234567, timeout: 1s}\n"
			     "zabbix: {url: \"http://127.0.0.1:9\", token: abcdefabcdefabcdefabcdefabcdefabcdefabcd, timeout: 1s}\n"
			     "store: sqlite:%s/zync.db\n"
			     "mappings: [{set: {host_groups: [A]}}]\n";

struct fixture {
	char folder[64];
	char config[96];
	struct zync *zync;
	struct zync_err err;
	unsigned progress;
};

static void on_progress(void *ctx, const struct zync_progress *progress)
{
	struct fixture *fx = ctx;

	assert_non_null(progress->phase);
	fx->progress++;
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	struct zync_open_params params;
	FILE *file;

	assert_non_null(fx);
	(void)snprintf(fx->folder, sizeof(fx->folder), "/tmp/zync-api-XXXXXX");
	assert_non_null(mkdtemp(fx->folder));
	(void)snprintf(fx->config, sizeof(fx->config), "%s/zync.yaml", fx->folder);
	file = fopen(fx->config, "w");
	assert_non_null(file);
	(void)fprintf(file, CONFIG, fx->folder);
	assert_int_equal(fclose(file), 0);
	params = (struct zync_open_params){
		.config_path = fx->config, .user = "eve", .request_id = "request-1", .progress = on_progress, .progress_ctx = fx};
	if (zync_open(&params, &fx->zync, &fx->err) != ZYNC_OK)
		fail_msg("%s", fx->err.message);
	assert_int_equal(zync_log_configure("error", false, &fx->err), ZYNC_OK);
	*state = fx;
	return 0;
}

static int teardown(void **state)
{
	static const char *const FILES[] = {"zync.yaml", "zync.db", "zync.db-wal", "zync.db-shm", "zync.db.key", "zync.db.lock"};
	struct fixture *fx = *state;
	char path[128];

	zync_close(fx->zync);
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", fx->folder, FILES[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(fx->folder), 0);
	free(fx);
	return 0;
}

/* The result is what is expected; then it is freed. */
static void expect(struct zync_result *result, const char *words)
{
	assert_non_null(result);
	if (strstr(zync_result_json(result), words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, zync_result_json(result));
	zync_result_free(result);
}

static void test_nothing_open(void **state)
{
	struct zync_err err = {0};
	struct zync *zync = NULL;
	struct zync_result *result = NULL;

	(void)state;
	zync_close(NULL);
	zync_result_free(NULL);
	assert_true(zync_version()[0] >= '0' && zync_version()[0] <= '9');
	assert_int_equal(zync_open(&(struct zync_open_params){.config_path = "/no/such/file.yaml"}, &zync, &err), ZYNC_ERR_INVALID);
	assert_non_null(strstr(err.message, "/no/such/file.yaml"));
	assert_null(zync);
	assert_int_equal(zync_log_configure("loud", false, &err), ZYNC_ERR_INVALID);
	assert_non_null(strstr(err.message, "loud"));
	assert_int_equal(zync_log_configure(NULL, false, &err), ZYNC_OK);
	assert_int_equal(zync_config_example("https://netbox.test", NULL, &result, &err), ZYNC_OK);
	expect(result, "https://netbox.test");
}

static void test_empty_store(void **state)
{
	struct fixture *fx = *state;
	struct zync_result *result = NULL;
	bool in_sync = false;

	assert_int_equal(zync_host_config_list(fx->zync, NULL, &result, &fx->err), ZYNC_OK);
	expect(result, "{\"hosts\":[]}");
	assert_int_equal(zync_job_list(fx->zync, NULL, &result, &fx->err), ZYNC_OK);
	expect(result, "{\"jobs\":[]}");
	assert_int_equal(zync_event_list(fx->zync, NULL, &result, &fx->err), ZYNC_OK);
	expect(result, "{\"events\":[]}");
	assert_int_equal(zync_host_config_show(fx->zync, "sw1", false, &result, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_non_null(strstr(fx->err.message, "sw1"));
	assert_int_equal(zync_job_show(fx->zync, "abc", &result, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_int_equal(zync_job_log(fx->zync, "abc", &result, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_int_equal(zync_event_show(fx->zync, 0, &result, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_int_equal(zync_event_show(fx->zync, 5, &result, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_int_equal(zync_update_zabbix_host(fx->zync, 5, NULL, NULL, &result, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_int_equal(zync_host_config_update_sync_status(fx->zync, 5, &in_sync, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_int_equal(zync_adopt_zabbix_host(fx->zync, "sw1", &result, &fx->err), ZYNC_ERR_NOT_FOUND);
}

/* Nobody listens: the job errored, the summary says how far it came, and the job is in the store with who asked for it. */
static void test_unreachable(void **state)
{
	struct fixture *fx = *state;
	struct zync_request request = {.user = "mallory", .request_id = "request-2"};
	struct zync_sync_summary summary = {.total = 99};
	struct zync_result *result = NULL;

	assert_int_equal(zync_sync_hosts_now_run_job_now(fx->zync, &request, NULL, &summary, &result, &fx->err), ZYNC_ERR_UNREACHABLE);
	assert_non_null(strstr(fx->err.message, "netbox"));
	assert_int_equal(strlen(summary.job_id), 36);
	assert_int_equal(summary.total, 0);
	expect(result, "\"status\":\"errored\"");
	assert_true(fx->progress > 0);
	assert_int_equal(
		zync_job_list(fx->zync, &(struct zync_job_query){.name = "sync-hosts-now", .status = "errored"}, &result, &fx->err),
		ZYNC_OK);
	expect(result, "\"user\":\"mallory\",\"request_id\":\"request-2\"");
	assert_int_equal(zync_job_show(fx->zync, summary.job_id, &result, &fx->err), ZYNC_OK);
	expect(result, "\"changes\":[]");
	assert_int_equal(zync_event_list(fx->zync, &(struct zync_event_query){.state = "errored"}, &result, &fx->err), ZYNC_OK);
	expect(result, "\"exception\":\"unreachable\"");
	assert_int_equal(zync_event_show(fx->zync, 1, &result, &fx->err), ZYNC_OK);
	expect(result, "\"event_id\":1");
	assert_int_equal(zync_event_show(fx->zync, 0, &result, &fx->err), ZYNC_ERR_NOT_FOUND); /* not any */
	assert_int_equal(zync_pull(fx->zync, false, &result, &fx->err), ZYNC_ERR_UNREACHABLE);
	assert_int_equal(zync_plan_hosts(fx->zync, NULL, &result, &fx->err), ZYNC_ERR_UNREACHABLE);
	assert_int_equal(zync_explain(fx->zync, "sw1", &result, &fx->err), ZYNC_ERR_UNREACHABLE);
}

static void test_check_unreachable(void **state)
{
	struct fixture *fx = *state;
	struct zync_result *result = NULL;

	assert_int_not_equal(zync_check(fx->zync, NULL, &result, &fx->err), ZYNC_OK);
	expect(result, "\"ok\":false");
}

/* Without a host config there is nothing to ask a server. */
static void test_sync_of_nothing(void **state)
{
	struct fixture *fx = *state;
	struct zync_sync_options options = {.no_pull = true};
	struct zync_sync_summary summary = {0};
	struct zync_result *result = NULL;

	assert_int_equal(zync_sync_hosts_now_run(fx->zync, &options, "eve", NULL, &summary, &result, &fx->err), ZYNC_OK);
	expect(result, "\"message\":\"Sync complete: 0/0 hosts updated, 0 failed.\"");
	assert_int_equal(summary.zabbix_calls + summary.netbox_calls, 0);
	assert_int_equal(zync_sync_hosts_now_run(fx->zync, &options, NULL, NULL, NULL, NULL, &fx->err), ZYNC_OK); /* neither is wanted */
	zync_cancel(fx->zync);
	assert_int_equal(zync_sync_hosts_now_run(fx->zync, &options, NULL, NULL, &summary, NULL, &fx->err), ZYNC_ERR_CANCELLED);
}

static void test_job_types(void **state)
{
	static const char *const NAMES[] = {"sync-hosts-now",
					    "pull",
					    "create-zabbix-host",
					    "update-zabbix-host",
					    "delete-zabbix-host",
					    "adopt-zabbix-host",
					    "host-config-sync-refresh",
					    "import-zabbix-settings",
					    "clean-up"};
	struct zync_result *result = NULL;
	struct zync_err err = {0};
	char words[64];

	(void)state;
	assert_int_equal(zync_job_types_list(&result, &err), ZYNC_OK);
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		(void)snprintf(words, sizeof(words), "\"name\":\"%s\"", NAMES[i]);
		assert_non_null(strstr(zync_result_json(result), words));
	}
	expect(result, "\"takes\":[\"hosts\",\"hard\"],\"one_host\":true");
}

/* The text after "key":" in the result, up to the next quote. */
static void member(const struct zync_result *result, const char *key, char *ret, size_t size)
{
	char words[32];
	const char *at;

	(void)snprintf(words, sizeof(words), "\"%s\":\"", key);
	at = strstr(zync_result_json(result), words);
	if (at == NULL)
		fail_msg("%s is not in: %s", key, zync_result_json(result));
	else
		(void)snprintf(ret, size, "%.*s", (int)strcspn(at + strlen(words), "\""), at + strlen(words));
}

static void test_queue(void **state)
{
	struct fixture *fx = *state;
	struct zync_request request = {.user = "mallory", .request_id = "request-2"};
	struct zync_job_order order = {.name = "pull", .timeout_ms = -1};
	struct zync_result *result = NULL;
	char first[40] = "";
	char second[40] = "";

	assert_int_equal(zync_job_queue(fx->zync, &order, &request, &result, &fx->err), ZYNC_OK);
	member(result, "job_id", first, sizeof(first));
	expect(result, "\"status\":\"pending\",\"existing\":false");
	order.force = true;
	assert_int_equal(zync_job_queue(fx->zync, &order, NULL, &result, &fx->err), ZYNC_OK); /* single instance */
	member(result, "job_id", second, sizeof(second));
	assert_string_equal(first, second);
	expect(result, "\"existing\":true");
	assert_int_equal(zync_job_list(fx->zync, &(struct zync_job_query){.status = "pending"}, &result, &fx->err), ZYNC_OK);
	expect(result, "\"user\":\"mallory\",\"request_id\":\"request-2\"");
	assert_int_equal(zync_job_stop(fx->zync, first, &request, &result, &fx->err), ZYNC_OK);
	expect(result, "\"status\":\"failed\"");
	assert_int_equal(zync_job_stop(fx->zync, first, NULL, &result, &fx->err), ZYNC_ERR_CONFLICT);
	assert_int_equal(zync_job_stop(fx->zync, "no-such-job", NULL, &result, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_int_equal(zync_job_show(fx->zync, first, &result, &fx->err), ZYNC_OK);
	assert_non_null(strstr(zync_result_json(result), "\"duration_ms\":null")); /* it never began */
	expect(result, "cancelled by mallory");
	assert_int_equal(zync_job_repeat(fx->zync, first, false, false, NULL, NULL, &result, &fx->err), ZYNC_OK);
	member(result, "job_id", second, sizeof(second));
	assert_string_not_equal(first, second);
	expect(result, "\"status\":\"pending\"");
	assert_int_equal(zync_job_show(fx->zync, second, &result, &fx->err), ZYNC_OK);
	assert_non_null(strstr(zync_result_json(result), "\"user\":\"eve\"")); /* who repeats it, not who asked first */
	expect(result, first);						       /* retry_of */
	assert_int_equal(zync_job_repeat(fx->zync, second, false, false, NULL, NULL, &result, &fx->err), ZYNC_ERR_CONFLICT);
	assert_int_equal(zync_job_repeat(fx->zync, first, true, false, NULL, NULL, &result, &fx->err), ZYNC_ERR_INVALID);
}

static void test_schedule(void **state)
{
	struct fixture *fx = *state;
	struct zync_job_order order = {
		.name = "clean-up", .run_at_ms = 4102444800000, .every_min = 90, .timeout_ms = 60000}; /* 2100-01-01 */
	struct zync_result *result = NULL;

	assert_int_equal(zync_job_queue(fx->zync, &order, NULL, &result, &fx->err), ZYNC_OK);
	expect(result, "\"status\":\"scheduled\"");
	assert_int_equal(zync_job_list(fx->zync, &(struct zync_job_query){.name = "clean-up"}, &result, &fx->err), ZYNC_OK);
	expect(result, "\"run_at\":\"2100-01-01T00:00:00.000Z\",\"every\":90,\"timeout_ms\":60000");
}

static void test_wrong_orders(void **state)
{
	static const char *const HOSTS[] = {"sw1", "sw2"};
	static const struct {
		struct zync_job_order order;
		bool now;
		const char *words;
	} CASES[] = {
		{{.name = NULL}, false, "needs a name"},
		{{.name = "snyc-hosts-now"}, false, "sync-hosts-now"},
		{{.name = "pull", .hosts = HOSTS, .host_count = 1}, false, "pull"},
		{{.name = "pull", .strict = true}, false, "strict"},
		{{.name = "pull", .hard = true}, true, "hard"},
		{{.name = "pull", .older_than_min = 5}, false, "older"},
		{{.name = "clean-up", .no_pull = true}, false, "--no-pull"},
		{{.name = "clean-up", .force = true}, false, "--force"},
		{{.name = "update-zabbix-host"}, false, "host"},
		{{.name = "update-zabbix-host", .hosts = HOSTS, .host_count = 2}, true, "host"},
		{{.name = "sync-hosts-now", .host_count = 2}, false, "none is given"},
		{{.name = "pull", .every_min = -1}, false, "negative"},
		{{.name = "pull", .run_at_ms = -1}, false, "negative"},
		{{.name = "pull", .timeout_ms = -2}, false, "negative"},
		{{.name = "host-config-sync-refresh", .older_than_min = -2}, true, "negative"},
		{{.name = "pull", .run_at_ms = 4102444800000}, true, "queue it"},
		{{.name = "pull", .every_min = 5}, true, "queue it"},
	};
	struct fixture *fx = *state;
	struct zync_result *result = NULL;

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		enum zync_status status;

		fx->err = (struct zync_err){0};
		if (CASES[i].now)
			status = zync_job_run(fx->zync, &CASES[i].order, NULL, NULL, &result, &fx->err);
		else
			status = zync_job_queue(fx->zync, &CASES[i].order, NULL, &result, &fx->err);
		if (status != ZYNC_ERR_INVALID || strstr(fx->err.message, CASES[i].words) == NULL || result != NULL)
			fail_msg("case %zu: status %d: %s", i, (int)status, fx->err.message);
	}
	assert_int_equal(zync_job_list(fx->zync, NULL, &result, &fx->err), ZYNC_OK);
	expect(result, "{\"jobs\":[]}"); /* none of them left anything behind */
}

static void test_run_now(void **state)
{
	struct fixture *fx = *state;
	struct zync_request request = {.user = "mallory"};
	struct zync_job_order order = {.name = "sync-hosts-now", .no_pull = true, .timeout_ms = -1};
	struct zync_sync_summary summary = {.total = 99};
	struct zync_result *result = NULL;

	assert_int_equal(zync_job_run(fx->zync, &order, &request, &summary, &result, &fx->err), ZYNC_OK);
	assert_int_equal(summary.total, 0);
	expect(result, "Sync complete: 0/0");
	assert_int_equal(zync_job_repeat(fx->zync, summary.job_id, false, true, NULL, &summary, &result, &fx->err), ZYNC_OK);
	expect(result, "Sync complete: 0/0");
	assert_int_equal(zync_job_show(fx->zync, summary.job_id, &result, &fx->err), ZYNC_OK);
	expect(result, "\"user\":\"eve\""); /* that of the instance: nobody else asked */
	assert_int_equal(zync_job_repeat(fx->zync, summary.job_id, false, true, &request, &summary, &result, &fx->err), ZYNC_OK);
	zync_result_free(result);
	assert_int_equal(zync_job_show(fx->zync, summary.job_id, &result, &fx->err), ZYNC_OK);
	expect(result, "\"user\":\"mallory\"");
	order.no_pull = false;
	result = NULL;
	assert_int_equal(zync_job_run(fx->zync, &order, &request, &summary, &result, &fx->err), ZYNC_ERR_UNREACHABLE);
	expect(result, "\"status\":\"errored\""); /* set also when it failed */
}

static void test_events_by_time(void **state)
{
	struct fixture *fx = *state;
	struct zync_sync_options options = {.no_pull = true};
	struct zync_event_query query = {0};
	struct zync_result *result = NULL;
	int64_t now = (int64_t)time(NULL) * 1000;

	assert_int_equal(zync_sync_hosts_now_run(fx->zync, &options, "eve", NULL, NULL, NULL, &fx->err), ZYNC_OK);
	query.since_ms = now - 60000;
	query.until_ms = now + 60000;
	assert_int_equal(zync_event_list(fx->zync, &query, &result, &fx->err), ZYNC_OK);
	expect(result, "\"event_id\":1");
	query.until_ms = now - 30000;
	assert_int_equal(zync_event_list(fx->zync, &query, &result, &fx->err), ZYNC_OK);
	expect(result, "{\"events\":[]}");
	query = (struct zync_event_query){.since_ms = now + 60000};
	assert_int_equal(zync_event_list(fx->zync, &query, &result, &fx->err), ZYNC_OK);
	expect(result, "{\"events\":[]}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_open),
		TEST(test_empty_store),
		TEST(test_unreachable),
		TEST(test_check_unreachable),
		TEST(test_sync_of_nothing),
		cmocka_unit_test(test_job_types),
		TEST(test_queue),
		TEST(test_schedule),
		TEST(test_wrong_orders),
		TEST(test_run_now),
		TEST(test_events_by_time),
	};

	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
