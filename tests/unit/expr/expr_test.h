/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the template language share. */
#ifndef ZYNC_TESTS_EXPR_TEST_H
#define ZYNC_TESTS_EXPR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "expr/expr.h"

struct fixture {
	struct zync_arena *arena;
	const struct zync_jval *root; /* the object of the language page */
	char *page;		      /* docs/templates-language.md */
};

/* A source of values: members as the document has them. */
const struct zync_jval *expr_test_member(void *ctx, const struct zync_jval *parent, const char *name);
/* Compile what is right. */
struct zync_expr *expr_test_compiled(struct fixture *f, const char *text);
/* @p text in a list position must give @p want: the entries, each with a | behind it. */
void expr_test_list(struct fixture *f, const char *text, const char *want);
/* Compile and render; on failure *ret_text is the message. */
enum zync_status expr_test_render(struct fixture *f, const char *text, enum zync_expr_mode mode, const char **ret_text, bool *ret_defined);
/* @p before, @p times @p piece, @p after. */
char *expr_test_repeat(struct zync_arena *arena, const char *before, const char *piece, size_t times, const char *after);

/* test_language.c */
void test_conditions(void **state);
void test_objects(void **state);
void test_loops(void **state);
void test_new_filters(void **state);
void test_python(void **state);
void test_language_errors(void **state);
void test_strict_language(void **state);
void test_list_values(void **state);
void test_each_name(void **state);
void test_each_path(void **state);
void test_path_ends(void **state);
void test_language_bounds(void **state);
void test_regex_bounds(void **state);
void test_lifetime(void **state);
void test_shared(void **state);

#endif
