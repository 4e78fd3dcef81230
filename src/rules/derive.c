/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

/* The vectors hold what they are given as plain pointers; nobody writes through them. */
static enum zync_status derive_push(struct rules_run *run, struct zync_vec *vec, const struct rules_mapping *mapping)
{
	union {
		const struct rules_mapping *in;
		void *out;
	} item = {.in = mapping};

	return zync_vec_push(vec, item.out, run->err);
}

/* A mapping counts, and the bundles that it uses just before it. Compiling has seen to it that bundles use each other without a circle. */
static enum zync_status derive_add(struct rules_run *run, const struct rules_mapping *mapping)
{
	for (size_t i = 0; i < mapping->bundle_count; i++)
		ZYNC_TRY(derive_add(run, mapping->bundles[i]));
	return derive_push(run, &run->matched, mapping);
}

bool rules_beats(const struct rules_mapping *mapping, const struct rules_mapping *best)
{
	return best == NULL || mapping->condition_count > best->condition_count;
}

/* combine: first - the others are remembered for explain. */
static enum zync_status derive_first(struct rules_run *run)
{
	const struct rules_mapping *best = NULL;

	for (size_t i = 0; i < run->rules->mapping_count; i++) {
		const struct rules_mapping *m = &run->rules->mappings[i];
		const struct rules_mapping *loser = m;
		bool matches = false;

		/* What cannot win need not be compared, unless it is to be told of. */
		if (!run->explain && !rules_beats(m, best))
			continue;
		ZYNC_TRY(rules_match(run, m, &matches));
		if (!matches)
			continue;
		if (rules_beats(m, best)) {
			loser = best;
			best = m;
		}
		if (loser != NULL)
			ZYNC_TRY(derive_push(run, &run->passed_over, loser));
	}
	return best == NULL ? ZYNC_OK : derive_add(run, best);
}

static enum zync_status derive_matches(struct rules_run *run)
{
	if (run->rules->config->rules.combine == ZYNC_COMBINE_FIRST)
		return derive_first(run);
	for (size_t i = 0; i < run->rules->mapping_count; i++) {
		bool matches = false;

		ZYNC_TRY(rules_match(run, &run->rules->mappings[i], &matches));
		if (matches)
			ZYNC_TRY(derive_add(run, &run->rules->mappings[i]));
	}
	return ZYNC_OK;
}

/* What the status map says of the object, before any mapping. */
static enum zync_status derive_status(struct rules_run *run, const char **ret_status)
{
	const struct zync_jval *status = run->object->member(run->object->ctx, NULL, "status");
	const struct zync_jval *value = zync_jval_type(status) == ZYNC_JSON_OBJECT ? zync_jval_get(status, "value") : status;
	const char *text = zync_jval_str(value);
	const char *label = zync_jval_get_str(status, "label");
	unsigned which = rules_is_vm(run->object) ? 1 : 0;

	*ret_status = text != NULL ? text : "";
	run->out->verdict = ZYNC_VERDICT_MONITORED;
	for (size_t i = 0; i < run->rules->status[which].len; i++) {
		const struct rules_status *row = &run->rules->status[which].items[i];

		if ((text == NULL || !zync_str_eq_nocase(row->status, text)) && (label == NULL || !zync_str_eq_nocase(row->status, label)))
			continue;
		run->out->verdict = row->verdict;
		if (row->verdict == ZYNC_VERDICT_MONITORED)
			return ZYNC_OK;
		run->out->reason =
			zync_arena_printf(run->arena, "status \"%s\" is mapped to %s", *ret_status, zync_verdict_name(row->verdict));
		return run->out->reason != NULL ? ZYNC_OK : rules_nomem(run);
	}
	return ZYNC_OK;
}

static enum zync_status derive_verdict(struct rules_run *run)
{
	struct rules_pick pick;
	const char *status = "";
	int value = 0;

	ZYNC_TRY(derive_status(run, &status));
	ZYNC_TRY(rules_pick_single(run, RULES_STATE, &pick));
	if (zync_str_empty(pick.value))
		return rules_origin_default(run, "status", zync_verdict_name(run->out->verdict), "status");
	if (!rules_choice_find(&rules_states, pick.value, &value))
		return rules_fail(run, "state (mapping \"%s\", line %u): \"%s\" is none of %s", pick.mapping->name,
				  pick.text->cfg->pos.line, rules_shown(pick.text, pick.value), rules_states.allowed);
	run->out->verdict = (enum zync_verdict)value;
	run->out->reason = NULL;
	if (value != ZYNC_VERDICT_MONITORED) {
		run->out->reason = zync_arena_printf(run->arena, "mapping \"%s\" (line %u) sets state %s", pick.mapping->name,
						     pick.text->cfg->pos.line, zync_verdict_name(run->out->verdict));
		if (run->out->reason == NULL)
			return rules_nomem(run);
	}
	return rules_origin(run, "status", zync_verdict_name(run->out->verdict), pick.mapping, pick.text,
			    pick.overrode != NULL ? pick.overrode->name : "status");
}

static enum zync_status derive_server(struct rules_run *run)
{
	const struct zync_config *config = run->rules->config;
	const struct zync_cfg_zabbix *server;
	struct rules_pick pick;

	ZYNC_TRY(rules_pick_single(run, RULES_SERVER, &pick));
	server = zync_config_zabbix(config, zync_str_empty(pick.value) ? NULL : pick.value);
	if (server == NULL)
		return rules_fail(run, "zabbix_server: there is no server named \"%s\" under zabbix",
				  zync_str_empty(pick.value) ? "" : pick.value);
	run->out->server = zync_arena_strdup(run->arena, server->name);
	if (run->out->server == NULL)
		return rules_nomem(run);
	if (zync_str_empty(pick.value))
		return rules_origin_default(run, "server", run->out->server, "default");
	return rules_origin(run, "server", run->out->server, pick.mapping, pick.text, pick.overrode != NULL ? pick.overrode->name : NULL);
}

static const char *origin_overrode(const struct rules_pick *pick, const char *fallback)
{
	return pick->overrode != NULL ? pick->overrode->name : fallback;
}

/* NETBOX_ID17 says nothing of the kind of the object: of a device and a virtual machine of one id the second gets its suffix as of any name that is taken. */
static enum zync_status derive_technical_name(struct rules_run *run, const char *text)
{
	const char **ret = &run->out->host.host;

	if (run->rules->config->rules.illegal_names == ZYNC_ILLEGAL_NAMES_REPLACE)
		return zync_host_name_make_legal(text, run->object->type, run->object->id, run->arena, ret, run->err);
	if (zync_host_name_legal(text))
		*ret = zync_arena_strdup(run->arena, text);
	else
		*ret = zync_arena_printf(run->arena, "NETBOX_ID%llu", (unsigned long long)run->object->id);
	return *ret != NULL ? ZYNC_OK : rules_nomem(run);
}

/* Technical and visible name; *ret_named is false when there is nothing to make them from. */
static enum zync_status derive_names(struct rules_run *run, bool *ret_named)
{
	struct zync_host *host = &run->out->host;
	const char *name = run->object->name;
	struct rules_pick technical, visible;
	bool own_host, own_name;
	const char *text;

	ZYNC_TRY(rules_pick_single(run, RULES_HOST, &technical));
	ZYNC_TRY(rules_pick_single(run, RULES_NAME, &visible));
	own_host = !zync_str_empty(technical.value);
	own_name = !zync_str_empty(visible.value);
	text = own_host ? technical.value : name;
	*ret_named = !zync_str_empty(text);
	if (!*ret_named)
		return ZYNC_OK;
	ZYNC_TRY(derive_technical_name(run, text));
	run->out->default_name = !own_name;
	text = own_name ? visible.value : zync_str_empty(name) ? host->host : name;
	host->name = zync_arena_strndup(run->arena, text, zync_utf8_prefix(text, ZYNC_HOST_NAME_MAX));
	if (host->name == NULL)
		return rules_nomem(run);
	if (own_host)
		ZYNC_TRY(rules_origin(run, "host", host->host, technical.mapping, technical.text, origin_overrode(&technical, "default")));
	else
		ZYNC_TRY(rules_origin_default(run, "host", host->host, "default"));
	if (own_name)
		return rules_origin(run, "name", host->name, visible.mapping, visible.text, origin_overrode(&visible, "default"));
	return rules_origin_default(run, "name", host->name, "default");
}

static enum zync_status derive_description(struct rules_run *run)
{
	struct rules_pick pick;
	bool keep = true;

	ZYNC_TRY(rules_pick_single(run, RULES_DESCRIPTION, &pick));
	if (pick.value != NULL)
		ZYNC_TRY(rules_fit(run, pick.mapping, "description", ZYNC_DESCRIPTION_MAX, &pick.value, &keep, &pick.note));
	run->out->host.description = pick.value != NULL && keep ? pick.value : "";
	if (pick.value == NULL)
		return ZYNC_OK;
	return rules_origin_note(run, "description", run->out->host.description, pick.mapping, pick.text, origin_overrode(&pick, NULL),
				 pick.note);
}

/* Everything that a host has beyond its names. */
static enum zync_status derive_host(struct rules_run *run)
{
	struct zync_host *host = &run->out->host;
	struct zync_err err;
	enum zync_status status;

	host->managed = run->rules->managed;
	memcpy(host->own, run->rules->own, sizeof(host->own));
	host->status = run->out->verdict == ZYNC_VERDICT_DISABLED ? ZYNC_HOST_DISABLED : ZYNC_HOST_MONITORED;
	ZYNC_TRY(derive_description(run));
	ZYNC_TRY(rules_derive_groups(run));
	ZYNC_TRY(rules_derive_templates(run));
	ZYNC_TRY(rules_derive_interfaces(run));
	ZYNC_TRY(rules_derive_proxy(run));
	ZYNC_TRY(rules_derive_tags(run));
	ZYNC_TRY(rules_derive_macros(run));
	ZYNC_TRY(rules_derive_inventory(run));
	ZYNC_TRY(rules_derive_access(run));
	if (run->failure != NULL)
		return ZYNC_OK;
	status = zync_host_canonicalise(host, run->arena, &err);
	if (status == ZYNC_ERR_NOMEM) {
		zync_err_copy(run->err, &err);
		return status;
	}
	return status == ZYNC_OK ? ZYNC_OK : rules_fail(run, "%s", err.message);
}

static enum zync_status derive_object(struct rules_run *run)
{
	struct zync_rules_result *out = run->out;
	bool named = false;

	ZYNC_TRY(derive_matches(run));
	if (run->matched.len == 0) {
		out->verdict = ZYNC_VERDICT_SKIPPED;
		out->reason = "no mapping matches";
		return ZYNC_OK;
	}
	ZYNC_TRY(derive_verdict(run));
	ZYNC_TRY(derive_server(run));
	ZYNC_TRY(derive_names(run, &named));
	if (run->failure != NULL || out->verdict == ZYNC_VERDICT_SKIPPED || out->verdict == ZYNC_VERDICT_REMOVED)
		return ZYNC_OK;
	if (!named) {
		out->verdict = ZYNC_VERDICT_SKIPPED;
		out->reason = rules_is_vm(run->object) ? "the virtual machine has no name" : "the device has no name";
		return ZYNC_OK;
	}
	return derive_host(run);
}

static enum zync_status derive_names_of(struct rules_run *run, const struct zync_vec *mappings, const char ***ret, size_t *ret_count)
{
	const char **names = ZYNC_NEW_ARRAY(run->arena, const char *, mappings->len);

	if (names == NULL)
		return rules_nomem(run);
	for (size_t i = 0; i < mappings->len; i++)
		names[i] = ((const struct rules_mapping *)mappings->items[i])->name;
	*ret = names;
	*ret_count = mappings->len;
	return ZYNC_OK;
}

/* Hand over what was collected for explain. */
static enum zync_status derive_explain(struct rules_run *run)
{
	struct zync_rules_result *out = run->out;

	out->origins = ZYNC_NEW_ARRAY(run->arena, struct zync_rules_origin, run->origins.len);
	if (out->origins == NULL)
		return rules_nomem(run);
	for (size_t i = 0; i < run->origins.len; i++)
		out->origins[i] = *(const struct zync_rules_origin *)run->origins.items[i];
	out->origin_count = run->origins.len;
	ZYNC_TRY(derive_names_of(run, &run->matched, &out->matched, &out->matched_count));
	return derive_names_of(run, &run->passed_over, &out->passed_over, &out->passed_over_count);
}

enum zync_status zync_rules_derive(const struct zync_rules *rules, const struct zync_rules_object *object, bool explain,
				   struct zync_arena *arena, struct zync_rules_result *ret, struct zync_err *err)
{
	struct zync_rules_result out = {.verdict = ZYNC_VERDICT_SKIPPED};
	struct rules_run run = {.rules = rules,
				.object = object,
				.source = {.member = object->member, .ctx = object->ctx},
				.explain = explain,
				.arena = arena,
				.err = err,
				.out = &out};

	zync_vec_init(&run.matched, arena);
	zync_vec_init(&run.passed_over, arena);
	zync_vec_init(&run.per_hosts, arena);
	zync_vec_init(&run.origins, arena);
	out.host.owner = zync_arena_strdup(arena, object->owner);
	if (out.host.owner == NULL && object->owner != NULL)
		return rules_nomem(&run);
	ZYNC_TRY(derive_object(&run));
	if (run.failure != NULL) {
		out.verdict = ZYNC_VERDICT_FAILED;
		out.reason = run.failure;
		out.no_address = run.missing_addresses == run.failures;
	}
	if (explain)
		ZYNC_TRY(derive_explain(&run));
	*ret = out;
	return ZYNC_OK;
}
