/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

static enum zync_status derive_matches(struct rules_run *run)
{
	for (size_t i = 0; i < run->rules->mapping_count; i++) {
		union {
			const struct rules_mapping *in;
			void *out;
		} mapping = {.in = &run->rules->mappings[i]};
		bool matches = false;

		ZYNC_TRY(rules_match(run, mapping.in, &matches));
		if (matches)
			ZYNC_TRY(zync_vec_push(&run->matched, mapping.out, run->err));
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
	ZYNC_TRY(zync_host_name_make_legal(text, run->object->type, run->object->id, run->arena, &host->host, run->err));
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

	ZYNC_TRY(rules_pick_single(run, RULES_DESCRIPTION, &pick));
	run->out->host.description = pick.value != NULL ? pick.value : "";
	if (pick.value == NULL)
		return ZYNC_OK;
	return rules_origin(run, "description", pick.value, pick.mapping, pick.text, origin_overrode(&pick, NULL));
}

/* The last mapping that gives a proxy or a proxy group decides; an empty text means that the server itself monitors the host. */
static enum zync_status derive_proxy(struct rules_run *run)
{
	struct zync_host *host = &run->out->host;
	struct rules_pick pick = {.value = NULL};
	bool group = false;

	for (size_t i = run->matched.len; i-- > 0;) {
		const struct rules_mapping *m = rules_matched(run, i);
		const char *proxy = NULL, *proxy_group = NULL;

		ZYNC_TRY(rules_render(run, m, &m->single[RULES_PROXY], &proxy));
		ZYNC_TRY(rules_render(run, m, &m->single[RULES_PROXY_GROUP], &proxy_group));
		if (proxy == NULL && proxy_group == NULL)
			continue;
		if (pick.value != NULL) {
			pick.overrode = m;
			break;
		}
		group = proxy_group != NULL;
		pick = (struct rules_pick){
			.value = group ? proxy_group : proxy, .mapping = m, .text = &m->single[group ? RULES_PROXY_GROUP : RULES_PROXY]};
		if (!run->explain)
			break;
	}
	if (pick.value == NULL)
		return ZYNC_OK;
	if (pick.value[0] != '\0') {
		host->monitored_by = group ? ZYNC_MONITORED_BY_PROXY_GROUP : ZYNC_MONITORED_BY_PROXY;
		*(group ? &host->proxy_group : &host->proxy) = (struct zync_ref){.name = pick.value};
	}
	return rules_origin(run, group ? "proxy_group" : "proxy", pick.value, pick.mapping, pick.text, origin_overrode(&pick, NULL));
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
	ZYNC_TRY(derive_proxy(run));
	ZYNC_TRY(rules_derive_tags(run));
	ZYNC_TRY(rules_derive_macros(run));
	ZYNC_TRY(rules_derive_inventory(run));
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

/* Hand over what was collected for explain. */
static enum zync_status derive_explain(struct rules_run *run)
{
	struct zync_rules_result *out = run->out;

	out->origins = ZYNC_NEW_ARRAY(run->arena, struct zync_rules_origin, run->origins.len);
	out->matched = ZYNC_NEW_ARRAY(run->arena, const char *, run->matched.len);
	if (out->origins == NULL || out->matched == NULL)
		return rules_nomem(run);
	for (size_t i = 0; i < run->origins.len; i++)
		out->origins[i] = *(const struct zync_rules_origin *)run->origins.items[i];
	for (size_t i = 0; i < run->matched.len; i++)
		out->matched[i] = rules_matched(run, i)->name;
	out->origin_count = run->origins.len;
	out->matched_count = run->matched.len;
	return ZYNC_OK;
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
