/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

void rules_problem(struct rules_compiler *c, struct zync_cfg_pos pos, const char *fmt, ...)
{
	const char *file = c->rules->config->path != NULL ? c->rules->config->path : "configuration";
	va_list ap;

	if (++c->problems > RULES_MAX_PROBLEMS)
		return;
	if (c->lines.len > 0)
		zync_buf_addc(&c->lines, '\n');
	if (pos.line > 0)
		zync_buf_printf(&c->lines, "%s:%u:%u: ", file, pos.line, pos.column);
	else
		zync_buf_printf(&c->lines, "%s: ", file);
	va_start(ap, fmt);
	zync_buf_vprintf(&c->lines, fmt, ap);
	va_end(ap);
}

enum zync_status rules_compile_nomem(struct rules_compiler *c)
{
	return zync_err_nomem(c->err, "compiling the mappings");
}

/* What stands behind custom_fields or config_context in a path are the user's own names, no fields of NetBox. */
static void compile_name(void *ctx, const char *name, bool root)
{
	static const char *const own[] = {"custom_fields", "config_context", "local_context_data"};
	struct rules_compiler *c = ctx;
	union {
		const char *in;
		void *out;
	} item = {.in = name};

	if (root)
		c->own_names = false;
	if (c->names_failed || c->own_names)
		return;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(own); i++)
		c->own_names = c->own_names || strcmp(name, own[i]) == 0;
	if (zync_map_get(c->rules->name_set, name) != NULL)
		return;
	c->names_failed = zync_map_put(c->rules->name_set, name, item.out, c->err) != ZYNC_OK ||
			  zync_vec_push(&c->rules->names, item.out, c->err) != ZYNC_OK;
}

enum zync_status rules_compile_name(struct rules_compiler *c, const char *name)
{
	compile_name(c, name, /* root= */ true);
	return c->names_failed ? rules_compile_nomem(c) : ZYNC_OK;
}

enum zync_status rules_compile_text(struct rules_compiler *c, const struct zync_cfg_text *cfg, const char *label, struct rules_text *out)
{
	struct zync_err err;
	size_t offset = 0;
	enum zync_status status;

	out->cfg = cfg;
	out->label = label;
	if (cfg->value == NULL)
		return ZYNC_OK;
	status = zync_expr_compile(c->arena, cfg->value, &out->expr, &offset, &err);
	if (status == ZYNC_ERR_INVALID) {
		if (cfg->secret) /* the parser's words may quote the text */
			rules_problem(c, cfg->pos, "%s: the template is wrong at byte %zu (not shown, it holds a secret)", label,
				      offset + 1);
		else
			rules_problem(c, cfg->pos, "%s: %s", label, err.message);
		return ZYNC_OK;
	}
	if (status != ZYNC_OK) {
		zync_err_copy(c->err, &err);
		return status;
	}
	zync_expr_each_name(out->expr, compile_name, c);
	if (c->names_failed)
		return rules_compile_nomem(c);
	if (zync_expr_uses(out->expr, "config_context"))
		c->rules->need_config_context = true;
	if (zync_expr_uses(out->expr, "ip_addresses"))
		c->rules->need_ip_addresses = true;
	return ZYNC_OK;
}

const char *rules_constant(const struct rules_text *text)
{
	return text->expr != NULL && zync_expr_is_constant(text->expr) ? text->cfg->value : NULL;
}

bool rules_check_choice(struct rules_compiler *c, const struct rules_text *text, const struct rules_choices *choices, int *ret)
{
	const char *value = rules_constant(text);

	if (value == NULL)
		return false;
	if (rules_choice_find(choices, value, ret))
		return true;
	rules_problem(c, text->cfg->pos, "%s: \"%s\" is none of %s", text->label, rules_shown(text, value), choices->allowed);
	return false;
}

static enum zync_status compile_status(struct rules_compiler *c, unsigned which, const struct zync_cfg_pairs *pairs, const char *label)
{
	struct rules_status *items = ZYNC_NEW_ARRAY(c->arena, struct rules_status, pairs->len);

	if (items == NULL)
		return rules_compile_nomem(c);
	for (size_t i = 0; i < pairs->len; i++) {
		const struct zync_cfg_pair *pair = &pairs->items[i];
		int verdict = 0;

		if (pair->values.len != 1 || pair->values.items[0].value == NULL)
			rules_problem(c, pair->key.pos, "%s.%s: one of %s is wanted", label, pair->key.value, rules_states.allowed);
		else if (!rules_choice_find(&rules_states, pair->values.items[0].value, &verdict))
			rules_problem(c, pair->values.items[0].pos, "%s.%s: \"%s\" is none of %s", label, pair->key.value,
				      pair->values.items[0].value, rules_states.allowed);
		items[i] = (struct rules_status){.status = pair->key.value, .verdict = (enum zync_verdict)verdict};
	}
	c->rules->status[which].items = items;
	c->rules->status[which].len = pairs->len;
	return ZYNC_OK;
}

static void compile_ownership(struct rules_compiler *c)
{
	const struct zync_cfg_ownership *own = &c->rules->config->ownership;
	const struct {
		const char *label;
		const struct zync_cfg_text *text;
		enum zync_aspect aspect;
		const struct rules_choices *choices;
	} rows[] = {
		{"groups", &own->groups, ZYNC_ASPECT_GROUPS, &rules_ownership},
		{"templates", &own->templates, ZYNC_ASPECT_TEMPLATES, &rules_ownership},
		{"tags", &own->tags, ZYNC_ASPECT_TAGS, &rules_ownership},
		{"macros", &own->macros, ZYNC_ASPECT_MACROS, &rules_ownership},
		{"inventory", &own->inventory, ZYNC_ASPECT_INVENTORY, &rules_ownership},
		{"interfaces", &own->interfaces, ZYNC_ASPECT_INTERFACES, &rules_ownership},
		{"description", &own->description, ZYNC_ASPECT_DESCRIPTION, &rules_own_or_ignore},
		{"proxy", &own->proxy, ZYNC_ASPECT_PROXY, &rules_ownership},
		{"ipmi", &own->ipmi, ZYNC_ASPECT_IPMI, &rules_own_or_ignore},
		{"tls", &own->tls, ZYNC_ASPECT_TLS, &rules_own_or_ignore},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		int value = ZYNC_OWN_OVERWRITE;

		if (rows[i].text->value != NULL && !rules_choice_find(rows[i].choices, rows[i].text->value, &value))
			rules_problem(c, rows[i].text->pos, "ownership.%s: \"%s\" is none of %s", rows[i].label, rows[i].text->value,
				      rows[i].choices->allowed);
		c->rules->own[rows[i].aspect] = (enum zync_ownership)value;
	}
}

static bool compile_sets_any(const struct rules_mapping *m, enum rules_single first, enum rules_single last)
{
	for (unsigned i = first; i <= (unsigned)last; i++)
		if (m->single[i].expr != NULL)
			return true;
	return false;
}

/* What per_host may set. IPMI is managed for just those objects whose config context has it: others may have been set up by hand. */
static unsigned compile_per_host_managed(const struct rules_per_host *p)
{
	static const struct {
		unsigned part;
		enum zync_aspect aspect;
	} rows[] = {{RULES_PART_TEMPLATES, ZYNC_ASPECT_TEMPLATES},  {RULES_PART_PROXY, ZYNC_ASPECT_PROXY},
		    {RULES_PART_INTERFACE, ZYNC_ASPECT_INTERFACES}, {RULES_PART_TAGS, ZYNC_ASPECT_TAGS},
		    {RULES_PART_MACROS, ZYNC_ASPECT_MACROS},	    {RULES_PART_DESCRIPTION, ZYNC_ASPECT_DESCRIPTION}};
	unsigned bits = 0;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows) && p->given; i++)
		if ((p->parts & rows[i].part) != 0)
			bits |= ZYNC_ASPECT_BIT(rows[i].aspect);
	return bits;
}

/* An aspect is managed on every host as soon as one mapping sets it on any. */
static unsigned compile_managed(const struct rules_mapping *m)
{
	unsigned bits = compile_per_host_managed(&m->per_host);
	const struct {
		bool set;
		enum zync_aspect aspect;
	} rows[] = {
		{m->single[RULES_DESCRIPTION].expr != NULL, ZYNC_ASPECT_DESCRIPTION},
		{m->templates.len > 0, ZYNC_ASPECT_TEMPLATES},
		{m->interfaces.given, ZYNC_ASPECT_INTERFACES},
		{m->single[RULES_PROXY].expr != NULL || m->single[RULES_PROXY_GROUP].expr != NULL, ZYNC_ASPECT_PROXY},
		{m->tags.len > 0, ZYNC_ASPECT_TAGS},
		{m->macros.len > 0, ZYNC_ASPECT_MACROS},
		{m->inventory.len > 0 || m->single[RULES_INVENTORY_MODE].expr != NULL, ZYNC_ASPECT_INVENTORY},
		{compile_sets_any(m, RULES_IPMI_AUTHTYPE, RULES_IPMI_PASSWORD), ZYNC_ASPECT_IPMI},
		{compile_sets_any(m, RULES_TLS_CONNECT, RULES_TLS_SUBJECT) || m->tls_accept.len > 0, ZYNC_ASPECT_TLS},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++)
		if (rows[i].set)
			bits |= ZYNC_ASPECT_BIT(rows[i].aspect);
	return bits;
}

static enum zync_status compile_mapping(struct rules_compiler *c, size_t index)
{
	const struct zync_cfg_mapping *cfg = &c->rules->config->mappings.items[index];
	struct rules_mapping *m = &c->rules->mappings[index];

	m->pos = cfg->pos;
	m->name = cfg->name.value != NULL ? cfg->name.value : zync_arena_printf(c->arena, "mapping %zu", index + 1);
	if (m->name == NULL)
		return rules_compile_nomem(c);
	ZYNC_TRY(rules_compile_match(c, &cfg->match, m));
	ZYNC_TRY(rules_compile_set(c, &cfg->set, m));
	c->rules->managed |= compile_managed(m);
	return ZYNC_OK;
}

/* A mapping without conditions, where the configuration demands one. */
static void compile_catch_all(struct rules_compiler *c)
{
	const struct zync_config *config = c->rules->config;

	if (config->rules.catch_all == ZYNC_CATCH_ALL_OPTIONAL)
		return;
	for (size_t i = 0; i < c->rules->mapping_count; i++)
		if (c->rules->mappings[i].condition_count == 0)
			return;
	rules_problem(
		c, (struct zync_cfg_pos){0},
		"rules.catch_all: required, but no mapping is without `match`; add one for the objects that no other mapping speaks of");
}

static enum zync_status compile_all(struct rules_compiler *c)
{
	const struct zync_config *config = c->rules->config;

	if (config->mappings.len > ZYNC_LIMIT_MAPPINGS)
		return zync_err_set(c->err, ZYNC_ERR_LIMIT, "the configuration has %zu mappings, more than %u", config->mappings.len,
				    ZYNC_LIMIT_MAPPINGS);
	c->rules->mappings = ZYNC_NEW_ARRAY(c->arena, struct rules_mapping, config->mappings.len);
	if (c->rules->mappings == NULL)
		return rules_compile_nomem(c);
	c->rules->mapping_count = config->mappings.len;
	ZYNC_TRY(compile_status(c, 0, &config->status.device, "status.device"));
	ZYNC_TRY(compile_status(c, 1, &config->status.virtual_machine, "status.virtual_machine"));
	compile_ownership(c);
	ZYNC_TRY(rules_compile_bundles(c));
	for (size_t i = 0; i < c->rules->bundle_count; i++)
		c->rules->managed |= compile_managed(&c->rules->bundles[i]);
	for (size_t i = 0; i < config->mappings.len; i++)
		ZYNC_TRY(compile_mapping(c, i));
	compile_catch_all(c);
	return ZYNC_OK;
}

static void compiler_done(struct rules_compiler *c)
{
	zync_buf_done(&c->lines);
}

enum zync_status zync_rules_compile(const struct zync_config *config, struct zync_rules **ret, struct zync_err *err)
{
	ZYNC_AUTO_RULES rules = zync_calloc(1, sizeof(*rules));
	ZYNC_CLEANUP(compiler_done) struct rules_compiler c = {.rules = rules, .err = err};

	zync_buf_init(&c.lines, 64u * 1024);
	if (rules == NULL || (rules->arena = zync_arena_new(0)) == NULL)
		return rules_compile_nomem(&c);
	rules->config = config;
	rules->managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_HOST) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_NAME) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_STATUS) |
			 ZYNC_ASPECT_BIT(ZYNC_ASPECT_GROUPS);
	c.arena = rules->arena;
	zync_vec_init(&rules->names, rules->arena);
	rules->name_set = zync_map_new(rules->arena);
	if (rules->name_set == NULL)
		return rules_compile_nomem(&c);
	ZYNC_TRY(compile_all(&c));
	if (c.problems > 0) {
		if (c.lines.failed == ZYNC_ERR_NOMEM)
			return rules_compile_nomem(&c);
		if (c.problems > RULES_MAX_PROBLEMS)
			return zync_err_set(err, ZYNC_ERR_INVALID, "%s\n… and %u more", c.lines.data, c.problems - RULES_MAX_PROBLEMS);
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s", c.lines.data);
	}
	*ret = rules;
	rules = NULL;
	return ZYNC_OK;
}

void zync_rules_free(struct zync_rules *rules)
{
	if (rules == NULL)
		return;
	zync_arena_free(rules->arena);
	zync_free(rules);
}

bool zync_rules_need_config_context(const struct zync_rules *rules)
{
	return rules->need_config_context;
}

bool zync_rules_need_ip_addresses(const struct zync_rules *rules)
{
	return rules->need_ip_addresses;
}

const char *const *zync_rules_names(const struct zync_rules *rules, size_t *ret_count)
{
	const void *items = rules->names.items;

	*ret_count = rules->names.len;
	return items;
}
