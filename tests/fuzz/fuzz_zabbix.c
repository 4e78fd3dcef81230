/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the replies of Zabbix: any bytes as the result of host.get, on each dialect. What can be decoded is a canonical host that survives its own
 * JSON, and a plan against itself is empty.
 */
#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "model/diff.h"
#include "zabbix/zabbix_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *fuzz_text(struct zync_arena *arena, const struct zync_host *host)
{
	struct zync_jb *b = zync_jb_new(arena);
	const char *text = NULL;

	ZYNC_ASSERT(b != NULL);
	ZYNC_ASSERT(zync_jb_text(b, zync_host_to_json(b, host, ZYNC_HOST_JSON_ACTUAL), ZYNC_JSON_SORTED, arena, &text, NULL) == ZYNC_OK);
	return text;
}

static void fuzz_host(const struct zync_zabbix *z, const struct zync_jval *v, const struct zync_keyring *ring, struct zync_arena *arena)
{
	struct zync_err err = {0};
	struct zync_host host = {0};
	struct zync_host again = {0};
	struct zync_host target = {0};
	struct zync_diff diff = {0};
	const struct zync_jval *read = NULL;
	const char *text;
	enum zync_status status = zync_zbx_decode_host(z, v, arena, &host, &err);

	if (status != ZYNC_OK) {
		ZYNC_ASSERT(status == ZYNC_ERR_PROTOCOL && err.message[0] != '\0');
		return;
	}
	ZYNC_ASSERT(zync_host_fill_digests(&host, ring, arena, &err) == ZYNC_OK);
	text = fuzz_text(arena, &host);
	ZYNC_ASSERT(zync_json_parse(arena, text, strlen(text), &read, &err) == ZYNC_OK);
	/* An odd host of Zabbix need not be a legal one of ours; where it is, it comes back as it was. */
	if (zync_host_from_json(read, arena, &again, &err) == ZYNC_OK)
		ZYNC_ASSERT(strcmp(text, fuzz_text(arena, &again)) == 0);
	ZYNC_ASSERT(zync_host_target(&host, &host, NULL, arena, &target, &err) == ZYNC_OK);
	ZYNC_ASSERT(zync_host_diff(&target, &host, arena, &diff, &err) == ZYNC_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned NUMBERS[] = {6000, 6004, 7000, 7002};
	static const unsigned char KEY[32] = {1};
	ZYNC_AUTO_ARENA arena = zync_arena_new((size_t)256 * 1024 * 1024);
	struct zync_keyring *ring = NULL;
	const struct zync_jval *root = NULL;
	struct zync_err err = {0};

	if (arena == NULL || zync_json_parse(arena, (const char *)data, size, &root, &err) != ZYNC_OK)
		return 0;
	ZYNC_ASSERT(zync_keyring_new(KEY, &ring, &err) == ZYNC_OK);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(NUMBERS); i++) {
		struct zync_cfg_zabbix config = {.name = "zabbix", .url = "http://127.0.0.1/api_jsonrpc.php"};
		struct zync_zabbix z = {
			.config = &config, .number = NUMBERS[i], .dialect = zync_zbx_dialect_find(NUMBERS[i]), .arena = arena};
		const struct zync_jval *v;
		struct zync_jiter it;

		ZYNC_ASSERT(z.dialect != NULL);
		zync_jiter_init(&it, root);
		while ((v = zync_jiter_next(&it, NULL)) != NULL)
			fuzz_host(&z, v, ring, arena);
	}
	zync_keyring_free(ring);
	zync_log_reset();
	return 0;
}
