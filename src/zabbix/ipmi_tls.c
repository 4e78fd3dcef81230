/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPMI and TLS of a host, read and written. Measured on 6.0 and 7.0: host.get returns the IPMI password, and neither the key nor the identity of a
 * pre-shared key; host.update takes any part of them alone and keeps the rest, refuses an empty key or identity where one is used, and clears what the new ways to
 * connect do not use.
 */
#include <string.h>

#include "base/str.h"
#include "zabbix/zabbix_priv.h"

#define TLS_ALL ((unsigned)(ZYNC_TLS_NONE | ZYNC_TLS_PSK | ZYNC_TLS_CERTIFICATE))

void zync_zbx_ipmi_tls_output(struct zync_jb *b, struct zync_jnode *list)
{
	static const char *const fields[] = {"ipmi_authtype", "ipmi_privilege", "ipmi_username", "ipmi_password",
					     "tls_connect",   "tls_accept",	"tls_issuer",	 "tls_subject"};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(fields); i++)
		zync_jb_add_str(b, list, fields[i]);
}

/* --- reading -------------------------------------------------------------------------------------------------------------------------- */

static const char *ipmi_tls_text(const struct zync_jval *v, const char *key, struct zync_arena *arena)
{
	const char *text = zync_jval_text(arena, zync_jval_get(v, key));

	return zync_arena_strdup(arena, text ? text : "");
}

static int64_t ipmi_tls_number(const struct zync_jval *v, const char *key, int64_t least, int64_t most, int64_t otherwise)
{
	int64_t n;

	return zync_jval_to_i64(zync_jval_get(v, key), &n) && n >= least && n <= most ? n : otherwise;
}

enum zync_status zync_zbx_decode_ipmi_tls(const struct zync_jval *v, struct zync_arena *arena, struct zync_host *ret, struct zync_err *err)
{
	struct zync_ipmi *ipmi = &ret->ipmi;
	struct zync_tls *tls = &ret->tls;

	/* Zabbix takes any number; one without a meaning works like its default. */
	ipmi->authtype = (int)ipmi_tls_number(v, "ipmi_authtype", -1, 6, ZYNC_IPMI_AUTHTYPE_DEFAULT);
	if (ipmi->authtype == 3)
		ipmi->authtype = ZYNC_IPMI_AUTHTYPE_DEFAULT;
	ipmi->privilege = (unsigned)ipmi_tls_number(v, "ipmi_privilege", 1, 5, ZYNC_IPMI_PRIVILEGE_USER);
	ipmi->username = ipmi_tls_text(v, "ipmi_username", arena);
	ipmi->password.plain = ipmi_tls_text(v, "ipmi_password", arena);
	tls->connect = (unsigned)ipmi_tls_number(v, "tls_connect", ZYNC_TLS_NONE, ZYNC_TLS_CERTIFICATE, ZYNC_TLS_NONE);
	if (tls->connect == 3)
		tls->connect = ZYNC_TLS_NONE;
	tls->accept = (unsigned)ipmi_tls_number(v, "tls_accept", ZYNC_TLS_NONE, TLS_ALL, ZYNC_TLS_NONE);
	tls->issuer = ipmi_tls_text(v, "tls_issuer", arena);
	tls->subject = ipmi_tls_text(v, "tls_subject", arena);
	if (!ipmi->username || !ipmi->password.plain || !tls->issuer || !tls->subject)
		return zync_err_nomem(err, "reading hosts from zabbix");
	return ZYNC_OK;
}

/* --- writing -------------------------------------------------------------------------------------------------------------------------- */

static enum zync_status ipmi_tls_set(struct zync_jb *b, struct zync_jnode *entry, const char *key, const char *text, struct zync_err *err)
{
	if (text && !zync_utf8_valid(text, strlen(text)))
		return zync_err_set(err, ZYNC_ERR_REJECTED, "%s is not valid UTF-8", key);
	zync_jb_set_str(b, entry, key, text ? text : "");
	return ZYNC_OK;
}

/*
 * A secret: not sent when the host has it already (@p had NULL: it has none). One whose text is not known here stays what it is, where that is what is wanted or nobody
 * knows what is.
 */
static enum zync_status ipmi_tls_secret(struct zync_jb *b, struct zync_jnode *entry, const char *key, const struct zync_sensitive *wanted,
					const struct zync_sensitive *had, struct zync_err *err)
{
	if (had && wanted->digest && zync_str_eq(wanted->digest, had->digest))
		return ZYNC_OK;
	if (wanted->plain)
		return ipmi_tls_set(b, entry, key, wanted->plain, err);
	if (had && !wanted->digest)
		return ZYNC_OK;
	return zync_err_set(err, ZYNC_ERR_REJECTED, "the %s is not known here: run `zync pull`", key);
}

enum zync_status zync_zbx_encode_ipmi(struct zync_jb *b, struct zync_jnode *entry, const struct zync_ipmi *target,
				      const struct zync_ipmi *actual, struct zync_err *err)
{
	zync_jb_set_i64(b, entry, "ipmi_authtype", target->authtype);
	zync_jb_set_i64(b, entry, "ipmi_privilege", target->privilege);
	ZYNC_TRY(ipmi_tls_set(b, entry, "ipmi_username", target->username, err));
	return ipmi_tls_secret(b, entry, "ipmi_password", &target->password, actual ? &actual->password : NULL, err);
}

static bool tls_uses(const struct zync_tls *tls, unsigned kind)
{
	return tls && (tls->connect == kind || (tls->accept & kind) != 0);
}

enum zync_status zync_zbx_encode_tls(struct zync_jb *b, struct zync_jnode *entry, const struct zync_tls *target,
				     const struct zync_tls *actual, struct zync_err *err)
{
	const struct zync_tls *had = tls_uses(actual, ZYNC_TLS_PSK) ? actual : NULL;

	zync_jb_set_i64(b, entry, "tls_connect", target->connect);
	zync_jb_set_i64(b, entry, "tls_accept", target->accept);
	if (tls_uses(target, ZYNC_TLS_PSK)) {
		if (!had && !target->psk_identity)
			return zync_err_set(err, ZYNC_ERR_REJECTED, "a pre-shared key (tls) needs an identity");
		if (target->psk_identity && (!had || !zync_str_eq(target->psk_identity, had->psk_identity)))
			ZYNC_TRY(ipmi_tls_set(b, entry, "tls_psk_identity", target->psk_identity, err));
		ZYNC_TRY(ipmi_tls_secret(b, entry, "tls_psk", &target->psk, had ? &had->psk : NULL, err));
	}
	if (!tls_uses(target, ZYNC_TLS_CERTIFICATE))
		return ZYNC_OK;
	ZYNC_TRY(ipmi_tls_set(b, entry, "tls_issuer", target->issuer, err));
	return ipmi_tls_set(b, entry, "tls_subject", target->subject, err);
}
