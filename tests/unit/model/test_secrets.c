/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "model/model_priv.h"
#include "model_test.h"

struct secrets_host {
	struct zync_macro macros[4];
	struct zync_interface interfaces[3];
	struct zync_host host;
};

/* Macros: a secret one, a secret one that is a reference, a text, one whose value is not known. Interfaces: agent, SNMPv2, SNMPv3. */
static void secrets_host(struct secrets_host *s)
{
	*s = (struct secrets_host){
		.macros = {{.macro = "{$A}", .type = ZYNC_MACRO_SECRET, .value = {.plain = "hush"}},
			   {.macro = "{$B}", .type = ZYNC_MACRO_SECRET, .value = {.plain = "{$A}"}},
			   {.macro = "{$C}", .value = {.plain = "hush"}},
			   {.macro = "{$D}", .type = ZYNC_MACRO_SECRET, .value = {.digest = "known"}}},
		.interfaces = {{.type = ZYNC_INTERFACE_AGENT, .ip = "3"},
			       {.type = ZYNC_INTERFACE_SNMP,
				.ip = "1",
				.main = true,
				.snmp = {.version = 2, .community = {.plain = "public", .digest = "old"}}},
			       {.type = ZYNC_INTERFACE_SNMP,
				.ip = "2",
				.snmp = {.version = 3,
					 .securitylevel = 2,
					 .authpassphrase = {.plain = "{$AUTH}", .digest = "old"},
					 .privpassphrase = {.plain = "public"}}}},
	};
	s->host = (struct zync_host){
		.managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES) |
			   ZYNC_ASPECT_BIT(ZYNC_ASPECT_IPMI) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_TLS),
		.host = "h",
		.macros = {s->macros, 4},
		.interfaces = {s->interfaces, 3},
		.ipmi = {.privilege = 2, .password = {.plain = "hush"}},
		.tls = {.connect = ZYNC_TLS_PSK, .accept = ZYNC_TLS_PSK, .psk_identity = "id", .psk = {.plain = "0f0f"}}};
}

static void secrets_digests(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct secrets_host s;
	secrets_host(&s);
	/* The interface of an agent has no secrets, whatever stands there. */
	s.interfaces[0].snmp.community = (struct zync_sensitive){.plain = "x", .digest = "old"};
	assert_int_equal(zync_host_fill_digests(&s.host, test_ring(), arena, NULL), ZYNC_OK);
	char hex[ZYNC_DIGEST_HEX_SIZE];
	assert_int_equal(zync_keyring_digest(test_ring(), "macro", "hush", hex, NULL), ZYNC_OK);
	assert_string_equal(s.macros[0].value.digest, hex);
	assert_non_null(s.macros[1].value.digest);
	assert_null(s.macros[2].value.digest);
	assert_string_equal(s.macros[3].value.digest, "known");
	assert_int_equal(zync_keyring_digest(test_ring(), "snmp.community", "public", hex, NULL), ZYNC_OK);
	assert_string_equal(s.interfaces[1].snmp.community.digest, hex);
	assert_null(s.interfaces[2].snmp.authpassphrase.digest);
	assert_int_equal(zync_keyring_digest(test_ring(), "snmp.privpassphrase", "public", hex, NULL), ZYNC_OK);
	assert_string_equal(s.interfaces[2].snmp.privpassphrase.digest, hex);
	assert_null(s.interfaces[0].snmp.community.digest);
	assert_int_equal(zync_keyring_digest(test_ring(), "ipmi.password", "hush", hex, NULL), ZYNC_OK);
	assert_string_equal(s.host.ipmi.password.digest, hex);
	assert_int_equal(zync_keyring_digest(test_ring(), "tls.psk", "0f0f", hex, NULL), ZYNC_OK);
	assert_string_equal(s.host.tls.psk.digest, hex);
	s.interfaces[0].snmp = (struct zync_snmp){0};
	const char *text = test_host_text(arena, &s.host, ZYNC_HOST_JSON_DESIRED);
	assert_null(strstr(text, "public"));
	/* Once, as the value of the text macro. */
	assert_non_null(strstr(text, "hush"));
	assert_null(strstr(strstr(text, "hush") + 4, "hush"));
}

/* Interfaces that differ in their secret only: one order before and after the plain texts are forgotten. */
static void secrets_order(void **state ZYNC_UNUSED)
{
	static const char *const communities[] = {"a", "b", "c", "d", "e", "f", "g"};
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_interface items[ZYNC_ARRAY_LEN(communities)];
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(items); i++)
		items[i] = (struct zync_interface){
			.type = ZYNC_INTERFACE_SNMP, .main = i == 0, .snmp = {.version = 2, .community = {.plain = communities[i]}}};
	struct zync_host host = {.managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES), .interfaces = {items, ZYNC_ARRAY_LEN(items)}}, again;
	assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
	assert_int_equal(zync_host_fill_digests(&host, test_ring(), arena, NULL), ZYNC_OK);
	const char *text = test_host_text(arena, &host, ZYNC_HOST_JSON_DESIRED);
	assert_int_equal(zync_host_from_json(test_jval(arena, text), arena, &again, NULL), ZYNC_OK);
	assert_string_equal(test_host_text(arena, &again, ZYNC_HOST_JSON_DESIRED), text);
}

static const struct zync_jval *secrets_sealed(struct zync_arena *arena, const struct zync_host *host, const char **ret_text)
{
	struct zync_jb *b = zync_jb_new(arena);
	assert_non_null(b);
	struct zync_jnode *node = NULL;
	assert_int_equal(zync_host_seal_secrets(host, test_ring(), b, &node, NULL), ZYNC_OK);
	assert_int_equal(zync_jb_text(b, node, ZYNC_JSON_SORTED, arena, ret_text, NULL), ZYNC_OK);
	return test_jval(arena, *ret_text);
}

static void secrets_seal(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct secrets_host s;
	secrets_host(&s);
	s.interfaces[2].snmp.community.plain = "public"; /* the same secret twice is sealed once */
	const char *text = NULL;
	const struct zync_jval *sealed = secrets_sealed(arena, &s.host, &text);
	assert_int_equal(zync_jval_len(sealed), 6); /* hush, {$A}, public, public as a pass phrase, hush of IPMI, the key */
	assert_null(strstr(text, "0f0f"));
	assert_null(strstr(text, "hush"));
	assert_null(strstr(text, "public"));
	assert_int_equal(zync_host_fill_digests(&s.host, test_ring(), arena, NULL), ZYNC_OK);
	const char *json = test_host_text(arena, &s.host, ZYNC_HOST_JSON_DESIRED);

	struct zync_host again;
	assert_int_equal(zync_host_from_json(test_jval(arena, json), arena, &again, NULL), ZYNC_OK);
	assert_null(again.macros.items[0].value.plain);
	assert_int_equal(zync_host_unseal_secrets(&again, sealed, test_ring(), arena, NULL), ZYNC_OK);
	assert_string_equal(again.macros.items[0].value.plain, "hush");
	assert_string_equal(again.macros.items[1].value.plain, "{$A}");
	assert_string_equal(again.ipmi.password.plain, "hush");
	assert_string_equal(again.tls.psk.plain, "0f0f");
	assert_null(again.macros.items[3].value.plain);
	for (size_t i = 0; i < again.interfaces.len; i++) {
		const struct zync_snmp *snmp = &again.interfaces.items[i].snmp;
		if (snmp->version == 2)
			assert_string_equal(snmp->community.plain, "public");
		if (snmp->version == 3)
			assert_string_equal(snmp->privpassphrase.plain, "public");
	}
	/* Nothing sealed, and no object at all. */
	assert_int_equal(zync_host_from_json(test_jval(arena, json), arena, &again, NULL), ZYNC_OK);
	assert_int_equal(zync_host_unseal_secrets(&again, NULL, test_ring(), arena, NULL), ZYNC_OK);
	assert_null(again.macros.items[0].value.plain);
	struct zync_host empty = {0};
	assert_int_equal(zync_jval_len(secrets_sealed(arena, &empty, &text)), 0);
	assert_string_equal(text, "{}");
}

static void secrets_other_key(void **state ZYNC_UNUSED)
{
	static const unsigned char key[32] = {9};
	ZYNC_AUTO_ARENA arena = test_arena();
	struct secrets_host s;
	secrets_host(&s);
	const char *text = NULL;
	const struct zync_jval *sealed = secrets_sealed(arena, &s.host, &text);
	assert_int_equal(zync_host_fill_digests(&s.host, test_ring(), arena, NULL), ZYNC_OK);
	s.macros[0].value.plain = NULL;
	struct zync_keyring *other = NULL;
	assert_int_equal(zync_keyring_new(key, &other, NULL), ZYNC_OK);
	struct zync_err err = {0};
	assert_int_equal(zync_host_unseal_secrets(&s.host, sealed, other, arena, &err), ZYNC_ERR_INVALID);
	test_expect(&err, ZYNC_ERR_INVALID, "secret text (macro) of host \"h\": ");
	assert_null(s.macros[0].value.plain);
	zync_keyring_free(other);
}

static void secrets_pushed(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct secrets_host s;
	secrets_host(&s);
	assert_int_equal(zync_host_fill_digests(&s.host, test_ring(), arena, NULL), ZYNC_OK);
	struct zync_jb *b = zync_jb_new(arena);
	assert_non_null(b);
	const char *text = NULL;
	assert_int_equal(zync_jb_text(b, zync_host_pushed_to_json(b, &s.host), ZYNC_JSON_SORTED, arena, &text, NULL), ZYNC_OK);
	const struct zync_jval *pushed = test_jval(arena, text);
	assert_int_equal(zync_jval_len(pushed), 5);
	assert_string_equal(zync_jval_get_str(pushed, "tls.psk"), s.host.tls.psk.digest);
	assert_string_equal(zync_jval_get_str(pushed, "tls.psk_identity"), "id");
	assert_string_equal(zync_jval_get_str(pushed, "{$A}"), s.macros[0].value.digest);
	assert_string_equal(zync_jval_get_str(pushed, "{$D}"), "known");

	/* As Zabbix gives them: no values. {$X} is not ours, {$C} was a text and is a secret now. */
	struct zync_macro macros[] = {{.macro = "{$A}", .type = ZYNC_MACRO_SECRET},
				      {.macro = "{$B}", .value = {.plain = "text"}},
				      {.macro = "{$C}", .type = ZYNC_MACRO_SECRET},
				      {.macro = "{$X}", .type = ZYNC_MACRO_SECRET, .value = {.digest = "stale"}}};
	struct zync_host actual = {.macros = {macros, 4}, .tls = {.connect = ZYNC_TLS_NONE, .accept = 3, .psk = {.digest = "stale"}}};
	zync_host_apply_pushed(&actual, pushed);
	assert_string_equal(actual.tls.psk.digest, s.host.tls.psk.digest);
	assert_string_equal(actual.tls.psk_identity, "id");
	assert_string_equal(macros[0].value.digest, s.macros[0].value.digest);
	assert_null(macros[1].value.digest);
	assert_null(macros[2].value.digest);
	assert_null(macros[3].value.digest);
	/* What a Zync wrote that knew of macros only. */
	zync_host_apply_pushed(&actual, test_jval(arena, "{'{$A}':'old'}"));
	assert_string_equal(macros[0].value.digest, "old");
	assert_null(actual.tls.psk.digest);
	assert_null(actual.tls.psk_identity);
	zync_host_apply_pushed(&actual, NULL);
	assert_null(macros[0].value.digest);
	/* Somebody switched the encryption off: there is no key any more. */
	actual.tls = (struct zync_tls){.connect = ZYNC_TLS_NONE, .accept = ZYNC_TLS_NONE, .psk_identity = "", .psk = {.plain = ""}};
	zync_host_apply_pushed(&actual, pushed);
	assert_null(actual.tls.psk.digest);
	assert_string_equal(actual.tls.psk_identity, "");
	/* Nothing to remember of a key that is not used or not known. */
	s.host.macros.len = 0;
	s.host.tls.connect = s.host.tls.accept = ZYNC_TLS_CERTIFICATE;
	assert_int_equal(zync_jb_text(b, zync_host_pushed_to_json(b, &s.host), ZYNC_JSON_SORTED, arena, &text, NULL), ZYNC_OK);
	assert_string_equal(text, "{}");
	s.host.tls = (struct zync_tls){.connect = ZYNC_TLS_PSK};
	assert_int_equal(zync_jb_text(b, zync_host_pushed_to_json(b, &s.host), ZYNC_JSON_SORTED, arena, &text, NULL), ZYNC_OK);
	assert_string_equal(text, "{}");
}

static void secrets_differ(void **state ZYNC_UNUSED)
{
	static const struct {
		struct zync_sensitive target, actual;
		bool differs;
	} cases[] = {
		{{NULL, "1"}, {NULL, "1"}, false},   {{NULL, "1"}, {NULL, "2"}, true},	  {{"x", "1"}, {"y", "1"}, false},
		{{"x", "1"}, {"x", "2"}, true},	     {{NULL, "1"}, {NULL, NULL}, true},	  {{"x", "1"}, {NULL, NULL}, true},
		{{"", NULL}, {"", NULL}, false},     {{"", NULL}, {"x", NULL}, true},	  {{"{$A}", NULL}, {"{$A}", NULL}, false},
		{{"{$A}", NULL}, {"x", "1"}, true},  {{"x", "1"}, {"{$A}", NULL}, true},  {{"x", "1"}, {"x", NULL}, false},
		{{NULL, "1"}, {"{$A}", NULL}, true}, {{"", NULL}, {NULL, "1"}, true},	  {{NULL, NULL}, {NULL, "1"}, false},
		{{NULL, NULL}, {"x", NULL}, false},  {{NULL, NULL}, {NULL, NULL}, false},
	};
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		if (zync_model_sensitive_differs(&cases[i].target, &cases[i].actual) != cases[i].differs)
			fail_msg("case %zu", i);
	}
}

TEST_GROUP(test_secrets, cmocka_unit_test(secrets_digests), cmocka_unit_test(secrets_order), cmocka_unit_test(secrets_seal),
	   cmocka_unit_test(secrets_other_key), cmocka_unit_test(secrets_pushed), cmocka_unit_test(secrets_differ));
