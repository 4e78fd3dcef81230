/* SPDX-License-Identifier: Apache-2.0 */
/* The table of jobs, and what a job can be told as JSON. */
#include "jobs/types.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static const struct zync_job_type *const TYPES[] = {
	&zync_job_sync_hosts_now,
	&zync_job_create_zabbix_host,
	&zync_job_update_zabbix_host,
	&zync_job_delete_zabbix_host,
	&zync_job_adopt_zabbix_host,
	&zync_job_host_config_sync_refresh,
	&zync_job_pull,
	&zync_job_import_zabbix_settings,
	&zync_job_clean_up,
	&zync_job_delete_unused_host_groups,
};

const struct zync_job_type *const *zync_job_types(size_t *ret_count)
{
	*ret_count = ZYNC_ARRAY_LEN(TYPES);
	return TYPES;
}

enum zync_status zync_job_type_find(const char *name, const struct zync_job_type **ret, struct zync_err *err)
{
	const char *names[ZYNC_ARRAY_LEN(TYPES)];
	const char *near;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(TYPES); i++) {
		names[i] = TYPES[i]->name;
		if (zync_str_eq(name, names[i])) {
			*ret = TYPES[i];
			return ZYNC_OK;
		}
	}
	near = zync_nearest(name, names, ZYNC_ARRAY_LEN(names));
	if (near == NULL)
		return zync_err_set(err, ZYNC_ERR_INVALID, "there is no job \"%s\"; see `zync job types`", name);
	return zync_err_set(err, ZYNC_ERR_INVALID, "there is no job \"%s\"; did you mean \"%s\"? See `zync job types`", name, near);
}

/* ---- parameters ---- */

/* The switches: their bit, their member, their name in JSON and in messages. */
static const struct {
	enum zync_job_takes takes;
	size_t offset;
	const char *key;
	const char *option;
} SWITCHES[] = {
	{ZYNC_TAKES_NO_PULL, offsetof(struct zync_job_params, no_pull), "no_pull", "--no-pull"},
	{ZYNC_TAKES_FORCE, offsetof(struct zync_job_params, force), "force", "--force"},
	{ZYNC_TAKES_STRICT, offsetof(struct zync_job_params, strict), "strict", "--strict"},
	{ZYNC_TAKES_HARD, offsetof(struct zync_job_params, hard), "hard", "--hard"},
	{ZYNC_TAKES_DRY_RUN, offsetof(struct zync_job_params, dry_run), "dry_run", "--dry-run"},
};

static bool *params_switch(struct zync_job_params *params, size_t index)
{
	return (bool *)((char *)params + SWITCHES[index].offset);
}

/* "sync-hosts-now, pull": the jobs that take it. */
static void params_takers(enum zync_job_takes takes, char *ret, size_t size)
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(TYPES); i++) {
		int n;

		if ((TYPES[i]->takes & takes) == 0)
			continue;
		n = snprintf(ret + len, size - len, "%s%s", len > 0 ? ", " : "", TYPES[i]->name);
		if (n < 0 || (size_t)n >= size - len)
			return;
		len += (size_t)n;
	}
}

static enum zync_status params_refuse(const struct zync_job_type *type, enum zync_job_takes takes, const char *what, struct zync_err *err)
{
	char takers[512];

	params_takers(takes, takers, sizeof(takers));
	return zync_err_set(err, ZYNC_ERR_INVALID, "the job %s takes no %s (it is for: %s)", type->name, what, takers);
}

enum zync_status zync_job_params_check(const struct zync_job_type *type, const struct zync_job_params *params, struct zync_err *err)
{
	struct zync_job_params copy = *params;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(SWITCHES); i++) {
		if (*params_switch(&copy, i) && (type->takes & SWITCHES[i].takes) == 0)
			return params_refuse(type, SWITCHES[i].takes, SWITCHES[i].option, err);
	}
	if (params->older_than_min >= 0 && (type->takes & ZYNC_TAKES_OLDER_THAN) == 0)
		return params_refuse(type, ZYNC_TAKES_OLDER_THAN, "--older-than", err);
	if (params->host_count > 0 && (type->takes & ZYNC_TAKES_HOSTS) == 0)
		return params_refuse(type, ZYNC_TAKES_HOSTS, "hosts", err);
	if (type->one_host && params->host_count != 1)
		return zync_err_set(err, ZYNC_ERR_INVALID, "the job %s needs exactly one host, not %zu", type->name, params->host_count);
	for (size_t i = 0; i < params->host_count; i++) {
		if (zync_str_empty(params->hosts[i]))
			return zync_err_set(err, ZYNC_ERR_INVALID, "the name of a host is empty");
	}
	return ZYNC_OK;
}

enum zync_status zync_job_params_to_json(const struct zync_job_params *params, struct zync_arena *arena, const char **ret,
					 struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_job_params copy = *params;
	struct zync_jnode *root = b == NULL ? NULL : zync_jb_object(b);
	struct zync_jnode *hosts;

	if (root == NULL)
		return zync_err_nomem(err, "writing a job's parameters");
	if (params->host_count > 0) {
		hosts = zync_jb_set_array(b, root, "hosts");
		for (size_t i = 0; i < params->host_count; i++)
			zync_jb_add_str(b, hosts, params->hosts[i]);
	}
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(SWITCHES); i++) {
		if (*params_switch(&copy, i))
			zync_jb_set_bool(b, root, SWITCHES[i].key, true);
	}
	if (params->older_than_min >= 0)
		zync_jb_set_i64(b, root, "older_than_min", params->older_than_min);
	return zync_jb_text(b, root, ZYNC_JSON_COMPACT, arena, ret, err);
}

static enum zync_status params_bad(const char *key, struct zync_err *err)
{
	return zync_err_set(err, ZYNC_ERR_INVALID,
			    "the job's parameter \"%s\" is none that this version of Zync understands; cancel the job, or queue it anew",
			    key);
}

static enum zync_status params_hosts(const struct zync_jval *list, struct zync_arena *arena, struct zync_job_params *ret,
				     struct zync_err *err)
{
	const struct zync_jval *value;
	struct zync_jiter it;
	const char **hosts;

	if (zync_jval_type(list) != ZYNC_JSON_ARRAY)
		return params_bad("hosts", err);
	hosts = ZYNC_NEW_ARRAY(arena, const char *, zync_jval_len(list));
	if (hosts == NULL)
		return zync_err_nomem(err, "reading a job's parameters");
	zync_jiter_init(&it, list);
	while ((value = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_jval_type(value) != ZYNC_JSON_STR)
			return params_bad("hosts", err);
		hosts[ret->host_count] = zync_arena_strdup(arena, zync_jval_str(value));
		if (hosts[ret->host_count++] == NULL)
			return zync_err_nomem(err, "reading a job's parameters");
	}
	ret->hosts = hosts;
	return ZYNC_OK;
}

static enum zync_status params_member(const char *key, const struct zync_jval *value, struct zync_arena *arena, struct zync_job_params *ret,
				      struct zync_err *err)
{
	if (zync_str_eq(key, "hosts"))
		return params_hosts(value, arena, ret, err);
	if (zync_str_eq(key, "older_than_min"))
		return zync_jval_to_i64(value, &ret->older_than_min) && ret->older_than_min >= 0 ? ZYNC_OK : params_bad(key, err);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(SWITCHES); i++) {
		if (!zync_str_eq(key, SWITCHES[i].key))
			continue;
		if (zync_jval_type(value) != ZYNC_JSON_BOOL)
			return params_bad(key, err);
		*params_switch(ret, i) = zync_jval_is_true(value);
		return ZYNC_OK;
	}
	return params_bad(key, err);
}

enum zync_status zync_job_params_from_json(const char *json, struct zync_arena *arena, struct zync_job_params *ret, struct zync_err *err)
{
	struct zync_job_params params = {.older_than_min = -1};
	const struct zync_jval *root = NULL;
	const struct zync_jval *value;
	struct zync_jiter it;
	const char *key;

	if (json != NULL) {
		if (zync_json_parse(arena, json, strlen(json), &root, NULL) != ZYNC_OK || zync_jval_type(root) != ZYNC_JSON_OBJECT)
			return params_bad("(all)", err);
		zync_jiter_init(&it, root);
		while ((value = zync_jiter_next(&it, &key)) != NULL)
			ZYNC_TRY(params_member(key, value, arena, &params, err));
	}
	*ret = params;
	return ZYNC_OK;
}
