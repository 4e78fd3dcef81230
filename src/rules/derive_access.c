/* SPDX-License-Identifier: Apache-2.0 */
/* Who monitors the host, and how it is reached beyond its interfaces: proxy, IPMI, TLS. */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

/* --- proxy --- */

/* The proxy or proxy group of one mapping; *ret_value NULL: it gives none. */
static enum zync_status access_proxy_of(struct rules_run *run, const struct rules_mapping *m, struct rules_pick *ret, bool *ret_group)
{
	const struct rules_per_host_values *values = NULL;
	const char *proxy = NULL, *group = NULL;

	*ret = (struct rules_pick){.mapping = m};
	ZYNC_TRY(rules_per_host(run, m, &values));
	if (values != NULL && (values->proxy != NULL || values->proxy_group != NULL)) {
		*ret_group = values->proxy_group != NULL;
		ret->value = *ret_group ? values->proxy_group : values->proxy;
		ret->note = values->proxy_source;
		return ZYNC_OK;
	}
	ZYNC_TRY(rules_render(run, m, &m->single[RULES_PROXY], &proxy));
	ZYNC_TRY(rules_render(run, m, &m->single[RULES_PROXY_GROUP], &group));
	*ret_group = group != NULL;
	ret->value = *ret_group ? group : proxy;
	ret->text = &m->single[*ret_group ? RULES_PROXY_GROUP : RULES_PROXY];
	return ZYNC_OK;
}

/* The last mapping that gives a proxy or a proxy group decides; an empty text means that the server itself monitors the host. */
enum zync_status rules_derive_proxy(struct rules_run *run)
{
	struct zync_host *host = &run->out->host;
	struct rules_pick pick = {.value = NULL};
	bool group = false;

	for (size_t i = run->matched.len; i-- > 0;) {
		struct rules_pick own;
		bool own_group = false;

		ZYNC_TRY(access_proxy_of(run, rules_matched(run, i), &own, &own_group));
		if (own.value == NULL)
			continue;
		if (pick.value != NULL) {
			pick.overrode = own.mapping;
			break;
		}
		pick = own;
		group = own_group;
		if (!run->explain)
			break;
	}
	if (pick.value == NULL)
		return ZYNC_OK;
	if (pick.value[0] != '\0') {
		host->monitored_by = group ? ZYNC_MONITORED_BY_PROXY_GROUP : ZYNC_MONITORED_BY_PROXY;
		*(group ? &host->proxy_group : &host->proxy) = (struct zync_ref){.name = pick.value};
	}
	return rules_origin_note(run, group ? "proxy_group" : "proxy", pick.value, pick.mapping, pick.text,
				 pick.overrode != NULL ? pick.overrode->name : NULL, pick.note);
}

/* --- one text of the host that the last mapping decides --- */

/* *ret NULL: no mapping gives it. @p hidden: explain shows ***, unless it is a user macro. */
static enum zync_status access_text(struct rules_run *run, enum rules_single which, const char *field, bool hidden, const char **ret)
{
	struct rules_pick pick;
	const char *shown;

	ZYNC_TRY(rules_pick_single(run, which, &pick));
	*ret = pick.value;
	if (pick.value == NULL)
		return ZYNC_OK;
	shown = hidden && pick.value[0] != '\0' && !zync_is_macro_reference(pick.value) ? "***" : pick.value;
	return rules_origin_note(run, field, shown, pick.mapping, pick.text, pick.overrode != NULL ? pick.overrode->name : NULL, pick.note);
}

/* The same for one that has only certain words; *ret stays when there is none. */
static enum zync_status access_choice(struct rules_run *run, enum rules_single which, const char *field,
				      const struct rules_choices *choices, int *ret)
{
	struct rules_pick pick;

	ZYNC_TRY(rules_pick_single(run, which, &pick));
	if (zync_str_empty(pick.value))
		return ZYNC_OK;
	if (!rules_choice_find(choices, pick.value, ret))
		return rules_fail(run, "%s (mapping \"%s\", line %u): \"%.100s\" is none of %s", field, pick.mapping->name,
				  pick.text->cfg->pos.line, rules_shown(pick.text, pick.value), choices->allowed);
	return rules_origin(run, field, rules_choice_name(choices, *ret), pick.mapping, pick.text,
			    pick.overrode != NULL ? pick.overrode->name : NULL);
}

static const char *access_or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* --- IPMI --- */

static enum zync_status access_too_long(struct rules_run *run, const char *field, const char *text, size_t max)
{
	if (zync_utf8_len(text) <= max)
		return ZYNC_OK;
	return rules_fail(run, "%s has %zu characters, Zabbix allows %zu", field, zync_utf8_len(text), max);
}

static bool access_sets_ipmi(const struct rules_mapping *m)
{
	return m->single[RULES_IPMI_AUTHTYPE].expr != NULL || m->single[RULES_IPMI_PRIVILEGE].expr != NULL ||
	       m->single[RULES_IPMI_USERNAME].expr != NULL || m->single[RULES_IPMI_PASSWORD].expr != NULL;
}

static enum zync_status access_explain_ipmi(struct rules_run *run, const struct rules_per_host_values *values)
{
	const struct zync_ipmi *ipmi = &values->ipmi;
	const struct {
		const char *field, *value;
	} rows[] = {{"ipmi.authtype", rules_choice_name(&rules_ipmi_authtypes, ipmi->authtype)},
		    {"ipmi.privilege", rules_choice_name(&rules_ipmi_privileges, (int)ipmi->privilege)},
		    {"ipmi.username", ipmi->username},
		    {"ipmi.password", zync_is_macro_reference(ipmi->password.plain) ? ipmi->password.plain : "***"}};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++)
		ZYNC_TRY(rules_origin_note(run, rows[i].field, rows[i].value, values->mapping, NULL, NULL, values->ipmi_source));
	return ZYNC_OK;
}

/* What the config context says counts as a whole, unless a later mapping than the one that looks at it speaks of IPMI itself. */
static enum zync_status access_per_host_ipmi(struct rules_run *run, bool *ret_given)
{
	*ret_given = false;
	for (size_t i = run->matched.len; i-- > 0;) {
		const struct rules_per_host_values *values = NULL;
		const struct rules_mapping *m = rules_matched(run, i);

		ZYNC_TRY(rules_per_host(run, m, &values));
		if (values != NULL && values->has_ipmi) {
			*ret_given = true;
			run->out->host.ipmi = values->ipmi;
			return access_explain_ipmi(run, values);
		}
		if (access_sets_ipmi(m))
			return ZYNC_OK;
	}
	return ZYNC_OK;
}

static enum zync_status access_ipmi(struct rules_run *run)
{
	struct zync_ipmi *ipmi = &run->out->host.ipmi;
	int authtype = -1, privilege = 2;
	const char *username = NULL, *password = NULL;
	bool given = false;

	ZYNC_TRY(access_per_host_ipmi(run, &given));
	if (given) /* managed for this host, also where no mapping speaks of IPMI */
		run->out->host.managed |= ZYNC_ASPECT_BIT(ZYNC_ASPECT_IPMI);
	if (given || (run->rules->managed & ZYNC_ASPECT_BIT(ZYNC_ASPECT_IPMI)) == 0)
		return ZYNC_OK;
	ZYNC_TRY(access_choice(run, RULES_IPMI_AUTHTYPE, "ipmi.authtype", &rules_ipmi_authtypes, &authtype));
	ZYNC_TRY(access_choice(run, RULES_IPMI_PRIVILEGE, "ipmi.privilege", &rules_ipmi_privileges, &privilege));
	ZYNC_TRY(access_text(run, RULES_IPMI_USERNAME, "ipmi.username", /* hidden= */ false, &username));
	ZYNC_TRY(access_text(run, RULES_IPMI_PASSWORD, "ipmi.password", /* hidden= */ true, &password));
	*ipmi = (struct zync_ipmi){.authtype = authtype,
				   .privilege = (unsigned)privilege,
				   .username = access_or_empty(username),
				   .password = {.plain = access_or_empty(password)}};
	ZYNC_TRY(access_too_long(run, "ipmi.username", ipmi->username, ZYNC_IPMI_USERNAME_MAX));
	return access_too_long(run, "ipmi.password", ipmi->password.plain, ZYNC_IPMI_PASSWORD_MAX);
}

/* --- TLS --- */

static enum zync_status access_accept(struct rules_run *run, unsigned connect, unsigned *ret)
{
	for (size_t i = run->matched.len; i-- > 0 && *ret == 0;) {
		const struct rules_mapping *m = rules_matched(run, i);

		for (size_t j = 0; j < m->tls_accept.len; j++) {
			int mode = 0;
			bool given = false;

			ZYNC_TRY(rules_render_choice(run, m, &m->tls_accept.items[j], &rules_tls_modes, &mode, &given));
			if (!given)
				continue;
			*ret |= (unsigned)mode;
			ZYNC_TRY(rules_origin(run, "tls.accept", rules_choice_name(&rules_tls_modes, mode), m, &m->tls_accept.items[j],
					      NULL));
		}
	}
	if (*ret != 0)
		return ZYNC_OK;
	*ret = connect;
	return rules_origin_default(run, "tls.accept", rules_choice_name(&rules_tls_modes, (int)connect), "as tls.connect");
}

static bool access_is_psk(const char *key)
{
	size_t len = strlen(key);

	return len >= ZYNC_PSK_MIN && len <= ZYNC_PSK_MAX && len % 2 == 0 && strspn(key, "0123456789abcdefABCDEF") == len;
}

/* What the modes need, and what they do not use is left empty, as Zabbix wants it. */
static enum zync_status access_tls_check(struct rules_run *run, struct zync_tls *tls)
{
	unsigned used = tls->connect | tls->accept;

	if ((used & ZYNC_TLS_PSK) == 0) {
		tls->psk_identity = "";
		tls->psk = (struct zync_sensitive){.plain = ""};
	} else if (tls->psk_identity[0] == '\0' || tls->psk.plain[0] == '\0') {
		return rules_fail(run, "tls: psk needs both psk_identity and psk; %s is empty for this object",
				  tls->psk_identity[0] == '\0' ? "psk_identity" : "psk");
	} else if (!access_is_psk(tls->psk.plain)) {
		return rules_fail(run, "tls: psk must be an even number of hexadecimal digits, %d to %d of them (it is not shown)",
				  ZYNC_PSK_MIN, ZYNC_PSK_MAX);
	}
	if ((used & ZYNC_TLS_CERTIFICATE) == 0)
		tls->issuer = tls->subject = "";
	ZYNC_TRY(access_too_long(run, "tls.psk_identity", tls->psk_identity, ZYNC_PSK_IDENTITY_MAX));
	ZYNC_TRY(access_too_long(run, "tls.issuer", tls->issuer, ZYNC_TLS_NAME_MAX));
	return access_too_long(run, "tls.subject", tls->subject, ZYNC_TLS_NAME_MAX);
}

static enum zync_status access_tls(struct rules_run *run)
{
	struct zync_tls *tls = &run->out->host.tls;
	const char *identity = NULL, *psk = NULL, *issuer = NULL, *subject = NULL;
	int connect = ZYNC_TLS_NONE;

	if ((run->rules->managed & ZYNC_ASPECT_BIT(ZYNC_ASPECT_TLS)) == 0)
		return ZYNC_OK;
	ZYNC_TRY(access_choice(run, RULES_TLS_CONNECT, "tls.connect", &rules_tls_modes, &connect));
	tls->connect = (unsigned)connect;
	ZYNC_TRY(access_accept(run, tls->connect, &tls->accept));
	ZYNC_TRY(access_text(run, RULES_TLS_PSK_IDENTITY, "tls.psk_identity", /* hidden= */ false, &identity));
	ZYNC_TRY(access_text(run, RULES_TLS_PSK, "tls.psk", /* hidden= */ true, &psk));
	ZYNC_TRY(access_text(run, RULES_TLS_ISSUER, "tls.issuer", /* hidden= */ false, &issuer));
	ZYNC_TRY(access_text(run, RULES_TLS_SUBJECT, "tls.subject", /* hidden= */ false, &subject));
	tls->psk_identity = access_or_empty(identity);
	tls->psk.plain = access_or_empty(psk);
	tls->issuer = access_or_empty(issuer);
	tls->subject = access_or_empty(subject);
	return access_tls_check(run, tls);
}

enum zync_status rules_derive_access(struct rules_run *run)
{
	ZYNC_TRY(access_ipmi(run));
	return access_tls(run);
}
