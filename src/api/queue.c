/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: the kinds of jobs, running one at once, the queue. */
#include <string.h>

#include "api/api_priv.h"
#include "base/str.h"

enum zync_status zync_api_run_call(struct zync *zync, const struct zync_job_call *call, struct zync_sync_summary *ret_summary,
				   struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const char *json = NULL;
	enum zync_status status;
	enum zync_status made;

	if (arena == NULL)
		return zync_err_nomem(err, "starting a job");
	status = zync_job_run_now(zync->app, call, arena, &json, ret_summary, err);
	made = zync_result_new(json, ret, status == ZYNC_OK ? err : NULL);
	if (status == ZYNC_OK && made != ZYNC_OK)
		return zync_err_wrap(err, made, "the job is done and recorded (see `zync job list`), only its result cannot be shown");
	return status;
}

enum zync_status zync_api_run_job(struct zync *zync, const char *name, const struct zync_job_params *params,
				  const struct zync_request *request, struct zync_sync_summary *ret_summary, struct zync_result **ret,
				  struct zync_err *err)
{
	struct zync_job_call call = {.params = *params};

	ZYNC_TRY(zync_job_type_find(name, &call.type, err));
	if (request != NULL) {
		call.user = request->user;
		call.request_id = request->request_id;
	}
	return zync_api_run_call(zync, &call, ret_summary, ret, err);
}

static const struct {
	enum zync_job_takes bit;
	const char *word;
} TAKES[] = {
	{ZYNC_TAKES_HOSTS, "hosts"}, {ZYNC_TAKES_NO_PULL, "no_pull"},	    {ZYNC_TAKES_FORCE, "force"},     {ZYNC_TAKES_STRICT, "strict"},
	{ZYNC_TAKES_HARD, "hard"},   {ZYNC_TAKES_OLDER_THAN, "older_than"}, {ZYNC_TAKES_DRY_RUN, "dry_run"},
};

enum zync_status zync_job_types_list(struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena == NULL ? NULL : zync_jb_new(arena);
	size_t count = 0;
	const struct zync_job_type *const *types = zync_job_types(&count);
	const char *json = NULL;
	struct zync_jnode *root;
	struct zync_jnode *list;

	if (b == NULL)
		return zync_err_nomem(err, "listing the kinds of jobs");
	root = zync_jb_object(b);
	list = zync_jb_set_array(b, root, "jobs");
	for (size_t i = 0; i < count; i++) {
		struct zync_jnode *node = zync_jb_add_object(b, list);
		struct zync_jnode *takes;

		zync_jb_set_str(b, node, "name", types[i]->name);
		zync_jb_set_str(b, node, "summary", types[i]->summary);
		takes = zync_jb_set_array(b, node, "takes");
		for (size_t t = 0; t < ZYNC_ARRAY_LEN(TAKES); t++) {
			if ((types[i]->takes & TAKES[t].bit) != 0)
				zync_jb_add_str(b, takes, TAKES[t].word);
		}
		zync_jb_set_bool(b, node, "one_host", types[i]->one_host);
	}
	ZYNC_TRY(zync_jb_text(b, root, ZYNC_JSON_COMPACT, arena, &json, err));
	return zync_result_new(json, ret, err);
}

static enum zync_status queue_check_numbers(const struct zync_job_order *order, struct zync_err *err)
{
	if (order->name == NULL)
		return zync_err_set(err, ZYNC_ERR_INVALID, "a job needs a name; see `zync job types`");
	if (order->hosts == NULL && order->host_count > 0)
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: %zu hosts are announced and none is given", order->name, order->host_count);
	if (order->older_than_min < -1 || order->timeout_ms < -1 || order->every_min < 0 || order->run_at_ms < 0)
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: a time, an interval or an age is negative", order->name);
	return ZYNC_OK;
}

static enum zync_status queue_call(struct zync *zync, const struct zync_job_order *order, const struct zync_request *request,
				   struct zync_job_call *ret, struct zync_err *err)
{
	struct zync_job_call call = {0};
	bool aged;

	ZYNC_TRY(queue_check_numbers(order, err));
	ZYNC_TRY(zync_job_type_find(order->name, &call.type, err));
	/* Orders of jobs that know no age leave the member 0. */
	aged = order->older_than_min > 0 || (call.type->takes & ZYNC_TAKES_OLDER_THAN) != 0;
	call.params = (struct zync_job_params){
		.hosts = order->hosts,
		.host_count = order->host_count,
		.no_pull = order->no_pull,
		.dry_run = order->dry_run,
		.force = order->force,
		.strict = order->strict,
		.hard = order->hard,
		.older_than_min = aged ? order->older_than_min : -1,
	};
	ZYNC_TRY(zync_job_params_check(call.type, &call.params, err));
	call.timeout_ms = order->timeout_ms >= 0 ? order->timeout_ms : zync->app->config->service.job_timeout_ms;
	if (request != NULL) {
		call.user = request->user;
		call.request_id = request->request_id;
	}
	*ret = call;
	return ZYNC_OK;
}

static enum zync_status queue_enqueue(struct zync *zync, const struct zync_job_call *call, const struct zync_job_schedule *schedule,
				      struct zync_arena *arena, struct zync_result **ret, struct zync_err *err)
{
	const char *json = NULL;

	ZYNC_TRY(zync_job_enqueue(zync->app, call, schedule, arena, &json, err));
	return zync_result_new(json, ret, err);
}

enum zync_status zync_job_queue(struct zync *zync, const struct zync_job_order *order, const struct zync_request *request,
				struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_job_schedule schedule = {.run_at = order->run_at_ms, .interval_min = order->every_min};
	struct zync_job_call call = {0};

	if (arena == NULL)
		return zync_err_nomem(err, "queueing a job");
	ZYNC_TRY(queue_call(zync, order, request, &call, err));
	return queue_enqueue(zync, &call, &schedule, arena, ret, err);
}

enum zync_status zync_job_run(struct zync *zync, const struct zync_job_order *order, const struct zync_request *request,
			      struct zync_sync_summary *ret_summary, struct zync_result **ret, struct zync_err *err)
{
	struct zync_job_call call = {0};

	ZYNC_TRY(queue_call(zync, order, request, &call, err));
	if (order->run_at_ms != 0 || order->every_min != 0)
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: what runs at once has no time and no interval; queue it instead",
				    order->name);
	return zync_api_run_call(zync, &call, ret_summary, ret, err);
}

enum zync_status zync_job_stop(struct zync *zync, const char *job_id, const struct zync_request *request, struct zync_result **ret,
			       struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_request none = {0};
	const char *json = NULL;

	if (arena == NULL)
		return zync_err_nomem(err, "cancelling a job");
	if (request == NULL)
		request = &none;
	ZYNC_TRY(zync_job_cancel(zync->app, job_id, request->user, request->request_id, arena, &json, err));
	return zync_result_new(json, ret, err);
}

enum zync_status zync_job_repeat(struct zync *zync, const char *job_id, bool failed_only, bool now, const struct zync_request *request,
				 struct zync_sync_summary *ret_summary, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_job_schedule at_once = {0};
	struct zync_job_call call = {0};

	if (arena == NULL)
		return zync_err_nomem(err, "repeating a job");
	ZYNC_TRY(zync_job_retry_call(zync->app, job_id, failed_only, arena, &call, err));
	/* Who repeats it is who asked for it, not who asked the first time. */
	call.user = request != NULL ? request->user : NULL;
	call.request_id = request != NULL ? request->request_id : NULL;
	if (now)
		return zync_api_run_call(zync, &call, ret_summary, ret, err);
	return queue_enqueue(zync, &call, &at_once, arena, ret, err);
}
