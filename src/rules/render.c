/* SPDX-License-Identifier: Apache-2.0 */
/* Texts for one object, what is wrong with it, and where its values come from. */
#include "rules/rules_priv.h"

#include <stdarg.h>
#include <string.h>

#include "base/str.h"

enum zync_status rules_nomem(struct rules_run *run)
{
	return zync_err_nomem(run->err, "deriving a host");
}

enum zync_status rules_fail(struct rules_run *run, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	if (++run->failures > RULES_MAX_FAILURES)
		return ZYNC_OK;
	va_start(ap, fmt);
	text = zync_arena_vprintf(run->arena, fmt, ap);
	va_end(ap);
	if (text != NULL && run->failure != NULL)
		text = zync_arena_printf(run->arena, "%s; %s", run->failure, text);
	if (text == NULL)
		return rules_nomem(run);
	run->failure = text;
	return ZYNC_OK;
}

const char *rules_shown(const struct rules_text *text, const char *rendered)
{
	return text->cfg->secret ? "***" : rendered;
}

const struct rules_mapping *rules_matched(const struct rules_run *run, size_t index)
{
	return run->matched.items[index];
}

/* What a failed rendering means: no memory ends the derivation, all else is the object's failure. */
static enum zync_status render_failed(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_text *text,
				      const struct zync_err *err)
{
	if (err->status == ZYNC_ERR_NOMEM) {
		zync_err_copy(run->err, err);
		return err->status;
	}
	return rules_fail(run, "%s (mapping \"%s\", line %u): %s", text->label, mapping->name, text->cfg->pos.line,
			  rules_shown(text, err->message));
}

static enum zync_expr_mode render_mode(const struct rules_run *run)
{
	return run->rules->config->rules.undefined == ZYNC_UNDEFINED_ERROR ? ZYNC_EXPR_STRICT : ZYNC_EXPR_LENIENT;
}

enum zync_status rules_render(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_text *text, const char **ret)
{
	struct zync_err err;
	const char *value = NULL;
	bool defined = false;

	*ret = NULL;
	if (text->expr == NULL)
		return ZYNC_OK;
	if (zync_expr_render(text->expr, &run->source, render_mode(run), run->arena, &value, &defined, &err) != ZYNC_OK)
		return render_failed(run, mapping, text, &err);
	if (defined)
		*ret = value;
	return ZYNC_OK;
}

enum zync_status rules_render_list(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_text *text,
				   const char *const **ret, size_t *ret_count)
{
	struct zync_err err;

	*ret = NULL;
	*ret_count = 0;
	if (text->expr == NULL)
		return ZYNC_OK;
	if (zync_expr_render_list(text->expr, &run->source, render_mode(run), run->arena, ret, ret_count, &err) != ZYNC_OK)
		return render_failed(run, mapping, text, &err);
	return ZYNC_OK;
}

enum zync_status rules_render_choice(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_text *text,
				     const struct rules_choices *choices, int *ret, bool *ret_given)
{
	const char *value = NULL;

	*ret_given = false;
	ZYNC_TRY(rules_render(run, mapping, text, &value));
	if (zync_str_empty(value))
		return ZYNC_OK;
	*ret_given = rules_choice_find(choices, value, ret);
	if (!*ret_given)
		return rules_fail(run, "%s (mapping \"%s\", line %u): \"%s\" is none of %s", text->label, mapping->name,
				  text->cfg->pos.line, rules_shown(text, value), choices->allowed);
	return ZYNC_OK;
}

/* What one mapping gives: NetBox's own description of this object goes before its text. */
static enum zync_status pick_of(struct rules_run *run, const struct rules_mapping *m, enum rules_single which, struct rules_pick *ret)
{
	const struct rules_per_host_values *values = NULL;

	*ret = (struct rules_pick){.mapping = m};
	if (which == RULES_DESCRIPTION && m->per_host.given)
		ZYNC_TRY(rules_per_host(run, m, &values));
	if (values != NULL && values->description != NULL) {
		ret->value = values->description;
		ret->note = values->description_source;
		return ZYNC_OK;
	}
	ret->text = &m->single[which];
	return rules_render(run, m, ret->text, &ret->value);
}

enum zync_status rules_pick_single(struct rules_run *run, enum rules_single which, struct rules_pick *ret)
{
	*ret = (struct rules_pick){.value = NULL};
	for (size_t i = run->matched.len; i-- > 0;) {
		struct rules_pick own;

		ZYNC_TRY(pick_of(run, rules_matched(run, i), which, &own));
		if (own.value == NULL)
			continue;
		if (ret->value != NULL) {
			ret->overrode = own.mapping;
			break;
		}
		*ret = own;
		if (!run->explain)
			break;
	}
	return ZYNC_OK;
}

enum zync_status rules_fit(struct rules_run *run, const struct rules_mapping *mapping, const char *what, size_t max, const char **text,
			   bool *ret_keep, const char **ret_note)
{
	enum zync_too_long policy = run->rules->config->rules.too_long;
	size_t chars;

	*ret_keep = true;
	if (strlen(*text) <= max || (chars = zync_utf8_len(*text)) <= max)
		return ZYNC_OK;
	*ret_keep = policy != ZYNC_TOO_LONG_SKIP;
	if (policy == ZYNC_TOO_LONG_FAIL)
		return rules_fail(run,
				  "%s (mapping \"%s\", line %u) has %zu characters, Zabbix allows %zu; cut it with truncate(%zu), or set "
				  "rules.too_long",
				  what, mapping->name, mapping->pos.line, chars, max, max);
	*ret_note = zync_arena_printf(run->arena,
				      policy == ZYNC_TOO_LONG_SKIP ? "left out: it has %zu characters, Zabbix allows %zu"
								   : "cut: it has %zu characters, Zabbix allows %zu",
				      chars, max);
	if (*ret_note == NULL)
		return rules_nomem(run);
	if (policy == ZYNC_TOO_LONG_TRUNCATE)
		*text = zync_arena_strndup(run->arena, *text, zync_utf8_prefix(*text, max));
	return *text != NULL ? ZYNC_OK : rules_nomem(run);
}

static enum zync_status origin_add(struct rules_run *run, struct zync_rules_origin origin)
{
	struct zync_rules_origin *item = ZYNC_NEW(run->arena, struct zync_rules_origin);

	if (item == NULL)
		return rules_nomem(run);
	*item = origin;
	return zync_vec_push(&run->origins, item, run->err);
}

enum zync_status rules_origin(struct rules_run *run, const char *field, const char *value, const struct rules_mapping *mapping,
			      const struct rules_text *text, const char *overrode)
{
	return rules_origin_note(run, field, value, mapping, text, overrode, NULL);
}

enum zync_status rules_origin_note(struct rules_run *run, const char *field, const char *value, const struct rules_mapping *mapping,
				   const struct rules_text *text, const char *overrode, const char *note)
{
	if (!run->explain)
		return ZYNC_OK;
	if (field == NULL)
		return rules_nomem(run);
	return origin_add(run, (struct zync_rules_origin){.field = field,
							  .value = text != NULL ? rules_shown(text, value) : value,
							  .rule = mapping->name,
							  .pos = text != NULL && text->cfg->pos.line > 0 ? text->cfg->pos : mapping->pos,
							  .overrode = overrode,
							  .note = note});
}

enum zync_status rules_origin_default(struct rules_run *run, const char *field, const char *value, const char *rule)
{
	if (!run->explain)
		return ZYNC_OK;
	if (field == NULL)
		return rules_nomem(run);
	return origin_add(run, (struct zync_rules_origin){.field = field, .value = value, .rule = rule});
}
