/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the filters. What each does for a user is said in docs/templates-language.md. */
#include "expr/expr_priv.h"

#include <string.h>

/* By name. */
static const struct expr_filter filter_table[] = {
	{.name = "capitalize", .each = true, .apply = expr_filter_capitalize},
	{.name = "default", .min_args = 1, .max_args = 1, .takes_undefined = true, .apply = expr_filter_default},
	{.name = "first", .apply = expr_filter_first},
	{.name = "int", .each = true, .apply = expr_filter_int},
	{.name = "ip", .each = true, .apply = expr_filter_ip},
	{.name = "join", .max_args = 1, .arg_kinds = {EXPR_ARG_TEXT}, .apply = expr_filter_join},
	{.name = "json", .apply = expr_filter_json},
	{.name = "keys", .apply = expr_filter_keys},
	{.name = "last", .apply = expr_filter_last},
	{.name = "length", .apply = expr_filter_length},
	{.name = "lower", .each = true, .apply = expr_filter_lower},
	{.name = "path", .max_args = 1, .arg_kinds = {EXPR_ARG_TEXT}, .each = true, .apply = expr_filter_path},
	{.name = "python", .apply = expr_filter_python},
	{.name = "regex_replace",
	 .min_args = 2,
	 .max_args = 2,
	 .arg_kinds = {EXPR_ARG_TEXT, EXPR_ARG_TEXT},
	 .each = true,
	 .takes_pattern = true,
	 .apply = expr_filter_regex_replace},
	{.name = "regex_search",
	 .min_args = 1,
	 .max_args = 1,
	 .arg_kinds = {EXPR_ARG_TEXT},
	 .each = true,
	 .takes_pattern = true,
	 .apply = expr_filter_regex_search},
	{.name = "replace",
	 .min_args = 2,
	 .max_args = 2,
	 .arg_kinds = {EXPR_ARG_TEXT, EXPR_ARG_TEXT},
	 .each = true,
	 .takes_nonempty = true,
	 .apply = expr_filter_replace},
	{.name = "reverse", .apply = expr_filter_reverse},
	{.name = "slug", .each = true, .apply = expr_filter_slug},
	{.name = "sort", .apply = expr_filter_sort},
	{.name = "split", .min_args = 1, .max_args = 1, .arg_kinds = {EXPR_ARG_TEXT}, .takes_nonempty = true, .apply = expr_filter_split},
	{.name = "trim", .each = true, .apply = expr_filter_trim},
	{.name = "truncate", .min_args = 1, .max_args = 1, .arg_kinds = {EXPR_ARG_INTEGER}, .each = true, .apply = expr_filter_truncate},
	{.name = "unique", .apply = expr_filter_unique},
	{.name = "upper", .each = true, .apply = expr_filter_upper},
	{.name = "values", .apply = expr_filter_values},
};

/* The names of the table above, which a unit test compares. */
static const char *const filter_names[] = {"capitalize",   "default", "first",	 "int",	   "ip",   "join",   "json",
					   "keys",	   "last",    "length",	 "lower",  "path", "python", "regex_replace",
					   "regex_search", "replace", "reverse", "slug",   "sort", "split",  "trim",
					   "truncate",	   "unique",  "upper",	 "values", NULL};
_Static_assert(ZYNC_ARRAY_LEN(filter_names) == ZYNC_ARRAY_LEN(filter_table) + 1, "each filter has its name in the list");

const char *const *zync_expr_filters(void)
{
	return filter_names;
}

const struct expr_filter *expr_filter_find(const char *name)
{
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(filter_table); i++)
		if (strcmp(filter_table[i].name, name) == 0)
			return &filter_table[i];
	return NULL;
}

const char *expr_filter_arg_problem(const struct expr_filter *filter, unsigned index, const struct expr_ast *arg)
{
	const struct expr_value *value = &arg->literal;

	if (arg->calls != NULL || arg->kind != EXPR_LITERAL)
		return NULL; /* known only when it is rendered */
	if (filter->arg_kinds[index] == EXPR_ARG_INTEGER) {
		if (value->kind != EXPR_INTEGER)
			return "the argument must be a whole number";
		if (value->integer < 0)
			return "the number must not be negative";
	}
	if (filter->takes_nonempty && index == 0 && value->kind == EXPR_TEXT && value->text[0] == '\0')
		return "the text to look for is empty";
	return NULL;
}
