/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces that items use: exchange of every type, another default one, one that was made anew by hand. See client_zabbix.c. */
#include "client_zabbix.h"

static const char *const template_of[] = {NULL, "Linux by Zabbix agent", "Linux by SNMP", "Chassis by IPMI", "Generic Java JMX"};

static void add_of_type(struct zync_host *h, enum zync_interface_type type, const char *ip)
{
	struct zync_interface *in = add_interface(h, type, ip, "", "1050");

	if (type == ZYNC_INTERFACE_SNMP)
		snmp_v2(in, "{$SNMP_COMMUNITY}");
}

/* Bring the host to the desired state; false when Zabbix refused. */
static bool bring(const struct zync_host *before, const struct zync_host *desired, uint64_t hostid)
{
	struct zync_host actual = read_one(hostid, before);
	struct zync_host target;
	struct zync_zabbix_write w = {
		.kind = ZYNC_ZABBIX_UPDATE, .label = desired->host, .hostid = hostid, .target = &target, .actual = &actual};

	w.aspects = diff_of(desired, &actual, &target).aspects;
	OK(zync_zabbix_write(fx.z, &w, 1, NULL, err));
	if (!w.done)
		print_message("# %s\n", w.err.message);
	return w.done;
}

/* Each type for each other one, with templates whose items use it and "ICMP Ping", whose items use any. */
void test_type_change_each(void **state)
{
	unsigned n = 0;

	(void)state;
	for (enum zync_interface_type from = ZYNC_INTERFACE_AGENT; from <= ZYNC_INTERFACE_JMX; from++) {
		for (enum zync_interface_type to = ZYNC_INTERFACE_AGENT; to <= ZYNC_INTERFACE_JMX; to++) {
			/* "Linux by SNMP" has the items of "ICMP Ping" itself. */
			const char *before[] = {template_of[from], "ICMP Ping"};
			const char *after[] = {template_of[to], "ICMP Ping"};
			struct zync_host *h = blank("each", n);
			struct zync_host *next = blank("each", n++);
			uint64_t hostid;

			if (from == to)
				continue;
			add_of_type(h, from, "10.0.0.1");
			set_templates(h, from == ZYNC_INTERFACE_SNMP ? 1 : 2, before);
			finish(h);
			hostid = create_one(h);
			add_of_type(next, to, "10.0.0.1");
			set_templates(next, to == ZYNC_INTERFACE_SNMP ? 1 : 2, after);
			finish(next);
			assert_true(bring(h, next, hostid));
			expect_equal(next, hostid);
			delete_host(hostid, h->host);
		}
	}
}

/* The default interface: another one, a new one, one less. Items stay on theirs, and move when it goes. */
void test_default_interface(void **state)
{
	static const char *const templates[] = {"Generic Java JMX", "Linux by Zabbix agent"};
	static const struct {
		const char *what;
		const char *ips[4]; /* the first one is the default */
	} steps[] = {
		{"two", {"10.0.0.1", "10.0.0.2"}},
		{"the other one is the default", {"10.0.0.2", "10.0.0.1"}},
		{"a new one is the default", {"10.0.0.3", "10.0.0.1", "10.0.0.2"}},
		{"four", {"10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.1"}},
		{"only one that was not the default", {"10.0.0.4"}},
		{"two again", {"10.0.0.1", "10.0.0.4"}},
		{"only a new one", {"10.0.0.5"}},
	};
	struct zync_host *before = blank("default", 0);
	uint64_t hostid;

	(void)state;
	add_interface(before, ZYNC_INTERFACE_AGENT, "10.0.0.9", "", "10050");
	finish(before);
	hostid = create_one(before);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(steps); i++) {
		struct zync_host *next = blank("default", 0);

		for (size_t k = 0; k < ZYNC_ARRAY_LEN(steps[i].ips) && steps[i].ips[k]; k++) {
			add_interface(next, ZYNC_INTERFACE_AGENT, steps[i].ips[k], "", "10050")->main = k == 0;
			add_interface(next, ZYNC_INTERFACE_JMX, steps[i].ips[k], "", "12345")->main = k == 0;
		}
		set_templates(next, 2, templates);
		finish(next);
		print_message("# %s\n", steps[i].what);
		assert_true(bring(before, next, hostid));
		expect_equal(next, hostid);
		before = next;
	}
	delete_host(hostid, before->host);
}

/* Somebody deletes an interface and makes it anew between our reading and our writing: Zabbix passes over the id that is gone, and the next run puts it right. */
void test_interface_made_anew(void **state)
{
	struct zync_host *h = blank("anew", 0);
	struct zync_host *next = blank("anew", 0);
	struct zync_host stale;
	struct zync_host target;
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE, .label = h->host};

	(void)state;
	add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
	add_interface(h, ZYNC_INTERFACE_IPMI, "10.0.0.1", "", "623");
	finish(h);
	w.hostid = create_one(h);
	stale = read_one(w.hostid, h);
	(void)api("host.update", ZYNC_ZBX_WRITE,
		  text("{\"hostid\":\"%" PRIu64
		       "\",\"interfaces\":[{\"type\":1,\"main\":1,\"useip\":1,\"ip\":\"10.0.0.1\",\"dns\":\"\",\"port\":"
		       "\"10050\"},{\"type\":3,\"main\":1,\"useip\":1,\"ip\":\"10.0.0.7\",\"dns\":\"\",\"port\":\"623\"}]}",
		       w.hostid));
	assert_int_not_equal(read_one(w.hostid, h).interfaces.items[0].interfaceid, stale.interfaces.items[0].interfaceid);
	add_interface(next, ZYNC_INTERFACE_AGENT, "10.0.0.2", "", "10050");
	add_interface(next, ZYNC_INTERFACE_IPMI, "10.0.0.2", "", "623");
	add_interface(next, ZYNC_INTERFACE_JMX, "10.0.0.2", "", "12345");
	finish(next);
	w.aspects = diff_of(next, &stale, &target).aspects;
	w.target = &target;
	w.actual = &stale;
	write_all(&w, 1);
	assert_int_equal(read_one(w.hostid, next).interfaces.len, 1);
	assert_true(bring(next, next, w.hostid));
	expect_equal(next, w.hostid);
	delete_host(w.hostid, h->host);
}
