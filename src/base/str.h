/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file str.h
 * Text helpers: UTF-8, comparison, numbers, globs, nearest word. All pure.
 */
#ifndef ZYNC_BASE_STR_H
#define ZYNC_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/** Equal, NULL being equal only to NULL. */
bool zync_str_eq(const char *a, const char *b);
/** Order as strcmp() with NULL first. */
int zync_str_cmp(const char *a, const char *b);
/** Equal without regard to ASCII case. */
bool zync_str_eq_nocase(const char *a, const char *b);
/** NULL or "". */
bool zync_str_empty(const char *s);
bool zync_str_starts(const char *s, const char *prefix);
bool zync_str_ends(const char *s, const char *suffix);

/** Decimal number without sign or spaces, whole string; false when it is anything else or does not fit. */
bool zync_str_to_u64(const char *s, uint64_t *ret);
bool zync_str_to_i64(const char *s, int64_t *ret);

/** Is it well-formed UTF-8 without NUL? */
bool zync_utf8_valid(const char *s, size_t len);
/** Number of characters (code points) of well-formed UTF-8. Zabbix counts lengths in characters. */
size_t zync_utf8_len(const char *s);
/** Bytes taken by the first @p max_chars characters. */
size_t zync_utf8_prefix(const char *s, size_t max_chars);
/** Lower- and upper-case copies: ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic letters; the rest unchanged. */
char *zync_utf8_lower(struct zync_arena *arena, const char *s) ZYNC_MUST_CHECK;
char *zync_utf8_upper(struct zync_arena *arena, const char *s) ZYNC_MUST_CHECK;

/** @p s as one word of a shell, for commands in messages: in single quotes where it has anything but letters, digits and "._-:/@". */
char *zync_str_shell_word(struct zync_arena *arena, const char *s) ZYNC_MUST_CHECK;

/** Shell-like pattern: `*` any run, `?` one character, `\x` literal x, ASCII case-insensitive when @p nocase. Linear in practice, no recursion. */
bool zync_glob_match(const char *pattern, const char *s, bool nocase);

/** Edit distance, capped: returns more than @p max as max + 1. */
size_t zync_edit_distance(const char *a, const char *b, size_t max);
/** The candidate nearest to @p word within a third of its length (at least 1, at most 3 edits; two neighbouring letters swapped are one), or NULL. */
const char *zync_nearest(const char *word, const char *const *candidates, size_t count);

#endif
