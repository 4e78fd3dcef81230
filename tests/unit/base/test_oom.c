/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each allocation of a piece of work fails in turn until it succeeds: an error each time, no crash, no leak (valgrind and LeakSanitizer
 * watch), and what was there before is still sound.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/vec.h"
#include "base_test.h"

static enum zync_status oom_arena(struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);

	if (!arena || !zync_arena_alloc(arena, 10) || !zync_arena_alloc(arena, 100000) || !zync_arena_strdup(arena, "text") ||
	    !zync_arena_printf(arena, "%5000d", 1) || !ZYNC_NEW_ARRAY(arena, long, 10000))
		return zync_err_nomem(err, "trying an arena");
	return ZYNC_OK;
}

static enum zync_status oom_mem(struct zync_err *err)
{
	ZYNC_AUTO_STR text = zync_strdup("text");
	char *more = text ? zync_realloc(text, 100, 1) : NULL;

	if (!more)
		return zync_err_nomem(err, "trying the heap");
	text = more;
	return ZYNC_OK;
}

static enum zync_status oom_buf(struct zync_err *err)
{
	ZYNC_AUTO_BUF buf;

	zync_buf_init(&buf, 100000);
	for (int i = 0; i < 1000; i++)
		zync_buf_printf(&buf, "line %d\n", i);
	ZYNC_TRY(zync_buf_check(&buf, "the text", err));
	assert_int_equal(strncmp(buf.data, "line 0\nline 1\n", 14), 0);
	return ZYNC_OK;
}

static enum zync_status oom_containers(struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_map *map = arena ? zync_map_new(arena) : NULL;
	struct zync_idmap *ids = map ? zync_idmap_new(arena) : NULL;
	struct zync_vec vec;
	char key[20];

	if (!ids)
		return zync_err_nomem(err, "trying containers");
	zync_vec_init(&vec, arena);
	for (unsigned i = 0; i < 2000; i++) {
		(void)snprintf(key, sizeof(key), "key %u", i);
		ZYNC_TRY(zync_map_put(map, key, arena, err));
		ZYNC_TRY(zync_idmap_put(ids, i, arena, err));
		ZYNC_TRY(zync_vec_push(&vec, arena, err));
	}
	return ZYNC_OK;
}

static enum zync_status oom_json_read(struct zync_err *err)
{
	static char text[30000];
	const struct zync_jval *root = NULL;
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	size_t len = 0;

	if (!arena)
		return zync_err_nomem(err, "trying JSON");
	for (text[len++] = '['; len < sizeof(text) - 20;)
		len += (size_t)snprintf(text + len, 20, "{\"a\":1.5},");
	text[len - 1] = ']';
	ZYNC_TRY(zync_json_parse(arena, text, len, &root, err));
	if (!zync_jval_text(arena, zync_jval_get(zync_jval_at(root, 7), "a")))
		return zync_err_nomem(err, "trying JSON");
	return ZYNC_OK;
}

static enum zync_status oom_json_build(struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena ? zync_jb_new(arena) : NULL;
	struct zync_jnode *arr, *obj;
	const struct zync_jval *root = NULL;
	const char *text;
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, 1000000);
	if (!b)
		return zync_err_nomem(err, "trying JSON");
	arr = zync_jb_array(b);
	for (unsigned i = 0; i < 500; i++) {
		obj = zync_jb_add_object(b, arr);
		zync_jb_set_str(b, obj, "name", "a name that takes some room");
		zync_jb_set_id(b, obj, "id", i);
		zync_jb_set_real(b, obj, "load", 0.5);
		zync_jb_set_null(b, zync_jb_set_object(b, obj, "o"), "n");
		zync_jb_add_i64(b, zync_jb_set_array(b, obj, "a"), 1);
	}
	ZYNC_TRY(zync_jb_text(b, arr, ZYNC_JSON_SORTED, arena, &text, err));
	ZYNC_TRY(zync_json_parse(arena, text, strlen(text), &root, err));
	assert_int_equal(zync_jval_len(root), 500);
	return zync_jval_write(arena, root, ZYNC_JSON_SORTED | ZYNC_JSON_PRETTY, &out, err);
}

static enum zync_status oom_keyring(struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_keyring *ring = NULL;
	const char *sealed = NULL, *text = NULL;
	enum zync_status status;

	if (!arena)
		return zync_err_nomem(err, "trying the key ring");
	(void)unlink(test_path("key"));
	ZYNC_TRY(zync_keyring_open(test_path("key"), &ring, err));
	status = zync_keyring_seal(ring, "a text", arena, &sealed, err);
	if (status == ZYNC_OK)
		status = zync_keyring_unseal(ring, sealed, arena, &text, err);
	if (status == ZYNC_OK)
		assert_string_equal(text, "a text");
	zync_keyring_free(ring);
	return status;
}

static enum zync_status oom_secret(struct zync_err *err)
{
	char text[40];

	zync_log_reset();
	test_write_file(test_path("token"), "a \"token\" from a file\n", 22, 0600);
	for (int i = 0; i < 20; i++) {
		ZYNC_AUTO_SECRET secret = NULL;

		(void)snprintf(text, sizeof(text), "secret/%d \"quoted\"", i);
		ZYNC_TRY(zync_secret_new(text, &secret, err));
		zync_log_mask(text);
		assert_string_equal(text, "***");
	}
	{
		ZYNC_AUTO_SECRET secret = NULL;

		ZYNC_TRY(zync_secret_read_file("token", &secret, err));
	}
	return ZYNC_OK;
}

static void oom_everything(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *name;
		enum zync_status (*work)(struct zync_err *err);
		unsigned long at_least; /* allocations: the test must have had something to break */
	} cases[] = {
		{"heap", oom_mem, 2},
		{"arena", oom_arena, 4},
		{"buffer", oom_buf, 5},
		{"containers", oom_containers, 6},
		{"read JSON", oom_json_read, 4},
		{"build JSON", oom_json_build, 20},
		{"key ring", oom_keyring, 4},
		{"secrets", oom_secret, 40},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		unsigned long nth;

		for (nth = 1; nth < 100000; nth++) {
			struct zync_err err = {0};
			enum zync_status status;

			fault_arm(FAULT_ALLOC, nth, ENOMEM);
			status = cases[i].work(&err);
			if (!fault_fired(FAULT_ALLOC)) {
				fault_reset();
				assert_int_equal(status, ZYNC_OK);
				break;
			}
			fault_reset();
			if (status != ZYNC_ERR_NOMEM)
				fail_msg("%s: allocation %lu failed, the work gave \"%s\"", cases[i].name, nth, zync_status_name(status));
			test_expect(&err, ZYNC_ERR_NOMEM, "out of memory");
		}
		if (nth <= cases[i].at_least || nth == 100000)
			fail_msg("%s: %lu allocations", cases[i].name, nth - 1);
	}
}

static int oom_setup(void **state ZYNC_UNUSED)
{
	(void)test_dir();
	return setenv("CREDENTIALS_DIRECTORY", test_path("."), 1);
}

static int oom_teardown(void **state ZYNC_UNUSED)
{
	fault_reset();
	zync_log_reset();
	test_dir_remove();
	return unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_GROUP(test_oom, cmocka_unit_test_setup_teardown(oom_everything, oom_setup, oom_teardown));
