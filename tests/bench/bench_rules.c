/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules cost alone: hosts derived by one core with ten mappings and some twenty templates, objects that differ, an arena that is cleared after each host.
 *
 * usage: bench-rules [HOSTS [ROUNDS]]   (100000, 5)
 *
 * The floor in the same run is the mere reading of the objects' JSON, which a pull cannot avoid. Prints the median, least and greatest processor time of the rounds, the
 * time a host, the ratio to the floor, and how much memory the arena of a host took at most. No verdict: times depend on the machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/json.h"
#include "base/str.h"
#include "rules/rules.h"

#define OBJECTS	   1000
#define ROUNDS_MAX 99

static const char config_text[] =
	"netbox: {url: https://netbox.example.com, token: 0123456789abcdef0123456789abcdef01234567}\n"
	"zabbix: {url: https://zabbix.example.com, token: abcdefabcdefabcdefabcdefabcdefabcdefabcd}\n"
	"mappings:\n"
	"  - name: everything\n"
	"    set:\n"
	"      host_groups: [\"NetBox/{{ site.region.name }}/{{ site.name }}\", \"Roles/{{ role.name }}\"]\n"
	"      templates: [ICMP Ping, \"{{ device_type.manufacturer.name }} generic\"]\n"
	"      name: \"{{ name | upper }} ({{ site.slug }})\"\n"
	"      description: \"{{ site.name }}: {{ role.name | default(\\\"no role\\\") }}\"\n"
	"      interfaces: [{type: agent}]\n"
	"      tags: {site: \"{{ site.slug }}\", role: \"{{ role.slug | replace('-', '_') }}\", status: \"{{ status }}\", netbox: \"{{ "
	"tags }}\"}\n"
	"      macros: {\"{$SITE}\": \"{{ site.name | slug | upper }}\", \"{$SERIAL}\": \"{{ serial }}\"}\n"
	"      inventory: {location: \"{{ site.name }}\", serialno_a: \"{{ serial }}\", asset_tag: \"{{ asset_tag }}\", type: \"{{ "
	"device_type.model | truncate(60) }}\"}\n"
	"  - {name: switches, match: {role: switch}, set: {interfaces: [{type: snmp, version: 3, security_name: \"u-{{ site.slug }}\", "
	"security_level: authPriv, "
	"auth_passphrase: \"{$A}\", priv_passphrase: \"{$P}\"}], templates: [Switch]}}\n"
	"  - {name: core, match: {role: core-*, manufacturer: [cisco, arista]}, set: {templates: [Core], tags: {class: core}}}\n"
	"  - {name: linux, match: {platform: linux}, set: {templates: [Linux], macros: {\"{$OS}\": \"{{ platform.name }}\"}}}\n"
	"  - {name: europe, match: {region: europe}, set: {proxy: \"proxy-{{ site.slug }}\"}}\n"
	"  - {name: customers, match: {tenant_group: customers}, set: {host_groups: [\"Customers/{{ tenant.name }}\"], tags: {customer: "
	"\"{{ tenant.name }}\"}}}\n"
	"  - {name: critical, match: {tags: [critical]}, set: {tags: {critical: \"yes\"}}}\n"
	"  - {name: gold, match: {custom_fields: {sla: [gold, silver]}}, set: {tags: {sla: \"{{ custom_fields.sla }}\"}}}\n"
	"  - {name: berlin, match: {site: \"ber*\"}, set: {inventory: {notes: \"{{ custom_fields.room }}\"}}}\n"
	"  - {name: lab, match: {name: [\"lab-*\", \"test-*\"]}, set: {state: disabled}}\n";

static const struct zync_jval *bench_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	return zync_jval_get(parent == NULL ? ctx : parent, name);
}

static const char *bench_text(struct zync_arena *arena, unsigned i)
{
	static const char *const roles[] = {"switch", "core-switch", "router", "server"};
	static const char *const regions[] = {"europe", "americas", "asia"};
	static const char *const makers[] = {"cisco", "arista", "juniper", "dell"};
	const char *role = roles[i % 4], *region = regions[i % 3], *maker = makers[i / 4 % 4];
	unsigned site = i % 40;

	return zync_arena_printf(
		arena,
		"{\"id\":%u,\"name\":\"%s-%s-%05u\",\"status\":{\"value\":\"active\",\"label\":\"Active\"},\"serial\":\"SN%06u\",\"asset_"
		"tag\":%s,"
		"\"site\":{\"id\":%u,\"name\":\"Site %u\",\"slug\":\"%s%u\",\"region\":{\"name\":\"Area "
		"%u\",\"slug\":\"area-%u\",\"parent\":{\"name\":\"%s\","
		"\"slug\":\"%s\",\"parent\":null}}},"
		"\"role\":{\"name\":\"Role %s\",\"slug\":\"%s\",\"parent\":{\"name\":\"Network\",\"slug\":\"network\"}},"
		"\"platform\":{\"name\":\"OS %u\",\"slug\":\"%s\"},\"tenant\":{\"name\":\"Tenant "
		"%u\",\"slug\":\"t%u\",\"group\":{\"name\":\"Customers\",\"slug\":\"%s\"}},"
		"\"device_type\":{\"model\":\"Model %u\",\"slug\":\"m%u\",\"manufacturer\":{\"name\":\"Maker %s\",\"slug\":\"%s\"}},"
		"\"primary_ip\":{\"address\":\"10.%u.%u.%u/24\",\"dns_name\":\"h%u.example.net\"},"
		"\"tags\":[{\"name\":\"%s\",\"slug\":\"%s\"},{\"name\":\"Monitored\",\"slug\":\"monitored\"}],"
		"\"custom_fields\":{\"sla\":\"%s\",\"room\":\"R%u\",\"owner\":\"NOC\"},\"comments\":\"\"}",
		i + 1, role, site % 2 == 0 ? "ber" : "muc", i, i, i % 5 == 0 ? "null" : "\"A1\"", site, site, site % 2 == 0 ? "ber" : "muc",
		site, site % 10, site % 10, region, region, role, role, i % 3, i % 2 == 0 ? "linux" : "ios", i % 9, i % 9,
		i % 4 == 0 ? "customers" : "internal", i % 30, i % 30, maker, maker, i / 65536 % 256, i / 256 % 256, i % 256, i,
		i % 7 == 0 ? "Critical" : "Edge", i % 7 == 0 ? "critical" : "edge", i % 3 == 0 ? "gold" : "none", i % 50);
}

static double bench_seconds(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void bench_stop(const struct zync_err *err)
{
	fprintf(stderr, "bench-rules: %s\n", err->message);
	exit(1);
}

struct bench {
	struct zync_arena *arena, *scratch;
	struct zync_rules *rules;
	const char *texts[OBJECTS];
	const struct zync_jval *objects[OBJECTS];
	size_t used; /* most of one host */
	unsigned long hosts, monitored;
};

static double bench_parse(struct bench *b)
{
	double start = bench_seconds();
	struct zync_err err;

	for (unsigned long i = 0; i < b->hosts; i++) {
		const char *text = b->texts[i % OBJECTS];
		const struct zync_jval *v;

		zync_arena_clear(b->scratch);
		if (zync_json_parse(b->scratch, text, strlen(text), &v, &err) != ZYNC_OK)
			bench_stop(&err);
	}
	return bench_seconds() - start;
}

static double bench_derive(struct bench *b)
{
	double start = bench_seconds();
	struct zync_err err;

	b->monitored = 0;
	for (unsigned long i = 0; i < b->hosts; i++) {
		union {
			const struct zync_jval *in;
			void *out;
		} ctx = {.in = b->objects[i % OBJECTS]};
		struct zync_rules_object object = {.type = "device",
						   .id = i + 1,
						   .name = zync_jval_get_str(ctx.in, "name"),
						   .owner = "bench:device:1",
						   .member = bench_member,
						   .ctx = ctx.out};
		struct zync_rules_result result;

		zync_arena_clear(b->scratch);
		if (zync_rules_derive(b->rules, &object, /* explain= */ false, b->scratch, &result, &err) != ZYNC_OK)
			bench_stop(&err);
		b->monitored += result.verdict == ZYNC_VERDICT_MONITORED ? 1 : 0;
		b->used = ZYNC_MAX(b->used, zync_arena_used(b->scratch));
	}
	return bench_seconds() - start;
}

static int bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void bench_run(struct bench *b, unsigned long rounds)
{
	double parse[ROUNDS_MAX], derive[ROUNDS_MAX];
	struct rusage usage;

	for (unsigned long i = 0; i < rounds; i++) { /* the order changes */
		if (i % 2 == 0)
			parse[i] = bench_parse(b);
		derive[i] = bench_derive(b);
		if (i % 2 != 0)
			parse[i] = bench_parse(b);
	}
	qsort(parse, rounds, sizeof(*parse), bench_compare);
	qsort(derive, rounds, sizeof(*derive), bench_compare);
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		usage.ru_maxrss = 0;
	printf("%-44s %10s %10s %10s\n", "rules alone, one core", "median", "least", "greatest");
	printf("%-44s %10.3f %10.3f %10.3f\n", "derive, seconds", derive[rounds / 2], derive[0], derive[rounds - 1]);
	printf("%-44s %10.3f %10.3f %10.3f\n", "floor: parse the objects' JSON, seconds", parse[rounds / 2], parse[0], parse[rounds - 1]);
	printf("%lu hosts (%lu monitored), 10 mappings: %.1f µs a host, %.2f × the floor; at most %zu bytes of arena a host, %ld MB in "
	       "all\n",
	       b->hosts, b->monitored, derive[rounds / 2] * 1e6 / (double)b->hosts, derive[rounds / 2] / parse[rounds / 2], b->used,
	       usage.ru_maxrss / 1024);
}

static unsigned long bench_number(const char *text, unsigned long max)
{
	uint64_t number = 0;

	if (!zync_str_to_u64(text, &number) || number < 1 || number > max) {
		fprintf(stderr, "usage: bench-rules [HOSTS [ROUNDS]], a number from 1 to %lu each\n", max);
		exit(2);
	}
	return (unsigned long)number;
}

int main(int argc, char **argv)
{
	struct bench b = {.arena = zync_arena_new(0), .scratch = zync_arena_new(0)};
	unsigned long rounds = argc > 2 ? bench_number(argv[2], ROUNDS_MAX) : 5;
	ZYNC_AUTO_CONFIG config = NULL;
	struct zync_err err;

	b.hosts = argc > 1 ? bench_number(argv[1], 10000000) : 100000;
	if (b.arena == NULL || b.scratch == NULL ||
	    zync_config_parse("bench", config_text, strlen(config_text), &config, &err) != ZYNC_OK ||
	    zync_rules_compile(config, &b.rules, &err) != ZYNC_OK)
		bench_stop(&err);
	for (unsigned i = 0; i < OBJECTS; i++) {
		b.texts[i] = bench_text(b.arena, i);
		if (b.texts[i] == NULL || zync_json_parse(b.arena, b.texts[i], strlen(b.texts[i]), &b.objects[i], &err) != ZYNC_OK)
			bench_stop(&err);
	}
	bench_run(&b, rounds);
	zync_rules_free(b.rules);
	zync_arena_free(b.scratch);
	zync_arena_free(b.arena);
	return 0;
}
