/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "zabbix/templates_priv.h"

#define CHECK_ANCESTORS_MAX 256

static enum zync_status check_nomem(struct zync_err *err)
{
	return zync_err_nomem(err, "comparing templates");
}

static bool check_has_template(const struct zync_host *host, uint64_t id)
{
	for (size_t i = 0; host && i < host->templates.len; i++) {
		if (host->templates.items[i].id == id)
			return true;
	}
	return false;
}

static bool check_has_interface(const struct zync_host *host, size_t type)
{
	for (size_t i = 0; host && i < host->interfaces.len; i++) {
		if (type == ZYNC_ZBX_ANY_INTERFACE || (size_t)host->interfaces.items[i].type == type)
			return true;
	}
	return false;
}

bool zync_zabbix_templates_matter(const struct zync_host *target, const struct zync_host *actual)
{
	for (size_t i = 0; i < target->templates.len; i++) {
		if (!check_has_template(actual, target->templates.items[i].id))
			return true;
	}
	for (size_t i = 0; actual && target->templates.len > 0 && i < actual->interfaces.len; i++) {
		if (!check_has_interface(target, (size_t)actual->interfaces.items[i].type))
			return true;
	}
	return false;
}

/* --- interfaces ----------------------------------------------------------------------------------------------------------------------- */

static const char *const check_type_words[ZYNC_ZBX_NEEDS] = {
	"", "an agent interface", "an SNMP interface", "an IPMI interface", "a JMX interface", "an interface"};
static const char *const check_type_names[] = {"", "agent", "SNMP", "IPMI", "JMX"};

/* "the host has only: agent, JMX"; NULL when memory is out. */
static const char *check_shown_interfaces(const struct zync_host *host, struct zync_arena *arena)
{
	const char *text = NULL;

	for (size_t type = ZYNC_INTERFACE_AGENT; type <= ZYNC_INTERFACE_JMX; type++) {
		if (!check_has_interface(host, type))
			continue;
		text = zync_arena_printf(arena, "%s%s%s", text ? text : "the host has only: ", text ? ", " : "", check_type_names[type]);
		if (!text)
			return NULL;
	}
	return text ? text : "the host has none";
}

/* A template that stays is asked about the interfaces that go: what it lacked before is not of this change. */
static enum zync_status check_needs(const struct zync_zbx_template *template, const struct zync_ref *ref, const struct zync_host *target,
				    const struct zync_host *actual, struct zync_arena *arena, const char **ret, struct zync_err *err)
{
	bool stays = check_has_template(actual, ref->id);
	const char *shown;

	for (size_t type = 1; type < ZYNC_ZBX_NEEDS; type++) {
		if (!template->needs[type] || check_has_interface(target, type) || (stays && !check_has_interface(actual, type)))
			continue;
		shown = check_shown_interfaces(target, arena);
		*ret = shown ? zync_arena_printf(arena, "template \"%s\" needs %s (item \"%s\"), %s", ref->name, check_type_words[type],
						 template->needs[type], shown)
			     : NULL;
		return *ret ? ZYNC_OK : check_nomem(err);
	}
	return ZYNC_OK;
}

/* --- keys ----------------------------------------------------------------------------------------------------------------------------- */

/* The key itself, of which only the hash is known here; NULL when the server does not give it. */
static enum zync_status check_ask_key(struct zync_zabbix *z, const struct zync_zbx_template_key *key, struct zync_arena *arena,
				      const char **ret, struct zync_err *err)
{
	const struct zync_zbx_entity_source *source = &zync_zbx_entity_sources[key->entity];
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	const struct zync_jval *result = NULL;

	*ret = NULL;
	if (!params)
		return check_nomem(err);
	zync_jb_add_str(b, zync_jb_set_array(b, params, "output"), source->key);
	zync_jb_add_id(b, zync_jb_set_array(b, params, source->ids), key->id);
	ZYNC_TRY(zync_zbx_templates_call(z, source->method, b, params, arena, &result, err));
	*ret = zync_jval_get_str(zync_jval_at(result, 0), source->key);
	return ZYNC_OK;
}

static enum zync_status check_key_text(struct zync_zabbix *z, struct zync_zabbix_templates *t, const struct zync_ref *a,
				       const struct zync_ref *b, const struct zync_zbx_template_key *x,
				       const struct zync_zbx_template_key *y, const char **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const char *first = NULL;
	const char *second = NULL;

	if (!arena)
		return check_nomem(err);
	ZYNC_TRY(check_ask_key(z, x, arena, &first, err));
	ZYNC_TRY(check_ask_key(z, y, arena, &second, err));
	/* Another key of the same hash, or changed since. */
	if (!first || !zync_str_eq(first, second))
		return ZYNC_OK;
	if (x->entity != y->entity)
		*ret = zync_arena_printf(t->arena, "template \"%s\" has %s and template \"%s\" has %s with the key \"%s\"", a->name,
					 zync_zbx_entity_sources[x->entity].word, b->name, zync_zbx_entity_sources[y->entity].word, first);
	else
		*ret = zync_arena_printf(t->arena, "templates \"%s\" and \"%s\" both have %s with the %s \"%s\"", a->name, b->name,
					 zync_zbx_entity_sources[x->entity].word, x->entity == ZYNC_ZBX_WEB ? "name" : "key", first);
	return *ret ? ZYNC_OK : check_nomem(err);
}

/* Where the two can only be refused, always or in the way of 6.x. */
static const char **check_place(struct zync_zbx_clash *clash, const struct zync_zbx_template_key *x, const struct zync_zbx_template_key *y)
{
	return x->entity == y->entity && x->entity != ZYNC_ZBX_WEB ? &clash->same_kind : &clash->always;
}

static enum zync_status check_keys(struct zync_zabbix *z, struct zync_zabbix_templates *t, const struct zync_ref *a,
				   const struct zync_ref *b, struct zync_zbx_clash *clash, struct zync_err *err)
{
	const struct zync_zbx_template *one = zync_idmap_get(t->by_id, a->id);
	const struct zync_zbx_template *other = zync_idmap_get(t->by_id, b->id);
	size_t i = 0;
	size_t j = 0;

	while (i < one->keys_len && j < other->keys_len && !clash->always) {
		const struct zync_zbx_template_key *x = &one->keys[i];
		const struct zync_zbx_template_key *y = &other->keys[j];

		if (x->hash != y->hash) {
			i += x->hash < y->hash;
			j += x->hash > y->hash;
			continue;
		}
		if (!*check_place(clash, x, y))
			ZYNC_TRY(check_key_text(z, t, a, b, x, y, check_place(clash, x, y), err));
		i++;
		j++;
	}
	return ZYNC_OK;
}

/* --- parents -------------------------------------------------------------------------------------------------------------------------- */

/* The template and all that it is linked to, directly or not. */
static size_t check_ancestors(const struct zync_zabbix_templates *t, uint64_t id, uint64_t ret[CHECK_ANCESTORS_MAX])
{
	size_t len = 1;

	ret[0] = id;
	for (size_t i = 0; i < len; i++) {
		const struct zync_zbx_parents *parents = zync_idmap_get(t->parents, ret[i]);

		for (size_t k = 0; parents && k < parents->len && len < CHECK_ANCESTORS_MAX; k++)
			ret[len++] = parents->ids[k];
	}
	return len;
}

static enum zync_status check_parents(struct zync_zabbix *z, struct zync_zabbix_templates *t, const struct zync_ref *a,
				      const struct zync_ref *b, struct zync_zbx_clash *clash, struct zync_err *err)
{
	uint64_t one[CHECK_ANCESTORS_MAX];
	uint64_t other[CHECK_ANCESTORS_MAX];
	size_t one_len = check_ancestors(t, a->id, one);
	size_t other_len = check_ancestors(t, b->id, other);

	for (size_t i = 0; i < one_len; i++) {
		for (size_t j = 0; j < other_len; j++) {
			const char *name;

			if (one[i] != other[j])
				continue;
			name = zync_zbx_name_of(z, ZYNC_ZABBIX_TEMPLATE, one[i]);
			if (i == 0 || j == 0)
				clash->always = zync_arena_printf(
					t->arena, "template \"%s\" brings template \"%s\" along, and Zabbix does not link a template twice",
					i == 0 ? b->name : a->name, i == 0 ? a->name : b->name);
			else
				clash->always = zync_arena_printf(t->arena,
								  "templates \"%s\" and \"%s\" both bring template \"%s\" along, and "
								  "Zabbix does not link a template twice",
								  a->name, b->name, name ? name : "");
			return clash->always ? ZYNC_OK : check_nomem(err);
		}
	}
	return ZYNC_OK;
}

/* What the two have in common, found once. */
static enum zync_status check_pair(struct zync_zabbix *z, struct zync_zabbix_templates *t, const struct zync_ref *a,
				   const struct zync_ref *b, const struct zync_zbx_clash **ret, struct zync_err *err)
{
	char key[64];
	struct zync_zbx_clash *clash;

	if (strcmp(a->name, b->name) > 0)
		return check_pair(z, t, b, a, ret, err);
	(void)snprintf(key, sizeof(key), "%" PRIu64 ":%" PRIu64, a->id, b->id);
	*ret = zync_map_get(t->pairs, key);
	if (*ret)
		return ZYNC_OK;
	clash = ZYNC_NEW(t->arena, struct zync_zbx_clash);
	if (!clash)
		return check_nomem(err);
	*clash = (struct zync_zbx_clash){.always = NULL};
	ZYNC_TRY(check_parents(z, t, a, b, clash, err));
	if (!clash->always)
		ZYNC_TRY(check_keys(z, t, a, b, clash, err));
	*ret = clash;
	return zync_map_put(t->pairs, key, clash, err);
}

/* A new template against all others of the target; of two new ones the later one is asked. */
static enum zync_status check_others(struct zync_zabbix *z, struct zync_zabbix_templates *t, const struct zync_host *target,
				     const struct zync_host *actual, size_t index, const char **ret, struct zync_err *err)
{
	const struct zync_ref *ref = &target->templates.items[index];

	for (size_t i = 0; i < target->templates.len && !*ret; i++) {
		const struct zync_ref *other = &target->templates.items[i];
		bool stays = check_has_template(actual, other->id);
		const struct zync_zbx_clash *clash;

		if (other->id == ref->id || !zync_idmap_get(t->by_id, other->id) || (!stays && i > index))
			continue;
		ZYNC_TRY(check_pair(z, t, ref, other, &clash, err));
		*ret = clash->always ? clash->always : stays || !z->dialect->new_keys_unchecked ? clash->same_kind : NULL;
	}
	return ZYNC_OK;
}

enum zync_status zync_zabbix_templates_check(struct zync_zabbix *z, struct zync_zabbix_templates *t, const struct zync_host *target,
					     const struct zync_host *actual, struct zync_arena *arena, const char **ret_problem,
					     struct zync_err *err)
{
	*ret_problem = NULL;
	for (size_t i = 0; i < target->templates.len && !*ret_problem; i++) {
		const struct zync_ref *ref = &target->templates.items[i];
		const struct zync_zbx_template *template = zync_idmap_get(t->by_id, ref->id);

		if (!template)
			continue;
		ZYNC_TRY(check_needs(template, ref, target, actual, arena, ret_problem, err));
		if (!*ret_problem && !check_has_template(actual, ref->id))
			ZYNC_TRY(check_others(z, t, target, actual, i, ret_problem, err));
	}
	return ZYNC_OK;
}
