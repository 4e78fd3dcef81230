/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: assignments are taken, the others told of. */
#include "convert/python_priv.h"

#include <string.h>

#include "base/str.h"

static const char *const python_keywords[] = {"and",	"as",	"assert", "async",  "await",  "break",	 "class",    "continue",
					      "def",	"del",	"elif",	  "else",   "except", "finally", "for",	     "from",
					      "global", "if",	"import", "in",	    "is",     "lambda",	 "nonlocal", "not",
					      "or",	"pass", "raise",  "return", "try",    "while",	 "with",     "yield"};

bool py_is_keyword(const struct py_token *token)
{
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(python_keywords); i++)
		if (token->kind == PY_T_NAME && strlen(python_keywords[i]) == token->len &&
		    memcmp(python_keywords[i], token->text, token->len) == 0)
			return true;
	return false;
}

enum zync_status py_next(struct py_parser *p)
{
	return py_lex(&p->lex, &p->token);
}

bool py_is(const struct py_parser *p, const char *text)
{
	const struct py_token *token = &p->token;

	return (token->kind == PY_T_NAME || token->kind == PY_T_OP) && strlen(text) == token->len &&
	       memcmp(token->text, text, token->len) == 0;
}

bool py_ends_statement(const struct py_parser *p)
{
	return p->token.kind == PY_T_END || p->token.kind == PY_T_NEWLINE || py_is(p, ";");
}

static enum zync_status python_note(struct py_parser *p, struct py_pos pos, const char *text)
{
	struct py_note *note = ZYNC_NEW(p->lex.arena, struct py_note);

	if (note == NULL)
		return py_nomem(&p->lex);
	if (++p->values > ZYNC_LIMIT_CONVERT_VALUES)
		return py_error(&p->lex, pos, "more than %u values and statements are not read", ZYNC_LIMIT_CONVERT_VALUES);
	*note = (struct py_note){.pos = pos, .text = text};
	return zync_vec_push(&p->module->notes, note, p->lex.err);
}

/* To the end of the statement, brackets or not. */
static enum zync_status python_skip(struct py_parser *p)
{
	while (!py_ends_statement(p))
		ZYNC_TRY(py_next(p));
	return ZYNC_OK;
}

static enum zync_status python_assign(struct py_parser *p, const struct py_token *name, const struct py_value *value)
{
	struct py_assignment *assignment = ZYNC_NEW(p->lex.arena, struct py_assignment);

	if (assignment == NULL)
		return py_nomem(&p->lex);
	*assignment =
		(struct py_assignment){.name = zync_arena_strndup(p->lex.arena, name->text, name->len), .pos = name->pos, .value = value};
	if (assignment->name == NULL)
		return py_nomem(&p->lex);
	if (++p->values > ZYNC_LIMIT_CONVERT_VALUES)
		return py_error(&p->lex, name->pos, "more than %u values are not read", ZYNC_LIMIT_CONVERT_VALUES);
	return zync_vec_push(&p->module->assignments, assignment, p->lex.err);
}

/* Another name to be assigned to, as in a = b = "x"? Then it is consumed with its equals sign. */
static enum zync_status python_target(struct py_parser *p, struct py_token *ret, bool *ret_found)
{
	struct py_parser ahead = *p;

	*ret_found = false;
	if (p->token.kind != PY_T_NAME || py_is_keyword(&p->token))
		return ZYNC_OK;
	ZYNC_TRY(py_next(&ahead));
	if (!py_is(&ahead, "="))
		return ZYNC_OK;
	*ret = p->token;
	*ret_found = true;
	*p = ahead;
	return py_next(p);
}

/* From the equals sign behind @p name. */
static enum zync_status python_value_of(struct py_parser *p, const struct py_token *name)
{
	struct py_value *value = NULL;
	struct zync_vec names;
	bool found = true;

	zync_vec_init(&names, p->lex.arena);
	ZYNC_TRY(py_next(p));
	while (found) {
		struct py_token *target = ZYNC_NEW(p->lex.arena, struct py_token);

		if (target == NULL)
			return py_nomem(&p->lex);
		ZYNC_TRY(python_target(p, target, &found));
		if (found)
			ZYNC_TRY(zync_vec_push(&names, target, p->lex.err));
	}
	ZYNC_TRY(py_expression(p, &value));
	/* What is assigned to and no name, such as x["a"], is passed over. */
	while (py_is(p, "=")) {
		ZYNC_TRY(py_next(p));
		ZYNC_TRY(py_expression(p, &value));
	}
	ZYNC_TRY(python_assign(p, name, value));
	for (size_t i = 0; i < names.len; i++)
		ZYNC_TRY(python_assign(p, names.items[i], value));
	return ZYNC_OK;
}

/* name += …: what the name holds is no longer known. */
static enum zync_status python_changed(struct py_parser *p, const struct py_token *name)
{
	struct py_value *value = NULL;

	ZYNC_TRY(py_value_new(p, PY_OTHER, name->pos, &value));
	value->text = "it is changed in place, and nothing of the file is run";
	ZYNC_TRY(python_assign(p, name, value));
	return python_skip(p);
}

static bool python_changes(const struct py_parser *p)
{
	const struct py_token *token = &p->token;

	return token->kind == PY_T_OP && token->len > 1 && token->text[token->len - 1] == '=' && strchr("=!<>:", token->text[0]) == NULL;
}

/* The statement begins with a name. */
static enum zync_status python_name(struct py_parser *p)
{
	struct py_token name = p->token;
	bool import = py_is(p, "import") || py_is(p, "from");

	if (import)
		ZYNC_TRY(python_note(p, name.pos, "the import is left out: nothing of the file is run"));
	if (import)
		return python_skip(p);
	ZYNC_TRY(py_next(p));
	if (!py_is_keyword(&name)) {
		unsigned depth = p->lex.depth;

		if (py_is(p, ":"))
			while (!py_ends_statement(p) && !(py_is(p, "=") && p->lex.depth == depth))
				ZYNC_TRY(py_next(p));
		if (py_is(p, "="))
			return python_value_of(p, &name);
		if (python_changes(p))
			return python_changed(p, &name);
	}
	ZYNC_TRY(python_note(p, name.pos, "this statement is left out: only assignments of plain values are read"));
	return python_skip(p);
}

static enum zync_status python_statement(struct py_parser *p)
{
	struct py_pos pos = p->token.pos;
	struct py_value *value = NULL;

	if (p->token.kind == PY_T_NAME)
		return python_name(p);
	if (p->token.kind != PY_T_STRING) {
		ZYNC_TRY(python_note(p, pos, "this statement is left out: only assignments of plain values are read"));
		return python_skip(p);
	}
	ZYNC_TRY(py_expression(p, &value));
	ZYNC_TRY(python_note(p, pos, "a text that stands alone is left out"));
	return python_skip(p);
}

/* An indented line belongs to a statement before it, such as an if. */
static enum zync_status python_block(struct py_parser *p, bool *told)
{
	if (!*told)
		ZYNC_TRY(
			python_note(p, p->token.pos, "what is indented is left out, from here on: it is only read at the begin of a line"));
	*told = true;
	while (p->token.kind != PY_T_END && p->token.kind != PY_T_NEWLINE)
		ZYNC_TRY(py_next(p));
	return ZYNC_OK;
}

static enum zync_status python_module(struct py_parser *p)
{
	bool told = false;

	ZYNC_TRY(py_next(p));
	while (p->token.kind != PY_T_END) {
		if (p->token.kind == PY_T_NEWLINE) {
			ZYNC_TRY(py_next(p));
			continue;
		}
		if (p->token.indented) {
			ZYNC_TRY(python_block(p, &told));
			continue;
		}
		told = false;
		p->nesting = 0;
		ZYNC_TRY(python_statement(p));
		if (!py_ends_statement(p))
			return py_error(&p->lex, p->token.pos, "expected the end of the statement here");
		while (py_is(p, ";"))
			ZYNC_TRY(py_next(p));
	}
	return ZYNC_OK;
}

enum zync_status zync_convert_python(struct zync_arena *arena, const char *name, const char *text, size_t len, struct py_module *ret,
				     struct zync_err *err)
{
	struct py_parser p = {.module = ret};

	zync_vec_init(&ret->assignments, arena);
	zync_vec_init(&ret->notes, arena);
	if (len > ZYNC_LIMIT_CONVERT_BYTES)
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: it has %zu bytes; a configuration of more than %u is not read", name, len,
				    ZYNC_LIMIT_CONVERT_BYTES);
	if (!zync_utf8_valid(text, len))
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: it is no text in UTF-8; convert it, or name another file", name);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	p.lex = (struct py_lexer){
		.arena = arena, .name = name, .at = text, .end = text + len, .line_start = text, .line = 1, .fresh = true, .err = err};
	return python_module(&p);
}
