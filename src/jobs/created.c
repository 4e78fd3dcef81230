/* SPDX-License-Identifier: Apache-2.0 */
/* What of a host is only known when it is created: {datetime} in a description that is set then and never again. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "jobs/run.h"

#define DATETIME      "{datetime}"
#define DATETIME_SIZE 256

/* The format is the user's; one that yields nothing, or more than fits, yields "". */
static void created_now(const char *format, char ret[DATETIME_SIZE])
{
	time_t seconds = (time_t)(zync_clock_now_ms() / 1000);
	struct tm local;

	ret[0] = '\0';
	if (zync_str_empty(format) || localtime_r(&seconds, &local) == NULL)
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (strftime(ret, DATETIME_SIZE, format, &local) == 0)
		ret[0] = '\0';
#pragma GCC diagnostic pop
}

/* @p text with the time in every place. NULL when memory is out. */
static const char *created_stamp(const char *text, const char *now, struct zync_arena *arena)
{
	const char *at = strstr(text, DATETIME);
	const char *made = "";

	for (; at != NULL && made != NULL; at = strstr(text, DATETIME)) {
		made = zync_arena_printf(arena, "%s%.*s%s", made, (int)(at - text), text, now);
		text = at + strlen(DATETIME);
	}
	return made != NULL ? zync_arena_printf(arena, "%s%s", made, text) : NULL;
}

enum zync_status zync_item_stamp(const struct zync_run *run, struct zync_item *item, struct zync_arena *arena, struct zync_err *err)
{
	struct zync_host *target = &item->op.target;
	char now[DATETIME_SIZE];
	const char *description;

	if (item->op.kind != ZYNC_OP_CREATE || target->own[ZYNC_ASPECT_DESCRIPTION] != ZYNC_OWN_IGNORE || target->description == NULL ||
	    strstr(target->description, DATETIME) == NULL)
		return ZYNC_OK;
	created_now(run->app->config->rules.datetime_format, now);
	description = created_stamp(target->description, now, arena);
	if (description == NULL)
		return zync_err_nomem(err, "writing hosts");
	target->description = description;
	return ZYNC_OK;
}
