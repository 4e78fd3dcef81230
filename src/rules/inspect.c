/* SPDX-License-Identifier: Apache-2.0 */
/* What the mappings come to over many objects. */
#include "rules/inspect.h"

#include <string.h>

#include "base/str.h"
#include "rules/rules_priv.h"

struct census_text {
	uint64_t objects, empty, partly;
	const char *empty_example, *partly_example;
};

struct census_set {
	const struct rules_mapping *set;
	bool bundle, used;
	uint64_t matched, counted;
	uint64_t last;	/* number of the object for which it was counted last: a bundle may come by several ways */
	uint64_t *hits; /* objects that meet each condition, as long as the mapping has matched nothing */
	struct census_text *texts;
};

struct zync_rules_census {
	const struct zync_rules *rules;
	struct zync_arena *arena;
	uint64_t objects;
	struct census_set *sets; /* mappings, then bundles */
	size_t len;
};

static enum zync_status census_nomem(struct zync_err *err)
{
	return zync_err_nomem(err, "counting what the mappings match");
}

static size_t census_index(const struct zync_rules_census *c, const struct rules_mapping *m)
{
	const struct zync_rules *rules = c->rules;

	for (size_t i = 0; i < rules->bundle_count; i++)
		if (m == &rules->bundles[i])
			return rules->mapping_count + i;
	return (size_t)(m - rules->mappings);
}

static void census_mark_used(struct zync_rules_census *c, const struct rules_mapping *m)
{
	for (size_t i = 0; i < m->bundle_count; i++) {
		struct census_set *set = &c->sets[census_index(c, m->bundles[i])];

		if (!set->used) {
			set->used = true;
			census_mark_used(c, m->bundles[i]);
		}
	}
}

static enum zync_status census_set_init(struct zync_rules_census *c, size_t index, const struct rules_mapping *m, bool bundle,
					struct zync_err *err)
{
	struct census_set *set = &c->sets[index];

	*set = (struct census_set){.set = m,
				   .bundle = bundle,
				   .used = !bundle,
				   .hits = ZYNC_NEW_ARRAY(c->arena, uint64_t, m->condition_count),
				   .texts = ZYNC_NEW_ARRAY(c->arena, struct census_text, m->host_groups.len)};
	return set->hits == NULL || set->texts == NULL ? census_nomem(err) : ZYNC_OK;
}

enum zync_status zync_rules_census_new(const struct zync_rules *rules, struct zync_arena *arena, struct zync_rules_census **ret,
				       struct zync_err *err)
{
	struct zync_rules_census *c = ZYNC_NEW(arena, struct zync_rules_census);

	if (c == NULL)
		return census_nomem(err);
	*c = (struct zync_rules_census){.rules = rules, .arena = arena, .len = rules->mapping_count + rules->bundle_count};
	c->sets = ZYNC_NEW_ARRAY(arena, struct census_set, c->len);
	if (c->sets == NULL)
		return census_nomem(err);
	for (size_t i = 0; i < rules->mapping_count; i++)
		ZYNC_TRY(census_set_init(c, i, &rules->mappings[i], /* bundle= */ false, err));
	for (size_t i = 0; i < rules->bundle_count; i++)
		ZYNC_TRY(census_set_init(c, rules->mapping_count + i, &rules->bundles[i], /* bundle= */ true, err));
	for (size_t i = 0; i < rules->mapping_count; i++)
		census_mark_used(c, &rules->mappings[i]);
	*ret = c;
	return ZYNC_OK;
}

/* --- one object --- */

/* Each condition by itself: only asked for while the mapping has matched nothing, since only then it is told. */
static enum zync_status census_conditions(struct rules_run *run, struct census_set *set)
{
	for (size_t i = 0; i < set->set->condition_count; i++) {
		struct rules_mapping one = {.conditions = &set->set->conditions[i], .condition_count = 1};
		bool met = false;

		ZYNC_TRY(rules_match(run, &one, &met));
		set->hits[i] += met ? 1 : 0;
	}
	return ZYNC_OK;
}

/* Levels of a path that are there, and those that are empty or blank. */
static void census_levels(const char *path, size_t *ret_filled, size_t *ret_blank)
{
	*ret_filled = *ret_blank = 0;
	for (const char *p = path;; p++) {
		size_t len = strcspn(p, "/");

		if (strspn(p, " ") < len)
			(*ret_filled)++;
		else
			(*ret_blank)++;
		p += len;
		if (*p == '\0')
			return;
	}
}

static enum zync_status census_example(struct zync_rules_census *c, const struct zync_rules_object *object, const char **example,
				       struct zync_err *err)
{
	const char *name = zync_str_empty(object->name) ? object->display : object->name;

	if (*example == NULL)
		*example = zync_arena_strdup(c->arena, name != NULL ? name : "?");
	return *example == NULL ? census_nomem(err) : ZYNC_OK;
}

static enum zync_status census_text(struct zync_rules_census *c, struct rules_run *run, const struct rules_mapping *m,
				    const struct rules_text *text, struct census_text *out)
{
	const char *const *values = NULL;
	size_t count = 0;
	size_t names = 0;
	bool partly = false;

	ZYNC_TRY(rules_render_list(run, m, text, &values, &count));
	for (size_t i = 0; i < count; i++) {
		size_t filled, blank;

		census_levels(values[i], &filled, &blank);
		names += filled > 0 ? 1 : 0;
		partly = partly || (filled > 0 && blank > 0);
	}
	out->objects++;
	out->empty += names == 0 ? 1 : 0;
	out->partly += partly ? 1 : 0;
	if (names == 0)
		ZYNC_TRY(census_example(c, run->object, &out->empty_example, run->err));
	return partly ? census_example(c, run->object, &out->partly_example, run->err) : ZYNC_OK;
}

static enum zync_status census_count(struct zync_rules_census *c, struct rules_run *run, const struct rules_mapping *m, bool wanted)
{
	struct census_set *set = &c->sets[census_index(c, m)];

	for (size_t i = 0; i < m->bundle_count; i++)
		ZYNC_TRY(census_count(c, run, m->bundles[i], wanted));
	if (set->last == c->objects)
		return ZYNC_OK;
	set->last = c->objects;
	set->counted++;
	for (size_t i = 0; i < m->host_groups.len && wanted; i++)
		ZYNC_TRY(census_text(c, run, m, &m->host_groups.items[i], &set->texts[i]));
	return ZYNC_OK;
}

enum zync_status zync_rules_census_add(struct zync_rules_census *c, const struct zync_rules_object *object, bool wanted,
				       struct zync_arena *scratch, struct zync_err *err)
{
	struct rules_run run = {.rules = c->rules,
				.object = object,
				.source = {.member = object->member, .ctx = object->ctx},
				.arena = scratch,
				.err = err};
	bool first = c->rules->config->rules.combine == ZYNC_COMBINE_FIRST;
	const struct rules_mapping *best = NULL;

	c->objects++;
	for (size_t i = 0; i < c->rules->mapping_count; i++) {
		struct census_set *set = &c->sets[i];
		bool matches = false;

		ZYNC_TRY(rules_match(&run, set->set, &matches));
		if (!matches) {
			if (set->matched == 0)
				ZYNC_TRY(census_conditions(&run, set));
			continue;
		}
		set->matched++;
		if (!first)
			ZYNC_TRY(census_count(c, &run, set->set, wanted));
		else if (rules_beats(set->set, best))
			best = set->set;
	}
	return best != NULL ? census_count(c, &run, best, wanted) : ZYNC_OK;
}

/* --- what was counted --- */

size_t zync_rules_census_len(const struct zync_rules_census *c)
{
	return c->len;
}

struct zync_rules_seen zync_rules_census_at(const struct zync_rules_census *c, size_t index)
{
	const struct census_set *set = &c->sets[index];

	return (struct zync_rules_seen){.name = set->set->name,
					.pos = set->set->pos,
					.bundle = set->bundle,
					.used = set->used,
					.matched = set->bundle ? set->counted : set->matched,
					.counted = set->counted};
}

static enum zync_status census_unmet(const struct zync_rules_census *c, const struct zync_cfg_match *match,
				     const struct rules_condition *condition, size_t pair, struct zync_rules_unmet *ret,
				     struct zync_err *err)
{
	const struct zync_cfg_texts *texts = rules_match_texts(match, condition->key, pair, c->arena, &ret->label);
	const char *values = "";

	if (ret->label == NULL)
		return census_nomem(err);
	for (size_t i = 0; i < texts->len && values != NULL; i++)
		values = zync_arena_printf(c->arena, "%s%s\"%s\"", values, i > 0 ? ", " : "",
					   texts->items[i].value != NULL ? texts->items[i].value : "");
	ret->values = values;
	ret->pos = texts->len > 0 ? texts->items[0].pos : (struct zync_cfg_pos){0};
	return values == NULL ? census_nomem(err) : ZYNC_OK;
}

enum zync_status zync_rules_census_unmet(const struct zync_rules_census *c, size_t index, struct zync_rules_unmet **ret, size_t *ret_count,
					 struct zync_err *err)
{
	const struct census_set *set = &c->sets[index];
	struct zync_rules_unmet *unmet = ZYNC_NEW_ARRAY(c->arena, struct zync_rules_unmet, set->set->condition_count);
	enum rules_key last = RULES_KEY_TYPE;
	size_t pair = 0;
	size_t count = 0;

	if (unmet == NULL)
		return census_nomem(err);
	for (size_t i = 0; i < set->set->condition_count; i++) {
		const struct rules_condition *condition = &set->set->conditions[i];

		pair = i > 0 && condition->key == last ? pair + 1 : 0;
		last = condition->key;
		if (set->hits[i] == 0)
			ZYNC_TRY(census_unmet(c, &c->rules->config->mappings.items[index].match, condition, pair, &unmet[count++], err));
	}
	*ret = unmet;
	*ret_count = count;
	return ZYNC_OK;
}

/* A text as it is written: the compiled host_group_format is a template. */
static const char *census_written(const struct zync_rules_census *c, size_t index, size_t text)
{
	const struct zync_config *config = c->rules->config;
	bool bundle = index >= c->rules->mapping_count;
	const struct zync_cfg_set *set =
		bundle ? &config->bundles.items[index - c->rules->mapping_count].set : &config->mappings.items[index].set;
	bool format = text >= set->host_groups.len;

	return format ? set->host_group_format.items[text - set->host_groups.len].value : set->host_groups.items[text].value;
}

enum zync_status zync_rules_census_groups(const struct zync_rules_census *c, struct zync_rules_group_text **ret, size_t *ret_count,
					  struct zync_err *err)
{
	struct zync_rules_group_text *texts;
	size_t count = 0;

	for (size_t i = 0; i < c->len; i++)
		count += c->sets[i].set->host_groups.len;
	texts = ZYNC_NEW_ARRAY(c->arena, struct zync_rules_group_text, count);
	if (texts == NULL)
		return census_nomem(err);
	*ret = texts;
	*ret_count = count;
	for (size_t i = 0; i < c->len; i++) {
		const struct census_set *set = &c->sets[i];

		for (size_t k = 0; k < set->set->host_groups.len; k++) {
			const struct rules_text *text = &set->set->host_groups.items[k];

			*texts++ = (struct zync_rules_group_text){.mapping = set->set->name,
								  .label = text->label,
								  .text = rules_shown(text, census_written(c, i, k)),
								  .pos = text->cfg->pos,
								  .objects = set->texts[k].objects,
								  .empty = set->texts[k].empty,
								  .partly = set->texts[k].partly,
								  .empty_example = set->texts[k].empty_example,
								  .partly_example = set->texts[k].partly_example};
		}
	}
	return ZYNC_OK;
}
