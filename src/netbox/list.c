/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file list.c Walks through lists by id. Offsets would lose or repeat rows under concurrent changes; ids do not.
 *
 * The page size is only asked for: a server may give less (MAX_PAGE_SIZE). So the walk goes on after the last id that came, until NetBox says that
 * there is no next page. The address in `next` is not used, since proxies make it wrong.
 */
#include "netbox/netbox_priv.h"

#include <inttypes.h>

#include "base/limits.h"

struct list_walk {
	struct zync_netbox *nb;
	const struct nb_list *list;
	nb_item_fn item;
	void *ctx;
	int64_t limit;
	uint64_t start;	   /* least id of the next page */
	unsigned attempts; /* of the next request; 0: all */
};

static enum zync_status list_path(const struct list_walk *walk, struct zync_buf *path, struct zync_err *err)
{
	zync_buf_clear(path);
	zync_buf_printf(path, "/api/%s/?limit=%" PRId64, walk->list->endpoint, walk->limit);
	zync_buf_printf(path, walk->nb->cursor ? "&start=%" PRIu64 : "&id__gte=%" PRIu64 "&ordering=id", walk->start);
	zync_buf_adds(path, walk->list->query);
	if (path->failed == ZYNC_ERR_LIMIT)
		return zync_err_set(err, ZYNC_ERR_INVALID,
				    "netbox: %s is too long: together with what Zync adds, a request must stay below %d bytes",
				    walk->list->filter_key != NULL ? walk->list->filter_key : walk->list->endpoint, NB_PATH_BYTES);
	return zync_buf_check(path, "a NetBox address", err);
}

/** May a smaller page succeed? A proxy that gave up waiting, or a reply that is too large. */
static bool list_page_was_too_much(const struct zync_err *err)
{
	return err->status == ZYNC_ERR_UNREACHABLE || err->status == ZYNC_ERR_LIMIT;
}

/** Read one page, halving it while it is too much for the server. */
static enum zync_status list_read_page(struct list_walk *walk, struct zync_buf *path, struct zync_arena *arena,
				       const struct zync_jval **ret_json, struct zync_err *err)
{
	for (;;) {
		struct nb_call call = {
			.repeatable = true, .max_attempts = walk->limit > NB_PAGE_LEAST ? 2 : 0, .filter_key = walk->list->filter_key};
		struct zync_err why = {0};
		enum zync_status status;

		ZYNC_TRY(list_path(walk, path, err));
		call.path = path->data;
		status = nb_request(walk->nb, &call, arena, ret_json, &why);
		if (status != ZYNC_OK && call.max_attempts != 0 && !list_page_was_too_much(&why) &&
		    why.disposition == ZYNC_DISPOSITION_RETRY) {
			call.max_attempts = 0; /* not a matter of size: as many attempts as any other request */
			status = nb_request(walk->nb, &call, arena, ret_json, &why);
		}
		if (status == ZYNC_OK)
			return ZYNC_OK;
		if (!list_page_was_too_much(&why) || walk->limit <= NB_PAGE_LEAST) {
			zync_err_copy(err, &why);
			return status;
		}
		walk->limit = ZYNC_MAX(walk->limit / 2, NB_PAGE_LEAST);
	}
}

static enum zync_status list_bad_reply(const struct list_walk *walk, const char *why, struct zync_err *err)
{
	return zync_err_set(err, ZYNC_ERR_PROTOCOL,
			    "netbox: GET /api/%s/: %s; is netbox.url really a NetBox, and does a proxy change its replies?",
			    walk->list->endpoint, why);
}

/** Hand out the objects of a page; *ret_next becomes 0 at the end of the list. */
static enum zync_status list_page(struct list_walk *walk, struct zync_arena *arena, const struct zync_jval *json, uint64_t *ret_next,
				  struct zync_err *err)
{
	const struct zync_jval *results = zync_jval_get(json, "results"), *next = zync_jval_get(json, "next"), *item;
	uint64_t least = walk->start;
	struct zync_jiter it;

	if (zync_jval_type(results) != ZYNC_JSON_ARRAY || next == NULL)
		return list_bad_reply(walk, "the answer has no list of results", err);
	zync_jiter_init(&it, results);
	while ((item = zync_jiter_next(&it, NULL)) != NULL) {
		uint64_t id;

		if (zync_jval_type(zync_jval_get(item, "id")) != ZYNC_JSON_INT || !zync_jval_to_u64(zync_jval_get(item, "id"), &id) ||
		    id == 0 || id == UINT64_MAX)
			return list_bad_reply(walk, "an object in the list has no id", err);
		if (id < least)
			return zync_err_set(err, ZYNC_ERR_PROTOCOL,
					    "netbox: GET /api/%s/: object %" PRIu64 " came where ids from %" PRIu64
					    " on were expected, so the list is not in order and may be incomplete",
					    walk->list->endpoint, id, least);
		least = id + 1;
		ZYNC_TRY(walk->item(walk->ctx, arena, item, id, err));
	}
	*ret_next = zync_jval_type(next) == ZYNC_JSON_NULL || zync_jval_len(results) == 0 ? 0 : least;
	return ZYNC_OK;
}

/** start= is honoured when NetBox does not count; an older one ignores it and would send the same page for ever. */
static bool list_cursor_ignored(const struct list_walk *walk, const struct zync_jval *json)
{
	return walk->nb->cursor && zync_jval_type(zync_jval_get(json, "count")) == ZYNC_JSON_INT;
}

static enum zync_status list_run(struct list_walk *walk, struct zync_arena *arena, struct zync_buf *path, struct zync_err *err)
{
	for (unsigned page = 0; page < ZYNC_LIMIT_PAGES; page++) {
		const struct zync_jval *json = NULL;
		uint64_t next = 0;

		if (!walk->list->whole_arena)
			zync_arena_clear(arena);
		ZYNC_TRY(list_read_page(walk, path, arena, &json, err));
		if (list_cursor_ignored(walk, json)) {
			walk->nb->cursor = false;
			continue;
		}
		ZYNC_TRY(list_page(walk, arena, json, &next, err));
		if (next == 0)
			return ZYNC_OK;
		walk->start = next;
	}
	return zync_err_set(err, ZYNC_ERR_LIMIT, "netbox: GET /api/%s/: more than %u pages", walk->list->endpoint, ZYNC_LIMIT_PAGES);
}

enum zync_status nb_list_walk(struct zync_netbox *nb, const struct nb_list *list, nb_item_fn item, void *ctx, struct zync_err *err)
{
	struct list_walk walk = {.nb = nb, .list = list, .item = item, .ctx = ctx, .limit = list->limit, .start = 1};
	ZYNC_AUTO_ARENA own = NULL;
	ZYNC_AUTO_BUF path;

	zync_buf_init(&path, NB_PATH_BYTES);
	if (!list->whole_arena) {
		own = zync_arena_new(0);
		if (own == NULL)
			return zync_err_nomem(err, "reading a list of NetBox");
	}
	return list_run(&walk, list->whole_arena ? list->arena : own, &path, err);
}

enum zync_status nb_count(struct zync_netbox *nb, const char *endpoint, const char *query, const char *filter_key, uint64_t *ret,
			  struct zync_err *err)
{
	struct nb_call call = {.repeatable = true, .filter_key = filter_key};
	const struct zync_jval *json = NULL;
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	ZYNC_AUTO_BUF path;

	zync_buf_init(&path, NB_PATH_BYTES);
	if (arena == NULL)
		return zync_err_nomem(err, "counting objects of NetBox");
	zync_buf_printf(&path, "/api/%s/?limit=1&brief=1%s", endpoint, query);
	ZYNC_TRY(zync_buf_check(&path, "a NetBox address", err));
	call.path = path.data;
	ZYNC_TRY(nb_request(nb, &call, arena, &json, err));
	if (zync_jval_type(zync_jval_get(json, "count")) != ZYNC_JSON_INT || !zync_jval_to_u64(zync_jval_get(json, "count"), ret))
		return zync_err_set(err, ZYNC_ERR_PROTOCOL, "netbox: GET /api/%s/: the answer has no count", endpoint);
	return ZYNC_OK;
}
