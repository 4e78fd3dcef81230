/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "model/model_priv.h"
#include "model_test.h"

#define TAG(tag, value)		   "{'tag':'" tag "','value':'" value "'}"
#define MACRO(name, value)	   "{'macro':'" name "','type':'text','description':'','value':'" value "'}"
#define MACRO_ID(id, name, value)  "{'hostmacroid':" id ",'macro':'" name "','type':'text','description':'','value':'" value "'}"
#define IF(type, main, ip)	   "{'type':'" type "','main':" main ",'useip':true,'ip':'" ip "','dns':'','port':'1'}"
#define IF_ID(id, type, main, ip)  "{'interfaceid':" id ",'type':'" type "','main':" main ",'useip':true,'ip':'" ip "','dns':'','port':'1'}"
#define IF_OUT(id, type, main, ip) "{'dns':'','interfaceid':" id ",'ip':'" ip "','main':" main ",'port':'1','type':'" type "','useip':true}"
#define IF_SNMP(id, main, max, community)                                                                                              \
	"{" id "'type':'snmp','main':" main                                                                                            \
	",'useip':true,'ip':'1','dns':'','port':'1','snmp':{'version':2,'bulk':true,'max_repetitions':" max ",'community':'" community \
	"'}}"
#define IF_SNMP_OUT(id, main, max, community)                                                                            \
	"{'dns':'','interfaceid':" id ",'ip':'1','main':" main ",'port':'1','snmp':{'bulk':true,'community':'" community \
	"','max_repetitions':" max ",'version':2},'type':'snmp','useip':true}"
#define IF_NEW(type, main, ip)	     "{'dns':'','ip':'" ip "','main':" main ",'port':'1','type':'" type "','useip':true}"
#define OWN(aspect, mode)	     ",'ownership':{'" aspect "':'" mode "'}"
#define INVENTORY(mode, fields)	     "'inventory':{'mode':'" mode "','fields':{" fields "}}"
#define IPMI(authtype, username)     "'ipmi':{'authtype':'" authtype "','privilege':'user','username':'" username "','password':''}"
#define IPMI_OUT(authtype, username) "'ipmi':{'authtype':'" authtype "','password':'','privilege':'user','username':'" username "'}"
#define INVENTORY_OUT(mode, fields)  "'inventory':{'fields':{" fields "},'mode':'" mode "'}"

/* desired × actual × what was last written → the aspect of the target. */
static const struct {
	const char *desired, *actual, *base, *target;
} cases[] = {
	/* Not managed: actual. Managed: desired. */
	{"'host':'h'", "'host':'x','name':'n','status':'disabled','description':'d'", NULL,
	 "{'description':'d','host':'h','name':'n','status':'disabled','v':1}"},
	{"'name':'b','status':'disabled','description':'e'", "'host':'h','name':'a','status':'monitored','description':'d'", NULL,
	 "{'description':'e','host':'h','name':'b','status':'disabled','v':1}"},
	{"'status':'disabled'", "'host':'h'", NULL, "{'host':'h','status':'disabled','v':1}"},
	{"'name':'b','description':'e'" OWN("name", "ignore"), "'name':'a','description':'d'", NULL,
	 "{'description':'e','name':'a','v':1}"},
	{"'name':'b'" OWN("name", "merge"), "'name':'a'", "'name':'a'", "{'name':'b','v':1}"},
	/* Lists, each by mode. */
	{"'groups':['B']", "'groups':[{'name':'A','id':1},{'name':'B','id':2}]", NULL, "{'groups':[{'id':2,'name':'B'}],'v':1}"},
	{"'groups':['B','C']" OWN("groups", "merge"), "'groups':[{'name':'A','id':1},{'name':'B','id':2},{'name':'D','id':4}]",
	 "'groups':['A','B']", "{'groups':[{'id':2,'name':'B'},{'name':'C'},{'id':4,'name':'D'}],'v':1}"},
	{"'groups':['C']" OWN("groups", "merge"), "'groups':['A']", NULL, "{'groups':[{'name':'A'},{'name':'C'}],'v':1}"},
	{"'groups':['C']" OWN("groups", "merge"), "'groups':['A']", "'tags':[]", "{'groups':[{'name':'A'},{'name':'C'}],'v':1}"},
	{"'groups':['C']" OWN("groups", "ignore"), "'groups':['A']", "'groups':['A']", "{'groups':[{'name':'A'}],'v':1}"},
	{"'templates':['T']", "'templates':[{'name':'A','id':1}]", NULL, "{'templates':[{'name':'T'}],'v':1}"},
	{"'templates':[{'name':'T','id':9}]" OWN("templates", "merge"), "'templates':[{'name':'A','id':1},{'name':'t','id':9}]",
	 "'templates':['A']", "{'templates':[{'id':9,'name':'T'}],'v':1}"},
	{"'tags':[" TAG("a", "1") "]", "'tags':[" TAG("b", "2") "]", "'tags':[]", "{'tags':[" TAG("a", "1") "],'v':1}"},
	{"'tags':[" TAG("a", "1") "]" OWN("tags", "merge"), "'tags':[" TAG("a", "0") "," TAG("a", "2") "," TAG("b", "2") "]",
	 "'tags':[" TAG("a", "0") "]", "{'tags':[" TAG("a", "1") "," TAG("a", "2") "," TAG("b", "2") "],'v':1}"},
	{"'tags':[" TAG("a", "1") "]" OWN("tags", "ignore"), "'tags':[]", NULL, "{'tags':[],'v':1}"},
	/* Macros keep their id, by name. */
	{"'macros':[" MACRO("{$A}", "1") "," MACRO("{$B}", "1") "]",
	 "'macros':[" MACRO_ID("7", "{$A}", "0") "," MACRO_ID("8", "{$C}", "0") "]", NULL,
	 "{'macros':[{'description':'','hostmacroid':7,'macro':'{$A}','type':'text','value':'1'},"
	 "{'description':'','macro':'{$B}','type':'text','value':'1'}],'v':1}"},
	{"'macros':[" MACRO("{$A}", "1") "]" OWN("macros", "merge"),
	 "'macros':[" MACRO_ID("7", "{$A}", "0") "," MACRO_ID("8", "{$B}", "0") "," MACRO_ID("9", "{$C}", "0") "]",
	 "'macros':[" MACRO("{$B}", "1") "]",
	 "{'macros':[{'description':'','hostmacroid':7,'macro':'{$A}','type':'text','value':'1'},"
	 "{'description':'','hostmacroid':9,'macro':'{$C}','type':'text','value':'0'}],'v':1}"},
	{"'macros':[" MACRO("{$A}", "1") "]" OWN("macros", "ignore"), "'macros':[" MACRO_ID("8", "{$B}", "0") "]", NULL,
	 "{'macros':[{'description':'','hostmacroid':8,'macro':'{$B}','type':'text','value':'0'}],'v':1}"},
	/* Proxy: the id is known from the other side, when it is the same. */
	{"'proxy':{'monitored_by':'proxy','name':'p'}", "'proxy':{'monitored_by':'proxy','name':'p','id':3}", NULL,
	 "{'proxy':{'id':3,'monitored_by':'proxy','name':'p'},'v':1}"},
	{"'proxy':{'monitored_by':'proxy','name':'q'}", "'proxy':{'monitored_by':'proxy','name':'p','id':3}", NULL,
	 "{'proxy':{'monitored_by':'proxy','name':'q'},'v':1}"},
	{"'proxy':{'monitored_by':'proxy_group','name':'p'}", "'proxy':{'monitored_by':'proxy_group','name':'p','id':3}", NULL,
	 "{'proxy':{'id':3,'monitored_by':'proxy_group','name':'p'},'v':1}"},
	{"'proxy':{'monitored_by':'proxy_group','name':'p'}", "'proxy':{'monitored_by':'proxy','name':'p','id':3}", NULL,
	 "{'proxy':{'monitored_by':'proxy_group','name':'p'},'v':1}"},
	{"'proxy':{'monitored_by':'server'}", "'proxy':{'monitored_by':'proxy','name':'p','id':3}", NULL,
	 "{'proxy':{'monitored_by':'server'},'v':1}"},
	{"'proxy':{'monitored_by':'server'}" OWN("proxy", "merge"), "'proxy':{'monitored_by':'proxy','name':'p','id':3}", NULL,
	 "{'proxy':{'id':3,'monitored_by':'proxy','name':'p'},'v':1}"},
	{"'proxy':{'monitored_by':'server'}" OWN("proxy", "merge"), "'proxy':{'monitored_by':'proxy','name':'p','id':3}",
	 "'proxy':{'monitored_by':'proxy','name':'q'}", "{'proxy':{'id':3,'monitored_by':'proxy','name':'p'},'v':1}"},
	{"'proxy':{'monitored_by':'server'}" OWN("proxy", "merge"), "'proxy':{'monitored_by':'proxy','name':'p','id':3}",
	 "'proxy':{'monitored_by':'proxy','name':'p'}", "{'proxy':{'monitored_by':'server'},'v':1}"},
	{"'proxy':{'monitored_by':'proxy','name':'n'}" OWN("proxy", "merge"), "'proxy':{'monitored_by':'proxy','name':'p','id':3}", NULL,
	 "{'proxy':{'monitored_by':'proxy','name':'n'},'v':1}"},
	{"'proxy':{'monitored_by':'server'}" OWN("proxy", "ignore"), "'proxy':{'monitored_by':'proxy','name':'p','id':3}", NULL,
	 "{'proxy':{'id':3,'monitored_by':'proxy','name':'p'},'v':1}"},
	/* Inventory: not managed, exactly desired, merged, automatic, disabled. */
	{"", INVENTORY("manual", "'os':'x'"), NULL, "{" INVENTORY_OUT("manual", "'os':'x'") ",'v':1}"},
	{INVENTORY("manual", "'os':'y'"), INVENTORY("manual", "'os':'x','tag':'t'"), NULL,
	 "{" INVENTORY_OUT("manual", "'os':'y'") ",'v':1}"},
	{INVENTORY("manual", "'os':'y'") OWN("inventory", "merge"), INVENTORY("manual", "'alias':'a','os':'x','tag':'t'"),
	 INVENTORY("manual", "'tag':'u'"), "{" INVENTORY_OUT("manual", "'alias':'a','os':'y'") ",'v':1}"},
	{INVENTORY("automatic", "'os':'y'"), INVENTORY("manual", "'alias':'a','os':'x','tag':'t'"), INVENTORY("manual", "'tag':'t'"),
	 "{" INVENTORY_OUT("automatic", "'alias':'a','os':'y'") ",'v':1}"},
	{INVENTORY("disabled", ""), INVENTORY("manual", "'alias':'a'"), NULL, "{" INVENTORY_OUT("disabled", "") ",'v':1}"},
	{INVENTORY("disabled", "") OWN("inventory", "merge"), INVENTORY("manual", "'alias':'a'"), NULL,
	 "{" INVENTORY_OUT("disabled", "") ",'v':1}"},
	{INVENTORY("manual", "'os':'y'") OWN("inventory", "ignore"), INVENTORY("disabled", ""), NULL,
	 "{" INVENTORY_OUT("disabled", "") ",'v':1}"},
	/* A field that shall be empty is cleared whoever set it; one that is left to Zabbix stays, whatever the ownership. */
	{INVENTORY("manual", "'os':'','type':null"), INVENTORY("manual", "'os':'x','tag':'t','type':'y'"), NULL,
	 "{" INVENTORY_OUT("manual", "'type':'y'") ",'v':1}"},
	{INVENTORY("manual", "'os':'','type':null") OWN("inventory", "merge"), INVENTORY("manual", "'os':'x','tag':'t','type':'y'"),
	 INVENTORY("manual", "'type':'y'"), "{" INVENTORY_OUT("manual", "'tag':'t','type':'y'") ",'v':1}"},
	{INVENTORY("automatic", "'os':''"), INVENTORY("automatic", "'os':'x','tag':'t'"), NULL,
	 "{" INVENTORY_OUT("automatic", "'tag':'t'") ",'v':1}"},
	{INVENTORY("manual", "'type':null"), INVENTORY("manual", "'os':'x'"), NULL, "{" INVENTORY_OUT("manual", "") ",'v':1}"},
	/* IPMI and TLS: single values. */
	{IPMI("none", "u"), IPMI("RMCP+", "v"), NULL, "{" IPMI_OUT("none", "u") ",'v':1}"},
	{IPMI("none", "u") OWN("ipmi", "merge"), IPMI("RMCP+", "v"), NULL, "{" IPMI_OUT("none", "u") ",'v':1}"},
	{IPMI("none", "u") OWN("ipmi", "ignore"), IPMI("RMCP+", "v"), NULL, "{" IPMI_OUT("RMCP+", "v") ",'v':1}"},
	{"", IPMI("RMCP+", "v"), NULL, "{" IPMI_OUT("RMCP+", "v") ",'v':1}"},
	{"'tls':{'connect':'psk','accept':['psk'],'psk_identity':'i','psk':{'digest':'1'}}", "'tls':{'connect':'none','accept':['none']}",
	 NULL, "{'tls':{'accept':['psk'],'connect':'psk','psk':{'digest':'1'},'psk_identity':'i'},'v':1}"},
	{"'tls':{'connect':'psk','accept':['psk'],'psk_identity':'i','psk':{'digest':'1'}}" OWN("tls", "ignore"),
	 "'tls':{'connect':'none','accept':['none']}", NULL, "{'tls':{'accept':['none'],'connect':'none'},'v':1}"},
	/* Interfaces: the address changes in place. */
	{"'interfaces':[" IF("agent", "true", "2") "]", "'interfaces':[" IF_ID("5", "agent", "true", "1") "]", NULL,
	 "{'interfaces':[" IF_OUT("5", "agent", "true", "2") "],'v':1}"},
	/* The equal one first, also when it was not the default one; the default one of the rest. */
	{"'interfaces':[" IF("agent", "true", "2") "," IF("agent", "false", "3") "]",
	 "'interfaces':[" IF_ID("5", "agent", "true", "1") "," IF_ID("6", "agent", "false", "2") "]", NULL,
	 "{'interfaces':[" IF_OUT("6", "agent", "true", "2") "," IF_OUT("5", "agent", "false", "3") "],'v':1}"},
	{"'interfaces':[" IF("agent", "true", "9") "," IF("agent", "false", "8") "]",
	 "'interfaces':[" IF_ID("6", "agent", "false", "1") "," IF_ID("5", "agent", "true", "2") "," IF_ID("7", "agent", "false", "3") "]",
	 NULL, "{'interfaces':[" IF_OUT("5", "agent", "true", "9") "," IF_OUT("6", "agent", "false", "8") "],'v':1}"},
	/* Two of one address: each keeps its role. */
	{"'interfaces':[" IF("agent", "true", "1") "," IF("agent", "false", "1") "]",
	 "'interfaces':[" IF_ID("5", "agent", "true", "1") "," IF_ID("4", "agent", "false", "1") "]", NULL,
	 "{'interfaces':[" IF_OUT("5", "agent", "true", "1") "," IF_OUT("4", "agent", "false", "1") "],'v':1}"},
	{"'interfaces':[" IF("agent", "true", "1") "," IF("agent", "false", "1") "]",
	 "'interfaces':[" IF_ID("5", "agent", "true", "9") "," IF_ID("4", "agent", "false", "1") "]", NULL,
	 "{'interfaces':[" IF_OUT("5", "agent", "true", "1") "," IF_OUT("4", "agent", "false", "1") "],'v':1}"},
	/* Two of one address that differ in their details: each stays as it is. */
	{"'interfaces':[" IF_SNMP("", "true", "0", "{$A}") "," IF_SNMP("", "false", "0", "{$A}") "," IF_SNMP(
		 "", "false", "0", "{$B}") "," IF_SNMP("", "false", "7", "{$A}") "]",
	 "'interfaces':[" IF_SNMP("'interfaceid':1,", "true", "10", "{$A}") "," IF_SNMP(
		 "'interfaceid':2,", "false", "7", "{$A}") "," IF_SNMP("'interfaceid':3,", "false", "10",
								       "{$B}") "," IF_SNMP("'interfaceid':4,", "false", "10", "{$A}") "]",
	 NULL,
	 "{'interfaces':[" IF_SNMP_OUT("1", "true", "10", "{$A}") "," IF_SNMP_OUT("2", "false", "7", "{$A}") "," IF_SNMP_OUT(
		 "3", "false", "10", "{$B}") "," IF_SNMP_OUT("4", "false", "10", "{$A}") "],'v':1}"},
	/* Details change: of the same address, the one in the same role. */
	{"'interfaces':[" IF_SNMP("", "true", "1", "{$A}") "," IF_SNMP("", "false", "1", "{$B}") "]",
	 "'interfaces':[{'interfaceid':1,'type':'snmp','main':true,'useip':true,'ip':'9','dns':'','port':'1','snmp':{'version':2,'bulk':"
	 "true,'max_repetitions':1,'community':''}}," IF_SNMP("'interfaceid':2,", "false", "1", "{$C}") "]",
	 NULL, "{'interfaces':[" IF_SNMP_OUT("1", "true", "1", "{$A}") "," IF_SNMP_OUT("2", "false", "1", "{$B}") "],'v':1}"},
	/* Another type is another interface: new without an id, the old one goes; an id in the desired state means nothing. */
	{"'interfaces':[" IF_ID("77", "agent", "true", "1") "]", "'interfaces':[" IF_ID("5", "jmx", "true", "1") "]", NULL,
	 "{'interfaces':[" IF_NEW("agent", "true", "1") "],'v':1}"},
	/* Merge keeps what Zync did not write, takes away what it wrote, and settles the defaults. */
	{"'interfaces':[" IF("agent", "true", "1") "]" OWN("interfaces", "merge"), "'interfaces':[" IF_ID("5", "jmx", "true", "1") "]",
	 NULL, "{'interfaces':[" IF_NEW("agent", "true", "1") "," IF_OUT("5", "jmx", "true", "1") "],'v':1}"},
	{"'interfaces':[" IF("agent", "true", "1") "]" OWN("interfaces", "merge"), "'interfaces':[" IF_ID("5", "jmx", "true", "1") "]",
	 "'tags':[]", "{'interfaces':[" IF_NEW("agent", "true", "1") "," IF_OUT("5", "jmx", "true", "1") "],'v':1}"},
	{"'interfaces':[" IF("agent", "true", "1") "]" OWN("interfaces", "merge"),
	 "'interfaces':[" IF_ID("5", "jmx", "true", "1") "," IF_ID("6", "jmx", "false", "2") "," IF_ID("7", "jmx", "false", "3") "]",
	 "'interfaces':[" IF("ipmi", "true", "2") "," IF("jmx", "true", "1") "]",
	 "{'interfaces':[" IF_NEW("agent", "true", "1") "," IF_OUT("6", "jmx", "true", "2") "," IF_OUT("7", "jmx", "false",
												       "3") "],'v':1}"},
	/* Of two with the address that Zync wrote once and still wants, the other is not Zync's; of one too many that it wrote, one goes. */
	{"'interfaces':[" IF("agent", "true", "1") "]" OWN("interfaces", "merge"),
	 "'interfaces':[" IF_ID("5", "agent", "true", "1") "," IF_ID("6", "agent", "false", "1") "]",
	 "'interfaces':[" IF("agent", "true", "1") "]",
	 "{'interfaces':[" IF_OUT("5", "agent", "true", "1") "," IF_OUT("6", "agent", "false", "1") "],'v':1}"},
	{"'interfaces':[" IF("agent", "true", "1") "]" OWN("interfaces", "merge"),
	 "'interfaces':[" IF_ID("5", "agent", "true", "1") "," IF_ID("6", "agent", "false", "1") "," IF_ID("7", "agent", "false", "1") "]",
	 "'interfaces':[" IF("agent", "true", "1") "," IF("agent", "false", "1") "]",
	 "{'interfaces':[" IF_OUT("5", "agent", "true", "1") "," IF_OUT("7", "agent", "false", "1") "],'v':1}"},
	{"'interfaces':[" IF("agent", "true", "2") "]" OWN("interfaces", "merge"),
	 "'interfaces':[" IF_ID("5", "agent", "true", "1") "," IF_ID("6", "agent", "false", "2") "]", NULL,
	 "{'interfaces':[" IF_OUT("6", "agent", "true", "2") "," IF_OUT("5", "agent", "false", "1") "],'v':1}"},
	{"'interfaces':[]" OWN("interfaces", "merge"),
	 "'interfaces':[" IF_ID("5", "agent", "true", "1") "," IF_ID("6", "agent", "false", "2") "]", "'interfaces':[]",
	 "{'interfaces':[" IF_OUT("5", "agent", "true", "1") "," IF_OUT("6", "agent", "false", "2") "],'v':1}"},
	{"'interfaces':[]" OWN("interfaces", "ignore"), "'interfaces':[" IF_ID("5", "agent", "true", "1") "]", NULL,
	 "{'interfaces':[" IF_OUT("5", "agent", "true", "1") "],'v':1}"},
	{"'interfaces':[]", "'interfaces':[" IF_ID("5", "agent", "true", "1") "]", NULL, "{'interfaces':[],'v':1}"},
	/* The mark is the desired one; its id the actual one's. Ids and flags of the host stay. */
	{"'owner':'o'", "'hostid':3,'flags':4,'owner':'p','owner_hostmacroid':8", NULL,
	 "{'flags':4,'hostid':3,'owner':'o','owner_hostmacroid':8,'v':1}"},
	{"'owner':'o'", "'hostid':3", NULL, "{'hostid':3,'owner':'o','v':1}"},
	/* Creation. */
	{"'host':'h','groups':['A']" OWN("groups", "ignore"), NULL, NULL, "{'groups':[{'name':'A'}],'host':'h','v':1}"},
};

static void target_cases(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_host target;
		const struct zync_host *desired = test_host(arena, cases[i].desired), *actual = test_host(arena, cases[i].actual);
		const char *before = actual != NULL ? test_host_text(arena, actual, ZYNC_HOST_JSON_ACTUAL) : "";
		assert_int_equal(zync_host_target(desired, actual, test_host(arena, cases[i].base), arena, &target, NULL), ZYNC_OK);
		const char *text = test_host_text(arena, &target, ZYNC_HOST_JSON_ACTUAL);
		if (strcmp(text, cases[i].target) != 0)
			fail_msg("case %zu: %s\non %s\ngives %s", i, cases[i].desired,
				 cases[i].actual != NULL ? cases[i].actual : "nothing", text);
		/* The inputs are as they were. */
		if (actual != NULL)
			assert_string_equal(test_host_text(arena, actual, ZYNC_HOST_JSON_ACTUAL), before);
		assert_memory_equal(target.own, desired->own, sizeof(target.own));
	}
}

static void target_clears_inventory(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_host target;
	struct zync_diff diff;
	const struct zync_host *actual = test_host(arena, INVENTORY("manual", "'alias':'a','os':'x'"));
	assert_int_equal(zync_host_target(test_host(arena, INVENTORY("manual", "'os':'x'")), actual, NULL, arena, &target, NULL), ZYNC_OK);
	/* Zabbix has to be told to empty the field. */
	assert_int_equal(target.inventory.len, 2);
	assert_string_equal(target.inventory.items[0].field, "alias");
	assert_string_equal(target.inventory.items[0].value, "");
	assert_int_equal(zync_host_diff(&target, actual, arena, &diff, NULL), ZYNC_OK);
	assert_string_equal(test_diff_text(arena, &diff), "inventory[alias]: a -> -\n");
	/* Again, on top of itself: there is nothing left to clear. */
	struct zync_host again;
	assert_int_equal(zync_host_target(test_host(arena, INVENTORY("manual", "'os':'x'")), &target, NULL, arena, &again, NULL), ZYNC_OK);
	assert_int_equal(again.inventory.len, 1);
	/* In a disabled inventory there is nothing to clear either. */
	assert_int_equal(zync_host_target(test_host(arena, INVENTORY("disabled", "")), actual, NULL, arena, &target, NULL), ZYNC_OK);
	assert_int_equal(target.inventory.len, 0);
}

static void target_max_repetitions(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *desired, *actual;
		unsigned expected;
	} snmp[] = {
		{"'version':2,'bulk':true,'community':''", "'version':2,'bulk':true,'max_repetitions':10,'community':''", 10},
		{"'version':2,'bulk':true,'max_repetitions':7,'community':''",
		 "'version':2,'bulk':true,'max_repetitions':10,'community':''", 7},
		{"'version':1,'bulk':true,'community':''", "'version':2,'bulk':true,'max_repetitions':10,'community':''", 0},
		/* Zabbix before 6.4 has no such number; version 1 has none either, but may become version 2. */
		{"'version':2,'bulk':true,'max_repetitions':7,'community':''", "'version':2,'bulk':true,'community':''", 0},
		{"'version':2,'bulk':true,'max_repetitions':7,'community':''", "'version':1,'bulk':true,'community':''", 7},
	};
	ZYNC_AUTO_ARENA arena = test_arena();
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(snmp); i++) {
		static const char form[] =
			"'interfaces':[{'type':'snmp','main':true,'useip':true,'ip':'1','dns':'','port':'161','snmp':{%s}}]";
		const char *texts[2] = {snmp[i].desired, snmp[i].actual};
		struct zync_host *hosts[2], target;
		for (size_t k = 0; k < 2; k++) {
			const char *at = strstr(form, "%s");
			hosts[k] = test_host(arena, zync_arena_printf(arena, "%.*s%s%s", (int)(at - form), form, texts[k], at + 2));
		}
		hosts[1]->interfaces.items[0].interfaceid = 5;
		assert_int_equal(zync_host_target(hosts[0], hosts[1], NULL, arena, &target, NULL), ZYNC_OK);
		assert_int_equal(target.interfaces.items[0].interfaceid, 5);
		assert_int_equal(target.interfaces.items[0].snmp.max_repetitions, snmp[i].expected);
	}
}

/* Merged interfaces that Zync did not write, where none is the default of its type (nobody should, but a document may say so). */
static void target_settles_defaults(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_interface items[] = {{.type = ZYNC_INTERFACE_JMX, .interfaceid = 1, .useip = true, .ip = "1", .dns = "", .port = "1"},
					 {.type = ZYNC_INTERFACE_JMX, .interfaceid = 2, .useip = true, .ip = "2", .dns = "", .port = "1"},
					 {.type = ZYNC_INTERFACE_JMX, .interfaceid = 3, .useip = true, .ip = "3", .dns = "", .port = "1"}};
	struct zync_host actual = {.managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES), .interfaces = {items, 3}}, target;
	const struct zync_host *desired = test_host(arena, "'interfaces':[]" OWN("interfaces", "merge"));
	assert_int_equal(zync_host_target(desired, &actual, NULL, arena, &target, NULL), ZYNC_OK);
	assert_string_equal(test_host_text(arena, &target, ZYNC_HOST_JSON_ACTUAL),
			    "{'interfaces':[" IF_OUT("1", "jmx", "true", "1") "," IF_OUT("2", "jmx", "false", "2") "," IF_OUT(
				    "3", "jmx", "false", "3") "],'v':1}");
	items[2].main = true; /* not in canonical order */
	assert_int_equal(zync_host_target(desired, &actual, NULL, arena, &target, NULL), ZYNC_OK);
	assert_string_equal(test_host_text(arena, &target, ZYNC_HOST_JSON_ACTUAL),
			    "{'interfaces':[" IF_OUT("3", "jmx", "true", "3") "," IF_OUT("1", "jmx", "false", "1") "," IF_OUT(
				    "2", "jmx", "false", "2") "],'v':1}");
}

TEST_GROUP(test_target, cmocka_unit_test(target_cases), cmocka_unit_test(target_clears_inventory), cmocka_unit_test(target_max_repetitions),
	   cmocka_unit_test(target_settles_defaults));
