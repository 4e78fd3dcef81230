/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <string.h>

#include <yaml.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"

/* A collection that is being read. */
struct frame {
	struct zync_cfg_node *node;
	struct zync_cfg_node *key; /* MAP: read, its value not yet */
	size_t cap;
};

struct builder {
	struct zync_cfg_ctx *ctx;
	struct zync_map *anchors;
	struct frame stack[ZYNC_LIMIT_CONFIG_DEPTH];
	size_t depth;
	size_t nodes; /* aliases expanded */
	size_t documents;
	struct zync_cfg_node *root;
	bool stop; /* a problem was recorded */
};

static struct zync_cfg_pos yaml_pos(const yaml_mark_t *mark)
{
	return (struct zync_cfg_pos){(unsigned)mark->line + 1, (unsigned)mark->column + 1};
}

static enum zync_status builder_nomem(struct builder *b)
{
	return zync_err_nomem(b->ctx->err, "reading the configuration");
}

#define BUILDER_STOP(b, pos, ...) ((b)->stop = true, zync_cfg_problem((b)->ctx, (pos), __VA_ARGS__))

/* Make room for one more entry; arena memory is not given back, doubling bounds the waste. */
static enum zync_status frame_grow(struct builder *b, struct frame *frame)
{
	struct zync_cfg_node *node = frame->node;
	size_t cap = frame->cap == 0 ? 4 : frame->cap * 2;

	if (node->count < frame->cap)
		return ZYNC_OK;
	if (node->kind == ZYNC_CFG_LIST) {
		struct zync_cfg_node **items = ZYNC_NEW_ARRAY(b->ctx->scratch, struct zync_cfg_node *, cap);

		if (!items)
			return builder_nomem(b);
		if (node->count > 0)
			memcpy(items, node->items, node->count * sizeof(struct zync_cfg_node *));
		node->items = items;
	} else {
		struct zync_cfg_member *members = ZYNC_NEW_ARRAY(b->ctx->scratch, struct zync_cfg_member, cap);

		if (!members)
			return builder_nomem(b);
		if (node->count > 0)
			memcpy(members, node->members, node->count * sizeof(*members));
		node->members = members;
	}
	frame->cap = cap;
	return ZYNC_OK;
}

static enum zync_status builder_add(struct builder *b, struct zync_cfg_node *child, struct zync_cfg_pos pos)
{
	struct frame *frame;

	if (b->depth == 0) {
		b->root = child;
		return ZYNC_OK;
	}
	frame = &b->stack[b->depth - 1];
	if (frame->node->kind == ZYNC_CFG_MAP && !frame->key) {
		if (child->kind != ZYNC_CFG_SCALAR)
			return BUILDER_STOP(b, pos, "a key must be a text, not a list or a mapping; quote texts that begin with { or [");
		frame->key = child;
		return ZYNC_OK;
	}
	ZYNC_TRY(frame_grow(b, frame));
	if (frame->node->kind == ZYNC_CFG_LIST) {
		frame->node->items[frame->node->count++] = child;
	} else {
		frame->node->members[frame->node->count++] = (struct zync_cfg_member){frame->key, child};
		frame->key = NULL;
	}
	return ZYNC_OK;
}

/* The size of a finished child counts in its parent. */
static void builder_weigh(struct builder *b, const struct zync_cfg_node *child)
{
	struct zync_cfg_node *parent;

	if (b->depth == 0)
		return;
	parent = b->stack[b->depth - 1].node;
	parent->weight += child->weight;
	parent->height = ZYNC_MAX(parent->height, child->height + 1);
}

static enum zync_status builder_count(struct builder *b, size_t nodes, struct zync_cfg_pos pos)
{
	b->nodes += nodes;
	if (b->nodes > ZYNC_LIMIT_CONFIG_NODES)
		return BUILDER_STOP(b, pos, "more than %u values, aliases expanded: the configuration is too large",
				    ZYNC_LIMIT_CONFIG_NODES);
	return ZYNC_OK;
}

/* A fresh node in its place; *ret stays NULL when there was a problem. */
static enum zync_status builder_node(struct builder *b, enum zync_cfg_node_kind kind, const yaml_event_t *event, const yaml_char_t *anchor,
				     const yaml_char_t *tag, struct zync_cfg_node **ret)
{
	struct zync_cfg_pos pos = yaml_pos(&event->start_mark);
	struct zync_cfg_node *node;

	if (tag && strcmp((const char *)tag, "!") != 0 && !zync_str_starts((const char *)tag, "tag:yaml.org,2002:"))
		return BUILDER_STOP(b, pos, "YAML tags (!name) are not supported; remove the tag, or quote a text that begins with \"!\"");
	ZYNC_TRY(builder_count(b, 1, pos));
	if (b->stop)
		return ZYNC_OK;
	node = ZYNC_NEW(b->ctx->scratch, struct zync_cfg_node);
	if (!node)
		return builder_nomem(b);
	*node = (struct zync_cfg_node){.kind = kind, .pos = pos, .weight = 1, .height = 1, .open = kind != ZYNC_CFG_SCALAR};
	if (anchor)
		ZYNC_TRY(zync_map_put(b->anchors, (const char *)anchor, node, b->ctx->err));
	ZYNC_TRY(builder_add(b, node, pos));
	if (!b->stop)
		*ret = node;
	return ZYNC_OK;
}

static enum zync_status builder_scalar(struct builder *b, const yaml_event_t *event)
{
	struct zync_cfg_node *node = NULL;
	char *text;

	ZYNC_TRY(builder_node(b, ZYNC_CFG_SCALAR, event, event->data.scalar.anchor, event->data.scalar.tag, &node));
	if (!node)
		return ZYNC_OK;
	text = zync_arena_strndup(b->ctx->scratch, (const char *)event->data.scalar.value, event->data.scalar.length);
	if (!text)
		return builder_nomem(b);
	node->text = text;
	node->text_len = event->data.scalar.length;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag;
	builder_weigh(b, node);
	return ZYNC_OK;
}

static enum zync_status builder_open(struct builder *b, enum zync_cfg_node_kind kind, const yaml_event_t *event, const yaml_char_t *anchor,
				     const yaml_char_t *tag)
{
	struct zync_cfg_node *node = NULL;

	if (b->depth == ZYNC_LIMIT_CONFIG_DEPTH)
		return BUILDER_STOP(b, yaml_pos(&event->start_mark), "nested more than %u levels deep", ZYNC_LIMIT_CONFIG_DEPTH);
	ZYNC_TRY(builder_node(b, kind, event, anchor, tag, &node));
	if (node)
		b->stack[b->depth++] = (struct frame){.node = node};
	return ZYNC_OK;
}

static enum zync_status builder_alias(struct builder *b, const yaml_event_t *event)
{
	struct zync_cfg_pos pos = yaml_pos(&event->start_mark);
	const char *name = (const char *)event->data.alias.anchor;
	struct zync_cfg_node *node = zync_map_get(b->anchors, name);
	const char *quoted = zync_cfg_quote(b->ctx, name);

	if (!quoted)
		return builder_nomem(b);
	if (!node)
		return BUILDER_STOP(b, pos, "alias %s: no anchor of that name stands above it", quoted);
	if (node->open)
		return BUILDER_STOP(b, pos, "alias %s stands inside its own anchor", quoted);
	if (b->depth + node->height > ZYNC_LIMIT_CONFIG_DEPTH)
		return BUILDER_STOP(b, pos, "nested more than %u levels deep", ZYNC_LIMIT_CONFIG_DEPTH);
	ZYNC_TRY(builder_count(b, node->weight, pos));
	if (b->stop)
		return ZYNC_OK;
	ZYNC_TRY(builder_add(b, node, pos));
	builder_weigh(b, node);
	return ZYNC_OK;
}

static bool is_merge_key(const struct zync_cfg_node *key)
{
	return key->plain && strcmp(key->text, "<<") == 0;
}

/* Add the members of @p from that @p frame's mapping does not have. */
static enum zync_status merge_members(struct builder *b, struct frame *frame, struct zync_map *keys, const struct zync_cfg_node *from)
{
	if (from->kind != ZYNC_CFG_MAP)
		return BUILDER_STOP(b, from->pos, "<<: expected a mapping or a list of mappings");
	for (size_t i = 0; i < from->count; i++) {
		if (zync_map_get(keys, from->members[i].key->text))
			continue;
		ZYNC_TRY(zync_map_put(keys, from->members[i].key->text, from->members[i].key, b->ctx->err));
		ZYNC_TRY(frame_grow(b, frame));
		frame->node->members[frame->node->count++] = from->members[i];
	}
	return ZYNC_OK;
}

static enum zync_status merge_value(struct builder *b, struct frame *frame, struct zync_map *keys, const struct zync_cfg_node *value)
{
	if (value->kind != ZYNC_CFG_LIST)
		return merge_members(b, frame, keys, value);
	for (size_t i = 0; i < value->count && !b->stop; i++)
		ZYNC_TRY(merge_members(b, frame, keys, value->items[i]));
	return ZYNC_OK;
}

/* Keys once only, then the merge keys: what the mapping says itself wins over what is merged, earlier over later. */
static enum zync_status builder_finish_map(struct builder *b, struct frame *frame)
{
	struct zync_cfg_node *node = frame->node;
	const struct zync_cfg_node *merges = NULL;
	struct zync_map *keys;
	size_t kept = 0;

	if (node->count == 0)
		return ZYNC_OK;
	keys = zync_map_new(b->ctx->scratch);
	if (!keys)
		return builder_nomem(b);
	for (size_t i = 0; i < node->count; i++) {
		const struct zync_cfg_node *key = node->members[i].key;
		const struct zync_cfg_node *first = zync_map_get(keys, key->text);

		if (strlen(key->text) != key->text_len || !zync_utf8_valid(key->text, key->text_len))
			return BUILDER_STOP(b, key->pos, "a key holds a NUL character");
		if (first) {
			const char *quoted = zync_cfg_quote(b->ctx, key->text);

			if (!quoted)
				return builder_nomem(b);
			return BUILDER_STOP(b, key->pos, "key %s is given twice, first in line %u", quoted, first->pos.line);
		}
		ZYNC_TRY(zync_map_put(keys, key->text, node->members[i].key, b->ctx->err));
		if (is_merge_key(key))
			merges = node->members[i].value;
		else
			node->members[kept++] = node->members[i];
	}
	node->count = kept;
	return merges ? merge_value(b, frame, keys, merges) : ZYNC_OK;
}

static enum zync_status builder_close(struct builder *b)
{
	struct frame *frame;

	/* The parser pairs begin and end. */
	ZYNC_ASSERT(b->depth > 0);
	frame = &b->stack[b->depth - 1];
	if (frame->node->kind == ZYNC_CFG_MAP)
		ZYNC_TRY(builder_finish_map(b, frame));
	frame->node->open = false;
	b->depth--;
	builder_weigh(b, frame->node);
	return ZYNC_OK;
}

static enum zync_status builder_event(struct builder *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return builder_scalar(b, event);
	case YAML_ALIAS_EVENT:
		return builder_alias(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return builder_open(b, ZYNC_CFG_LIST, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return builder_open(b, ZYNC_CFG_MAP, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return builder_close(b);
	case YAML_DOCUMENT_START_EVENT:
		if (++b->documents > 1)
			return BUILDER_STOP(b, yaml_pos(&event->start_mark),
					    "a second document begins here; one file holds one configuration");
		return ZYNC_OK;
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_NO_EVENT:
		return ZYNC_OK;
	}
	return ZYNC_OK;
}

/* Does line @p line (from 0) begin with white space that holds a tab? */
static bool line_has_tab(const char *text, size_t len, size_t line)
{
	const char *end = text + len;

	for (; line > 0 && text < end; line--) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		text = newline ? newline + 1 : end;
	}
	for (; text < end && (*text == ' ' || *text == '\t' || *text == '-'); text++) {
		if (*text == '\t')
			return true;
	}
	return false;
}

static enum zync_status yaml_error(struct builder *b, const yaml_parser_t *parser, const char *text, size_t len)
{
	const char *problem = parser->problem ? parser->problem : "not readable as YAML";

	if (parser->error == YAML_MEMORY_ERROR)
		return builder_nomem(b);
	if (parser->error == YAML_READER_ERROR)
		return BUILDER_STOP(b, ((struct zync_cfg_pos){1, 1}), "not valid YAML text: %s at byte %zu; the file must be UTF-8",
				    problem, parser->problem_offset + 1);
	if (line_has_tab(text, len, parser->problem_mark.line))
		return BUILDER_STOP(b, yaml_pos(&parser->problem_mark),
				    "not valid YAML: %s; the line is indented with a tab, YAML needs spaces", problem);
	if (parser->context)
		return BUILDER_STOP(b, yaml_pos(&parser->problem_mark), "not valid YAML: %s, %s from line %zu on", problem, parser->context,
				    parser->context_mark.line + 1);
	return BUILDER_STOP(b, yaml_pos(&parser->problem_mark), "not valid YAML: %s", problem);
}

static enum zync_status yaml_run(struct builder *b, yaml_parser_t *parser, const char *text, size_t len)
{
	bool end = false;

	while (!end && !b->stop) {
		yaml_event_t event;
		enum zync_status status;

		if (!yaml_parser_parse(parser, &event))
			return yaml_error(b, parser, text, len);
		end = event.type == YAML_STREAM_END_EVENT;
		status = builder_event(b, &event);
		if (event.type == YAML_SCALAR_EVENT)
			zync_wipe(event.data.scalar.value, event.data.scalar.length);
		yaml_event_delete(&event);
		ZYNC_TRY(status);
	}
	return ZYNC_OK;
}

enum zync_status zync_cfg_yaml_read(struct zync_cfg_ctx *ctx, const char *text, size_t len, struct zync_cfg_node **ret_root)
{
	struct builder b = {.ctx = ctx, .anchors = zync_map_new(ctx->scratch)};
	yaml_parser_t parser;
	enum zync_status status;

	if (!b.anchors || !yaml_parser_initialize(&parser))
		return builder_nomem(&b);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	status = yaml_run(&b, &parser, text, len);
	yaml_parser_delete(&parser);
	ZYNC_TRY(status);
	if (!b.stop && b.root && !zync_cfg_node_is_null(b.root))
		*ret_root = b.root;
	return ZYNC_OK;
}

bool zync_cfg_node_is_null(const struct zync_cfg_node *node)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	if (node->kind != ZYNC_CFG_SCALAR || !node->plain)
		return false;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(words); i++) {
		if (strcmp(node->text, words[i]) == 0)
			return true;
	}
	return false;
}

const struct zync_cfg_node *zync_cfg_node_get(const struct zync_cfg_node *map, const char *key)
{
	if (!map || map->kind != ZYNC_CFG_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->members[i].key->text, key) == 0)
			return zync_cfg_node_is_null(map->members[i].value) ? NULL : map->members[i].value;
	}
	return NULL;
}
