/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"

/* The instance that a signal cancels. */
static struct zync *volatile main_zync;

static volatile sig_atomic_t main_silent, main_terminal;

/*
 * The first signal asks the run to stop between two calls, and says so; the next one, of either kind, ends the process at once, as usual. The line begins by clearing what the
 * progress bar, or the terminal's "^C", left on it.
 */
static void main_on_signal(int number)
{
	static const char LINE[] = "zync: stopping after the call that is under way; once more to stop at once\n";
	static const char CLEAR[] = "\r\033[K";
	int saved = errno;

	(void)number;
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	if (main_silent == 0) {
		if (main_terminal != 0)
			(void)!write(STDERR_FILENO, CLEAR, sizeof(CLEAR) - 1);
		(void)!write(STDERR_FILENO, LINE, sizeof(LINE) - 1);
	}
	if (main_zync != NULL)
		zync_cancel(main_zync);
	errno = saved;
}

static void main_catch_signals(const struct cli *cli)
{
	struct sigaction action = {.sa_handler = main_on_signal};

	main_silent = cli->quiet ? 1 : 0;
	main_terminal = isatty(STDERR_FILENO) == 1;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static const char *main_user(const struct cli *cli)
{
	const struct passwd *entry;

	if (cli->user != NULL)
		return cli->user;
	entry = getpwuid(geteuid());
	return entry != NULL ? entry->pw_name : NULL;
}

static enum zync_status main_open(struct cli *cli)
{
	struct zync_open_params params = {
		.config_path = cli->config_path,
		.user = main_user(cli),
		.request_id = cli->request_id,
		.progress = cli_progress,
	};
	struct zync *zync = NULL;

	ZYNC_TRY(zync_open(&params, &zync, &cli->err));
	cli->zync = zync;
	main_zync = zync;
	main_catch_signals(cli);
	return ZYNC_OK;
}

/* -q and -v go over what the configuration says. */
static enum zync_status main_log_level(struct cli *cli)
{
	static const char *const LEVELS[] = {"warning", "info", "debug"};
	bool json = zync_log_get_format() == ZYNC_LOG_JSON;

	if (cli->quiet)
		return zync_log_configure("error", json, &cli->err);
	if (cli->verbose > 0)
		return zync_log_configure(LEVELS[ZYNC_MIN(cli->verbose, 2u)], json, &cli->err);
	return ZYNC_OK;
}

static int main_command(struct cli *cli)
{
	enum zync_status status = ZYNC_OK;
	int code;

	if (cli->command->needs_instance)
		status = main_open(cli);
	if (status == ZYNC_OK)
		status = main_log_level(cli);
	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	code = cli->command->run(cli);
	if (fflush(stdout) != 0 && code == ZYNC_EXIT_DONE) {
		(void)fprintf(stderr, "zync: standard output could not be written\n");
		code = ZYNC_EXIT_ERRORED;
	}
	return code;
}

static int main_run(struct cli *cli, int argc, char **argv)
{
	enum zync_status status;

	status = zync_log_configure("warning", false, &cli->err);
	if (status == ZYNC_OK)
		status = cli_parse(cli, argc, argv, &cli->err);
	cli->color = !cli->no_color && !cli->json && isatty(STDOUT_FILENO) == 1 && zync_str_empty(getenv("NO_COLOR")) &&
		     !zync_str_eq(getenv("TERM"), "dumb");
	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (cli->version) {
		(void)printf("zync %s\n", zync_version());
		return ZYNC_EXIT_DONE;
	}
	if (cli->command == NULL || cli->help) {
		if (cli->command != NULL)
			cli_help_command(cli->command, stdout);
		else
			cli_help_overview(cli->help ? stdout : stderr);
		return cli->help ? ZYNC_EXIT_DONE : ZYNC_EXIT_USAGE;
	}
	return main_command(cli);
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	int code;

	cli.arena = zync_arena_new(0);
	if (cli.arena == NULL) {
		(void)fputs("zync: out of memory\n", stderr);
		return ZYNC_EXIT_ERRORED;
	}
	code = main_run(&cli, argc, argv);
	main_zync = NULL;
	zync_close(cli.zync);
	zync_arena_free(cli.arena);
	zync_log_reset();
	return code;
}
