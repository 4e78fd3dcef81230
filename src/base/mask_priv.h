/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mask_priv.h
 * The set of texts that must never be shown, and the search for them. Not thread-safe: the logger holds its lock.
 */
#ifndef ZYNC_BASE_MASK_PRIV_H
#define ZYNC_BASE_MASK_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/** Shortest text that is masked, in bytes. */
#define ZYNC_MASK_MIN ((size_t)4)

struct mask_form;

/** Zero-initialised is empty. The forms are found by their first ZYNC_MASK_MIN bytes, so that a search is linear in the text. */
struct zync_mask {
	struct mask_form *forms;
	size_t len, cap;
	size_t *buckets; /* twice cap of them; 0 or number of the first form + 1 */
};

/** Add a secret and how it looks escaped in JSON and in a URL. One that is there already or too short changes nothing. */
enum zync_status zync_mask_add(struct zync_mask *mask, const char *secret, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Replace in @p text every byte run covered by secrets by ***. A beginning of a secret (ZYNC_MASK_MIN bytes or more) that is followed by an
 * ellipsis, or with @p cut by the end of the text, is replaced as well: a text cut there would show most of the secret.
 */
void zync_mask_apply(const struct zync_mask *mask, char *text, bool cut);
/** Wipe and free everything; empty afterwards. */
void zync_mask_done(struct zync_mask *mask);

#endif
