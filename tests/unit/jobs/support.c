/* SPDX-License-Identifier: Apache-2.0 */
#include "jobs_test.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "zabbix/zabbix_priv.h"

static const char CONFIG[] = "netbox: {url: http://127.0.0.1, token: 0123456789abcdef0123456789abcdef01234567, instance: nb}\n"
			     "zabbix: {url: http://127.0.0.1, token: abcdefabcdefabcdefabcdefabcdefabcdefabcd, timeout: 1s}\n"
			     "mappings: [{set: {host_groups: [A]}}]\n";

void expect_words(const char *text, const char *words)
{
	if (text == NULL || strstr(text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, text != NULL ? text : "(nothing)");
}

static void on_progress(void *ctx, const struct zync_progress *progress)
{
	struct fixture *fx = ctx;

	fx->told++;
	(void)strncat(fx->phases, progress->phase, sizeof(fx->phases) - strlen(fx->phases) - 1);
	(void)strncat(fx->phases, " ", sizeof(fx->phases) - strlen(fx->phases) - 1);
}

int setup(void **state)
{
	static const unsigned char KEY[32] = "the key of the tests of the jobs";
	struct fixture *fx = calloc(1, sizeof(*fx));

	assert_non_null(fx);
	(void)snprintf(fx->folder, sizeof(fx->folder), "/tmp/zync-jobs-XXXXXX");
	assert_non_null(mkdtemp(fx->folder));
	(void)snprintf(fx->path, sizeof(fx->path), "%s/zync.db", fx->folder);
	fx->arena = zync_arena_new(0);
	assert_non_null(fx->arena);
	fx->app.arena = fx->arena;
	fx->app.user = "eve";
	fx->app.request_id = "request-1";
	fx->app.zabbix = fx->servers;
	fx->app.progress = on_progress;
	fx->app.progress_ctx = fx;
	OK(fx, zync_config_parse("test", CONFIG, sizeof(CONFIG) - 1, &fx->app.config, &fx->err));
	OK(fx, zync_store_open(fx->path, &fx->app.store, &fx->err));
	OK(fx, zync_keyring_new(KEY, &fx->app.keyring, &fx->err));
	zync_log_set_level(ZYNC_LOG_ERROR);
	*state = fx;
	return 0;
}

int teardown(void **state)
{
	static const char *const SUFFIXES[] = {"", "-wal", "-shm", ".lock"};
	struct fixture *fx = *state;
	char path[160];

	if (fx->run != NULL) {
		zync_log_set_sink(NULL, NULL);
		zync_arena_free(fx->run->arena);
	}
	zync_zabbix_close(fx->servers[0]);
	zync_secret_free(fx->token);
	zync_keyring_free(fx->app.keyring);
	zync_store_close(fx->app.store);
	zync_config_free(fx->app.config);
	zync_arena_free(fx->arena);
	zync_log_reset();
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(SUFFIXES); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", fx->path, SUFFIXES[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(fx->folder), 0);
	free(fx);
	return 0;
}

uint64_t number(struct fixture *fx, const char *sql_text)
{
	uint64_t n = 0;

	OK(fx, zync_store_number(fx->app.store, sql_text, ZYNC_NO_PARAMS, &n, &fx->err));
	return n;
}

void sql(struct fixture *fx, const char *text)
{
	OK(fx, zync_db_script(fx->app.store->db, text, &fx->err));
}

const char *text_of(struct fixture *fx, const char *sql_text)
{
	struct zync_stmt *stmt = NULL;
	const char *text = NULL;
	bool row = false;

	OK(fx, zync_db_query(fx->app.store->db, sql_text, ZYNC_NO_PARAMS, &stmt, &fx->err));
	OK(fx, zync_db_next(stmt, &row, &fx->err));
	if (row) {
		OK(fx, zync_db_copy(stmt, 0, fx->arena, &text, &fx->err));
		zync_db_end(stmt);
	}
	return text;
}

struct zync_job last_job(struct fixture *fx)
{
	struct zync_job *jobs = NULL;
	size_t count = 0;

	OK(fx, zync_store_jobs(fx->app.store, &(struct zync_job_filter){.limit = 1}, fx->arena, &jobs, &count, &fx->err));
	assert_int_equal(count, 1);
	return jobs[0];
}

struct zync_event job_event(struct fixture *fx)
{
	struct zync_event_filter filter = {.kind = "job", .with_data = true};
	struct zync_event *events = NULL;
	size_t count = 0;

	OK(fx, zync_store_events(fx->app.store, &filter, fx->arena, &events, &count, &fx->err));
	assert_int_equal(count, 1);
	return events[0];
}

/* ---- a Zabbix ---- */

static struct world_host *world_find(struct world *w, uint64_t id)
{
	for (size_t i = 0; i < w->count; i++) {
		struct world_host *h = &w->hosts[i];

		if (h->id == id && !h->gone && w->requests >= h->appears)
			return h;
	}
	return NULL;
}

static const char *world_host_json(struct world *w, const struct world_host *h)
{
	const char *mark = h->owner == NULL ? ""
					    : zync_arena_printf(w->arena,
								"{\"hostmacroid\":\"%" PRIu64
								"\",\"macro\":\"{$ZYNC.OWNER}\",\"value\":\"%s\",\"type\":\"0\","
								"\"description\":\"\"}",
								h->id * 10, h->owner);

	return zync_arena_printf(
		w->arena,
		"{\"hostid\":\"%" PRIu64 "\",\"host\":\"%s\",\"name\":\"%s\",\"status\":\"0\",\"flags\":\"0\",\"description\":"
		"\"%s\",\"hostgroups\":[{\"groupid\":\"2\",\"name\":\"A\"}],\"macros\":[%s%s%s],\"inventory_mode\":\"-1\"}",
		h->id, h->host, h->host, h->description != NULL ? h->description : "", mark,
		h->owner != NULL && h->macros != NULL ? "," : "", h->macros != NULL ? h->macros : "");
}

static const char *world_join(struct world *w, const char *list, const char *item)
{
	return zync_arena_printf(w->arena, "%s%s%s", list, list[0] != '\0' ? "," : "", item);
}

static const char *world_get(struct world *w, const struct zync_jval *params)
{
	const struct zync_jval *id;
	const char *list = "";
	struct zync_jiter it;
	uint64_t n;

	zync_jiter_init(&it, zync_jval_get(params, "hostids"));
	while ((id = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_jval_to_u64(id, &n) && world_find(w, n) != NULL)
			list = world_join(w, list, world_host_json(w, world_find(w, n)));
	}
	return zync_arena_printf(w->arena, "\"result\":[%s]", list);
}

static const char *world_marks(struct world *w, const struct zync_jval *params)
{
	const struct zync_jval *wanted = zync_jval_get(zync_jval_get(params, "filter"), "value");
	const char *list = "";

	for (size_t i = 0; i < w->count; i++) {
		const struct world_host *h = world_find(w, w->hosts[i].id);

		for (size_t k = 0; h == &w->hosts[i] && h->owner != NULL && k < zync_jval_len(wanted); k++) {
			if (zync_str_eq(zync_jval_str(zync_jval_at(wanted, k)), h->owner))
				list = world_join(
					w, list,
					zync_arena_printf(w->arena, "{\"hostid\":\"%" PRIu64 "\",\"value\":\"%s\"}", h->id, h->owner));
		}
	}
	return zync_arena_printf(w->arena, "\"result\":[%s]", list);
}

static const char *world_refused(struct world *w, const struct world_host *h)
{
	return zync_arena_printf(w->arena, "\"error\":{\"code\":-32602,\"message\":\"m\",\"data\":\"Refused \\\"%s\\\".\"}", h->host);
}

/* One id ("101") or one entry with a hostid. */
static uint64_t world_written_id(const struct zync_jval *entry)
{
	uint64_t id = 0;

	if (!zync_jval_to_u64(entry, &id))
		assert_true(zync_jval_to_u64(zync_jval_get(entry, "hostid"), &id));
	return id;
}

/* All or nothing, as Zabbix does. */
static const char *world_write(struct world *w, const char *method, const struct zync_jval *params)
{
	const struct zync_jval *entry;
	const char *ids = "";
	struct zync_jiter it;

	zync_jiter_init(&it, params);
	while ((entry = zync_jiter_next(&it, NULL)) != NULL) {
		const struct world_host *h = world_find(w, world_written_id(entry));

		if (h == NULL)
			return "\"error\":{\"code\":-32500,\"message\":\"m\",\"data\":\"No permissions to referred object or it does not "
			       "exist!\"}";
		if (zync_str_eq(h->host, w->refuse))
			return world_refused(w, h);
	}
	zync_jiter_init(&it, params);
	while ((entry = zync_jiter_next(&it, NULL)) != NULL) {
		struct world_host *h = world_find(w, world_written_id(entry));

		if (zync_str_eq(method, "host.delete"))
			h->gone = true;
		else if (zync_jval_get_str(entry, "description") != NULL)
			h->description = zync_arena_strdup(w->arena, zync_jval_get_str(entry, "description"));
		ids = world_join(w, ids, zync_arena_printf(w->arena, "%" PRIu64, h->id));
	}
	(void)strncat(w->writes, zync_arena_printf(w->arena, "%s %s; ", method, ids), sizeof(w->writes) - strlen(w->writes) - 1);
	return zync_arena_printf(w->arena, "\"result\":{\"hostids\":[%s]}", ids);
}

static const char *world_get_groups(struct world *w)
{
	const char *list = "";

	for (size_t i = 0; i < w->group_count; i++) {
		const struct world_group *g = &w->groups[i];

		if (!g->gone)
			list = world_join(w, list,
					  zync_arena_printf(w->arena, "{\"groupid\":\"%" PRIu64 "\",\"name\":\"%s\",\"hosts\":\"%u\"}",
							    g->id, g->name, g->hosts));
	}
	return zync_arena_printf(w->arena, "\"result\":[%s]", list);
}

static struct world_group *world_find_group(struct world *w, const struct zync_jval *id)
{
	uint64_t number = 0;

	assert_true(zync_jval_to_u64(id, &number));
	for (size_t i = 0; i < w->group_count; i++) {
		if (w->groups[i].id == number && !w->groups[i].gone)
			return &w->groups[i];
	}
	fail_msg("group %" PRIu64 " is not there", number);
	return NULL;
}

/* All or nothing, as Zabbix does. */
static const char *world_delete_groups(struct world *w, const struct zync_jval *ids)
{
	const struct zync_jval *id;
	const char *list = "";
	struct zync_jiter it;

	zync_jiter_init(&it, ids);
	while ((id = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_str_eq(world_find_group(w, id)->name, w->refuse_group))
			return "\"error\":{\"code\":-32602,\"message\":\"m\",\"data\":\"It is used in a global script.\"}";
	}
	zync_jiter_init(&it, ids);
	while ((id = zync_jiter_next(&it, NULL)) != NULL) {
		struct world_group *g = world_find_group(w, id);

		g->gone = true;
		list = world_join(w, list, g->name);
	}
	(void)strncat(w->writes, zync_arena_printf(w->arena, "hostgroup.delete %s; ", list), sizeof(w->writes) - strlen(w->writes) - 1);
	return "\"result\":{\"groupids\":[]}";
}

/* NULL: none of the methods about groups. */
static const char *world_group_answer(struct world *w, const char *method, const struct zync_jval *params)
{
	static const char *const EMPTY[] = {"template.get", "proxy.get",     "proxygroup.get", "action.get", "maintenance.get",
					    "map.get",	    "dashboard.get", "usergroup.get",  "role.get"};

	if (zync_str_eq(method, "hostgroup.get"))
		return world_get_groups(w);
	if (zync_str_eq(method, "hostgroup.delete"))
		return world_delete_groups(w, params);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(EMPTY); i++) {
		if (zync_str_eq(method, EMPTY[i]))
			return "\"result\":[]";
	}
	return NULL;
}

static const char *world_answer(struct world *w, const char *method, const struct zync_jval *params)
{
	const char *answer;

	if (zync_str_eq(method, "apiinfo.version"))
		return "\"result\":\"7.0.22\"";
	if (zync_str_eq(method, "user.checkAuthentication"))
		return "\"result\":{\"userid\":\"1\",\"username\":\"Admin\",\"roleid\":\"3\",\"type\":3}";
	w->requests++;
	answer = world_group_answer(w, method, params);
	if (answer != NULL)
		return answer;
	if (zync_str_eq(method, "host.get"))
		return world_get(w, params);
	if (zync_str_eq(method, "usermacro.get"))
		return world_marks(w, params);
	assert_true(zync_str_eq(method, "host.update") || zync_str_eq(method, "host.delete"));
	return world_write(w, method, params);
}

static enum zync_status world_send(void *ctx, const char *body, size_t len, const char *bearer, bool repeatable,
				   struct zync_http_reply *reply, struct zync_err *err)
{
	struct world *w = ctx;
	const struct zync_jval *request = NULL;
	bool lost = w->lost_from != 0 && w->requests + 1 >= w->lost_from && (w->lost_until == 0 || w->requests < w->lost_until);
	bool first = w->requests + 1 == w->lost_from;
	const char *answer = NULL;

	(void)bearer;
	(void)repeatable;
	assert_int_equal(zync_json_parse(w->arena, body, len, &request, err), ZYNC_OK);
	if (!lost || (first && w->lost_done))
		answer = world_answer(w, zync_jval_get_str(request, "method"), zync_jval_get(request, "params"));
	else
		w->requests++;
	if (lost)
		return zync_err_set(err, ZYNC_ERR_UNREACHABLE, "zabbix: connection lost");
	zync_buf_clear(&reply->body);
	reply->attempts = 1;
	reply->status = 200;
	zync_buf_adds(&reply->body, zync_arena_printf(w->arena, "{\"jsonrpc\":\"2.0\",%s,\"id\":%s}", answer,
						      zync_jval_text(w->arena, zync_jval_get(request, "id"))));
	return ZYNC_OK;
}

static bool world_unknown(void *ctx)
{
	(void)ctx;
	return true;
}

void world_open(struct fixture *fx)
{
	struct zync_zbx_transport transport = {.send = world_send, .outcome_unknown = world_unknown, .ctx = &fx->world};

	fx->world.arena = fx->arena;
	OK(fx, zync_zbx_open_over(&fx->app.config->zabbix.items[0], &transport, NULL, NULL, &fx->servers[0], &fx->err));
	fx->world.requests = 0;
}

struct world_host *world_add(struct fixture *fx, uint64_t id, const char *host, const char *owner)
{
	struct world_host *h = &fx->world.hosts[fx->world.count];

	assert_true(fx->world.count < WORLD_HOSTS);
	fx->world.count++;
	*h = (struct world_host){.id = id, .host = host, .owner = owner};
	return h;
}

struct world_group *world_add_group(struct fixture *fx, uint64_t id, const char *name)
{
	struct world_group *g = &fx->world.groups[fx->world.group_count];

	assert_true(fx->world.group_count < ZYNC_ARRAY_LEN(fx->world.groups));
	fx->world.group_count++;
	*g = (struct world_group){.id = id, .name = name};
	return g;
}

struct zync_host world_read(struct fixture *fx, uint64_t id)
{
	struct zync_zabbix_hosts hosts = {0};

	OK(fx, zync_zabbix_get_hosts(fx->servers[0], &id, 1, fx->arena, &hosts, &fx->err));
	assert_int_equal(hosts.len, 1);
	OK(fx, zync_host_fill_digests(&hosts.items[0], fx->app.keyring, fx->arena, &fx->err));
	return hosts.items[0];
}

/* ---- hosts and items ---- */

struct zync_host *host_of(struct fixture *fx, const char *json)
{
	struct zync_host *host = ZYNC_NEW(fx->arena, struct zync_host);
	const struct zync_jval *value = NULL;

	assert_non_null(host);
	OK(fx, zync_json_parse(fx->arena, json, strlen(json), &value, &fx->err));
	OK(fx, zync_host_from_json(value, fx->arena, host, &fx->err));
	OK(fx, zync_host_fill_digests(host, fx->app.keyring, fx->arena, &fx->err));
	return host;
}

struct zync_item *item_of(struct fixture *fx, uint64_t id, enum zync_op_kind kind, struct zync_host *actual, const struct zync_host *target)
{
	struct zync_item *item = ZYNC_NEW(fx->arena, struct zync_item);
	const char *name = zync_arena_printf(fx->arena, "sw%" PRIu64, id);

	assert_non_null(item);
	*item = (struct zync_item){.actual = actual, .hostid = actual != NULL ? actual->hostid : 0};
	item->work = (struct zync_work){
		.object_type = "device", .object_id = id, .pk = id + 100, .name = name, .host = name, .server = "zabbix"};
	item->op = (struct zync_op){.kind = kind, .actual = actual};
	if (target == NULL)
		return item;
	item->op.target = *target;
	OK(fx, zync_host_diff(target, actual, fx->arena, &item->op.diff, &fx->err));
	return item;
}

/* ---- runs ---- */

void run_begin(struct fixture *fx)
{
	struct zync_run *run = ZYNC_NEW(fx->arena, struct zync_run);
	struct zync_job job = {.job_id = "job-1", .name = "sync-hosts-now", .status = "running", .created = 1, .started = 1};

	assert_non_null(run);
	*run = (struct zync_run){
		.app = &fx->app, .job_name = "sync-hosts-now", .user = "eve", .request_id = "request-1", .arena = zync_arena_new(0)};
	assert_non_null(run->arena);
	run->json = zync_jb_new(run->arena);
	zync_vec_init(&run->failures, run->arena);
	zync_vec_init(&run->servers, run->arena);
	zync_vec_init(&run->made_groups, run->arena);
	zync_vec_init(&run->moves, run->arena);
	zync_vec_init(&run->stale_fields, run->arena);
	zync_vec_init(&run->put_back.failed, run->arena);
	(void)snprintf(run->job_id, sizeof(run->job_id), "%s", job.job_id);
	fx->run = run;
	OK(fx, zync_store_work_begin(fx->app.store, &fx->err));
	OK(fx, zync_store_slot_take(fx->app.store, &fx->app.slot, &fx->err));
	job.slot = fx->app.slot;
	OK(fx, zync_store_job_start(fx->app.store, &job, &fx->err));
}

static enum zync_status empty_body(struct zync_run *run, const void *ctx, struct zync_err *err)
{
	(void)ctx;
	return zync_run_summary_json(run, "completed", &run->data, err);
}

enum zync_status run_empty(struct fixture *fx)
{
	struct zync_run_spec spec = {.name = "test-job", .writes_zabbix = true, .body = empty_body};

	return zync_runner_run(&fx->app, &spec, fx->arena, NULL, NULL, &fx->err);
}
