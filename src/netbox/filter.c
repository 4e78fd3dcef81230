/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file filter.c The user's filters.
 *
 * NetBox ignores a query parameter that it does not know, so that a misspelt filter returns everything. There is no cheap list of the known
 * ones (the schema takes NetBox half a minute and lacks custom fields), so the effect is tried, once a filter and client:
 *  1. With a value that nothing has, a known filter is refused (400, its name in the body) or finds nothing. Most filters end here.
 *  2. If it found something, the filter is a negation (name__n), a yes/no filter (has_primary_ip; garbage counts as unset), or unknown.
 *     The user's values finding fewer objects than the garbage prove it known.
 *  3. A negation that excludes nothing is unknown only if its positive form finds something.
 *  4. Of a yes/no filter, yes and no share the objects between them; an unknown one finds all objects both times.
 * The garbage is counted before and after, so that objects that come and go meanwhile prove nothing.
 */
#include "netbox/netbox_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define FILTER_GARBAGE	 "zync-no-such-value-41c0"
#define FILTER_QUERY_MAX 3000

/** Set by Zync itself; a second value would change how pages are read. */
static const char *const filter_reserved[] = {"limit", "offset", "start",   "ordering", "fields",
					      "omit",  "brief",	 "exclude", "format",	"id__gte"};

/** For suggestions only. */
static const char *const filter_common[] = {
	"cluster",
	"cluster_group",
	"cluster_id",
	"cluster_type",
	"created",
	"device_type",
	"has_oob_ip",
	"has_primary_ip",
	"id",
	"location",
	"location_id",
	"manufacturer",
	"model",
	"name",
	"name__ic",
	"name__isw",
	"platform",
	"platform_id",
	"q",
	"rack",
	"rack_id",
	"region",
	"region_id",
	"role",
	"role_id",
	"serial",
	"site",
	"site_group",
	"site_id",
	"status",
	"status__n",
	"tag",
	"tag__n",
	"tenant",
	"tenant_group",
	"tenant_id",
	"asset_tag",
	"virtual_chassis_id",
	"last_updated__gte",
};

struct filter_check {
	struct zync_netbox *nb;
	enum zync_nb_type type;
	const char *key;
	const struct zync_cfg_texts *values;
};

static void filter_add(struct zync_buf *query, const char *key, const char *value)
{
	zync_buf_addc(query, '&');
	zync_http_escape(query, key);
	zync_buf_addc(query, '=');
	zync_http_escape(query, value);
}

/** Count with one value, or with all of the user's when @p value is NULL. *ret_refused: NetBox refused the value, so it knows the key. */
static enum zync_status filter_count(const struct filter_check *check, const char *key, const char *value, uint64_t *ret_count,
				     bool *ret_refused, struct zync_err *err)
{
	struct zync_err why = {0};
	enum zync_status status;
	ZYNC_AUTO_BUF query;

	zync_buf_init(&query, FILTER_QUERY_MAX);
	if (value != NULL)
		filter_add(&query, key, value);
	for (size_t i = 0; value == NULL && i < check->values->len; i++)
		filter_add(&query, key, check->values->items[i].value);
	ZYNC_TRY(zync_buf_check(&query, nb_filter_key(check->type), err));
	*ret_refused = false;
	status = nb_count(check->nb, nb_endpoint(check->type), query.data, nb_filter_key(check->type), ret_count, &why);
	if (status != ZYNC_OK && nb_error_status(&why) == 400 && strstr(why.message, key) != NULL) {
		*ret_refused = true;
		*ret_count = 0;
		return ZYNC_OK;
	}
	if (status != ZYNC_OK)
		zync_err_copy(err, &why);
	return status;
}

/** The positive form of a negated filter ("name__nic" → "name__ic"); false when it is none. */
static bool filter_positive(const char *key, char *ret, size_t size)
{
	static const char *const forms[][2] = {{"__n", ""}, {"__nic", "__ic"}, {"__nisw", "__isw"}, {"__niew", "__iew"}, {"__nie", "__ie"}};
	size_t key_len = strlen(key);

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(forms); i++) {
		size_t len = strlen(forms[i][0]);

		if (key_len > len && key_len + 1 < size && zync_str_eq(key + key_len - len, forms[i][0])) {
			memcpy(ret, key, key_len - len);
			memcpy(ret + key_len - len, forms[i][1], strlen(forms[i][1]) + 1);
			return true;
		}
	}
	return false;
}

/** Steps 3 and 4, for a filter with which neither garbage nor the user's values left anything out of @p all objects. */
static enum zync_status filter_check_rest(const struct filter_check *check, uint64_t all, bool *ret_known, struct zync_err *err)
{
	uint64_t yes, no;
	bool refused;
	char positive[128];

	if (filter_positive(check->key, positive, sizeof(positive))) {
		ZYNC_TRY(filter_count(check, positive, NULL, &yes, &refused, err));
		*ret_known = yes == 0;
		return ZYNC_OK;
	}
	ZYNC_TRY(filter_count(check, check->key, "true", &yes, &refused, err));
	ZYNC_TRY(filter_count(check, check->key, "false", &no, &refused, err));
	*ret_known = yes < all || no < all;
	if (*ret_known) /* objects may have come or gone: known means that the two share them */
		*ret_known = yes + no <= all + all / 2;
	return ZYNC_OK;
}

static enum zync_status filter_is_known(const struct filter_check *check, bool *ret_known, struct zync_err *err)
{
	uint64_t before, with, after;
	bool refused;

	*ret_known = true;
	ZYNC_TRY(filter_count(check, check->key, FILTER_GARBAGE, &before, &refused, err));
	if (refused || before == 0)
		return ZYNC_OK;
	ZYNC_TRY(filter_count(check, check->key, NULL, &with, &refused, err));
	if (refused)
		return ZYNC_OK; /* the walk will tell */
	ZYNC_TRY(filter_count(check, check->key, FILTER_GARBAGE, &after, &refused, err));
	if (with < before && with < after)
		return ZYNC_OK;
	return filter_check_rest(check, ZYNC_MIN(before, after), ret_known, err);
}

/** A saved filter that does not exist is ignored, too. */
static enum zync_status filter_check_saved(const struct filter_check *check, bool by_id, struct zync_err *err)
{
	for (size_t i = 0; i < check->values->len; i++) {
		const char *value = check->values->items[i].value;
		uint64_t count;
		ZYNC_AUTO_BUF query;

		zync_buf_init(&query, FILTER_QUERY_MAX);
		filter_add(&query, by_id ? "id" : "slug", value);
		ZYNC_TRY(zync_buf_check(&query, nb_filter_key(check->type), err));
		ZYNC_TRY(nb_count(check->nb, "extras/saved-filters", query.data, nb_filter_key(check->type), &count, err));
		if (count == 0)
			return zync_err_set(err, ZYNC_ERR_INVALID, "netbox: %s: NetBox has no saved filter with the %s \"%.60s\"",
					    nb_filter_key(check->type), by_id ? "id" : "slug", value);
	}
	return ZYNC_OK;
}

static enum zync_status filter_refuse_unknown(const struct filter_check *check, const struct zync_cfg_pair *pair, struct zync_err *err)
{
	const char *near = zync_nearest(check->key, filter_common, ZYNC_ARRAY_LEN(filter_common));
	char place[48] = "", advice[64] = "check its spelling";

	if (pair->key.pos.line > 0)
		snprintf(place, sizeof(place), " (line %u)", pair->key.pos.line);
	if (near != NULL)
		snprintf(advice, sizeof(advice), "did you mean \"%.30s\"?", near);
	return zync_err_set(err, ZYNC_ERR_INVALID,
			    "netbox: %s%s: NetBox does not know the filter \"%.60s\" (it would ignore it and return everything); %s",
			    nb_filter_key(check->type), place, check->key, advice);
}

static enum zync_status filter_check_pair(struct zync_netbox *nb, enum zync_nb_type type, const struct zync_cfg_pair *pair,
					  struct zync_err *err)
{
	struct filter_check check = {.nb = nb, .type = type, .key = pair->key.value, .values = &pair->values};
	bool known = false;
	char *seen;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(filter_reserved); i++) {
		if (zync_str_eq(check.key, filter_reserved[i]))
			return zync_err_set(err, ZYNC_ERR_INVALID, "netbox: %s: \"%s\" is set by Zync itself; remove it",
					    nb_filter_key(type), check.key);
	}
	if (zync_str_eq(check.key, "filter") || zync_str_eq(check.key, "filter_id"))
		return filter_check_saved(&check, zync_str_eq(check.key, "filter_id"), err);
	seen = zync_arena_printf(nb->arena, "%s %s", nb_endpoint(type), check.key);
	if (seen == NULL)
		return zync_err_nomem(err, "checking a filter");
	if (zync_map_get(nb->filters_checked, seen) != NULL)
		return ZYNC_OK;
	ZYNC_TRY(filter_is_known(&check, &known, err));
	if (!known)
		return filter_refuse_unknown(&check, pair, err);
	return zync_map_put(nb->filters_checked, seen, seen, err);
}

enum zync_status nb_filter_query(struct zync_netbox *nb, enum zync_nb_type type, const struct zync_cfg_pairs *filter, struct zync_buf *out,
				 struct zync_err *err)
{
	for (size_t i = 0; i < filter->len; i++) {
		const struct zync_cfg_pair *pair = &filter->items[i];

		if (zync_str_empty(pair->key.value))
			return zync_err_set(err, ZYNC_ERR_INVALID, "netbox: %s: a filter has no name", nb_filter_key(type));
		for (size_t j = 0; j < pair->values.len; j++) {
			if (pair->values.items[j].value == NULL)
				return zync_err_set(err, ZYNC_ERR_INVALID, "netbox: %s: the filter \"%.60s\" has no value",
						    nb_filter_key(type), pair->key.value);
		}
		ZYNC_TRY(filter_check_pair(nb, type, pair, err));
		for (size_t j = 0; j < pair->values.len; j++)
			filter_add(out, pair->key.value, pair->values.items[j].value);
	}
	return ZYNC_OK;
}
