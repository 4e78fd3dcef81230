/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/cli.h"

static void help_command_name(const struct cli_command *command, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s%s%s%s%s", command->group != NULL ? command->group : "", command->group != NULL ? " " : "",
		       command->name, command->args[0] != '\0' ? " " : "", command->args);
}

static void help_options(const struct cli_option *options, size_t count, FILE *out)
{
	for (size_t i = 0; i < count; i++) {
		char text[64];

		(void)snprintf(text, sizeof(text), "--%s%s%s", options[i].name, options[i].value != NULL ? " " : "",
			       options[i].value != NULL ? options[i].value : "");
		if (options[i].letter != 0)
			(void)fprintf(out, "  -%c, %-22s %s\n", options[i].letter, text, options[i].help);
		else
			(void)fprintf(out, "      %-22s %s\n", text, options[i].help);
	}
}

/* Padded by characters: the ellipsis in "[HOST…]" is three bytes. */
static void help_padded(const char *text, int width, FILE *out)
{
	int chars = 0;

	for (const char *c = text; *c != '\0'; c++)
		chars += ((unsigned char)*c & 0xC0) != 0x80;
	(void)fprintf(out, "%s%*s", text, chars < width ? width - chars : 1, "");
}

void cli_help_overview(FILE *out)
{
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);
	const struct cli_option *globals;
	const char *const *codes;

	(void)fprintf(out, "zync keeps Zabbix in sync with NetBox.\n\nUsage: zync [OPTION…] COMMAND [ARGUMENT…]\n\nCommands:\n");
	for (size_t i = 0; i < count; i++) {
		char name[96];

		help_command_name(&commands[i], name, sizeof(name));
		(void)fprintf(out, "  ");
		help_padded(name, 22, out);
		(void)fprintf(out, "%s\n", commands[i].summary);
	}
	(void)fprintf(out, "\nOptions of every command:\n");
	globals = cli_global_options(&count);
	help_options(globals, count, out);
	(void)fprintf(out, "\nExit codes:\n");
	codes = cli_exit_codes(&count);
	for (size_t i = 0; i < count; i++)
		(void)fprintf(out, "  %zu  %s\n", i, codes[i]);
	(void)fprintf(out, "\nFirst steps: zync init, zync check, zync plan, zync sync. More: zync help COMMAND.\n");
}

void cli_help_command(const struct cli_command *command, FILE *out)
{
	char name[96];

	help_command_name(command, name, sizeof(name));
	(void)fprintf(out, "Usage: zync %s%s\n\n%s\n", name, command->option_count > 0 ? " [OPTION…]" : "", command->description);
	if (command->option_count > 0) {
		(void)fprintf(out, "\nOptions:\n");
		help_options(command->options, command->option_count, out);
	}
	(void)fprintf(out, "\nExample:\n");
	for (const char *line = command->example; line != NULL && *line != '\0';) {
		const char *end = strchr(line, '\n');
		int len = end != NULL ? (int)(end - line) : (int)strlen(line);

		(void)fprintf(out, "  %.*s\n", len, line);
		line = end != NULL ? end + 1 : NULL;
	}
	(void)fprintf(out, "\nOptions of every command: see zync help.\n");
}
