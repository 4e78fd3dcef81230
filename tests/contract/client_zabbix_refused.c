/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that Zabbix refuses among good ones, and the exchange of interface types. See client_zabbix.c. */
#include "client_zabbix.h"

#define ARRAY_SIZE 100u

/* --- refused hosts -------------------------------------------------------------------------------------------------------------------- */

struct bad {
	unsigned index;
	void (*spoil)(struct zync_host *h);
	const char *words;
};

static void spoil_template(struct zync_host *h)
{
	h->templates.items = array(1, sizeof(*h->templates.items));
	h->templates.items[0] = (struct zync_ref){.name = "gone", .id = 999999999};
	h->templates.len = 1;
}
static void spoil_name(struct zync_host *h)
{
	h->name = "Zabbix server";
}
static void spoil_inventory(struct zync_host *h)
{
	add_inventory(h, "type",
		      "0123456789012345678901234567890123456789012345678901234567890123456789 is more than sixty-four characters");
}
static void spoil_interface(struct zync_host *h)
{
	static const char *const agent[] = {"Linux by Zabbix agent"};

	h->interfaces.len = 0;
	set_templates(h, 1, agent);
	h->templates.items[0].id = zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_TEMPLATE, agent[0]);
}
static void spoil_group(struct zync_host *h)
{
	h->groups.len = 0;
}

static const struct bad one_bad[] = {{57, spoil_template, "ermissions to"}};
static const struct bad many_bad[] = {{3, spoil_template, "ermissions to"}, {17, spoil_name, "already exists"},
				      {40, spoil_inventory, "too long"},    {41, spoil_interface, "nterface"},
				      {80, spoil_group, "cannot be "},	    {99, spoil_template, "ermissions to"}};

struct counter {
	size_t calls;
	size_t reported;
};

static enum zync_status count_written(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct counter *c = ctx;

	(void)err;
	c->calls++;
	for (size_t i = 0; i < count; i++)
		c->reported += writes[i]->done || writes[i]->err.status != ZYNC_OK;
	return ZYNC_OK;
}

/* Write an array in which some are bad: the good ones are written, the bad ones have the server's words, nothing is left open. */
static void write_with_bad(struct zync_zabbix_write *writes, size_t count, const struct bad *bad, size_t bad_count, size_t max_requests)
{
	struct counter counter = {0};
	uint64_t requests;
	size_t next = 0;

	fx.z->sizing[ZYNC_ZABBIX_CREATE].size = count;
	fx.z->sizing[ZYNC_ZABBIX_UPDATE].size = count;
	requests = fx.z->stats.http_requests;
	OK(zync_zabbix_write(fx.z, writes, count, &(struct zync_zabbix_observer){.written = count_written, .ctx = &counter}, err));
	requests = fx.z->stats.http_requests - requests;
	assert_int_equal(counter.reported, count);
	for (size_t i = 0; i < count; i++) {
		if (next < bad_count && bad[next].index == i) {
			assert_false(writes[i].done);
			if (!strstr(writes[i].err.message, bad[next].words) || !strstr(writes[i].err.message, writes[i].label))
				fail_msg("\"%s\" is not in: %s", bad[next].words, writes[i].err.message);
			assert_int_equal(writes[i].err.status, ZYNC_ERR_REJECTED);
			next++;
		} else if (!writes[i].done) {
			fail_msg("the good host %s was not written: %s", writes[i].label, writes[i].err.message);
		}
	}
	if (requests > max_requests)
		fail_msg("%" PRIu64 " requests for %zu bad of %zu hosts", requests, bad_count, count);
}

static void create_with_bad(const char *kind, const struct bad *bad, size_t bad_count, size_t max_requests)
{
	struct zync_zabbix_write *writes = array(ARRAY_SIZE, sizeof(*writes));
	size_t next = 0;

	for (unsigned i = 0; i < ARRAY_SIZE; i++) {
		struct zync_host *h = blank(kind, i);

		add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
		finish(h);
		if (next < bad_count && bad[next].index == i)
			bad[next++].spoil(h);
		writes[i] = creation(h);
	}
	write_with_bad(writes, ARRAY_SIZE, bad, bad_count, max_requests);
	for (unsigned i = 0; i < ARRAY_SIZE; i++) {
		if (!writes[i].done)
			continue;
		if (i % 10 == 0)
			expect_equal(writes[i].target, writes[i].hostid);
		writes[i].kind = ZYNC_ZABBIX_DELETE;
	}
	/* Delete what was made; the bad ones are no deletions and stay out. */
	for (unsigned i = 0, len = 0; i < ARRAY_SIZE; i++) {
		if (writes[i].kind == ZYNC_ZABBIX_DELETE)
			writes[len++] = writes[i];
		if (i == ARRAY_SIZE - 1)
			write_all(writes, len);
	}
}

void test_create_one_bad(void **state)
{
	(void)state;
	/* Refused array, four batches of single calls. */
	create_with_bad("one", one_bad, ZYNC_ARRAY_LEN(one_bad), 5);
}

void test_create_many_bad(void **state)
{
	(void)state;
	create_with_bad("many", many_bad, ZYNC_ARRAY_LEN(many_bad), 16);
}

/* The same where something between us and Zabbix refuses JSON-RPC batches. */
void test_create_bad_without_batches(void **state)
{
	(void)state;
	fx.z->no_batch = true;
	create_with_bad("halve", many_bad, ZYNC_ARRAY_LEN(many_bad), 100);
	fx.z->no_batch = false;
}

void test_update_bad(void **state)
{
	struct zync_zabbix_write *writes = array(ARRAY_SIZE, sizeof(*writes));
	struct zync_host *hosts = array(ARRAY_SIZE, sizeof(*hosts));
	size_t next = 0;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE; i++) {
		hosts[i] = *blank("badupd", i);
		add_interface(&hosts[i], ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
		finish(&hosts[i]);
		writes[i] = creation(&hosts[i]);
	}
	write_all(writes, ARRAY_SIZE);
	for (unsigned i = 0; i < ARRAY_SIZE; i++) {
		struct zync_host *actual = array(1, sizeof(*actual));
		struct zync_host *target = array(1, sizeof(*target));

		*actual = read_one(writes[i].hostid, &hosts[i]);
		add_tag(&hosts[i], "updated", "yes");
		writes[i].kind = ZYNC_ZABBIX_UPDATE;
		writes[i].actual = actual;
		writes[i].target = target;
		writes[i].aspects = diff_of(&hosts[i], actual, target).aspects;
		if (next < ZYNC_ARRAY_LEN(many_bad) && many_bad[next].index == i) {
			many_bad[next++].spoil(target);
			writes[i].aspects = (1u << (unsigned)ZYNC_ASPECT_COUNT) - 1u;
		}
	}
	write_with_bad(writes, ARRAY_SIZE, many_bad, ZYNC_ARRAY_LEN(many_bad), 16);
	expect_equal(&hosts[0], writes[0].hostid);
	for (unsigned i = 0; i < ARRAY_SIZE; i++)
		writes[i] = (struct zync_zabbix_write){.kind = ZYNC_ZABBIX_DELETE, .label = hosts[i].host, .hostid = writes[i].hostid};
	/* One that is gone already is refused, the others go. */
	delete_host(writes[50].hostid, "one in the middle");
	OK(zync_zabbix_write(fx.z, writes, ARRAY_SIZE, NULL, err));
	for (unsigned i = 0; i < ARRAY_SIZE; i++)
		assert_int_equal(writes[i].done, i != 50);
}

/* What is refused here before it is sent does not hold up the others. */
void test_unsayable(void **state)
{
	struct zync_host *good = blank("say", 0);
	struct zync_host *no_secret = blank("say", 1);
	struct zync_host *no_group = blank("say", 2);
	struct zync_zabbix_write writes[3];

	(void)state;
	finish(good);
	add_macro(no_secret, "{$X}", ZYNC_MACRO_SECRET, NULL, "");
	finish(no_secret);
	finish(no_group);
	no_group->groups.items[0] = (struct zync_ref){.name = "nowhere"};
	writes[0] = creation(no_secret);
	writes[1] = creation(good);
	writes[2] = creation(no_group);
	OK(zync_zabbix_write(fx.z, writes, 3, NULL, err));
	assert_true(writes[1].done);
	assert_string_equal(writes[0].err.message, "zabbix: host.create for \"" PREFIX
						   "say-001\": the value of the secret macro {$X} is not known here: run `zync pull`");
	assert_non_null(strstr(writes[2].err.message, "host group \"nowhere\" does not exist"));
	delete_host(writes[1].hostid, good->host);
}

/* --- exchange of interface types ------------------------------------------------------------------------------------------------------ */

/* agent → SNMP under templates that share an item key (icmpping), and one that stays. */
void test_type_change(void **state)
{
	static const char *const before[] = {"ICMP Ping", "Linux by Zabbix agent"};
	static const char *const after[] = {"Linux by SNMP"};
	struct zync_host *h = blank("type", 0);
	struct zync_host *next = blank("type", 0);
	struct zync_host actual;
	struct zync_host target;
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE, .label = h->host};

	(void)state;
	add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
	set_templates(h, 2, before);
	finish(h);
	w.hostid = create_one(h);
	snmp_v2(add_interface(next, ZYNC_INTERFACE_SNMP, "10.0.0.1", "", "161"), "{$SNMP_COMMUNITY}");
	set_templates(next, 1, after);
	finish(next);
	actual = read_one(w.hostid, h);
	w.aspects = diff_of(next, &actual, &target).aspects;
	w.target = &target;
	w.actual = &actual;
	assert_true(zync_zbx_is_type_change(&w));
	write_all(&w, 1);
	expect_equal(next, w.hostid);
	delete_host(w.hostid, h->host);
}

/* The second step is refused: the host has its templates again, and the message says so. */
void test_type_change_refused(void **state)
{
	static const char *const before[] = {"ICMP Ping"};
	struct zync_host *h = blank("typebad", 0);
	struct zync_host *next = blank("typebad", 0);
	struct zync_host actual;
	struct zync_host target;
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE, .label = h->host};

	(void)state;
	add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
	set_templates(h, 1, before);
	finish(h);
	w.hostid = create_one(h);
	snmp_v2(add_interface(next, ZYNC_INTERFACE_SNMP, "10.0.0.1", "", "161"), "{$SNMP_COMMUNITY}");
	set_templates(next, 1, before);
	finish(next);
	next->name = "Zabbix server";
	actual = read_one(w.hostid, h);
	w.aspects = diff_of(next, &actual, &target).aspects;
	w.target = &target;
	w.actual = &actual;
	OK(zync_zabbix_write(fx.z, &w, 1, NULL, err));
	assert_false(w.done);
	assert_non_null(strstr(w.err.message, "already exists"));
	assert_non_null(strstr(w.err.message, "linked again"));
	expect_equal(h, w.hostid);
	delete_host(w.hostid, h->host);
}
