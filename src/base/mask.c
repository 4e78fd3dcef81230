/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mask_priv.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

#define MASK_FIRST_CAP ((size_t)16)
#define MASK_TEXT      "***"
#define MASK_TEXT_LEN  ((size_t)3)

struct mask_form {
	char *text;
	size_t len;
	size_t next; /* in the bucket; 0 or number + 1 */
};

static size_t mask_bucket(const struct zync_mask *mask, const char *at)
{
	uint32_t first;

	memcpy(&first, at, ZYNC_MASK_MIN);
	return (size_t)((uint64_t)first * 0x9e3779b97f4a7c15ULL >> 32) & (mask->cap * 2 - 1);
}

static void mask_link(struct zync_mask *mask, size_t i)
{
	size_t *bucket = &mask->buckets[mask_bucket(mask, mask->forms[i].text)];

	mask->forms[i].next = *bucket;
	*bucket = i + 1;
}

static enum zync_status mask_grow(struct zync_mask *mask, struct zync_err *err)
{
	struct zync_mask grown = *mask;

	if (mask->cap >= ZYNC_LIMIT_SECRET_FORMS)
		return zync_err_set(err, ZYNC_ERR_LIMIT, "more than %u texts are to be masked in the log", ZYNC_LIMIT_SECRET_FORMS);
	grown.cap = mask->cap > 0 ? mask->cap * 2 : MASK_FIRST_CAP;
	grown.forms = zync_calloc(grown.cap, sizeof(*grown.forms));
	grown.buckets = zync_calloc(grown.cap * 2, sizeof(*grown.buckets));
	if (!grown.forms || !grown.buckets) {
		zync_free(grown.forms);
		zync_free(grown.buckets);
		return zync_err_nomem(err, "registering a secret");
	}
	for (size_t i = 0; i < mask->len; i++) {
		grown.forms[i] = mask->forms[i];
		mask_link(&grown, i);
	}
	zync_free(mask->forms);
	zync_free(mask->buckets);
	*mask = grown;
	return ZYNC_OK;
}

static bool mask_has(const struct zync_mask *mask, const char *text, size_t len)
{
	if (mask->len == 0)
		return false;
	for (size_t i = mask->buckets[mask_bucket(mask, text)]; i != 0; i = mask->forms[i - 1].next) {
		if (mask->forms[i - 1].len == len && memcmp(mask->forms[i - 1].text, text, len) == 0)
			return true;
	}
	return false;
}

static enum zync_status mask_add_form(struct zync_mask *mask, const char *text, size_t len, struct zync_err *err)
{
	char *copy;

	if (mask_has(mask, text, len))
		return ZYNC_OK;
	if (mask->len == mask->cap)
		ZYNC_TRY(mask_grow(mask, err));
	copy = zync_strdup(text);
	if (!copy)
		return zync_err_nomem(err, "registering a secret");
	mask->forms[mask->len] = (struct mask_form){.text = copy, .len = len};
	mask_link(mask, mask->len);
	mask->len++;
	return ZYNC_OK;
}

/* As in JSON; some writers (PHP's, so Zabbix's) escape the slash, too. */
static void mask_json_form(struct zync_buf *out, const char *s, bool slash)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		const char *known = strchr("\bb\ff\nn\rr\tt", c);

		if (c == '"' || c == '\\' || (c == '/' && slash))
			zync_buf_printf(out, "\\%c", c);
		else if (c < 0x20 && known)
			zync_buf_printf(out, "\\%c", known[1]);
		else if (c < 0x20)
			zync_buf_printf(out, "\\u%04x", c);
		else
			zync_buf_addc(out, (char)c);
	}
}

/* As in a URL: all but the unreserved characters of RFC 3986, section 2.3. */
static void mask_url_form(struct zync_buf *out, const char *s, bool upper)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c))
			zync_buf_addc(out, (char)c);
		else
			zync_buf_printf(out, upper ? "%%%02X" : "%%%02x", c);
	}
}

enum zync_status zync_mask_add(struct zync_mask *mask, const char *secret, struct zync_err *err)
{
	size_t len = strlen(secret);
	ZYNC_AUTO_BUF form;

	zync_buf_init(&form, (size_t)ZYNC_LIMIT_SECRET_BYTES * 6); /* six bytes for one at most: \u001f */
	if (len < ZYNC_MASK_MIN)
		return ZYNC_OK;
	if (len > ZYNC_LIMIT_SECRET_BYTES)
		return zync_err_set(err, ZYNC_ERR_LIMIT, "a secret of %zu bytes is larger than the limit of %u bytes", len,
				    ZYNC_LIMIT_SECRET_BYTES);
	ZYNC_TRY(mask_add_form(mask, secret, len, err));
	for (int i = 0; i < 4; i++) {
		zync_buf_clear(&form);
		if (i < 2)
			mask_json_form(&form, secret, /* slash= */ i == 1);
		else
			mask_url_form(&form, secret, /* upper= */ i == 2);
		ZYNC_TRY(zync_buf_check(&form, "the escaped form of a secret", err));
		ZYNC_TRY(mask_add_form(mask, form.data, form.len, err));
	}
	return ZYNC_OK;
}

/* How many bytes at text[at] the form covers: all of it, or the beginning that was left of it by a cut. */
static size_t mask_match(const struct mask_form *form, const char *text, size_t len, size_t at, bool cut)
{
	size_t k = 0, max = ZYNC_MIN(form->len, len - at);

	while (k < max && form->text[k] == text[at + k])
		k++;
	if (k == form->len)
		return k;
	if (k < ZYNC_MASK_MIN)
		return 0;
	if (at + k == len)
		return cut ? k : 0;
	return len - at - k >= 3 && memcmp(text + at + k, "\xe2\x80\xa6", 3) == 0 ? k : 0;
}

static size_t mask_longest(const struct zync_mask *mask, const char *text, size_t len, size_t at, bool cut)
{
	size_t longest = 0;

	if (len - at < ZYNC_MASK_MIN)
		return 0;
	for (size_t i = mask->buckets[mask_bucket(mask, text + at)]; i != 0; i = mask->forms[i - 1].next) {
		size_t n = mask_match(&mask->forms[i - 1], text, len, at, cut);

		longest = ZYNC_MAX(longest, n);
	}
	return longest;
}

void zync_mask_apply(const struct zync_mask *mask, char *text, bool cut)
{
	size_t len = strlen(text), out = 0, hidden_to = 0;

	if (mask->len == 0)
		return;
	/*
	 * Secrets may overlap, so that all bytes that any of them covers go. The mask is written where such a run ends: before that its
	 * bytes are still wanted, and it is longer than the mask.
	 */
	for (size_t at = 0; at < len; at++) {
		size_t n = mask_longest(mask, text, len, at, cut);
		bool was_hidden = at < hidden_to;

		hidden_to = ZYNC_MAX(hidden_to, at + n);
		if (!was_hidden && n == 0) {
			text[out++] = text[at];
		} else if (at + 1 == hidden_to) {
			memcpy(text + out, MASK_TEXT, MASK_TEXT_LEN);
			out += MASK_TEXT_LEN;
		}
	}
	text[out] = '\0';
}

void zync_mask_done(struct zync_mask *mask)
{
	for (size_t i = 0; i < mask->len; i++) {
		zync_wipe(mask->forms[i].text, mask->forms[i].len);
		zync_free(mask->forms[i].text);
	}
	zync_free(mask->forms);
	zync_free(mask->buckets);
	*mask = (struct zync_mask){0};
}
