/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns. Widths are counted in characters; wide (East Asian) ones may stand out by a little. */
#include "base/str.h"
#include "base/vec.h"
#include "cli/cli.h"

#define TABLE_MAX_COLUMNS 12
#define TABLE_MAX_WIDTH	  60

struct table_cell {
	const char *text;
	const char *color;
};

struct cli_table {
	struct cli *cli;
	size_t columns;
	size_t widths[TABLE_MAX_COLUMNS];
	const char *const *heads;
	struct zync_vec cells;
	bool failed; /* memory was out */
};

struct cli_table *cli_table_new(struct cli *cli, const char *const *heads)
{
	struct cli_table *table = ZYNC_NEW(cli->arena, struct cli_table);

	if (table == NULL)
		return NULL;
	table->cli = cli;
	table->heads = heads;
	for (; heads[table->columns] != NULL; table->columns++) {
		ZYNC_ASSERT(table->columns < TABLE_MAX_COLUMNS);
		table->widths[table->columns] = zync_utf8_len(heads[table->columns]);
	}
	zync_vec_init(&table->cells, cli->arena);
	return table;
}

void cli_table_cell(struct cli_table *table, const char *text, const char *color)
{
	struct table_cell *cell;
	size_t column;
	size_t width;

	if (table == NULL)
		return;
	column = table->cells.len % table->columns;
	cell = ZYNC_NEW(table->cli->arena, struct table_cell);
	if (cell == NULL || zync_vec_push(&table->cells, cell, NULL) != ZYNC_OK) {
		table->failed = true;
		return;
	}
	cell->text = cli_safe(table->cli, text);
	cell->color = color;
	width = zync_utf8_len(cell->text);
	if (width > table->widths[column])
		table->widths[column] = ZYNC_MIN(width, (size_t)TABLE_MAX_WIDTH);
}

static void table_print_cell(const struct cli_table *table, size_t column, const char *text, const char *color, FILE *out)
{
	size_t chars = zync_utf8_len(text);
	size_t pad = chars < table->widths[column] ? table->widths[column] - chars : 0;
	bool last = column + 1 == table->columns;

	(void)fprintf(out, "%s%s%s", color != NULL ? cli_color(table->cli, color) : "", text,
		      color != NULL ? cli_color(table->cli, "off") : "");
	if (last)
		(void)fputc('\n', out);
	else
		(void)fprintf(out, "%*s", (int)pad + 2, "");
}

void cli_table_print(struct cli_table *table, FILE *out)
{
	if (table == NULL || table->failed) {
		(void)fprintf(stderr, "zync: out of memory while printing a table\n");
		return;
	}
	for (size_t c = 0; c < table->columns; c++)
		table_print_cell(table, c, table->heads[c], "bold", out);
	for (size_t i = 0; i < table->cells.len; i++) {
		const struct table_cell *cell = table->cells.items[i];

		table_print_cell(table, i % table->columns, cell->text, cell->color, out);
	}
}
