/* SPDX-License-Identifier: Apache-2.0 */
#include "jobs/app.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "http/http.h"
#include "store/queue.h"

#define APP_CANCEL_ASK_MS 500

static enum zync_status app_open_keyring(struct zync_app *app, struct zync_err *err)
{
	const char *path = app->config->key_file;
	const char *database = zync_store_sqlite_path(app->config->store);

	if (path == NULL && database != NULL) {
		path = zync_arena_printf(app->arena, "%s.key", database);
		if (path == NULL)
			return zync_err_nomem(err, "opening the key file");
	}
	if (path == NULL)
		return zync_err_set(err, ZYNC_ERR_INVALID, "config: key_file must be given for a store that is not SQLite");
	return zync_keyring_open(path, &app->keyring, err);
}

static enum zync_status app_identity(struct zync_app *app, const struct zync_open_params *params, struct zync_err *err)
{
	char uuid[ZYNC_UUID_SIZE];

	app->user = zync_arena_strdup(app->arena, params->user);
	if (params->request_id != NULL) {
		app->request_id = zync_arena_strdup(app->arena, params->request_id);
	} else {
		ZYNC_TRY(zync_uuid_new(uuid, err));
		app->request_id = zync_arena_strdup(app->arena, uuid);
	}
	if (app->request_id == NULL || (params->user != NULL && app->user == NULL))
		return zync_err_nomem(err, "starting");
	return ZYNC_OK;
}

static enum zync_status app_open_parts(struct zync_app *app, const struct zync_open_params *params, struct zync_err *err)
{
	ZYNC_TRY(zync_http_global_init(err));
	ZYNC_TRY(app_identity(app, params, err));
	ZYNC_TRY(zync_config_load(params->config_path, &app->config, err));
	zync_log_set_level(app->config->log.level);
	zync_log_set_format(app->config->log.format);
	ZYNC_TRY(zync_rules_compile(app->config, &app->rules, err));
	app->zabbix = ZYNC_NEW_ARRAY(app->arena, struct zync_zabbix *, app->config->zabbix.len);
	if (app->zabbix == NULL)
		return zync_err_nomem(err, "starting");
	ZYNC_TRY(zync_store_open(app->config->store, &app->store, err));
	return app_open_keyring(app, err);
}

enum zync_status zync_app_open(const struct zync_open_params *params, struct zync_app **ret, struct zync_err *err)
{
	struct zync_app *app = zync_calloc(1, sizeof(*app));
	enum zync_status status;

	if (app == NULL)
		return zync_err_nomem(err, "starting");
	atomic_init(&app->stop, NULL);
	app->progress = params->progress;
	app->progress_ctx = params->progress_ctx;
	app->arena = zync_arena_new(0);
	status = app->arena == NULL ? zync_err_nomem(err, "starting") : app_open_parts(app, params, err);
	if (status != ZYNC_OK) {
		zync_app_close(app);
		return status;
	}
	*ret = app;
	return ZYNC_OK;
}

void zync_app_release_servers(struct zync_app *app)
{
	for (size_t i = 0; app->zabbix != NULL && i < app->config->zabbix.len; i++) {
		zync_zabbix_close(app->zabbix[i]);
		app->zabbix[i] = NULL;
	}
	zync_netbox_close(app->netbox);
	app->netbox = NULL;
}

void zync_app_close(struct zync_app *app)
{
	if (app == NULL)
		return;
	zync_app_release_servers(app);
	zync_keyring_free(app->keyring);
	zync_store_close(app->store);
	zync_rules_free(app->rules);
	zync_config_free(app->config);
	zync_arena_free(app->arena);
	zync_free(app);
}

void zync_app_stop(struct zync_app *app, const char *reason)
{
	atomic_store_explicit(&app->stop, reason, memory_order_relaxed);
}

bool zync_app_is_late(const struct zync_app *app)
{
	return app->deadline != 0 && zync_clock_mono_ms() >= app->deadline;
}

/* `zync job cancel` of another process is a word in the job's row. When it cannot be read now, the next write to the store says what is wrong with that. */
static void app_ask_cancel(struct zync_app *app)
{
	int64_t now = zync_clock_mono_ms();
	struct zync_err ignored;

	if (app->job_id == NULL || app->cancel_reason != NULL || now - app->cancel_asked < APP_CANCEL_ASK_MS)
		return;
	app->cancel_asked = now;
	if (zync_store_job_cancel_reason(app->store, app->job_id, app->job_arena, &app->cancel_reason, &ignored) != ZYNC_OK)
		app->cancel_reason = NULL;
}

bool zync_app_is_cancelled(void *ctx)
{
	struct zync_app *app = ctx;

	if (app->finishing)
		return false;
	app_ask_cancel(app);
	return atomic_load_explicit(&app->stop, memory_order_relaxed) != NULL || app->cancel_reason != NULL || zync_app_is_late(app);
}

struct zync_nb_walk zync_app_walk(const struct zync_app *app, enum zync_nb_type type)
{
	struct zync_nb_walk walk = {
		.type = type,
		.config_context = zync_rules_need_config_context(app->rules),
		.ip_addresses = zync_rules_need_ip_addresses(app->rules),
	};

	walk.names = zync_rules_names(app->rules, &walk.name_count);
	return walk;
}

enum zync_status zync_app_netbox(struct zync_app *app, struct zync_netbox **ret, struct zync_err *err)
{
	if (app->netbox == NULL) {
		struct zync_netbox *netbox = NULL;
		enum zync_status status;
		size_t count = 0;
		const char *const *names = zync_rules_names(app->rules, &count);

		ZYNC_TRY(zync_netbox_open(&app->config->netbox, zync_app_is_cancelled, app, &netbox, err));
		status = zync_netbox_load_references(netbox, names, count, err);
		if (status != ZYNC_OK) {
			zync_netbox_close(netbox);
			return status;
		}
		app->netbox = netbox;
	}
	*ret = app->netbox;
	return ZYNC_OK;
}

enum zync_status zync_app_zabbix(struct zync_app *app, const char *name, struct zync_zabbix **ret, struct zync_err *err)
{
	const struct zync_cfg_zabbix *server = zync_config_zabbix(app->config, name);
	size_t index;

	if (server == NULL)
		return zync_err_set(err, ZYNC_ERR_INVALID,
				    "config: host configs belong to the Zabbix server \"%s\", which the configuration does not have (any "
				    "more); add it under `zabbix`",
				    name);
	index = (size_t)(server - app->config->zabbix.items);
	if (app->zabbix[index] == NULL) {
		struct zync_zabbix *zabbix = NULL;
		enum zync_status status;

		ZYNC_TRY(zync_zabbix_open(server, zync_app_is_cancelled, app, &zabbix, err));
		status = zync_zabbix_load_catalogue(zabbix, err);
		if (status != ZYNC_OK) {
			zync_zabbix_close(zabbix);
			return status;
		}
		app->zabbix[index] = zabbix;
	}
	*ret = app->zabbix[index];
	return ZYNC_OK;
}

const char *zync_app_owner(const struct zync_app *app, const char *object_type, uint64_t object_id, struct zync_arena *arena)
{
	return zync_arena_printf(arena, "%s:%s:%llu", app->config->netbox.instance, object_type, (unsigned long long)object_id);
}

static const struct zync_jval *app_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	const struct zync_app_object *object = ctx;

	return zync_netbox_member(object->netbox, object->object, parent, name);
}

enum zync_status zync_app_rules_object(struct zync_app *app, struct zync_app_object *ctx, struct zync_arena *arena,
				       struct zync_rules_object *ret, struct zync_err *err)
{
	const struct zync_nb_object *object = ctx->object;
	const char *type = zync_nb_type_name(object->type);
	const char *owner = zync_app_owner(app, type, object->id, arena);

	if (owner == NULL)
		return zync_err_nomem(err, "deriving hosts");
	*ret = (struct zync_rules_object){
		.type = type,
		.id = object->id,
		.name = object->name,
		.display = object->display,
		.owner = owner,
		.member = app_member,
		.ctx = ctx,
	};
	return ZYNC_OK;
}

enum zync_status zync_app_find_config(struct zync_app *app, const char *host, struct zync_arena *arena, struct zync_host_config *ret,
				      struct zync_err *err)
{
	struct zync_host_config_filter filter = {.name = host, .in_sync = -1, .with_state = true};
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_store_host_configs(app->store, &filter, arena, &configs, &count, err));
	if (count == 0)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND,
				    "there is no host config \"%s\" (names are exact; also pk:N, device:N, vm:N); see `zync host list`, or "
				    "run `zync pull`",
				    host);
	if (count > 1)
		return zync_err_set(
			err, ZYNC_ERR_INVALID,
			"%zu host configs are called \"%s\"; name the one that is meant as pk:N, device:N or vm:N (see `zync host list`)",
			count, host);
	*ret = configs[0];
	return ZYNC_OK;
}

uint64_t zync_app_netbox_calls(const struct zync_app *app)
{
	return app->netbox == NULL ? 0 : zync_netbox_calls(app->netbox);
}

uint64_t zync_app_zabbix_calls(const struct zync_app *app, uint64_t *ret_write_calls)
{
	uint64_t calls = 0;
	uint64_t writes = 0;

	for (size_t i = 0; i < app->config->zabbix.len; i++) {
		if (app->zabbix[i] == NULL)
			continue;
		calls += zync_zabbix_stats(app->zabbix[i])->calls;
		writes += zync_zabbix_stats(app->zabbix[i])->write_calls;
	}
	if (ret_write_calls != NULL)
		*ret_write_calls = writes;
	return calls;
}
