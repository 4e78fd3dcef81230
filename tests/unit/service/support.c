/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "service_test.h"

#define PATIENCE_MS 20000
#define POLL_MS	    10

static const char CONFIG[] = "netbox: {url: \"http://127.0.0.1:%u\", token: 0123456789abcdef0123456789abcdef01234567, timeout: 30s}\n"
			     "zabbix: {url: \"http://127.0.0.1:%u\", token: abcdefabcdefabcdefabcdefabcdefabcdefabcd, timeout: 30s}\n"
			     "mappings: [{set: {host_groups: [A]}}]\n"
			     "log: {level: error}\n";
static const char STORE[] = "store: sqlite:%s/zync.db\n";
/* Nothing recurs unless a test says so. */
static const char SERVICE[] = "service: {refresh_every: 0, import_every: 0, clean_up_every: 0}\n";

static void listen_silently(struct fixture *fx)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	fx->silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fx->silent >= 0);
	assert_int_equal(bind(fx->silent, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fx->silent, 64), 0);
	assert_int_equal(getsockname(fx->silent, (struct sockaddr *)&address, &len), 0);
	fx->port = ntohs(address.sin_port);
}

void write_config(struct fixture *fx, const char *more)
{
	char text[4096];
	FILE *file = fopen(fx->config, "w");
	int n = snprintf(text, sizeof(text), CONFIG, fx->port, fx->port);

	assert_non_null(file);
	if (strstr(more, "store:") == NULL)
		n += snprintf(text + n, sizeof(text) - (size_t)n, STORE, fx->folder);
	if (strstr(more, "service:") == NULL)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s", SERVICE);
	n += snprintf(text + n, sizeof(text) - (size_t)n, "%s", more);
	assert_true(n > 0 && (size_t)n < sizeof(text));
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
}

int fixture_setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	assert_non_null(fx);
	fx->manager = -1;
	(void)snprintf(fx->folder, sizeof(fx->folder), "/tmp/zync-service-XXXXXX");
	assert_non_null(mkdtemp(fx->folder));
	(void)snprintf(fx->config, sizeof(fx->config), "%s/zync.yaml", fx->folder);
	fx->params = (struct zync_open_params){.config_path = fx->config, .user = "eve", .request_id = "request-1"};
	fx->arena = zync_arena_new(0);
	assert_non_null(fx->arena);
	listen_silently(fx);
	write_config(fx, "");
	*state = fx;
	return 0;
}

static void remove_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[512];

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		assert_int_equal(unlink(path), 0);
	}
	(void)closedir(dir);
	assert_int_equal(rmdir(folder), 0);
}

int fixture_teardown(void **state)
{
	struct fixture *fx = *state;

	if (fx->started)
		(void)daemon_stop(fx);
	zync_daemon_close(fx->daemon);
	zync_app_close(fx->app);
	if (fx->manager >= 0)
		(void)close(fx->manager);
	(void)close(fx->silent);
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	remove_folder(fx->folder);
	zync_arena_free(fx->arena);
	free(fx);
	return 0;
}

/* A queue of a few datagrams is all that the kernel keeps: who does not read holds up the daemon. */
static void manager_read(struct fixture *fx)
{
	char text[512];
	ssize_t n;

	while (fx->manager >= 0 && (n = recv(fx->manager, text, sizeof(text), MSG_DONTWAIT)) > 0) {
		assert_true(fx->told_count < ZYNC_ARRAY_LEN(fx->told));
		fx->told[fx->told_count] = zync_arena_strndup(fx->arena, text, (size_t)n);
		assert_non_null(fx->told[fx->told_count++]);
	}
}

/* ---- jobs ------------------------------------------------------------------------------------------------------- */

void open_app(struct fixture *fx)
{
	OK(fx, zync_app_open(&fx->params, &fx->app, &fx->err));
}

const char *queue(struct fixture *fx, const char *name, const char *user, int64_t run_at, int64_t every)
{
	struct zync_job_call call = {.params = {.older_than_min = -1}, .user = user};
	struct zync_job_schedule schedule = {.run_at = run_at, .interval_min = every};
	const struct zync_jval *root = NULL;
	const char *json = NULL;

	call.params.no_pull = zync_str_eq(name, "sync-hosts-now"); /* so that it needs no server */
	OK(fx, zync_job_type_find(name, &call.type, &fx->err));
	OK(fx, zync_job_enqueue(fx->app, &call, &schedule, fx->arena, &json, &fx->err));
	OK(fx, zync_json_parse(fx->arena, json, strlen(json), &root, &fx->err));
	assert_non_null(zync_jval_get_str(root, "job_id"));
	return zync_jval_get_str(root, "job_id");
}

size_t jobs(struct fixture *fx, const char *name, const char *status, struct zync_job **ret)
{
	struct zync_job_filter filter = {.name = name, .status = status};
	size_t count = 0;

	OK(fx, zync_store_jobs(fx->app->store, &filter, fx->arena, ret, &count, &fx->err));
	return count;
}

const struct zync_job *one_job(struct fixture *fx, const char *name, const char *status)
{
	struct zync_job *found = NULL;

	assert_int_equal(jobs(fx, name, status, &found), 1);
	return found;
}

const struct zync_job *job_of(struct fixture *fx, const char *job_id)
{
	struct zync_job_filter filter = {.job_id = job_id};
	struct zync_job *found = NULL;
	size_t count = 0;

	OK(fx, zync_store_jobs(fx->app->store, &filter, fx->arena, &found, &count, &fx->err));
	assert_int_equal(count, 1);
	return found;
}

const struct zync_job *wait_for_one(struct fixture *fx, const char *name, const char *status)
{
	int64_t end = zync_clock_mono_ms() + PATIENCE_MS;
	struct zync_job *found = NULL;

	while (jobs(fx, name, status, &found) == 0 && zync_clock_mono_ms() < end) {
		manager_read(fx);
		(void)zync_clock_sleep_ms(POLL_MS);
	}
	return one_job(fx, name, status);
}

const struct zync_job *wait_for(struct fixture *fx, const char *job_id, const char *status)
{
	int64_t end = zync_clock_mono_ms() + PATIENCE_MS;
	const struct zync_job *job = job_of(fx, job_id);

	while (!zync_str_eq(job->status, status)) {
		if (zync_clock_mono_ms() > end)
			fail_msg("job %s is %s and not %s: %s", job->name, job->status, status, job->error != NULL ? job->error : "");
		manager_read(fx);
		(void)zync_clock_sleep_ms(POLL_MS);
		job = job_of(fx, job_id);
	}
	return job;
}

/* ---- the service manager ---------------------------------------------------------------------------------------- */

void manager_listen(struct fixture *fx, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));

	assert_true(strlen(name) < sizeof(address.sun_path));
	memcpy(address.sun_path, name, strlen(name) + 1);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	fx->manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fx->manager >= 0);
	assert_int_equal(bind(fx->manager, (struct sockaddr *)&address, len), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
}

bool manager_hears(struct fixture *fx, const char *words)
{
	int64_t end = zync_clock_mono_ms() + PATIENCE_MS;

	do {
		manager_read(fx);
		while (fx->told_seen < fx->told_count) {
			fx->heard = fx->told[fx->told_seen++];
			if (strstr(fx->heard, words) != NULL)
				return true;
		}
		(void)zync_clock_sleep_ms(POLL_MS);
	} while (zync_clock_mono_ms() < end);
	return false;
}

/* ---- the daemon ------------------------------------------------------------------------------------------------- */

static void *daemon_thread(void *ctx)
{
	struct fixture *fx = ctx;

	fx->ended = zync_daemon_run(fx->daemon, "0.0.0", &fx->daemon_err);
	return NULL;
}

void daemon_start(struct fixture *fx)
{
	OK(fx, zync_daemon_open(&fx->params, &fx->daemon, &fx->err));
	assert_int_equal(pthread_create(&fx->thread, NULL, daemon_thread, fx), 0);
	fx->started = true;
}

int64_t daemon_stop(struct fixture *fx)
{
	int64_t begun = zync_clock_mono_ms();

	zync_daemon_stop(fx->daemon);
	assert_int_equal(pthread_join(fx->thread, NULL), 0);
	fx->started = false;
	if (fx->ended != ZYNC_OK)
		fail_msg("the daemon: %s", fx->daemon_err.message);
	return zync_clock_mono_ms() - begun;
}
