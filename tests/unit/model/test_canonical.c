/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "model/model_priv.h"
#include "model_test.h"

#define ALL_ASPECTS (ZYNC_ASPECT_BIT(ZYNC_ASPECT_COUNT) - 1)

static void canonical_lists(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_ref groups[] = {{"B", 0}, {"A", 7}, {"A", 0}, {"B", 0}, {"A", 8}};
	struct zync_ref templates[] = {{"T", 0}, {NULL, 4}, {"T", 3}};
	struct zync_tag tags[] = {{"b", "2"}, {"b", NULL}, {"a", "1"}, {"b", "2"}, {NULL, "x"}};
	struct zync_macro macros[] = {{.macro = "{$B}", .value = {.plain = "1"}, .description = "d"},
				      {.macro = "{$A}", .value = {.digest = "stray"}},
				      {.macro = "{$B}", .value = {.plain = "1"}, .description = "d", .hostmacroid = 5}};
	struct zync_inventory_field inventory[] = {{"type", "x"}, {"alias", NULL}, {"name", "n"},
						   {"type", "x"}, {"os", ""},	   {"alias", NULL}};
	struct zync_host host = {.managed = ALL_ASPECTS,
				 .host = "h",
				 .name = " \t",
				 .groups = {groups, 5},
				 .templates = {templates, 3},
				 .tags = {tags, 5},
				 .macros = {macros, 3},
				 .inventory = {inventory, 6}};
	struct zync_err err = {0};
	if (zync_host_canonicalise(&host, arena, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_ACTUAL),
			    "{'description':'','groups':[{'id':7,'name':'A'},{'id':8,'name':'A'},{'name':'B'}],'host':'h','interfaces':[],"
			    "'inventory':{'fields':{'name':'n','type':'x'},'mode':'manual'},"
			    "'ipmi':{'authtype':'none','password':'','privilege':'user','username':''},"
			    "'macros':[{'description':'','macro':'{$A}','type':'text','value':''},"
			    "{'description':'d','hostmacroid':5,'macro':'{$B}','type':'text','value':'1'}],"
			    "'name':'h','proxy':{'monitored_by':'server'},'status':'monitored',"
			    "'tags':[{'tag':'','value':'x'},{'tag':'a','value':'1'},{'tag':'b','value':''},{'tag':'b','value':'2'}],"
			    "'templates':[{'id':4,'name':''},{'id':3,'name':'T'}],'tls':{'accept':['none'],'connect':'none'},'v':1}");
	/* What shall be empty, and what is left to Zabbix. */
	host.managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_INVENTORY);
	assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_DESIRED),
			    "{'inventory':{'fields':{'alias':null,'name':'n','os':'','type':'x'},'mode':'manual'},'ownership':{},'v':1}");
}

static void canonical_empty_host(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_host host = {0};
	assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
	assert_string_equal(host.host, "");
	assert_string_equal(host.name, "");
	assert_string_equal(host.description, "");
	assert_null(host.owner);
	assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_DESIRED), "{'ownership':{},'v':1}");
}

static void canonical_interfaces(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_interface items[] = {
		{.type = ZYNC_INTERFACE_SNMP,
		 .ip = "10.0.0.3",
		 .snmp = {.version = 1,
			  .max_repetitions = 5,
			  .securitylevel = 2,
			  .privprotocol = 9,
			  .securityname = "u",
			  .authpassphrase = {.plain = "x"}}},
		{.type = ZYNC_INTERFACE_SNMP,
		 .ip = "10.0.0.2",
		 .main = true,
		 .snmp = {.version = 3,
			  .securitylevel = 1,
			  .privprotocol = 2,
			  .authprotocol = 3,
			  .community = {.plain = "x"},
			  .privpassphrase = {.plain = "x"},
			  .max_repetitions = 9}},
		{.type = ZYNC_INTERFACE_AGENT, .ip = "10.0.0.9", .port = "10050", .snmp = {.version = 7, .bulk = true}},
		{.type = ZYNC_INTERFACE_AGENT, .ip = "10.0.0.1", .dns = "x"},
		{.type = ZYNC_INTERFACE_JMX, .ip = "10.0.0.1", .port = "2", .useip = true},
		{.type = ZYNC_INTERFACE_JMX, .ip = "10.0.0.1", .port = "1", .main = true},
		{.type = ZYNC_INTERFACE_JMX, .ip = "10.0.0.1", .port = "2", .interfaceid = 4},
		{.type = ZYNC_INTERFACE_JMX, .ip = "10.0.0.1", .port = "2", .interfaceid = 3},
		{.type = ZYNC_INTERFACE_SNMP, .ip = "10.0.0.3", .snmp = {.version = 2, .community = {.digest = "D"}}},
	};
	items[0].snmp.privprotocol = 5;
	struct zync_host host = {.managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES), .interfaces = {items, ZYNC_ARRAY_LEN(items)}};
	struct zync_err err = {0};
	if (zync_host_canonicalise(&host, arena, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	/* The agent interface that was listed first is the default one, although its address sorts last. */
	assert_string_equal(
		test_host_text(arena, &host, ZYNC_HOST_JSON_ACTUAL),
		"{'interfaces':[{'dns':'','ip':'10.0.0.9','main':true,'port':'10050','type':'agent','useip':false},"
		"{'dns':'x','ip':'10.0.0.1','main':false,'port':'','type':'agent','useip':false},"
		"{'dns':'','ip':'10.0.0.2','main':true,'port':'','snmp':{'authpassphrase':'','authprotocol':'SHA256','bulk':false,"
		"'contextname':'','max_repetitions':9,'securitylevel':'authNoPriv','securityname':'','version':3},'type':'snmp','useip':"
		"false},"
		"{'dns':'','ip':'10.0.0.3','main':false,'port':'','snmp':{'bulk':false,'community':'','version':1},'type':'snmp','useip':"
		"false},"
		"{'dns':'','ip':'10.0.0.3','main':false,'port':'','snmp':{'bulk':false,'community':{'digest':'D'},'version':2},"
		"'type':'snmp','useip':false},"
		"{'dns':'','ip':'10.0.0.1','main':true,'port':'1','type':'jmx','useip':false},"
		"{'dns':'','ip':'10.0.0.1','main':false,'port':'2','type':'jmx','useip':true},"
		"{'dns':'','interfaceid':3,'ip':'10.0.0.1','main':false,'port':'2','type':'jmx','useip':false},"
		"{'dns':'','interfaceid':4,'ip':'10.0.0.1','main':false,'port':'2','type':'jmx','useip':false}],'v':1}");
	for (size_t i = 0; i < host.interfaces.len; i++) {
		const struct zync_snmp *snmp = &host.interfaces.items[i].snmp;
		assert_true(host.interfaces.items[i].type == ZYNC_INTERFACE_SNMP || snmp->version == 0);
		if (snmp->version == 1 || snmp->version == 2) {
			assert_int_equal(snmp->securitylevel, 0);
			assert_int_equal(snmp->privprotocol, 0);
			assert_string_equal(snmp->securityname, "");
			assert_string_equal(snmp->authpassphrase.plain, "");
		}
		if (snmp->version == 3) {
			assert_int_equal(snmp->privprotocol, 0);
			assert_string_equal(snmp->privpassphrase.plain, "");
			assert_string_equal(snmp->community.plain, "");
		}
	}
}

static void canonical_proxy_and_inventory(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_inventory_field field = {"type", "x"};
	struct zync_host host = {
		.inventory_mode = ZYNC_INVENTORY_DISABLED, .inventory = {&field, 1}, .proxy = {"p", 1}, .proxy_group = {"g", 2}};
	assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
	assert_int_equal(host.inventory.len, 0);
	assert_null(host.proxy.name);
	assert_null(host.proxy_group.name);
	assert_int_equal(host.proxy.id + host.proxy_group.id, 0);
	host = (struct zync_host){.monitored_by = ZYNC_MONITORED_BY_PROXY, .proxy = {"p", 1}, .proxy_group = {"g", 2}};
	assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
	assert_string_equal(host.proxy.name, "p");
	assert_null(host.proxy_group.name);
	host = (struct zync_host){.monitored_by = ZYNC_MONITORED_BY_PROXY_GROUP, .proxy = {"p", 1}, .proxy_group = {NULL, 2}};
	assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
	assert_null(host.proxy.name);
	assert_string_equal(host.proxy_group.name, "");
	assert_int_equal(host.proxy_group.id, 2);
}

static void refused(struct zync_host host, const char *why)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_err err = {0};
	host.host = "h";
	assert_int_equal(zync_host_canonicalise(&host, arena, &err), ZYNC_ERR_REJECTED);
	test_expect(&err, ZYNC_ERR_REJECTED, "host \"h\": ");
	test_expect(&err, ZYNC_ERR_REJECTED, why);
}

static void canonical_refused_lists(void **state ZYNC_UNUSED)
{
	static const struct {
		struct zync_macro a, b;
		const char *why;
	} macros[] = {
		{{.macro = "{$A}", .value = {"1", NULL}}, {.macro = "{$A}", .value = {"2", NULL}}, "macro {$A} is there twice"},
		{{.macro = "{$A}", .description = "x"}, {.macro = "{$A}"}, "macro {$A} is there twice"},
		{{.macro = "{$A}", .type = ZYNC_MACRO_VAULT}, {.macro = "{$A}"}, "macro {$A} is there twice"},
		{{.macro = "{$A}", .type = ZYNC_MACRO_SECRET, .value = {NULL, "1"}},
		 {.macro = "{$A}", .type = ZYNC_MACRO_SECRET, .value = {NULL, "2"}},
		 "macro {$A} is there twice"},
		{{.macro = "{$A}"}, {.macro = ZYNC_OWNER_MACRO, .value = {"x", NULL}}, "macro {$ZYNC.OWNER} is Zync's own mark"},
		{{.macro = "{$A}"}, {.macro = "{$B}", .type = (enum zync_macro_type)7}, "type 7 of macro {$B} is unknown"},
	};
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(macros); i++) {
		struct zync_macro list[] = {macros[i].a, macros[i].b};
		refused((struct zync_host){.macros = {list, 2}}, macros[i].why);
	}
	struct zync_inventory_field left[] = {{"type", ""}, {"type", NULL}};
	refused((struct zync_host){.inventory = {left, 2}}, "inventory field type is there twice");
	struct zync_inventory_field fields[] = {{"type", "x"}, {"alias", "a"}, {"type", "y"}};
	refused((struct zync_host){.inventory = {fields, 3}}, "inventory field type is there twice");
	fields[2].value = "";
	refused((struct zync_host){.inventory = {fields, 3}}, "inventory field type is there twice");
}

static void canonical_refused_numbers(void **state ZYNC_UNUSED)
{
	static const struct {
		struct zync_interface a, b;
		const char *why;
	} cases[] = {
		{{.type = ZYNC_INTERFACE_IPMI, .main = true},
		 {.type = ZYNC_INTERFACE_IPMI, .main = true},
		 "two default interfaces of type ipmi"},
		{{.type = ZYNC_INTERFACE_IPMI}, {.type = (enum zync_interface_type)0}, "interface type 0 is unknown"},
		{{.type = ZYNC_INTERFACE_IPMI}, {.type = (enum zync_interface_type)5}, "interface type 5 is unknown"},
		{{.type = ZYNC_INTERFACE_IPMI}, {.type = ZYNC_INTERFACE_SNMP}, "SNMP version 0"},
		{{.type = ZYNC_INTERFACE_IPMI}, {.type = ZYNC_INTERFACE_SNMP, .snmp = {.version = 4}}, "SNMP version 4"},
		{{.type = ZYNC_INTERFACE_IPMI},
		 {.type = ZYNC_INTERFACE_SNMP, .snmp = {.version = 3, .securitylevel = 3}},
		 "security level 3"},
		{{.type = ZYNC_INTERFACE_IPMI},
		 {.type = ZYNC_INTERFACE_SNMP, .snmp = {.version = 3, .authprotocol = 6}},
		 "authentication protocol 6"},
		{{.type = ZYNC_INTERFACE_IPMI},
		 {.type = ZYNC_INTERFACE_SNMP, .snmp = {.version = 3, .privprotocol = UINT32_MAX}},
		 "privacy protocol 4294967295"},
	};
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_interface list[] = {cases[i].a, cases[i].b};
		refused((struct zync_host){.interfaces = {list, 2}}, cases[i].why);
	}
	refused((struct zync_host){.status = (enum zync_host_status)2}, "status 2 is unknown");
	refused((struct zync_host){.monitored_by = (enum zync_monitored_by)3}, "monitored_by 3 is unknown");
	refused((struct zync_host){.inventory_mode = (enum zync_inventory_mode)2}, "inventory mode 2 is unknown");
	refused((struct zync_host){.inventory_mode = (enum zync_inventory_mode) - 2}, "inventory mode -2 is unknown");
	refused((struct zync_host){.ipmi = {.authtype = 3}}, "authentication type 3 or privilege 2 of IPMI is unknown");
	refused((struct zync_host){.ipmi = {.authtype = -2}}, "authentication type -2");
	refused((struct zync_host){.ipmi = {.authtype = 7}}, "authentication type 7");
	refused((struct zync_host){.ipmi = {.privilege = 6}}, "privilege 6 of IPMI is unknown");
	refused((struct zync_host){.tls = {.connect = 3}}, "encryption 3 of connections to the agent or 1 from it is unknown");
	refused((struct zync_host){.tls = {.connect = 8}}, "encryption 8");
	refused((struct zync_host){.tls = {.accept = 8}}, "or 8 from it");
}

/* What no direction uses is not part of the host; an empty key or identity that is used is an unknown one. */
static void canonical_ipmi_tls(void **state ZYNC_UNUSED)
{
#define TLS_ALL .psk_identity = "i", .psk = {.plain = "k"}, .issuer = "I", .subject = "S"
	static const struct {
		struct zync_tls tls;
		const char *json;
	} cases[] = {
		{{0}, "{'accept':['none'],'connect':'none'}"},
		{{TLS_ALL}, "{'accept':['none'],'connect':'none'}"},
		{{TLS_ALL, .connect = 2}, "{'accept':['none'],'connect':'psk','psk':{'digest':null},'psk_identity':'i'}"},
		{{TLS_ALL, .accept = 2}, "{'accept':['psk'],'connect':'none','psk':{'digest':null},'psk_identity':'i'}"},
		{{TLS_ALL, .connect = 4, .accept = 1}, "{'accept':['none'],'connect':'certificate','issuer':'I','subject':'S'}"},
		{{TLS_ALL, .connect = 1, .accept = 7},
		 "{'accept':['none','psk','certificate'],'connect':'none','issuer':'I','psk':{'digest':null},'psk_identity':'i','subject':'"
		 "S'}"},
		{{.connect = 4, .accept = 4}, "{'accept':['certificate'],'connect':'certificate','issuer':'','subject':''}"},
		{{.connect = 2, .accept = 2, .psk_identity = "", .psk = {.plain = ""}},
		 "{'accept':['psk'],'connect':'psk','psk':{'digest':null},'psk_identity':null}"},
	};
	ZYNC_AUTO_ARENA arena = test_arena();
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_host host = {.managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_TLS), .tls = cases[i].tls};
		assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
		assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_DESIRED),
				    zync_arena_printf(arena, "{'ownership':{},'tls':%s,'v':1}", cases[i].json));
		assert_true(host.tls.psk.plain == NULL || strcmp(host.tls.psk.plain, "k") == 0 || i < 2 || i == 4 || i == 6);
	}
	struct zync_host host = {.managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_IPMI),
				 .ipmi = {.authtype = 6, .privilege = 4, .username = "u", .password = {.plain = "{$P}"}}};
	assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
	assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_DESIRED),
			    "{'ipmi':{'authtype':'RMCP+','password':'{$P}','privilege':'admin','username':'u'},'ownership':{},'v':1}");
	host.ipmi = (struct zync_ipmi){.authtype = -1, .privilege = 5, .password = {.plain = "hush"}};
	assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
	assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_ACTUAL),
			    "{'ipmi':{'authtype':'default','password':{'digest':null},'privilege':'OEM','username':''},'v':1}");
}

static void canonical_aspect_names(void **state ZYNC_UNUSED)
{
	static const char *const names[] = {"host",  "name", "status", "description", "groups", "templates", "interfaces",
					    "proxy", "tags", "macros", "inventory",   "ipmi",	"tls"};
	for (enum zync_aspect aspect = ZYNC_ASPECT_HOST; aspect < ZYNC_ASPECT_COUNT; aspect++)
		assert_string_equal(zync_aspect_name(aspect), names[aspect]);
	int number = 7;
	assert_false(zync_model_number(ZYNC_WORDS_STATUS, "on", &number));
	assert_int_equal(number, 7);
	assert_true(zync_model_number(ZYNC_WORDS_INVENTORY_MODE, "disabled", &number));
	assert_int_equal(number, -1);
}

/* A copy shares nothing: what the original's arena holds may be overwritten. */
static void canonical_copy(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	for (unsigned i = 0; i < 100; i++) {
		struct random r = {i};
		struct zync_arena *from = test_arena();
		struct zync_host random, host, copy;
		random_host(&r, arena, /* actual= */ true, &random);
		assert_int_equal(zync_host_canonicalise(&random, arena, NULL), ZYNC_OK);
		assert_int_equal(zync_host_fill_digests(&random, test_ring(), arena, NULL), ZYNC_OK);
		/* So that all texts stand in `from`. */
		const struct zync_jval *json = test_jval(arena, test_host_text(arena, &random, ZYNC_HOST_JSON_ACTUAL));
		assert_int_equal(zync_host_from_json(json, from, &host, NULL), ZYNC_OK);
		host.own[ZYNC_ASPECT_TAGS] = ZYNC_OWN_MERGE;
		const char *expected = test_host_text(arena, &host, ZYNC_HOST_JSON_ACTUAL);
		assert_int_equal(zync_host_copy(&host, arena, &copy, NULL), ZYNC_OK);
		zync_arena_free(from); /* zeroes what it held */
		assert_string_equal(test_host_text(arena, &copy, ZYNC_HOST_JSON_ACTUAL), expected);
		assert_int_equal(copy.own[ZYNC_ASPECT_TAGS], ZYNC_OWN_MERGE);
	}
	struct zync_host empty = {0}, copy;
	assert_int_equal(zync_host_copy(&empty, arena, &copy, NULL), ZYNC_OK);
	assert_null(copy.owner);
}

TEST_GROUP(test_canonical, cmocka_unit_test(canonical_lists), cmocka_unit_test(canonical_empty_host),
	   cmocka_unit_test(canonical_interfaces), cmocka_unit_test(canonical_proxy_and_inventory),
	   cmocka_unit_test(canonical_refused_lists), cmocka_unit_test(canonical_refused_numbers), cmocka_unit_test(canonical_aspect_names),
	   cmocka_unit_test(canonical_ipmi_tls), cmocka_unit_test(canonical_copy));
