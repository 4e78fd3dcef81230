/* SPDX-License-Identifier: Apache-2.0 */
/* What the jobs decide about templates and at creation: whose items stay, the time in a description. */
#include "jobs_test.h"

#define HOST(...) "{\"v\":1,\"host\":\"sw1\",\"name\":\"sw1\",\"status\":\"monitored\"," __VA_ARGS__ "}"

static void test_stamp(void **state)
{
	static const struct {
		enum zync_op_kind kind;
		const char *ownership, *description, *format, *expect;
	} cases[] = {
		{ZYNC_OP_CREATE, "ignore", "made {datetime} by Zync", "<%%>", "made <%> by Zync"},
		{ZYNC_OP_CREATE, "ignore", "{datetime}{datetime}", "x", "xx"},
		{ZYNC_OP_CREATE, "ignore", "{datetime} {date}", "", " {date}"},
		{ZYNC_OP_CREATE, "ignore", "nothing of it", "x", "nothing of it"},
		{ZYNC_OP_CREATE, "overwrite", "{datetime}", "x", "{datetime}"},
		{ZYNC_OP_CREATE, "merge", "{datetime}", "x", "{datetime}"},
		{ZYNC_OP_UPDATE, "ignore", "{datetime}", "x", "{datetime}"},
	};
	struct fixture *fx = *state;
	char year[8];
	time_t now = time(NULL);
	struct tm local;

	run_begin(fx);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_host *target =
			host_of(fx, zync_arena_printf(fx->arena, HOST("\"description\":\"%s\",\"ownership\":{\"description\":\"%s\"}"),
						      cases[i].description, cases[i].ownership));
		struct zync_item *item = item_of(fx, 1, cases[i].kind, NULL, target);

		fx->app.config->rules.datetime_format = cases[i].format;
		OK(fx, zync_item_stamp(fx->run, item, fx->arena, &fx->err));
		assert_string_equal(item->op.target.description, cases[i].expect);
	}
	/* The time is that of here and now. */
	struct zync_host *target = host_of(fx, HOST("\"description\":\"{datetime}\",\"ownership\":{\"description\":\"ignore\"}"));
	struct zync_item *item = item_of(fx, 1, ZYNC_OP_CREATE, NULL, target);

	fx->app.config->rules.datetime_format = "%Y";
	OK(fx, zync_item_stamp(fx->run, item, fx->arena, &fx->err));
	assert_non_null(localtime_r(&now, &local));
	assert_true(strftime(year, sizeof(year), "%Y", &local) > 0);
	assert_string_equal(item->op.target.description, year);
}

const struct CMUnitTest templates_tests[] = {TEST(test_stamp)};
const size_t templates_tests_len = ZYNC_ARRAY_LEN(templates_tests);
