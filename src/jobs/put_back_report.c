/* SPDX-License-Identifier: Apache-2.0 */
/* What putting back came to, host by host: events, the log, the counters of the result, and the sentence for the job's error. Each host that could not be put back is named. */
#include "jobs/put_back.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"

#define REPORT_NAMES 5u /* in the job's error; the log and the result have all */

static void report_event(struct zync_run *run, const struct zync_back *back, const char *message, const char *problem)
{
	struct zync_err ignored = {0};
	struct zync_event event = {
		.time = zync_clock_now_ms(),
		.job_id = run->job_id,
		.name = back->item.work.name,
		.kind = "host",
		.action = "put-back",
		.state = problem != NULL ? "failed" : "completed",
		.host_config_pk = back->item.work.pk,
		.hostid = back->item.hostid,
		.message = message,
		.exception = problem,
		.user = run->user,
		.request_id = run->request_id,
	};

	if (run->app->config->sync.host_events == ZYNC_EVENT_HOSTS_OFF)
		return;
	/* The hosts matter more than their events. */
	if (zync_store_work_add_event(run->app->store, &event, &ignored) != ZYNC_OK)
		zync_log_warning("Host %s: no event says what putting it back came to: %s", back->item.work.name, ignored.message);
}

static enum zync_status report_failed(struct zync_run *run, const struct zync_back *back, const char *problem, struct zync_err *err)
{
	report_event(run, back, "Could not be put back", problem);
	zync_log_error("Host %s (pk=%llu, hostid %llu) could not be put back: %s", back->item.work.name,
		       (unsigned long long)back->item.work.pk, (unsigned long long)back->item.hostid, problem);
	return zync_run_add_failure(run, &run->put_back.failed, &back->item.work, problem, err);
}

enum zync_status zync_back_report(struct zync_run *run, const struct zync_back *back, struct zync_arena *arena, struct zync_err *err)
{
	const char *message = back->created ? "Put back: deleted again" : "Put back as it was";
	const char *problem = back->error;

	if (problem == NULL && back->nothing)
		return ZYNC_OK;
	if (problem == NULL && back->lost != NULL) {
		problem = zync_arena_printf(arena, "all but %s", back->lost);
		if (problem == NULL)
			return zync_err_nomem(err, "putting hosts back");
	}
	if (problem != NULL)
		return report_failed(run, back, problem, err);
	if (back->note != NULL) {
		zync_log_warning("Host %s (pk=%llu) is put back, but %s", back->item.work.name, (unsigned long long)back->item.work.pk,
				 back->note);
		message = zync_arena_printf(arena, "%s, but %s", message, back->note);
		if (message == NULL)
			return zync_err_nomem(err, "putting hosts back");
	}
	report_event(run, back, message, NULL);
	if (back->created)
		run->put_back.deleted++;
	else
		run->put_back.restored++;
	return ZYNC_OK;
}

/* "core-sw1, core-sw2 and 3 more" */
static void text_names(const struct zync_vec *failed, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < failed->len && len < size; i++) {
		const struct zync_failure *failure = failed->items[i];
		int n;

		if (i == REPORT_NAMES) {
			(void)snprintf(text + len, size - len, " and %zu more", failed->len - i);
			return;
		}
		n = snprintf(text + len, size - len, "%s%s", i > 0 ? ", " : "", failure->name);
		if (n < 0)
			return;
		len += (size_t)n;
	}
}

void zync_put_back_text(const struct zync_run *run, char *text, size_t size)
{
	char names[512];

	if (!run->put_back.tried)
		(void)snprintf(text, size, "; nothing was written to Zabbix");
	else if (run->put_back.broke_off != NULL)
		(void)snprintf(text, size, "; not everything that had been written to Zabbix could be put back: %s",
			       run->put_back.broke_off);
	else if (run->put_back.failed.len == 0)
		(void)snprintf(text, size, "; what had been written to Zabbix is put back");
	else {
		text_names(&run->put_back.failed, names, sizeof(names));
		(void)snprintf(text, size, "; what had been written to Zabbix is put back, but for %zu host%s: %s",
			       run->put_back.failed.len, run->put_back.failed.len == 1 ? "" : "s", names);
	}
}
