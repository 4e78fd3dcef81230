/* SPDX-License-Identifier: Apache-2.0 */
/** @file api_priv.h  What the files of the public API share. */
#ifndef ZYNC_API_API_PRIV_H
#define ZYNC_API_API_PRIV_H

#include "jobs/jobs.h"
#include "zync/zync.h"

struct zync {
	struct zync_app *app;
};

struct zync_result {
	char *json;
};

/** A result that holds a copy of @p json, with every known secret masked. NULL @p json or @p ret: nothing. */
enum zync_status zync_result_new(const char *json, struct zync_result **ret, struct zync_err *err);

#endif
