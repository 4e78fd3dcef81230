/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: single hosts. */
#include <string.h>

#include "api/api_priv.h"
#include "base/clock.h"
#include "base/str.h"

static void hosts_set_time(struct zync_jb *b, struct zync_jnode *node, const char *key, int64_t ms)
{
	char text[ZYNC_TIME_TEXT_SIZE];

	zync_jb_set_str(b, node, key, ms == 0 ? NULL : zync_time_format(ms, text));
}

static void hosts_fill_row(struct zync_jb *b, struct zync_jnode *node, const struct zync_host_config *config)
{
	zync_jb_set_u64(b, node, "host_config_id", config->pk);
	zync_jb_set_str(b, node, "name", config->name);
	zync_jb_set_str(b, node, "host", config->host);
	zync_jb_set_str(b, node, "type", config->object_type);
	zync_jb_set_u64(b, node, "id", config->object_id);
	zync_jb_set_str(b, node, "server", config->server);
	if (config->hostid != 0)
		zync_jb_set_id(b, node, "hostid", config->hostid);
	else
		zync_jb_set_null(b, node, "hostid");
	zync_jb_set_str(b, node, "state", config->state);
	zync_jb_set_str(b, node, "reason", config->reason);
	if (config->in_sync < 0)
		zync_jb_set_null(b, node, "in_sync");
	else
		zync_jb_set_bool(b, node, "in_sync", config->in_sync == 1);
	hosts_set_time(b, node, "last_sync_update", config->last_sync_update);
	zync_jb_set_str(b, node, "last_error", config->last_error);
}

static enum zync_status hosts_finish(struct zync_jb *b, struct zync_jnode *root, struct zync_arena *arena, struct zync_result **ret,
				     struct zync_err *err)
{
	const char *json = NULL;

	ZYNC_TRY(zync_jb_text(b, root, ZYNC_JSON_COMPACT, arena, &json, err));
	return zync_result_new(json, ret, err);
}

enum zync_status zync_host_config_list(struct zync *zync, const struct zync_host_config_query *query, struct zync_result **ret,
				       struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena == NULL ? NULL : zync_jb_new(arena);
	struct zync_host_config_filter filter = {.in_sync = -1};
	struct zync_host_config *configs = NULL;
	struct zync_jnode *root;
	struct zync_jnode *list;
	size_t count = 0;

	if (b == NULL)
		return zync_err_nomem(err, "listing host configs");
	if (query != NULL) {
		filter.in_sync = query->in_sync ? 1 : query->out_of_sync ? 0 : -1;
		filter.failed = query->failed;
		filter.server = query->server;
		filter.state = query->state;
	}
	ZYNC_TRY(zync_store_host_configs(zync->app->store, &filter, arena, &configs, &count, err));
	root = zync_jb_object(b);
	list = zync_jb_set_array(b, root, "hosts");
	for (size_t i = 0; i < count; i++)
		hosts_fill_row(b, zync_jb_add_object(b, list), &configs[i]);
	return hosts_finish(b, root, arena, ret, err);
}

static enum zync_status hosts_show_actual(struct zync *zync, const struct zync_host_config *config, struct zync_jb *b,
					  struct zync_jnode *root, struct zync_arena *arena, struct zync_err *err)
{
	struct zync_zabbix *zabbix = NULL;
	struct zync_zabbix_hosts hosts = {0};

	if (config->hostid == 0) {
		zync_jb_set_null(b, root, "actual");
		return ZYNC_OK;
	}
	ZYNC_TRY(zync_app_zabbix(zync->app, config->server, &zabbix, err));
	ZYNC_TRY(zync_zabbix_get_hosts(zabbix, &config->hostid, 1, arena, &hosts, err));
	if (hosts.len == 0) {
		zync_jb_set_null(b, root, "actual");
		return ZYNC_OK;
	}
	ZYNC_TRY(zync_host_fill_digests(&hosts.items[0], zync->app->keyring, arena, err));
	zync_jb_set_node(b, root, "actual", zync_host_to_json(b, &hosts.items[0], ZYNC_HOST_JSON_ACTUAL));
	return ZYNC_OK;
}

enum zync_status zync_host_config_show(struct zync *zync, const char *host, bool actual, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena == NULL ? NULL : zync_jb_new(arena);
	struct zync_host_config config = {0};
	const struct zync_jval *desired = NULL;
	struct zync_jnode *root;

	if (b == NULL)
		return zync_err_nomem(err, "showing a host config");
	ZYNC_TRY(zync_app_find_config(zync->app, host, arena, &config, err));
	root = zync_jb_object(b);
	hosts_fill_row(b, root, &config);
	hosts_set_time(b, root, "created", config.created);
	hosts_set_time(b, root, "updated", config.updated);
	if (config.desired != NULL)
		ZYNC_TRY(zync_json_parse(arena, config.desired, strlen(config.desired), &desired, err));
	zync_jb_set_val(b, root, "desired", desired);
	if (actual)
		ZYNC_TRY(hosts_show_actual(zync, &config, b, root, arena, err));
	return hosts_finish(b, root, arena, ret, err);
}

enum zync_status zync_host_config_diff(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena == NULL ? NULL : zync_jb_new(arena);
	struct zync_host_config config = {0};
	const struct zync_jval *operations = NULL;
	const char *json = NULL;
	bool in_sync = false;
	struct zync_jnode *root;

	if (b == NULL)
		return zync_err_nomem(err, "comparing a host");
	ZYNC_TRY(zync_app_find_config(zync->app, host, arena, &config, err));
	ZYNC_TRY(zync_job_sync_status(zync->app, host, arena, &in_sync, &json, err));
	ZYNC_TRY(zync_json_parse(arena, json, strlen(json), &operations, err));
	root = zync_jb_object(b);
	zync_jb_set_u64(b, root, "host_config_id", config.pk);
	zync_jb_set_str(b, root, "name", config.name);
	zync_jb_set_bool(b, root, "in_sync", in_sync);
	zync_jb_set_val(b, root, "operations", operations);
	return hosts_finish(b, root, arena, ret, err);
}

static enum zync_status hosts_single(struct zync *zync, const char *name, const char *host, struct zync_job_params params,
				     const struct zync_request *request, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const struct zync_jval *value = NULL;
	struct zync_result *result = NULL;
	enum zync_status status;
	const char *problem;

	if (arena == NULL)
		return zync_err_nomem(err, "starting a job");
	params.hosts = &host;
	params.host_count = 1;
	params.older_than_min = -1;
	status = zync_api_run_job(zync, name, &params, request, /* ret_summary= */ NULL, &result, err);
	if (status == ZYNC_OK && result != NULL)
		status = zync_json_parse(arena, result->json, strlen(result->json), &value, err);
	if (status != ZYNC_OK) {
		zync_result_free(result);
		return status;
	}
	/* The job completed; that its one host failed is the caller's failure. */
	problem = zync_jval_get_str(value, "error");
	if (ret != NULL)
		*ret = result;
	else
		zync_result_free(result);
	return problem == NULL ? ZYNC_OK : zync_err_set(err, ZYNC_ERR_REJECTED, "%s: %s", host, problem);
}

enum zync_status zync_create_zabbix_host(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err)
{
	return hosts_single(zync, "create-zabbix-host", host, (struct zync_job_params){0}, NULL, ret, err);
}

enum zync_status zync_update_zabbix_host_by_name(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err)
{
	return hosts_single(zync, "update-zabbix-host", host, (struct zync_job_params){0}, NULL, ret, err);
}

enum zync_status zync_delete_zabbix_host(struct zync *zync, const char *host, bool hard, struct zync_result **ret, struct zync_err *err)
{
	return hosts_single(zync, "delete-zabbix-host", host, (struct zync_job_params){.hard = hard}, NULL, ret, err);
}

enum zync_status zync_adopt_zabbix_host(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err)
{
	return hosts_single(zync, "adopt-zabbix-host", host, (struct zync_job_params){0}, NULL, ret, err);
}

static enum zync_status hosts_pk_name(uint64_t pk, struct zync_arena *arena, const char **ret, struct zync_err *err)
{
	*ret = zync_arena_printf(arena, "pk:%llu", (unsigned long long)pk);
	return *ret == NULL ? zync_err_nomem(err, "starting a job") : ZYNC_OK;
}

enum zync_status zync_update_zabbix_host(struct zync *zync, uint64_t host_config_id, const char *user, const char *request_id,
					 struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_request request = {.user = user, .request_id = request_id};
	const char *host = NULL;

	if (arena == NULL)
		return zync_err_nomem(err, "starting a job");
	ZYNC_TRY(hosts_pk_name(host_config_id, arena, &host, err));
	return hosts_single(zync, "update-zabbix-host", host, (struct zync_job_params){.no_pull = true}, &request, ret, err);
}

enum zync_status zync_host_config_update_sync_status(struct zync *zync, uint64_t host_config_id, bool *ret_in_sync, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const char *host = NULL;
	const char *json = NULL;

	if (arena == NULL)
		return zync_err_nomem(err, "comparing a host");
	ZYNC_TRY(hosts_pk_name(host_config_id, arena, &host, err));
	return zync_job_sync_status(zync->app, host, arena, ret_in_sync, &json, err);
}
