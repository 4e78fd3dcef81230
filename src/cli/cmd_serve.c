/* SPDX-License-Identifier: Apache-2.0 */
/* serve: the daemon, until a signal ends it. */
#include <signal.h>

#include "base/log.h"
#include "base/macros.h"
#include "cli/cli.h"

/* The service that signals speak to: a handler is given nothing but a number. */
static struct zync_service *volatile serve_service;

static void serve_default_signals(void)
{
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
}

/* The first SIGINT or SIGTERM asks the service to stop; the next one, of either kind, ends the process at once, as usual. */
static void serve_on_stop(ZYNC_UNUSED int number)
{
	serve_default_signals();
	zync_service_stop(serve_service);
}

static void serve_on_reload(ZYNC_UNUSED int number)
{
	zync_service_reload(serve_service);
}

static void serve_catch_signals(void)
{
	struct sigaction stop = {.sa_handler = serve_on_stop};
	struct sigaction reload = {.sa_handler = serve_on_reload, .sa_flags = SA_RESTART};

	(void)sigemptyset(&stop.sa_mask);
	(void)sigemptyset(&reload.sa_mask);
	(void)sigaction(SIGINT, &stop, NULL);
	(void)sigaction(SIGTERM, &stop, NULL);
	(void)sigaction(SIGHUP, &reload, NULL);
}

/* -q and -v go over what the configuration says, also at a reload. */
static enum zync_status serve_log_level(struct cli *cli)
{
	bool json = zync_log_get_format() == ZYNC_LOG_JSON;

	if (cli->quiet)
		return zync_log_configure("error", json, &cli->err);
	if (cli->verbose > 0)
		return zync_log_configure(cli->verbose > 1 ? "debug" : "info", json, &cli->err);
	return ZYNC_OK;
}

int cmd_serve(struct cli *cli)
{
	struct zync_open_params params = {
		.config_path = cli->config_path,
		.user = cli->user != NULL ? cli->user : "service",
		.request_id = cli->request_id,
	};
	struct zync_service *service = NULL;
	enum zync_status status;

	(void)signal(SIGPIPE, SIG_IGN);
	status = zync_service_open(&params, &service, &cli->err);
	if (status == ZYNC_OK)
		status = serve_log_level(cli);
	if (status == ZYNC_OK) {
		serve_service = service;
		serve_catch_signals();
		status = zync_service_run(service, &cli->err);
		(void)signal(SIGHUP, SIG_IGN);
		serve_default_signals();
	}
	zync_service_close(service);
	return status == ZYNC_OK ? ZYNC_EXIT_DONE : cli_fail(cli, status);
}
