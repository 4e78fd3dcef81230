/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of commands: parsing, help, manual page and completion all read it. */
#include "cli/cli.h"

static const char *const STATES[] = {"monitored", "disabled", "removed", "missing", "failed", NULL};
static const char *const JOB_STATUSES[] = {"pending", "scheduled", "running", "completed", "errored", "failed", NULL};
static const char *const EVENT_STATES[] = {"completed", "errored", "failed", NULL};

static const struct cli_option GLOBAL_OPTIONS[] = {
	{"config", 'c', "FILE", "configuration file (default: $ZYNC_CONFIG, ./zync.yaml, ~/.config/zync/zync.yaml, /etc/zync/zync.yaml)",
	 NULL},
	{"json", 0, NULL, "print one JSON document to standard output", NULL},
	{"verbose", 'v', NULL, "say more on standard error; twice: debug", NULL},
	{"quiet", 'q', NULL, "only errors on standard error, no progress", NULL},
	{"no-color", 0, NULL, "no colours (also with NO_COLOR set)", NULL},
	{"user", 0, "NAME", "user name for the audit trail (default: the login name)", NULL},
	{"request-id", 0, "ID", "request id for the audit trail (default: a fresh UUID)", NULL},
	{"help", 'h', NULL, "show this help", NULL},
	{"version", 0, NULL, "show the version", NULL},
};

static const struct cli_option INIT_OPTIONS[] = {
	{"netbox-url", 0, "URL", "address of NetBox", NULL},
	{"zabbix-url", 0, "URL", "address of Zabbix", NULL},
	{"output", 'o', "FILE", "file to write, - for standard output (default: zync.yaml)", NULL},
	{"force", 0, NULL, "replace an existing file", NULL},
};
static const struct cli_option CONVERT_OPTIONS[] = {
	{"output", 'o', "FILE", "file to write (default: standard output)", NULL},
	{"environment", 0, NULL, "let the variables NBZX_KEY overrule the file, as netbox-zabbix-sync does", NULL},
	{"force", 0, NULL, "replace an existing file", NULL},
};
static const struct cli_option CHECK_OPTIONS[] = {
	{"fix", 0, NULL, "create the NetBox custom fields that are missing", NULL},
	{"no-objects", 0, NULL, "do not read all objects from NetBox: only what the servers and the configuration say at once", NULL},
};
static const struct cli_option PULL_OPTIONS[] = {
	{"force", 0, NULL, "go on when NetBox gives far fewer objects than before", NULL},
};
static const struct cli_option PLAN_OPTIONS[] = {
	{"no-pull", 0, NULL, "plan for the stored host configs, without asking NetBox", NULL},
	{"detailed-exit-code", 0, NULL, "exit with 5 when something would change", NULL},
};
static const struct cli_option SYNC_OPTIONS[] = {
	{"no-pull", 0, NULL, "start at the stored host configs, without asking NetBox", NULL},
	{"force", 0, NULL, "go over the safety limits", NULL},
	{"strict", 0, NULL, "stop at the first host that fails, and put back in Zabbix what was written", NULL},
	{"dry-run", 0, NULL, "show the plan and write nothing", NULL},
	{"queue", 0, NULL, "leave the run to `zync serve`", NULL},
};
static const struct cli_option HOST_LIST_OPTIONS[] = {
	{"in-sync", 0, NULL, "only those that are in sync", NULL},
	{"out-of-sync", 0, NULL, "only those that are not in sync or were not compared yet", NULL},
	{"failed", 0, NULL, "only those whose last sync failed", NULL},
	{"server", 0, "NAME", "only those of this Zabbix server", NULL},
	{"state", 0, "STATE", "only those in this state: monitored, disabled, removed, missing, failed", STATES},
};
static const struct cli_option HOST_SHOW_OPTIONS[] = {
	{"actual", 0, NULL, "also what Zabbix has now", NULL},
};
static const struct cli_option HOST_DELETE_OPTIONS[] = {
	{"hard", 0, NULL, "really delete the host with its history, instead of moving it to the graveyard", NULL},
	{"yes", 'y', NULL, "do not ask before a hard deletion", NULL},
};
static const struct cli_option JOB_LIST_OPTIONS[] = {
	{"name", 0, "NAME", "only jobs of this name, such as sync-hosts-now", NULL},
	{"status", 0, "STATUS", "only jobs in this status: pending, scheduled, running, completed, errored, failed", JOB_STATUSES},
	{"limit", 0, "N", "at most this many, newest first (default: 50)", NULL},
};
static const struct cli_option JOB_SHOW_OPTIONS[] = {
	{"follow", 'f', NULL, "wait until the job has ended; the exit code tells how", NULL},
};
static const struct cli_option JOB_RUN_OPTIONS[] = {
	{"at", 0, "TIME", "not before this time: 2026-11-30T02:00Z, \"2026-11-30 02:00\" (local time), 02:00 (the next one), +90m, +2h",
	 NULL},
	{"every", 0, "MINUTES", "again every so many minutes, after success and failure alike", NULL},
	{"timeout", 0, "MINUTES", "stop it after this time; 0: never (default: service.job_timeout of the configuration)", NULL},
	{"now", 0, NULL, "run it in this process at once, without the queue", NULL},
	{"no-pull", 0, NULL, "start at the stored host configs, without asking NetBox", NULL},
	{"force", 0, NULL, "go over the safety limits", NULL},
	{"strict", 0, NULL, "stop at the first host that fails, and put back in Zabbix what was written", NULL},
	{"hard", 0, NULL, "really delete the host with its history", NULL},
	{"yes", 'y', NULL, "do not ask before a hard deletion", NULL},
	{"dry-run", 0, NULL, "say what the job would do, and write nothing to Zabbix", NULL},
	{"older-than", 0, "MINUTES", "re-check what was not checked for so long; 0: all (default: service.refresh_older_than)", NULL},
};
static const struct cli_option JOB_RETRY_OPTIONS[] = {
	{"failed-only", 0, NULL, "only the hosts that failed in it", NULL},
	{"now", 0, NULL, "run it in this process at once, without the queue", NULL},
};
static const struct cli_option EVENT_LIST_OPTIONS[] = {
	{"job", 0, "JOB", "only events of this job (id or its beginning)", NULL},
	{"host", 0, "HOST", "only events of this host", NULL},
	{"state", 0, "STATE", "only events in this state: completed, errored, failed", EVENT_STATES},
	{"since", 0, "TIME", "not before this time: 2026-11-30T02:00Z, \"2026-11-30 02:00\" (local time), 02:00 (the last one), -2h, -7d",
	 NULL},
	{"until", 0, "TIME", "before this time", NULL},
	{"limit", 0, "N", "at most this many, newest first (default: 50)", NULL},
};

#define OPTIONS(a) (a), sizeof(a) / sizeof((a)[0])
#define ANY_COUNT  ((size_t)100000)

static const struct cli_command COMMANDS[] = {
	{NULL, "init", "", 0, 0, "write a commented configuration",
	 "Writes a configuration with every key, its default and its meaning; asks for the addresses on a terminal when they are not "
	 "given. Tokens are not "
	 "written: the file takes them from $NETBOX_TOKEN and $ZABBIX_TOKEN.",
	 "zync init --netbox-url https://netbox.example.com --zabbix-url https://zabbix.example.com", OPTIONS(INIT_OPTIONS), false,
	 cmd_init},
	{NULL, "check", "", 0, 0, "check configuration, servers, permissions and names",
	 "Checks everything that can be known before a sync: the configuration, whether NetBox and each Zabbix answer, their versions, "
	 "what the "
	 "users may do, missing custom fields, and whether the templates, proxies and groups of the mappings exist. Then it reads all "
	 "objects "
	 "from NetBox and says which mappings match none, what host groups come out empty, which templates and proxies Zabbix lacks, and "
	 "which "
	 "objects get no host, and why. Only errors make it fail, warnings do not. Changes nothing without --fix.",
	 "zync check", OPTIONS(CHECK_OPTIONS), true, cmd_check},
	{NULL, "convert-config", "FILE", 1, 1, "turn a configuration of netbox-zabbix-sync into one of Zync",
	 "Reads the config.py of netbox-zabbix-sync (- is standard input) and writes a configuration that gives the same hosts. What "
	 "differs, or "
	 "could not be read because Python works it out when it runs, stands in it as a comment and on standard error. Nothing of the file "
	 "is "
	 "run.",
	 "zync convert-config config.py --output zync.yaml", OPTIONS(CONVERT_OPTIONS), false, cmd_convert},
	{NULL, "pull", "", 0, 0, "read NetBox and store the host configs",
	 "Reads devices and virtual machines from NetBox, derives the desired state of each by the mappings and stores it. Zabbix is not "
	 "touched.",
	 "zync pull", OPTIONS(PULL_OPTIONS), true, cmd_pull},
	{NULL, "plan", "[HOST…]", 0, ANY_COUNT, "show what a sync would change, and change nothing",
	 "Reads NetBox and Zabbix and shows every difference with the rule it comes from. Nothing is written anywhere, not even to Zync's "
	 "own store. A host is named as in "
	 "NetBox or Zabbix, or as pk:N, device:N, vm:N.",
	 "zync plan core-sw1", OPTIONS(PLAN_OPTIONS), true, cmd_plan},
	{NULL, "sync", "[HOST…]", 0, ANY_COUNT, "bring Zabbix in line with NetBox now",
	 "Runs the job sync-hosts-now in this process: pull, derive, observe, plan, apply, record. Hosts that fail do not stop the others. "
	 "When the job itself fails, nothing of it is "
	 "recorded. Safety limits stop a run before its first write. With --strict a host that fails makes the job fail; what "
	 "could not be put back in Zabbix is named host by host.",
	 "zync sync\nzync sync core-sw1 vm:12\nzync sync --queue", OPTIONS(SYNC_OPTIONS), true, cmd_sync},
	{NULL, "explain", "HOST", 1, 1, "show where each value of a host comes from",
	 "Shows for a device or virtual machine which mappings match, which rule set each value, and why it is skipped, disabled or "
	 "removed.",
	 "zync explain core-sw1", NULL, 0, true, cmd_explain},
	{"host", "list", "", 0, 0, "list the host configs",
	 "Lists the stored host configs with their link to Zabbix and their sync status.", "zync host list --failed",
	 OPTIONS(HOST_LIST_OPTIONS), true, cmd_host_list},
	{"host", "show", "HOST", 1, 1, "show one host config",
	 "Shows a host config with its desired state, and with --actual what Zabbix has.", "zync host show core-sw1 --actual",
	 OPTIONS(HOST_SHOW_OPTIONS), true, cmd_host_show},
	{"host", "diff", "HOST", 1, 1, "compare one host with Zabbix",
	 "Compares the stored desired state with Zabbix and stores the sync status. Zabbix is only read.", "zync host diff core-sw1", NULL,
	 0, true, cmd_host_diff},
	{"host", "create", "HOST", 1, 1, "create one host in Zabbix",
	 "Reads the object from NetBox and creates its host. A host that exists already is an error.", "zync host create core-sw1", NULL, 0,
	 true, cmd_host_create},
	{"host", "update", "HOST", 1, 1, "bring one host in line",
	 "Reads the object from NetBox and brings its host in line, by the very same steps as `zync sync`.", "zync host update core-sw1",
	 NULL, 0, true, cmd_host_update},
	{"host", "delete", "HOST", 1, 1, "delete one host in Zabbix",
	 "Renames and disables the host and moves it to the graveyard group; --hard deletes it with its history. The next sync brings it "
	 "back unless its status in NetBox or a mapping says "
	 "that it has no host.",
	 "zync host delete old-sw1", OPTIONS(HOST_DELETE_OPTIONS), true, cmd_host_delete},
	{"host", "adopt", "HOST", 1, 1, "take over a host that exists in Zabbix already",
	 "Links the existing Zabbix host of the same name to its host config. Nothing in Zabbix changes yet: see `zync plan HOST`, the "
	 "next sync brings it in line.",
	 "zync host adopt core-sw1", NULL, 0, true, cmd_host_adopt},
	{NULL, "serve", "", 0, 0, "run queued and recurring jobs until told to stop",
	 "Takes jobs from the queue and runs them, and queues the recurring ones of the configuration, until SIGTERM or Ctrl-C. SIGHUP "
	 "reads the "
	 "configuration again and keeps the old one when the new one is wrong.",
	 "zync serve --config /etc/zync/zync.yaml", NULL, 0, false, cmd_serve},
	{"job", "list", "", 0, 0, "list jobs",
	 "Lists the jobs, newest first, with the progress of those that run and the time of those that are scheduled. -v shows whole ids.",
	 "zync job list --limit 5", OPTIONS(JOB_LIST_OPTIONS), true, cmd_job_list},
	{"job", "show", "JOB", 1, 1, "show a job",
	 "Shows a job with its progress or its result and the hosts it wrote. The beginning of the id is enough. With --follow it waits "
	 "until the "
	 "job has ended and exits as that did: 0 completed, 1 with failed hosts, 4 errored or failed.",
	 "zync job show 1b9d6bcd\nzync job show 1b9d6bcd --follow", OPTIONS(JOB_SHOW_OPTIONS), true, cmd_job_show},
	{"job", "log", "JOB", 1, 1, "show a job's log", "Shows the log lines of a job.", "zync job log 1b9d6bcd", NULL, 0, true,
	 cmd_job_log},
	{"job", "types", "", 0, 0, "list the kinds of jobs", "Lists what jobs there are, what they do and what they take.",
	 "zync job types", NULL, 0, false, cmd_job_types},
	{"job", "run", "NAME [HOST…]", 1, ANY_COUNT, "queue a job, or run it now",
	 "Queues a job for `zync serve`. A job with the same hosts that is queued or running already answers in its stead; a recurring one "
	 "takes "
	 "over time, interval and parameters. With --now the job runs in this process and its result is printed. `zync job types` says "
	 "which "
	 "job takes what.",
	 "zync job run sync-hosts-now --at 02:00\nzync job run host-config-sync-refresh --every 60\nzync job run update-zabbix-host "
	 "core-sw1 --now",
	 OPTIONS(JOB_RUN_OPTIONS), true, cmd_job_run},
	{"job", "cancel", "JOB", 1, 1, "cancel a job",
	 "A job that has not begun fails at once, and a recurring one does not come again. One that runs stops between two calls to "
	 "Zabbix, and "
	 "nothing of it is recorded.",
	 "zync job cancel 1b9d6bcd", NULL, 0, true, cmd_job_cancel},
	{"job", "retry", "JOB", 1, 1, "repeat a job",
	 "Queues a job that has ended once more, with the same hosts and parameters, or only for the hosts that failed in it.",
	 "zync job retry 1b9d6bcd --failed-only", OPTIONS(JOB_RETRY_OPTIONS), true, cmd_job_retry},
	{"event", "list", "", 0, 0, "list the audit trail",
	 "Lists the events, newest first: one a job, and one a host that a job changed or that failed.",
	 "zync event list --host core-sw1\nzync event list --state failed --since -2h", OPTIONS(EVENT_LIST_OPTIONS), true, cmd_event_list},
	{"event", "show", "ID", 1, 1, "show one event", "Shows an event with the host before and after.", "zync event show 42", NULL, 0,
	 true, cmd_event_show},
	{NULL, "completion", "SHELL", 1, 1, "print shell completion", "Prints the completion script for bash, zsh or fish.",
	 "zync completion bash > /etc/bash_completion.d/zync", NULL, 0, false, cmd_completion},
	{NULL, "manual", "", 0, 0, "print the manual page", "Prints the manual page in man(7) format; `make install` installs it.",
	 "zync manual | man -l -", NULL, 0, false, cmd_manual},
	{NULL, "help", "[COMMAND]", 0, 2, "show help", "Shows the commands, or one command with its options and an example.",
	 "zync help sync", NULL, 0, false, cmd_help},
};

static const char *const EXIT_CODES[] = {
	"done",
	"some hosts failed",
	"usage or configuration",
	"NetBox or Zabbix not reachable or not authorised",
	"the job errored and was rolled back",
	"changes pending (plan --detailed-exit-code)",
	"stopped by a safety limit",
};

const struct cli_command *cli_commands(size_t *ret_count)
{
	*ret_count = sizeof(COMMANDS) / sizeof(COMMANDS[0]);
	return COMMANDS;
}

const struct cli_option *cli_global_options(size_t *ret_count)
{
	*ret_count = sizeof(GLOBAL_OPTIONS) / sizeof(GLOBAL_OPTIONS[0]);
	return GLOBAL_OPTIONS;
}

const char *const *cli_exit_codes(size_t *ret_count)
{
	*ret_count = sizeof(EXIT_CODES) / sizeof(EXIT_CODES[0]);
	return EXIT_CODES;
}
