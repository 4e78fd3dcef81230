/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "model_test.h"

/* A host of everything, in the order that ZYNC_JSON_SORTED writes. */
#define FULL_TAIL                                                                  \
	"'inventory':{'fields':{'alias':'a','type':'switch'},'mode':'automatic'}," \
	"'ipmi':{'authtype':'MD5','password':{'digest':'D3'},'privilege':'operator','username':'u'},"
#define FULL_TLS                                                                                                                    \
	",'tls':{'accept':['psk','certificate'],'connect':'certificate','issuer':'CN=i','psk':{'digest':'D4'},'psk_identity':'id'," \
	"'subject':'CN=s'},'v':1}"
#define FULL_SNMP3                                                                                                             \
	"'snmp':{'authpassphrase':{'digest':'D1'},'authprotocol':'SHA512','bulk':true,'contextname':'c','max_repetitions':10," \
	"'privpassphrase':'{$P}','privprotocol':'AES256C','securitylevel':'authPriv','securityname':'u','version':3}"

static const char full_actual[] =
	"{'description':'d','flags':4,'groups':[{'id':2,'name':'A'},{'name':'B'}],'host':'h','hostid':18446744073709551615,"
	"'interfaces':[{'dns':'d.example','interfaceid':3,'ip':'','main':true,'port':'{$PORT}','type':'agent','useip':false},"
	"{'dns':'','interfaceid':4,'ip':'::1','main':true,'port':'161'," FULL_SNMP3 ",'type':'snmp','useip':true}]," FULL_TAIL
	"'macros':[{'description':'x','hostmacroid':5,'macro':'{$A}','type':'text','value':'1'},"
	"{'description':'','macro':'{$B}','type':'secret','value':{'digest':'D2'}},"
	"{'description':'','macro':'{$C}','type':'secret','value':{'digest':null}},"
	"{'description':'','macro':'{$D}','type':'vault','value':'path:key'}],"
	"'name':'n','owner':'nb:device:1','owner_hostmacroid':6,'proxy':{'id':7,'monitored_by':'proxy','name':'p'},'status':'disabled',"
	"'tags':[{'tag':'t','value':''}],'templates':[{'id':9,'name':'T'}]" FULL_TLS;

static const char full_desired[] =
	"{'description':'d','groups':['A','B'],'host':'h',"
	"'interfaces':[{'dns':'d.example','ip':'','main':true,'port':'{$PORT}','type':'agent','useip':false},"
	"{'dns':'','ip':'::1','main':true,'port':'161'," FULL_SNMP3 ",'type':'snmp','useip':true}]," FULL_TAIL
	"'macros':[{'description':'x','macro':'{$A}','type':'text','value':'1'},"
	"{'description':'','macro':'{$B}','type':'secret','value':{'digest':'D2'}},"
	"{'description':'','macro':'{$C}','type':'secret','value':{'digest':null}},"
	"{'description':'','macro':'{$D}','type':'vault','value':'path:key'}],"
	"'name':'n','owner':'nb:device:1','ownership':{},'proxy':{'monitored_by':'proxy','name':'p'},'status':'disabled',"
	"'tags':[{'tag':'t','value':''}],'templates':['T']" FULL_TLS;

static void json_both_forms(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_host host = {0}, again = {0};
	assert_int_equal(zync_host_from_json(test_jval(arena, full_actual), arena, &host, NULL), ZYNC_OK);
	assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_ACTUAL), full_actual);
	assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_DESIRED), full_desired);
	assert_int_equal(zync_host_from_json(test_jval(arena, full_desired), arena, &again, NULL), ZYNC_OK);
	assert_string_equal(test_host_text(arena, &again, ZYNC_HOST_JSON_DESIRED), full_desired);
	/* What was not written is not there. */
	assert_int_equal(again.hostid + again.flags + again.owner_hostmacroid + again.groups.items[0].id, 0);
	assert_int_equal(again.managed, ZYNC_ASPECT_BIT(ZYNC_ASPECT_COUNT) - 1);
}

/* Each text is a host as it stands, and is written again as the same text. */
static void json_parts(void **state ZYNC_UNUSED)
{
	static const char *const cases[] = {
		"{'ownership':{},'v':1}",
		"{'ownership':{},'v':1,'virtual_chassis':17}",
		"{'host':'h','ownership':{},'v':1}",
		"{'groups':[],'ownership':{'groups':'merge'},'v':1}",
		"{'macros':[],'ownership':{'macros':'ignore'},'v':1}",
		"{'ownership':{},'proxy':{'monitored_by':'server'},'v':1}",
		"{'ownership':{},'proxy':{'monitored_by':'proxy_group','name':'g'},'v':1}",
		"{'inventory':{'fields':{},'mode':'disabled'},'ownership':{},'v':1}",
		"{'inventory':{'fields':{'alias':null,'os':'','type':'x'},'mode':'manual'},'ownership':{},'v':1}",
		"{'ipmi':{'authtype':'default','password':'','privilege':'callback','username':''},'ownership':{'ipmi':'ignore'},'v':1}",
		"{'ipmi':{'authtype':'straight','password':'{$P}','privilege':'OEM','username':'{$U}'},'ownership':{},'v':1}",
		"{'ownership':{'tls':'merge'},'tls':{'accept':['none'],'connect':'none'},'v':1}",
		"{'ownership':{},'tls':{'accept':['none','psk'],'connect':'psk','psk':{'digest':null},'psk_identity':null},'v':1}",
		"{'ownership':{},'tls':{'accept':['none'],'connect':'certificate','issuer':'','subject':''},'v':1}",
		"{'interfaces':[{'dns':'','ip':'1','main':true,'port':'1','snmp':{'bulk':true,'community':'{$C}','version':2},'type':'snmp'"
		","
		"'useip':true}],'ownership':{},'v':1}",
		"{'interfaces':[{'dns':'','ip':'1','main':true,'port':'1','snmp':{'bulk':true,'community':'','version':1},'type':'snmp',"
		"'useip':true}],'ownership':{},'v':1}",
		"{'interfaces':[{'dns':'','ip':'1','main':true,'port':'1','snmp':{'bulk':true,'contextname':'','securitylevel':'"
		"noAuthNoPriv',"
		"'securityname':'','version':3},'type':'snmp','useip':true}],'ownership':{},'v':1}",
	};
	ZYNC_AUTO_ARENA arena = test_arena();
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_host host = {0};
		struct zync_err err = {0};
		if (zync_host_from_json(test_jval(arena, cases[i]), arena, &host, &err) != ZYNC_OK)
			fail_msg("%s: %s", cases[i], err.message);
		assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_DESIRED), cases[i]);
	}
}

/* A host that is not canonical in the document is when it was read. */
static void json_canonical(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_host *host = test_host(arena, "'host':'h','name':'','groups':['B','A','B']");
	assert_string_equal(test_host_text(arena, host, ZYNC_HOST_JSON_DESIRED),
			    "{'groups':['A','B'],'host':'h','name':'h','ownership':{},'v':1}");
}

/* Plain secrets are never written, also where nobody computed their digest; empty inventory fields are not content. */
static void json_never_plain(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_macro macro = {.macro = "{$A}", .type = ZYNC_MACRO_SECRET, .value = {.plain = "{$HUSH}"}};
	struct zync_interface interface = {.type = ZYNC_INTERFACE_SNMP, .snmp = {.version = 2, .community = {.plain = "hush"}}};
	struct zync_inventory_field field = {"type", ""};
	struct zync_host host = {.managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES) |
					    ZYNC_ASPECT_BIT(ZYNC_ASPECT_INVENTORY),
				 .macros = {&macro, 1},
				 .interfaces = {&interface, 1},
				 .inventory = {&field, 1}};
	assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_ACTUAL),
			    "{'interfaces':[{'dns':'','ip':'','main':false,'port':'','snmp':{'bulk':false,'community':{'digest':null},"
			    "'version':2},'type':'snmp','useip':false}],'inventory':{'fields':{},'mode':'manual'},"
			    "'macros':[{'description':'','macro':'{$A}','type':'secret','value':{'digest':null}}],'v':1}");
}

#define INTERFACE_HEAD "'type':'snmp','main':true,'useip':true,'ip':'','dns':'','port':''"

/* What is refused, and the words that say why. */
static const struct {
	const char *json;
	const char *why;
} json_refused_cases[] = {
	{"[]", "it is not an object"},
	{"{}", "version 0 is unknown to this Zync, which writes 1"},
	{"{'v':2}", "version 2 is unknown"},
	{"{'v':'1'}", "v is not a positive number"},
	{"{'v':1,'hots':'x'}", "member \"hots\" is unknown"},
	{"{'v':1,'hostid':'7'}", "hostid is not a positive number"},
	{"{'v':1,'hostid':-7}", "hostid is not a positive number"},
	{"{'v':1,'flags':4294967296}", "flags is not a number of at most 32 bits"},
	{"{'v':1,'host':7}", "host is not a string"},
	{"{'v':1,'name':null}", "name is not a string"},
	{"{'v':1,'description':[]}", "description is not a string"},
	{"{'v':1,'owner':7}", "owner is not a string"},
	{"{'v':1,'owner_hostmacroid':-1}", "owner_hostmacroid is not"},
	{"{'v':1,'status':'on'}", "status is not one of the known words"},
	{"{'v':1,'status':0}", "status is not one of the known words"},
	{"{'v':1,'groups':{}}", "groups is not an array"},
	{"{'v':1,'groups':['a',7]}", "groups[1] is not an object"},
	{"{'v':1,'groups':[{'id':7}]}", "groups[0].name is not a string"},
	{"{'v':1,'groups':[{'name':'a','id':'x'}]}", "groups[0].id is not"},
	{"{'v':1,'templates':[{'name':'a','uuid':'x'}]}", "member \"uuid\" of templates[0] is unknown"},
	{"{'v':1,'templates':7}", "templates is not an array"},
	{"{'v':1,'interfaces':7}", "interfaces is not an array"},
	{"{'v':1,'interfaces':[7]}", "interfaces[0] is not an object"},
	{"{'v':1,'interfaces':[{'interfaceid':'x'}]}", "interfaces[0].interfaceid is not"},
	{"{'v':1,'interfaces':[{}]}", "interfaces[0].type is not one"},
	{"{'v':1,'interfaces':[{'type':'agent'}]}", "interfaces[0].main is not true or false"},
	{"{'v':1,'interfaces':[{'type':'agent','main':true,'useip':1}]}", "interfaces[0].useip is not true or false"},
	{"{'v':1,'interfaces':[{'type':'agent','main':true,'useip':true}]}", "interfaces[0].ip is not a string"},
	{"{'v':1,'interfaces':[{'type':'agent','main':true,'useip':true,'ip':''}]}", "interfaces[0].dns is not a string"},
	{"{'v':1,'interfaces':[{'type':'agent','main':true,'useip':true,'ip':'','dns':''}]}", "interfaces[0].port is not a string"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD "}]}", "interfaces[0].snmp is not an object"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD ",'snmp':{'version':'2'}}]}", "interfaces[0].snmp.version is not"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD ",'snmp':{'version':2}}]}", "interfaces[0].snmp.bulk is not"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD ",'snmp':{'version':2,'bulk':true,'max_repetitions':-1}}]}",
	 "snmp.max_repetitions is not"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD ",'snmp':{'version':2,'bulk':true}}]}", "interfaces[0].snmp.community is not an object"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD ",'snmp':{'version':2,'bulk':true,'community':{'plain':'x'}}}]}",
	 "member \"plain\" of interfaces[0].snmp.community is unknown"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD ",'snmp':{'version':2,'bulk':true,'community':{'digest':7}}}]}",
	 "interfaces[0].snmp.community.digest is not a string"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD ",'snmp':{'version':3,'bulk':true}}]}", "snmp.contextname is not"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD ",'snmp':{'version':3,'bulk':true,'contextname':''}}]}", "snmp.securityname is not"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD ",'snmp':{'version':3,'bulk':true,'contextname':'','securityname':''}}]}",
	 "snmp.securitylevel is not"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD
	 ",'snmp':{'version':3,'bulk':true,'contextname':'','securityname':'','securitylevel':'authNoPriv'}}]}",
	 "snmp.authprotocol is not"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD
	 ",'snmp':{'version':3,'bulk':true,'contextname':'','securityname':'','securitylevel':'authNoPriv',"
	 "'authprotocol':'MD5'}}]}",
	 "snmp.authpassphrase is not"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD
	 ",'snmp':{'version':3,'bulk':true,'contextname':'','securityname':'','securitylevel':'authPriv',"
	 "'authprotocol':'MD5','authpassphrase':''}}]}",
	 "snmp.privprotocol is not"},
	{"{'v':1,'interfaces':[{" INTERFACE_HEAD
	 ",'snmp':{'version':3,'bulk':true,'contextname':'','securityname':'','securitylevel':'authPriv',"
	 "'authprotocol':'MD5','authpassphrase':'','privprotocol':'DES'}}]}",
	 "snmp.privpassphrase is not"},
	{"{'v':1,'proxy':'p'}", "proxy is not an object"},
	{"{'v':1,'proxy':{}}", "proxy.monitored_by is not one"},
	{"{'v':1,'proxy':{'monitored_by':'proxy'}}", "proxy.name is not a string"},
	{"{'v':1,'proxy':{'monitored_by':'proxy','name':'p','id':null}}", "proxy.id is not"},
	{"{'v':1,'tags':null}", "tags is not an array"},
	{"{'v':1,'tags':['x']}", "tags[0] is not an object"},
	{"{'v':1,'tags':[{'value':'x'}]}", "tags[0].tag is not a string"},
	{"{'v':1,'tags':[{'tag':'x'}]}", "tags[0].value is not a string"},
	{"{'v':1,'macros':'x'}", "macros is not an array"},
	{"{'v':1,'macros':[{'hostmacroid':-1}]}", "macros[0].hostmacroid is not"},
	{"{'v':1,'macros':[[]]}", "macros[0] is not an object"},
	{"{'v':1,'macros':[{}]}", "macros[0].macro is not"},
	{"{'v':1,'macros':[{'macro':'{$A}'}]}", "macros[0].type is not"},
	{"{'v':1,'macros':[{'macro':'{$A}','type':'text'}]}", "macros[0].description is not"},
	{"{'v':1,'macros':[{'macro':'{$A}','type':'text','description':'','value':{'digest':'x'}}]}", "macros[0].value is not a string"},
	{"{'v':1,'macros':[{'macro':'{$A}','type':'secret','description':'','value':7}]}", "macros[0].value is not an object"},
	{"{'v':1,'inventory':[]}", "inventory is not an object"},
	{"{'v':1,'ipmi':7}", "ipmi is not an object"},
	{"{'v':1,'ipmi':{'user':'x'}}", "member \"user\" of ipmi is unknown"},
	{"{'v':1,'ipmi':{'authtype':6}}", "ipmi.authtype is not one of the known words"},
	{"{'v':1,'ipmi':{'authtype':'none','privilege':'root'}}", "ipmi.privilege is not one of the known words"},
	{"{'v':1,'ipmi':{'authtype':'none','privilege':'user'}}", "ipmi.username is not a string"},
	{"{'v':1,'ipmi':{'authtype':'none','privilege':'user','username':''}}", "ipmi.password is not an object"},
	{"{'v':1,'tls':[]}", "tls is not an object"},
	{"{'v':1,'tls':{'key':'x'}}", "member \"key\" of tls is unknown"},
	{"{'v':1,'tls':{}}", "tls.connect is not one of the known words"},
	{"{'v':1,'tls':{'connect':'psk'}}", "tls.accept is not an array"},
	{"{'v':1,'tls':{'connect':'psk','accept':['x']}}", "tls.accept is not a list of the known words"},
	{"{'v':1,'tls':{'connect':'psk','accept':[2]}}", "tls.accept is not a list of the known words"},
	{"{'v':1,'tls':{'connect':'psk','accept':[]}}", "tls.psk_identity is not a string"},
	{"{'v':1,'tls':{'connect':'psk','accept':[],'psk_identity':7}}", "tls.psk_identity is not a string"},
	{"{'v':1,'tls':{'connect':'psk','accept':[],'psk_identity':'i'}}", "tls.psk is not an object"},
	{"{'v':1,'tls':{'connect':'psk','accept':[],'psk_identity':'i','psk':7}}", "tls.psk is not an object"},
	{"{'v':1,'tls':{'connect':'certificate','accept':[]}}", "tls.issuer is not a string"},
	{"{'v':1,'tls':{'connect':'none','accept':['certificate'],'issuer':''}}", "tls.subject is not a string"},
	{"{'v':1,'inventory':{'mode':0}}", "inventory.mode is not one"},
	{"{'v':1,'inventory':{'mode':'manual'}}", "inventory.fields is not an object"},
	{"{'v':1,'inventory':{'mode':'manual','fields':{'type':7}}}", "inventory field type is not a string"},
	{"{'v':1,'ownership':[]}", "ownership is not an object"},
	{"{'v':1,'ownership':{'tag':'merge'}}", "member \"tag\" of ownership is unknown"},
	{"{'v':1,'ownership':{'tags':'mine'}}", "ownership.tags is not one"},
};

static void json_refused(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(json_refused_cases); i++) {
		struct zync_host host = {.hostid = 99};
		struct zync_err err = {0};
		if (zync_host_from_json(test_jval(arena, json_refused_cases[i].json), arena, &host, &err) == ZYNC_OK)
			fail_msg("%s was accepted", json_refused_cases[i].json);
		test_expect(&err, ZYNC_ERR_PROTOCOL, json_refused_cases[i].why);
		test_expect(&err, ZYNC_ERR_PROTOCOL, "JSON of a host: ");
		assert_int_equal(host.hostid, 99);
	}
	struct zync_host host;
	struct zync_err err = {0};
	assert_int_equal(zync_host_from_json(test_jval(arena, "{'v':1,'inventory':{'mode':'manual','fields':{'os':'a','os':'b'}}}"), arena,
					     &host, &err),
			 ZYNC_ERR_REJECTED);
	test_expect(&err, ZYNC_ERR_REJECTED, "JSON of a host: host \"\": inventory field os is there twice");
	assert_int_equal(zync_host_from_json(NULL, arena, &host, &err), ZYNC_ERR_PROTOCOL);
}

/* An element of a high index still fits into the path of the message. */
static void json_long_path(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	ZYNC_AUTO_BUF text;
	zync_buf_init(&text, 1u << 24);
	zync_buf_adds(&text, "{'v':1,'tags':[");
	for (unsigned i = 0; i < 100000; i++)
		zync_buf_adds(&text, "{'tag':'a','value':'b'},");
	zync_buf_adds(&text, "7]}");
	assert_int_equal(zync_buf_check(&text, "text", NULL), ZYNC_OK);
	struct zync_host host;
	struct zync_err err = {0};
	assert_int_equal(zync_host_from_json(test_jval(arena, text.data), arena, &host, &err), ZYNC_ERR_PROTOCOL);
	test_expect(&err, ZYNC_ERR_PROTOCOL, "tags[100000] is not an object");
}

TEST_GROUP(test_json, cmocka_unit_test(json_both_forms), cmocka_unit_test(json_parts), cmocka_unit_test(json_canonical),
	   cmocka_unit_test(json_never_plain), cmocka_unit_test(json_refused), cmocka_unit_test(json_long_path));
