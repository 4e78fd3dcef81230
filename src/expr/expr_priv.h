/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file expr_priv.h
 * The syntax tree and the values of the template language, for the files of this part only.
 *
 * lex.c makes tokens, parse.c and operand.c the tree, names.c binds the names of loops; eval.c works values out, value.c turns them
 * into texts and compares them, render.c is one rendering from outside. A filter is one row of the table in filters.c with its
 * function in one of the filters_….c. The tree lives in the arena that the template was compiled in; values of a rendering live in the
 * arena of that rendering.
 */
#ifndef ZYNC_EXPR_EXPR_PRIV_H
#define ZYNC_EXPR_EXPR_PRIV_H

#include <stdint.h>

#include "base/limits.h"
#include "expr/expr.h"

#define EXPR_MAX_DEPTH	   32u	 /* parentheses, brackets and filter arguments inside each other */
#define EXPR_MAX_ARGS	   2u	 /* arguments of one filter */
#define EXPR_MAX_NAMES	   16u	 /* names of loops that are known in one place */
#define EXPR_MAX_ANCESTORS 64u	 /* objects above one, for the filter path */
#define EXPR_MAX_PATTERN   1024u /* bytes of a regular expression */
/* Bytes that all filters of one rendering may produce together: intermediate texts are no part of the output's own bound. */
#define EXPR_MAX_WORK (16u * (size_t)ZYNC_LIMIT_TEMPLATE_OUTPUT)
/* What the regular expressions of one rendering may cost: one for each item of a pattern that is tried, and more in long texts. */
#define EXPR_MAX_MATCHING ((size_t)4 * 1000 * 1000)

/* A piece of the source, for messages. */
struct expr_span {
	size_t offset; /* bytes */
	size_t len;
};

/* What an expression yields. */
enum expr_value_kind { EXPR_UNDEFINED = 0, EXPR_JSON, EXPR_TEXT, EXPR_INTEGER, EXPR_BOOL, EXPR_LIST };
struct expr_list;
struct expr_value {
	enum expr_value_kind kind;
	union {
		const struct expr_span *origin; /* EXPR_UNDEFINED: what was not there; NULL when the template itself says "nothing" */
		const struct zync_jval *json;	/* EXPR_JSON: neither none nor null */
		const char *text;		/* EXPR_TEXT: in an arena of the template or of the rendering, never in a document */
		int64_t integer;
		bool boolean;
		const struct expr_list *list; /* no element of it is undefined */
	};
};
struct expr_list {
	size_t len;
	size_t cap;
	struct expr_value *items;
};

/* One step of a path: .name, ["name"] or [index]. */
struct expr_step {
	const char *name; /* NULL: by index */
	int64_t index;	  /* negative: from the end */
	struct expr_step *next;
};

enum expr_kind {
	EXPR_PATH = 0,
	EXPR_LITERAL,
	EXPR_LIST_OF, /* [a, b] */
	EXPR_IF,      /* a if b else c */
	EXPR_AND,
	EXPR_OR,
	EXPR_NOT,
	EXPR_COMPARE,
	EXPR_EACH /* a for b in c if d */
};
enum expr_compare { EXPR_EQ = 0, EXPR_NE, EXPR_LT, EXPR_LE, EXPR_GT, EXPR_GE, EXPR_IN, EXPR_NOT_IN };

struct expr_ast;
struct expr_call;

/* "value if condition", one after the other. */
struct expr_branch {
	struct expr_ast *value;
	struct expr_ast *condition;
	struct expr_branch *next;
};

/* "for name in source if condition", the later ones inside the earlier ones. */
struct expr_loop {
	const char *names[2]; /* the second one is NULL for a loop over elements */
	struct expr_span span;
	unsigned slot; /* of the first name; the second has the next one */
	struct expr_ast *source;
	struct expr_ast *condition; /* or NULL */
	struct expr_loop *next;
};

/* An expression and the filters that it goes through. */
struct expr_ast {
	enum expr_kind kind;
	struct expr_span span; /* without the filters */
	union {
		struct {
			struct expr_step *steps;
			int slot; /* of the loop whose name the first step is; -1: a member of the object */
		} path;
		struct expr_value literal;
		struct expr_ast *parts; /* EXPR_LIST_OF, EXPR_AND, EXPR_OR, EXPR_NOT: linked by next */
		struct {
			struct expr_branch *branches;
			struct expr_ast *otherwise; /* or NULL */
		} choice;
		struct {
			enum expr_compare relation;
			struct expr_ast *left;
			struct expr_ast *right;
		} compare;
		struct {
			struct expr_ast *element;
			struct expr_loop *loops;
		} each;
	};
	bool negated; /* EXPR_NOT: an odd number of them */
	struct expr_call *calls;
	struct expr_ast *next;
};

struct expr_filter;
struct expr_regex;

struct expr_call {
	const struct expr_filter *filter;
	size_t offset;	       /* of the filter's name */
	struct expr_span span; /* from the operand to the end of the call */
	struct expr_ast *args;
	unsigned arg_count;
	const struct expr_regex *regex; /* the first argument where it is a pattern and known before rendering */
	struct expr_call *next;
};

enum expr_node_kind { EXPR_NODE_TEXT = 0, EXPR_NODE_OUTPUT };
struct expr_node {
	enum expr_node_kind kind;
	const char *text; /* EXPR_NODE_TEXT */
	size_t text_len;
	bool blank;	      /* nothing but white space */
	struct expr_ast *ast; /* EXPR_NODE_OUTPUT */
	struct expr_node *next;
};

struct zync_expr {
	const char *source; /* a copy, for positions in messages and as the text of a constant */
	struct expr_node *nodes;
	size_t node_count;
	bool constant;
};

/* One rendering. */
struct expr_run {
	const struct zync_expr *expr;
	const struct zync_expr_source *source;
	enum zync_expr_mode mode;
	unsigned tolerant; /* inside of how many conditions: there nothing has to be defined */
	struct zync_arena *arena;
	struct zync_err *err;
	size_t steps;
	size_t work;
	size_t matching;
	struct expr_matcher *matcher;		 /* what regex.c keeps from one match to the next */
	struct expr_value names[EXPR_MAX_NAMES]; /* what the names of loops stand for */
};

enum expr_arg_kind { EXPR_ARG_ANY = 0, EXPR_ARG_TEXT, EXPR_ARG_INTEGER };

struct expr_filter {
	const char *name;
	unsigned min_args;
	unsigned max_args;
	enum expr_arg_kind arg_kinds[EXPR_MAX_ARGS];
	bool each;	      /* of a list it takes each element and gives a list */
	bool takes_undefined; /* takes undefined and empty values, and nothing else; all others hand an undefined value on */
	bool takes_nonempty;  /* the first argument must not be the empty text */
	bool takes_pattern;   /* the first argument is a regular expression, a second one what to put in its place */
	/* Turns *value, which is defined unless takes_undefined, into the result. */
	enum zync_status (*apply)(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				  const struct expr_value *args);
};

/* The row of a filter or NULL. */
const struct expr_filter *expr_filter_find(const char *name);
/* What is wrong with a literal argument, as far as it shows before rendering; NULL: nothing. */
const char *expr_filter_arg_problem(const struct expr_filter *filter, unsigned index, const struct expr_ast *arg);

/* The functions of the filters, each in the file named. */
#define EXPR_FILTER(name)                                                                                                 \
	enum zync_status expr_filter_##name(struct expr_run *run, const struct expr_call *call, struct expr_value *value, \
					    const struct expr_value *args)
/* filters_text.c */
EXPR_FILTER(capitalize);
EXPR_FILTER(lower);
EXPR_FILTER(replace);
EXPR_FILTER(slug);
EXPR_FILTER(split);
EXPR_FILTER(trim);
EXPR_FILTER(truncate);
EXPR_FILTER(upper);
/* filters_list.c */
EXPR_FILTER(first);
EXPR_FILTER(join);
EXPR_FILTER(keys);
EXPR_FILTER(last);
EXPR_FILTER(length);
EXPR_FILTER(reverse);
EXPR_FILTER(sort);
EXPR_FILTER(unique);
EXPR_FILTER(values);
/* filters_value.c */
EXPR_FILTER(default);
EXPR_FILTER(int);
EXPR_FILTER(ip);
EXPR_FILTER(json);
EXPR_FILTER(path);
EXPR_FILTER(python);
/* regex.c */
EXPR_FILTER(regex_replace);
EXPR_FILTER(regex_search);

/* Tokens between {{ and }}. */
enum expr_token_kind {
	EXPR_TOKEN_END = 0, /* }} */
	EXPR_TOKEN_EOF,	    /* the text ended */
	EXPR_TOKEN_NAME,
	EXPR_TOKEN_STRING,
	EXPR_TOKEN_INTEGER,
	EXPR_TOKEN_DECIMAL,
	EXPR_TOKEN_PUNCT,  /* one of . [ ] ( ) | , */
	EXPR_TOKEN_COMPARE /* == != < <= > >= */
};
struct expr_token {
	enum expr_token_kind kind;
	size_t offset;
	size_t len;
	const char *text; /* NAME, STRING, DECIMAL: the value */
	int64_t integer;
	char punct;
	enum expr_compare compare;
};
struct expr_lexer {
	const char *source;
	size_t pos;
	struct zync_arena *arena;
	size_t *ret_offset;
	struct zync_err *err;
};
enum zync_status expr_lex(struct expr_lexer *lexer, struct expr_token *ret);

struct expr_parser {
	struct expr_lexer lexer;
	struct expr_token token; /* the one to be looked at */
	size_t end;		 /* of the one before */
};
enum zync_status expr_parse_next(struct expr_parser *p);
bool expr_parse_is(const struct expr_parser *p, char punct);
/* Is it the word @p word, not in quotes? */
bool expr_parse_word(const struct expr_parser *p, const char *word);
enum zync_status expr_parse_unexpected(const struct expr_parser *p, const char *wanted);
/* INVALID when the current token, a name, is a word of the language. */
enum zync_status expr_parse_reserved(const struct expr_parser *p);
/* A whole expression, as it may stand between {{ }} or parentheses. */
enum zync_status expr_parse_whole(struct expr_parser *p, unsigned depth, struct expr_ast **ret);
/* An operand and its filters. */
enum zync_status expr_parse_filtered(struct expr_parser *p, unsigned depth, struct expr_ast **ret);
struct expr_ast *expr_parse_new(struct expr_parser *p, enum expr_kind kind, size_t offset);

/* Bind each path that begins with the name of a loop around it. */
enum zync_status expr_names_bind(const struct expr_lexer *lexer, struct expr_ast *ast);

/* The number of the character at byte @p offset, from 1. */
size_t expr_character(const char *source, size_t offset);
/* INVALID "at character N: …", and the offset handed out. */
enum zync_status expr_syntax_error(const struct expr_lexer *lexer, size_t offset, const char *fmt, ...) ZYNC_PRINTF(3, 4);
/* REJECTED (or LIMIT) "at character N: …" while rendering. */
enum zync_status expr_run_error(struct expr_run *run, enum zync_status status, size_t offset, const char *fmt, ...) ZYNC_PRINTF(4, 5);
enum zync_status expr_run_nomem(struct expr_run *run);

enum zync_status expr_eval(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret);
/* REJECTED in strict mode when the value is undefined and the template does not say so itself. */
enum zync_status expr_check_defined(struct expr_run *run, const struct expr_value *value);
/* Count @p steps; LIMIT when it is too much. */
enum zync_status expr_step(struct expr_run *run, size_t offset, size_t steps);
/* Count @p bytes that a filter made; LIMIT when it is too much. */
enum zync_status expr_charge(struct expr_run *run, size_t offset, size_t bytes);

/* The text of a value; NULL when it is undefined. May be a piece of the document, unlike the text of EXPR_TEXT. */
enum zync_status expr_value_text(struct expr_run *run, size_t offset, const struct expr_value *value, const char **ret);
/* Is it undefined, null, "", [] or {}? */
bool expr_value_empty(const struct expr_value *value);
/* Does it count as true in a condition? */
bool expr_value_true(const struct expr_value *value);
/* Does it hold elements? */
bool expr_value_is_list(const struct expr_value *value);
/* A JSON value as a value: none and null are undefined. */
struct expr_value expr_value_json(const struct zync_jval *json);
/* A selection of NetBox ({value, label}) as its value, all else as it is. */
struct expr_value expr_value_plain(const struct expr_value *value);
/* A value as a number; false when it is none. */
bool expr_value_number(const struct expr_value *value, long double *ret);
enum zync_status expr_value_compare(struct expr_run *run, size_t offset, enum expr_compare relation, const struct expr_value *left,
				    const struct expr_value *right, bool *ret);
/* Text in *value: @p text from the arena of the rendering, NULL when memory was out. */
enum zync_status expr_value_set_text(struct expr_run *run, size_t offset, const char *text, struct expr_value *value);

/* Elements one after the other; of anything but a list the value itself, of an undefined value nothing. Undefined elements are left out. */
struct expr_iter {
	const struct expr_value *value;
	struct zync_jiter json;
	size_t index;
};
void expr_iter_init(struct expr_iter *it, const struct expr_value *value);
bool expr_iter_next(struct expr_iter *it, struct expr_value *ret);
/* At most how many elements there are. */
size_t expr_value_count(const struct expr_value *value);
struct expr_list *expr_list_new(struct expr_run *run);
/* Add an element, which counts as a step; an undefined one is left out. */
enum zync_status expr_list_add(struct expr_run *run, size_t offset, struct expr_list *list, const struct expr_value *value);
/* The elements joined by @p separator. */
enum zync_status expr_join(struct expr_run *run, size_t offset, const struct expr_value *list, const char *separator, const char **ret);

/* Compile a pattern. INVALID with what is wrong in @p ret_problem, NOMEM. */
enum zync_status expr_regex_compile(struct zync_arena *arena, const char *pattern, struct expr_regex **ret, char *ret_problem,
				    size_t problem_size);
/* Give back what matching took from the heap; at the end of every rendering. */
void expr_regex_done(struct expr_run *run);
/* What is wrong with the text to put in the place of a match, NULL: nothing. */
const char *expr_regex_replacement_problem(const struct expr_regex *regex, const char *replacement);

/* A URL-like short name of @p text: lower-case ASCII letters, digits, "_", everything else one "-". NULL when memory is out. */
char *expr_slug(struct zync_arena *arena, const char *text);

#endif
