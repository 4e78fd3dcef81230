/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "model_test.h"

#define IF_AGENT		 "'type':'agent','main':true,'useip':true,'ip':'1.1.1.1','dns':'','port':'10050'"
#define IF_SNMP			 "'type':'snmp','main':true,'useip':true,'ip':'1.1.1.1','dns':'','port':'161'"
#define SNMP3			 "'version':3,'bulk':true,'contextname':'','securityname':''"
#define AUTH			 "'securitylevel':'authNoPriv','authprotocol':'MD5','authpassphrase'"
#define PRIV			 "'securitylevel':'authPriv','authprotocol':'MD5','authpassphrase':'','privprotocol':'DES','privpassphrase'"
#define MACRO(name, type, value) "{'macro':'" name "','type':'" type "','description':'','value':" value "}"

/* target × actual (NULL: creation) → changes. */
#define IPMI(authtype, privilege, username, password) \
	"'ipmi':{'authtype':'" authtype "','privilege':'" privilege "','username':'" username "','password':" password "}"
#define TLS(connect, accept, more) "'tls':{'connect':'" connect "','accept':[" accept "]" more "}"
#define PSK(identity, digest)	   ",'psk_identity':" identity ",'psk':{'digest':" digest "}"

static const struct {
	const char *target, *actual, *changes;
} cases[] = {
	/* Nothing. */
	{"", "", ""},
	{"'host':'a'", "'host':'a','name':'other','tags':[{'tag':'x','value':''}]", ""},
	/* Single values. */
	{"'host':'b'", "'host':'a'", "host: a -> b\n"},
	{"'name':'b'", "'name':'a'", "name: a -> b\n"},
	{"'status':'disabled'", "'status':'monitored'", "status: monitored -> disabled\n"},
	{"'description':'b'", "'description':''", "description:  -> b\n"},
	{"'description':''", "'description':'a'", "description: a -> \n"},
	/* Groups and templates: names in one order; ids count before names. */
	{"'groups':['A','C','E']", "'groups':['B','C','D']", "groups: - -> A\ngroups: B -> -\ngroups: D -> -\ngroups: - -> E\n"},
	{"'groups':[{'name':'new','id':1}]", "'groups':[{'name':'old','id':1}]", ""},
	{"'groups':[{'name':'same','id':1}]", "'groups':[{'name':'same','id':2}]", "groups: same -> -\ngroups: - -> same\n"},
	{"'groups':[{'name':'same','id':1}]", "'groups':[{'name':'same'}]", ""},
	{"'templates':['A']", "'templates':[]", "templates: - -> A\n"},
	{"'templates':[]", "'templates':['A']", "templates: A -> -\n"},
	/* Proxy. */
	{"'proxy':{'monitored_by':'server'}", "'proxy':{'monitored_by':'server'}", ""},
	{"'proxy':{'monitored_by':'proxy','name':'p'}", "'proxy':{'monitored_by':'server'}", "proxy: server -> proxy p\n"},
	{"'proxy':{'monitored_by':'server'}", "'proxy':{'monitored_by':'proxy_group','name':'g'}", "proxy: proxy group g -> server\n"},
	{"'proxy':{'monitored_by':'proxy','name':'q'}", "'proxy':{'monitored_by':'proxy','name':'p'}", "proxy: proxy p -> proxy q\n"},
	{"'proxy':{'monitored_by':'proxy','name':'q','id':1}", "'proxy':{'monitored_by':'proxy','name':'p','id':1}", ""},
	{"'proxy':{'monitored_by':'proxy_group','name':'h'}", "'proxy':{'monitored_by':'proxy_group','name':'g'}",
	 "proxy: proxy group g -> proxy group h\n"},
	{"'proxy':{'monitored_by':'proxy','name':'x'}", "'proxy':{'monitored_by':'proxy_group','name':'x'}",
	 "proxy: proxy group x -> proxy x\n"},
	/* Tags: one value of a name for another, several, whole names, neighbours of equal values. */
	{"'tags':[{'tag':'site','value':'B'}]", "'tags':[{'tag':'site','value':'A'}]", "tags[site]: A -> B\n"},
	{"'tags':[{'tag':'site','value':'B'},{'tag':'site','value':'C'}]", "'tags':[{'tag':'site','value':'A'},{'tag':'site','value':'C'}]",
	 "tags[site]: A -> B\n"},
	{"'tags':[{'tag':'site','value':'B'},{'tag':'site','value':'C'}]", "'tags':[{'tag':'site','value':'A'}]",
	 "tags[site]: A -> -\ntags[site]: - -> B\ntags[site]: - -> C\n"},
	{"'tags':[{'tag':'site','value':'A'}]", "'tags':[{'tag':'site','value':'A'},{'tag':'site','value':'B'},{'tag':'site','value':'C'}]",
	 "tags[site]: B -> -\ntags[site]: C -> -\n"},
	{"'tags':[{'tag':'site','value':'A'},{'tag':'site','value':'B'},{'tag':'site','value':'C'}]", "'tags':[{'tag':'site','value':'B'}]",
	 "tags[site]: - -> A\ntags[site]: - -> C\n"},
	{"'tags':[{'tag':'a','value':''},{'tag':'c','value':'1'}]",
	 "'tags':[{'tag':'b','value':'2'},{'tag':'c','value':'1'},{'tag':'d','value':''}]",
	 "tags[a]: - -> \ntags[b]: 2 -> -\ntags[d]:  -> -\n"},
	/* Macros. */
	{"'macros':[" MACRO("{$A}", "text", "'2'") "]", "'macros':[" MACRO("{$A}", "text", "'1'") "]", "macros[{$A}].value: 1 -> 2\n"},
	{"'macros':[" MACRO("{$A}", "text", "'2'") "]", "'macros':[" MACRO("{$B}", "text", "'1'") "]",
	 "macros[{$A}].value: - -> 2\nmacros[{$B}].value: 1 -> -\n"},
	{"'macros':[" MACRO("{$B}", "vault", "'a:b'") "]", "'macros':[" MACRO("{$A}", "secret", "{'digest':'D'}") "]",
	 "macros[{$A}].value: *** -> -\nmacros[{$B}].value: - -> a:b\nmacros[{$B}].type: - -> vault\n"},
	{"'macros':[" MACRO("{$A}", "secret", "{'digest':'E'}") "]", "'macros':[" MACRO("{$A}", "secret", "{'digest':'D'}") "]",
	 "macros[{$A}].value: *** -> *** (changed)\n"},
	{"'macros':[" MACRO("{$A}", "secret", "{'digest':'D'}") "]", "'macros':[" MACRO("{$A}", "secret", "{'digest':'D'}") "]", ""},
	{"'macros':[" MACRO("{$A}", "secret", "{'digest':'D'}") "]", "'macros':[" MACRO("{$A}", "secret", "{'digest':null}") "]",
	 "macros[{$A}].value: *** -> *** (changed)\n"},
	{"'macros':[" MACRO("{$A}", "secret", "{'digest':null}") "]", "'macros':[" MACRO("{$A}", "secret", "{'digest':'D'}") "]", ""},
	{"'macros':[" MACRO("{$A}", "secret", "{'digest':'D'}") "]", "'macros':[" MACRO("{$A}", "text", "'x'") "]",
	 "macros[{$A}].value: x -> ***\nmacros[{$A}].type: text -> secret\n"},
	{"'macros':[" MACRO("{$A}", "text", "'x'") "]", "'macros':[" MACRO("{$A}", "secret", "{'digest':'D'}") "]",
	 "macros[{$A}].value: *** -> x\nmacros[{$A}].type: secret -> text\n"},
	{"'macros':[{'macro':'{$A}','type':'text','description':'y','value':''}]",
	 "'macros':[{'macro':'{$A}','type':'text','description':'x','value':''}]", "macros[{$A}].description: x -> y\n"},
	{"'macros':[{'macro':'{$A}','type':'text','description':'y','value':''}]", "'macros':[]",
	 "macros[{$A}].value: - -> \nmacros[{$A}].description: - -> y\n"},
	/* The ownership mark. */
	{"'macros':[],'owner':'o'", "'macros':[]", ""},
	{"'macros':[" MACRO("{$A}", "text", "'2'") "],'owner':'o'", "'macros':[]",
	 "macros[{$A}].value: - -> 2\nmacros[{$ZYNC.OWNER}].value: - -> o\n"},
	{"'macros':[],'owner':'o'", "'macros':[],'owner':'o'", ""},
	{"'owner':'o'", "'owner':'p'", "macros[{$ZYNC.OWNER}].value: p -> o\n"},
	{"'macros':[]", "'macros':[],'owner':'p'", ""},
	/* Inventory. */
	{"'inventory':{'mode':'manual','fields':{'os':'b','type':'x'}}", "'inventory':{'mode':'disabled','fields':{}}",
	 "inventory_mode: disabled -> manual\ninventory[os]: - -> b\ninventory[type]: - -> x\n"},
	{"'inventory':{'mode':'manual','fields':{'os':'b','tag':'t'}}",
	 "'inventory':{'mode':'manual','fields':{'alias':'1','os':'a','tag':'t','type':'x'}}",
	 "inventory[alias]: 1 -> -\ninventory[os]: a -> b\ninventory[type]: x -> -\n"},
	/* IPMI and TLS. The identity and the key of a host that Zync never wrote are unknown: pushed once. */
	{IPMI("RMCP+", "admin", "u", "{'digest':'2'}"), IPMI("default", "user", "", "''"),
	 "ipmi.authtype: default -> RMCP+\nipmi.privilege: user -> admin\nipmi.username:  -> u\nipmi.password:  -> ***\n"},
	{IPMI("default", "user", "u", "{'digest':'2'}"), IPMI("default", "user", "u", "{'digest':'1'}"),
	 "ipmi.password: *** -> *** (changed)\n"},
	{IPMI("default", "user", "u", "{'digest':'2'}"), IPMI("default", "user", "u", "{'digest':'2'}"), ""},
	{IPMI("default", "user", "u", "'{$P}'"), IPMI("default", "user", "u", "{'digest':'2'}"), "ipmi.password: *** -> {$P}\n"},
	{TLS("psk", "'psk'", PSK("'i'", "'1'")), TLS("none", "'none'", ""),
	 "tls.connect: none -> psk\ntls.accept: none -> psk\ntls.psk_identity: - -> i\ntls.psk: - -> ***\n"},
	{TLS("psk", "'none','psk'", PSK("'i'", "'1'")), TLS("psk", "'none','psk'", PSK("'i'", "'1'")), ""},
	{TLS("psk", "'psk'", PSK("'i'", "'1'")), TLS("psk", "'psk'", PSK("null", "null")),
	 "tls.psk_identity: (unknown) -> i\ntls.psk: *** -> *** (changed)\n"},
	{TLS("psk", "'psk'", PSK("'j'", "'1'")), TLS("psk", "'psk'", PSK("'i'", "'1'")), "tls.psk_identity: i -> j\n"},
	{TLS("psk", "'psk'", PSK("'i'", "'2'")), TLS("psk", "'psk'", PSK("'i'", "'1'")), "tls.psk: *** -> *** (changed)\n"},
	{TLS("psk", "'psk'", PSK("null", "null")), TLS("psk", "'psk'", PSK("'i'", "'1'")), ""},
	{TLS("certificate", "'psk','certificate'", PSK("'i'", "'1'") ",'issuer':'I','subject':''"),
	 TLS("none", "'none','psk','certificate'", PSK("'i'", "'1'") ",'issuer':'','subject':'S'"),
	 "tls.connect: none -> certificate\ntls.accept: none, psk, certificate -> psk, certificate\ntls.issuer:  -> I\ntls.subject: S -> "
	 "\n"},
	{TLS("none", "'none'", ""), TLS("psk", "'psk'", PSK("'i'", "'1'")), "tls.connect: psk -> none\ntls.accept: psk -> none\n"},
	{TLS("none", "'none'", "") "," IPMI("default", "user", "", "''"), NULL, ""},
	{TLS("psk", "'psk'", PSK("'i'", "'1'")) "," IPMI("none", "admin", "u", "'{$P}'"), NULL,
	 "ipmi.authtype: - -> none\nipmi.privilege: - -> admin\nipmi.username: - -> u\nipmi.password: - -> {$P}\n"
	 "tls.connect: - -> psk\ntls.accept: - -> psk\ntls.psk_identity: - -> i\ntls.psk: - -> ***\n"},
	{TLS("psk", "'psk'", PSK("null", "null")), NULL, "tls.connect: - -> psk\ntls.accept: - -> psk\n"},
	/* Interfaces: whole ones. */
	{"'interfaces':[{" IF_AGENT "}]", "'interfaces':[]", "interfaces[agent]: - -> 1.1.1.1:10050\n"},
	{"'interfaces':[]", "'interfaces':[{" IF_SNMP ",'interfaceid':3,'snmp':{'version':2,'bulk':true,'community':'{$C}'}}]",
	 "interfaces[snmp]: 1.1.1.1:161 SNMPv2 -> -\n"},
	{"'interfaces':[{" IF_AGENT "},{'type':'agent','main':false,'useip':true,'ip':'::1','dns':'x','port':'1'}]", "'interfaces':[]",
	 "interfaces[agent]: - -> 1.1.1.1:10050\ninterfaces[agent#2]: - -> [::1]:1\n"},
	{"'interfaces':[{'type':'ipmi','main':true,'useip':false,'ip':'::1','dns':'x','port':'1'}]",
	 "'interfaces':[{'interfaceid':5,'type':'jmx','main':true,'useip':true,'ip':'2','dns':'x','port':'1'}]",
	 "interfaces[ipmi]: - -> x:1\ninterfaces[jmx]: 2:1 -> -\n"},
	/* One without an id is a new one beside one that has an id; the same by id is changed in place. */
	{"'interfaces':[{" IF_AGENT "}]", "'interfaces':[{'interfaceid':3," IF_AGENT "}]",
	 "interfaces[agent]: - -> 1.1.1.1:10050\ninterfaces[agent]: 1.1.1.1:10050 -> -\n"},
	{"'interfaces':[{" IF_AGENT "}]", "'interfaces':[{" IF_AGENT "}]", ""},
	{"'interfaces':[{'interfaceid':3,'type':'agent','main':true,'useip':false,'ip':'2','dns':'n','port':'7'}]",
	 "'interfaces':[{'interfaceid':3," IF_AGENT "}]",
	 "interfaces[agent].useip: true -> false\ninterfaces[agent].ip: 1.1.1.1 -> 2\ninterfaces[agent].dns:  -> n\n"
	 "interfaces[agent].port: 10050 -> 7\n"},
	{"'interfaces':[{'interfaceid':3," IF_AGENT
	 "},{'interfaceid':4,'type':'agent','main':false,'useip':true,'ip':'2','dns':'','port':'1'}]",
	 "'interfaces':[{'interfaceid':4,'type':'agent','main':true,'useip':true,'ip':'2','dns':'','port':'1'},"
	 "{'interfaceid':3,'type':'agent','main':false,'useip':true,'ip':'1.1.1.1','dns':'','port':'10050'}]",
	 "interfaces[agent].main: false -> true\ninterfaces[agent#2].main: true -> false\n"},
	{"'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{'version':2,'bulk':false,'community':'{$C}'}}]",
	 "'interfaces':[{'interfaceid':3," IF_AGENT "}]", "interfaces[snmp].type: agent -> snmp\ninterfaces[snmp].port: 10050 -> 161\n"},
	/* SNMP. */
	{"'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{'version':2,'bulk':false,'max_repetitions':9,'community':{'digest':'E'}}}]",
	 "'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{'version':1,'bulk':true,'community':{'digest':'D'}}}]",
	 "interfaces[snmp].version: 1 -> 2\ninterfaces[snmp].bulk: true -> false\ninterfaces[snmp].max_repetitions: 0 -> 9\n"
	 "interfaces[snmp].community: *** -> *** (changed)\n"},
	{"'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{'version':2,'bulk':true,'community':'{$C}'}}]",
	 "'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{'version':2,'bulk':true,'max_repetitions':9,'community':{'digest':'D'}}}]",
	 "interfaces[snmp].community: *** -> {$C}\n"},
	{"'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{'version':2,'bulk':true,'community':{'digest':'D'}}}]",
	 "'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{'version':2,'bulk':true,'community':''}}]",
	 "interfaces[snmp].community:  -> ***\n"},
	{"'interfaces':[{'interfaceid':3," IF_SNMP
	 ",'snmp':{'version':3,'bulk':true,'contextname':'c','securityname':'s','securitylevel':'authPriv',"
	 "'authprotocol':'SHA256','authpassphrase':{'digest':'1'},'privprotocol':'AES256','privpassphrase':{'digest':'2'}}}]",
	 "'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{" SNMP3 ",'securitylevel':'noAuthNoPriv'}}]",
	 "interfaces[snmp].contextname:  -> c\ninterfaces[snmp].securityname:  -> s\ninterfaces[snmp].securitylevel: noAuthNoPriv -> "
	 "authPriv\n"
	 "interfaces[snmp].authprotocol: MD5 -> SHA256\ninterfaces[snmp].authpassphrase:  -> ***\n"
	 "interfaces[snmp].privprotocol: DES -> AES256\ninterfaces[snmp].privpassphrase:  -> ***\n"},
	{"'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{" SNMP3 "," AUTH ":{'digest':'2'}}}]",
	 "'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{" SNMP3 "," AUTH ":{'digest':'1'}}}]",
	 "interfaces[snmp].authpassphrase: *** -> *** (changed)\n"},
	{"'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{" SNMP3 "," PRIV ":{'digest':'2'}}}]",
	 "'interfaces':[{'interfaceid':3," IF_SNMP ",'snmp':{" SNMP3 "," PRIV ":{'digest':'2'}}}]", ""},
	/* Creation. */
	{"'host':'h','name':'h','status':'monitored','description':'','groups':['G'],'templates':['T'],'interfaces':[{" IF_AGENT "}],"
	 "'proxy':{'monitored_by':'server'},'tags':[{'tag':'t','value':'v'}],'macros':[" MACRO(
		 "{$A}", "secret", "{'digest':'D'}") "],"
						     "'inventory':{'mode':'manual','fields':{'os':'x'}},'owner':'o'",
	 NULL,
	 "host: - -> h\nname: - -> h\nstatus: - -> monitored\ngroups: - -> G\ntemplates: - -> T\ninterfaces[agent]: - -> 1.1.1.1:10050\n"
	 "tags[t]: - -> v\nmacros[{$A}].value: - -> ***\nmacros[{$A}].type: - -> secret\nmacros[{$ZYNC.OWNER}].value: - -> o\n"
	 "inventory_mode: - -> manual\ninventory[os]: - -> x\n"},
	{"'status':'disabled','proxy':{'monitored_by':'proxy','name':'p'},'description':'d'", NULL,
	 "status: - -> disabled\ndescription: - -> d\nproxy: - -> proxy p\n"},
	{"'owner':'o'", NULL, "macros[{$ZYNC.OWNER}].value: - -> o\n"},
	{"", NULL, ""},
};

static void diff_cases(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_diff diff;
		assert_int_equal(zync_host_diff(test_host(arena, cases[i].target), test_host(arena, cases[i].actual), arena, &diff, NULL),
				 ZYNC_OK);
		const char *text = test_diff_text(arena, &diff);
		if (strcmp(text, cases[i].changes) != 0)
			fail_msg("case %zu: %s\nagainst %s\ngives\n%s", i, cases[i].target,
				 cases[i].actual != NULL ? cases[i].actual : "nothing", text);
	}
}

/* Plain secrets are not shown, whether or not a digest was computed. */
static void diff_hides(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_interface new_interface = {
		.type = ZYNC_INTERFACE_SNMP, .interfaceid = 1, .snmp = {.version = 2, .community = {.plain = "hush"}}};
	struct zync_interface old_interface = {
		.type = ZYNC_INTERFACE_SNMP, .interfaceid = 1, .snmp = {.version = 2, .community = {.plain = "public"}}};
	struct zync_macro new_macro = {.macro = "{$A}", .type = ZYNC_MACRO_SECRET, .value = {.plain = "{$HUSH}"}, .description = ""};
	struct zync_host target = {.interfaces = {&new_interface, 1}, .macros = {&new_macro, 1}},
			 actual = {.interfaces = {&old_interface, 1}};
	target.managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS);
	struct zync_diff diff;
	assert_int_equal(zync_host_diff(&target, &actual, arena, &diff, NULL), ZYNC_OK);
	assert_string_equal(test_diff_text(arena, &diff), "interfaces[snmp].community: *** -> *** (changed)\nmacros[{$A}].value: - -> ***\n"
							  "macros[{$A}].type: - -> secret\n");
}

TEST_GROUP(test_diff, cmocka_unit_test(diff_cases), cmocka_unit_test(diff_hides));
