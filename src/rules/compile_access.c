/* SPDX-License-Identifier: Apache-2.0 */
/* What a mapping says of IPMI, TLS and the values that NetBox holds per host, as far as it can be checked before an object. */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

static void access_check_psk(struct rules_compiler *c, const struct zync_cfg_tls *tls, const struct rules_mapping *m)
{
	const char *psk = rules_constant(&m->single[RULES_TLS_PSK]);
	size_t len = psk != NULL ? strlen(psk) : 0;

	if (psk == NULL || psk[0] == '\0')
		return;
	if (len < ZYNC_PSK_MIN || len > ZYNC_PSK_MAX || len % 2 != 0 || strspn(psk, "0123456789abcdefABCDEF") != len)
		rules_problem(c, tls->psk.pos, "tls: psk: an even number of hexadecimal digits is wanted, %d to %d of them (not shown)",
			      ZYNC_PSK_MIN, ZYNC_PSK_MAX);
}

enum zync_status rules_compile_access(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	int value = 0;

	(void)rules_check_choice(c, &out->single[RULES_IPMI_AUTHTYPE], &rules_ipmi_authtypes, &value);
	(void)rules_check_choice(c, &out->single[RULES_IPMI_PRIVILEGE], &rules_ipmi_privileges, &value);
	(void)rules_check_choice(c, &out->single[RULES_TLS_CONNECT], &rules_tls_modes, &value);
	ZYNC_TRY(rules_compile_texts(c, &set->tls.accept, "tls: accept", &out->tls_accept));
	for (size_t i = 0; i < out->tls_accept.len; i++)
		(void)rules_check_choice(c, &out->tls_accept.items[i], &rules_tls_modes, &value);
	access_check_psk(c, &set->tls, out);
	return ZYNC_OK;
}

/* --- per_host --- */

static unsigned per_host_parts(const struct zync_cfg_texts *texts)
{
	static const struct rules_choice items[] = {{"templates", RULES_PART_TEMPLATES},
						    {"proxy", RULES_PART_PROXY},
						    {"interface", RULES_PART_INTERFACE},
						    {"tags", RULES_PART_TAGS},
						    {"macros", RULES_PART_MACROS},
						    {"description", RULES_PART_DESCRIPTION},
						    {"ipmi", RULES_PART_IPMI}};
	static const struct rules_choices choices = {.items = items, .len = ZYNC_ARRAY_LEN(items)};
	unsigned parts = 0;

	for (size_t i = 0; i < texts->len; i++) {
		int part = 0;

		if (rules_choice_find(&choices, texts->items[i].value, &part))
			parts |= (unsigned)part;
	}
	return texts->len == 0 ? RULES_PART_ALL : parts;
}

static bool per_host_flag(const struct zync_cfg_text *text)
{
	int value = 0;

	return text->value != NULL && rules_choice_find(&rules_booleans, text->value, &value) && value != 0;
}

enum zync_status rules_compile_per_host(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	static const struct rules_choice from_items[] = {{"context", RULES_TEMPLATES_CONTEXT},
							 {"custom_field", RULES_TEMPLATES_FIELD},
							 {"context_or_custom_field", RULES_TEMPLATES_CONTEXT_OR_FIELD},
							 {"both", RULES_TEMPLATES_BOTH}};
	static const struct rules_choice family_items[] = {{"auto", 0}, {"ipv4", 4}, {"ipv6", 6}};
	static const struct rules_choices from = {.items = from_items, .len = ZYNC_ARRAY_LEN(from_items)};
	static const struct rules_choices families = {.items = family_items, .len = ZYNC_ARRAY_LEN(family_items)};
	const struct zync_cfg_per_host *cfg = &set->per_host;
	struct rules_per_host *p = &out->per_host;
	int value = RULES_TEMPLATES_CONTEXT_OR_FIELD;

	if (!cfg->given)
		return ZYNC_OK;
	(void)rules_choice_find(&from, cfg->templates_from.value, &value);
	*p = (struct rules_per_host){
		.given = true,
		.pos = cfg->pos,
		.context = cfg->context.value != NULL ? cfg->context.value : "",
		.parts = per_host_parts(&cfg->parts),
		.templates_from = (enum rules_templates_from)value,
		.template_field = cfg->template_field.value,
		.proxy_field = cfg->proxy_field.value,
		.proxy_group_field = cfg->proxy_group_field.value,
		.prefer_dns = per_host_flag(&cfg->prefer_dns),
		.oob = per_host_flag(&cfg->oob),
		.default_interface = per_host_flag(&cfg->default_interface),
	};
	(void)rules_choice_find(&families, cfg->preferred_ip.value, &p->family);
	if (p->context[0] != '\0')
		c->rules->need_config_context = true;
	return rules_compile_name(c, "owner"); /* of {owner} in a description */
}
