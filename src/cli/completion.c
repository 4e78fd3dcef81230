/* SPDX-License-Identifier: Apache-2.0 */
/* Shell completion from the table of commands: words of commands, then options of the command. */
#include <string.h>

#include "base/str.h"
#include "cli/cli.h"

static bool first_of_group(const struct cli_command *commands, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (zync_str_eq(commands[i].group, commands[index].group))
			return false;
	}
	return true;
}

static void completion_top_words(FILE *out)
{
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);

	for (size_t i = 0; i < count; i++) {
		if (commands[i].group == NULL)
			(void)fprintf(out, "%s ", commands[i].name);
		else if (first_of_group(commands, i))
			(void)fprintf(out, "%s ", commands[i].group);
	}
}

static void completion_options(const struct cli_option *options, size_t count, FILE *out)
{
	for (size_t i = 0; i < count; i++)
		(void)fprintf(out, "--%s ", options[i].name);
}

static void completion_group_words(const char *group, FILE *out)
{
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);

	for (size_t i = 0; i < count; i++) {
		if (zync_str_eq(commands[i].group, group))
			(void)fprintf(out, "%s ", commands[i].name);
	}
}

/* bash, and zsh through bashcompinit. */
static void completion_bash(FILE *out)
{
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);
	size_t global_count = 0;
	const struct cli_option *globals = cli_global_options(&global_count);

	(void)fputs("_zync() {\n\tlocal cur=\"${COMP_WORDS[COMP_CWORD]}\" words=() word\n"
		    "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do [[ $word == -* ]] || words+=(\"$word\"); done\n"
		    "\tlocal options=\"",
		    out);
	completion_options(globals, global_count, out);
	(void)fputs("\" commands=\"\"\n\tcase \"${words[*]}\" in\n\t\"\") commands=\"", out);
	completion_top_words(out);
	(void)fputs("\" ;;\n", out);
	for (size_t i = 0; i < count; i++) {
		if (commands[i].group != NULL && first_of_group(commands, i)) {
			(void)fprintf(out, "\t\"%s\") commands=\"", commands[i].group);
			completion_group_words(commands[i].group, out);
			(void)fputs("\" ;;\n", out);
		}
		(void)fprintf(out, "\t\"%s%s%s\"*) options+=\"", commands[i].group != NULL ? commands[i].group : "",
			      commands[i].group != NULL ? " " : "", commands[i].name);
		completion_options(commands[i].options, commands[i].option_count, out);
		(void)fputs("\" ;;\n", out);
	}
	(void)fputs("\tesac\n\tif [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
		    "\telse COMPREPLY=($(compgen -W \"$commands\" -- \"$cur\")); fi\n}\n"
		    "complete -o default -F _zync zync\n",
		    out);
}

static void completion_fish(FILE *out)
{
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);
	size_t global_count = 0;
	const struct cli_option *globals = cli_global_options(&global_count);

	(void)fputs("complete -c zync -n __fish_use_subcommand -f -a '", out);
	completion_top_words(out);
	(void)fputs("'\n", out);
	for (size_t i = 0; i < global_count; i++)
		(void)fprintf(out, "complete -c zync -l %s -d '%s'\n", globals[i].name, globals[i].help);
	for (size_t i = 0; i < count; i++) {
		if (commands[i].group != NULL && first_of_group(commands, i)) {
			(void)fprintf(out, "complete -c zync -n '__fish_seen_subcommand_from %s' -f -a '", commands[i].group);
			completion_group_words(commands[i].group, out);
			(void)fputs("'\n", out);
		}
		for (size_t o = 0; o < commands[i].option_count; o++)
			(void)fprintf(out, "complete -c zync -n '%s%s%s__fish_seen_subcommand_from %s' -l %s -d '%s'\n",
				      commands[i].group != NULL ? "__fish_seen_subcommand_from " : "",
				      commands[i].group != NULL ? commands[i].group : "", commands[i].group != NULL ? "; and " : "",
				      commands[i].name, commands[i].options[o].name, commands[i].options[o].help);
	}
}

bool cli_completion(const char *shell, FILE *out)
{
	if (zync_str_eq(shell, "bash")) {
		completion_bash(out);
	} else if (zync_str_eq(shell, "zsh")) {
		(void)fputs("autoload -U +X bashcompinit && bashcompinit\n", out);
		completion_bash(out);
	} else if (zync_str_eq(shell, "fish")) {
		completion_fish(out);
	} else {
		return false;
	}
	return true;
}
