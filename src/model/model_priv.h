/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file model_priv.h
 * What the files of model/ share: words of the enumerations, order and equality of the pieces of a host, walking its secrets.
 *
 * All functions are pure and cannot fail unless they say so.
 */
#ifndef ZYNC_MODEL_MODEL_PRIV_H
#define ZYNC_MODEL_MODEL_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "model/diff.h"
#include "model/host.h"

/** The enumerations that have words in JSON and in changes. */
enum zync_model_words {
	ZYNC_WORDS_ASPECT = 0,
	ZYNC_WORDS_OWNERSHIP,
	ZYNC_WORDS_STATUS,
	ZYNC_WORDS_INTERFACE_TYPE,
	ZYNC_WORDS_MACRO_TYPE,
	ZYNC_WORDS_MONITORED_BY,
	ZYNC_WORDS_INVENTORY_MODE,
	ZYNC_WORDS_SECURITYLEVEL,
	ZYNC_WORDS_AUTHPROTOCOL,
	ZYNC_WORDS_PRIVPROTOCOL,
	ZYNC_WORDS_IPMI_AUTHTYPE,
	ZYNC_WORDS_IPMI_PRIVILEGE,
	ZYNC_WORDS_TLS,
	ZYNC_WORDS_COUNT
};
/** The word of @p number, NULL when the enumeration has no such number. */
const char *zync_model_word(enum zync_model_words words, int number);
/** The number of @p word; false when it is none of the enumeration's words. */
bool zync_model_number(enum zync_model_words words, const char *word, int *ret_number);

/** @p s, or "" for NULL. */
const char *zync_model_text(const char *s);

/** Is @p text worth hiding: neither NULL, nor empty, nor only a user macro reference? */
bool zync_model_is_secret_text(const char *text);
/** Does @p target have to be written over @p actual (rules: diff.h)? */
bool zync_model_sensitive_differs(const struct zync_sensitive *target, const struct zync_sensitive *actual);
/** One sensitive text of a host. */
struct zync_model_secret {
	struct zync_sensitive *text;
	const char *purpose; /**< of the keyed digest */
	bool always;	     /**< a secret whatever its text is: the value of a secret macro, a pre-shared key */
};
/** The sensitive text number @p index (from 0) of @p host; false after the last one. Constant time. */
bool zync_model_secret_at(struct zync_host *host, size_t index, struct zync_model_secret *ret);

/** Order by name, then id. */
int zync_model_ref_cmp(const struct zync_ref *a, const struct zync_ref *b);
/** Equal ids when both are known, else equal names. */
bool zync_model_ref_equal(const struct zync_ref *a, const struct zync_ref *b);
/** The entry of @p list that equals @p ref, or NULL. */
const struct zync_ref *zync_model_ref_find(const struct zync_ref_list *list, const struct zync_ref *ref);
int zync_model_tag_cmp(const struct zync_tag *a, const struct zync_tag *b);
/** Do the host's tags hold exactly this tag and value? */
bool zync_model_tag_find(const struct zync_host *host, const struct zync_tag *tag);
/** The macro of this name, or NULL. */
const struct zync_macro *zync_model_macro_find(const struct zync_host *host, const char *macro);
/** Is a pre-shared key used in any direction? */
bool zync_model_tls_uses_psk(const struct zync_tls *tls);
/** Is a certificate used in any direction? */
bool zync_model_tls_uses_certificate(const struct zync_tls *tls);
/** The inventory field of this name, or NULL. */
const struct zync_inventory_field *zync_model_inventory_field(const struct zync_host *host, const char *field);
/** The value of an inventory field, NULL when it is absent, empty or left to Zabbix. */
const char *zync_model_inventory_find(const struct zync_host *host, const char *field);

/** The canonical order of interfaces: type, default first, address, the rest. 0 only for the same content and id. */
int zync_model_interface_cmp(const struct zync_interface *a, const struct zync_interface *b);
/** Same type, ip, dns, port and way to connect? */
bool zync_model_interface_same_address(const struct zync_interface *a, const struct zync_interface *b);
#define ZYNC_MODEL_NO_MATCH ((size_t)-1)
/**
 * Which interface of @p have each of @p want is: of the same type, first the one that need not change, then the one with an equal address (in the same
 * role before the other), then what is left in order, which in canonical lists means default with default. match[i] is an index into @p have or ZYNC_MODEL_NO_MATCH; used[j] tells whether have[j] was taken. The caller
 * initialises both; what is matched or used already stays so and is left out.
 */
void zync_model_match_interfaces(const struct zync_interface *want, size_t want_len, const struct zync_interface *have, size_t have_len,
				 size_t *match, bool *used);
/** The interfaces of the target (zync_host_target), in canonical order. NOMEM. */
enum zync_status zync_model_target_interfaces(const struct zync_host *desired, const struct zync_host *actual, const struct zync_host *base,
					      struct zync_arena *arena, struct zync_host *target, struct zync_err *err) ZYNC_MUST_CHECK;

/** Sort the lists of a host whose texts are not NULL into canonical order; nothing is dropped. */
void zync_model_sort(struct zync_host *host);

/** A list of changes that grows. Zero-initialise, then zync_model_changes_init(). */
struct zync_model_changes {
	struct zync_arena *arena;
	struct zync_change *items;
	size_t len;
	size_t cap;
	unsigned aspects;
};
/** Append a change; the texts are not copied. NULL @p field means that making it ran out of memory: NOMEM. */
enum zync_status zync_model_change_add(struct zync_model_changes *changes, enum zync_aspect aspect, const char *field, const char *old_text,
				       const char *new_text, struct zync_err *err) ZYNC_MUST_CHECK;
/** Append a change when the texts differ. */
enum zync_status zync_model_change_text(struct zync_model_changes *changes, enum zync_aspect aspect, const char *field,
					const char *old_text, const char *new_text, struct zync_err *err) ZYNC_MUST_CHECK;
/** What may be shown of a sensitive text of an interface or of IPMI: "***" for a secret or unknown one, else the text. */
const char *zync_model_sensitive_shown(const struct zync_sensitive *text);
/** Append a change when a sensitive text differs; a secret in place of another is "*** (changed)". */
enum zync_status zync_model_change_sensitive(struct zync_model_changes *changes, enum zync_aspect aspect, const char *field,
					     const struct zync_sensitive *old_text, const struct zync_sensitive *new_text,
					     struct zync_err *err) ZYNC_MUST_CHECK;
/** Append the changes of IPMI and of TLS. @p created: there was no host, and Zabbix's defaults are no change. */
enum zync_status zync_model_diff_ipmi(struct zync_model_changes *changes, const struct zync_ipmi *target, const struct zync_ipmi *actual,
				      bool created, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_model_diff_tls(struct zync_model_changes *changes, const struct zync_tls *target, const struct zync_tls *actual,
				     bool created, struct zync_err *err) ZYNC_MUST_CHECK;
/** Append the changes of the interfaces. @p actual NULL: all are new. */
enum zync_status zync_model_diff_interfaces(struct zync_model_changes *changes, const struct zync_host *target,
					    const struct zync_host *actual, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
