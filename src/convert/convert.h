/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file convert.h
 * The configuration of netbox-zabbix-sync, a Python file, as a configuration of Zync (docs/migration.md). Pure: text in, text out; the environment is read only through the
 * caller's function. Only literals of the file are understood, nothing of it is run. What it writes passes zync_config_parse() and zync_rules_compile() once the variables
 * that it names are set.
 */
#ifndef ZYNC_CONVERT_CONVERT_H
#define ZYNC_CONVERT_CONVERT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct zync_convert_params {
	const char *name; /**< of the file, for messages */
	const char *text; /**< what stands in it */
	size_t len;
	/** Value of an environment variable or NULL; NULL: the variables NBZX_… do not count. */
	const char *(*environment)(void *ctx, const char *name);
	void *ctx;
};

enum zync_convert_level {
	ZYNC_CONVERT_NOTE = 0, /**< worth knowing */
	ZYNC_CONVERT_WARNING   /**< something is not as it was, or somebody has to look */
};

/** One thing that differs, or that somebody has to look at; each stands in the configuration as a comment, too. */
struct zync_convert_note {
	enum zync_convert_level level;
	const char *key; /**< of netbox-zabbix-sync; NULL: of the file as a whole */
	unsigned line;	 /**< in the Python file; 0: the key does not stand there */
	const char *text;
};

struct zync_convert_result {
	const char *config; /**< YAML */
	const struct zync_convert_note *notes;
	size_t note_count;
};

/**
 * Convert. All memory of the result is from @p arena. INVALID: "FILE:LINE:COLUMN: …", for what is no Python or beyond the bounds (ZYNC_LIMIT_CONVERT_…).
 * A value is never shown that belongs to a key which netbox-zabbix-sync does not have: it may be a secret.
 */
enum zync_status zync_convert_nzs(const struct zync_convert_params *params, struct zync_arena *arena, struct zync_convert_result *ret,
				  struct zync_err *err) ZYNC_MUST_CHECK;

#endif
