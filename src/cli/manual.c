/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page, zync(1), from the table of commands. */
#include <string.h>

#include "cli/cli.h"

/* Text for roff: a leading dot or quote would be a request, a backslash an escape, a dash a hyphen. */
static void manual_text(const char *text, FILE *out)
{
	bool start = true;

	for (const char *c = text; *c != '\0'; c++) {
		if (start && (*c == '.' || *c == '\''))
			(void)fputs("\\&", out);
		if (*c == '\\')
			(void)fputs("\\e", out);
		else if (*c == '-')
			(void)fputs("\\-", out);
		else
			(void)fputc(*c, out);
		start = *c == '\n';
	}
}

static void manual_options(const struct cli_option *options, size_t count, FILE *out)
{
	for (size_t i = 0; i < count; i++) {
		(void)fputs(".TP\n", out);
		if (options[i].letter != 0)
			(void)fprintf(out, "\\fB\\-%c\\fR, ", options[i].letter);
		(void)fputs("\\fB\\-\\-", out);
		manual_text(options[i].name, out);
		(void)fputs("\\fR", out);
		if (options[i].value != NULL)
			(void)fprintf(out, " \\fI%s\\fR", options[i].value);
		(void)fputc('\n', out);
		manual_text(options[i].help, out);
		(void)fputc('\n', out);
	}
}

static void manual_command(const struct cli_command *command, FILE *out)
{
	(void)fputs(".SS zync ", out);
	if (command->group != NULL)
		(void)fprintf(out, "%s ", command->group);
	(void)fputs(command->name, out);
	if (command->args[0] != '\0')
		(void)fprintf(out, " %s", command->args);
	(void)fputc('\n', out);
	manual_text(command->description, out);
	(void)fputc('\n', out);
	manual_options(command->options, command->option_count, out);
	(void)fputs(".PP\nExample:\n.PP\n.nf\n.RS\n", out);
	manual_text(command->example, out);
	(void)fputs("\n.RE\n.fi\n", out);
}

void cli_manual(FILE *out)
{
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);
	const struct cli_option *globals;
	const char *const *codes;

	(void)fprintf(out, ".TH ZYNC 1 \"\" \"zync %s\" \"User Commands\"\n.SH NAME\nzync \\- keep Zabbix in sync with NetBox\n",
		      zync_version());
	(void)fputs(".SH SYNOPSIS\n\\fBzync\\fR [\\fIOPTION\\fR...] \\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n", out);
	(void)fputs(".SH DESCRIPTION\nNetBox is the source of truth. Zync derives from it how each device and virtual machine is to be "
		    "monitored, compares that with what Zabbix has, and writes "
		    "the difference, in bulk, as transactional jobs with an audit trail.\n.SH COMMANDS\n",
		    out);
	for (size_t i = 0; i < count; i++)
		manual_command(&commands[i], out);
	(void)fputs(".SH OPTIONS OF EVERY COMMAND\n", out);
	globals = cli_global_options(&count);
	manual_options(globals, count, out);
	(void)fputs(".SH EXIT STATUS\n", out);
	codes = cli_exit_codes(&count);
	for (size_t i = 0; i < count; i++) {
		(void)fprintf(out, ".TP\n.B %zu\n", i);
		manual_text(codes[i], out);
		(void)fputc('\n', out);
	}
	(void)fputs(".SH ENVIRONMENT\n.TP\n.B ZYNC_CONFIG\nThe configuration file.\n.TP\n.B NETBOX_HOST, NETBOX_TOKEN, ZABBIX_HOST, "
		    "ZABBIX_TOKEN, ZABBIX_USER, ZABBIX_PASS\n"
		    "Fill what the configuration leaves out; with them alone no file is needed.\n.TP\n.B NO_COLOR\nNo colours.\n",
		    out);
	(void)fputs(".SH FILES\n.I ./zync.yaml, ~/.config/zync/zync.yaml, /etc/zync/zync.yaml\n", out);
}
