/* SPDX-License-Identifier: Apache-2.0 */
/** @file test_members.c What rules may ask for beyond the usual: more members, the addresses of interfaces, a virtual chassis as one host. */
#include "fake_netbox.h"

#include <stdlib.h>

#include "base/str.h"
#include "netbox/netbox_priv.h"

static struct fake_netbox netbox;

#define REF(path, id)	 "{\"id\":" #id ",\"url\":\"http://x/api/" path "/" #id "/\",\"name\":\"brief\"}"
#define DEVICE(id, name) "{\"id\":" #id ",\"url\":\"http://x/api/dcim/devices/" #id "/\",\"name\":\"" name "\"}"
#define CHASSIS(id)	 "\"virtual_chassis\":{\"id\":" #id ",\"url\":\"http://x/api/dcim/virtual-chassis/" #id "/\"}"
#define ON_DEVICE(port, name, device)                                                                                     \
	"\"assigned_object_type\":\"dcim.interface\",\"assigned_object_id\":" #port ",\"assigned_object\":{\"id\":" #port \
	",\"name\":\"" name "\",\"device\":" DEVICE(device, "x") "}"

/* ---------- walks that look at one object after the other ---------- */

struct look {
	const struct zync_netbox *nb;
	void (*at)(const struct look *look, const struct zync_nb_object *object);
	size_t count;
	char text[4096]; /* one line an object */
};

static enum zync_status on_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct look *look = ctx;

	(void)err;
	look->count++;
	look->at(look, object);
	return ZYNC_OK;
}

static void run(struct zync_netbox *nb, struct zync_nb_walk what, struct look *look)
{
	struct zync_err err = {0};

	look->nb = nb;
	if (zync_netbox_walk(nb, &what, on_object, look, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
}

static struct zync_netbox *open_with(const struct fake_table *tables, const char *version, bool one_host)
{
	struct zync_netbox *nb;

	fake_netbox_start(&netbox, version, 0);
	netbox.tables = tables;
	nb = one_host ? fake_netbox_open_one_host(&netbox) : fake_netbox_open(&netbox, 500);
	return nb;
}

static void done(struct zync_netbox *nb)
{
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
}

static void load(struct zync_netbox *nb, const char *const *names, size_t count)
{
	struct zync_err err = {0};

	if (zync_netbox_load_references(nb, names, count, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
}

static void look_nothing(const struct look *look, const struct zync_nb_object *object)
{
	(void)look;
	(void)object;
}

/* ---------- more members ---------- */

static const char *last_target(const char *endpoint)
{
	const char *found = NULL;

	for (size_t i = 0; i < fake_count(netbox.server); i++) {
		const char *target = fake_request_at(netbox.server, i)->target;

		if (strlen(target) > strlen("/api/") && strncmp(target + strlen("/api/"), endpoint, strlen(endpoint)) == 0)
			found = target;
	}
	assert_non_null(found);
	return found;
}

static void assert_ends(const char *text, const char *end)
{
	if (!zync_str_ends(text, end))
		fail_msg("not at the end: \"%s\" of %s", end, text);
}

static void test_names(void **state)
{
	/* Known ones, ones that are twice, what cannot be a field, and what has a switch of its own. */
	static const char *const names[] = {"name",	 "asns",	   "face",	   "asns",	  "id",	 "a b",		 "1st", "",
					    "x&limit=1", "config_context", "ip_addresses", "device_name", "rol", "zabbix_proxy", "us"};
	/* "face" is of devices alone: other tables are not asked for it. */
	static const char *const more = ",asns,rol,zabbix_proxy,us";
	struct look look = {.at = look_nothing};
	struct zync_netbox *nb = open_with(NULL, "4.7.3", false);

	(void)state;
	load(nb, names, ZYNC_ARRAY_LEN(names));
	assert_ends(last_target("dcim/sites/"), more);
	assert_ends(last_target("virtualization/clusters/"), more);
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .names = names, .name_count = ZYNC_ARRAY_LEN(names)}, &look);
	assert_ends(last_target("dcim/devices/"), ",last_updated,asns,face,rol,zabbix_proxy,us");
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_VM, .names = names, .name_count = 3, .config_context = true}, &look);
	assert_ends(last_target("virtualization/virtual-machines/"), ",last_updated,config_context,asns,face");
	done(nb);
}

static void look_id(const struct look *look, const struct zync_nb_object *object)
{
	struct look *out = (struct look *)(uintptr_t)look;
	size_t len = strlen(out->text);

	snprintf(out->text + len, sizeof(out->text) - len, "%d ", (int)object->id);
}

/* NetBox 4.7 fails for a name that is a relation of the model and no field of the API, as "cluster" of a site. */
static bool refuse_relation(struct fake_netbox *fake, const struct fake_request *request, struct fake_reply *reply)
{
	(void)fake;
	if (strstr(request->target, "relation") == NULL || strstr(request->target, "fields=") == NULL)
		return false;
	*reply = (struct fake_reply){.status = 500,
				     .body = "{\"error\":\"Cannot find 'relation' on Site object\",\"exception\":\"AttributeError\"}"};
	return true;
}

/* Such a list is read with all of its fields, and only such a one; names that another table has are not even tried. */
static void test_names_refused(void **state)
{
	static const char *const names[] = {"relation"}, *const usual[] = {"cluster", "device_type", "face"};
	static const struct fake_table tables[] = {{"dcim/devices", "{\"id\":1,\"name\":\"a\"}"}, {NULL, NULL}};
	struct look look = {.at = look_id};
	struct zync_netbox *nb = open_with(tables, "4.7.3", false);

	(void)state;
	load(nb, usual, ZYNC_ARRAY_LEN(usual));
	assert_null(strstr(last_target("dcim/sites/"), "cluster"));
	assert_null(strstr(last_target("dcim/racks/"), "device_type"));
	netbox.list = refuse_relation;
	load(nb, names, 1);
	assert_null(strstr(last_target("dcim/sites/"), "fields="));
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .names = names, .name_count = 1}, &look);
	assert_string_equal(look.text, "1 ");
	assert_null(strstr(last_target("dcim/devices/"), "&fields="));
	assert_non_null(strstr(last_target("dcim/devices/"), "&omit=config_context"));
	done(nb);
}

#define LONG_NAMES 400

/* Too many for the request line: then every field is asked for, but never a context that nobody wants. */
static void test_names_too_long(void **state)
{
	static char texts[LONG_NAMES][16];
	const char *names[LONG_NAMES];
	struct look look = {.at = look_nothing};
	struct zync_netbox *nb = open_with(NULL, "4.7.3", false);

	(void)state;
	for (size_t i = 0; i < LONG_NAMES; i++) {
		snprintf(texts[i], sizeof(texts[i]), "member_%zu", i);
		names[i] = texts[i];
	}
	load(nb, names, LONG_NAMES);
	assert_null(strstr(last_target("dcim/sites/"), "fields="));
	for (int context = 0; context < 2; context++) {
		run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .names = names, .name_count = LONG_NAMES, .config_context = context},
		    &look);
		assert_null(strstr(last_target("dcim/devices/"), "fields="));
		assert_int_equal(strstr(last_target("dcim/devices/"), "&exclude=config_context&omit=config_context") != NULL, !context);
	}
	/* As many as just fit are still named one by one. */
	for (size_t count = LONG_NAMES; strstr(last_target("dcim/devices/"), "fields=") == NULL; count--) {
		assert_true(count > 200);
		run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .names = names, .name_count = count}, &look);
	}
	assert_true(strlen(last_target("dcim/devices/")) > 3500);
	assert_true(strlen(last_target("dcim/devices/")) < 3800);
	/* Something else takes the room. */
	static char name[1200];
	memset(name, 'n', sizeof(name) - 1);
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .names = names, .name_count = 200, .name = name}, &look);
	assert_null(strstr(last_target("dcim/devices/"), "fields="));
	assert_true(strlen(last_target("dcim/devices/")) < 3800);
	done(nb);
}

/* One object of those that the user's filter leaves: NetBox would take a second value of the same key as an alternative. */
static void test_filter_of_the_same_key(void **state)
{
	static const struct fake_table tables[] = {
		{"dcim/devices", "{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"b\"},{\"id\":3,\"name\":\"a\"}"},
		{NULL, NULL},
	};
	static const struct {
		const char *key;
		uint64_t id;
		const char *name, *seen, *not_asked;
	} cases[] = {
		{"id", 2, NULL, "2 ", "id=2"},
		{"name", 0, "a", "1 3 ", "name=a"},
		{"name", 3, "a", "3 ", "name=a"},
		{"status", 2, NULL, "2 ", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_cfg_text text = {.value = "7"};
		struct zync_cfg_pair pair = {.key = {.value = cases[i].key}, .values = {.items = &text, .len = 1}};
		struct zync_cfg_pairs pairs = {.items = &pair, .len = 1};
		struct look look = {.at = look_id};
		struct zync_netbox *nb = open_with(tables, "4.7.3", false);
		struct zync_err err = {0};
		char known[64];

		/* Whether NetBox knows the filter is not the matter here. */
		snprintf(known, sizeof(known), "dcim/devices %s", cases[i].key);
		assert_int_equal(zync_map_put(nb->filters_checked, known, known, &err), ZYNC_OK);
		run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .filter = &pairs, .id = cases[i].id, .name = cases[i].name}, &look);
		assert_string_equal(look.text, cases[i].seen);
		if (cases[i].not_asked != NULL)
			assert_null(strstr(last_target("dcim/devices/"), cases[i].not_asked));
		done(nb);
	}
}

static void look_fields(const struct look *look, const struct zync_nb_object *object)
{
	assert_string_equal(zync_jval_str(fake_member_at(look->nb, object, "custom_fields.backup.region.name")), "Germany");
	assert_string_equal(zync_jval_str(fake_member_at(look->nb, object, "custom_fields.more.1.region.name")), "Germany");
	assert_string_equal(zync_jval_str(fake_member_at(look->nb, object, "custom_fields.more.0.region.name")),
			    "Germany"); /* made since */
	assert_string_equal(zync_jval_str(fake_member_at(look->nb, object, "custom_fields.more.0.name")), "brief");
	assert_string_equal(zync_jval_str(fake_member_at(look->nb, object, "custom_fields.device.name")), "brief");
	assert_null(fake_member_at(look->nb, object, "custom_fields.device.site")); /* devices are no table */
	assert_string_equal(zync_jval_str(fake_member_at(look->nb, object, "custom_fields.choice.label")), "Gold");
	assert_null(fake_member_at(look->nb, object, "custom_fields.list.0.region"));
}

static size_t late_asked;

static bool late_list(struct fake_netbox *fake, const struct fake_request *request, struct fake_reply *reply)
{
	char id[32];

	if (!fake_query(request, "id", id, sizeof(id)))
		return false;
	late_asked++;
	snprintf(fake->text, sizeof(fake->text), "{\"count\":null,\"next\":null,\"results\":[%s]}",
		 strcmp(id, "50") == 0 ? "{\"id\":50,\"name\":\"New site\",\"region\":" REF("dcim/regions", 6) "}" : "");
	reply->body = fake->text;
	return true;
}

/* Objects and lists of objects in custom fields are joined as all others are; what people write themselves is not followed. */
static void test_custom_fields(void **state)
{
	static const struct fake_table tables[] = {
		{"dcim/sites", "{\"id\":2,\"name\":\"Site\",\"region\":" REF("dcim/regions", 6) "}"},
		{"dcim/regions", "{\"id\":6,\"name\":\"Germany\"}"},
		{"dcim/devices",
		 "{\"id\":1,\"custom_fields\":{\"backup\":" REF("dcim/sites", 2) ",\"more\":[" REF("dcim/sites", 50) "," REF(
			 "dcim/sites",
			 2) "],\"device\":" REF("dcim/devices",
						9) ",\"choice\":{\"value\":\"gold\",\"label\":\"Gold\"},"
						   "\"list\":[{\"value\":\"a\",\"label\":\"A\"},7,null,\"x\"]},\"config_context\":{"
						   "\"x\":" REF("dcim/sites", 51) "},\"local_context_data\":{\"x\":[" REF("dcim/sites",
															  52) "]}}"},
		{NULL, NULL},
	};
	struct look look = {.at = look_fields};
	struct zync_netbox *nb = open_with(tables, "4.7.3", false);

	(void)state;
	load(nb, NULL, 0);
	netbox.list = late_list;
	late_asked = 0;
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, &look);
	assert_int_equal(look.count, 1);
	assert_int_equal(late_asked, 1);
	done(nb);
}

/* ---------- addresses by interface ---------- */

static const struct fake_table address_tables[] = {
	{"dcim/interfaces", "{\"id\":11},{\"id\":31}"},
	{"dcim/virtual-chassis",
	 "{\"id\":7,\"name\":\"stack\",\"master\":" DEVICE(1, "sw-1") ",\"members\":[" DEVICE(1, "sw-1") "," DEVICE(3, "sw-3") "]}"},
	{"ipam/ip-addresses",
	 "{\"id\":1,\"address\":\"10.0.0.1/"
	 "24\",\"dns_name\":\"a.example\",\"role\":{\"value\":\"vip\",\"label\":\"VIP\"},\"status\":{\"value\":"
	 "\"active\",\"label\":\"Active\"},\"vrf\":{\"id\":1,\"name\":\"red\"}," ON_DEVICE(
		 12, "vlan1",
		 1) "},"
		    "{\"id\":2,\"address\":\"2001:db8::1/"
		    "64\",\"dns_name\":\"\",\"role\":null,\"status\":{\"value\":\"active\"},\"vrf\":null," ON_DEVICE(
			    11, "mgmt0",
			    1) "},"
			       "{\"id\":3,\"address\":\"10.0.0.3/"
			       "24\",\"dns_name\":\"\",\"role\":null,\"status\":{\"value\":\"dhcp\"},\"vrf\":null," ON_DEVICE(
				       11, "mgmt0",
				       1) "},"
					  /* an FHRP group, one without an interface, one without an address, an unknown kind */
					  "{\"id\":4,\"address\":\"10.0.0.4/"
					  "24\",\"assigned_object_type\":\"ipam.fhrpgroup\",\"assigned_object_id\":1,\"assigned_object\":{"
					  "\"id\":1,"
					  "\"device\":{\"id\":1}}},"
					  "{\"id\":5,\"address\":\"10.0.0.5/"
					  "24\",\"assigned_object_type\":null,\"assigned_object_id\":null,\"assigned_object\":null},"
					  "{\"id\":6,\"address\":\"\"," ON_DEVICE(
						  11, "mgmt0",
						  1) "},{\"id\":7,\"address\":\"10.0.0.7/24\",\"assigned_object_type\":"
						     "\"dcim.interface\",\"assigned_object_id\":1,\"assigned_object\":null},"
						     "{\"id\":8,\"address\":\"10.0.0.8/"
						     "24\",\"assigned_object_type\":\"virtualization.vminterface\",\"assigned_object_id\":"
						     "11,"
						     "\"assigned_object\":{\"id\":11,\"name\":\"eth0\",\"virtual_machine\":{\"id\":1}}},"
						     "{\"id\":9,\"address\":\"10.0.0.9/24\"," ON_DEVICE(
							     31, "mgmt0",
							     3) "},{\"id\":10,\"address\":\"10.0.0.10/24\"," ON_DEVICE(32, "vlan1", 3) "}"},
	{"dcim/devices",
	 "{\"id\":1,\"name\":\"sw-1\"," CHASSIS(7) "},{\"id\":2,\"name\":\"sw-2\"},{\"id\":3,\"name\":\"sw-3\"," CHASSIS(7) "}"},
	{"virtualization/virtual-machines", "{\"id\":1,\"name\":\"vm-1\"}"},
	{NULL, NULL},
};

static void look_addresses(const struct look *look, const struct zync_nb_object *object)
{
	struct look *out = (struct look *)(uintptr_t)look;
	const struct zync_jval *list = zync_netbox_member(look->nb, object, NULL, "ip_addresses"), *one;
	struct zync_jiter it;
	size_t len = strlen(out->text);

	len += (size_t)snprintf(out->text + len, sizeof(out->text) - len, "%s:", object->name);
	zync_jiter_init(&it, list);
	while ((one = zync_jiter_next(&it, NULL)) != NULL) {
		int64_t family = 0;

		(void)zync_jval_to_i64(zync_jval_get(one, "family"), &family);
		len += (size_t)snprintf(out->text + len, sizeof(out->text) - len, " %s=%s/%d", zync_jval_get_str(one, "interface"),
					zync_jval_get_str(one, "address"), (int)family);
		if (zync_jval_get_str(one, "dns_name")[0] != '\0')
			len += (size_t)snprintf(out->text + len, sizeof(out->text) - len, ",%s,%s,%s", zync_jval_get_str(one, "dns_name"),
						zync_jval_get_str(one, "role"), zync_jval_get_str(one, "vrf"));
		if (zync_jval_get_str(one, "status") != NULL)
			len += (size_t)snprintf(out->text + len, sizeof(out->text) - len, ",%s", zync_jval_get_str(one, "status"));
		if (zync_jval_is_true(zync_jval_get(one, "mgmt_only")))
			len += (size_t)snprintf(out->text + len, sizeof(out->text) - len, "!");
	}
	snprintf(out->text + len, sizeof(out->text) - len, "%s\n", list == NULL ? " none" : "");
}

#define SW1_OWN "mgmt0=2001:db8::1/64/6,active! mgmt0=10.0.0.3/24/4,dhcp! vlan1=10.0.0.1/24/4,a.example,vip,red,active"

static void test_addresses(void **state)
{
	struct look look = {.at = look_addresses};
	struct zync_netbox *nb = open_with(address_tables, "4.7.3", false);
	size_t before;

	(void)state;
	load(nb, NULL, 0);
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .ip_addresses = true}, &look);
	assert_string_equal(look.text, "sw-1: " SW1_OWN "\nsw-2:\nsw-3: mgmt0=10.0.0.9/24/4! vlan1=10.0.0.10/24/4\n");
	assert_words(last_target("ipam/ip-addresses/"), "assigned_to_interface=true");
	before = netbox.lists;
	look.text[0] = '\0';
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_VM, .ip_addresses = true}, &look);
	assert_string_equal(look.text, "vm-1: eth0=10.0.0.8/24/4\n"); /* the number of its interface is that of another for management */
	assert_true(netbox.lists - before <= 2);		      /* the addresses are there already */
	look.text[0] = '\0';
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .id = 2}, &look);
	assert_words(look.text, ": none\n"); /* nobody asked */
	done(nb);
}

/* One object: only its addresses are read, and nothing of it stays. */
static void test_addresses_of_one(void **state)
{
	struct look look = {.at = look_addresses};
	struct zync_netbox *nb = open_with(address_tables, "4.2.0", false);

	(void)state;
	load(nb, NULL, 0);
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .name = "sw-1", .ip_addresses = true}, &look);
	assert_string_equal(look.text, "sw-1: " SW1_OWN "\n");
	assert_words(last_target("ipam/ip-addresses/"), "&device_id=1");
	assert_words(last_target("dcim/interfaces/"), "&device_id=1");
	assert_words(last_target("dcim/interfaces/"), "mgmt_only=true");
	look.text[0] = '\0';
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_VM, .id = 1, .ip_addresses = true}, &look);
	assert_string_equal(look.text, "vm-1: eth0=10.0.0.8/24/4\n");
	assert_words(last_target("ipam/ip-addresses/"), "&virtual_machine_id=1");
	done(nb);
}

/* A chassis that is one host has the addresses that its members share, as NetBox itself counts them to the master. */
static void test_addresses_of_chassis(void **state)
{
	struct look look = {.at = look_addresses};
	struct zync_netbox *nb = open_with(address_tables, "4.7.3", true);

	(void)state;
	load(nb, NULL, 0);
	run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .ip_addresses = true}, &look);
	assert_string_equal(look.text, "stack: " SW1_OWN " vlan1=10.0.0.10/24/4\nsw-2:\nsw-3: mgmt0=10.0.0.9/24/4! vlan1=10.0.0.10/24/4\n");
	done(nb);
}

static void test_addresses_break_off(void **state)
{
	(void)state;
	for (size_t at = 17; at <= 19; at++) {
		struct look look = {.at = look_addresses};
		struct zync_netbox *nb = open_with(address_tables, "4.5.0", false);
		struct zync_nb_walk what = {.type = ZYNC_NB_DEVICE, .ip_addresses = true};
		struct zync_err err = {0};

		load(nb, NULL, 0);
		look.nb = nb;
		netbox.fault =
			(struct fake_reply){.status = 403, .body = "{\"detail\":\"You do not have permission to perform this action.\"}"};
		netbox.fault_at = at;
		netbox.fault_times = 1;
		assert_int_equal(zync_netbox_walk(nb, &what, on_object, &look, &err), ZYNC_ERR_AUTH);
		if (at < 19)
			assert_words(err.message, "reading the addresses of interfaces: netbox: GET /api/");
		assert_int_equal(zync_netbox_walk(nb, &what, on_object, &look, &err), ZYNC_OK); /* and once more works */
		done(nb);
	}
}

/* ---------- a virtual chassis as one host ---------- */

static const struct fake_table chassis_tables[] = {
	{"dcim/virtual-chassis",
	 "{\"id\":7,\"name\":\"stack\",\"master\":" DEVICE(2, "sw-2") ",\"members\":[" DEVICE(1, "sw-1") "," DEVICE(
		 2, "sw-2") "]},"
			    "{\"id\":8,\"name\":\"headless\",\"master\":null,\"members\":[" DEVICE(
				    3, "sw-3") "]},"
					       "{\"id\":9,\"name\":\"\",\"master\":" DEVICE(4, "sw-4") ",\"members\":null}"},
	{"dcim/devices",
	 "{\"id\":1,\"name\":\"sw-1\"," CHASSIS(7) "},{\"id\":2,\"name\":\"sw-2\"," CHASSIS(7) "},{\"id\":3,\"name\":\"sw-3\"," CHASSIS(
		 8) "},{\"id\":4,\"name\":\"sw-4\"," CHASSIS(9) "},{\"id\":5,\"name\":null,\"virtual_chassis\":null},{\"id\":6,\"name\":"
								"\"sw-6\"," CHASSIS(10) "}"},
	{NULL, NULL},
};

static void look_chassis(const struct look *look, const struct zync_nb_object *object)
{
	struct look *out = (struct look *)(uintptr_t)look;
	size_t len = strlen(out->text);
	const char *name = zync_jval_str(zync_netbox_member(look->nb, object, NULL, "name"));
	const char *device_name = zync_jval_str(zync_netbox_member(look->nb, object, NULL, "device_name"));

	assert_true(zync_str_eq(name, object->name));
	assert_true(zync_str_eq(device_name, object->device_name));
	snprintf(out->text + len, sizeof(out->text) - len, "%s/%s/%s%s ", name != NULL ? name : "-",
		 device_name != NULL ? device_name : "-",
		 object->chassis != NULL && object->chassis->name != NULL ? object->chassis->name : "-",
		 zync_nb_object_is_chassis(object) ? "!" : "");
}

static void test_chassis(void **state)
{
	struct zync_nb_chassis chassis;
	size_t pos = 0;
	uint64_t sum = 0;

	(void)state;
	for (int one_host = 0; one_host < 2; one_host++) {
		struct look look = {.at = look_chassis};
		struct zync_netbox *nb = open_with(chassis_tables, "4.7.3", one_host);

		load(nb, NULL, 0);
		run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE}, &look);
		assert_string_equal(look.text,
				    one_host ? "sw-1/sw-1/stack stack/sw-2/stack! sw-3/sw-3/headless sw-4/sw-4/-! -/-/- sw-6/sw-6/- "
					     : "sw-1/sw-1/- sw-2/sw-2/- sw-3/sw-3/- sw-4/sw-4/- -/-/- sw-6/sw-6/- ");
		look.text[0] = '\0';
		/* By its own name, not by that of the chassis: whoever means that asks for the master. */
		run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .name = "sw-2"}, &look);
		assert_string_equal(look.text, one_host ? "stack/sw-2/stack! " : "sw-2/sw-2/- ");
		run(nb, (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .chassis = 7}, &look);
		assert_words(last_target("dcim/devices/"), "&virtual_chassis_id=7");
		for (pos = 0, sum = 0; zync_netbox_next_chassis(nb, &pos, &chassis); sum += chassis.id)
			assert_true(chassis.id >= 7 && chassis.id <= 9);
		assert_int_equal(sum, 24);
		assert_true(zync_netbox_chassis(nb, 7, &chassis));
		assert_string_equal(chassis.master_name, "sw-2");
		assert_true(zync_nb_chassis_has(&chassis, 1) && zync_nb_chassis_has(&chassis, 2) && !zync_nb_chassis_has(&chassis, 3));
		assert_true(zync_netbox_chassis(nb, 8, &chassis));
		assert_int_equal(chassis.master, 0);
		assert_true(zync_netbox_chassis(nb, 9, &chassis));
		assert_null(chassis.name);
		assert_false(zync_nb_chassis_has(&chassis, 4)); /* without a list nobody is known to be in it */
		assert_false(zync_netbox_chassis(nb, 10, &chassis));
		done(nb);
	}
}

const struct CMUnitTest tests_members[] = {
	cmocka_unit_test(test_names),
	cmocka_unit_test(test_names_too_long),
	cmocka_unit_test(test_names_refused),
	cmocka_unit_test(test_custom_fields),
	cmocka_unit_test(test_filter_of_the_same_key),
	cmocka_unit_test(test_addresses),
	cmocka_unit_test(test_addresses_of_one),
	cmocka_unit_test(test_addresses_of_chassis),
	cmocka_unit_test(test_addresses_break_off),
	cmocka_unit_test(test_chassis),
};
const size_t tests_members_len = ZYNC_ARRAY_LEN(tests_members);
