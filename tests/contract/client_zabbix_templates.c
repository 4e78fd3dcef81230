/* SPDX-License-Identifier: Apache-2.0 */
/* What Zync says of templates before it links them is what the server then does. See client_zabbix.c. */
#include "client_zabbix.h"
#include "zabbix/templates.h"

/* Templates of our own, by the letters that the cases speak of; one row an item, rule, prototype or web scenario. */
enum made { MADE_ITEM, MADE_RULE, MADE_PROTOTYPE, MADE_WEB };
static const struct {
	char letter;
	enum made what;
	const char *key;
} parts[] = {
	{'A', MADE_ITEM, "k"},	    {'B', MADE_ITEM, "k"},  {'C', MADE_RULE, "k"},	{'D', MADE_RULE, "k"},	     {'E', MADE_RULE, "r1"},
	{'E', MADE_PROTOTYPE, "p"}, {'F', MADE_RULE, "r2"}, {'F', MADE_PROTOTYPE, "p"}, {'G', MADE_ITEM, "p[{#X}]"}, {'H', MADE_WEB, "w"},
	{'I', MADE_WEB, "w"},	    {'I', MADE_ITEM, "w"},  {'P', MADE_ITEM, "z"},	{'S', MADE_ITEM, "z"},
};
/* Letters of templates, and the letter of the template that each is linked to. */
static const char letters[] = "ABCDEFGHIPQRS";
static const char parent_of[] = "         "
				" PP ";

/* Those that have something to do with each other, and two pairs that have not. */
static const char *const groups[] = {"ABCD", "EFG", "HI", "PQRS", "AE", "IB"};

static uint64_t template_ids[sizeof(letters)];
static uint64_t template_group;

static uint64_t made_id(const struct zync_jval *result, const char *list)
{
	uint64_t id = 0;

	assert_true(zync_jval_to_u64(zync_jval_at(zync_jval_get(result, list), 0), &id));
	return id;
}

static uint64_t make_template(const char *name, uint64_t parent)
{
	const char *links = parent ? text(",\"templates\":[{\"templateid\":\"%" PRIu64 "\"}]", parent) : "";

	return made_id(api("template.create", ZYNC_ZBX_WRITE,
			   text("{\"host\":\"" PREFIX "%s\",\"groups\":[{\"groupid\":\"%" PRIu64 "\"}]%s}", name, template_group, links)),
		       "templateids");
}

/* One item of that type. @p extra: more members. */
static uint64_t make_item(const char *method, uint64_t templateid, unsigned type, const char *key, const char *extra)
{
	return made_id(api(method, ZYNC_ZBX_WRITE,
			   text("{\"hostid\":\"%" PRIu64 "\",\"name\":\"n\",\"key_\":\"%s\",\"type\":%u%s}", templateid, key, type, extra)),
		       "itemids");
}

static void make_part(uint64_t templateid, enum made what, const char *key)
{
	static uint64_t rule;

	if (what == MADE_ITEM)
		(void)make_item("item.create", templateid, 2, key, ",\"value_type\":3");
	else if (what == MADE_RULE)
		rule = make_item("discoveryrule.create", templateid, 2, key, "");
	else if (what == MADE_PROTOTYPE)
		(void)make_item("itemprototype.create", templateid, 2, text("%s[{#X}]", key),
				text(",\"value_type\":3,\"ruleid\":\"%" PRIu64 "\"", rule));
	else
		(void)api("httptest.create", ZYNC_ZBX_WRITE,
			  text("{\"hostid\":\"%" PRIu64 "\",\"name\":\"%s\",\"steps\":[{\"name\":\"s\",\"url\":\"http://x/\",\"no\":1}]}",
			       templateid, key));
}

static void remove_templates(void)
{
	/* Those that are linked to others first. */
	for (unsigned i = 0; i < 3; i++)
		remove_all("template.get", "templateid", "host", PREFIX, "template.delete");
}

static void find_group(void)
{
	const char *get = fx.z->number >= 6002 ? "templategroup.get" : "hostgroup.get";

	assert_true(zync_jval_to_u64(
		zync_jval_get(zync_jval_at(api(get, ZYNC_ZBX_READ, "{\"output\":[\"groupid\"],\"limit\":1}"), 0), "groupid"),
		&template_group));
}

static void make_templates(void)
{
	remove_templates();
	find_group();
	for (size_t i = 0; letters[i]; i++) {
		const char *parent = parent_of[i] != ' ' ? strchr(letters, parent_of[i]) : NULL;

		template_ids[i] = make_template(text("%c", letters[i]), parent ? template_ids[parent - letters] : 0);
		for (size_t k = 0; k < ZYNC_ARRAY_LEN(parts); k++) {
			if (parts[k].letter == letters[i])
				make_part(template_ids[i], parts[k].what, parts[k].key);
		}
	}
	OK(zync_zabbix_renew_catalogue(fx.z, err));
}

/* Is the host made into the target? What was said before must be what the server does. */
static void same_verdict(const char *what, struct zync_zabbix_templates *book, struct zync_zabbix_write *w)
{
	const char *problem = NULL;
	uint64_t ids[8];

	for (size_t i = 0; i < w->target->templates.len; i++)
		ids[i] = w->target->templates.items[i].id;
	OK(zync_zabbix_templates_read(fx.z, book, ids, w->target->templates.len, err));
	OK(zync_zabbix_templates_check(fx.z, book, w->target, w->actual, fx.arena, &problem, err));
	OK(zync_zabbix_write(fx.z, w, 1, NULL, err));
	if (w->done != (problem == NULL))
		fail_msg("%s: Zync says: %s\nZabbix says: %s", what, problem ? problem : "yes", w->done ? "yes" : w->err.message);
	if (problem)
		print_message("# %s: %s | %s\n", what, problem, w->err.message);
}

static void link_two(struct zync_host *h, char one, char other)
{
	const char *names[] = {text(PREFIX "%c", one), text(PREFIX "%c", other)};

	set_templates(h, one == other ? 1 : 2, names);
	finish(h);
}

/* Both at once; the second beside the first; the second in place of the first. */
static void clash_pair(struct zync_zabbix_templates *book, char first, char second, unsigned n)
{
	struct zync_host *one = blank("clash", n);
	struct zync_host *two = blank("clash", n);
	struct zync_host *other = blank("clash", n);
	struct zync_zabbix_write w;
	struct zync_host actual;
	struct zync_host target;
	uint64_t hostid;

	link_two(one, first, first);
	link_two(two, first, second);
	link_two(other, second, second);
	w = creation(two);
	same_verdict(text("%c and %c", first, second), book, &w);
	if (w.done)
		delete_host(w.hostid, two->host);
	hostid = create_one(one);
	actual = read_one(hostid, one);
	w = (struct zync_zabbix_write){
		.kind = ZYNC_ZABBIX_UPDATE, .label = one->host, .hostid = hostid, .target = &target, .actual = &actual};
	w.aspects = diff_of(two, &actual, &target).aspects;
	same_verdict(text("%c beside %c", second, first), book, &w);
	actual = read_one(hostid, one);
	w.aspects = diff_of(other, &actual, &target).aspects;
	same_verdict(text("%c instead of %c", second, first), book, &w);
	delete_host(hostid, one->host);
}

void test_templates_clash(void **state)
{
	struct zync_zabbix_templates *book = zync_zabbix_templates_new(fx.arena);
	unsigned n = 0;

	(void)state;
	make_templates();
	for (size_t g = 0; g < ZYNC_ARRAY_LEN(groups); g++) {
		for (size_t i = 0; groups[g][i]; i++) {
			for (size_t j = i + 1; groups[g][j]; j++)
				clash_pair(book, groups[g][i], groups[g][j], n++);
		}
	}
	remove_templates();
}

/* Each type of item, some as rules, on hosts with each type of interface and with none. */
void test_templates_interfaces(void **state)
{
	static const struct {
		unsigned type;
		const char *key;
		const char *extra; /* members that Zabbix asks for */
	} types[] = {
		{0, "agent.ping", ",\"delay\":\"1m\""},
		{2, "trapper", ""},
		{3, "icmpping", ",\"delay\":\"1m\""},
		{5, "zabbix[uptime]", ",\"delay\":\"1m\""},
		{7, "agent.version", ",\"delay\":\"1m\""},
		{10, "script.sh", ",\"delay\":\"1m\""},
		{12, "ipmi", ",\"delay\":\"1m\",\"ipmi_sensor\":\"s\""},
		{13, "ssh.run[x]", ",\"delay\":\"1m\",\"params\":\"ls\",\"username\":\"u\""},
		{14, "telnet.run[x]", ",\"delay\":\"1m\",\"params\":\"ls\",\"username\":\"u\""},
		{16, "jmx[a,b]", ",\"delay\":\"1m\""},
		{19, "http", ",\"delay\":\"1m\",\"url\":\"http://x/\""},
		{20, "snmp", ",\"delay\":\"1m\",\"snmp_oid\":\"1.2.3\""},
		{21, "script", ",\"delay\":\"1m\",\"params\":\"return 1\",\"timeout\":\"3s\""},
	};
	struct zync_zabbix_templates *book = zync_zabbix_templates_new(fx.arena);
	unsigned n = 0;

	(void)state;
	find_group();
	remove_templates();
	/* Rules are items to this check: a few of them will do. */
	for (unsigned i = 0; i < ZYNC_ARRAY_LEN(types); i++) {
		uint64_t id = make_template(text("type %u", types[i].type), 0);
		bool rule = i % 4 == 0;

		(void)make_item(rule ? "discoveryrule.create" : "item.create", id, types[i].type, types[i].key,
				text("%s%s", types[i].extra, rule ? "" : ",\"value_type\":3"));
	}
	OK(zync_zabbix_renew_catalogue(fx.z, err));
	for (unsigned i = 0; i < ZYNC_ARRAY_LEN(types); i++) {
		const char *name = text(PREFIX "type %u", types[i].type);

		for (unsigned interface = 0; interface <= ZYNC_INTERFACE_JMX; interface++) {
			struct zync_host *h = blank("need", n++);
			struct zync_zabbix_write w;

			if (interface) {
				struct zync_interface *in = add_interface(h, (enum zync_interface_type)interface, "10.0.0.1", "", "1050");

				if (interface == ZYNC_INTERFACE_SNMP)
					snmp_v2(in, "{$SNMP_COMMUNITY}");
			}
			set_templates(h, 1, &name);
			finish(h);
			w = creation(h);
			same_verdict(text("%s, interface %u", name, interface), book, &w);
			if (w.done)
				delete_host(w.hostid, h->host);
		}
	}
	remove_templates();
}
