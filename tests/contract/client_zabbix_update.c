/* SPDX-License-Identifier: Apache-2.0 */
/* One aspect of a host after the other is changed; marks, unlinked templates. See client_zabbix.c. */
#include "client_zabbix.h"

/* --- updating ------------------------------------------------------------------------------------------------------------------------- */

/* What is changed: exactly one aspect each. */
static void change_host(struct zync_host *h)
{
	h->host = text("%s-renamed", h->host);
}
static void change_name(struct zync_host *h)
{
	h->name = text("%s ☂", h->name);
}
static void change_status(struct zync_host *h)
{
	h->status = ZYNC_HOST_DISABLED;
}
static void change_description(struct zync_host *h)
{
	h->description = "another\nthing";
}
static void change_groups(struct zync_host *h)
{
	set_groups(h, 2, group_names + 1);
}
static void change_templates(struct zync_host *h)
{
	static const char *const names[] = {"Zabbix server health", "ICMP Ping"};

	set_templates(h, 1, names + (h->templates.len ? 0 : 1));
}
static void change_templates_none(struct zync_host *h)
{
	h->templates.len = 0;
}
static void change_address(struct zync_host *h)
{
	h->interfaces.items[0].ip = "10.9.9.9";
}
static void change_interface_list(struct zync_host *h)
{
	add_interface(h, ZYNC_INTERFACE_AGENT, "", "extra.example.com", "10051");
	snmp_v3(add_interface(h, ZYNC_INTERFACE_SNMP, "10.9.9.10", "", "161"));
}
static struct zync_interface *find_snmp(struct zync_host *h)
{
	for (size_t i = 0; i < h->interfaces.len; i++) {
		if (h->interfaces.items[i].type == ZYNC_INTERFACE_SNMP)
			return &h->interfaces.items[i];
	}
	abort();
}
static void change_passphrase(struct zync_host *h)
{
	find_snmp(h)->snmp.authpassphrase = (struct zync_sensitive){.plain = "other-authentic-words"};
}
static void change_snmp_level(struct zync_host *h)
{
	find_snmp(h)->snmp.securitylevel = 0;
}
static void change_snmp_version(struct zync_host *h)
{
	snmp_v2(find_snmp(h), "now-a-community");
}
static void change_interface_removed(struct zync_host *h)
{
	h->interfaces.len = 1;
}
static void change_proxy(struct zync_host *h)
{
	h->monitored_by = ZYNC_MONITORED_BY_PROXY;
	h->proxy = (struct zync_ref){.name = PREFIX "proxy"};
}
static void change_proxy_group(struct zync_host *h)
{
	h->monitored_by = ZYNC_MONITORED_BY_PROXY_GROUP;
	h->proxy_group = (struct zync_ref){.name = PREFIX "proxy group"};
}
static void change_no_proxy(struct zync_host *h)
{
	h->monitored_by = ZYNC_MONITORED_BY_SERVER;
}
static void change_tags(struct zync_host *h)
{
	h->tags.len = 0;
	add_tag(h, "new", "value");
}
static void change_macros(struct zync_host *h)
{
	h->macros.len = 0;
	add_macro(h, "{$TEXT}", ZYNC_MACRO_TEXT, "other", "");
	add_macro(h, "{$SECRET}", ZYNC_MACRO_SECRET, "new-secret-value", "");
}
static void change_secret(struct zync_host *h)
{
	for (size_t i = 0; i < h->macros.len; i++) {
		if (h->macros.items[i].type == ZYNC_MACRO_SECRET)
			h->macros.items[i].value = (struct zync_sensitive){.plain = "third-secret-value"};
	}
}
/* The value is not known here (a stored state); another macro changes. */
static void change_beside_secret(struct zync_host *h)
{
	for (size_t i = 0; i < h->macros.len; i++) {
		if (h->macros.items[i].type == ZYNC_MACRO_SECRET)
			h->macros.items[i].value.plain = NULL;
	}
	add_macro(h, "{$BESIDE}", ZYNC_MACRO_TEXT, "x", "");
}
static void change_inventory(struct zync_host *h)
{
	add_inventory(h, "serialno_a", "SN-1");
	add_inventory(h, "type", "router");
}
static void change_inventory_field(struct zync_host *h)
{
	h->inventory.len = 1;
	h->inventory.items[0].value = "SN-2";
}
static void change_inventory_off(struct zync_host *h)
{
	h->inventory_mode = ZYNC_INVENTORY_DISABLED;
	h->inventory.len = 0;
}

static void change_inventory_emptied(struct zync_host *h)
{
	h->inventory.items[0].value = "";
	add_inventory(h, "type", "");
	add_inventory(h, "notes", NULL);
}
static void change_ipmi(struct zync_host *h)
{
	h->ipmi = (struct zync_ipmi){.authtype = 6, .privilege = 4, .username = "{$IPMI.USER}", .password = {.plain = "ipmi-word"}};
}
static void change_ipmi_password(struct zync_host *h)
{
	h->ipmi.password = (struct zync_sensitive){.plain = "other-ipmi-word"};
}
static void change_ipmi_reference(struct zync_host *h)
{
	h->ipmi.authtype = 0;
	h->ipmi.password = (struct zync_sensitive){.plain = "{$IPMI.PASSWORD}"};
}
/* The key and the identity are not known here any more; what else there is of them changes. */
static void change_beside_key(struct zync_host *h)
{
	h->tls.accept = ZYNC_TLS_PSK | ZYNC_TLS_NONE;
	h->tls.psk.plain = NULL;
}
static void change_ipmi_away(struct zync_host *h)
{
	h->ipmi = (struct zync_ipmi){.authtype = ZYNC_IPMI_AUTHTYPE_DEFAULT};
}
static void change_psk(struct zync_host *h)
{
	h->tls = (struct zync_tls){.connect = ZYNC_TLS_PSK,
				   .accept = ZYNC_TLS_PSK,
				   .psk_identity = PREFIX "identity",
				   .psk = {.plain = "00112233445566778899aabbccddeeff"}};
}
static void change_key(struct zync_host *h)
{
	h->tls.psk = (struct zync_sensitive){.plain = "ffeeddccbbaa99887766554433221100"};
}
static void change_identity(struct zync_host *h)
{
	h->tls.psk_identity = PREFIX "identity 2";
}
static void change_psk_and_certificate(struct zync_host *h)
{
	h->tls.connect = ZYNC_TLS_CERTIFICATE;
	h->tls.accept = ZYNC_TLS_NONE | ZYNC_TLS_PSK | ZYNC_TLS_CERTIFICATE;
	h->tls.issuer = "CN=Köln CA";
	h->tls.subject = "CN=agent";
}
static void change_certificate(struct zync_host *h)
{
	h->tls.accept = ZYNC_TLS_CERTIFICATE;
	h->tls.subject = "";
}
static void change_psk_to_certificate(struct zync_host *h)
{
	h->tls = (struct zync_tls){.connect = ZYNC_TLS_CERTIFICATE, .accept = ZYNC_TLS_CERTIFICATE};
}
static void change_no_tls(struct zync_host *h)
{
	h->tls = (struct zync_tls){0};
}

static const struct {
	const char *what;
	enum zync_aspect aspect;
	void (*change)(struct zync_host *h);
	bool needs_proxy_group;
} changes[] = {
	{"technical name", ZYNC_ASPECT_HOST, change_host, false},
	{"visible name", ZYNC_ASPECT_NAME, change_name, false},
	{"status", ZYNC_ASPECT_STATUS, change_status, false},
	{"description", ZYNC_ASPECT_DESCRIPTION, change_description, false},
	{"groups", ZYNC_ASPECT_GROUPS, change_groups, false},
	{"first template", ZYNC_ASPECT_TEMPLATES, change_templates, false},
	{"other template", ZYNC_ASPECT_TEMPLATES, change_templates, false},
	{"no template", ZYNC_ASPECT_TEMPLATES, change_templates_none, false},
	{"template again", ZYNC_ASPECT_TEMPLATES, change_templates, false},
	{"address of an interface in use", ZYNC_ASPECT_INTERFACES, change_address, false},
	{"more interfaces", ZYNC_ASPECT_INTERFACES, change_interface_list, false},
	{"pass phrase", ZYNC_ASPECT_INTERFACES, change_passphrase, false},
	{"security level", ZYNC_ASPECT_INTERFACES, change_snmp_level, false},
	{"SNMP version", ZYNC_ASPECT_INTERFACES, change_snmp_version, false},
	{"interfaces removed", ZYNC_ASPECT_INTERFACES, change_interface_removed, false},
	{"proxy", ZYNC_ASPECT_PROXY, change_proxy, false},
	{"proxy group", ZYNC_ASPECT_PROXY, change_proxy_group, true},
	{"no proxy", ZYNC_ASPECT_PROXY, change_no_proxy, false},
	{"tags", ZYNC_ASPECT_TAGS, change_tags, false},
	{"macros", ZYNC_ASPECT_MACROS, change_macros, false},
	{"secret macro", ZYNC_ASPECT_MACROS, change_secret, false},
	{"macro beside a secret", ZYNC_ASPECT_MACROS, change_beside_secret, false},
	{"inventory", ZYNC_ASPECT_INVENTORY, change_inventory, false},
	{"inventory field", ZYNC_ASPECT_INVENTORY, change_inventory_field, false},
	{"inventory field emptied", ZYNC_ASPECT_INVENTORY, change_inventory_emptied, false},
	{"inventory off", ZYNC_ASPECT_INVENTORY, change_inventory_off, false},
	{"IPMI", ZYNC_ASPECT_IPMI, change_ipmi, false},
	{"IPMI password", ZYNC_ASPECT_IPMI, change_ipmi_password, false},
	{"IPMI password by reference", ZYNC_ASPECT_IPMI, change_ipmi_reference, false},
	{"no IPMI", ZYNC_ASPECT_IPMI, change_ipmi_away, false},
	{"pre-shared key", ZYNC_ASPECT_TLS, change_psk, false},
	{"another key", ZYNC_ASPECT_TLS, change_key, false},
	{"another identity", ZYNC_ASPECT_TLS, change_identity, false},
	{"beside an unknown key", ZYNC_ASPECT_TLS, change_beside_key, false},
	{"certificate beside a key", ZYNC_ASPECT_TLS, change_psk_and_certificate, false},
	{"certificate", ZYNC_ASPECT_TLS, change_certificate, false},
	{"no certificate", ZYNC_ASPECT_TLS, change_no_tls, false},
	{"key again", ZYNC_ASPECT_TLS, change_psk, false},
	{"certificate instead of a key", ZYNC_ASPECT_TLS, change_psk_to_certificate, false},
	{"no TLS", ZYNC_ASPECT_TLS, change_no_tls, false},
};

static void update_one(const char *what, enum zync_aspect aspect, const struct zync_host *before, struct zync_host *desired,
		       uint64_t hostid)
{
	struct zync_host actual = read_one(hostid, before);
	struct zync_host target;
	struct zync_diff diff = diff_of(desired, &actual, &target);
	struct zync_zabbix_write w = {
		.kind = ZYNC_ZABBIX_UPDATE, .label = what, .hostid = hostid, .target = &target, .actual = &actual, .aspects = diff.aspects};
	uint64_t calls = fx.z->stats.write_calls;

	if (diff.aspects != ZYNC_ASPECT_BIT(aspect))
		fail_msg("%s: the aspects 0x%x differ, first field %s", what, diff.aspects, diff.len ? diff.items[0].field : "(none)");
	write_all(&w, 1);
	assert_int_equal(fx.z->stats.write_calls - calls, 1);
	expect_equal(desired, hostid);
}

/* Interfaces that stay keep their ids, as items hang on them. */
void test_update_every_aspect(void **state)
{
	struct zync_host *desired = blank("update", 0);
	uint64_t interfaceid;
	uint64_t hostid;

	(void)state;
	add_interface(desired, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
	finish(desired);
	hostid = create_one(desired);
	interfaceid = read_one(hostid, desired).interfaces.items[0].interfaceid;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(changes); i++) {
		struct zync_host before = *desired;
		struct zync_host *next = array(1, sizeof(*next));

		if (changes[i].needs_proxy_group && !fx.proxy_groupid)
			continue;
		OK(zync_host_copy(desired, fx.arena, next, err));
		/* A copy is exactly as long as it has to be: lists that grow are made anew. */
		next->interfaces.items = memcpy(array(8, sizeof(*next->interfaces.items)), next->interfaces.items,
						next->interfaces.len * sizeof(*next->interfaces.items));
		next->tags.items = NULL;
		next->tags.len = 0;
		for (size_t k = 0; k < desired->tags.len; k++)
			add_tag(next, desired->tags.items[k].tag, desired->tags.items[k].value);
		next->macros.items = NULL;
		next->macros.len = 0;
		for (size_t k = 0; k < desired->macros.len; k++)
			*add_macro(next, "", ZYNC_MACRO_TEXT, "", "") = desired->macros.items[k];
		next->inventory.items = NULL;
		next->inventory.len = 0;
		for (size_t k = 0; k < desired->inventory.len; k++)
			add_inventory(next, desired->inventory.items[k].field, desired->inventory.items[k].value);
		print_message("# %s\n", changes[i].what);
		changes[i].change(next);
		finish(next);
		update_one(changes[i].what, changes[i].aspect, &before, next, hostid);
		desired = next;
	}
	assert_int_equal(read_one(hostid, desired).interfaces.items[0].interfaceid, interfaceid);
	delete_host(hostid, "update");
}

/* The mark is added with the next write of macros, and no macro that is already there is made twice. */
void test_mark_is_added(void **state)
{
	struct zync_host *h = blank("mark", 0);
	const char *owner = h->owner;
	uint64_t hostid;
	struct zync_host actual;
	struct zync_host target;
	struct zync_diff diff;
	struct zync_zabbix_write w;

	(void)state;
	h->owner = NULL;
	add_macro(h, "{$A}", ZYNC_MACRO_TEXT, "1", "");
	finish(h);
	hostid = create_one(h);
	h->owner = owner;
	h->macros.items[0].value.plain = "2";
	actual = read_one(hostid, h);
	assert_null(actual.owner);
	diff = diff_of(h, &actual, &target);
	w = (struct zync_zabbix_write){.kind = ZYNC_ZABBIX_UPDATE,
				       .label = h->host,
				       .hostid = hostid,
				       .target = &target,
				       .actual = &actual,
				       .aspects = diff.aspects};
	write_all(&w, 1);
	expect_equal(h, hostid);
	assert_int_equal(read_one(hostid, h).macros.items[0].hostmacroid, actual.macros.items[0].hostmacroid);
	delete_host(hostid, h->host);
}

/* Write a host so that its macro {$A} has that value, with a target that has no mark. */
static struct zync_host write_without_mark(struct zync_host *h, uint64_t hostid, const char *value, bool drop)
{
	struct zync_host actual = read_one(hostid, h);
	struct zync_host target;
	struct zync_zabbix_write w = {
		.kind = ZYNC_ZABBIX_UPDATE, .label = h->host, .hostid = hostid, .target = &target, .actual = &actual, .drop_mark = drop};

	h->macros.items[0].value.plain = value;
	w.aspects = diff_of(h, &actual, &target).aspects | ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS);
	write_all(&w, 1);
	return read_one(hostid, h);
}

/* A target without a mark leaves the host's alone, unless it is asked to take it away: by itself, with other macros, in an exchange of interface types. */
void test_mark_is_dropped(void **state)
{
	static const char *const icmp[] = {"ICMP Ping"};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct zync_host *h = blank("unmark", i);
		const char *owner = h->owner;
		struct zync_host now;
		uint64_t secret;
		uint64_t hostid;

		add_macro(h, "{$A}", ZYNC_MACRO_TEXT, "1", "");
		add_macro(h, "{$B}", ZYNC_MACRO_SECRET, "of-B", "");
		add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
		set_templates(h, 1, icmp);
		finish(h);
		hostid = create_one(h);
		secret = read_one(hostid, h).macros.items[1].hostmacroid;
		h->owner = NULL;
		now = write_without_mark(h, hostid, "2", /* drop= */ false);
		assert_string_equal(now.owner, owner);
		assert_string_equal(now.macros.items[0].value.plain, "2");
		if (i == 2) {
			h->interfaces.len = 0;
			snmp_v2(add_interface(h, ZYNC_INTERFACE_SNMP, "10.0.0.1", "", "161"), "{$SNMP_COMMUNITY}");
			finish(h);
		}
		now = write_without_mark(h, hostid, i == 0 ? "2" : "3", /* drop= */ true);
		assert_null(now.owner);
		assert_int_equal(now.owner_hostmacroid, 0);
		assert_int_equal(now.macros.len, 2);
		assert_string_equal(now.macros.items[0].value.plain, i == 0 ? "2" : "3");
		assert_int_equal(now.macros.items[1].hostmacroid, secret);
		assert_int_equal(now.interfaces.items[0].type, i == 2 ? ZYNC_INTERFACE_SNMP : ZYNC_INTERFACE_AGENT);
		delete_host(hostid, h->host);
	}
}

/* Unlinked templates take their items along, but for those whose items shall stay, also when interfaces are exchanged with them. */
void test_keep_items(void **state)
{
	static const char *const names[] = {"ICMP Ping", "Linux by Zabbix agent"};

	(void)state;
	for (unsigned kept = 0; kept < 4; kept++) {
		struct zync_host *h = blank("unlink", kept);
		struct zync_host actual;
		struct zync_host target;
		struct zync_ref_list keep = {.items = array(2, sizeof(struct zync_ref))};
		struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE, .label = h->host, .keep_items = &keep};

		add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
		set_templates(h, 2, names);
		finish(h);
		w.hostid = create_one(h);
		actual = read_one(w.hostid, h);
		for (size_t i = 0; i < 2; i++) {
			if (kept & (1u << i))
				keep.items[keep.len++] = actual.templates.items[i];
		}
		h->templates.len = 0;
		w.aspects = diff_of(h, &actual, &target).aspects;
		w.target = &target;
		w.actual = &actual;
		write_all(&w, 1);
		for (unsigned i = 0; i < 2; i++) {
			const struct zync_jval *items = api("item.get", ZYNC_ZBX_READ,
							    text("{\"output\":[\"itemid\"],\"hostids\":[\"%" PRIu64
								 "\"],\"search\":{\"key_\":\"%s\"},\"startSearch\":true}",
								 w.hostid, i == 0 ? "icmpping" : "system.cpu"));

			assert_int_equal(zync_jval_len(items) > 0, (kept >> i) & 1u);
		}
		delete_host(w.hostid, h->host);
	}
}

/* The items of a template that shall stay hold their interface: Zabbix refuses the exchange, and nothing is cleared on the way. */
void test_keep_items_of_interface(void **state)
{
	static const char *const names[] = {"ICMP Ping", "Linux by Zabbix agent"};
	struct zync_host *h = blank("unlinktype", 0);
	struct zync_host *next = blank("unlinktype", 0);
	struct zync_host actual;
	struct zync_host target;
	struct zync_ref_list keep = {.len = 1};
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE, .label = h->host, .keep_items = &keep};

	(void)state;
	add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
	set_templates(h, 2, names);
	finish(h);
	w.hostid = create_one(h);
	snmp_v2(add_interface(next, ZYNC_INTERFACE_SNMP, "10.0.0.1", "", "161"), "{$SNMP_COMMUNITY}");
	set_templates(next, 1, names);
	finish(next);
	actual = read_one(w.hostid, h);
	keep.items = &actual.templates.items[1];
	w.aspects = diff_of(next, &actual, &target).aspects;
	w.target = &target;
	w.actual = &actual;
	OK(zync_zabbix_write(fx.z, &w, 1, NULL, err));
	assert_false(w.done);
	assert_non_null(strstr(w.err.message, "Interface is linked to item"));
	expect_equal(h, w.hostid);
	delete_host(w.hostid, h->host);
}
