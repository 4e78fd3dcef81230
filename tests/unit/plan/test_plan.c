/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be done with one host: every state against every host in Zabbix; names in the graveyard; limits; the JSON of a plan. */
#include "model/model_test.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model/names.h"
#include "plan/plan.h"

#define GRAVE "'groups':['Zync/Graveyard'],'status':'disabled','host':'sw1_deleted_7','name':'sw1_deleted_7'"

static struct zync_cfg_sync policy(void)
{
	return (struct zync_cfg_sync){
		.graveyard_group = "Zync/Graveyard",
		.graveyard_suffix = "_deleted",
		.max_deletes = {.count = -1, .percent = -1},
		.max_disables = {.count = -1, .percent = -1},
		.max_changes = {.count = -1, .percent = -1},
		.max_shrink_percent = 20,
	};
}

struct plan_case {
	const char *name, *state;
	const char *desired; /* JSON, or NULL */
	const char *actual;
	enum zync_on_missing on_missing;
	enum zync_delete_mode delete_mode;
	bool unbury;
	enum zync_op_kind kind;
	const char *words; /* of the reason; NULL: no reason */
};

#define SW1	     "'host':'sw1','name':'sw1','status':'monitored','groups':['A']"
#define SW1_DISABLED "'host':'sw1','name':'sw1','status':'disabled','groups':['A']"
#define OTHERS	     ",'owner':'nb:device:99'"
#define OURS	     ",'owner':'nb:device:1'"

static const struct plan_case CASES[] = {
	{.name = "not there", .state = "monitored", .desired = SW1, .kind = ZYNC_OP_CREATE},
	{.name = "equal", .state = "monitored", .desired = SW1, .actual = SW1, .kind = ZYNC_OP_NONE},
	{.name = "equal, with our mark", .state = "monitored", .desired = SW1 OURS, .actual = SW1 OURS, .kind = ZYNC_OP_NONE},
	{.name = "differs",
	 .state = "monitored",
	 .desired = SW1,
	 .actual = "'host':'sw1','name':'other','status':'monitored','groups':['A']",
	 .kind = ZYNC_OP_UPDATE},
	{.name = "monitored again", .state = "monitored", .desired = SW1, .actual = SW1_DISABLED, .kind = ZYNC_OP_UPDATE},
	{.name = "out of the graveyard", .state = "monitored", .desired = SW1, .actual = GRAVE, .kind = ZYNC_OP_UPDATE},
	{.name = "to be disabled", .state = "disabled", .desired = SW1_DISABLED, .actual = SW1, .kind = ZYNC_OP_DISABLE},
	{.name = "disabled and differs",
	 .state = "disabled",
	 .desired = SW1_DISABLED,
	 .actual = "'host':'sw1','name':'x','status':'disabled','groups':['A']",
	 .kind = ZYNC_OP_UPDATE},
	{.name = "disabled as it should be", .state = "disabled", .desired = SW1_DISABLED, .actual = SW1_DISABLED, .kind = ZYNC_OP_NONE},
	{.name = "disabled, not there", .state = "disabled", .desired = SW1_DISABLED, .kind = ZYNC_OP_CREATE},
	{.name = "nothing derived yet", .state = "monitored", .actual = SW1, .kind = ZYNC_OP_FAIL, .words = "zync pull"},
	{.name = "could not be derived", .state = "failed", .actual = SW1, .kind = ZYNC_OP_FAIL, .words = "why"},
	{.name = "could not be derived, not there", .state = "failed", .kind = ZYNC_OP_FAIL, .words = "why"},
	{.name = "discovered",
	 .state = "monitored",
	 .desired = SW1,
	 .actual = SW1 ",'flags':4",
	 .kind = ZYNC_OP_FAIL,
	 .words = "discovery"},
	{.name = "discovered, to be removed", .state = "removed", .actual = SW1 ",'flags':4", .kind = ZYNC_OP_FAIL, .words = "discovery"},
	{.name = "another's mark",
	 .state = "monitored",
	 .desired = SW1 OURS,
	 .actual = SW1 OTHERS,
	 .kind = ZYNC_OP_FAIL,
	 .words = "nb:device:99"},
	{.name = "another's mark, to be removed", .state = "removed", .actual = SW1 OTHERS, .kind = ZYNC_OP_FAIL, .words = "nb:device:99"},
	{.name = "another's mark, missing",
	 .state = "missing",
	 .actual = SW1 OTHERS,
	 .on_missing = ZYNC_ON_MISSING_DELETE,
	 .kind = ZYNC_OP_FAIL,
	 .words = "nb:device:99"},
	{.name = "removed", .state = "removed", .actual = SW1, .kind = ZYNC_OP_DELETE, .words = "why"},
	{.name = "removed for good",
	 .state = "removed",
	 .actual = SW1,
	 .delete_mode = ZYNC_DELETE_HARD,
	 .kind = ZYNC_OP_DELETE,
	 .words = "why"},
	{.name = "removed, not there", .state = "removed", .kind = ZYNC_OP_FORGET, .words = "why"},
	{.name = "removed, in the graveyard", .state = "removed", .actual = GRAVE, .kind = ZYNC_OP_DONE},
	{.name = "removed, in the graveyard, hard mode",
	 .state = "removed",
	 .actual = GRAVE,
	 .delete_mode = ZYNC_DELETE_HARD,
	 .kind = ZYNC_OP_DONE},
	{.name = "out of the graveyard for good",
	 .state = "removed",
	 .actual = GRAVE,
	 .delete_mode = ZYNC_DELETE_HARD,
	 .unbury = true,
	 .kind = ZYNC_OP_DELETE,
	 .words = "why"},
	{.name = "removed, half buried",
	 .state = "removed",
	 .actual = "'host':'sw1_deleted_7','name':'x','status':'disabled','groups':['A','Zync/Graveyard']",
	 .kind = ZYNC_OP_DELETE,
	 .words = "why"},
	{.name = "missing", .state = "missing", .actual = SW1, .kind = ZYNC_OP_DISABLE, .words = "why"},
	{.name = "missing, disabled", .state = "missing", .actual = SW1_DISABLED, .kind = ZYNC_OP_NONE, .words = "why"},
	{.name = "missing, not there", .state = "missing", .kind = ZYNC_OP_FORGET, .words = "why"},
	{.name = "missing, report",
	 .state = "missing",
	 .actual = SW1,
	 .on_missing = ZYNC_ON_MISSING_REPORT,
	 .kind = ZYNC_OP_REPORT,
	 .words = "why"},
	{.name = "missing, report, not there",
	 .state = "missing",
	 .on_missing = ZYNC_ON_MISSING_REPORT,
	 .kind = ZYNC_OP_FORGET,
	 .words = "why"},
	{.name = "missing, delete",
	 .state = "missing",
	 .actual = SW1,
	 .on_missing = ZYNC_ON_MISSING_DELETE,
	 .kind = ZYNC_OP_DELETE,
	 .words = "why"},
	{.name = "missing, in the graveyard", .state = "missing", .actual = GRAVE, .kind = ZYNC_OP_DONE},
	{.name = "missing, delete, disabled",
	 .state = "missing",
	 .actual = SW1_DISABLED,
	 .on_missing = ZYNC_ON_MISSING_DELETE,
	 .kind = ZYNC_OP_DELETE,
	 .words = "why"},
};

static struct zync_op plan(struct zync_arena *arena, const struct zync_cfg_sync *sync, const struct zync_plan_input *input)
{
	struct zync_op op = {.kind = ZYNC_OP_FAIL};
	struct zync_err err = {0};

	if (zync_plan_host(sync, input, arena, &op, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	return op;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		const struct plan_case *c = &CASES[i];
		ZYNC_AUTO_ARENA arena = test_arena();
		struct zync_cfg_sync sync = policy();
		struct zync_host *actual = test_host(arena, c->actual);
		struct zync_plan_input input = {.pk = 1,
						.name = "sw1",
						.state = c->state,
						.reason = "why",
						.owner = "nb:device:1",
						.desired = test_host(arena, c->desired),
						.actual = actual,
						.unbury = c->unbury};
		struct zync_op op;

		sync.on_missing = c->on_missing;
		sync.delete_mode = c->delete_mode;
		if (actual != NULL)
			actual->hostid = 7;
		op = plan(arena, &sync, &input);
		if (op.kind != c->kind)
			fail_msg("%s: %s, not %s", c->name, zync_op_kind_name(op.kind), zync_op_kind_name(c->kind));
		if (c->words != NULL && (op.reason == NULL || strstr(op.reason, c->words) == NULL) && op.kind != ZYNC_OP_NONE)
			fail_msg("%s: reason %s", c->name, op.reason != NULL ? op.reason : "(none)");
		if (c->words == NULL && op.reason != NULL)
			fail_msg("%s: reason %s", c->name, op.reason);
		if (op.kind == ZYNC_OP_CREATE || op.kind == ZYNC_OP_UPDATE || op.kind == ZYNC_OP_DISABLE ||
		    (op.kind == ZYNC_OP_DELETE && !op.hard))
			assert_true(op.diff.len > 0 && op.diff.aspects != 0);
		assert_true(op.hard == (op.kind == ZYNC_OP_DELETE && c->delete_mode == ZYNC_DELETE_HARD));
		if (op.kind == ZYNC_OP_DISABLE)
			assert_int_equal(op.target.status, ZYNC_HOST_DISABLED);
	}
}

/* The host still carries the mark of the device whose place the object took: it gets the new one, whatever else is to be done. Another's mark stays another's. */
static void test_owner_before(void **state)
{
	static const struct {
		const char *state, *desired, *actual;
		enum zync_on_missing on_missing;
		enum zync_delete_mode delete_mode;
		enum zync_op_kind kind;
		size_t changes; /* 0: not counted */
		const char *words;
	} cases[] = {
		{.state = "monitored",
		 .desired = SW1 OURS,
		 .actual = SW1 OTHERS,
		 .kind = ZYNC_OP_UPDATE,
		 .changes = 1,
		 .words = "the host of device:99 moves to it, the new master"},
		{.state = "monitored",
		 .desired = SW1 OURS,
		 .actual = SW1_DISABLED OTHERS,
		 .kind = ZYNC_OP_UPDATE,
		 .changes = 2,
		 .words = "the host of device:99 moves to it"},
		{.state = "disabled",
		 .desired = SW1_DISABLED OURS,
		 .actual = SW1 OTHERS,
		 .kind = ZYNC_OP_DISABLE,
		 .changes = 2,
		 .words = "the host of device:99 moves to it"},
		{.state = "missing", .actual = SW1 OTHERS, .kind = ZYNC_OP_DISABLE, .changes = 2, .words = "why"},
		{.state = "missing", .actual = SW1_DISABLED OTHERS, .kind = ZYNC_OP_UPDATE, .changes = 1, .words = "why"},
		{.state = "missing", .actual = SW1 OTHERS, .on_missing = ZYNC_ON_MISSING_REPORT, .kind = ZYNC_OP_REPORT, .words = "why"},
		{.state = "removed", .actual = SW1 OTHERS, .kind = ZYNC_OP_DELETE, .words = "why"},
		{.state = "removed", .actual = SW1 OTHERS, .delete_mode = ZYNC_DELETE_HARD, .kind = ZYNC_OP_DELETE, .words = "why"},
		{.state = "removed", .actual = GRAVE OTHERS, .kind = ZYNC_OP_UPDATE, .changes = 1, .words = "why"},
		{.state = "failed", .actual = SW1 OTHERS, .kind = ZYNC_OP_FAIL, .words = "why"},
		{.state = "monitored",
		 .desired = SW1 OURS,
		 .actual = SW1 ",'owner':'nb:device:98'",
		 .kind = ZYNC_OP_FAIL,
		 .words = "nb:device:98"},
		{.state = "monitored", .desired = SW1 OURS, .actual = SW1 OURS, .kind = ZYNC_OP_NONE},
		{.state = "monitored", .desired = SW1 OURS, .actual = SW1, .kind = ZYNC_OP_NONE},
		{.state = "monitored", .desired = SW1 OURS, .kind = ZYNC_OP_CREATE},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		ZYNC_AUTO_ARENA arena = test_arena();
		struct zync_cfg_sync sync = policy();
		struct zync_plan_input input = {.state = cases[i].state,
						.reason = "why",
						.owner = "nb:device:1",
						.owner_before = "nb:device:99",
						.desired = test_host(arena, cases[i].desired),
						.actual = test_host(arena, cases[i].actual)};
		struct zync_op op;

		sync.on_missing = cases[i].on_missing;
		sync.delete_mode = cases[i].delete_mode;
		op = plan(arena, &sync, &input);
		if (op.kind != cases[i].kind)
			fail_msg("%zu: %s, not %s", i, zync_op_kind_name(op.kind), zync_op_kind_name(cases[i].kind));
		if (cases[i].words != NULL && (op.reason == NULL || strstr(op.reason, cases[i].words) == NULL))
			fail_msg("%zu: reason %s", i, op.reason != NULL ? op.reason : "(none)");
		if (cases[i].changes != 0)
			assert_int_equal(op.diff.len, cases[i].changes);
		if (op.kind == ZYNC_OP_UPDATE || op.kind == ZYNC_OP_DISABLE || (op.kind == ZYNC_OP_DELETE && !op.hard)) {
			assert_string_equal(op.target.owner, "nb:device:1");
			assert_true((op.diff.aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS)) != 0);
		}
	}
}

/* A disabled missing host changes in nothing but its status. */
static void test_missing_touches_status_only(void **state)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_cfg_sync sync = policy();
	struct zync_plan_input input = {
		.state = "missing", .owner = "nb:device:1", .actual = test_host(arena, SW1 ",'tags':[{'tag':'by','value':'hand'}]")};
	struct zync_op op = plan(arena, &sync, &input);

	(void)state;
	assert_int_equal(op.diff.aspects, ZYNC_ASPECT_BIT(ZYNC_ASPECT_STATUS));
	assert_string_equal(test_diff_text(arena, &op.diff), "status: monitored -> disabled\n");
}

static void bury(const char *host, const char *name, const char *suffix, const char *want_host, const char *want_name)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_cfg_sync sync = policy();
	struct zync_host *actual = test_host(arena, SW1 ",'templates':['ICMP Ping']");
	struct zync_plan_input input = {.state = "removed", .owner = "nb:device:1", .actual = actual};
	struct zync_op op;
	struct zync_host buried;

	sync.graveyard_suffix = suffix;
	actual->hostid = 10542;
	actual->host = host;
	actual->name = name;
	op = plan(arena, &sync, &input);
	assert_int_equal(op.kind, ZYNC_OP_DELETE);
	assert_string_equal(op.target.host, want_host);
	assert_string_equal(op.target.name, want_name);
	assert_true(zync_utf8_len(op.target.host) <= ZYNC_HOST_NAME_MAX && zync_utf8_len(op.target.name) <= ZYNC_HOST_NAME_MAX);
	assert_int_equal(op.target.status, ZYNC_HOST_DISABLED);
	assert_int_equal(op.target.groups.len, 1);
	assert_string_equal(op.target.groups.items[0].name, "Zync/Graveyard");
	assert_int_equal(op.target.templates.len, 1); /* it can come back with its history */
	/* What was written is recognised the next time. */
	buried = op.target;
	input.actual = &buried;
	if (strstr(want_host, suffix) != NULL)
		assert_int_equal(plan(arena, &sync, &input).kind, ZYNC_OP_DONE);
}

static void test_buried_names(void **state)
{
	char long_ascii[129], want_ascii[129], long_wide[4 * 128 + 1] = "", want_wide[4 * 128 + 1] = "", suffix[131];

	(void)state;
	bury("core-sw1", "Kern-Schalter ü", "_deleted", "core-sw1_deleted_10542", "Kern-Schalter ü_deleted_10542");
	memset(long_ascii, 'x', 128);
	long_ascii[128] = '\0';
	(void)snprintf(want_ascii, sizeof(want_ascii), "%.*s_deleted_10542", 128 - 14, long_ascii);
	for (int i = 0; i < 128; i++)
		(void)strncat(long_wide, "Ж", sizeof(long_wide) - strlen(long_wide) - 1);
	(void)snprintf(want_wide, sizeof(want_wide), "%.*s_deleted_10542", 2 * (128 - 14), long_wide);
	bury(long_ascii, long_wide, "_deleted", want_ascii, want_wide);
	memset(suffix, '_', 130); /* a suffix that leaves no room */
	suffix[130] = '\0';
	bury("sw1", "sw1", suffix, "10542", "10542");
}

struct limit_case {
	struct zync_cfg_limit limit;
	uint64_t wanted, linked;
	bool stopped;
};

static const struct limit_case LIMITS[] = {
	{{10, 5}, 0, 0, false},	       {{10, 5}, 1, 0, false},	   {{10, 5}, 1, 10, false},	 {{10, 5}, 2, 10, true},
	{{10, 5}, 2, 39, true},	       {{10, 5}, 2, 40, false},	   {{10, 5}, 10, 1000, false},	 {{10, 5}, 11, 1000, true},
	{{10, -1}, 10, 10, false},     {{10, -1}, 11, 1000, true}, {{-1, 50}, 500, 1000, false}, {{-1, 50}, 501, 1000, true},
	{{-1, -1}, 1000, 1000, false}, {{0, -1}, 1, 1000, true},   {{0, -1}, 0, 1000, false},	 {{-1, 0}, 1, 1000, false},
};

static void check_limit(const char *key, const struct limit_case *c, struct zync_cfg_sync *sync, const struct zync_plan_counts *counts)
{
	struct zync_err err = {0};
	enum zync_status status = zync_plan_check_limits(sync, counts, &err);

	if ((status != ZYNC_OK) != c->stopped)
		fail_msg("%s: limit %lld or %g %%, %llu of %llu: %s", key, (long long)c->limit.count, c->limit.percent,
			 (unsigned long long)c->wanted, (unsigned long long)c->linked, c->stopped ? "not stopped" : err.message);
	if (!c->stopped)
		return;
	assert_int_equal(status, ZYNC_ERR_SAFETY);
	assert_non_null(strstr(err.message, key));
	assert_non_null(strstr(err.message, "--force"));
}

static void test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(LIMITS); i++) {
		const struct limit_case *c = &LIMITS[i];
		struct zync_cfg_sync deletes = policy(), disables = policy(), changes = policy();

		deletes.max_deletes = c->limit;
		check_limit("sync.max_deletes", c, &deletes,
			    &(struct zync_plan_counts){.linked = c->linked, .delete_ = c->wanted, .create = 1000, .update = 1000});
		disables.max_disables = c->limit;
		check_limit("sync.max_disables", c, &disables,
			    &(struct zync_plan_counts){.linked = c->linked, .disable = c->wanted, .create = 1000});
		changes.max_changes = c->limit;
		check_limit("sync.max_changes", c, &changes,
			    &(struct zync_plan_counts){
				    .linked = c->linked, .update = c->wanted / 2, .disable = c->wanted - c->wanted / 2, .create = 1000});
	}
}

static void test_shrink(void **state)
{
	static const struct {
		double percent;
		uint64_t known, missing;
		bool stopped;
	} SHRINKS[] = {
		{20, 0, 0, false}, {20, 100, 0, false},	 {20, 100, 20, false}, {20, 100, 21, true}, {20, 9, 8, false},	   {20, 9, 9, true},
		{20, 10, 3, true}, {-1, 100, 99, false}, {-1, 100, 100, true}, {0, 100, 1, true},   {100, 100, 99, false}, {20, 1, 1, true},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(SHRINKS); i++) {
		struct zync_cfg_sync sync = policy();
		struct zync_err err = {0};
		enum zync_status status;

		sync.max_shrink_percent = SHRINKS[i].percent;
		status = zync_plan_check_shrink(&sync, SHRINKS[i].known, SHRINKS[i].missing, &err);
		if (status != (SHRINKS[i].stopped ? ZYNC_ERR_SAFETY : ZYNC_OK))
			fail_msg("case %zu: %s", i, err.message);
	}
}

static void test_vanished(void **state)
{
	static const struct {
		struct zync_cfg_limit limit;
		uint64_t known, vanished;
		const char *words; /* NULL: goes on */
	} VANISHED[] = {
		{{10, 5}, 0, 0, NULL},
		{{10, 5}, 1, 1, NULL}, /* a percentage allows one */
		{{10, 5}, 10, 2, "allows 5 %; nothing was stored"},
		{{10, 5}, 200, 10, NULL},
		{{10, 5},
		 200,
		 11,
		 "of the 200 templates, host groups, proxies and proxy groups known of the Zabbix server \"z1\", 11 are gone, and "
		 "sync.max_vanished allows 10;"},
		{{10, 5}, 10000, 11, "allows 10;"},
		{{-1, 2.5}, 1000, 25, NULL},
		{{-1, 2.5}, 1000, 26, "allows 2.5 %;"},
		{{3, -1}, 4, 3, NULL},
		{{3, -1}, 4, 4, "import-zabbix-settings --now --force"},
		{{0, -1}, 4, 0, NULL},
		{{0, -1}, 4, 1, "allows 0;"},
		{{-1, -1}, 4, 4, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(VANISHED); i++) {
		struct zync_cfg_sync sync = policy();
		struct zync_err err = {0};
		enum zync_status status;

		sync.max_vanished = VANISHED[i].limit;
		status = zync_plan_check_vanished(&sync, "z1", VANISHED[i].known, VANISHED[i].vanished, &err);
		if (status != (VANISHED[i].words ? ZYNC_ERR_SAFETY : ZYNC_OK))
			fail_msg("case %zu: %s", i, err.message);
		if (VANISHED[i].words && !strstr(err.message, VANISHED[i].words))
			fail_msg("case %zu: %s", i, err.message);
	}
}

static void test_count(void **state)
{
	static const enum zync_op_kind KINDS[] = {ZYNC_OP_NONE,	  ZYNC_OP_CREATE, ZYNC_OP_UPDATE, ZYNC_OP_DISABLE, ZYNC_OP_DELETE,
						  ZYNC_OP_FORGET, ZYNC_OP_REPORT, ZYNC_OP_DONE,	  ZYNC_OP_FAIL};
	struct zync_plan_counts counts = {0};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(KINDS); i++) {
		for (size_t n = 0; n <= i; n++)
			zync_plan_count(&counts, &(struct zync_op){.kind = KINDS[i]});
	}
	assert_true(counts.unchanged == 1 && counts.create == 2 && counts.update == 3 && counts.disable == 4 && counts.delete_ == 5);
	assert_true(counts.forget == 6 && counts.report == 7 && counts.skipped == 8 && counts.failed == 9);
}

static const char *op_text(struct zync_arena *arena, const struct zync_plan_input *input, const struct zync_op *op, const char *origins)
{
	struct zync_jb *b = zync_jb_new(arena);
	const char *text = NULL;

	assert_non_null(b);
	assert_int_equal(zync_jb_text(b, zync_op_to_json(b, input, "zabbix", op, origins == NULL ? NULL : test_jval(arena, origins)),
				      ZYNC_JSON_COMPACT, arena, &text, NULL),
			 ZYNC_OK);
	return text;
}

/* Of the templates that go, whether their items go; nothing of the others. */
static void test_templates_note(void **state)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_cfg_sync sync = policy();
	struct zync_ref kept[] = {{.name = "B", .id = 2}, {.name = "C", .id = 3}};
	struct zync_plan_input input = {
		.name = "sw1",
		.state = "monitored",
		.owner = "nb:device:1",
		.actual = test_host(
			arena,
			SW1 ",'templates':[{'name':'A','id':1},{'name':'B','id':2},{'name':'C','id':3}],'tags':[{'tag':'t','value':'A'}]"),
		.desired = test_host(arena, SW1 ",'templates':[{'name':'C','id':3},{'name':'D','id':4}],'tags':[]"),
		.keep_items = {.items = kept, .len = 2},
	};
	struct zync_op op = plan(arena, &sync, &input);
	const struct zync_jval *v = test_jval(arena, op_text(arena, &input, &op, NULL));
	static const struct {
		const char *text, *note;
	} expect[] = {{"A", "unlinked and cleared"}, {"B", "unlinked, items kept"}, {"D", NULL}, {"A", NULL}};

	(void)state;
	assert_int_equal(op.keep_items.len, 2);
	assert_int_equal(op.diff.len, ZYNC_ARRAY_LEN(expect));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(expect); i++) {
		const struct zync_jval *change = zync_jval_at(zync_jval_get(v, "changes"), i);
		const char *text = zync_jval_get_str(change, "old");

		assert_string_equal(text != NULL ? text : zync_jval_get_str(change, "new"), expect[i].text);
		assert_true(zync_str_eq(zync_jval_get_str(change, "note"), expect[i].note));
	}
}

static void test_op_json(void **state)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_cfg_sync sync = policy();
	struct zync_host *actual = test_host(arena, SW1 ",'interfaces':[{'type':'agent','main':true,'useip':true,'ip':'10.0.0.1','dns':'','"
							"port':'10050','interfaceid':5}],'tags':[]");
	struct zync_plan_input input = {
		.pk = 17,
		.name = "sw \"1\"",
		.state = "monitored",
		.owner = "nb:device:1",
		.actual = actual,
		.desired = test_host(arena, SW1 ",'interfaces':[{'type':'agent','main':true,'useip':true,'ip':'10.0.0.2','dns':'','port':'"
						"10050'}],'tags':[{'tag':'a','value':'b'}]"),
	};
	struct zync_op op = plan(arena, &sync, &input);
	const struct zync_jval *v = test_jval(arena, op_text(arena, &input, &op, "{'interfaces':'mapping 1','tags[a]':'mapping 2'}"));
	const struct zync_jval *changes = zync_jval_get(v, "changes");
	struct zync_op hard = {.kind = ZYNC_OP_DELETE, .hard = true, .reason = "gone", .actual = actual};

	(void)state;
	assert_string_equal(zync_jval_get_str(v, "action"), "update");
	assert_string_equal(zync_jval_get_str(v, "name"), "sw \"1\"");
	assert_string_equal(zync_jval_get_str(v, "server"), "zabbix");
	assert_int_equal(zync_jval_len(changes), 2);
	assert_string_equal(zync_jval_get_str(zync_jval_at(changes, 0), "field"), "interfaces[agent].ip");
	assert_string_equal(zync_jval_get_str(zync_jval_at(changes, 0), "old"), "10.0.0.1");
	assert_string_equal(zync_jval_get_str(zync_jval_at(changes, 0), "new"), "10.0.0.2");
	assert_string_equal(zync_jval_get_str(zync_jval_at(changes, 0), "rule"), "mapping 1"); /* that of the nearest prefix */
	assert_string_equal(zync_jval_get_str(zync_jval_at(changes, 1), "rule"), "mapping 2");
	assert_null(zync_jval_get_str(zync_jval_at(changes, 1), "old"));
	v = test_jval(arena, op_text(arena, &input, &hard, NULL));
	assert_string_equal(zync_jval_get_str(v, "action"), "delete");
	assert_string_equal(zync_jval_get_str(v, "reason"), "gone");
	assert_true(zync_jval_is_true(zync_jval_get(v, "hard")));
}

static void test_kind_names(void **state)
{
	static const char *const NAMES[] = {[ZYNC_OP_NONE] = "none",	   [ZYNC_OP_CREATE] = "create", [ZYNC_OP_UPDATE] = "update",
					    [ZYNC_OP_DISABLE] = "disable", [ZYNC_OP_DELETE] = "delete", [ZYNC_OP_FORGET] = "forget",
					    [ZYNC_OP_REPORT] = "report",   [ZYNC_OP_DONE] = "none",	[ZYNC_OP_FAIL] = "fail"};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(NAMES); i++)
		assert_string_equal(zync_op_kind_name((enum zync_op_kind)i), NAMES[i]);
}

/* Memory runs out at every point of every case: NOMEM and nothing else, and the operation is left alone. */
static void test_no_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		const struct plan_case *c = &CASES[i];
		ZYNC_AUTO_ARENA inputs = test_arena();
		struct zync_cfg_sync sync = policy();
		struct zync_plan_input input = {.state = c->state,
						.reason = "why",
						.owner = "nb:device:1",
						.desired = test_host(inputs, c->desired),
						.actual = test_host(inputs, c->actual),
						.unbury = c->unbury};
		enum zync_status status = ZYNC_ERR_NOMEM;

		sync.on_missing = c->on_missing;
		sync.delete_mode = c->delete_mode;
		for (size_t max = 1; status != ZYNC_OK; max += 24) {
			ZYNC_AUTO_ARENA arena = zync_arena_new(max);
			struct zync_op op = {.kind = ZYNC_OP_DONE};
			struct zync_err err = {0};

			assert_true(max < 100000);
			if (arena == NULL)
				continue;
			status = zync_plan_host(&sync, &input, arena, &op, &err);
			if (status == ZYNC_OK)
				break;
			assert_int_equal(status, ZYNC_ERR_NOMEM);
			assert_int_equal(op.kind, ZYNC_OP_DONE);
			assert_true(err.message[0] != '\0');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner_before),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_missing_touches_status_only),
		cmocka_unit_test(test_buried_names),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_shrink),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_templates_note),
		cmocka_unit_test(test_op_json),
		cmocka_unit_test(test_kind_names),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_vanished),
	};
	int failed = cmocka_run_group_tests_name("plan", tests, NULL, NULL);

	test_ring_free();
	return failed;
}
