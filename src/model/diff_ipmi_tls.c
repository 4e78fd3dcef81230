/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_priv.h"

#include <string.h>

#include "base/str.h"

/* What a new host of Zabbix has. */
static const struct zync_ipmi default_ipmi = {
	.authtype = ZYNC_IPMI_AUTHTYPE_DEFAULT, .privilege = ZYNC_IPMI_PRIVILEGE_USER, .password = {.plain = ""}};
static const struct zync_tls default_tls = {.connect = ZYNC_TLS_NONE, .accept = ZYNC_TLS_NONE, .psk = {.plain = ""}};

/* Zabbix does not return an identity that somebody else set. */
#define IDENTITY_UNKNOWN "(unknown)"

/* One side of the comparison that may be of a host that does not exist. */
struct side {
	struct zync_model_changes *changes;
	enum zync_aspect aspect;
	bool created; /* there is no old text */
	struct zync_err *err;
};

static enum zync_status side_text(const struct side *s, const char *field, const char *old_text, const char *new_text)
{
	if (old_text == NULL || new_text == NULL)
		return zync_err_nomem(s->err, "comparing hosts");
	if (strcmp(old_text, new_text) == 0)
		return ZYNC_OK;
	return zync_model_change_add(s->changes, s->aspect, field, s->created ? NULL : old_text, new_text, s->err);
}

static enum zync_status side_word(const struct side *s, const char *field, enum zync_model_words words, int old_number, int new_number)
{
	return side_text(s, field, zync_model_text(zync_model_word(words, old_number)),
			 zync_model_text(zync_model_word(words, new_number)));
}

enum zync_status zync_model_change_sensitive(struct zync_model_changes *changes, enum zync_aspect aspect, const char *field,
					     const struct zync_sensitive *old_text, const struct zync_sensitive *new_text,
					     struct zync_err *err)
{
	if (!zync_model_sensitive_differs(new_text, old_text))
		return ZYNC_OK;
	const char *old_shown = zync_model_sensitive_shown(old_text);
	const char *new_shown = zync_model_sensitive_shown(new_text);
	if (strcmp(old_shown, "***") == 0 && strcmp(new_shown, "***") == 0)
		new_shown = "*** (changed)";
	return zync_model_change_add(changes, aspect, field, old_shown, new_shown, err);
}

static enum zync_status side_sensitive(const struct side *s, const char *field, const struct zync_sensitive *old_text,
				       const struct zync_sensitive *new_text)
{
	if (!s->created)
		return zync_model_change_sensitive(s->changes, s->aspect, field, old_text, new_text, s->err);
	if (zync_str_eq(new_text->plain, "") || (new_text->plain == NULL && new_text->digest == NULL))
		return ZYNC_OK;
	return zync_model_change_add(s->changes, s->aspect, field, NULL, zync_model_sensitive_shown(new_text), s->err);
}

enum zync_status zync_model_diff_ipmi(struct zync_model_changes *changes, const struct zync_ipmi *target, const struct zync_ipmi *actual,
				      bool created, struct zync_err *err)
{
	struct side side = {.changes = changes, .aspect = ZYNC_ASPECT_IPMI, .created = created, .err = err}, *s = &side;
	if (created)
		actual = &default_ipmi;
	ZYNC_TRY(side_word(s, "ipmi.authtype", ZYNC_WORDS_IPMI_AUTHTYPE, actual->authtype, target->authtype));
	ZYNC_TRY(side_word(s, "ipmi.privilege", ZYNC_WORDS_IPMI_PRIVILEGE, (int)actual->privilege, (int)target->privilege));
	ZYNC_TRY(side_text(s, "ipmi.username", zync_model_text(actual->username), zync_model_text(target->username)));
	return side_sensitive(s, "ipmi.password", &actual->password, &target->password);
}

/* "none, psk"; NULL when memory is out. */
static const char *tls_accept_shown(struct zync_arena *arena, unsigned accept)
{
	const char *text = "";
	for (unsigned bit = ZYNC_TLS_NONE; bit <= ZYNC_TLS_CERTIFICATE && text != NULL; bit *= 2) {
		if ((accept & bit) != 0)
			text = zync_arena_printf(arena, "%s%s%s", text, text[0] != '\0' ? ", " : "",
						 zync_model_text(zync_model_word(ZYNC_WORDS_TLS, (int)bit)));
	}
	return text;
}

/* Identity and key are one pair; one that goes is named by what takes its place: the way to connect. */
static enum zync_status diff_psk(struct zync_model_changes *changes, const struct zync_tls *target, const struct zync_tls *actual,
				 bool created, struct zync_err *err)
{
	bool had = !created && zync_model_tls_uses_psk(actual);
	struct side side = {.changes = changes, .aspect = ZYNC_ASPECT_TLS, .created = !had, .err = err};
	if (target->psk_identity != NULL)
		ZYNC_TRY(side_text(&side, "tls.psk_identity", actual->psk_identity != NULL ? actual->psk_identity : IDENTITY_UNKNOWN,
				   target->psk_identity));
	return side_sensitive(&side, "tls.psk", &actual->psk, &target->psk);
}

enum zync_status zync_model_diff_tls(struct zync_model_changes *changes, const struct zync_tls *target, const struct zync_tls *actual,
				     bool created, struct zync_err *err)
{
	struct side side = {.changes = changes, .aspect = ZYNC_ASPECT_TLS, .created = created, .err = err}, *s = &side;
	if (created)
		actual = &default_tls;
	ZYNC_TRY(side_word(s, "tls.connect", ZYNC_WORDS_TLS, (int)actual->connect, (int)target->connect));
	if (actual->accept != target->accept)
		ZYNC_TRY(side_text(s, "tls.accept", tls_accept_shown(changes->arena, actual->accept),
				   tls_accept_shown(changes->arena, target->accept)));
	if (zync_model_tls_uses_psk(target))
		ZYNC_TRY(diff_psk(changes, target, actual, created, err));
	ZYNC_TRY(side_text(s, "tls.issuer", zync_model_text(actual->issuer), zync_model_text(target->issuer)));
	return side_text(s, "tls.subject", zync_model_text(actual->subject), zync_model_text(target->subject));
}
