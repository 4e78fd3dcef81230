/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out, hostile texts, and the corpus of the fuzz target with every file cut short. */
#include "convert_test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

static const char everything[] =
	"import os\nsync_vms = True\ntag_sync = True\ninventory_sync = True\ninventory_mode = 'manual'\nusermacro_sync = 'full'\n"
	"hostgroup_format = ['site/role', \"region/'Prod'\", os.environ['SOME_VALUE']]\ndescription = 'dynamic'\n"
	"device_tag_map = {'site/name': 'site', 'custom_fields/odd key': 'x'}\nproxy_cf = os.getenv('SOME_VALUE', 'd')\n"
	"nb_device_filter = {'tag': ['a', 1, True]}\nzabbix_device_disable = ('Offline', 'Own')\nunknown = 1\n";

static void test_out_of_memory(void **state)
{
	struct bench *b = *state;
	unsigned long failed = 0;

	for (unsigned long nth = 1;; nth++) {
		struct zync_convert_params params = {.name = "config.py", .text = everything, .len = strlen(everything)};
		struct zync_convert_result result = {0};
		struct zync_arena *arena;
		enum zync_status status = ZYNC_ERR_NOMEM;
		bool fired;

		fault_alloc(nth);
		arena = zync_arena_new(0);
		if (arena != NULL)
			status = zync_convert_nzs(&params, arena, &result, &b->err);
		zync_arena_free(arena);
		fired = fault_alloc_fired();
		fault_alloc(0);
		if (!fired) {
			assert_int_equal(status, ZYNC_OK);
			break;
		}
		assert_int_equal(status, ZYNC_ERR_NOMEM);
		failed++;
	}
	assert_true(failed > 10);
}

/* An arena that may hold so much and no more fails at every place in turn. */
static void test_small_arenas(void **state)
{
	struct bench *b = *state;
	bool done = false;

	for (size_t max = 64; !done; max += max / 64 + 1) {
		struct zync_convert_params params = {.name = "config.py", .text = everything, .len = strlen(everything)};
		struct zync_convert_result result = {0};
		struct zync_arena *arena = zync_arena_new(max);
		enum zync_status status;

		assert_non_null(arena);
		status = zync_convert_nzs(&params, arena, &result, &b->err);
		assert_true(status == ZYNC_OK || status == ZYNC_ERR_NOMEM);
		done = status == ZYNC_OK;
		zync_arena_free(arena);
		assert_true(max < (size_t)64 * 1024 * 1024);
	}
}

/* Whatever stands in a text, the configuration stays one: no text ends its quotes, a comment or a template. */
static void test_hostile_texts(void **state)
{
	static const char *const texts[] = {"a: b",
					    "{{ name }}",
					    "{% x",
					    "${HOME}",
					    "$${",
					    "\\\"",
					    "\\'",
					    "# no",
					    "a\\nb",
					    "\\x01\\x7f",
					    "\\u0085\\u2028\\ufeff\\ufffe\\uffff",
					    "{{{{{",
					    "}}",
					    "a\\tb",
					    "- x",
					    "!tag",
					    "&a *a",
					    "null",
					    "\xf0\x9f\x98\x80",
					    "{$A}",
					    " ",
					    "a/b//c/",
					    "'/'",
					    "\\\"/\\\"",
					    "'x'/y"};
	static const char *const shapes[] = {
		"hostgroup_format = \"%s\"\n",
		"hostgroup_format = [\"site/%s\", \"%s/x\"]\n",
		"tag_sync = True\ntag_name = \"%s\"\n",
		"tag_sync = True\ndevice_tag_map = {\"name\": \"%s\", \"custom_fields/%s\": \"a\", \"%s\": \"b\"}\n",
		"usermacro_sync = True\ndevice_usermacro_map = {\"name\": \"%s\", \"custom_fields/%s\": \"{$A}\", \"id\": \"{$A:%s}\"}\n",
		("inventory_sync = True\ninventory_mode = 'manual'\nvm_inventory_map = {\"%s\": \"os\", \"custom_fields/%s/x\": \"type\", "
		 "\"id\": \"%s\"}\n"),
		"description = \"%s\"\n",
		"description_dt_format = \"%s\"\n",
		"template_cf = \"%s\"\nproxy_cf = \"%s\"\nproxy_group_cf = \"%s\"\n",
		"device_cf = \"%s\"\n",
		"zabbix_device_disable = [\"%s\"]\nzabbix_device_removal = \"%s\"\n",
		"nb_device_filter = {\"%s\": \"x\", \"y\": [\"%s\", \"%s\"]}\n",
		"preferred_ip = \"%s\"\ninventory_mode = \"%s\"\ntag_value = \"%s\"\n"};
	struct bench *b = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(shapes); i++)
		for (size_t j = 0; j < ZYNC_ARRAY_LEN(texts); j++) {
			char python[4096] = "";
			const char *at = shapes[i];

			for (const char *next; (next = strstr(at, "%s")) != NULL; at = next + 2) {
				(void)strncat(python, at, (size_t)(next - at));
				(void)strcat(python, texts[j]);
			}
			(void)strcat(python, at);
			bench_convert(b, python);
		}
}

/* Texts far longer than anybody means are left out, and what is left is a configuration. */
static void test_long_texts(void **state)
{
	static const char *const begins[] = {"template_cf = '",
					     "proxy_cf = '",
					     "description = '",
					     "tag_sync = True\ntag_name = '",
					     "hostgroup_format = '",
					     "zabbix_device_removal = '",
					     "nb_vm_filter = {'a': '",
					     "description_dt_format = '",
					     "tag_sync = True\ndevice_tag_map = {'x/",
					     "usermacro_sync = True\nvm_usermacro_map = {'id': '{$"};
	static const char *const ends[] = {"'\n", "'\n", "'\n", "'\n", "'\n", "'\n", "'}\n", "'\n", "': 'y'}\n", "}'}\n"};
	struct bench *b = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(begins); i++)
		for (size_t len = 100; len <= 100000; len *= 10) {
			char *python = zync_arena_alloc(b->arena, len + 200);
			size_t begin = strlen(begins[i]);

			assert_non_null(python);
			memcpy(python, begins[i], begin);
			memset(python + begin, i % 2 == 0 ? '{' : 'A', len);
			memcpy(python + begin + len, ends[i], strlen(ends[i]) + 1);
			bench_convert(b, python);
		}
}

/* The value of a key that the old tool does not have may be a secret, and so may what Python works out. */
static void test_no_secrets(void **state)
{
	struct bench *b = *state;

	bench_convert(b, "zabbix_pass = 'hunter2'\nNETBOX_TOKEN = \"hunter2\"\ntag_name = login('hunter2')\ndef f():\n  return "
			 "'hunter2'\nx.y = 'hunter2'\n");
	bench_lacks(b->result.config, "hunter2");
	bench_lacks(bench_notes(b), "hunter2");
	bench_has(bench_notes(b), "warning - 1 zabbix_pass: netbox-zabbix-sync has no such key");
}

static void test_corpus(void **state)
{
	struct bench *b = *state;
	char *folder = zync_arena_printf(b->arena, "%s/../../fuzz/convert-corpus", getenv("ZYNC_TEST_DATA"));
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		static uint8_t data[65536];
		char *path = zync_arena_printf(b->arena, "%s/%s", folder, entry->d_name);
		size_t len;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		file = fopen(path, "rb");
		assert_non_null(file);
		len = fread(data, 1, sizeof(data), file);
		(void)fclose(file);
		assert_int_equal(LLVMFuzzerTestOneInput(data, len), 0);
		for (size_t cut = 0; cut < len; cut += 1 + len / 100) /* what an editor leaves half-written */
			assert_int_equal(LLVMFuzzerTestOneInput(data, cut), 0);
		count++;
	}
	(void)closedir(dir);
	assert_true(count >= 20);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(test_out_of_memory, bench_setup, bench_teardown),
	cmocka_unit_test_setup_teardown(test_small_arenas, bench_setup, bench_teardown),
	cmocka_unit_test_setup_teardown(test_hostile_texts, bench_setup, bench_teardown),
	cmocka_unit_test_setup_teardown(test_long_texts, bench_setup, bench_teardown),
	cmocka_unit_test_setup_teardown(test_no_secrets, bench_setup, bench_teardown),
	cmocka_unit_test_setup_teardown(test_corpus, bench_setup, bench_teardown),
};
const struct test_group group_robust = {tests, ZYNC_ARRAY_LEN(tests)};
