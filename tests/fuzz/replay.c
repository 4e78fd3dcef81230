/* SPDX-License-Identifier: Apache-2.0 */
/* Replays the corpus of a fuzz target: replay-NAME FOLDER. TAP, one line a file; what is wrong with one ends the program, as it does while fuzzing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_stop(const char *what)
{
	printf("Bail out! %s\n", what);
	return 1;
}

/* Run one file of the folder; false when it cannot be read. */
static int replay_file(const char *folder, const char *name, uint8_t *data)
{
	char path[4096];
	size_t len;
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) || (file = fopen(path, "rb")) == NULL)
		return 0;
	len = fread(data, 1, FILE_MAX_BYTES, file);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, len);
	return 1;
}

int main(int argc, char **argv)
{
	uint8_t *data = malloc(FILE_MAX_BYTES);
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	unsigned count = 0;

	if (data == NULL || dir == NULL)
		return replay_stop("usage: replay-NAME FOLDER");
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (!replay_file(argv[1], entry->d_name, data))
			return replay_stop(entry->d_name);
		printf("ok %u - %s\n", ++count, entry->d_name);
		(void)fflush(stdout);
	}
	(void)closedir(dir);
	free(data);
	printf("1..%u\n", count);
	return count == 0;
}
