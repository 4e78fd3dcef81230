/* SPDX-License-Identifier: Apache-2.0 */
/* help, manual, completion. */
#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"

int cmd_help(struct cli *cli)
{
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);
	bool found = false;

	if (cli->arg_count == 0) {
		cli_help_overview(stdout);
		return ZYNC_EXIT_DONE;
	}
	for (size_t i = 0; i < count; i++) {
		const char *group = commands[i].group;
		bool whole_group = group != NULL && cli->arg_count == 1 && zync_str_eq(cli->args[0], group);
		const char *name = cli->args[cli->arg_count - 1];
		bool exact =
			zync_str_eq(commands[i].name, name) && (cli->arg_count == 1 ? group == NULL : zync_str_eq(group, cli->args[0]));

		if (!whole_group && !exact)
			continue;
		if (found)
			(void)printf("\n");
		cli_help_command(&commands[i], stdout);
		found = true;
	}
	if (found)
		return ZYNC_EXIT_DONE;
	return cli_fail(cli, zync_err_set(&cli->err, ZYNC_ERR_INVALID, "there is no command \"%s%s%s\"; see `zync help`", cli->args[0],
					  cli->arg_count > 1 ? " " : "", cli->arg_count > 1 ? cli->args[1] : ""));
}

int cmd_manual(struct cli *cli)
{
	(void)cli;
	cli_manual(stdout);
	return ZYNC_EXIT_DONE;
}

int cmd_completion(struct cli *cli)
{
	if (cli_completion(cli->args[0], stdout))
		return ZYNC_EXIT_DONE;
	return cli_fail(cli, zync_err_set(&cli->err, ZYNC_ERR_INVALID, "no completion for \"%s\"; use bash, zsh or fish", cli->args[0]));
}
