/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: PCRE2 over our arenas; the only file that includes its header.
 *
 * Compiled patterns live in arenas and go with them. What matching needs is some 20 KiB, too much to leave in the arena of a page for each
 * text of each object: it comes from the heap and goes at the end of the rendering (expr_regex_done()). A pattern that runs wild is
 * stopped by a budget for the whole rendering: PCRE2's own match limit begins anew at each character of the text, therefore patterns
 * are compiled with a call-out before each item, which counts. Not compiled to machine code: that would want memory that is
 * writable and executable, which the service gives up.
 */
#include "expr/expr_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define REGEX_GROUPS	  10u /* \0 to \9 */
#define REGEX_MATCH_LIMIT 1000000u
#define REGEX_DEPTH_LIMIT 10000u
#define REGEX_HEAP_KIB	  1024u
#define REGEX_COMPILING	  ((size_t)8 * 1024) /* what a pattern that is compiled while rendering counts as */

struct expr_regex {
	pcre2_code *code;
	uint32_t groups;
};

struct expr_matcher {
	pcre2_general_context *general;
	pcre2_match_context *context;
	pcre2_match_data *data;
};

static void *regex_malloc(PCRE2_SIZE size, void *arena)
{
	return zync_arena_alloc(arena, size);
}

static void regex_free(void *p, void *arena)
{
	/* goes with the arena */
	(void)p;
	(void)arena;
}

enum zync_status expr_regex_compile(struct zync_arena *arena, const char *pattern, struct expr_regex **ret, char *ret_problem,
				    size_t problem_size)
{
	pcre2_general_context *general = pcre2_general_context_create(regex_malloc, regex_free, arena);
	pcre2_compile_context *context = general == NULL ? NULL : pcre2_compile_context_create(general);
	struct expr_regex *regex = ZYNC_NEW(arena, struct expr_regex);
	PCRE2_UCHAR words[160];
	PCRE2_SIZE offset = 0;
	int code = 0;

	if (context == NULL || regex == NULL)
		return ZYNC_ERR_NOMEM;
	if (strlen(pattern) > EXPR_MAX_PATTERN) {
		(void)snprintf(ret_problem, problem_size, "the pattern is longer than %u bytes", EXPR_MAX_PATTERN);
		return ZYNC_ERR_INVALID;
	}
	(void)pcre2_set_parens_nest_limit(context, 50);
	regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT,
				    &code, &offset, context);
	if (regex->code == NULL && code == PCRE2_ERROR_HEAP_FAILED)
		return ZYNC_ERR_NOMEM;
	if (regex->code == NULL) {
		if (pcre2_get_error_message(code, words, sizeof(words)) < 0)
			(void)snprintf((char *)words, sizeof(words), "error %d", code);
		(void)snprintf(ret_problem, problem_size, "the pattern is wrong at its character %zu: %s", expr_character(pattern, offset),
			       (const char *)words);
		return ZYNC_ERR_INVALID;
	}
	(void)pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->groups);
	*ret = regex;
	return ZYNC_OK;
}

const char *expr_regex_replacement_problem(const struct expr_regex *regex, const char *replacement)
{
	for (const char *s = replacement; *s != '\0'; s++) {
		if (*s != '\\')
			continue;
		s++;
		if (*s != '\\' && (*s < '0' || *s > '9'))
			return "in the replacement a backslash stands before the number of a group (\\0 to \\9) or another backslash";
		if (*s != '\\' && regex != NULL && (uint32_t)(*s - '0') > regex->groups)
			return "the pattern has no group of that number";
	}
	return NULL;
}

/* An item costs one, and more where it may have a long text to look through. */
static int regex_count(pcre2_callout_block *block, void *ctx)
{
	struct expr_run *run = ctx;

	run->matching += 1 + (block->subject_length - block->current_position) / 256;
	return run->matching > EXPR_MAX_MATCHING ? PCRE2_ERROR_MATCHLIMIT : 0;
}

static void *regex_heap_malloc(PCRE2_SIZE size, void *ctx)
{
	(void)ctx;
	return zync_calloc(1, size);
}

static void regex_heap_free(void *p, void *ctx)
{
	(void)ctx;
	zync_free(p);
}

static enum zync_status regex_matcher(struct expr_run *run)
{
	struct expr_matcher *matcher = run->matcher;

	if (matcher != NULL)
		return ZYNC_OK;
	matcher = ZYNC_NEW(run->arena, struct expr_matcher);
	if (matcher == NULL)
		return expr_run_nomem(run);
	run->matcher = matcher; /* from here on expr_regex_done() cleans up */
	matcher->general = pcre2_general_context_create(regex_heap_malloc, regex_heap_free, NULL);
	if (matcher->general == NULL)
		return expr_run_nomem(run);
	matcher->context = pcre2_match_context_create(matcher->general);
	matcher->data = pcre2_match_data_create(REGEX_GROUPS, matcher->general);
	if (matcher->context == NULL || matcher->data == NULL)
		return expr_run_nomem(run);
	(void)pcre2_set_match_limit(matcher->context, REGEX_MATCH_LIMIT);
	(void)pcre2_set_depth_limit(matcher->context, REGEX_DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(matcher->context, REGEX_HEAP_KIB);
	(void)pcre2_set_callout(matcher->context, regex_count, run);
	return ZYNC_OK;
}

void expr_regex_done(struct expr_run *run)
{
	if (run->matcher == NULL)
		return;
	pcre2_match_data_free(run->matcher->data);
	pcre2_match_context_free(run->matcher->context);
	pcre2_general_context_free(run->matcher->general);
	run->matcher = NULL;
}

/* The pattern of a call: known since the template was compiled, or a value of this object. */
static enum zync_status regex_of_call(struct expr_run *run, const struct expr_call *call, const char *pattern,
				      const struct expr_regex **ret)
{
	struct expr_regex *regex = NULL;
	char problem[256];
	enum zync_status status;

	*ret = call->regex;
	ZYNC_TRY(regex_matcher(run));
	if (call->regex != NULL)
		return ZYNC_OK;
	ZYNC_TRY(expr_charge(run, call->offset, REGEX_COMPILING));
	status = expr_regex_compile(run->arena, pattern, &regex, problem, sizeof(problem));
	if (status == ZYNC_ERR_NOMEM)
		return expr_run_nomem(run);
	if (status != ZYNC_OK)
		return expr_run_error(run, ZYNC_ERR_REJECTED, call->offset, "%s: %s", call->filter->name, problem);
	*ret = regex;
	return ZYNC_OK;
}

/* The next match from byte @p from; *ret_found. */
static enum zync_status regex_match(struct expr_run *run, const struct expr_call *call, const struct expr_regex *regex, const char *text,
				    size_t len, size_t from, bool *ret_found)
{
	/* Values are well-formed; to look at a long text again for each match would take long. */
	int code = pcre2_match(regex->code, (PCRE2_SPTR)text, len, from, PCRE2_NO_UTF_CHECK, run->matcher->data, run->matcher->context);
	PCRE2_UCHAR words[160];

	*ret_found = code >= 0;
	if (code >= 0 || code == PCRE2_ERROR_NOMATCH)
		return ZYNC_OK;
	if (code == PCRE2_ERROR_NOMEMORY)
		return expr_run_nomem(run);
	if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_HEAPLIMIT)
		return expr_run_error(run, ZYNC_ERR_LIMIT, call->offset, "%s: the pattern takes too many steps for this text",
				      call->filter->name);
	if (pcre2_get_error_message(code, words, sizeof(words)) < 0)
		(void)snprintf((char *)words, sizeof(words), "error %d", code);
	return expr_run_error(run, ZYNC_ERR_REJECTED, call->offset, "%s: %s", call->filter->name, (const char *)words);
}

/* The text of a value and its length, which is bounded for patterns. */
static enum zync_status regex_subject(struct expr_run *run, const struct expr_call *call, const struct expr_value *value,
				      const char **ret_text, size_t *ret_len)
{
	ZYNC_TRY(expr_value_text(run, call->offset, value, ret_text));
	*ret_len = strlen(*ret_text);
	if (*ret_len > ZYNC_LIMIT_TEMPLATE_OUTPUT)
		return expr_run_error(run, ZYNC_ERR_LIMIT, call->offset, "%s: the text is longer than %u bytes", call->filter->name,
				      ZYNC_LIMIT_TEMPLATE_OUTPUT);
	return ZYNC_OK;
}

/* The bounds of group @p group of the last match; false when it took no part. */
static bool regex_group(const struct expr_run *run, const struct expr_regex *regex, uint32_t group, size_t *ret_start, size_t *ret_end)
{
	const PCRE2_SIZE *vector = pcre2_get_ovector_pointer(run->matcher->data);

	ZYNC_ASSERT(group <= regex->groups && group < REGEX_GROUPS);
	*ret_start = vector[2 * (size_t)group];
	*ret_end = vector[2 * (size_t)group + 1];
	return *ret_start != PCRE2_UNSET && *ret_end != PCRE2_UNSET && *ret_start <= *ret_end;
}

EXPR_FILTER(regex_search)
{
	const struct expr_regex *regex = NULL;
	size_t len = 0, start = 0, end = 0;
	const char *text = NULL;
	bool found = false;

	ZYNC_TRY(regex_of_call(run, call, args[0].text, &regex));
	ZYNC_TRY(regex_subject(run, call, value, &text, &len));
	ZYNC_TRY(regex_match(run, call, regex, text, len, 0, &found));
	if (!found || !regex_group(run, regex, regex->groups > 0 ? 1 : 0, &start, &end)) {
		*value = (struct expr_value){.kind = EXPR_UNDEFINED, .origin = NULL};
		return ZYNC_OK;
	}
	return expr_value_set_text(run, call->offset, zync_arena_strndup(run->arena, text + start, end - start), value);
}

/* What stands in the place of the last match. */
static void regex_expand(const struct expr_run *run, const struct expr_regex *regex, const char *text, const char *replacement,
			 struct zync_buf *out)
{
	while (*replacement != '\0') {
		size_t plain = strcspn(replacement, "\\"), start = 0, end = 0;

		zync_buf_add(out, replacement, plain);
		replacement += plain;
		if (*replacement == '\0')
			break;
		if (replacement[1] == '\\')
			zync_buf_addc(out, '\\');
		else if (regex_group(run, regex, (uint32_t)(replacement[1] - '0'), &start, &end))
			zync_buf_add(out, text + start, end - start);
		replacement += 2;
	}
}

static enum zync_status regex_replace_all(struct expr_run *run, const struct expr_call *call, const struct expr_regex *regex,
					  const char *text, size_t len, const char *replacement, struct zync_buf *out)
{
	size_t from = 0, copied = 0;
	bool found = true;

	while (from <= len && out->failed == ZYNC_OK) {
		size_t start = 0, end = 0;

		ZYNC_TRY(expr_step(run, call->offset, 1));
		ZYNC_TRY(regex_match(run, call, regex, text, len, from, &found));
		/* \K can set the beginning behind the end: no match that could be replaced. */
		if (!found || !regex_group(run, regex, 0, &start, &end) || start < copied)
			break;
		zync_buf_add(out, text + copied, start - copied);
		regex_expand(run, regex, text, replacement, out);
		copied = end;
		from = end;
		/* Behind an empty match goes on at the next character, which is kept. */
		if (start == end)
			from += end < len ? zync_utf8_prefix(text + end, 1) : 1;
	}
	zync_buf_add(out, text + copied, len - copied);
	return ZYNC_OK;
}

EXPR_FILTER(regex_replace)
{
	const struct expr_regex *regex = NULL;
	const char *text = NULL, *problem;
	size_t len = 0;
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_OUTPUT);
	ZYNC_TRY(regex_of_call(run, call, args[0].text, &regex));
	problem = expr_regex_replacement_problem(regex, args[1].text);
	if (problem != NULL)
		return expr_run_error(run, ZYNC_ERR_REJECTED, call->offset, "%s: %s", call->filter->name, problem);
	ZYNC_TRY(regex_subject(run, call, value, &text, &len));
	ZYNC_TRY(regex_replace_all(run, call, regex, text, len, args[1].text, &out));
	if (out.failed == ZYNC_ERR_LIMIT)
		return expr_run_error(run, ZYNC_ERR_LIMIT, call->offset, "the result of regex_replace is longer than %u bytes",
				      ZYNC_LIMIT_TEMPLATE_OUTPUT);
	ZYNC_TRY(zync_buf_check(&out, "a rendered template", run->err));
	return expr_value_set_text(run, call->offset, zync_arena_strndup(run->arena, out.data, out.len), value);
}
