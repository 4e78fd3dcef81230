/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/str.h"

const char *const test_device =
	"{\"type\":\"device\",\"id\":17,\"name\":\"core-sw1\",\"display\":\"core-sw1\",\"serial\":\"FOC1\",\"asset_tag\":null,\"comments\":"
	"\"\","
	"\"status\":{\"value\":\"active\",\"label\":\"Active\"},"
	"\"site\":{\"name\":\"Berlin HQ\",\"slug\":\"ber-hq\",\"group\":{\"name\":\"Campus "
	"West\",\"slug\":\"west\",\"parent\":{\"name\":\"Campus\","
	"\"slug\":\"campus\",\"parent\":null}},\"region\":{\"name\":\"Berlin\",\"slug\":\"ber\",\"parent\":{\"name\":\"Germany\",\"slug\":"
	"\"de\","
	"\"parent\":{\"name\":\"Europe\",\"slug\":\"eu\",\"parent\":null}}}},"
	"\"location\":{\"name\":\"Row 1\",\"slug\":\"row-1\",\"parent\":{\"name\":\"Hall 2\",\"slug\":\"hall-2\"}},"
	"\"role\":{\"name\":\"Core Switch\",\"slug\":\"core-switch\",\"parent\":{\"name\":\"Switch\",\"slug\":\"switch\"}},"
	"\"platform\":{\"name\":\"IOS XE\",\"slug\":\"ios-xe\",\"parent\":{\"name\":\"IOS\",\"slug\":\"ios\"}},"
	"\"device_type\":{\"model\":\"C9300-48P\",\"slug\":\"c9300-48p\",\"manufacturer\":{\"name\":\"Cisco\",\"slug\":\"cisco\"}},"
	"\"tenant\":{\"name\":\"ACME "
	"Corp\",\"slug\":\"acme\",\"group\":{\"name\":\"Gold\",\"slug\":\"gold\",\"parent\":{\"name\":\"Customers\","
	"\"slug\":\"customers\"}}},"
	"\"cluster\":null,"
	"\"primary_ip\":{\"address\":\"10.0.0.5/24\",\"dns_name\":\"core-sw1.example.net\"},"
	"\"primary_ip4\":{\"address\":\"10.0.0.5/24\",\"dns_name\":\"core-sw1.example.net\"},"
	"\"primary_ip6\":{\"address\":\"2001:db8::5/64\",\"dns_name\":\"\"},"
	"\"oob_ip\":{\"address\":\"192.0.2.5/32\",\"dns_name\":\"oob.example.net\"},"
	"\"tags\":[{\"name\":\"Monitoring\",\"slug\":\"mon\"},{\"name\":\"Edge Site\",\"slug\":\"edge\"}],"
	"\"custom_fields\":{\"level\":\"full\",\"select\":{\"value\":\"gold\",\"label\":\"Gold "
	"Plan\"},\"multi\":[{\"value\":\"a\",\"label\":\"Alpha\"},"
	"{\"value\":\"b\",\"label\":\"Beta\"}],\"on\":true,\"off\":false,\"number\":42,\"unset\":null,\"empty\":\"\",\"object\":{\"id\":3,"
	"\"display\":\"PX 1\",\"name\":\"px1\"},\"list\":[\"x\",\"y\"],\"odd.key\":\"dot\",\"shown\":{\"id\":4,\"display\":\"only "
	"display\"}},"
	"\"config_context\":{\"zabbix\":{\"profile\":\"linux\",\"deep\":{\"er\":[\"one\",\"two\"]},\"proxy\":\"px-ctx\"}}}";
const char *const test_vm =
	"{\"type\":\"vm\",\"id\":5,\"name\":\"web1\",\"status\":{\"value\":\"active\",\"label\":\"Active\"},\"site\":null,\"role\":null,"
	"\"platform\":null,\"tenant\":null,\"primary_ip\":null,\"tags\":[],\"custom_fields\":{},"
	"\"cluster\":{\"name\":\"vmware 1\",\"type\":{\"name\":\"vSphere\",\"slug\":\"vsphere\"},\"group\":{\"name\":\"Production\","
	"\"slug\":\"prod\"}}}";

static const char head[] =
	"netbox:\n"
	"  url: https://netbox.example.com\n"
	"  token: 0123456789abcdef0123456789abcdef01234567\n"
	"zabbix:\n"
	"  - name: main\n"
	"    url: https://zabbix.example.com\n"
	"    token: abcdefabcdefabcdefabcdefabcdefabcdefabcd\n"
	"  - name: second\n"
	"    url: https://zabbix2.example.com\n"
	"    token: abcdefabcdefabcdefabcdefabcdefabcdefabce\n"
	"ownership: {tags: merge, description: ignore}\n"
	"status: {device: {active: monitored, offline: disabled, decommissioning: removed, inventory: skipped, planned: disabled}}\n";

void world_init(struct world *w)
{
	*w = (struct world){.arena = zync_arena_new(0)};
	assert_non_null(w->arena);
}

static void world_forget(struct world *w)
{
	zync_rules_free(w->rules);
	zync_config_free(w->config);
	w->rules = NULL;
	w->config = NULL;
}

void world_done(struct world *w)
{
	world_forget(w);
	zync_arena_free(w->arena);
	zync_log_reset();
}

enum zync_status world_compile(struct world *w, const char *mappings)
{
	char *text = zync_arena_printf(w->arena, "%s%smappings:\n%s", head, w->sections != NULL ? w->sections : "", mappings);
	struct zync_rules *rules = NULL;
	enum zync_status status;

	assert_non_null(text);
	world_forget(w);
	if (zync_config_parse("test.yaml", text, strlen(text), &w->config, &w->err) != ZYNC_OK)
		fail_msg("the configuration itself is wrong: %s\n%s", w->err.message, text);
	w->config->path = "test.yaml"; /* as zync_config_load() does */
	status = zync_rules_compile(w->config, &rules, &w->err);
	if (status == ZYNC_OK)
		w->rules = rules;
	return status;
}

void world_rules(struct world *w, const char *mappings)
{
	if (world_compile(w, mappings) != ZYNC_OK)
		fail_msg("%s\n%s", w->err.message, mappings);
}

void world_rules_with(struct world *w, const char *sections, const char *mappings)
{
	w->sections = sections;
	world_rules(w, mappings);
}

static const struct zync_jval *world_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	const struct world *w = ctx;

	return zync_jval_get(parent == NULL ? w->object : parent, name);
}

void world_derive(struct world *w, const char *object_json, bool explain)
{
	struct zync_rules_object object = {.owner = "nb:device:17", .member = world_member, .ctx = w};
	const char *type;

	if (zync_json_parse(w->arena, object_json, strlen(object_json), &w->object, &w->err) != ZYNC_OK)
		fail_msg("%s: %s", w->err.message, object_json);
	type = zync_jval_get_str(w->object, "type");
	object.type = type;
	object.name = zync_jval_get_str(w->object, "name");
	object.display = zync_jval_get_str(w->object, "display");
	assert_true(zync_jval_to_u64(zync_jval_get(w->object, "id"), &object.id));
	if (zync_rules_derive(w->rules, &object, explain, w->arena, &w->result, &w->err) != ZYNC_OK)
		fail_msg("%s", w->err.message);
}

static void describe_interface(struct zync_buf *out, const struct zync_interface *i)
{
	const struct zync_snmp *s = &i->snmp;

	zync_buf_printf(out, "if[type=%d main=%d useip=%d ip=%s dns=%s port=%s", (int)i->type, i->main, i->useip, i->ip, i->dns, i->port);
	if (i->type == ZYNC_INTERFACE_SNMP)
		zync_buf_printf(out, " v=%u bulk=%d rep=%u comm=%s ctx=%s user=%s level=%u auth=%u:%s priv=%u:%s", s->version, s->bulk,
				s->max_repetitions, s->community.plain, s->contextname, s->securityname, s->securitylevel, s->authprotocol,
				s->authpassphrase.plain, s->privprotocol, s->privpassphrase.plain);
	zync_buf_adds(out, "] ");
}

static void describe_refs(struct zync_buf *out, const char *what, const struct zync_ref_list *list)
{
	zync_buf_printf(out, "%s=", what);
	for (size_t i = 0; i < list->len; i++)
		zync_buf_printf(out, "%s%s", i > 0 ? "," : "", list->items[i].name);
	zync_buf_adds(out, "; ");
}

static const char *shown(const char *text)
{
	return text != NULL ? text : "";
}

const char *world_host(struct world *w)
{
	const struct zync_host *h = &w->result.host;
	struct zync_buf out;
	const char *text;

	zync_buf_init(&out, 1u << 20);
	zync_buf_printf(&out, "host=%s; name=%s; status=%d; owner=%s; description=%s; ", h->host, h->name, (int)h->status, h->owner,
			h->description);
	describe_refs(&out, "groups", &h->groups);
	describe_refs(&out, "templates", &h->templates);
	for (size_t i = 0; i < h->interfaces.len; i++)
		describe_interface(&out, &h->interfaces.items[i]);
	zync_buf_printf(&out, "by=%d proxy=%s proxy_group=%s; tags=", (int)h->monitored_by, h->proxy.name == NULL ? "-" : h->proxy.name,
			h->proxy_group.name == NULL ? "-" : h->proxy_group.name);
	for (size_t i = 0; i < h->tags.len; i++)
		zync_buf_printf(&out, "%s%s:%s", i > 0 ? "," : "", h->tags.items[i].tag, h->tags.items[i].value);
	zync_buf_adds(&out, "; macros=");
	for (size_t i = 0; i < h->macros.len; i++)
		zync_buf_printf(&out, "%s%s:%s(%d)%s", i > 0 ? "," : "", h->macros.items[i].macro, h->macros.items[i].value.plain,
				(int)h->macros.items[i].type, h->macros.items[i].description);
	zync_buf_printf(&out, "; mode=%d; inventory=", (int)h->inventory_mode);
	for (size_t i = 0; i < h->inventory.len; i++)
		zync_buf_printf(&out, "%s%s:%s", i > 0 ? "," : "", h->inventory.items[i].field,
				h->inventory.items[i].value != NULL ? h->inventory.items[i].value : "(null)");
	zync_buf_printf(&out, "; ipmi=%d/%u %s:%s; tls=%u/%u %s:%s %s|%s;", h->ipmi.authtype, h->ipmi.privilege, shown(h->ipmi.username),
			shown(h->ipmi.password.plain), h->tls.connect, h->tls.accept, shown(h->tls.psk_identity), shown(h->tls.psk.plain),
			shown(h->tls.issuer), shown(h->tls.subject));
	assert_int_equal(out.failed, ZYNC_OK);
	text = zync_arena_strdup(w->arena, out.data);
	zync_buf_done(&out);
	assert_non_null(text);
	return text;
}

void assert_contains(const char *what, const char *text, const char *part)
{
	if (text == NULL || strstr(text, part) == NULL)
		fail_msg("%s\ngives     %s\nwithout   %s", what, text == NULL ? "(nothing)" : text, part);
}

const char *world_origin(struct world *w, const char *field)
{
	for (size_t i = 0; i < w->result.origin_count; i++) {
		const struct zync_rules_origin *o = &w->result.origins[i];

		if (strcmp(o->field, field) == 0)
			return zync_arena_printf(w->arena, "%s < %s@%u (%s)%s%s", o->value != NULL ? o->value : "(null)", o->rule,
						 o->pos.line, o->overrode == NULL ? "-" : o->overrode, o->note != NULL ? " " : "",
						 o->note != NULL ? o->note : "");
	}
	return NULL;
}

void add_json_text(struct zync_buf *out, const char *text)
{
	zync_buf_addc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			zync_buf_addc(out, '\\');
		zync_buf_addc(out, *text);
	}
	zync_buf_addc(out, '"');
}
