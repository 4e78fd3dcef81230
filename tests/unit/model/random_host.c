/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "model_test.h"

#define ALL_ASPECTS (ZYNC_ASPECT_BIT(ZYNC_ASPECT_COUNT) - 1)

/* splitmix64 */
unsigned random_below(struct random *r, unsigned bound)
{
	uint64_t z = (r->state += 0x9E3779B97F4A7C15u);
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return (unsigned)((z ^ (z >> 31)) % bound);
}

static const char *const stock_names[] = {"A", "B", "C/D", "Z\xc3\xbcrich", "e"};
static const char *const stock_values[] = {"", "1", "2", "{$REF}", "hush-hush", "\xe4\xb8\xad\xe6\x96\x87"};
static const char *const stock_macros[] = {"{$A}", "{$B}", "{$A:ctx}", "{$SNMP_COMMUNITY}", "{$Z.9}"};
static const char *const stock_addresses[] = {"10.0.0.1", "10.0.0.2", "::1"};
static const char *const stock_ports[] = {"161", "10050", "{$PORT}"};
static const char *const stock_fields[] = {"alias", "os", "serialno_a", "type", "url_a"};

#define PICK(r, stock) ((stock)[random_below((r), (unsigned)ZYNC_ARRAY_LEN(stock))])

static void random_refs(struct random *r, struct zync_arena *arena, bool actual, struct zync_ref_list *list)
{
	list->len = random_below(r, 5);
	list->items = ZYNC_NEW_ARRAY(arena, struct zync_ref, list->len);
	for (size_t i = 0; i < list->len; i++) {
		unsigned n = random_below(r, (unsigned)ZYNC_ARRAY_LEN(stock_names));
		list->items[i] = (struct zync_ref){.name = stock_names[n]};
		/* One id for one name, as a catalogue gives them. */
		if (actual || random_below(r, 2) == 0)
			list->items[i].id = n + 1;
	}
}

static struct zync_sensitive random_sensitive(struct random *r)
{
	return (struct zync_sensitive){.plain = PICK(r, stock_values)};
}

static void random_interfaces(struct random *r, struct zync_arena *arena, bool actual, struct zync_host *host)
{
	bool main[5] = {false};
	host->interfaces.len = random_below(r, 6);
	host->interfaces.items = ZYNC_NEW_ARRAY(arena, struct zync_interface, host->interfaces.len);
	for (size_t i = 0; i < host->interfaces.len; i++) {
		struct zync_interface *interface = &host->interfaces.items[i];
		*interface = (struct zync_interface){
			.interfaceid = actual ? i + 100 : 0,
			.type = (enum zync_interface_type)(1 + random_below(r, 4)),
			.useip = random_below(r, 2) == 0,
			.ip = PICK(r, stock_addresses),
			.dns = random_below(r, 2) == 0 ? "" : "a.example",
			.port = PICK(r, stock_ports),
		};
		/* The first of a type is the default one, so that another order of the list does not matter. */
		interface->main = !main[interface->type];
		main[interface->type] = true;
		if (interface->type != ZYNC_INTERFACE_SNMP)
			continue;
		interface->snmp = (struct zync_snmp){
			.version = 1 + random_below(r, 3),
			.bulk = random_below(r, 2) == 0,
			/* Zabbix 6.4 and newer always has a number. */
			.max_repetitions = actual ? 1 + random_below(r, 2) : random_below(r, 3),
			.community = random_sensitive(r),
			.contextname = PICK(r, stock_names),
			.securityname = PICK(r, stock_names),
			.securitylevel = random_below(r, 3),
			.authprotocol = random_below(r, 6),
			.authpassphrase = random_sensitive(r),
			.privprotocol = random_below(r, 6),
			.privpassphrase = random_sensitive(r),
		};
	}
}

static void random_macros(struct random *r, struct zync_arena *arena, bool actual, struct zync_host *host)
{
	host->macros.items = ZYNC_NEW_ARRAY(arena, struct zync_macro, ZYNC_ARRAY_LEN(stock_macros));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(stock_macros); i++) {
		if (random_below(r, 2) == 0)
			continue;
		struct zync_macro *macro = &host->macros.items[host->macros.len++];
		*macro = (struct zync_macro){.hostmacroid = actual ? i + 200 : 0,
					     .macro = stock_macros[i],
					     .type = (enum zync_macro_type)random_below(r, 3),
					     .value = random_sensitive(r),
					     .description = PICK(r, stock_values)};
	}
}

static void random_tags_inventory(struct random *r, struct zync_arena *arena, bool actual, struct zync_host *host)
{
	host->tags.len = random_below(r, 6);
	host->tags.items = ZYNC_NEW_ARRAY(arena, struct zync_tag, host->tags.len);
	for (size_t i = 0; i < host->tags.len; i++)
		host->tags.items[i] = (struct zync_tag){.tag = PICK(r, stock_names), .value = PICK(r, stock_values)};
	host->inventory_mode = (enum zync_inventory_mode)((int)random_below(r, 3) - 1);
	host->inventory.items = ZYNC_NEW_ARRAY(arena, struct zync_inventory_field, ZYNC_ARRAY_LEN(stock_fields));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(stock_fields); i++) {
		if (random_below(r, 2) == 0)
			continue;
		const char *value = !actual && random_below(r, 4) == 0 ? NULL : PICK(r, stock_values);
		host->inventory.items[host->inventory.len++] = (struct zync_inventory_field){.field = stock_fields[i], .value = value};
	}
}

static void random_ipmi_tls(struct random *r, bool actual, struct zync_host *host)
{
	static const int authtypes[] = {-1, 0, 1, 2, 4, 5, 6};
	static const unsigned connects[] = {0, 1, 2, 4};
	host->ipmi = (struct zync_ipmi){.authtype = PICK(r, authtypes),
					.privilege = random_below(r, 6),
					.username = PICK(r, stock_values),
					.password = random_sensitive(r)};
	host->tls = (struct zync_tls){.connect = PICK(r, connects),
				      .accept = random_below(r, 8),
				      .psk_identity = PICK(r, stock_names),
				      .psk = random_sensitive(r),
				      .issuer = PICK(r, stock_values),
				      .subject = PICK(r, stock_values)};
	/* Zabbix does not tell, and Zync may not know. */
	if (actual && random_below(r, 2) == 0) {
		host->tls.psk_identity = NULL;
		host->tls.psk = (struct zync_sensitive){0};
	}
}

void random_host(struct random *r, struct zync_arena *arena, bool actual, struct zync_host *ret)
{
	*ret = (struct zync_host){
		.managed = actual ? ALL_ASPECTS : random_below(r, ALL_ASPECTS + 1),
		.hostid = actual ? 1 + random_below(r, 1000) : 0,
		.host = PICK(r, stock_names),
		.name = random_below(r, 3) == 0 ? "" : PICK(r, stock_names),
		.status = (enum zync_host_status)random_below(r, 2),
		.description = PICK(r, stock_values),
		.monitored_by = (enum zync_monitored_by)random_below(r, 3),
		.proxy = {"p1", actual ? 1 : 0},
		.proxy_group = {"g1", actual ? 1 : 0},
		.owner = random_below(r, 2) == 0 && actual ? NULL : "nb:device:1",
	};
	ret->owner_hostmacroid = actual && ret->owner != NULL ? 300 : 0;
	for (size_t i = 0; !actual && i < ZYNC_ASPECT_COUNT; i++)
		ret->own[i] = (enum zync_ownership)random_below(r, 3);
	random_refs(r, arena, actual, &ret->groups);
	random_refs(r, arena, actual, &ret->templates);
	random_interfaces(r, arena, actual, ret);
	random_macros(r, arena, actual, ret);
	random_tags_inventory(r, arena, actual, ret);
	random_ipmi_tls(r, actual, ret);
}

static void random_shuffle_list(struct random *r, void *items, size_t len, size_t size)
{
	char *at = items, spare[256];
	assert_true(size <= sizeof(spare));
	for (size_t i = len; i > 1; i--) {
		size_t j = random_below(r, (unsigned)i);
		memcpy(spare, at + (i - 1) * size, size);
		memmove(at + (i - 1) * size, at + j * size, size);
		memcpy(at + j * size, spare, size);
	}
}

void random_shuffle(struct random *r, struct zync_host *host)
{
	random_shuffle_list(r, host->groups.items, host->groups.len, sizeof(*host->groups.items));
	random_shuffle_list(r, host->templates.items, host->templates.len, sizeof(*host->templates.items));
	random_shuffle_list(r, host->interfaces.items, host->interfaces.len, sizeof(*host->interfaces.items));
	random_shuffle_list(r, host->tags.items, host->tags.len, sizeof(*host->tags.items));
	random_shuffle_list(r, host->macros.items, host->macros.len, sizeof(*host->macros.items));
	random_shuffle_list(r, host->inventory.items, host->inventory.len, sizeof(*host->inventory.items));
}
