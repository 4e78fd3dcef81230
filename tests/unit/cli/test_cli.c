/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: parsing, help, manual page, completion, and what is printed about texts that hold anything. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli_test.h"

#define WORDS_MAX 12

struct parse_case {
	const char *words[WORDS_MAX];
	const char *error;   /* words of the message; NULL: it parses */
	const char *command; /* "host list" */
	size_t args;
	const char *option, *value; /* of the command */
};

static const struct parse_case CASES[] = {
	{{"sync"}, NULL, "sync", 0, NULL, NULL},
	{{"sync", "a", "b"}, NULL, "sync", 2, NULL, NULL},
	{{"sync", "--force", "a"}, NULL, "sync", 1, "force", ""},
	{{"sync", "a", "--force"}, NULL, "sync", 1, "force", ""},
	{{"--json", "sync"}, NULL, "sync", 0, NULL, NULL},
	{{"sync", "--", "--force"}, NULL, "sync", 1, "force", NULL},
	{{"--", "sync"}, NULL, "sync", 0, NULL, NULL},
	{{"sync", "-"}, NULL, "sync", 1, NULL, NULL},
	{{"host", "list", "--server=a b"}, NULL, "host list", 0, "server", "a b"},
	{{"host", "list", "--server", "--odd"}, NULL, "host list", 0, "server", "--odd"},
	{{"host", "list", "--server=x=y"}, NULL, "host list", 0, "server", "x=y"},
	{{"host", "list", "--server", "a", "--server", "b"}, NULL, "host list", 0, "server", "b"},
	{{"init", "-o", "f"}, NULL, "init", 0, "output", "f"},
	{{"init", "-qvo", "f"}, NULL, "init", 0, "output", "f"},
	{{"host", "delete", "h", "-y"}, NULL, "host delete", 1, "yes", ""},
	{{"job", "list", "--status", "errored"}, NULL, "job list", 0, "status", "errored"},
	{{"host", "show", "--help"}, NULL, "host show", 0, NULL, NULL}, /* help needs no arguments */
	{{"sync", "--strict", "--queue"}, NULL, "sync", 0, "queue", ""},
	{{"job", "run", "sync-hosts-now", "sw1", "--at", "+90m", "sw2"}, NULL, "job run", 3, "at", "+90m"},
	{{"job", "run", "--every=60", "pull"}, NULL, "job run", 1, "every", "60"},
	{{"job", "run", "delete-zabbix-host", "sw1", "--hard", "-y"}, NULL, "job run", 2, "yes", ""},
	{{"job", "run", "pull", "--older-than", "5", "--timeout", "-1"}, NULL, "job run", 1, "timeout", "-1"}, /* the command says no */
	{{"job", "types"}, NULL, "job types", 0, NULL, NULL},
	{{"job", "cancel", "1b9d"}, NULL, "job cancel", 1, NULL, NULL},
	{{"job", "retry", "1b9d", "--failed-only", "--now"}, NULL, "job retry", 1, "failed-only", ""},
	{{"job", "show", "1b9d", "-f"}, NULL, "job show", 1, "follow", ""},
	{{"event", "list", "--since", "-2h", "--until=02:00"}, NULL, "event list", 0, "since", "-2h"},
	{{"serve"}, NULL, "serve", 0, NULL, NULL},
	{{NULL}, NULL, NULL, 0, NULL, NULL},
	{{"job", "run"}, "needs NAME [HOST…]; example: zync job run sync-hosts-now", NULL, 0, NULL, NULL},
	{{"job", "cancel"}, "needs JOB; example: zync job cancel", NULL, 0, NULL, NULL},
	{{"job", "retry", "a", "b"}, "`zync job retry` does not take \"b\"", NULL, 0, NULL, NULL},
	{{"job", "types", "x"}, "`zync job types` does not take \"x\"", NULL, 0, NULL, NULL},
	{{"serve", "now"}, "`zync serve` does not take \"now\"", NULL, 0, NULL, NULL},
	{{"job", "run", "pull", "--at"}, "--at needs a value: --at TIME", NULL, 0, NULL, NULL},
	{{"job", "run", "pull", "--evry", "60"}, "did you mean --every?", NULL, 0, NULL, NULL},
	{{"job", "rnu", "pull"}, "did you mean \"run\"", NULL, 0, NULL, NULL},
	{{"job", "list", "--failed-only"}, "unknown option --failed-only", NULL, 0, NULL, NULL},
	{{"plan", "--strict"}, "unknown option --strict", NULL, 0, NULL, NULL},
	{{"snyc"}, "did you mean \"sync\"", NULL, 0, NULL, NULL},
	{{"hots"}, "did you mean \"host\"", NULL, 0, NULL, NULL},
	{{"host", "lst"}, "did you mean \"list\"", NULL, 0, NULL, NULL},
	{{"xyzzy-plugh"}, "there is no command `zync xyzzy-plugh`; see", NULL, 0, NULL, NULL},
	{{"host"}, "`zync host` needs a command", NULL, 0, NULL, NULL},
	{{"host", "show"}, "needs HOST; example: zync host show", NULL, 0, NULL, NULL},
	{{"explain", "a", "b"}, "does not take \"b\"", NULL, 0, NULL, NULL},
	{{"check", "x"}, "`zync check` does not take \"x\"", NULL, 0, NULL, NULL},
	{{"sync", "--fource"}, "did you mean --force?", NULL, 0, NULL, NULL},
	{{"sync", "--jsno"}, "did you mean --json?", NULL, 0, NULL, NULL},
	{{"sync", "--utterly-unknown"}, "unknown option --utterly-unknown", NULL, 0, NULL, NULL},
	{{"plan", "--force"}, "unknown option --force", NULL, 0, NULL, NULL}, /* that is sync's */
	{{"sync", "-z"}, "unknown option -z", NULL, 0, NULL, NULL},
	{{"sync", "-vz"}, "unknown option -vz", NULL, 0, NULL, NULL},
	{{"sync", "--force=yes"}, "--force takes no value", NULL, 0, NULL, NULL},
	{{"sync", "--json="}, "--json takes no value", NULL, 0, NULL, NULL},
	{{"sync", "--config"}, "--config needs a value: --config FILE", NULL, 0, NULL, NULL},
	{{"sync", "--config="}, "--config has an empty value", NULL, 0, NULL, NULL},
	{{"sync", "-c"}, "--config needs a value", NULL, 0, NULL, NULL},
	{{"sync", "-cq", "f"}, "--config needs a value", NULL, 0, NULL, NULL},
	{{"host", "list", "--state", "odd"}, "--state cannot be \"odd\"", NULL, 0, NULL, NULL},
	{{"sync", "--=x"}, "unknown option --=x", NULL, 0, NULL, NULL},
	{{"sync", "---"}, "unknown option ---", NULL, 0, NULL, NULL},
	{{"sync", "--a-very-long-option-that-is-longer-than-any-buffer-somebody-might-have-thought-of-for-it"},
	 "unknown option --a-very",
	 NULL,
	 0,
	 NULL,
	 NULL},
};

static enum zync_status parse(struct cli *cli, const char *const *words, struct zync_err *err)
{
	char *argv[WORDS_MAX + 2] = {zync_arena_strdup(cli->arena, "zync")};
	int argc = 1;

	for (; words[argc - 1] != NULL; argc++)
		argv[argc] = zync_arena_strdup(cli->arena, words[argc - 1]);
	return cli_parse(cli, argc, argv, err);
}

static void check_parsed(const struct cli *cli, const struct parse_case *c, size_t number)
{
	char name[64] = "";

	if (cli->command != NULL)
		(void)snprintf(name, sizeof(name), "%s%s%s", cli->command->group != NULL ? cli->command->group : "",
			       cli->command->group != NULL ? " " : "", cli->command->name);
	if (strcmp(name, c->command != NULL ? c->command : "") != 0 || cli->arg_count != c->args)
		fail_msg("case %zu: command \"%s\" with %zu arguments", number, name, cli->arg_count);
	if (c->option != NULL && !zync_str_eq(cli_value(cli, c->option), c->value))
		fail_msg("case %zu: --%s is %s", number, c->option, cli_value(cli, c->option));
}

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		struct cli cli = {.arena = zync_arena_new(0)};
		struct zync_err err = {0};
		enum zync_status status = parse(&cli, CASES[i].words, &err);

		if (CASES[i].error == NULL && status != ZYNC_OK)
			fail_msg("case %zu: %s", i, err.message);
		if (CASES[i].error != NULL && (status != ZYNC_ERR_INVALID || strstr(err.message, CASES[i].error) == NULL))
			fail_msg("case %zu: status %d: %s", i, (int)status, err.message);
		if (CASES[i].error == NULL)
			check_parsed(&cli, &CASES[i], i);
		zync_arena_free(cli.arena);
	}
}

static void test_global_options(void **state)
{
	static const char *const WORDS[] = {"-vv", "--config", "f.yaml", "--user=eve", "--request-id", "r", "--no-color",
					    "-q",  "--json",   "plan",	 NULL};
	struct cli cli = {.arena = zync_arena_new(0)};
	struct zync_err err = {0};

	(void)state;
	assert_int_equal(parse(&cli, WORDS, &err), ZYNC_OK);
	assert_int_equal(cli.verbose, 2);
	assert_string_equal(cli.config_path, "f.yaml");
	assert_string_equal(cli.user, "eve");
	assert_string_equal(cli.request_id, "r");
	assert_true(cli.no_color && cli.quiet && cli.json && !cli.help && !cli.version);
	zync_arena_free(cli.arena);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t number;
	} NUMBERS[] = {{"1", true, 1},
		       {"50", true, 50},
		       {"18446744073709551615", true, UINT64_MAX},
		       {"0", false, 0},
		       {"-1", false, 0},
		       {"", false, 0},
		       {"1x", false, 0},
		       {" 1", false, 0},
		       {"1.5", false, 0},
		       {"18446744073709551616", false, 0},
		       {NULL, true, 7}};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(NUMBERS); i++) {
		static const char *const WORDS[] = {"job", "list", NULL};
		struct cli cli = {.arena = zync_arena_new(0)};
		struct zync_err err = {0};
		uint64_t number = 99;

		assert_int_equal(parse(&cli, WORDS, &err), ZYNC_OK);
		cli.values[2] = NUMBERS[i].text; /* --limit */
		assert_int_equal(cli_number(&cli, "limit", 7, &number, &err) == ZYNC_OK, NUMBERS[i].good);
		if (NUMBERS[i].good)
			assert_true(number == NUMBERS[i].number);
		else
			assert_non_null(strstr(err.message, "--limit"));
		zync_arena_free(cli.arena);
	}
}

/* The table itself: what every reader of it leans on. */
static void test_table_of_commands(void **state)
{
	size_t count = 0;
	size_t globals = 0;
	const struct cli_command *commands = cli_commands(&count);
	const struct cli_option *global = cli_global_options(&globals);

	(void)state;
	assert_true(globals <= CLI_MAX_OPTIONS);
	for (size_t i = 0; i < count; i++) {
		const struct cli_command *c = &commands[i];

		assert_true(c->name != NULL && c->args != NULL && c->summary[0] != '\0' && c->description[0] != '\0' && c->run != NULL);
		assert_true(zync_str_starts(c->example, "zync "));
		assert_true(c->option_count <= CLI_MAX_OPTIONS && c->min_args <= c->max_args);
		assert_true((c->args[0] == '\0') == (c->max_args == 0));
		for (size_t o = 0; o < c->option_count; o++) {
			for (size_t g = 0; g < globals; g++) {
				assert_string_not_equal(c->options[o].name, global[g].name);
				assert_true(c->options[o].letter == 0 || c->options[o].letter != global[g].letter);
			}
			for (size_t other = 0; other < o; other++)
				assert_string_not_equal(c->options[o].name, c->options[other].name);
		}
		for (size_t other = 0; other < i; other++)
			assert_false(zync_str_eq(c->group, commands[other].group) && zync_str_eq(c->name, commands[other].name));
	}
	(void)cli_exit_codes(&count);
	assert_int_equal(count, ZYNC_EXIT_SAFETY + 1);
}

static char *printed;
static size_t printed_len;

static FILE *capture(void)
{
	FILE *out;

	free(printed);
	printed = NULL;
	out = open_memstream(&printed, &printed_len);
	assert_non_null(out);
	return out;
}

static const char *captured(FILE *out)
{
	assert_int_equal(fclose(out), 0);
	return printed;
}

static void test_help(void **state)
{
	size_t count = 0;
	size_t codes = 0;
	const struct cli_command *commands = cli_commands(&count);
	const char *const *exit_codes = cli_exit_codes(&codes);
	FILE *out = capture();

	(void)state;
	cli_help_overview(out);
	(void)captured(out);
	for (size_t i = 0; i < count; i++)
		assert_non_null(strstr(printed, commands[i].summary));
	for (size_t i = 0; i < codes; i++)
		assert_non_null(strstr(printed, exit_codes[i]));
	for (size_t i = 0; i < count; i++) {
		out = capture();
		cli_help_command(&commands[i], out);
		(void)captured(out);
		assert_non_null(strstr(printed, commands[i].description));
		assert_non_null(strstr(printed, "Example:"));
		for (size_t o = 0; o < commands[i].option_count; o++) {
			assert_non_null(strstr(printed, commands[i].options[o].name));
			assert_non_null(strstr(printed, commands[i].options[o].help));
		}
	}
}

/* Feed a text to a program's standard input; its exit status, or -1 when there is no such program. */
static int feed(const char *text, const char *const *argv, char *ret, size_t size)
{
	int in[2], out[2];
	int status = -1;
	size_t len = 0;
	ssize_t got;
	pid_t child;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		union {
			const char *const *in;
			char *const *out;
		} words = {.in = argv};

		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		(void)dup2(out[1], STDERR_FILENO);
		(void)close(in[1]);
		(void)close(out[0]);
		(void)execvp(words.out[0], words.out);
		_exit(127);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	/* The programs read all before they write much, so this cannot lock. */
	for (size_t sent = 0; sent < strlen(text);) {
		ssize_t n = write(in[1], text + sent, strlen(text) - sent);

		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	(void)close(in[1]);
	while (len + 1 < size && (got = read(out[0], ret + len, size - len - 1)) > 0)
		len += (size_t)got;
	ret[len] = '\0';
	(void)close(out[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) != 127 ? WEXITSTATUS(status) : -1;
}

static void test_manual(void **state)
{
	static const char *const MANDOC[] = {"mandoc", "-T", "lint", "-W", "error", NULL};
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);
	char said[8000] = "";
	FILE *out = capture();
	int status;

	(void)state;
	cli_manual(out);
	(void)captured(out);
	for (size_t i = 0; i < count; i++) {
		char head[128];

		(void)snprintf(head, sizeof(head), ".SS zync %s%s%s", commands[i].group != NULL ? commands[i].group : "",
			       commands[i].group != NULL ? " " : "", commands[i].name);
		assert_non_null(strstr(printed, head));
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t o = 0; o < commands[i].option_count; o++) {
			const char *help = commands[i].options[o].help;

			/* Dashes are escaped for roff, so a help text is looked for up to its first one. */
			assert_true(memmem(printed, printed_len, help, strcspn(help, "-")) != NULL);
		}
	}
	assert_non_null(strstr(printed, ".TH ZYNC 1"));
	assert_non_null(strstr(printed, "\\-\\-detailed\\-exit\\-code"));
	status = feed(printed, MANDOC, said, sizeof(said));
	if (status == -1) {
		print_message("# mandoc is not installed: the manual page is not linted\n");
		skip();
	}
	if (status != 0)
		fail_msg("mandoc: %s", said);
}

static void test_completion(void **state)
{
	static const char *const BASH_CHECK[] = {"bash", "-n", NULL};
	static const char *const SHELLS[] = {"bash", "zsh", "fish"};
	static const char *const ASK[] = {"bash", NULL};
	size_t count = 0;
	const struct cli_command *commands = cli_commands(&count);
	char said[8000] = "";
	char script[60000];
	FILE *out;

	(void)state;
	for (size_t s = 0; s < ZYNC_ARRAY_LEN(SHELLS); s++) {
		out = capture();
		assert_true(cli_completion(SHELLS[s], out));
		(void)captured(out);
		for (size_t i = 0; i < count; i++) {
			assert_non_null(strstr(printed, commands[i].name));
			for (size_t o = 0; o < commands[i].option_count; o++)
				assert_non_null(strstr(printed, commands[i].options[o].name));
		}
	}
	out = capture();
	assert_false(cli_completion("tcsh", out));
	(void)captured(out);
	out = capture();
	assert_true(cli_completion("bash", out));
	(void)captured(out);
	if (feed(printed, BASH_CHECK, said, sizeof(said)) != 0)
		fail_msg("bash -n: %s", said);
	(void)snprintf(script, sizeof(script),
		       "%s\nCOMP_WORDS=(zync host li); COMP_CWORD=2; _zync; echo \"${COMPREPLY[*]}\"\n"
		       "COMP_WORDS=(zync host list --out); COMP_CWORD=3; _zync; echo \"${COMPREPLY[*]}\"\n"
		       "COMP_WORDS=(zync sy); COMP_CWORD=1; _zync; echo \"${COMPREPLY[*]}\"\n",
		       printed);
	assert_int_equal(feed(script, ASK, said, sizeof(said)), 0);
	assert_string_equal(said, "list\n--out-of-sync\nsync\n");
}

static void test_safe(void **state)
{
	static const struct {
		const char *text, *shown;
	} TEXTS[] = {
		{"sw1", "sw1"},
		{"", ""},
		{NULL, "-"},
		{"a\033[31mred", "a\\x1B[31mred"},
		{"a\r\nb\tc", "a\\x0D\\x0Ab\\x09c"},
		{"\x7f", "\\x7F"},
		{"\xc2\x9b"
		 "31m",
		 "\\x9B31m"}, /* C1: the one-byte CSI */
		{"ü Ж 交 😀", "ü Ж 交 😀"},
		{"\xc2\xa0", "\xc2\xa0"}, /* not a control */
		{"\xc2", "\xc2"},
	};
	struct cli cli = {.arena = zync_arena_new(0)};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(TEXTS); i++)
		assert_string_equal(cli_safe(&cli, TEXTS[i].text), TEXTS[i].shown);
	zync_arena_free(cli.arena);
}

static void test_table(void **state)
{
	static const char *const HEADS[] = {"NAME", "SITE", "LAST", NULL};
	struct cli cli = {.arena = zync_arena_new(0)};
	struct cli_table *table = cli_table_new(&cli, HEADS);
	FILE *out = capture();

	(void)state;
	cli_table_cell(table, "Ж", NULL);
	cli_table_cell(table, "Zürich", "red");
	cli_table_cell(table, "x", NULL);
	cli_table_cell(table, "a\033[2Jb", NULL);
	cli_table_cell(table, NULL, NULL);
	cli_table_cell(table, "", NULL);
	cli_table_print(table, out);
	assert_string_equal(captured(out), "NAME       SITE    LAST\nЖ          Zürich  x\na\\x1B[2Jb  -       \n");
	zync_arena_free(cli.arena);
}

static void test_colors(void **state)
{
	struct cli cli = {.color = true};

	(void)state;
	assert_string_equal(cli_color(&cli, "red"), "\033[31m");
	assert_string_equal(cli_color(&cli, "off"), "\033[0m");
	assert_string_equal(cli_color(&cli, "no such colour"), "");
	cli.color = false;
	assert_string_equal(cli_color(&cli, "red"), "");
}

static void test_render_plan(void **state)
{
	static const char PLAN[] = "{\"create\":1,\"update\":1,\"disable\":0,\"delete\":1,\"unchanged\":3,\"failed\":1,\"skipped\":2,"
				   "\"report\":0,\"limits\":\"too many\","
				   "\"operations\":[{\"action\":\"create\",\"name\":\"new\\u001b[1m\",\"changes\":[{\"field\":\"host\","
				   "\"old\":null,\"new\":\"new\",\"rule\":\"default\"}]},"
				   "{\"action\":\"update\",\"name\":\"sw1\",\"hostid\":\"101\",\"changes\":[{\"field\":\"tags[a]\",\"old\":"
				   "\"x\",\"new\":\"\"},{\"field\":\"groups\",\"old\":\"G\",\"new\":null}]},"
				   "{\"action\":\"delete\",\"name\":\"old\",\"hard\":true,\"reason\":\"gone\",\"changes\":[]},"
				   "{\"action\":\"fail\",\"name\":\"bad\",\"reason\":\"no address\"}]}";
	struct cli cli = {.arena = zync_arena_new(0)};
	const struct zync_jval *plan = NULL;
	FILE *out = capture();

	(void)state;
	assert_int_equal(zync_json_parse(cli.arena, PLAN, sizeof(PLAN) - 1, &plan, NULL), ZYNC_OK);
	cli_render_plan(&cli, plan, out);
	(void)captured(out);
	assert_non_null(strstr(printed, "  + create new\\x1B[1m\n"));
	assert_non_null(strstr(printed, "  ~ update sw1  (hostid 101)\n"));
	assert_non_null(strstr(printed, "x → \"\"\n"));
	assert_non_null(strstr(printed, "G removed\n"));
	assert_non_null(strstr(printed, "  - delete old  for good, with its history: gone\n"));
	assert_non_null(strstr(printed, "  ! cannot sync bad: no address\n"));
	assert_non_null(strstr(
		printed, "Plan: 1 to create, 1 to update, 0 to disable, 1 to delete; 3 unchanged, 1 failed, 2 skipped, 0 only reported."));
	assert_non_null(strstr(printed, "A sync would stop: too many"));
	assert_null(strchr(printed, '\033'));
	out = capture();
	cli_render_plan(&cli, NULL, out); /* memory was out */
	assert_non_null(strstr(captured(out), "Plan: 0 to create"));
	zync_arena_free(cli.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	    cmocka_unit_test(test_global_options),
		cmocka_unit_test(test_numbers),	    cmocka_unit_test(test_table_of_commands),
		cmocka_unit_test(test_help),	    cmocka_unit_test(test_manual),
		cmocka_unit_test(test_completion),  cmocka_unit_test(test_safe),
		cmocka_unit_test(test_table),	    cmocka_unit_test(test_colors),
		cmocka_unit_test(test_render_plan),
	};
	struct CMUnitTest all[64];
	int failed;

	(void)signal(SIGPIPE, SIG_IGN); /* a program that is fed and is not installed does not read */
	assert_true(ZYNC_ARRAY_LEN(tests) + cli_job_test_count <= ZYNC_ARRAY_LEN(all));
	memcpy(all, tests, sizeof(tests));
	memcpy(all + ZYNC_ARRAY_LEN(tests), cli_job_tests, cli_job_test_count * sizeof(all[0]));
	failed = _cmocka_run_group_tests("cli", all, ZYNC_ARRAY_LEN(tests) + cli_job_test_count, NULL, NULL);
	free(printed);
	return failed;
}
