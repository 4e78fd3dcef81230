/* SPDX-License-Identifier: Apache-2.0 */
#include "model_test.h"

#include <string.h>

static struct zync_keyring *ring;

struct zync_arena *test_arena(void)
{
	struct zync_arena *arena = zync_arena_new(0);
	assert_non_null(arena);
	return arena;
}

const struct zync_keyring *test_ring(void)
{
	static const unsigned char key[32] = {1, 2, 3};
	if (ring == NULL)
		assert_int_equal(zync_keyring_new(key, &ring, NULL), ZYNC_OK);
	return ring;
}

void test_ring_free(void)
{
	zync_keyring_free(ring);
	ring = NULL;
}

static char *test_quotes(struct zync_arena *arena, const char *text, char from, char to)
{
	char *copy = zync_arena_strdup(arena, text);
	assert_non_null(copy);
	for (char *p = copy; (p = strchr(p, from)) != NULL;)
		*p = to;
	return copy;
}

const struct zync_jval *test_jval(struct zync_arena *arena, const char *text)
{
	const struct zync_jval *v = NULL;
	struct zync_err err = {0};
	const char *json = test_quotes(arena, text, '\'', '"');
	if (zync_json_parse(arena, json, strlen(json), &v, &err) != ZYNC_OK)
		fail_msg("%s: %s", json, err.message);
	return v;
}

struct zync_host *test_host(struct zync_arena *arena, const char *text)
{
	if (text == NULL)
		return NULL;
	struct zync_host *host = ZYNC_NEW(arena, struct zync_host);
	assert_non_null(host);
	struct zync_err err = {0};
	const char *json = zync_arena_printf(arena, "{'v':1%s%s}", text[0] != '\0' ? "," : "", text);
	if (zync_host_from_json(test_jval(arena, json), arena, host, &err) != ZYNC_OK)
		fail_msg("%s: %s", json, err.message);
	return host;
}

const char *test_host_text(struct zync_arena *arena, const struct zync_host *host, enum zync_host_json form)
{
	struct zync_jb *b = zync_jb_new(arena);
	assert_non_null(b);
	const char *text = NULL;
	struct zync_err err = {0};
	if (zync_jb_text(b, zync_host_to_json(b, host, form), ZYNC_JSON_SORTED, arena, &text, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	return test_quotes(arena, text, '"', '\'');
}

const char *test_diff_text(struct zync_arena *arena, const struct zync_diff *diff)
{
	ZYNC_AUTO_BUF out;
	unsigned aspects = 0;
	zync_buf_init(&out, 1u << 20);
	for (size_t i = 0; i < diff->len; i++) {
		const struct zync_change *change = &diff->items[i];
		zync_buf_printf(&out, "%s: %s -> %s\n", change->field, change->old_text != NULL ? change->old_text : "-",
				change->new_text != NULL ? change->new_text : "-");
		aspects |= ZYNC_ASPECT_BIT(change->aspect);
		/* Changes come in the order of aspects. */
		assert_true(i == 0 || diff->items[i - 1].aspect <= change->aspect);
	}
	assert_int_equal(aspects, diff->aspects);
	assert_int_equal(zync_buf_check(&out, "the diff", NULL), ZYNC_OK);
	return zync_arena_strdup(arena, out.data);
}

void test_expect(const struct zync_err *err, enum zync_status status, const char *part)
{
	assert_int_equal(err->status, status);
	if (strstr(err->message, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err->message, part);
}
