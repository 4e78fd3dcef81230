/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles: settings with a name that mappings, and other bundles, use. */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"

static const struct rules_mapping *bundle_find(const struct rules_compiler *c, const char *name)
{
	const struct zync_config *config = c->rules->config;

	for (size_t i = 0; i < config->bundles.len; i++)
		if (zync_str_eq(config->bundles.items[i].name.value, name))
			return &c->rules->bundles[i];
	return NULL;
}

static enum zync_status bundle_unknown(struct rules_compiler *c, const struct zync_cfg_text *use)
{
	const struct zync_config *config = c->rules->config;
	const char **names = ZYNC_NEW_ARRAY(c->arena, const char *, config->bundles.len);
	const char *nearest;
	size_t count = 0;

	if (names == NULL)
		return rules_compile_nomem(c);
	for (size_t i = 0; i < config->bundles.len; i++)
		if (config->bundles.items[i].name.value != NULL)
			names[count++] = config->bundles.items[i].name.value;
	nearest = zync_nearest(use->value, names, count);
	if (nearest != NULL)
		rules_problem(c, use->pos, "use: there is no bundle \"%s\"; did you mean \"%s\"?", use->value, nearest);
	else
		rules_problem(c, use->pos, "use: there is no bundle \"%s\" under bundles", use->value);
	return ZYNC_OK;
}

enum zync_status rules_compile_uses(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	out->bundles = ZYNC_NEW_ARRAY(c->arena, const struct rules_mapping *, set->use.len);
	if (out->bundles == NULL)
		return rules_compile_nomem(c);
	for (size_t i = 0; i < set->use.len; i++) {
		const struct rules_mapping *bundle = bundle_find(c, set->use.items[i].value);

		if (bundle != NULL)
			out->bundles[out->bundle_count++] = bundle;
		else
			ZYNC_TRY(bundle_unknown(c, &set->use.items[i]));
	}
	return ZYNC_OK;
}

/* Does the bundle reach itself? A walk deeper than there are bundles has gone round. */
static bool bundle_circles(const struct rules_compiler *c, const struct rules_mapping *from, const struct rules_mapping *wanted,
			   size_t depth)
{
	if (depth > c->rules->bundle_count)
		return false;
	for (size_t i = 0; i < from->bundle_count; i++)
		if (from->bundles[i] == wanted || bundle_circles(c, from->bundles[i], wanted, depth + 1))
			return true;
	return false;
}

/* All sets that a bundle brings along, itself included, counted as often as they come; more than the limit is told as that. */
static size_t bundle_weight(const struct rules_mapping *m, size_t limit)
{
	size_t weight = 1;

	for (size_t i = 0; i < m->bundle_count && weight <= limit; i++)
		weight += bundle_weight(m->bundles[i], limit - weight);
	return weight;
}

static void bundle_check(struct rules_compiler *c, const struct zync_cfg_bundle *cfg, const struct rules_mapping *bundle)
{
	if (bundle_circles(c, bundle, bundle, 0))
		rules_problem(c, cfg->pos, "bundles: \"%s\" uses itself, by way of other bundles or directly", cfg->name.value);
}

enum zync_status rules_compile_bundles(struct rules_compiler *c)
{
	const struct zync_config *config = c->rules->config;
	unsigned problems;

	c->rules->bundles = ZYNC_NEW_ARRAY(c->arena, struct rules_mapping, config->bundles.len);
	if (c->rules->bundles == NULL)
		return rules_compile_nomem(c);
	c->rules->bundle_count = config->bundles.len;
	for (size_t i = 0; i < config->bundles.len; i++) {
		const struct zync_cfg_bundle *cfg = &config->bundles.items[i];
		struct rules_mapping *bundle = &c->rules->bundles[i];

		bundle->pos = cfg->pos;
		bundle->name = zync_arena_printf(c->arena, "bundle %s", cfg->name.value != NULL ? cfg->name.value : "");
		if (bundle->name == NULL)
			return rules_compile_nomem(c);
		if (cfg->name.value != NULL && bundle_find(c, cfg->name.value) != bundle)
			rules_problem(c, cfg->name.pos, "bundles: two of them have the name \"%s\"", cfg->name.value);
		ZYNC_TRY(rules_compile_set(c, &cfg->set, bundle));
	}
	problems = c->problems;
	for (size_t i = 0; i < config->bundles.len; i++)
		bundle_check(c, &config->bundles.items[i], &c->rules->bundles[i]);
	for (size_t i = 0; i < config->bundles.len && c->problems == problems; i++)
		if (bundle_weight(&c->rules->bundles[i], RULES_MAX_BUNDLES) > RULES_MAX_BUNDLES)
			rules_problem(c, config->bundles.items[i].pos, "bundles: \"%s\" brings along more than %u bundles",
				      config->bundles.items[i].name.value, RULES_MAX_BUNDLES);
	return ZYNC_OK;
}
