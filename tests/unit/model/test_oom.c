/* SPDX-License-Identifier: Apache-2.0 */
/* Each allocation of a piece of work fails in turn until it succeeds: NOMEM each time, the outputs untouched, no crash, no leak (valgrind watches). */
#include <string.h>

#include "model/names.h"
#include "model_test.h"

/* The inputs of all pieces, made before anything fails. */
struct oom {
	struct zync_arena *arena;
	struct zync_host desired, actual, other;
	const struct zync_jval *json[2];
	const struct zync_jval *sealed;
};

static void oom_make(struct oom *o)
{
	static const char *const texts[] = {
		"'host':'h','name':'n','status':'disabled','description':'d','groups':['A','B'],'templates':['T'],'proxy':{'monitored_by':'"
		"proxy','name':'p'},"
		"'interfaces':[{'type':'agent','main':true,'useip':true,'ip':'1','dns':'','port':'1'},{'type':'agent','main':false,'useip':"
		"true,'ip':'2','dns':'','port':'1'},"
		"{'type':'snmp','main':true,'useip':true,'ip':'1','dns':'','port':'1','snmp':{'version':3,'bulk':true,'max_repetitions':3,'"
		"contextname':'c','securityname':'s',"
		"'securitylevel':'authPriv','authprotocol':'MD5','authpassphrase':{'digest':'D'},'privprotocol':'DES','privpassphrase':'{$"
		"P}'}}],"
		"'tags':[{'tag':'a','value':'1'},{'tag':'b','value':'1'}],'macros':[{'macro':'{$A}','type':'text','description':'x','value'"
		":'1'},"
		"{'macro':'{$B}','type':'secret','description':'','value':{'digest':'D'}},{'macro':'{$C}','type':'vault','description':'','"
		"value':'x'}],"
		"'inventory':{'mode':'manual','fields':{'os':'1','type':'2','alias':null}},'owner':'o',"
		"'ipmi':{'authtype':'MD5','privilege':'user','username':'u','password':{'digest':'D'}},"
		"'tls':{'connect':'psk','accept':['none','psk','certificate'],'psk_identity':'i','psk':{'digest':'D'},'issuer':'I','"
		"subject':'S'}",
		"'hostid':7,'host':'x','name':'y','status':'monitored','description':'','groups':[{'name':'C','id':3}],'templates':[{'name'"
		":'U','id':3}],"
		"'proxy':{'monitored_by':'proxy_group','name':'g'},'interfaces':[{'interfaceid':3,'type':'agent','main':true,'useip':false,"
		"'ip':'5','dns':'d','port':'7'},"
		"{'interfaceid':4,'type':'snmp','main':true,'useip':true,'ip':'1','dns':'','port':'1','snmp':{'version':2,'bulk':false,'"
		"max_repetitions':10,"
		"'community':{'digest':'E'}}},{'interfaceid':5,'type':'jmx','main':true,'useip':true,'ip':'1','dns':'','port':'1'}],"
		"'tags':[{'tag':'a','value':'2'},{'tag':'a','value':'3'},{'tag':'c','value':'1'}],"
		"'macros':[{'macro':'{$A}','type':'secret','description':'','value':{'digest':'1'}},{'macro':'{$Z}','type':'text','"
		"description':'','value':'1'}],"
		"'inventory':{'mode':'automatic','fields':{'alias':'1'}},'owner':'p',"
		"'ipmi':{'authtype':'default','privilege':'admin','username':'v','password':''},"
		"'tls':{'connect':'none','accept':['psk'],'psk_identity':null,'psk':{'digest':null}},"
		"'ownership':{'tags':'merge','interfaces':'merge'}",
	};
	struct zync_arena *arena = o->arena;
	o->desired = *test_host(arena, texts[0]);
	o->other = *test_host(arena, texts[0]);
	o->actual = *test_host(arena, texts[1]);
	for (size_t i = 0; i < 2; i++)
		o->json[i] = test_jval(arena, zync_arena_printf(arena, "{'v':1,%s}", texts[i]));
	o->desired.macros.items[1].value = (struct zync_sensitive){.plain = "hush"};
	o->desired.interfaces.items[2].snmp.authpassphrase = (struct zync_sensitive){.plain = "hush too"};
	assert_int_equal(zync_host_fill_digests(&o->desired, test_ring(), arena, NULL), ZYNC_OK);
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *node = NULL;
	const char *text = NULL;
	assert_int_equal(zync_host_seal_secrets(&o->desired, test_ring(), b, &node, NULL), ZYNC_OK);
	assert_int_equal(zync_jb_text(b, node, 0, arena, &text, NULL), ZYNC_OK);
	o->sealed = test_jval(arena, text);
	for (size_t i = 0; i < ZYNC_ASPECT_COUNT; i++)
		o->desired.own[i] = ZYNC_OWN_MERGE;
}

static enum zync_status oom_copy(struct oom *o, struct zync_err *err)
{
	struct zync_host copy = {.hostid = 99};
	enum zync_status status = zync_host_copy(&o->desired, o->arena, &copy, err);
	assert_int_equal(copy.hostid, status == ZYNC_OK ? 0 : 99);
	return status;
}

static enum zync_status oom_read(struct oom *o, struct zync_err *err)
{
	struct zync_host host = {.hostid = 99};
	ZYNC_TRY(zync_host_from_json(o->json[0], o->arena, &host, err));
	assert_int_equal(host.hostid, 0);
	return zync_host_from_json(o->json[1], o->arena, &host, err);
}

static enum zync_status oom_target(struct oom *o, struct zync_err *err)
{
	struct zync_host target = {.hostid = 99};
	enum zync_status status = zync_host_target(&o->desired, &o->actual, &o->other, o->arena, &target, err);
	assert_int_equal(target.hostid, status == ZYNC_OK ? 7 : 99);
	return status;
}

static enum zync_status oom_diff(struct oom *o, struct zync_err *err)
{
	struct zync_diff diff = {.len = 99};
	enum zync_status status = zync_host_diff(&o->desired, &o->actual, o->arena, &diff, err);
	assert_true(status == ZYNC_OK || diff.len == 99);
	ZYNC_TRY(status);
	/* In place, so that every field of an interface differs; and the other way round. */
	struct zync_host target = {0};
	ZYNC_TRY(zync_host_target(&o->desired, &o->actual, NULL, o->arena, &target, err));
	ZYNC_TRY(zync_host_diff(&target, &o->actual, o->arena, &diff, err));
	ZYNC_TRY(zync_host_diff(&o->actual, &target, o->arena, &diff, err));
	return zync_host_diff(&o->desired, NULL, o->arena, &diff, err);
}

static enum zync_status oom_digests(struct oom *o, struct zync_err *err)
{
	return zync_host_fill_digests(&o->desired, test_ring(), o->arena, err);
}

static enum zync_status oom_seal(struct oom *o, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(o->arena);
	struct zync_jnode *node = NULL;
	if (b == NULL) /* building is base's, and allocates through the same functions */
		return zync_err_nomem(err, "testing");
	enum zync_status status = zync_host_seal_secrets(&o->desired, test_ring(), b, &node, err);
	assert_true((status == ZYNC_OK) == (node != NULL));
	const char *text = NULL; /* a failure inside the builder shows here */
	return status == ZYNC_OK ? zync_jb_text(b, node, 0, o->arena, &text, err) : status;
}

static enum zync_status oom_unseal(struct oom *o, struct zync_err *err)
{
	for (size_t i = 0; i < o->desired.macros.len; i++) {
		if (o->desired.macros.items[i].type == ZYNC_MACRO_SECRET)
			o->desired.macros.items[i].value.plain = NULL;
	}
	return zync_host_unseal_secrets(&o->desired, o->sealed, test_ring(), o->arena, err);
}

static enum zync_status oom_name(struct oom *o, struct zync_err *err)
{
	const char *name = NULL;
	ZYNC_TRY(zync_host_name_make_legal("legal", "device", 1, o->arena, &name, err));
	return zync_host_name_make_legal("a/b", "device", 1, o->arena, &name, err);
}

static void oom_all(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *name;
		enum zync_status (*work)(struct oom *o, struct zync_err *err);
		unsigned long at_least; /* allocations, so that the loop is known to have run */
	} pieces[] = {
		{"copy", oom_copy, 40},	     {"read", oom_read, 60}, {"target", oom_target, 8}, {"diff", oom_diff, 80},
		{"digests", oom_digests, 4}, {"seal", oom_seal, 8},  {"unseal", oom_unseal, 1}, {"name", oom_name, 2},
	};
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(pieces); i++) {
		unsigned long nth = 0;
		enum zync_status status = ZYNC_ERR_NOMEM;
		while (status != ZYNC_OK) {
			struct zync_err err = {0};
			struct oom o = {.arena = test_arena()};
			oom_make(&o);
			fault_arm(++nth);
			status = pieces[i].work(&o, &err);
			bool fired = fault_fired();
			fault_arm(0);
			zync_arena_free(o.arena);
			if (fired != (status != ZYNC_OK))
				fail_msg("%s: allocation %lu failed, and the status is %d", pieces[i].name, nth, (int)status);
			if (status != ZYNC_OK)
				test_expect(&err, ZYNC_ERR_NOMEM, "");
			assert_true(nth < 100000);
		}
		if (nth <= pieces[i].at_least)
			fail_msg("%s: only %lu allocations", pieces[i].name, nth - 1);
	}
}

/* The builder's own failure shows when the text is written; building goes on without a crash. */
static void oom_builder(void **state ZYNC_UNUSED)
{
	unsigned long failures = 0;
	for (size_t bound = 64; bound < 200000; bound += 256) {
		struct zync_arena *small = zync_arena_new(bound);
		struct oom o = {.arena = test_arena()};
		oom_make(&o);
		struct zync_jb *b = small != NULL ? zync_jb_new(small) : NULL;
		if (b != NULL) {
			struct zync_jnode *node = zync_host_to_json(b, &o.actual, ZYNC_HOST_JSON_ACTUAL);
			struct zync_jnode *pushed = zync_host_pushed_to_json(b, &o.actual);
			struct zync_jnode *sealed = NULL;
			enum zync_status seal = zync_host_seal_secrets(&o.desired, test_ring(), b, &sealed, NULL);
			const char *text = NULL;
			enum zync_status status = zync_jb_text(b, node, 0, o.arena, &text, NULL);
			failures += status != ZYNC_OK;
			assert_true(status == ZYNC_OK || text == NULL);
			assert_true(pushed == NULL || node != NULL);
			assert_true(seal == ZYNC_OK || seal == ZYNC_ERR_NOMEM);
		}
		zync_arena_free(small);
		zync_arena_free(o.arena);
	}
	assert_true(failures > 0);
}

TEST_GROUP(test_oom, cmocka_unit_test(oom_all), cmocka_unit_test(oom_builder));
