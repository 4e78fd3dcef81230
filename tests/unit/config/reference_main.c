/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/configuration.md, or with the argument "example" the example of zync init. */
#include <stdio.h>
#include <string.h>

#include "config/config.h"

int main(int argc, char **argv)
{
	ZYNC_AUTO_BUF out;
	struct zync_err err = {0};
	enum zync_status status;

	zync_buf_init(&out, (size_t)1024 * 1024);
	if (argc == 2 && strcmp(argv[1], "example") == 0)
		status = zync_config_write_example(NULL, NULL, &out, &err);
	else
		status = zync_config_write_reference(&out, &err);
	if (status != ZYNC_OK) {
		(void)fprintf(stderr, "config-reference: %s\n", err.message);
		return 1;
	}
	return fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0 ? 0 : 1;
}
