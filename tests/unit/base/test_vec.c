/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "base_test.h"

static void vec_pushes(void **state ZYNC_UNUSED)
{
	static int numbers[1000];
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_vec vec;

	zync_vec_init(&vec, arena);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(zync_vec_push(&vec, &numbers[i], NULL), ZYNC_OK);
	assert_int_equal(vec.len, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_ptr_equal(vec.items[i], &numbers[i]);
}

static void vec_bounded(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(100);
	struct zync_vec vec;
	struct zync_err err;

	zync_vec_init(&vec, arena);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(zync_vec_push(&vec, &vec, &err), ZYNC_OK);
	assert_int_equal(zync_vec_push(&vec, &vec, &err), ZYNC_ERR_NOMEM);
	test_expect(&err, ZYNC_ERR_NOMEM, "growing a list");
	assert_int_equal(vec.len, 8);
	assert_ptr_equal(vec.items[7], &vec);
	/* A list that says it is full at half the address space cannot grow. */
	vec = (struct zync_vec){.arena = arena, .len = SIZE_MAX / 2 + 1, .cap = SIZE_MAX / 2 + 1};
	assert_int_equal(zync_vec_push(&vec, &vec, &err), ZYNC_ERR_NOMEM);
}

static void map_holds(void **state ZYNC_UNUSED)
{
	static int values[5000];
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_map *map = zync_map_new(arena);
	char key[32];
	size_t pos = 0;
	void *value = NULL;

	assert_non_null(map);
	assert_null(zync_map_get(map, "x"));
	assert_null(zync_map_get(map, NULL));
	assert_null(zync_map_next(map, &pos, &value));
	for (size_t i = 0; i < 5000; i++) {
		(void)snprintf(key, sizeof(key), "host-%zu", i);
		assert_int_equal(zync_map_put(map, key, &values[i], NULL), ZYNC_OK);
		assert_int_equal(zync_map_len(map), i + 1);
	}
	assert_int_equal(zync_map_put(map, "", &values[0], NULL), ZYNC_OK);
	assert_int_equal(zync_map_put(map, "host-7", &values[8], NULL), ZYNC_OK);
	assert_int_equal(zync_map_len(map), 5001);
	assert_ptr_equal(zync_map_get(map, "host-7"), &values[8]);
	assert_ptr_equal(zync_map_get(map, ""), &values[0]);
	assert_null(zync_map_get(map, "host-5000"));
	for (size_t i = 0; i < 5000; i++) {
		(void)snprintf(key, sizeof(key), "host-%zu", i);
		assert_string_equal(zync_map_next(map, &pos, i % 2 ? &value : NULL), key);
		if (i % 2)
			assert_ptr_equal(value, i == 7 ? &values[8] : &values[i]);
		assert_ptr_equal(zync_map_get(map, key), i == 7 ? &values[8] : &values[i]);
	}
	assert_string_equal(zync_map_next(map, &pos, NULL), "");
	assert_null(zync_map_next(map, &pos, NULL));
}

static void idmap_holds(void **state ZYNC_UNUSED)
{
	static int values[3000];
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_idmap *map = zync_idmap_new(arena);

	assert_non_null(map);
	assert_null(zync_idmap_get(map, 0));
	for (size_t i = 0; i < 3000; i++)
		assert_int_equal(zync_idmap_put(map, (unsigned long long)i << 32, &values[i], NULL), ZYNC_OK);
	assert_int_equal(zync_idmap_put(map, 0xffffffffffffffffULL, &values[1], NULL), ZYNC_OK);
	assert_int_equal(zync_idmap_put(map, 5ULL << 32, &values[6], NULL), ZYNC_OK);
	assert_int_equal(zync_idmap_len(map), 3001);
	for (size_t i = 0; i < 3000; i++)
		assert_ptr_equal(zync_idmap_get(map, (unsigned long long)i << 32), i == 5 ? &values[6] : &values[i]);
	assert_ptr_equal(zync_idmap_get(map, 0xffffffffffffffffULL), &values[1]);
	assert_null(zync_idmap_get(map, 1));
}

/* Whatever the arena refuses, the map stays as it was. */
static void map_bounded(void **state ZYNC_UNUSED)
{
	struct zync_err err = {0};
	char key[64];
	int value;

	for (size_t max = 16; max < 4000; max += 16) {
		ZYNC_AUTO_ARENA arena = zync_arena_new(max);
		struct zync_map *map = zync_map_new(arena);
		size_t done = 0;

		for (; map; done++) {
			(void)snprintf(key, sizeof(key), "a key of some length %zu", done);
			if (zync_map_put(map, key, &value, &err) != ZYNC_OK)
				break;
		}
		if (!map)
			continue;
		assert_int_equal(err.status, ZYNC_ERR_NOMEM);
		assert_int_equal(zync_map_len(map), done);
		assert_null(zync_map_get(map, key));
		for (size_t i = 0; i < done; i++) {
			(void)snprintf(key, sizeof(key), "a key of some length %zu", i);
			assert_ptr_equal(zync_map_get(map, key), &value);
		}
	}
}

static void map_put_null(void)
{
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_map *map = zync_map_new(arena);

	if (zync_map_put(map, "x", NULL, NULL) != ZYNC_OK)
		zync_arena_free(arena);
}

static void map_asserts(void **state ZYNC_UNUSED)
{
	assert_true(test_aborts(map_put_null));
}

TEST_GROUP(test_vec, cmocka_unit_test(vec_pushes), cmocka_unit_test(vec_bounded), cmocka_unit_test(map_holds),
	   cmocka_unit_test(idmap_holds), cmocka_unit_test(map_bounded), cmocka_unit_test(map_asserts));
