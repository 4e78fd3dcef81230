/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of the client fails in turn: an ordinary error each time, nothing leaks (valgrind), and no write is told wrongly. */
#include "zabbix_test.h"

#define MAX_FAULTS 20000ul

/* A walk through everything that the client can do; NULL faults before the client is open leave f->z NULL. */
typedef enum zync_status oom_walk(struct fake *f, struct zync_err *err);

static enum zync_status oom_read(struct fake *f, struct zync_err *err)
{
	static const char *const names[] = {"A/B", "sw1"};
	static const uint64_t ids[] = {20, 21, 22};
	struct zync_zabbix_access access;
	struct zync_zabbix_hosts hosts;
	struct zync_zabbix_mark *marks;
	struct zync_ref wrong = {.name = "nothing"};
	struct zync_host host = {.templates = {&wrong, 1}};
	struct zync_err refused;
	size_t count;

	ZYNC_TRY(zync_zabbix_access(f->z, f->arena, &access, err));
	ZYNC_TRY(zync_zabbix_load_catalogue(f->z, err));
	ZYNC_TRY(zync_zabbix_create_groups(f->z, names, 1, NULL, err));
	ZYNC_TRY(zync_zabbix_get_hosts(f->z, ids, 3, f->arena, &hosts, err));
	ZYNC_TRY(zync_zabbix_find_by_names(f->z, names, 2, f->arena, &hosts, err));
	ZYNC_TRY(zync_zabbix_find_marks(f->z, names, 2, f->arena, &marks, &count, err));
	assert_int_equal(zync_zabbix_resolve(f->z, &host, &refused), ZYNC_ERR_REJECTED);
	return zync_zabbix_renew_catalogue(f->z, err);
}

#define HOST(id)                                                                                                                        \
	"{\"hostid\":\"" id "\",\"host\":\"h" id "\",\"name\":\"n\",\"monitored_by\":\"1\",\"proxyid\":\"5\",\"inventory_mode\":\"0\"," \
	"\"hostgroups\":[{\"groupid\":\"2\",\"name\":\"A\"}],\"parentTemplates\":[{\"templateid\":\"3\",\"host\":\"t\"}],\"tags\":[{"   \
	"\"tag\":\"a\",\"value\":\"b\"}],"                                                                                              \
	"\"interfaces\":[{\"interfaceid\":\"1\",\"type\":\"2\",\"main\":\"1\",\"details\":{\"version\":\"2\",\"community\":\"c\"}}],"   \
	"\"macros\":[{\"hostmacroid\":\"1\",\"macro\":\"{$A}\",\"value\":\"1\",\"type\":\"0\"}],\"inventory\":{\"type\":\"x\"}}"

static const struct step read_steps[] = {
	{.expect = {"role.get"},
	 .reply = "=[{\"name\":\"Root\",\"type\":\"3\",\"rules\":{\"api.access\":\"1\",\"api.mode\":\"0\",\"api\":[]}}]"},
	{.expect = {"hostgroup.get"}, .reply = "=[{\"groupid\":\"2\",\"name\":\"A\"}]"},
	{.expect = {"template.get"}, .reply = "=[{\"templateid\":\"3\",\"host\":\"t\",\"name\":\"T\"}]"},
	{.expect = {"proxy.get"}, .reply = "=[{\"proxyid\":\"5\",\"name\":\"p\"}]"},
	{.expect = {"proxygroup.get"}, .reply = "=[]"},
	{.expect = {"hostgroup.create"}, .reply = "={\"groupids\":[\"9\"]}"},
	{.expect = {"host.get"}, .reply = "=[" HOST("21") "," HOST("20") "]"},
	{.expect = {"host.get"}, .reply = "=[]"},
	{.expect = {"host.get"}, .reply = "=[" HOST("23") "]"},
	{.expect = {"template.get"}, .reply = "=[{\"templateid\":\"24\",\"host\":\"x\",\"name\":\"x\"}]"},
	{.expect = {"usermacro.get"}, .reply = "=[{\"hostid\":\"23\",\"value\":\"o\"}]"},
	{.expect = {"hostgroup.get"}, .reply = "=[{\"groupid\":\"2\",\"name\":\"A\"}]"},
	{.expect = {"template.get"}, .reply = "=[{\"templateid\":\"3\",\"host\":\"t\",\"name\":\"T\"}]"},
	{.expect = {"proxy.get"}, .reply = "!No permissions to call"},
	{.expect = {"proxygroup.get"}, .reply = "=[]"},
};

/* Creations of which one is bad and one reply is lost, then a deletion. */
static enum zync_status oom_write(struct fake *f, struct zync_err *err)
{
	static struct zync_ref group = {"A", 2};
	struct zync_host hosts[] = {
		{.host = "h1", .name = "h1", .owner = "o1", .groups = {&group, 1}, .inventory_mode = ZYNC_INVENTORY_DISABLED},
		{.host = "h2", .name = "h2", .owner = "o2", .groups = {&group, 1}, .inventory_mode = ZYNC_INVENTORY_DISABLED},
		{.host = "h3", .name = "h3", .owner = "o3", .groups = {&group, 1}, .inventory_mode = ZYNC_INVENTORY_DISABLED}};
	struct zync_zabbix_write w[] = {{.kind = ZYNC_ZABBIX_CREATE, .label = "h1", .target = &hosts[0]},
					{.kind = ZYNC_ZABBIX_CREATE, .label = "h2", .target = &hosts[1]},
					{.kind = ZYNC_ZABBIX_CREATE, .label = "h3", .target = &hosts[2]}};
	enum zync_status status = zync_zabbix_write(f->z, w, 3, NULL, err);

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(w); i++) {
		assert_false(w[i].done && w[i].err.status != ZYNC_OK);
		if (w[i].done)
			assert_int_equal(w[i].hostid, i + 1);
		/* Memory that ran out here is no fault of the host's. */
		if (w[i].err.status != ZYNC_OK)
			assert_int_equal(i, 1);
	}
	if (status == ZYNC_OK)
		assert_true(w[0].done && w[1].err.status == ZYNC_ERR_REJECTED && w[2].done);
	return status;
}

#define CREATED(id, owner)                                            \
	"{\"hostid\":\"" id "\",\"host\":\"h" id "\",\"name\":\"h" id \
	"\",\"macros\":[{\"hostmacroid\":\"1\",\"macro\":\"{$ZYNC.OWNER}\",\"value\":\"" owner "\"}]}"

static const struct step write_steps[] = {
	{.expect = {"host.create", "h1", "h3"}, .reply = "!Invalid parameter \\\"/2/groups\\\"."},
	{.expect = {"host.create", "h2"}, .reply = "!Invalid parameter \\\"/1/groups\\\"."},
	{.expect = {"host.create", "h1", "h3"}, .reply = "!No permissions to referred object or it does not exist!"},
	{.expect = {"[{\"jsonrpc\""}, .lost = true, .unknown = true},
	{.expect = {"host.get"}, .reply = "=[" CREATED("1", "o1") "]"},
	{.expect = {"template.get"}, .reply = "=[]"},
	{.expect = {"host.create", "h3"}, .reply = "={\"hostids\":[\"3\"]}"},
};

/* One walk with the n-th allocation failing. False when there were fewer: then the walk must have gone well. */
static bool oom_once(oom_walk *walk, const struct step *steps, size_t count, unsigned long nth)
{
	struct fake f = {0};
	struct zync_err err = {.status = ZYNC_OK};
	enum zync_status status;
	bool fired;

	fault_arm(0);
	fake_prepare(&f, "7.0.0", /* by_token= */ false, steps, count);
	fault_arm(nth);
	status = fake_connect(&f, &err);
	if (status == ZYNC_OK)
		status = walk(&f, &err);
	fired = fault_fired();
	fault_arm(0);
	if (fired) {
		assert_int_equal(status, ZYNC_ERR_NOMEM);
		assert_int_equal(err.status, ZYNC_ERR_NOMEM);
	} else {
		if (status != ZYNC_OK)
			fail_msg("without a fault: %s", err.message);
		assert_int_equal(f.at, f.count);
	}
	f.at = f.count;
	fake_close(&f);
	return fired;
}

static void oom_all(oom_walk *walk, const struct step *steps, size_t count)
{
	unsigned long nth = 1;

	while (oom_once(walk, steps, count, nth)) {
		if (++nth > MAX_FAULTS)
			fail_msg("more than %lu allocations", MAX_FAULTS);
	}
	assert_true(nth > 100);
}

static void test_oom_read(void **state)
{
	(void)state;
	oom_all(oom_read, STEPS(read_steps));
}

static void test_oom_write(void **state)
{
	(void)state;
	oom_all(oom_write, STEPS(write_steps));
}

const struct CMUnitTest oom_tests[] = {cmocka_unit_test(test_oom_read), cmocka_unit_test(test_oom_write)};
const size_t oom_tests_len = ZYNC_ARRAY_LEN(oom_tests);
