/* SPDX-License-Identifier: Apache-2.0 */
/* Progress on standard error: a live bar on a terminal, otherwise a line now and then. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"

#define BAR_WIDTH	 24
#define LINE_INTERVAL_MS 10000

/* The bar is a thing of the process, as the terminal is: log lines get out of its way through the logger's hook. */
static struct {
	bool active; /* progress is wanted at all */
	bool terminal;
	bool shown; /* the bar stands on the current line */
	char text[256];
	int64_t last_line;
} bar;

static unsigned bar_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
		return size.ws_col;
	return 80;
}

static void bar_clear(void)
{
	if (bar.shown)
		(void)fputs("\r\033[K", stderr);
	bar.shown = false;
}

static void bar_draw(void)
{
	if (bar.text[0] == '\0')
		return;
	(void)fprintf(stderr, "\r\033[K%.*s", (int)zync_utf8_prefix(bar.text, bar_columns() - 1), bar.text);
	(void)fflush(stderr);
	bar.shown = true;
}

static void bar_hook(bool before, void *ctx)
{
	(void)ctx;
	if (before)
		bar_clear();
	else
		bar_draw();
}

void cli_progress_start(struct cli *cli)
{
	bar.active = !cli->quiet;
	bar.terminal = isatty(STDERR_FILENO) == 1;
	bar.last_line = zync_clock_mono_ms();
	if (bar.active && bar.terminal)
		zync_log_set_hook(bar_hook, NULL);
}

static const char *progress_phase(const char *phase)
{
	static const struct {
		const char *phase, *words;
	} PHASES[] = {
		{"queued", "Waiting for its turn"},
		{"recover", "Clearing up after an interrupted run"},
		{"derive", "Deriving objects"},
		{"look", "Looking"},
		{"delete", "Deleting"},
		{"pull", "Reading NetBox"},
		{"plan", "Comparing"},
		{"wait", "Waiting for another run"},
		{"apply", "Writing Zabbix"},
		{"put-back", "Putting back"},
		{"record", "Recording"},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(PHASES); i++) {
		if (zync_str_eq(PHASES[i].phase, phase))
			return PHASES[i].words;
	}
	return phase; /* a newer program's */
}

static void progress_format(const struct zync_progress *p, char *ret, size_t size)
{
	char left[ZYNC_TIME_TEXT_SIZE] = "";
	char drawn[BAR_WIDTH + 1];
	unsigned long long current = (unsigned long long)p->current;
	size_t filled = p->total == 0 ? 0 : (size_t)(p->current * BAR_WIDTH / p->total);

	if (p->total == 0) {
		if (current == 0)
			(void)snprintf(ret, size, "%s …", progress_phase(p->phase));
		else
			(void)snprintf(ret, size, "%s  %llu", progress_phase(p->phase), current);
		return;
	}
	for (size_t i = 0; i < BAR_WIDTH; i++)
		drawn[i] = i < filled ? '#' : '.';
	drawn[BAR_WIDTH] = '\0';
	if (p->left_ms > 0)
		(void)zync_duration_format(p->left_ms, left);
	(void)snprintf(ret, size, "%s [%s] %llu/%llu  %llu updated, %llu failed  %.0f/s%s%s", progress_phase(p->phase), drawn, current,
		       (unsigned long long)p->total, (unsigned long long)p->updated, (unsigned long long)p->failed, p->rate,
		       left[0] != '\0' ? "  left " : "", left);
}

void cli_progress(void *ctx, const struct zync_progress *progress)
{
	int64_t now = zync_clock_mono_ms();

	(void)ctx;
	if (!bar.active)
		return;
	progress_format(progress, bar.text, sizeof(bar.text));
	if (bar.terminal) {
		bar_draw();
	} else if (now - bar.last_line >= LINE_INTERVAL_MS) {
		bar.last_line = now;
		(void)fprintf(stderr, "%s\n", bar.text);
	}
}

void cli_progress_stop(void)
{
	if (bar.terminal)
		bar_clear();
	bar.text[0] = '\0';
	bar.active = false;
	zync_log_set_hook(NULL, NULL);
}
