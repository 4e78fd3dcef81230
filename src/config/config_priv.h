/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file config_priv.h
 * What the files of config/ share: YAML nodes, problems, and the schema table that drives everything.
 *
 * The way of a configuration: yaml.c makes nodes with positions (scratch arena) → decode.c walks them along the table and fills the typed
 * structs (config arena) → check.c fills in the environment and looks at what belongs together. Problems of the user's text are collected
 * and do not stop the walk; a status other than ZYNC_OK between these functions means that memory is out.
 */
#ifndef ZYNC_CONFIG_CONFIG_PRIV_H
#define ZYNC_CONFIG_CONFIG_PRIV_H

#include "base/arena.h"
#include "config/config.h"

#define ZYNC_CFG_PROBLEMS_MAX 20

enum zync_cfg_node_kind { ZYNC_CFG_SCALAR = 0, ZYNC_CFG_LIST, ZYNC_CFG_MAP };

struct zync_cfg_node;
struct zync_cfg_member {
	struct zync_cfg_node *key; /**< always a scalar */
	struct zync_cfg_node *value;
};
/** One YAML value. An alias is the very node of its anchor, so nodes form a graph without cycles. */
struct zync_cfg_node {
	enum zync_cfg_node_kind kind;
	struct zync_cfg_pos pos;
	const char *text;		 /**< SCALAR */
	size_t text_len;		 /**< more than strlen(text) when it holds a NUL */
	bool plain;			 /**< SCALAR written without quotes */
	bool literal;			 /**< ${NAME} is not expanded: a value of the environment or of the table */
	struct zync_cfg_node **items;	 /**< LIST */
	struct zync_cfg_member *members; /**< MAP: keys are unique, merge keys are resolved */
	size_t count;
	size_t weight;	 /**< nodes in it, aliases expanded */
	unsigned height; /**< levels in it */
	bool open;	 /**< still being read: an alias to it would be a cycle */
};

struct zync_cfg_problem {
	struct zync_cfg_pos pos;
	const char *text;
};

/** One load: where things go and what was wrong. */
struct zync_cfg_ctx {
	struct zync_arena *arena;   /**< of the configuration */
	struct zync_arena *scratch; /**< of the load */
	const char *name;	    /**< the file in messages */
	const char *variable;	    /**< environment variable that is being decoded, NULL: the file */
	struct zync_cfg_problem problems[ZYNC_CFG_PROBLEMS_MAX];
	size_t problem_count; /**< all, also those not kept */
	struct zync_err *err;
};

/* problems.c */

/** Record what is wrong at @p pos. Never give it the value of a secret. Fails only with NOMEM. */
enum zync_status zync_cfg_problem(struct zync_cfg_ctx *ctx, struct zync_cfg_pos pos, const char *fmt, ...)
	ZYNC_PRINTF(3, 4) ZYNC_MUST_CHECK;
/** ZYNC_OK without problems; else INVALID with a line for each, in the order of the file, as many as fit. */
enum zync_status zync_cfg_problems_check(const struct zync_cfg_ctx *ctx) ZYNC_MUST_CHECK;
/** @p text in quotes for a message: cut when long, control characters as "?". NULL when memory is out. */
const char *zync_cfg_quote(struct zync_cfg_ctx *ctx, const char *text) ZYNC_MUST_CHECK;

/* yaml.c */

/** Read one document. *ret_root stays NULL when there is a problem (recorded) or the document is empty. */
enum zync_status zync_cfg_yaml_read(struct zync_cfg_ctx *ctx, const char *text, size_t len,
				    struct zync_cfg_node **ret_root) ZYNC_MUST_CHECK;
/** Value of member @p key, or NULL when it is not there or null. NULL @p map is fine. */
const struct zync_cfg_node *zync_cfg_node_get(const struct zync_cfg_node *map, const char *key);
/** Nothing after the colon, ~ or null: the same as a key that is not there. */
bool zync_cfg_node_is_null(const struct zync_cfg_node *node);

/* scalar.c */

/** "10", "-3.25": no exponent, no locale. */
bool zync_cfg_parse_real(const char *text, double *ret);
/** "30s", "2m", "500ms", "1.5h", "1d"; a bare number is seconds. */
bool zync_cfg_parse_duration(const char *text, int64_t *ret_ms);
/** true/false, yes/no, on/off without case. */
bool zync_cfg_parse_bool(const char *text, bool *ret);
/** "10", "5%", "10 or 5%", "none". */
bool zync_cfg_parse_limit(const char *text, struct zync_cfg_limit *ret);
/** "20" or "20%". */
bool zync_cfg_parse_percent(const char *text, double *ret);

struct zync_cfg_field;
/**
 * The text of a scalar: ${NAME} expanded, checked for size, UTF-8 and control characters. *ret->value stays NULL when there is a problem (recorded).
 * A secret field's text, and variables whose names speak of secrets, are registered for masking.
 */
enum zync_status zync_cfg_scalar_text(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				      struct zync_cfg_text *ret) ZYNC_MUST_CHECK;

/* The schema table. */

enum zync_cfg_type {
	ZYNC_CFG_TYPE_STRING = 0,  /**< const char * */
	ZYNC_CFG_TYPE_TEXT,	   /**< struct zync_cfg_text */
	ZYNC_CFG_TYPE_SECRET,	   /**< struct zync_secret * */
	ZYNC_CFG_TYPE_SECRET_FILE, /**< struct zync_secret *, read from the file of that name */
	ZYNC_CFG_TYPE_INT,	   /**< int64_t */
	ZYNC_CFG_TYPE_DURATION,	   /**< int64_t, milliseconds */
	ZYNC_CFG_TYPE_BOOL,	   /**< bool */
	ZYNC_CFG_TYPE_REAL,	   /**< double */
	ZYNC_CFG_TYPE_PERCENT,	   /**< double */
	ZYNC_CFG_TYPE_ENUM,	   /**< an enum; its values are the positions in words */
	ZYNC_CFG_TYPE_LIMIT,	   /**< struct zync_cfg_limit */
	ZYNC_CFG_TYPE_TEXTS,	   /**< struct zync_cfg_texts */
	ZYNC_CFG_TYPE_PAIRS,	   /**< struct zync_cfg_pairs */
	ZYNC_CFG_TYPE_STRUCT,	   /**< a struct described by table */
	ZYNC_CFG_TYPE_STRUCTS	   /**< { T *items; size_t len; }, T described by table */
};

enum {
	ZYNC_CFG_REQUIRED = 1 << 0,
	ZYNC_CFG_HIDDEN = 1 << 1, /**< the text is a secret where it is neither a template nor a user macro */
	ZYNC_CFG_LINES = 1 << 2,  /**< may have line breaks and tabs */
	ZYNC_CFG_EMPTY = 1 << 3,  /**< may be empty text */
	ZYNC_CFG_ONE = 1 << 4,	  /**< STRUCTS: one section without a list is accepted */
	ZYNC_CFG_NAMED = 1 << 5, /**< STRUCTS: a map is accepted, too: its keys are the first field, its values the second (or a section) */
	ZYNC_CFG_SMALLEST = 1 << 6, /**< stands uncommented in the example */
	ZYNC_CFG_TEMPLATE = 1 << 7  /**< rendered for each object; of a field with words, one may be given by a template */
};

struct zync_cfg_table;

/** One key of the configuration: all that is known about it. */
struct zync_cfg_field {
	const char *key;
	enum zync_cfg_type type;
	unsigned flags;
	size_t offset;
	size_t given_offset;	  /**< STRUCT, STRUCTS: a bool that becomes true when the key is there; 0: none */
	const char *def;	  /**< YAML, applied when the key is missing */
	const char *def_help;	  /**< what happens when the key is missing, in words, where def is NULL */
	double minimum, maximum;  /**< numbers and durations (milliseconds); STRUCTS: entries */
	double step;		  /**< DURATION: only multiples of it, and only with a unit (a bare 60 could mean anything); 0: any */
	const char *const *words; /**< allowed values, NULL-terminated; ENUM: in the order of the enum; PAIRS: of the values */
	/** Check and bring into canonical form. Leaves *ret alone when there is a problem (recorded). STRING only. */
	enum zync_status (*convert)(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
				    const char **ret);
	const struct zync_cfg_table *table; /**< STRUCT, STRUCTS */
	const char *env;		    /**< variable that fills it when the file leaves it out */
	const char *help;		    /**< one or two sentences */
	const char *example;		    /**< YAML */
};

/** A section: one struct. */
struct zync_cfg_table {
	const char *path; /**< "mappings[].set": heading of the reference */
	const char *help;
	const struct zync_cfg_field *fields;
	size_t count; /**< at most 64 */
	size_t size;  /**< of the struct */
	bool has_pos; /**< a struct zync_cfg_pos stands at pos_offset */
	size_t pos_offset;
	/** What belongs together inside one section; called after all its keys. */
	enum zync_status (*check)(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *node, void *base);
};

extern const struct zync_cfg_table zync_cfg_table_root;
extern const struct zync_cfg_table zync_cfg_table_mapping;
extern const struct zync_cfg_table zync_cfg_table_bundle;
extern const struct zync_cfg_table zync_cfg_table_interface; /* schema_interface.c */
/** Field @p key of @p table or NULL. */
const struct zync_cfg_field *zync_cfg_field_find(const struct zync_cfg_table *table, const char *key);
/** "a whole number from 1 to 1000": what the field takes, in words. */
enum zync_status zync_cfg_field_expects(const struct zync_cfg_field *field, struct zync_buf *out, struct zync_err *err) ZYNC_MUST_CHECK;

/* reference_text.c */

/** A whole configuration that loads (a test proves it). */
struct zync_cfg_example {
	const char *title; /**< NULL ends the list */
	const char *yaml;
};
extern const struct zync_cfg_example zync_cfg_reference_examples[];
extern const char zync_cfg_reference_intro[];

/* decode.c */

/** Put the defaults of the table into the struct at @p base, sections included. */
enum zync_status zync_cfg_defaults(struct zync_cfg_ctx *ctx, const struct zync_cfg_table *table, void *base) ZYNC_MUST_CHECK;
/** Fill the struct at @p base (defaults are in it) from @p node. */
enum zync_status zync_cfg_decode(struct zync_cfg_ctx *ctx, const struct zync_cfg_table *table, const struct zync_cfg_node *node,
				 void *base) ZYNC_MUST_CHECK;
enum zync_status zync_cfg_decode_field(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				       void *base) ZYNC_MUST_CHECK;

/* environment.c */

/** Fill what the file leaves out from the environment; the configuration has at least one Zabbix server afterwards. */
enum zync_status zync_cfg_environment(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *root,
				      struct zync_config *config) ZYNC_MUST_CHECK;

/* check.c */

/** What is still missing, what contradicts, and the defaults that depend on other values. */
enum zync_status zync_cfg_check(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *root, struct zync_config *config) ZYNC_MUST_CHECK;
enum zync_status zync_cfg_check_macro(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *node, void *base);
enum zync_status zync_cfg_check_set(struct zync_cfg_ctx *ctx, const struct zync_cfg_node *node, void *base);
/* Canonical forms for zync_cfg_field.convert. */
enum zync_status zync_cfg_convert_store(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					const char **ret);
enum zync_status zync_cfg_convert_word(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
				       const char **ret);
enum zync_status zync_cfg_convert_group(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					const char **ret);
enum zync_status zync_cfg_convert_suffix(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					 const char **ret);

/* url.c */

/** Base URL of NetBox without a trailing slash and /api. */
enum zync_status zync_cfg_convert_netbox_url(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					     const char **ret);
/** URL of api_jsonrpc.php. */
enum zync_status zync_cfg_convert_zabbix_url(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_text *text,
					     const char **ret);
/** The host of a converted URL without port, ":" of IPv6 addresses as "-". NULL when memory is out. */
const char *zync_cfg_url_host(struct zync_arena *arena, const char *url) ZYNC_MUST_CHECK;

#endif
