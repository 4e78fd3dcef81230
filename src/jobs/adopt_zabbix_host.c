/* SPDX-License-Identifier: Apache-2.0 */
/* Adoption of one host by hand: link the existing Zabbix host of the same technical name to its host config. The next sync brings it in line and marks it. */
#include <string.h>

#include "base/str.h"
#include "jobs/run.h"
#include "jobs/types.h"

static enum zync_status adopt_find_config(struct zync_run *run, const char *host, struct zync_host_config *ret, struct zync_err *err)
{
	ZYNC_TRY(zync_app_find_config(run->app, host, run->arena, ret, err));
	if (ret->host == NULL)
		return zync_err_set(err, ZYNC_ERR_REJECTED,
				    "no host could be derived for %s yet (%s); there is nothing to compare a host of Zabbix with", host,
				    ret->reason != NULL ? ret->reason : "run `zync pull`");
	return ZYNC_OK;
}

/* A host without a mark may be another host config's all the same: adopted before, and not written since. */
static enum zync_status adopt_check_unlinked(struct zync_run *run, const struct zync_host_config *config, const struct zync_host *found,
					     struct zync_err *err)
{
	struct zync_host_config_filter filter = {.server = config->server, .in_sync = -1};
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_store_host_configs(run->app->store, &filter, run->arena, &configs, &count, err));
	for (size_t i = 0; i < count; i++) {
		if (configs[i].hostid == found->hostid && configs[i].pk != config->pk)
			return zync_err_set(err, ZYNC_ERR_CONFLICT,
					    "\"%s\" (hostid %llu) is the host of %s (%s:%llu) already; see `zync host show pk:%llu`",
					    found->host, (unsigned long long)found->hostid, configs[i].name, configs[i].object_type,
					    (unsigned long long)configs[i].object_id, (unsigned long long)configs[i].pk);
	}
	return ZYNC_OK;
}

static enum zync_status adopt_check_free(struct zync_run *run, const struct zync_host_config *config, const struct zync_host *found,
					 struct zync_err *err)
{
	const char *owner = zync_app_owner(run->app, config->object_type, config->object_id, run->arena);

	if (owner == NULL)
		return zync_err_nomem(err, "adopting a host");
	if (found->flags == ZYNC_ZABBIX_FLAG_TEMPLATE)
		return zync_err_set(err, ZYNC_ERR_CONFLICT, "\"%s\" is a template in Zabbix, no host", found->host);
	if (found->flags != 0)
		return zync_err_set(err, ZYNC_ERR_CONFLICT, "\"%s\" (hostid %llu) was created by low-level discovery and is left alone",
				    found->host, (unsigned long long)found->hostid);
	if (found->owner != NULL && !zync_str_eq(found->owner, owner))
		return zync_err_set(
			err, ZYNC_ERR_CONFLICT,
			"\"%s\" (hostid %llu) carries the ownership mark of %s; remove its user macro %s there if that is wrong",
			found->host, (unsigned long long)found->hostid, found->owner, ZYNC_OWNER_MACRO);
	return adopt_check_unlinked(run, config, found, err);
}

/* The technical name counts before NetBox's. */
static const struct zync_host *adopt_pick(const struct zync_zabbix_hosts *hosts, const char *const *names, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		for (size_t i = 0; i < hosts->len; i++) {
			if (zync_str_eq(hosts->items[i].host, names[n]) || zync_str_eq(hosts->items[i].name, names[n]))
				return &hosts->items[i];
		}
	}
	return NULL;
}

static enum zync_status adopt_find_host(struct zync_run *run, const struct zync_host_config *config, const struct zync_host **ret,
					struct zync_err *err)
{
	const char *names[] = {config->host, config->name};
	struct zync_zabbix_hosts hosts = {0};
	struct zync_zabbix *zabbix = NULL;
	const struct zync_host *found;

	ZYNC_TRY(zync_app_zabbix(run->app, config->server, &zabbix, err));
	ZYNC_TRY(zync_zabbix_find_by_names(zabbix, names, ZYNC_ARRAY_LEN(names), run->arena, &hosts, err));
	found = adopt_pick(&hosts, names, ZYNC_ARRAY_LEN(names));
	if (found == NULL) {
		(void)zync_err_set(err, ZYNC_ERR_NOT_FOUND, "no host in Zabbix is called \"%s\" or \"%s\"; `zync host create %s` makes one",
				   config->host, config->name, config->name);
		return ZYNC_ERR_NOT_FOUND;
	}
	*ret = found;
	return ZYNC_OK;
}

static enum zync_status adopt_stage(struct zync_run *run, const struct zync_host_config *config, uint64_t hostid, struct zync_err *err)
{
	struct zync_work work = zync_run_work_of(config);
	/* Secrets that were written to another host were not written to this one. */
	struct zync_work_result result = {
		.outcome = ZYNC_WORK_OUT_OF_SYNC, .hostid = hostid, .pushed = hostid != config->hostid ? "{}" : NULL};
	uint64_t seq = 0;

	ZYNC_TRY(zync_store_work_add(run->app->store, &work, &seq, err));
	ZYNC_TRY(zync_run_guard_staged(run, seq, err));
	return zync_store_work_set_result(run->app->store, seq, &result, err);
}

static enum zync_status adopt_body(struct zync_run *run, const struct zync_job_params *params, struct zync_err *err)
{
	struct zync_jnode *data = zync_jb_object(run->json);
	const struct zync_host *found = NULL;
	struct zync_host_config config = {0};

	ZYNC_TRY(adopt_find_config(run, params->hosts[0], &config, err));
	ZYNC_TRY(adopt_find_host(run, &config, &found, err));
	ZYNC_TRY(adopt_check_free(run, &config, found, err));
	ZYNC_TRY(adopt_stage(run, &config, found->hostid, err));
	zync_run_set_message(run, zync_arena_printf(run->arena, "Linked %s to host \"%s\" (hostid %llu)", config.name, found->host,
						    (unsigned long long)found->hostid));
	zync_jb_set_str(run->json, data, "job_id", run->job_id);
	zync_jb_set_str(run->json, data, "status", "completed");
	zync_jb_set_u64(run->json, data, "host_config_id", config.pk);
	zync_jb_set_str(run->json, data, "name", config.name);
	zync_jb_set_str(run->json, data, "action", "adopt");
	zync_jb_set_id(run->json, data, "hostid", found->hostid);
	zync_jb_set_str(run->json, data, "message",
			zync_arena_printf(run->arena,
					  "Linked %s to host \"%s\" (hostid %llu); see `zync plan %s` for what the next sync changes",
					  config.name, found->host, (unsigned long long)found->hostid, config.name));
	return zync_jb_text(run->json, data, ZYNC_JSON_COMPACT, run->arena, &run->data, err);
}

const struct zync_job_type zync_job_adopt_zabbix_host = {
	.name = "adopt-zabbix-host",
	.summary = "link a host that exists in Zabbix already",
	.takes = ZYNC_TAKES_HOSTS,
	.one_host = true,
	.writes_zabbix = true,
	.body = adopt_body,
};
