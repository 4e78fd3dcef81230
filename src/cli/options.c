/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing of the command line by the table. Options may stand anywhere; "--" ends them. */
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"

#define MINUTES_MAX 525600 /* a year */

static const struct cli_option *options_find(const struct cli_option *options, size_t count, const char *name, size_t len, char letter,
					     size_t *ret_index)
{
	for (size_t i = 0; i < count; i++) {
		bool by_name = name != NULL && strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0;

		if (by_name || (letter != 0 && options[i].letter == letter)) {
			*ret_index = i;
			return &options[i];
		}
	}
	return NULL;
}

static void options_set_global(struct cli *cli, const char *name, const char *value)
{
	if (zync_str_eq(name, "config"))
		cli->config_path = value;
	else if (zync_str_eq(name, "json"))
		cli->json = true;
	else if (zync_str_eq(name, "verbose"))
		cli->verbose++;
	else if (zync_str_eq(name, "quiet"))
		cli->quiet = true;
	else if (zync_str_eq(name, "no-color"))
		cli->no_color = true;
	else if (zync_str_eq(name, "user"))
		cli->user = value;
	else if (zync_str_eq(name, "request-id"))
		cli->request_id = value;
	else if (zync_str_eq(name, "help"))
		cli->help = true;
	else if (zync_str_eq(name, "version"))
		cli->version = true;
}

static enum zync_status options_unknown(const struct cli *cli, const char *arg, const char *name, size_t len, struct zync_err *err)
{
	const char *words[CLI_MAX_OPTIONS * 2];
	size_t count = 0;
	size_t global_count = 0;
	const struct cli_option *globals = cli_global_options(&global_count);
	char copy[64];
	const char *near = NULL;

	for (size_t i = 0; i < global_count; i++)
		words[count++] = globals[i].name;
	for (size_t i = 0; cli->command != NULL && i < cli->command->option_count; i++)
		words[count++] = cli->command->options[i].name;
	if (name != NULL && len < sizeof(copy)) {
		memcpy(copy, name, len);
		copy[len] = '\0';
		near = zync_nearest(copy, words, count);
	}
	if (near != NULL)
		return zync_err_set(err, ZYNC_ERR_INVALID, "unknown option %s; did you mean --%s?", arg, near);
	return zync_err_set(err, ZYNC_ERR_INVALID, "unknown option %s%s%s%s; see `zync help%s%s`", arg,
			    cli->command != NULL ? " for `zync " : "", cli->command != NULL ? cli->command->name : "",
			    cli->command != NULL ? "`" : "", cli->command != NULL ? " " : "",
			    cli->command != NULL ? cli->command->name : "");
}

static enum zync_status options_check_word(const struct cli_option *option, const char *value, struct zync_err *err)
{
	if (option->words == NULL)
		return ZYNC_OK;
	for (size_t i = 0; option->words[i] != NULL; i++) {
		if (zync_str_eq(option->words[i], value))
			return ZYNC_OK;
	}
	return zync_err_set(err, ZYNC_ERR_INVALID, "--%s cannot be \"%s\": %s", option->name, value, option->help);
}

/* One option, long ("name[=value]") or a letter. *taken: the next argument was its value. */
static enum zync_status options_one(struct cli *cli, const char *arg, const char *name, char letter, const char *next, bool *taken,
				    struct zync_err *err)
{
	const char *equals = name != NULL ? strchr(name, '=') : NULL;
	size_t len = name == NULL ? 0 : equals != NULL ? (size_t)(equals - name) : strlen(name);
	size_t count = 0;
	size_t index = 0;
	bool global = true;
	const struct cli_option *globals = cli_global_options(&count);
	const struct cli_option *option = options_find(globals, count, name, len, letter, &index);
	const char *value = "";

	*taken = false;
	if (option == NULL && cli->command != NULL) {
		global = false;
		option = options_find(cli->command->options, cli->command->option_count, name, len, letter, &index);
	}
	if (option == NULL)
		return options_unknown(cli, arg, name, len, err);
	if (option->value == NULL && equals != NULL)
		return zync_err_set(err, ZYNC_ERR_INVALID, "option --%s takes no value", option->name);
	if (option->value != NULL) {
		value = equals != NULL ? equals + 1 : next;
		if (value == NULL)
			return zync_err_set(err, ZYNC_ERR_INVALID, "option --%s needs a value: --%s %s", option->name, option->name,
					    option->value);
		*taken = equals == NULL;
		if (value[0] == '\0')
			return zync_err_set(err, ZYNC_ERR_INVALID, "option --%s has an empty value", option->name);
		ZYNC_TRY(options_check_word(option, value, err));
	}
	if (global)
		options_set_global(cli, option->name, value);
	else
		cli->values[index] = value;
	return ZYNC_OK;
}

static enum zync_status options_dashed(struct cli *cli, const char *arg, const char *next, bool *taken, struct zync_err *err)
{
	*taken = false;
	if (arg[1] == '-')
		return options_one(cli, arg, arg + 2, 0, next, taken, err);
	for (const char *c = arg + 1; *c != '\0'; c++) {
		bool last = c[1] == '\0';

		ZYNC_TRY(options_one(cli, arg, NULL, *c, last ? next : NULL, taken, err));
	}
	return ZYNC_OK;
}

static bool group_exists(const char *name)
{
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);

	for (size_t i = 0; i < count; i++) {
		if (zync_str_eq(commands[i].group, name))
			return true;
	}
	return false;
}

static const struct cli_command *command_find(const char *group, const char *name)
{
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);

	for (size_t i = 0; i < count; i++) {
		if (zync_str_eq(commands[i].group, group) && zync_str_eq(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

static enum zync_status command_unknown(const char *group, const char *name, struct zync_err *err)
{
	const char *words[64];
	size_t used = 0;
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);
	const char *near;

	for (size_t i = 0; i < count && used < ZYNC_ARRAY_LEN(words); i++) {
		const char *word = group == NULL && commands[i].group != NULL ? commands[i].group : commands[i].name;

		if (group == NULL || zync_str_eq(commands[i].group, group))
			words[used++] = word;
	}
	near = zync_nearest(name, words, used);
	return zync_err_set(err, ZYNC_ERR_INVALID, "there is no command `zync %s%s%s`%s%s%s; see `zync help`", group != NULL ? group : "",
			    group != NULL ? " " : "", name, near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
			    near != NULL ? "\"?" : "");
}

/* Arguments before the command is known are its words; then they are its arguments. */
static enum zync_status options_word(struct cli *cli, const char **group, const char *arg, struct zync_err *err)
{
	if (cli->command != NULL) {
		cli->args[cli->arg_count++] = arg;
		return ZYNC_OK;
	}
	if (*group == NULL && group_exists(arg)) {
		*group = arg;
		return ZYNC_OK;
	}
	cli->command = command_find(*group, arg);
	return cli->command == NULL ? command_unknown(*group, arg, err) : ZYNC_OK;
}

static enum zync_status options_check_args(const struct cli *cli, const char *group, struct zync_err *err)
{
	const struct cli_command *command = cli->command;

	if (cli->help || cli->version)
		return ZYNC_OK;
	if (command == NULL && group != NULL)
		return zync_err_set(err, ZYNC_ERR_INVALID, "`zync %s` needs a command after it; see `zync help`", group);
	if (command == NULL)
		return ZYNC_OK;
	if (cli->arg_count < command->min_args)
		return zync_err_set(err, ZYNC_ERR_INVALID, "`zync %s%s%s` needs %s; example: %s",
				    command->group != NULL ? command->group : "", command->group != NULL ? " " : "", command->name,
				    command->args, command->example);
	if (cli->arg_count > command->max_args)
		return zync_err_set(err, ZYNC_ERR_INVALID, "`zync %s%s%s` does not take \"%s\"",
				    command->group != NULL ? command->group : "", command->group != NULL ? " " : "", command->name,
				    cli->args[command->max_args]);
	return ZYNC_OK;
}

enum zync_status cli_parse(struct cli *cli, int argc, char **argv, struct zync_err *err)
{
	const char *group = NULL;
	bool ended = false;

	cli->args = ZYNC_NEW_ARRAY(cli->arena, const char *, (size_t)argc);
	if (cli->args == NULL)
		return zync_err_nomem(err, "reading the command line");
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		bool taken = false;

		if (!ended && zync_str_eq(arg, "--")) {
			ended = true;
		} else if (!ended && arg[0] == '-' && arg[1] != '\0') {
			ZYNC_TRY(options_dashed(cli, arg, i + 1 < argc ? argv[i + 1] : NULL, &taken, err));
			i += taken ? 1 : 0;
		} else {
			ZYNC_TRY(options_word(cli, &group, arg, err));
		}
	}
	return options_check_args(cli, group, err);
}

const char *cli_value(const struct cli *cli, const char *name)
{
	size_t i = 0;

	while (i < cli->command->option_count && !zync_str_eq(cli->command->options[i].name, name))
		i++;
	ZYNC_ASSERT(i < cli->command->option_count); /* else the command asks for an option that its table does not have */
	return cli->values[i];
}

bool cli_flag(const struct cli *cli, const char *name)
{
	return cli_value(cli, name) != NULL;
}

enum zync_status cli_number(const struct cli *cli, const char *name, uint64_t def, uint64_t *ret, struct zync_err *err)
{
	const char *text = cli_value(cli, name);

	*ret = def;
	if (text == NULL)
		return ZYNC_OK;
	if (!zync_str_to_u64(text, ret) || *ret == 0)
		return zync_err_set(err, ZYNC_ERR_INVALID, "--%s needs a whole number from 1, not \"%s\"", name, text);
	return ZYNC_OK;
}

enum zync_status cli_minutes(const struct cli *cli, const char *name, int64_t min, int64_t def, int64_t *ret, struct zync_err *err)
{
	const char *text = cli_value(cli, name);

	*ret = def;
	if (text == NULL)
		return ZYNC_OK;
	if (!zync_str_to_i64(text, ret) || *ret < min || *ret > MINUTES_MAX)
		return zync_err_set(err, ZYNC_ERR_INVALID, "--%s needs a whole number of minutes from %d to %d, not \"%s\"", name, (int)min,
				    MINUTES_MAX, text);
	return ZYNC_OK;
}
