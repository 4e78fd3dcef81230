/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs for people: what one gave, where it is, when it comes, and what the queue answers. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"

#define FAILURES_SHOWN 20

static void render_failures(struct cli *cli, const struct zync_jval *failures)
{
	const struct zync_jval *failure;
	struct zync_jiter it;
	size_t shown = 0;

	zync_jiter_init(&it, failures);
	while ((failure = zync_jiter_next(&it, NULL)) != NULL && shown++ < FAILURES_SHOWN)
		(void)printf("  %s! %s%s (pk=%" PRIu64 "): %s\n", cli_color(cli, "red"), cli_str(cli, failure, "name", "?"),
			     cli_color(cli, "off"), cli_u64(failure, "host_config_id"), cli_str(cli, failure, "error", ""));
	if (zync_jval_len(failures) > FAILURES_SHOWN)
		(void)printf("  … and %zu more: zync host list --failed\n", zync_jval_len(failures) - FAILURES_SHOWN);
}

static void render_sync(struct cli *cli, const struct zync_jval *root, const struct zync_sync_summary *summary)
{
	char duration[ZYNC_TIME_TEXT_SIZE];

	(void)printf("%s%s%s\n", cli_color(cli, summary->failed > 0 ? "yellow" : "green"), cli_str(cli, root, "message", summary->message),
		     cli_color(cli, "off"));
	(void)printf("  %" PRIu64 " created, %" PRIu64 " changed, %" PRIu64 " disabled, %" PRIu64 " deleted, %" PRIu64
		     " unchanged; %" PRIu64 " skipped\n",
		     summary->created, summary->changed, summary->disabled, summary->deleted, summary->unchanged, summary->skipped);
	render_failures(cli, zync_jval_get(root, "failures"));
	(void)printf("%s  %s, %" PRIu64 " calls to Zabbix (%" PRIu64 " writing), %" PRIu64 " to NetBox; job %s%s\n", cli_color(cli, "dim"),
		     zync_duration_format(summary->duration_ms, duration), summary->zabbix_calls, summary->zabbix_write_calls,
		     summary->netbox_calls, summary->job_id, cli_color(cli, "off"));
}

static void render_pull(struct cli *cli, const struct zync_jval *root)
{
	(void)printf("%s\n", cli_str(cli, root, "message", ""));
	(void)printf("  %" PRIu64 " new, %" PRIu64 " changed, %" PRIu64 " unchanged; %" PRIu64 " to be removed, %" PRIu64
		     " missing, %" PRIu64 " skipped (%" PRIu64 " of them without an address)\n",
		     cli_u64(root, "new"), cli_u64(root, "changed"), cli_u64(root, "unchanged"), cli_u64(root, "removed"),
		     cli_u64(root, "missing"), cli_u64(root, "skipped"), cli_u64(root, "without_address"));
}

static void render_words(struct cli *cli, const char *key)
{
	for (const char *c = cli_safe(cli, key); *c != '\0'; c++)
		(void)fputc(*c == '_' ? ' ' : *c, stdout);
}

/* "  zabbix: 45 templates, 12 groups; not readable: proxies" of an object with a name, numbers and lists. */
static void render_part(struct cli *cli, const struct zync_jval *part)
{
	const struct zync_jval *value;
	const char *key = NULL;
	struct zync_jiter it;
	const char *before = ": ";

	(void)printf("  %s%s%s", cli_color(cli, "bold"), cli_str(cli, part, "name", "?"), cli_color(cli, "off"));
	zync_jiter_init(&it, part);
	while ((value = zync_jiter_next(&it, &key)) != NULL) {
		const struct zync_jval *word;
		struct zync_jiter words;

		if (zync_jval_type(value) == ZYNC_JSON_INT) {
			(void)printf("%s%s ", before, cli_safe(cli, zync_jval_text(cli->arena, value)));
			render_words(cli, key);
			before = ", ";
		}
		if (zync_jval_type(value) != ZYNC_JSON_ARRAY || zync_jval_len(value) == 0)
			continue;
		(void)fputs("; ", stdout);
		render_words(cli, key);
		zync_jiter_init(&words, value);
		for (const char *comma = ": "; (word = zync_jiter_next(&words, NULL)) != NULL; comma = ", ")
			(void)printf("%s%s", comma, cli_safe(cli, zync_jval_text(cli->arena, word)));
	}
	(void)fputc('\n', stdout);
}

/* What became of each host group: "  - NetBox/ams1", "    NetBox/ams2 stays: it has 3 hosts". */
static void render_groups(struct cli *cli, const struct zync_jval *groups)
{
	const struct zync_jval *group;
	struct zync_jiter it;

	zync_jiter_init(&it, groups);
	while ((group = zync_jiter_next(&it, NULL)) != NULL) {
		const char *action = zync_jval_get_str(group, "action");
		const char *reason = cli_str(cli, group, "reason", NULL);
		bool gone = zync_str_eq(action, "delete");

		(void)printf("  %s%s %s%s", cli_color(cli, gone ? "red" : "dim"), gone ? "-" : " ", cli_str(cli, group, "name", "?"),
			     cli_color(cli, "off"));
		(void)printf("%s%s%s\n",
			     gone			   ? ""
			     : zync_str_eq(action, "keep") ? " stays"
							   : " is forgotten",
			     reason != NULL ? ": " : "", reason != NULL ? reason : "");
	}
}

/* Any other kind: its message, its parts, its failures. */
static void render_other(struct cli *cli, const struct zync_jval *root)
{
	const struct zync_jval *failures = zync_jval_get(root, "failures");
	const struct zync_jval *part;
	struct zync_jiter it;

	(void)printf("%s%s%s\n", cli_color(cli, zync_jval_len(failures) > 0 ? "yellow" : "green"), cli_str(cli, root, "message", "Done."),
		     cli_color(cli, "off"));
	zync_jiter_init(&it, zync_jval_get(root, "servers"));
	while ((part = zync_jiter_next(&it, NULL)) != NULL)
		render_part(cli, part);
	render_groups(cli, zync_jval_get(root, "groups"));
	render_failures(cli, failures);
	(void)printf("%s  job %s%s\n", cli_color(cli, "dim"), cli_str(cli, root, "job_id", "-"), cli_color(cli, "off"));
}

void cli_render_result(struct cli *cli, const char *name, const struct zync_jval *root, const struct zync_sync_summary *summary)
{
	if (zync_str_eq(name, "sync-hosts-now"))
		render_sync(cli, root, summary);
	else if (zync_str_eq(name, "pull"))
		render_pull(cli, root);
	else if (zync_jval_get(root, "action") != NULL) /* of a single host */
		(void)printf("%s\n", cli_str(cli, root, "message", "Done."));
	else
		render_other(cli, root);
}

void cli_render_put_back(struct cli *cli, const struct zync_jval *root, FILE *out)
{
	const struct zync_jval *put_back = zync_jval_get(root, "put_back");
	const struct zync_jval *failed = zync_jval_get(put_back, "failed");
	const struct zync_jval *host;
	struct zync_jiter it;

	if (cli_u64(put_back, "restored") + cli_u64(put_back, "deleted") + cli_u64(put_back, "groups") + zync_jval_len(failed) == 0)
		return;
	(void)fprintf(out,
		      "zync: put back in Zabbix: %" PRIu64 " hosts as they were, %" PRIu64 " created hosts deleted, %" PRIu64
		      " created groups deleted\n",
		      cli_u64(put_back, "restored"), cli_u64(put_back, "deleted"), cli_u64(put_back, "groups"));
	if (zync_jval_len(failed) > 0)
		(void)fprintf(out, "zync: %zu could not be put back and are in Zabbix as this run left them:\n", zync_jval_len(failed));
	zync_jiter_init(&it, failed);
	while ((host = zync_jiter_next(&it, NULL)) != NULL) /* each of them: nobody else will tell */
		(void)fprintf(out, "  ! %s (pk=%s): %s\n", cli_str(cli, host, "name", "?"), cli_str(cli, host, "host_config_id", "-"),
			      cli_str(cli, host, "error", ""));
}

static const char *job_running(struct cli *cli, const struct zync_jval *job)
{
	const struct zync_jval *progress = zync_jval_get(job, "progress");
	uint64_t current = cli_u64(progress, "current");
	uint64_t total = cli_u64(progress, "total");
	double rate = zync_jval_real(zync_jval_get(progress, "rate"));
	bool stopping = zync_jval_get_str(job, "cancel") != NULL;
	char left[ZYNC_TIME_TEXT_SIZE];
	int64_t left_ms = -1;
	ZYNC_AUTO_BUF text = {0};

	zync_buf_init(&text, 512);
	zync_buf_printf(&text, "%s%s", stopping ? "stopping: " : "", cli_str(cli, progress, "phase", "starting"));
	if (total > 0)
		zync_buf_printf(&text, " %" PRIu64 "/%" PRIu64 " %" PRIu64 " %%", current, total,
				current >= total ? 100 : current * 100 / total);
	else if (current > 0)
		zync_buf_printf(&text, " %" PRIu64, current);
	if (rate > 0)
		zync_buf_printf(&text, rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
	if (zync_jval_to_i64(zync_jval_get(progress, "left_ms"), &left_ms) && left_ms > 0)
		zync_buf_printf(&text, ", left %s", zync_duration_format(left_ms, left));
	return text.failed == ZYNC_OK ? zync_arena_strdup(cli->arena, text.data) : NULL;
}

const char *cli_job_progress(struct cli *cli, const struct zync_jval *job)
{
	const char *status = zync_jval_get_str(job, "status");
	const char *run_at = zync_jval_get_str(job, "run_at");
	const char *text = "";

	if (zync_str_eq(status, "running"))
		text = job_running(cli, job);
	else if (zync_str_eq(status, "pending"))
		text = "waiting for its turn";
	else if (zync_str_eq(status, "scheduled"))
		text = cli_time(cli, run_at);
	if (text != NULL && text[0] != '\0' && cli_u64(job, "every") > 0)
		text = zync_arena_printf(cli->arena, "%s, every %" PRIu64 " min", text, cli_u64(job, "every"));
	return text != NULL ? text : "(out of memory)";
}

int cli_job_done(struct cli *cli, const char *name, enum zync_status status, struct zync_result *result,
		 const struct zync_sync_summary *summary)
{
	const struct zync_jval *root = NULL;
	const char *problem;
	bool printed = false;
	int code;

	if (status != ZYNC_OK) {
		code = cli_fail(cli, status);
		if (result != NULL)
			(void)cli_print_and_read(cli, result, &root);
		cli_render_put_back(cli, root, stderr);
		if (status == ZYNC_ERR_CONFLICT && result == NULL)
			return ZYNC_EXIT_USAGE; /* no job ran */
		zync_result_free(result);
		/* What had begun to write and then failed is an errored job, also when the reason is a server that is gone. */
		return code == ZYNC_EXIT_UNREACHABLE && summary->zabbix_write_calls > 0 ? ZYNC_EXIT_ERRORED : code;
	}
	printed = cli_print_and_read(cli, result, &root);
	problem = zync_jval_get_str(root, "error");
	code = summary->failed > 0 || problem != NULL ? ZYNC_EXIT_HOSTS_FAILED : ZYNC_EXIT_DONE;
	if (problem != NULL) /* the job of a single host completed, its host did not */
		(void)cli_fail(cli, zync_err_set(&cli->err, ZYNC_ERR_REJECTED, "%s: %s", cli_str(cli, root, "name", name), problem));
	else if (!printed)
		cli_render_result(cli, name, root, summary);
	zync_result_free(result);
	return code;
}

/* "at 2026-11-30 02:00:00 (in 5 h 12 min)" of a time that is ahead. */
static const char *queued_when(struct cli *cli, const struct zync_jval *root)
{
	const char *iso = zync_jval_get_str(root, "run_at");
	char span[ZYNC_TIME_TEXT_SIZE];
	int64_t ms = 0;
	int64_t now = zync_clock_now_ms();
	const char *text = "as soon as a worker of `zync serve` is free";

	if (iso != NULL && zync_time_parse(iso, &ms) && ms > now)
		text = zync_arena_printf(cli->arena, "at %s (in %s)", cli_time(cli, iso),
					 zync_duration_format(ms - now + 500, span)); /* to the nearest second */
	return text != NULL ? text : "later";
}

int cli_fail_queue(struct cli *cli, enum zync_status status)
{
	int code = cli_fail(cli, status);

	return status == ZYNC_ERR_CONFLICT ? ZYNC_EXIT_USAGE : code;
}

int cli_job_queued(struct cli *cli, enum zync_status status, struct zync_result *result)
{
	const struct zync_jval *root = NULL;

	if (status != ZYNC_OK)
		return cli_fail_queue(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		const char *name = cli_str(cli, root, "name", "the job");
		const char *state = cli_str(cli, root, "status", "");
		const char *id = cli_str(cli, root, "job_id", "?");
		uint64_t every = cli_u64(root, "every");
		bool existing = zync_jval_is_true(zync_jval_get(root, "existing"));

		(void)printf("%s%s%s is queued%s as job %s", cli_color(cli, existing ? "yellow" : "green"), name, cli_color(cli, "off"),
			     existing ? " already" : "", id);
		if (zync_str_eq(state, "running"))
			(void)printf(", which is running");
		else
			(void)printf("; it runs %s", queued_when(cli, root));
		if (every > 0)
			(void)printf(", then every %" PRIu64 " min", every);
		(void)printf("\n%s  zync job show %.8s --follow%s\n", cli_color(cli, "dim"), id, cli_color(cli, "off"));
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}
