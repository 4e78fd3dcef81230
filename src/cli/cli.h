/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cli.h
 * The program `zync`: a client of the public API. One table of commands (commands.c) is the source of parsing, help, manual page and shell completion; one file a group of
 * commands runs them; what is printed goes through output.c.
 */
#ifndef ZYNC_CLI_CLI_H
#define ZYNC_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "zync/zync.h"

/** Exit codes (DESIGN section 7). */
enum zync_exit {
	ZYNC_EXIT_DONE = 0,
	ZYNC_EXIT_HOSTS_FAILED = 1,
	ZYNC_EXIT_USAGE = 2,
	ZYNC_EXIT_UNREACHABLE = 3,
	ZYNC_EXIT_ERRORED = 4,
	ZYNC_EXIT_CHANGES = 5,
	ZYNC_EXIT_SAFETY = 6
};

struct cli_option {
	const char *name;  /**< without dashes */
	char letter;	   /**< 0: none */
	const char *value; /**< what it takes, as shown in help ("FILE"); NULL: a flag */
	const char *help;
	const char *const *words; /**< the only values allowed, NULL-terminated; NULL: any */
};

struct cli;

struct cli_command {
	const char *group; /**< "host", "job", "event" or NULL */
	const char *name;
	const char *args; /**< as shown in help: "HOST", "[HOST…]", "" */
	size_t min_args, max_args;
	const char *summary;	 /**< one line */
	const char *description; /**< a paragraph */
	const char *example;	 /**< one or more lines, each a command */
	const struct cli_option *options;
	size_t option_count;
	bool needs_instance; /**< opens configuration and store first */
	int (*run)(struct cli *cli);
};

#define CLI_MAX_OPTIONS 16

/** One call of the program. */
struct cli {
	const struct cli_command *command;   /**< NULL: none given */
	const char *values[CLI_MAX_OPTIONS]; /**< of the command's options, NULL: not given; flags have "" */
	const char **args;
	size_t arg_count;
	/* global options */
	const char *config_path;
	const char *user;
	const char *request_id;
	bool json, no_color, quiet, help, version;
	unsigned verbose;
	/* running */
	bool color; /**< standard output is a terminal and colours are wanted */
	struct zync *zync;
	struct zync_arena *arena;
	struct zync_err err;
};

/* commands.c */
const struct cli_command *cli_commands(size_t *ret_count);
const struct cli_option *cli_global_options(size_t *ret_count);
/** The exit codes with their meaning, for help and manual: index is the code. */
const char *const *cli_exit_codes(size_t *ret_count);

/* options.c */
/** Parse the command line. INVALID errors say what is wrong and where help is. */
enum zync_status cli_parse(struct cli *cli, int argc, char **argv, struct zync_err *err);
/** Value of the command's option @p name; NULL: not given. */
const char *cli_value(const struct cli *cli, const char *name);
bool cli_flag(const struct cli *cli, const char *name);
/** A whole number from 1, or @p def when the option is not given. */
enum zync_status cli_number(const struct cli *cli, const char *name, uint64_t def, uint64_t *ret, struct zync_err *err);

/** A whole number of minutes from @p min to a year, or @p def when the option is not given. */
enum zync_status cli_minutes(const struct cli *cli, const char *name, int64_t min, int64_t def, int64_t *ret, struct zync_err *err);

/* when.c */

/** What a time of day alone means. */
enum cli_when {
	CLI_WHEN_NEXT = 0, /**< the next one; and a time that is past is an error */
	CLI_WHEN_LAST	   /**< the last one, as for things that happened */
};
/**
 * The time that --@p option says: "2026-11-30T02:00Z" or another zone, "2026-11-30 02:00" and "2026-11-30" in local time, "02:00", "+90m", "-2h", "+1d12h". In milliseconds since
 * 1970 UTC; @p now is the time that it is. INVALID says what may be written.
 */
enum zync_status cli_when(const char *option, const char *text, enum cli_when when, int64_t now, int64_t *ret, struct zync_err *err);

/* help.c, manual.c, completion.c */
void cli_help_overview(FILE *out);
void cli_help_command(const struct cli_command *command, FILE *out);
void cli_manual(FILE *out);
bool cli_completion(const char *shell, FILE *out);

/* output.c */
/** Colours, "" when off. */
const char *cli_color(const struct cli *cli, const char *name);
/** A text that may hold anything, made safe for a terminal: control characters as \xNN. */
const char *cli_safe(struct cli *cli, const char *text);
/** Print the error to standard error and give the exit code that belongs to it. */
int cli_fail(struct cli *cli, enum zync_status status);
/** With --json: print the document and return true. Else parse it into *ret_root. */
bool cli_print_json(struct cli *cli, const struct zync_result *result, const struct zync_jval **ret_root);
/** The same, but *ret_root is set also with --json. */
bool cli_print_and_read(struct cli *cli, const struct zync_result *result, const struct zync_jval **ret_root);
/** "2026-11-22 21:30:07" in local time of an ISO text, "-" for NULL. */
const char *cli_time(struct cli *cli, const char *iso);
/** Title and indented JSON of an object, "nothing" for anything else. */
void cli_print_pretty(struct cli *cli, const char *title, const struct zync_jval *value);
uint64_t cli_u64(const struct zync_jval *object, const char *key);
const char *cli_str(struct cli *cli, const struct zync_jval *object, const char *key, const char *def);

/** Colour of a job's or an event's state. */
const char *cli_state_color(const char *state);
struct cli_table;
/** Print the document of a list, or a table with one row an element of @p key; frees @p result and gives the exit code. */
int cli_print_list(struct cli *cli, enum zync_status status, struct zync_result *result, const char *key, const char *const *heads,
		   void (*row)(struct cli *cli, struct cli_table *table, const struct zync_jval *element));

/* table.c */
/** A table with aligned columns; @p heads NULL-terminated. */
struct cli_table *cli_table_new(struct cli *cli, const char *const *heads);
void cli_table_cell(struct cli_table *table, const char *text, const char *color);
void cli_table_print(struct cli_table *table, FILE *out);

/* progress.c */
void cli_progress_start(struct cli *cli);
void cli_progress(void *ctx, const struct zync_progress *progress);
void cli_progress_stop(void);

/* render_plan.c */
void cli_render_operations(struct cli *cli, const struct zync_jval *operations, FILE *out);
void cli_render_plan(struct cli *cli, const struct zync_jval *plan, FILE *out);

/* render_explain.c */

/** One object of `zync explain`. */
void cli_render_explained(struct cli *cli, const struct zync_jval *host);

/* render_job.c */

/** What a finished job gave, as the command of its own prints it. @p name is the kind of job. */
void cli_render_result(struct cli *cli, const char *name, const struct zync_jval *root, const struct zync_sync_summary *summary);
/** Hosts that a job put back after a failure under --strict, above all those that it could not; nothing when it put none back. */
void cli_render_put_back(struct cli *cli, const struct zync_jval *root, FILE *out);
/** Where a job is or when it comes: "apply 120/300 40 %, 25/s, left 7 s", "2026-11-30 02:00:00, every 60 min"; "" when it has ended. */
const char *cli_job_progress(struct cli *cli, const struct zync_jval *job);
/** Print what became of a job that ran in this process, free @p result, and give the exit code. */
int cli_job_done(struct cli *cli, const char *name, enum zync_status status, struct zync_result *result,
		 const struct zync_sync_summary *summary);
/** As cli_fail() for what the queue refuses: no job failed, somebody asked for what cannot be, such as cancelling a job that has ended. */
int cli_fail_queue(struct cli *cli, enum zync_status status);
/** Print the answer of the queue, free @p result, and give the exit code. */
int cli_job_queued(struct cli *cli, enum zync_status status, struct zync_result *result);

/* cmd_host.c */

/** Has the person at the terminal, or --yes, confirmed that the host goes for good? */
bool cli_confirm_hard(struct cli *cli, const char *host);

/* cmd_setup.c */

/** Write a new file; one that exists is replaced only with --force. */
enum zync_status cli_write_file(struct cli *cli, const char *path, const char *text);

/* cmd_*.c */
int cmd_init(struct cli *cli);
int cmd_check(struct cli *cli);
int cmd_convert(struct cli *cli);
int cmd_pull(struct cli *cli);
int cmd_plan(struct cli *cli);
int cmd_sync(struct cli *cli);
int cmd_explain(struct cli *cli);
int cmd_host_list(struct cli *cli);
int cmd_host_show(struct cli *cli);
int cmd_host_diff(struct cli *cli);
int cmd_host_create(struct cli *cli);
int cmd_host_update(struct cli *cli);
int cmd_host_delete(struct cli *cli);
int cmd_host_adopt(struct cli *cli);
int cmd_job_list(struct cli *cli);
int cmd_job_show(struct cli *cli);
int cmd_job_log(struct cli *cli);
int cmd_job_run(struct cli *cli);
int cmd_job_types(struct cli *cli);
int cmd_job_cancel(struct cli *cli);
int cmd_job_retry(struct cli *cli);
int cmd_event_list(struct cli *cli);
int cmd_event_show(struct cli *cli);
int cmd_serve(struct cli *cli);
int cmd_help(struct cli *cli);
int cmd_manual(struct cli *cli);
int cmd_completion(struct cli *cli);

#endif
