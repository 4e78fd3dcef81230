/* SPDX-License-Identifier: Apache-2.0 */
/** @file explain.c NetBox's refusals in words for the administrator: its own words, and what to do about them. */
#include "netbox/netbox_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define EXPLAIN_DEPTH 6
#define EXPLAIN_BYTES 700

/** Permissions are named by model, addresses by its plural. */
static const struct {
	const char *endpoint, *model;
} explain_models[] = {
	{"dcim/devices", "dcim.device"},
	{"dcim/sites", "dcim.site"},
	{"dcim/regions", "dcim.region"},
	{"dcim/site-groups", "dcim.sitegroup"},
	{"dcim/locations", "dcim.location"},
	{"dcim/racks", "dcim.rack"},
	{"dcim/device-roles", "dcim.devicerole"},
	{"dcim/platforms", "dcim.platform"},
	{"dcim/manufacturers", "dcim.manufacturer"},
	{"dcim/device-types", "dcim.devicetype"},
	{"dcim/virtual-chassis", "dcim.virtualchassis"},
	{"tenancy/tenants", "tenancy.tenant"},
	{"tenancy/tenant-groups", "tenancy.tenantgroup"},
	{"virtualization/virtual-machines", "virtualization.virtualmachine"},
	{"virtualization/clusters", "virtualization.cluster"},
	{"virtualization/cluster-types", "virtualization.clustertype"},
	{"virtualization/cluster-groups", "virtualization.clustergroup"},
	{"ipam/ip-addresses", "ipam.ipaddress"},
	{"extras/custom-fields", "extras.customfield"},
	{"extras/journal-entries", "extras.journalentry"},
	{"extras/saved-filters", "extras.savedfilter"},
};

const char *nb_permission_model(const char *path)
{
	if (zync_str_starts(path, "/api/"))
		path += strlen("/api/");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(explain_models); i++) {
		size_t len = strlen(explain_models[i].endpoint);

		if (strncmp(path, explain_models[i].endpoint, len) == 0 && (path[len] == '/' || path[len] == '\0'))
			return explain_models[i].model;
	}
	return NULL;
}

/** Append text of a server: one line, no control characters. */
static void explain_text(struct zync_buf *out, const char *text)
{
	char last = ' ';

	for (; *text != '\0' && out->len < EXPLAIN_BYTES; text++) {
		char c = (unsigned char)*text < ' ' || *text == 127 ? ' ' : *text;

		if (c != ' ' || last != ' ')
			zync_buf_addc(out, c);
		last = c;
	}
	while (*text != '\0' && ((unsigned char)*text & 0xc0) == 0x80) /* never half a character */
		zync_buf_addc(out, *text++);
	if (*text != '\0')
		zync_buf_adds(out, "…");
}

static void explain_part(struct zync_buf *out, const char *path, const char *text)
{
	if (out->len >= EXPLAIN_BYTES || zync_str_empty(text))
		return;
	if (out->len > 0)
		zync_buf_adds(out, "; ");
	if (path[0] != '\0')
		zync_buf_printf(out, "%s: ", path);
	explain_text(out, text);
}

/** Names that carry no information for the reader. */
static bool explain_is_plain_key(const char *key)
{
	static const char *const plain[] = {"detail", "error", "errors", "__all__", "non_field_errors"};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(plain); i++) {
		if (zync_str_eq(key, plain[i]))
			return true;
	}
	return false;
}

/* Recursion is bounded by EXPLAIN_DEPTH. */
static void explain_value(const struct zync_jval *v, const char *path, unsigned depth, struct zync_buf *out)
{
	struct zync_jiter it;
	const struct zync_jval *child;
	const char *key;
	size_t index = 0;

	if (zync_jval_type(v) == ZYNC_JSON_STR) {
		explain_part(out, path, zync_jval_str(v));
		return;
	}
	if (depth >= EXPLAIN_DEPTH)
		return;
	zync_jiter_init(&it, v);
	while ((child = zync_jiter_next(&it, &key)) != NULL && out->len < EXPLAIN_BYTES) {
		char longer[160];
		const char *dot = path[0] != '\0' ? "." : "";

		index++;
		if (key == NULL && zync_jval_type(child) == ZYNC_JSON_OBJECT && zync_jval_len(child) > 0)
			snprintf(longer, sizeof(longer), "%.100s%sentry %zu", path, dot, index);
		else if (key == NULL || explain_is_plain_key(key))
			snprintf(longer, sizeof(longer), "%.100s", path);
		else if (zync_str_eq(key, "netbox_version") || zync_str_eq(key, "python_version"))
			continue;
		else
			snprintf(longer, sizeof(longer), "%.100s%s%.40s", path, dot, key);
		explain_value(child, longer, depth + 1, out);
	}
}

void nb_explain(const struct zync_jval *body, struct zync_buf *out)
{
	explain_value(body, "", 0, out);
}

void nb_describe(const struct nb_call *call, struct zync_buf *out)
{
	const char *query = strchr(call->path, '?');

	zync_buf_printf(out, "netbox: %s ", call->method != NULL ? call->method : "GET");
	zync_buf_add(out, call->path, query != NULL ? (size_t)(query - call->path) : strlen(call->path));
}

/** What helps against a refusal, recognised by NetBox's English words; other languages get the general advice. */
static const struct {
	const char *words, *advice;
} explain_advice[] = {
	{"Token expired", "give the token a later expiry date in NetBox, or make a new one"},
	{"Token disabled", "enable the token in NetBox"},
	{"User inactive", "make the token's user active in NetBox"},
	{"Source IP", "add this machine's address (as NetBox or its proxy sees it) to the token's allowed IPs"},
	{"Client IP address could not be determined", "the proxy before NetBox must pass X-Real-IP or X-Forwarded-For"},
	{"Could not parse key from v2 token", "a v2 token is nbt_<key>.<secret>: the part after the dot is missing in netbox.token"},
	{"Invalid v2 token", "check netbox.token; if it is right, the server's API_TOKEN_PEPPERS may have changed: make a new token"},
	{"Invalid v1 token", "check netbox.token; a v2 token begins with nbt_"},
	{"Invalid token", "check netbox.token"},
};

static void explain_forbidden(const struct zync_netbox *nb, const struct nb_call *call, const char *words, struct zync_buf *out)
{
	const char *model = nb_permission_model(call->path);
	const char *method = call->method != NULL ? call->method : "GET";
	unsigned version, patch;
	const char *action = zync_str_eq(method, "GET") ? "view" : zync_str_eq(method, "POST") ? "add" : "change";

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(explain_advice); i++) {
		if (strstr(words, explain_advice[i].words) != NULL) {
			zync_buf_printf(out, "; %s", explain_advice[i].advice);
			return;
		}
	}
	if (strstr(words, "credentials were not provided") != NULL) {
		if (strstr(nb->authorization, " nbt_") != NULL && nb_parse_version(nb->reply.api_version, &version, &patch) &&
		    version < NB_VERSION(4, 5))
			zync_buf_printf(out, "; tokens that begin with nbt_ need NetBox 4.5 or newer, this is %s: make a v1 token",
					nb->reply.api_version);
		else
			zync_buf_adds(out, "; something between here and NetBox drops the Authorization header");
	} else if (model != NULL) {
		const char *dot = strchr(model, '.');

		zync_buf_printf(out, "; the token's user needs the permission %.*s.%s_%s", (int)(dot - model), model, action, dot + 1);
		if (!zync_str_eq(method, "GET"))
			zync_buf_adds(out, ", and the token must have \"write enabled\"");
	} else
		zync_buf_adds(out, "; check netbox.token and the permissions of its user");
}

/** The title of a web page, which usually tells what answered. */
static void explain_page_title(const struct zync_buf *body, struct zync_buf *out)
{
	const char *start = strcasestr(body->data, "<title>");
	const char *end = start != NULL ? strcasestr(start, "</title>") : NULL;
	char title[121];

	if (end == NULL)
		return;
	start += strlen("<title>");
	snprintf(title, sizeof(title), "%.*s", (int)ZYNC_MIN((size_t)(end - start), sizeof(title) - 1), start);
	title[zync_utf8_valid(title, strlen(title)) ? strlen(title) : 0] = '\0';
	zync_buf_adds(out, " with the title \"");
	explain_text(out, title);
	zync_buf_adds(out, "\"");
}

enum zync_status nb_not_json(struct zync_netbox *nb, const struct nb_call *call, const char *why, struct zync_err *err)
{
	enum zync_status status = ZYNC_ERR_PROTOCOL;
	struct zync_buf text;

	zync_buf_init(&text, ZYNC_ERR_MESSAGE_SIZE);
	nb_describe(call, &text);
	if (strstr(nb->reply.content_type, "html") != NULL || zync_str_starts(nb->reply.body.data, "<")) {
		zync_buf_adds(&text, ": the answer is a web page");
		explain_page_title(&nb->reply.body, &text);
		zync_buf_printf(
			&text,
			", not NetBox's API; check that netbox.url (%s) is the address of NetBox's home page and that no login page or "
			"proxy answers in its place",
			nb->url);
	} else {
		zync_buf_printf(&text, ": the answer is not JSON but \"%.60s\"", nb->reply.content_type);
		if (why != NULL)
			zync_buf_printf(&text, " (%s)", why);
		zync_buf_adds(&text, "; check netbox.url and any proxy before NetBox");
	}
	if (text.failed == ZYNC_ERR_NOMEM)
		status = zync_err_nomem(err, "describing a reply of NetBox");
	else
		zync_err_set(err, status, "%s", text.data);
	zync_err_origin(err, ZYNC_ORIGIN_HTTP, nb->reply.status);
	zync_buf_done(&text);
	return status;
}

static enum zync_status explain_redirect(struct zync_netbox *nb, struct zync_buf *text)
{
	const char *to = nb->reply.location;
	const char *api = strstr(to, "/api/");

	zync_buf_printf(text, ": NetBox (or a proxy before it) redirects to %s", to[0] != '\0' ? to : "an unknown place");
	if (strstr(to, "login") != NULL)
		zync_buf_adds(text, ", a login page: a proxy before NetBox wants its own login; let /api/ pass without it");
	else if (api != NULL)
		zync_buf_printf(text, "; set netbox.url to %.*s", (int)(api - to), to);
	else
		zync_buf_adds(text, "; set netbox.url to the address that NetBox finally has");
	return ZYNC_ERR_INVALID;
}

static enum zync_status explain_bad_request(const struct nb_call *call, const char *words, struct zync_buf *text)
{
	if (call->filter_key != NULL) {
		zync_buf_clear(text);
		zync_buf_printf(text, "netbox: NetBox refuses a value in %s: %s", call->filter_key, words);
		return ZYNC_ERR_INVALID;
	}
	zync_buf_printf(text, ": NetBox refuses it: %s", words);
	return ZYNC_ERR_REJECTED;
}

static enum zync_status explain_status(struct zync_netbox *nb, const struct nb_call *call, const char *words, struct zync_buf *text)
{
	long http = nb->reply.status;
	bool is_page = strstr(nb->reply.content_type, "html") != NULL;

	if (http >= 300 && http < 400)
		return explain_redirect(nb, text);
	if (http == 400)
		return explain_bad_request(call, words[0] != '\0' ? words : "no reason given", text);
	if (http == 401 || http == 407) {
		zync_buf_printf(text, ": a proxy before NetBox wants a login of its own (HTTP %ld); let /api/ pass without it", http);
		return ZYNC_ERR_AUTH;
	}
	if (http == 403) {
		zync_buf_printf(text, ": NetBox refuses: \"%s\" (HTTP 403)",
				words[0] != '\0' ? words
				: is_page	 ? "a web page"
						 : "no reason given");
		explain_forbidden(nb, call, words, text);
		return ZYNC_ERR_AUTH;
	}
	if (http == 404 && nb->api_version == 0) {
		zync_buf_printf(text,
				": there is no NetBox API at %s/api/ (HTTP 404); netbox.url must be the address of NetBox's home page, "
				"without /api",
				nb->url);
		return ZYNC_ERR_INVALID;
	}
	zync_buf_printf(text, ": HTTP %ld%s%s%s", http, words[0] != '\0' ? ", \"" : "", words, words[0] != '\0' ? "\"" : "");
	if (words[0] == '\0' && is_page) {
		zync_buf_adds(text, ", a web page");
		explain_page_title(&nb->reply.body, text);
	}
	if (nb->reply.attempts > 1)
		zync_buf_printf(text, " (after %u attempts)", nb->reply.attempts);
	switch (http) {
	case 404:
		return ZYNC_ERR_NOT_FOUND;
	case 409:
	case 412:
		return ZYNC_ERR_CONFLICT;
	case 408:
	case 429:
	case 502:
	case 503:
	case 504:
		return ZYNC_ERR_UNREACHABLE;
	default:
		return http >= 500 ? ZYNC_ERR_PROTOCOL : ZYNC_ERR_REJECTED;
	}
}

enum zync_status nb_refuse(struct zync_netbox *nb, const struct nb_call *call, const struct zync_jval *json, struct zync_err *err)
{
	struct zync_buf words, text;
	enum zync_status status;

	zync_buf_init(&words, 4 * EXPLAIN_BYTES);
	zync_buf_init(&text, ZYNC_ERR_MESSAGE_SIZE);
	nb_explain(json, &words);
	nb_describe(call, &text);
	status = explain_status(nb, call, words.data, &text);
	if (!call->repeatable && zync_http_outcome_unknown(nb->http))
		zync_buf_adds(&text, " (it is not known whether the server carried it out)");
	if (words.failed == ZYNC_ERR_NOMEM || text.failed == ZYNC_ERR_NOMEM)
		status = zync_err_nomem(err, "describing a reply of NetBox");
	else
		zync_err_set(err, status, "%s", text.data);
	if (nb->reply.status >= 500) /* a defect or a restart there; the same may succeed later */
		zync_err_dispose(err, ZYNC_DISPOSITION_RETRY);
	zync_err_origin(err, ZYNC_ORIGIN_HTTP, nb->reply.status);
	zync_buf_done(&words);
	zync_buf_done(&text);
	return status;
}
