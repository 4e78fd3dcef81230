/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nzs_priv.h
 * A conversion in the making, for the files nzs*.c and emit.c only.
 */
#ifndef ZYNC_CONVERT_NZS_PRIV_H
#define ZYNC_CONVERT_NZS_PRIV_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "convert/convert.h"
#include "convert/python.h"

/* The keys of netbox-zabbix-sync 4.0.1 and 4.1, in the order of nzs_keys.c. */
enum nzs_key {
	NZS_NONE = -1, /* of the file as a whole */
	NZS_CLUSTERING,
	NZS_CREATE_HOSTGROUPS,
	NZS_CREATE_JOURNAL,
	NZS_DESCRIPTION,
	NZS_DESCRIPTION_DT_FORMAT,
	NZS_DEVICE_CF,
	NZS_DEVICE_INVENTORY_MAP,
	NZS_DEVICE_TAG_MAP,
	NZS_DEVICE_USERMACRO_MAP,
	NZS_EXTENDED_IPS,
	NZS_EXTENDED_SITE_PROPERTIES,
	NZS_EXTENDED_VIRTUAL_CHASSIS,
	NZS_FULL_PROXY_SYNC,
	NZS_HOSTGROUP_FORMAT,
	NZS_INVENTORY_MODE,
	NZS_INVENTORY_SYNC,
	NZS_LOG_CONSOLE,
	NZS_LOG_FILE,
	NZS_LOG_HANDLERS,
	NZS_LOG_ROTATION,
	NZS_NB_DEVICE_FILTER,
	NZS_NB_VM_FILTER,
	NZS_OOB_SYNC,
	NZS_PREFER_DNS,
	NZS_PREFERRED_IP,
	NZS_PROXY_CF,
	NZS_PROXY_GROUP_CF,
	NZS_RENDER_CONFIG_CONTEXT,
	NZS_SKIP_VERSION_CHECK,
	NZS_SYNC_VMS,
	NZS_TAG_LOWER,
	NZS_TAG_NAME,
	NZS_TAG_SYNC,
	NZS_TAG_VALUE,
	NZS_TEMPLATE_CF,
	NZS_TEMPLATES_CONFIG_CONTEXT,
	NZS_TEMPLATES_CONFIG_CONTEXT_OVERRULE,
	NZS_TRAVERSE_REGIONS,
	NZS_TRAVERSE_SITE_GROUPS,
	NZS_USERMACRO_SYNC,
	NZS_VM_HOSTGROUP_FORMAT,
	NZS_VM_INVENTORY_MAP,
	NZS_VM_TAG_MAP,
	NZS_VM_USERMACRO_MAP,
	NZS_ZABBIX_DEVICE_DISABLE,
	NZS_ZABBIX_DEVICE_REMOVAL,
	NZS_KEY_COUNT
};

enum nzs_type {
	NZS_BOOL = 0,
	NZS_BOOL_OR_FULL, /* True, False or "full" */
	NZS_TEXT,
	NZS_TEXT_OR_NONE, /* False and None: none */
	NZS_TEXTS,	  /* a text or a list of them */
	NZS_MAP,	  /* path in NetBox → name in Zabbix */
	NZS_FILTER,	  /* parameter → text or list of texts */
	NZS_IGNORED	  /* means nothing to Zync */
};

struct nzs_text {
	const char *text; /* NULL: none */
	bool variable;	  /* the name of an environment variable, whose value counts */
	unsigned line;
};
struct nzs_pair {
	const char *key;
	const struct nzs_text *values; /* NZS_MAP: one */
	size_t len;
	unsigned line;
};
/* What a key is set to. */
struct nzs_setting {
	bool given;	      /* by the file or a variable */
	unsigned line;	      /* in the file, 0: not there */
	const char *variable; /* NBZX_…, when that was what counted */
	bool on;	      /* NZS_BOOL, NZS_BOOL_OR_FULL; NZS_IGNORED: anything but nothing */
	struct nzs_text text; /* NZS_TEXT, NZS_TEXT_OR_NONE; "full" of NZS_BOOL_OR_FULL */
	const struct nzs_text *texts;
	size_t text_count;
	const struct nzs_pair *pairs;
	size_t pair_count;
};

struct nzs_default_pair {
	const char *path, *name;
};
struct nzs_key_row {
	const char *name;
	enum nzs_type type;
	bool on;
	const char *text;
	const char *const *texts; /* NULL-terminated */
	const struct nzs_default_pair *pairs;
	size_t pair_count;
};
extern const struct nzs_key_row nzs_key_rows[NZS_KEY_COUNT];

struct nzs_note {
	struct zync_convert_note note;
	enum nzs_key key;
	bool placed; /* it stands in the configuration */
};

struct nzs {
	const struct zync_convert_params *params;
	struct zync_arena *arena;
	struct py_module module;
	struct nzs_setting settings[NZS_KEY_COUNT];
	struct zync_vec notes; /* struct nzs_note */
	struct zync_buf *out;  /* the configuration, without its head */
	struct zync_err *err;
};

/* nzs.c */
enum zync_status nzs_nomem(struct nzs *n);
/* Remember something to be told of, with the line of the key's setting. */
enum zync_status nzs_note(struct nzs *n, enum zync_convert_level level, enum nzs_key key, const char *fmt, ...) ZYNC_PRINTF(4, 5);
enum zync_status nzs_note_at(struct nzs *n, enum zync_convert_level level, enum nzs_key key, unsigned line, const char *fmt, ...)
	ZYNC_PRINTF(5, 6);
/* A text for a comment: control characters escaped, cut where it is long. */
const char *nzs_shown(struct nzs *n, const char *text);

/* nzs_keys.c */
/* Defaults, then the file, then the environment. */
enum zync_status nzs_read_settings(struct nzs *n) ZYNC_MUST_CHECK;

/* nzs_value.c */
/* Take over a value of the file. A value of a wrong kind is told of, and leaves the setting as it is. */
enum zync_status nzs_set_value(struct nzs *n, enum nzs_key key, const struct py_value *value) ZYNC_MUST_CHECK;
/* The same for the text of a variable NBZX_…. */
enum zync_status nzs_set_variable(struct nzs *n, enum nzs_key key, const char *text) ZYNC_MUST_CHECK;

/* emit.c */
/* A line of the configuration. */
void emit_line(struct nzs *n, const char *indent, const char *fmt, ...) ZYNC_PRINTF(3, 4);
/* A comment, broken into lines. */
void emit_comment(struct zync_buf *out, const char *indent, const char *text);
/* Which key of netbox-zabbix-sync the next line stands for, and what is to be told of it. */
void emit_origin(struct nzs *n, const char *indent, enum nzs_key key);
/* What is to be told of a key, without naming it. */
void emit_notes(struct nzs *n, const char *indent, enum nzs_key key);
/* In quotes, as a key of YAML: nothing in it is expanded. */
const char *emit_key(struct nzs *n, const char *text);
/* In quotes, as a value: "${" stands for itself; a variable becomes "${NAME}". NULL when memory is out, which n->out remembers. */
const char *emit_value(struct nzs *n, const char *text);
const char *emit_text(struct nzs *n, const struct nzs_text *text);
/* A text that means itself, for the template language: "{{" stands for itself. */
const char *emit_template(struct nzs *n, const char *text);

/* nzs_maps.c */
/* The expression for a path of a map: "a/b/c" is a.b.c; NULL: there is none (with a note for @p key). */
enum zync_status nzs_path(struct nzs *n, enum nzs_key key, unsigned line, const char *path, const char **ret) ZYNC_MUST_CHECK;
/* The three kinds of maps, as keys of `set`. */
enum zync_status nzs_emit_inventory(struct nzs *n, enum nzs_key map) ZYNC_MUST_CHECK;
enum zync_status nzs_emit_tags(struct nzs *n, enum nzs_key map) ZYNC_MUST_CHECK;
enum zync_status nzs_emit_macros(struct nzs *n, enum nzs_key map) ZYNC_MUST_CHECK;

/* nzs_sections.c */
enum zync_status nzs_emit_sections(struct nzs *n) ZYNC_MUST_CHECK;
/* nzs_set.c */
enum zync_status nzs_emit_mappings(struct nzs *n) ZYNC_MUST_CHECK;

#endif
