/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the command line: words separated by line feeds. A parse that succeeds names a command with as many arguments as it takes; one that fails says
 * why; a time that can be read lies where it may; and nothing that the program prints about any text moves a terminal's cursor.
 */
#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORDS_MAX 64u
#define YEARS_MS  ((int64_t)10 * 366 * 86400000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cli cli = {0};
	struct zync_err err = {0};
	char program[] = "zync";
	char *argv[WORDS_MAX + 2] = {program};
	char *copy = zync_calloc(1, size + 1);
	char *rest = copy;
	int argc = 1;

	cli.arena = zync_arena_new((size_t)64 * 1024 * 1024);
	if (copy == NULL || cli.arena == NULL) {
		zync_free(copy);
		zync_arena_free(cli.arena);
		return 0;
	}
	memcpy(copy, data, size);
	while (rest != NULL && argc <= (int)WORDS_MAX)
		argv[argc++] = strsep(&rest, "\n");
	if (cli_parse(&cli, argc, argv, &err) == ZYNC_OK) {
		if (cli.command != NULL && !cli.help && !cli.version)
			ZYNC_ASSERT(cli.arg_count >= cli.command->min_args && cli.arg_count <= cli.command->max_args);
	} else {
		ZYNC_ASSERT(err.status == ZYNC_ERR_INVALID && err.message[0] != '\0');
	}
	for (int when = CLI_WHEN_NEXT; when <= CLI_WHEN_LAST; when++) {
		int64_t now = 1795724130000;
		int64_t ms = 0;

		if (cli_when("at", copy, (enum cli_when)when, now, &ms, &err) == ZYNC_OK)
			ZYNC_ASSERT(ms > 0 && ms <= now + YEARS_MS && (when == CLI_WHEN_LAST || ms >= now));
		else
			ZYNC_ASSERT(err.status == ZYNC_ERR_INVALID && err.message[0] != '\0');
	}
	for (const char *c = cli_safe(&cli, copy); *c != '\0'; c++)
		ZYNC_ASSERT((unsigned char)*c >= 0x20 && *c != 0x7F);
	zync_arena_free(cli.arena);
	zync_free(copy);
	zync_log_reset();
	return 0;
}
