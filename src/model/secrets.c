/* SPDX-License-Identifier: Apache-2.0 */
#include "model/host.h"

#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "model/model_priv.h"

#define SECRETS_PER_INTERFACE 3
/* Members of what was pushed, beside the names of macros. */
#define PUSHED_PSK	    "tls.psk"
#define PUSHED_PSK_IDENTITY "tls.psk_identity"

bool zync_model_is_secret_text(const char *text)
{
	return !zync_str_empty(text) && !zync_is_macro_reference(text);
}

bool zync_model_sensitive_differs(const struct zync_sensitive *target, const struct zync_sensitive *actual)
{
	if (target->digest != NULL && actual->digest != NULL)
		return strcmp(target->digest, actual->digest) != 0;
	if (target->plain != NULL && actual->plain != NULL)
		return strcmp(target->plain, actual->plain) != 0;
	/* Nothing to compare by: what the target knows has to be pushed once; where it knows nothing there is nothing to push. */
	return target->plain != NULL || target->digest != NULL;
}

const char *zync_model_sensitive_shown(const struct zync_sensitive *text)
{
	if (text->plain == NULL || zync_model_is_secret_text(text->plain))
		return "***";
	return text->plain;
}

/* Those of which a host has one each. */
static bool secret_single_at(struct zync_host *host, size_t index, struct zync_model_secret *ret)
{
	if (index == 0)
		*ret = (struct zync_model_secret){.text = &host->ipmi.password, .purpose = "ipmi.password"};
	else if (index == 1)
		*ret = (struct zync_model_secret){
			.text = &host->tls.psk, .purpose = zync_model_tls_uses_psk(&host->tls) ? PUSHED_PSK : NULL, .always = true};
	return index <= 1;
}

bool zync_model_secret_at(struct zync_host *host, size_t index, struct zync_model_secret *ret)
{
	if (index < host->macros.len) {
		ret->text = &host->macros.items[index].value;
		ret->purpose = host->macros.items[index].type == ZYNC_MACRO_SECRET ? "macro" : NULL;
		ret->always = true;
		return true;
	}
	index -= host->macros.len;
	if (index / SECRETS_PER_INTERFACE >= host->interfaces.len)
		return secret_single_at(host, index - host->interfaces.len * SECRETS_PER_INTERFACE, ret);
	struct zync_interface *interface = &host->interfaces.items[index / SECRETS_PER_INTERFACE];
	struct zync_snmp *snmp = &interface->snmp;
	struct zync_sensitive *const texts[SECRETS_PER_INTERFACE] = {&snmp->community, &snmp->authpassphrase, &snmp->privpassphrase};
	static const char *const purposes[SECRETS_PER_INTERFACE] = {"snmp.community", "snmp.authpassphrase", "snmp.privpassphrase"};
	ret->text = texts[index % SECRETS_PER_INTERFACE];
	ret->purpose = interface->type == ZYNC_INTERFACE_SNMP ? purposes[index % SECRETS_PER_INTERFACE] : NULL;
	ret->always = false;
	return true;
}

/* Is it a secret whose plain text is known here? */
static bool secret_is_known(const struct zync_model_secret *secret)
{
	if (secret->purpose == NULL || secret->text->plain == NULL)
		return false;
	return secret->always || zync_model_is_secret_text(secret->text->plain);
}

enum zync_status zync_host_fill_digests(struct zync_host *host, const struct zync_keyring *ring, struct zync_arena *arena,
					struct zync_err *err)
{
	struct zync_model_secret secret;
	for (size_t i = 0; zync_model_secret_at(host, i, &secret); i++) {
		if (!secret_is_known(&secret)) {
			/* A text that became a reference must not keep the digest of the secret it was. */
			if (secret.purpose == NULL || secret.text->plain != NULL)
				secret.text->digest = NULL;
			continue;
		}
		char hex[ZYNC_DIGEST_HEX_SIZE];
		ZYNC_TRY(zync_keyring_digest(ring, secret.purpose, secret.text->plain, hex, err));
		secret.text->digest = zync_arena_strdup(arena, hex);
		if (secret.text->digest == NULL)
			return zync_err_nomem(err, "computing the digests of a host's secrets");
	}
	zync_model_sort(host); /* interfaces that differ in their secrets only are ordered by these */
	return ZYNC_OK;
}

/* Add one sealed secret to the object, unless an equal one is there. */
static enum zync_status secrets_seal_one(const struct zync_model_secret *secret, const struct zync_keyring *ring, struct zync_map *seen,
					 struct zync_arena *scratch, struct zync_jb *b, struct zync_jnode *obj, struct zync_err *err)
{
	char hex[ZYNC_DIGEST_HEX_SIZE];
	ZYNC_TRY(zync_keyring_digest(ring, secret->purpose, secret->text->plain, hex, err));
	if (zync_map_get(seen, hex) != NULL)
		return ZYNC_OK;
	ZYNC_TRY(zync_map_put(seen, hex, secret->text, err));
	const char *sealed = NULL;
	ZYNC_TRY(zync_keyring_seal(ring, secret->text->plain, scratch, &sealed, err));
	zync_jb_set_str(b, obj, hex, sealed);
	return ZYNC_OK;
}

enum zync_status zync_host_seal_secrets(const struct zync_host *host, const struct zync_keyring *ring, struct zync_jb *b,
					struct zync_jnode **ret, struct zync_err *err)
{
	struct zync_jnode *obj = zync_jb_object(b);
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct zync_map *seen = scratch != NULL ? zync_map_new(scratch) : NULL;
	if (obj == NULL || seen == NULL)
		return zync_err_nomem(err, "sealing the secrets of a host");
	struct zync_model_secret secret;
	struct zync_host walked = *host;
	for (size_t i = 0; zync_model_secret_at(&walked, i, &secret); i++) {
		if (secret_is_known(&secret))
			ZYNC_TRY(secrets_seal_one(&secret, ring, seen, scratch, b, obj, err));
	}
	*ret = obj;
	return ZYNC_OK;
}

enum zync_status zync_host_unseal_secrets(struct zync_host *host, const struct zync_jval *sealed, const struct zync_keyring *ring,
					  struct zync_arena *arena, struct zync_err *err)
{
	struct zync_model_secret secret;
	for (size_t i = 0; zync_model_secret_at(host, i, &secret); i++) {
		if (secret.purpose == NULL || secret.text->plain != NULL || secret.text->digest == NULL)
			continue;
		const char *text = zync_jval_get_str(sealed, secret.text->digest);
		if (text == NULL)
			continue;
		enum zync_status status = zync_keyring_unseal(ring, text, arena, &secret.text->plain, err);
		if (status != ZYNC_OK)
			return zync_err_wrap(err, status, "secret text (%s) of host \"%s\"", secret.purpose, zync_model_text(host->host));
	}
	return ZYNC_OK;
}

struct zync_jnode *zync_host_pushed_to_json(struct zync_jb *b, const struct zync_host *host)
{
	struct zync_jnode *obj = zync_jb_object(b);
	for (size_t i = 0; i < host->macros.len; i++) {
		const struct zync_macro *macro = &host->macros.items[i];
		if (macro->type == ZYNC_MACRO_SECRET && macro->value.digest != NULL)
			zync_jb_set_str(b, obj, macro->macro, macro->value.digest);
	}
	if (zync_model_tls_uses_psk(&host->tls) && host->tls.psk.digest != NULL) {
		zync_jb_set_str(b, obj, PUSHED_PSK, host->tls.psk.digest);
		zync_jb_set_str(b, obj, PUSHED_PSK_IDENTITY, host->tls.psk_identity);
	}
	return obj;
}

void zync_host_apply_pushed(struct zync_host *actual, const struct zync_jval *pushed)
{
	for (size_t i = 0; i < actual->macros.len; i++) {
		struct zync_macro *macro = &actual->macros.items[i];
		if (macro->type == ZYNC_MACRO_SECRET && macro->value.plain == NULL)
			macro->value.digest = zync_jval_get_str(pushed, macro->macro);
	}
	struct zync_tls *tls = &actual->tls;
	if (zync_model_tls_uses_psk(tls) && tls->psk.plain == NULL) {
		tls->psk.digest = zync_jval_get_str(pushed, PUSHED_PSK);
		tls->psk_identity = zync_jval_get_str(pushed, PUSHED_PSK_IDENTITY);
	}
}
