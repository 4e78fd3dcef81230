/* SPDX-License-Identifier: Apache-2.0 */
/* Members of the config context, and what is wrong with them. */
#include "rules/per_host_priv.h"

#include <stdarg.h>
#include <string.h>

#include "base/str.h"

#define READ_SHOWN_MAX 60 /* characters of a text in a message */

static enum zync_status read_context(struct per_host *p)
{
	const struct zync_rules_object *object = p->run->object;
	const struct zync_jval *all, *own;

	if (p->cfg->context[0] == '\0')
		return ZYNC_OK;
	all = object->member(object->ctx, NULL, "config_context");
	if (per_host_is_nothing(all))
		return ZYNC_OK;
	if (zync_jval_type(all) != ZYNC_JSON_OBJECT)
		return rules_fail(p->run, "config_context: it must be an object, not %s", per_host_kind(all));
	own = zync_jval_get(all, p->cfg->context);
	if (per_host_is_nothing(own))
		return ZYNC_OK;
	if (zync_jval_type(own) != ZYNC_JSON_OBJECT)
		return rules_fail(p->run, "config_context.%s: it must be an object, not %s; correct it in the config context",
				  p->cfg->context, per_host_kind(own));
	p->context = own;
	return ZYNC_OK;
}

enum zync_status per_host_open(struct rules_run *run, const struct rules_mapping *mapping, struct per_host *ret)
{
	*ret = (struct per_host){.run = run, .mapping = mapping, .cfg = &mapping->per_host};
	return read_context(ret);
}

bool per_host_wants(const struct per_host *p, enum rules_part part)
{
	return (p->cfg->parts & (unsigned)part) != 0;
}

bool per_host_is_nothing(const struct zync_jval *v)
{
	enum zync_jtype type = zync_jval_type(v);

	return type == ZYNC_JSON_NONE || type == ZYNC_JSON_NULL || (type == ZYNC_JSON_BOOL && !zync_jval_is_true(v));
}

const char *per_host_kind(const struct zync_jval *v)
{
	switch (zync_jval_type(v)) {
	case ZYNC_JSON_BOOL:
		return "true or false";
	case ZYNC_JSON_INT:
	case ZYNC_JSON_REAL:
		return "a number";
	case ZYNC_JSON_STR:
		return "a text";
	case ZYNC_JSON_ARRAY:
		return "a list";
	case ZYNC_JSON_OBJECT:
		return "an object";
	case ZYNC_JSON_NONE:
	case ZYNC_JSON_NULL:
		break;
	}
	return "null";
}

const char *per_host_shown(const struct per_host *p, const char *text)
{
	size_t len = zync_utf8_prefix(text, READ_SHOWN_MAX);
	const char *shown = text[len] == '\0' ? text : zync_arena_strndup(p->run->arena, text, len);

	return shown != NULL ? shown : "";
}

bool per_host_is_scalar(const struct zync_jval *v)
{
	enum zync_jtype type = zync_jval_type(v);

	return type == ZYNC_JSON_STR || type == ZYNC_JSON_INT || type == ZYNC_JSON_REAL || type == ZYNC_JSON_BOOL;
}

enum zync_status per_host_fail(const struct per_host *p, const char *path, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = zync_arena_vprintf(p->run->arena, fmt, ap);
	va_end(ap);
	if (text == NULL)
		return rules_nomem(p->run);
	return rules_fail(p->run, "config_context.%s.%s: %s", p->cfg->context, path, text);
}

/* The same for a member. */
static enum zync_status read_fail(const struct per_host *p, struct per_host_place place, const char *key, const char *fmt, ...)
	ZYNC_PRINTF(4, 5);

static enum zync_status read_fail(const struct per_host *p, struct per_host_place place, const char *key, const char *fmt, ...)
{
	const char *path = zync_arena_printf(p->run->arena, "%s%s", place.path, key);
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = zync_arena_vprintf(p->run->arena, fmt, ap);
	va_end(ap);
	return path == NULL || text == NULL ? rules_nomem(p->run) : per_host_fail(p, path, "%s", text);
}

enum zync_status per_host_left_out(const struct per_host *p, const char *field, const char *path, const char *why)
{
	const char *note;

	if (!p->run->explain)
		return ZYNC_OK;
	note = zync_arena_printf(p->run->arena, "left out: config_context.%s.%s: %s", p->cfg->context, path, why);
	if (note == NULL)
		return rules_nomem(p->run);
	return rules_origin_note(p->run, field, NULL, p->mapping, NULL, NULL, note);
}

enum zync_status per_host_source(const struct per_host *p, const char *path, const char **ret)
{
	return per_host_source_text(p, ret, "from config_context.%s.%s", p->cfg->context, path);
}

enum zync_status per_host_source_text(const struct per_host *p, const char **ret, const char *fmt, ...)
{
	va_list ap;

	if (!p->run->explain)
		return ZYNC_OK;
	va_start(ap, fmt);
	*ret = zync_arena_vprintf(p->run->arena, fmt, ap);
	va_end(ap);
	return *ret != NULL ? ZYNC_OK : rules_nomem(p->run);
}

enum zync_status per_host_text(const struct per_host *p, struct per_host_place place, const char *key, const char **ret)
{
	const struct zync_jval *v = zync_jval_get(place.object, key);

	*ret = zync_jval_str(v);
	if (*ret != NULL || per_host_is_nothing(v))
		return ZYNC_OK;
	return read_fail(p, place, key, "it must be a text, not %s; put it in quotation marks", per_host_kind(v));
}

enum zync_status per_host_word(const struct per_host *p, struct per_host_place place, const char *key, const char **ret)
{
	const struct zync_jval *v = zync_jval_get(place.object, key);

	*ret = NULL;
	if (zync_jval_type(v) == ZYNC_JSON_NONE || zync_jval_type(v) == ZYNC_JSON_NULL)
		return ZYNC_OK;
	if (!per_host_is_scalar(v))
		return read_fail(p, place, key, "it must be a text or a number, not %s", per_host_kind(v));
	*ret = zync_jval_text(p->run->arena, v);
	return *ret != NULL ? ZYNC_OK : rules_nomem(p->run);
}

enum zync_status per_host_text_or_number(const struct per_host *p, struct per_host_place place, const char *key, const char **ret)
{
	const struct zync_jval *v = zync_jval_get(place.object, key);

	*ret = NULL;
	if (per_host_is_nothing(v))
		return ZYNC_OK;
	/* 1.50 would come out as 1.5, which nobody would find. */
	if (zync_jval_type(v) != ZYNC_JSON_STR && zync_jval_type(v) != ZYNC_JSON_INT)
		return read_fail(p, place, key, "it must be a text, not %s; put it in quotation marks", per_host_kind(v));
	*ret = zync_jval_text(p->run->arena, v);
	return *ret != NULL ? ZYNC_OK : rules_nomem(p->run);
}

enum zync_status per_host_choice(const struct per_host *p, struct per_host_place place, const char *key,
				 const struct rules_choices *choices, int *ret, bool *ret_given)
{
	const char *word = NULL;

	*ret_given = false;
	ZYNC_TRY(per_host_word(p, place, key, &word));
	if (zync_str_empty(word))
		return ZYNC_OK;
	*ret_given = rules_choice_find(choices, word, ret);
	if (*ret_given)
		return ZYNC_OK;
	return read_fail(p, place, key, "\"%s\" is none of %s; correct it in the config context", per_host_shown(p, word),
			 choices->allowed);
}

enum zync_status per_host_object(const struct per_host *p, const char *key, const struct zync_jval **ret)
{
	const struct zync_jval *v = zync_jval_get(p->context, key);

	*ret = NULL;
	if (per_host_is_nothing(v))
		return ZYNC_OK;
	if (zync_jval_type(v) != ZYNC_JSON_OBJECT)
		return per_host_fail(p, key, "it must be an object, not %s", per_host_kind(v));
	*ret = v;
	return ZYNC_OK;
}

/*
 * The known name that @p name is nearly, NULL: none. Closer than where people are asked, since here a host fails by it: at most two letters differ, and with two
 * more it is another word ("snmpv3").
 */
static const char *read_near(const char *name, const char *const *known, size_t count)
{
	size_t len = strlen(name), max = len < 5 ? 1 : 2;
	const char *near = zync_nearest(name, known, count);

	if (near == NULL || strcmp(near, name) == 0 || strlen(near) + 1 < len || len + 1 < strlen(near))
		return NULL;
	return zync_edit_distance(name, near, max) <= max ? near : NULL;
}

enum zync_status per_host_check_names(const struct per_host *p, struct per_host_place place, const char *const *known, size_t count)
{
	const char *name, *near;
	struct zync_jiter it;
	size_t seen = 0;

	zync_jiter_init(&it, place.object);
	while (zync_jiter_next(&it, &name) != NULL && seen++ < PER_HOST_ENTRIES_MAX) {
		near = read_near(name, known, count);
		/* Where the right one is there too, nothing that was meant gets lost. */
		if (near == NULL || zync_jval_get(place.object, near) != NULL)
			continue;
		ZYNC_TRY(read_fail(p, place, per_host_shown(p, name),
				   "there is no such key; did you mean \"%s\"? Rename it in the config context", near));
	}
	return ZYNC_OK;
}
