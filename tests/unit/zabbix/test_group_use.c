/* SPDX-License-Identifier: Apache-2.0 */
/* What needs a host group: members, actions, maintenances, maps, dashboards, rights that were not just inherited; and what a role hides. */
#include "zabbix_test.h"

/* Groups: 1 "A", 2 "A/B", 3 "A/B/C", 4 "D" … 9 "I". */
#define GROUPS                                                                                                                        \
	"=[{\"groupid\":\"1\",\"name\":\"A\"},{\"groupid\":\"2\",\"name\":\"A/B\"},{\"groupid\":\"3\",\"name\":\"A/B/C\"},{"          \
	"\"groupid\":\"4\",\"name\":\"D\"},{\"groupid\":\"5\",\"name\":\"E\"},{\"groupid\":\"6\",\"name\":\"F\"},{\"groupid\":\"7\"," \
	"\"name\":\"G\"},{\"groupid\":\"8\",\"name\":\"H\"},{\"groupid\":\"9\",\"name\":\"I\"}]"
#define MEMBERS(first)                                                                                                            \
	"=[{\"groupid\":\"1\",\"hosts\":\"" first "\"},{\"groupid\":\"2\",\"hosts\":\"0\"},{\"groupid\":\"3\",\"hosts\":\"0\"},{" \
	"\"groupid\":\"4\",\"hosts\":\"0\"},{\"groupid\":\"5\",\"hosts\":\"0\"}]"

static const uint64_t ids[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static void check_uses(const char *version, const struct step *steps, size_t count, size_t groups, const char *const *want)
{
	static const struct step catalogue[] = {{.expect = {"hostgroup.get"}, .reply = GROUPS},
						{.expect = {"template.get"}, .reply = "=[]"},
						{.expect = {"proxy.get"}, .reply = "=[]"},
						{.expect = {"proxygroup.get"}, .reply = "=[]"}};
	const char *got[9] = {NULL};
	struct fake f = {0};
	struct zync_err err = {0};

	fake_open(&f, version, /* by_token= */ true, catalogue, version[0] == '6' ? 3 : 4);
	assert_int_equal(zync_zabbix_load_catalogue(f.z, &err), ZYNC_OK);
	fake_script(&f, steps, count);
	if (zync_zabbix_group_uses(f.z, ids, groups, f.arena, got, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < groups; i++) {
		if (want[i] == NULL ? got[i] != NULL : got[i] == NULL || strstr(got[i], want[i]) == NULL)
			fail_msg("%s, group %zu: %s", version, i + 1, got[i] != NULL ? got[i] : "(nothing)");
	}
	assert_int_equal(f.at, count);
	fake_close(&f);
}

static void test_uses(void **state)
{
	static const struct step v7[] = {
		{.expect = {"hostgroup.get", "\"groupids\":[\"1\",\"2\"", "\"selectHosts\":\"count\"}"}, .reply = MEMBERS("2")},
		{.expect = {"action.get", "selectFilter", "selectUpdateOperations"},
		 .reply = "=[{\"actionid\":\"1\",\"name\":\"Add\",\"filter\":{\"conditions\":[{\"conditiontype\":\"0\",\"value\":\"4\"},{"
			  "\"conditiontype\":\"1\",\"value\":\"3\"}]},\"operations\":[{\"operationtype\":\"4\",\"opgroup\":[{\"groupid\":"
			  "\"5\"}]}],\"recovery_operations\":[],\"update_operations\":[{\"opcommand_grp\":[{\"groupid\":\"6\"}]}]}]"},
		{.expect = {"maintenance.get", "\"selectHostGroups\":\"extend\""},
		 .reply = "=[{\"name\":\"Night\",\"hostgroups\":[{\"groupid\":\"7\",\"name\":\"G\"}]}]"},
		{.expect = {"map.get", "selectSelements"},
		 .reply = "=[{\"name\":\"Plan\",\"selements\":[{\"elementtype\":\"3\",\"elements\":[{\"groupid\":\"8\"}]}]}]"},
		{.expect = {"dashboard.get", "\"selectPages\":\"extend\""},
		 .reply = "=[{\"name\":\"NOC\",\"pages\":[{\"widgets\":[{\"type\":\"problems\",\"fields\":[{\"type\":\"3\",\"name\":"
			  "\"hostids\",\"value\":\"3\"},{\"type\":\"2\",\"name\":\"groupids\",\"value\":\"9\"}]}]}]}]"},
		{.expect = {"usergroup.get", "selectHostGroupRights", "selectTagFilters"},
		 .reply = "=[{\"name\":\"NOC\",\"hostgroup_rights\":[{\"id\":\"2\",\"permission\":\"2\"},{\"id\":\"3\",\"permission\":"
			  "\"2\"}]"
			  ",\"tag_filters\":[]}]"}};
	static const char *const want[] = {
		"it has 2 hosts",
		"the user group \"NOC\" uses it", /* given to A/B … */
		NULL,				  /* … from which A/B/C has it */
		"the action \"Add\" uses it",
		"the action \"Add\" uses it",
		"the action \"Add\" uses it",
		"the maintenance \"Night\" uses it",
		"the map \"Plan\" uses it",
		"the dashboard \"NOC\" uses it",
	};

	(void)state;
	check_uses("7.0.0", STEPS(v7), 9, want);
}

static void test_rights(void **state)
{
	static const struct {
		const char *reply;
		const char *reason; /* of A/B, which is below A; A itself has it by hand each time */
	} cases[] = {
		{"=[{\"name\":\"x\",\"hostgroup_rights\":[{\"id\":\"1\",\"permission\":\"3\"},{\"id\":\"2\",\"permission\":\"3\"}]}]",
		 NULL},
		{"=[{\"name\":\"x\",\"hostgroup_rights\":[{\"id\":\"1\",\"permission\":\"3\"},{\"id\":\"2\",\"permission\":\"0\"}]}]",
		 "uses it"},
		{"=[{\"name\":\"x\",\"hostgroup_rights\":[{\"id\":\"1\",\"permission\":\"3\"}]},{\"name\":\"y\",\"hostgroup_rights\":[{"
		 "\"id\":"
		 "\"2\",\"permission\":\"3\"}]}]",
		 "user group \"y\""},
		{"=[{\"name\":\"x\",\"tag_filters\":[{\"groupid\":\"1\",\"tag\":\"t\",\"value\":\"\"},{\"groupid\":\"2\",\"tag\":\"t\","
		 "\"value\":\"\"}]}]",
		 NULL},
		{"=[{\"name\":\"x\",\"tag_filters\":[{\"groupid\":\"1\",\"tag\":\"t\",\"value\":\"\"},{\"groupid\":\"2\",\"tag\":\"t\","
		 "\"value\":\"v\"}]}]",
		 "uses it"},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const struct step steps[] = {
			{.expect = {"hostgroup.get"}, .reply = MEMBERS("0")}, {.expect = {"action.get"}, .reply = "=[]"},
			{.expect = {"maintenance.get"}, .reply = "=[]"},      {.expect = {"map.get"}, .reply = "=[]"},
			{.expect = {"dashboard.get"}, .reply = "=[]"},	      {.expect = {"usergroup.get"}, .reply = cases[i].reply}};
		const char *const want[] = {"uses it", cases[i].reason};

		check_uses("7.0.0", steps, ZYNC_ARRAY_LEN(steps), 2, want);
	}
}

static void test_old_version(void **state)
{
	static const struct step v6[] = {{.expect = {"hostgroup.get", "\"selectHosts\":\"count\",\"selectTemplates\":\"count\""},
					  .reply = "=[{\"groupid\":\"1\",\"hosts\":\"0\",\"templates\":\"1\"},{\"groupid\":\"2\",\"hosts\":"
						   "\"1\",\"templates\":\"4\"}]"},
					 {.expect = {"action.get"}, .reply = "=[]"},
					 {.expect = {"maintenance.get", "\"selectGroups\":\"extend\""}, .reply = "=[]"},
					 {.expect = {"map.get"}, .reply = "=[]"},
					 {.expect = {"dashboard.get"}, .reply = "=[]"},
					 {.expect = {"usergroup.get", "\"selectRights\":\"extend\""},
					  .reply = "=[{\"name\":\"x\",\"rights\":[{\"id\":\"4\",\"permission\":\"2\"}]}]"}};
	static const char *const want[] = {"it has 1 template", "it has 1 host", NULL, "user group \"x\""};

	(void)state;
	check_uses("6.0.14", STEPS(v6), 4, want);
}

/* What may not be read may be there: then every group stays. */
static void test_hidden(void **state)
{
	static const struct step steps[] = {{.expect = {"hostgroup.get"}, .reply = MEMBERS("1")},
					    {.expect = {"action.get"}, .reply = "=[]"},
					    {.expect = {"maintenance.get"}, .reply = "!No permissions to call \\\"maintenance.get\\\"."},
					    {.expect = {"map.get"}, .reply = "=[]"},
					    {.expect = {"dashboard.get"}, .reply = "=[]"},
					    {.expect = {"usergroup.get"}, .reply = "=[]"}};
	static const char *const want[] = {"it has 1 host", "hides maintenances, one of which may use it: "};
	struct zync_err err = {0};
	struct fake f = {0};
	const char *got[2];

	(void)state;
	check_uses("7.0.0", STEPS(steps), 2, want);
	fake_open(&f, "7.0.0", /* by_token= */ true, NULL, 0);
	assert_int_equal(zync_zabbix_group_uses(f.z, ids, 0, f.arena, got, &err), ZYNC_OK); /* nobody is asked */
	fake_script(&f, (const struct step[]){{.expect = {"hostgroup.get"}, .reply = "=[{\"groupid\":\"1\"}]"}}, 1);
	assert_int_equal(zync_zabbix_group_uses(f.z, ids, 1, f.arena, got, &err), ZYNC_ERR_PROTOCOL);
	fake_close(&f);
}

const struct CMUnitTest group_use_tests[] = {cmocka_unit_test(test_uses), cmocka_unit_test(test_rights), cmocka_unit_test(test_old_version),
					     cmocka_unit_test(test_hidden)};
const size_t group_use_tests_len = ZYNC_ARRAY_LEN(group_use_tests);
