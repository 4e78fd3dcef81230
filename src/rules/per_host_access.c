/* SPDX-License-Identifier: Apache-2.0 */
/* SNMP details and IPMI of the config context: numbers and words alike, as Zabbix's API and people write them. */
#include "rules/per_host_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

/* --- SNMP --- */

static const char *access_or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static enum zync_status access_missing(const struct per_host *p, const char *path, int level)
{
	return per_host_fail(p, path, "it is missing or empty, and securitylevel %s needs it; best name a user macro there",
			     rules_choice_name(&rules_security_levels, level));
}

/* What the security level does not use is left at Zabbix's defaults, so that it cannot differ. */
static enum zync_status access_snmp3(const struct per_host *p, struct per_host_place place, struct zync_snmp *out)
{
	const char *security = NULL, *context = NULL, *auth = NULL, *priv = NULL;
	int level = 0, auth_protocol = 0, priv_protocol = 0;
	bool given = false;

	ZYNC_TRY(per_host_choice(p, place, "securitylevel", &rules_security_levels, &level, &given));
	ZYNC_TRY(per_host_choice(p, place, "authprotocol", &rules_auth_protocols, &auth_protocol, &given));
	ZYNC_TRY(per_host_choice(p, place, "privprotocol", &rules_priv_protocols, &priv_protocol, &given));
	ZYNC_TRY(per_host_text_or_number(p, place, "securityname", &security));
	ZYNC_TRY(per_host_text_or_number(p, place, "contextname", &context));
	ZYNC_TRY(per_host_text_or_number(p, place, "authpassphrase", &auth));
	ZYNC_TRY(per_host_text_or_number(p, place, "privpassphrase", &priv));
	out->securitylevel = (unsigned)level;
	out->securityname = access_or_empty(security);
	out->contextname = access_or_empty(context);
	out->authpassphrase.plain = level >= 1 ? access_or_empty(auth) : "";
	out->privpassphrase.plain = level >= 2 ? access_or_empty(priv) : "";
	out->authprotocol = level >= 1 ? (unsigned)auth_protocol : 0;
	out->privprotocol = level >= 2 ? (unsigned)priv_protocol : 0;
	if (level >= 1 && zync_str_empty(auth))
		ZYNC_TRY(access_missing(p, "snmp.authpassphrase", level));
	return level >= 2 && zync_str_empty(priv) ? access_missing(p, "snmp.privpassphrase", level) : ZYNC_OK;
}

static enum zync_status access_community(const struct per_host *p, struct per_host_place place, struct zync_snmp *out)
{
	unsigned failures = p->run->failures;
	const char *community = NULL;

	ZYNC_TRY(per_host_text_or_number(p, place, "community", &community));
	if (community != NULL && community[0] == '\0' && p->run->failures == failures)
		return per_host_fail(p, "snmp.community", "it is empty; name one, or leave it out for {$SNMP_COMMUNITY}");
	out->community.plain = community != NULL ? community : "{$SNMP_COMMUNITY}";
	return ZYNC_OK;
}

static enum zync_status access_max_repetitions(const struct per_host *p, struct per_host_place place, struct zync_snmp *out)
{
	const char *text = NULL;

	ZYNC_TRY(per_host_word(p, place, "max_repetitions", &text));
	if (zync_str_empty(text) || rules_max_repetitions(text, &out->max_repetitions))
		return ZYNC_OK;
	return per_host_fail(p, "snmp.max_repetitions", "\"%s\" is no number from 1 to 2147483647", per_host_shown(p, text));
}

enum zync_status per_host_snmp(const struct per_host *p, struct zync_snmp *out)
{
	static const char *const members[] = {"version",      "bulk",		"max_repetitions", "community",
					      "securityname", "securitylevel",	"authprotocol",	   "authpassphrase",
					      "privprotocol", "privpassphrase", "contextname"};
	struct per_host_place place = {NULL, "snmp."};
	unsigned failures = p->run->failures;
	int version = 0, bulk = 1;
	bool given = false;

	ZYNC_TRY(per_host_object(p, "snmp", &place.object));
	if (place.object == NULL)
		return p->run->failures != failures
			       ? ZYNC_OK
			       : per_host_fail(p, "snmp", "it is missing, and interfaces of type snmp need it; add {\"version\": 2}");
	ZYNC_TRY(per_host_check_names(p, place, members, ZYNC_ARRAY_LEN(members)));
	if (p->run->failures != failures)
		return ZYNC_OK;
	ZYNC_TRY(per_host_choice(p, place, "version", &rules_snmp_versions, &version, &given));
	if (!given)
		return p->run->failures != failures ? ZYNC_OK : per_host_fail(p, "snmp.version", "it is missing; set it to 1, 2 or 3");
	ZYNC_TRY(per_host_choice(p, place, "bulk", &rules_booleans, &bulk, &given));
	out->version = (unsigned)version;
	out->bulk = bulk != 0;
	if (version > 1)
		ZYNC_TRY(access_max_repetitions(p, place, out));
	return version == 3 ? access_snmp3(p, place, out) : access_community(p, place, out);
}

/* --- IPMI --- */

static enum zync_status access_needed(const struct per_host *p, struct per_host_place place, const char *key, size_t max, const char **ret)
{
	const char *path = zync_arena_printf(p->run->arena, "ipmi.%s", key);
	unsigned failures = p->run->failures;

	if (path == NULL)
		return rules_nomem(p->run);
	ZYNC_TRY(per_host_text_or_number(p, place, key, ret));
	if (p->run->failures != failures)
		return ZYNC_OK;
	if (zync_str_empty(*ret))
		return per_host_fail(p, path, "it is missing or empty; ipmi needs both username and password");
	if (zync_utf8_len(*ret) > max)
		return per_host_fail(p, path, "it has %zu characters, Zabbix allows %zu", zync_utf8_len(*ret), max);
	return ZYNC_OK;
}

enum zync_status per_host_ipmi(struct per_host *p)
{
	static const char *const members[] = {"username", "password", "authtype", "privilege"};
	struct per_host_place place = {NULL, "ipmi."};
	unsigned failures = p->run->failures;
	const char *username = NULL, *password = NULL;
	int authtype = -1, privilege = 2;
	bool given = false;

	ZYNC_TRY(per_host_object(p, "ipmi", &place.object));
	if (place.object == NULL)
		return ZYNC_OK;
	ZYNC_TRY(per_host_check_names(p, place, members, ZYNC_ARRAY_LEN(members)));
	if (p->run->failures != failures)
		return ZYNC_OK;
	ZYNC_TRY(access_needed(p, place, "username", ZYNC_IPMI_USERNAME_MAX, &username));
	ZYNC_TRY(access_needed(p, place, "password", ZYNC_IPMI_PASSWORD_MAX, &password));
	ZYNC_TRY(per_host_choice(p, place, "authtype", &rules_ipmi_authtypes, &authtype, &given));
	ZYNC_TRY(per_host_choice(p, place, "privilege", &rules_ipmi_privileges, &privilege, &given));
	if (p->run->failures != failures)
		return ZYNC_OK;
	p->out->has_ipmi = true;
	p->out->ipmi = (struct zync_ipmi){
		.authtype = authtype, .privilege = (unsigned)privilege, .username = username, .password = {.plain = password}};
	return per_host_source(p, "ipmi", &p->out->ipmi_source);
}
