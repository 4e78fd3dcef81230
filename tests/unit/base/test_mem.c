/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base_test.h"

static void mem_sizes(void **state ZYNC_UNUSED)
{
	unsigned char *p = zync_calloc(3, 5);
	char *copy;

	assert_non_null(p);
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(p[i], 0);
	p[14] = 7;
	p = zync_realloc(p, 100, 10);
	assert_non_null(p);
	assert_int_equal(p[14], 7);
	assert_null(zync_realloc(p, SIZE_MAX / 2, 3));
	assert_int_equal(p[14], 7);
	p = zync_realloc(p, 0, 4);
	assert_non_null(p);
	zync_free(p);
	p = zync_calloc(0, 8);
	assert_non_null(p);
	zync_free(p);
	assert_null(zync_calloc(SIZE_MAX / 2, 3));
	assert_null(zync_strdup(NULL));
	copy = zync_strdup("text");
	assert_string_equal(copy, "text");
	zync_wipe(copy, 4);
	assert_memory_equal(copy, "\0\0\0\0", 5);
	zync_wipe(NULL, 4);
	zync_free(copy);
	zync_free(NULL);
}

static void arena_blocks(void **state ZYNC_UNUSED)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 4095, 4096, 5000, 100000, 3, 3000000, 40};
	unsigned char *blocks[ZYNC_ARRAY_LEN(sizes)];
	ZYNC_AUTO_ARENA arena = test_arena();

	/* Twice: a cleared arena must give zeroed memory again. */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(sizes); i++) {
			blocks[i] = zync_arena_alloc(arena, sizes[i]);
			assert_non_null(blocks[i]);
			assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
			for (size_t j = 0; j < sizes[i]; j++) {
				if (blocks[i][j] != 0)
					fail_msg("round %d: byte %zu of block %zu is not zero", round, j, i);
			}
			memset(blocks[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(sizes); i++) {
			for (size_t j = 0; j < sizes[i]; j++) {
				if (blocks[i][j] != i + 1)
					fail_msg("round %d: block %zu was overwritten", round, i);
			}
		}
		assert_true(zync_arena_used(arena) >= 3112182);
		zync_arena_clear(arena);
		assert_int_equal(zync_arena_used(arena), 0);
	}
	for (int i = 0; i < 100000; i++)
		assert_non_null(zync_arena_alloc(arena, 30));
	assert_int_equal(zync_arena_used(arena), 3200000);
}

static void arena_bounds(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(100);
	ZYNC_AUTO_ARENA unused = test_arena();

	assert_non_null(arena);
	assert_null(zync_arena_alloc(arena, 101));
	assert_non_null(zync_arena_alloc(arena, 64));
	assert_null(zync_arena_alloc(arena, 37));
	assert_non_null(zync_arena_alloc(arena, 36));
	assert_null(zync_arena_alloc(arena, 1));
	zync_arena_clear(arena);
	assert_non_null(zync_arena_alloc(arena, 100));
	assert_null(zync_arena_alloc(unused, SIZE_MAX));
	assert_null(zync_arena_alloc(unused, SIZE_MAX - 20));
	assert_null(zync_arena_alloc(unused, ZYNC_LIMIT_ARENA_BYTES + 1));
	assert_null(zync_arena_array(unused, SIZE_MAX / 4, 5));
	assert_null(zync_arena_strndup(unused, "x", SIZE_MAX));
	zync_arena_clear(unused);
	zync_arena_free(NULL);
}

static void arena_strings(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	int *numbers = ZYNC_NEW_ARRAY(arena, int, 10);

	assert_non_null(numbers);
	assert_int_equal(numbers[9], 0);
	assert_string_equal(zync_arena_strdup(arena, "abc"), "abc");
	assert_null(zync_arena_strdup(arena, NULL));
	assert_null(zync_arena_strndup(arena, NULL, 3));
	assert_string_equal(zync_arena_strndup(arena, "abcdef", 3), "abc");
	assert_string_equal(zync_arena_printf(arena, "%s-%d", "x", 42), "x-42");
	assert_string_equal(zync_arena_printf(arena, "%s", ""), "");
	assert_int_equal(strlen(zync_arena_printf(arena, "%*d", 9000, 1)), 9000);
}

static void buf_grows(void **state ZYNC_UNUSED)
{
	struct zync_buf buf;
	struct zync_err err;

	zync_buf_init(&buf, 5000);
	assert_string_equal(buf.data, "");
	zync_buf_adds(&buf, "");
	zync_buf_printf(&buf, "%s", "");
	assert_string_equal(buf.data, "");
	zync_buf_truncate(&buf, 0);
	for (int i = 0; i < 1000; i++) {
		zync_buf_addc(&buf, 'a');
		zync_buf_printf(&buf, "%02d", i % 100);
		zync_buf_add(&buf, "bc", 2);
	}
	assert_int_equal(buf.len, 5000);
	assert_int_equal(strlen(buf.data), 5000);
	assert_memory_equal(buf.data + 4995, "a99bc", 6);
	assert_int_equal(zync_buf_check(&buf, "the text", &err), ZYNC_OK);
	zync_buf_addc(&buf, 'x');
	assert_int_equal(buf.len, 5000);
	assert_int_equal(zync_buf_check(&buf, "the text", &err), ZYNC_ERR_LIMIT);
	test_expect(&err, ZYNC_ERR_LIMIT, "the text is larger than the limit of 5000 bytes");
	zync_buf_truncate(&buf, 3);
	zync_buf_adds(&buf, "sticks");
	zync_buf_printf(&buf, "%d", 1);
	assert_string_equal(buf.data, "a00");
	zync_buf_clear(&buf);
	zync_buf_adds(&buf, "again");
	assert_string_equal(buf.data, "again");
	assert_int_equal(zync_buf_check(&buf, "the text", NULL), ZYNC_OK);
	zync_buf_done(&buf);
	zync_buf_done(&buf);
	assert_string_equal(buf.data, "");
}

static void buf_limits(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_BUF none;
	ZYNC_AUTO_BUF huge;
	ZYNC_AUTO_ARENA arena = test_arena();

	zync_buf_init(&none, 0);
	zync_buf_addc(&none, 'x');
	assert_int_equal(none.failed, ZYNC_ERR_LIMIT);
	zync_buf_init(&huge, SIZE_MAX);
	zync_buf_add(&huge, "x", SIZE_MAX - 1);
	assert_int_equal(huge.failed, ZYNC_ERR_LIMIT);
	zync_buf_clear(&huge);
	/* What printf() itself refuses. */
	zync_buf_printf(&huge, "%ls", test_bad_wide);
	assert_int_equal(huge.failed, ZYNC_ERR_LIMIT);
	assert_null(zync_arena_printf(arena, "%ls", test_bad_wide));
}

static void buf_truncate_longer(void)
{
	struct zync_buf buf;

	zync_buf_init(&buf, 10);
	zync_buf_truncate(&buf, 1);
}

static void buf_asserts(void **state ZYNC_UNUSED)
{
	assert_true(test_aborts(buf_truncate_longer));
}

TEST_GROUP(test_mem, cmocka_unit_test(mem_sizes), cmocka_unit_test(arena_blocks), cmocka_unit_test(arena_bounds),
	   cmocka_unit_test(arena_strings), cmocka_unit_test(buf_grows), cmocka_unit_test(buf_limits), cmocka_unit_test(buf_asserts));
