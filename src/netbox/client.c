/* SPDX-License-Identifier: Apache-2.0 */
/** @file client.c Connecting to a NetBox and knowing its version. */
#include "netbox/netbox.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "netbox/netbox_priv.h"

const char *zync_nb_type_name(enum zync_nb_type type)
{
	return type == ZYNC_NB_VM ? "vm" : "device";
}

const char *nb_endpoint(enum zync_nb_type type)
{
	return type == ZYNC_NB_VM ? "virtualization/virtual-machines" : "dcim/devices";
}

const char *nb_object_type(enum zync_nb_type type)
{
	return type == ZYNC_NB_VM ? "virtualization.virtualmachine" : "dcim.device";
}

const char *nb_filter_key(enum zync_nb_type type)
{
	return type == ZYNC_NB_VM ? "netbox.vm_filter" : "netbox.device_filter";
}

/** A number of at most four digits at *s, which moves behind it. */
static bool client_number(const char **s, unsigned *ret)
{
	unsigned n = 0, digits = 0;

	for (; **s >= '0' && **s <= '9' && digits < 4; (*s)++, digits++)
		n = n * 10 + (unsigned)(**s - '0');
	*ret = n;
	return digits > 0;
}

bool nb_parse_version(const char *text, unsigned *ret_api, unsigned *ret_patch)
{
	unsigned major, minor, patch = 0;

	if (!client_number(&text, &major) || *text++ != '.' || !client_number(&text, &minor))
		return false;
	if (*text == '.') {
		text++;
		(void)client_number(&text, &patch);
	}
	*ret_api = NB_VERSION(major, minor);
	*ret_patch = patch;
	return true;
}

static enum zync_status client_refuse_old(const char *version, struct zync_err *err)
{
	return zync_err_set(err, ZYNC_ERR_INVALID, "netbox: Zync needs NetBox 4.0 or newer, this is %.31s", version);
}

static enum zync_status client_authorization(struct zync_netbox *nb, const struct zync_secret *token, struct zync_err *err)
{
	const char *text = zync_secret_reveal(token);
	struct zync_buf line;
	bool fine;

	if (zync_str_empty(text))
		return zync_err_set(err, ZYNC_ERR_INVALID, "netbox: no token is given; set netbox.token or netbox.token_file");
	for (const char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 127)
			return zync_err_set(
				err, ZYNC_ERR_INVALID,
				"netbox: netbox.token holds a space or another character that no token has; check how it was copied");
	}
	zync_buf_init(&line, 8192);
	/* From 4.5 on the prefix alone decides what the value is, before that only "Token" is understood. */
	zync_buf_printf(&line, "Authorization: %s %s", zync_str_starts(text, "nbt_") ? "Bearer" : "Token", text);
	fine = line.failed == ZYNC_OK;
	nb->authorization = fine ? zync_strdup(line.data) : NULL;
	zync_buf_done(&line);
	if (!fine && strlen(text) > 8000)
		return zync_err_set(err, ZYNC_ERR_INVALID, "netbox: netbox.token is %zu characters long, which no token is", strlen(text));
	return nb->authorization != NULL ? ZYNC_OK : zync_err_nomem(err, "keeping the NetBox token");
}

static enum zync_status client_init(struct zync_netbox *nb, const struct zync_cfg_netbox *config, struct zync_err *err)
{
	struct zync_http_params params = {.what = "netbox",
					  .base_url = config->url,
					  .ca_file = config->ca_file,
					  .insecure = !config->verify_tls,
					  .timeout_ms = config->timeout_ms,
					  .requests_per_second = config->requests_per_second,
					  .cancelled = nb->cancelled,
					  .cancelled_ctx = nb->cancelled_ctx};
	const struct zync_jval *types;

	ZYNC_TRY(client_authorization(nb, config->token, err));
	ZYNC_TRY(zync_http_new(&params, &nb->http, err));
	nb->url = zync_strdup(config->url);
	nb->hostid_field = zync_strdup(config->hostid_field != NULL ? config->hostid_field : "zabbix_hostid");
	nb->one_host = config->virtual_chassis == ZYNC_VC_ONE_HOST;
	nb->page_size = ZYNC_MAX(1, ZYNC_MIN(config->page_size > 0 ? config->page_size : 500, 1000));
	nb->arena = zync_arena_new(0);
	nb->filters_checked = nb->arena != NULL ? zync_map_new(nb->arena) : NULL;
	if (nb->url == NULL || nb->hostid_field == NULL || nb->filters_checked == NULL)
		return zync_err_nomem(err, "making a NetBox client");
	ZYNC_TRY(zync_json_parse(nb->arena, "[\"device\",\"vm\",\"\"]", 18, &types, err));
	nb->types[ZYNC_NB_DEVICE] = zync_jval_at(types, 0);
	nb->types[ZYNC_NB_VM] = zync_jval_at(types, 1);
	nb->no_name = zync_jval_at(types, 2);
	return ZYNC_OK;
}

/** The version is in a header of every reply, refusals included, so an old NetBox is told from a wrong token. */
static enum zync_status client_check_header(const struct zync_netbox *nb, struct zync_err *err)
{
	unsigned api, patch;

	if (nb_parse_version(nb->reply.api_version, &api, &patch) && api < NB_VERSION(4, 0))
		return client_refuse_old(nb->reply.api_version, err);
	return ZYNC_OK;
}

static enum zync_status client_read_status(struct zync_netbox *nb, struct zync_err *err)
{
	struct nb_call call = {.path = "/api/status/", .repeatable = true};
	const struct zync_jval *json = NULL;
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	enum zync_status status;
	const char *version;

	if (arena == NULL)
		return zync_err_nomem(err, "reading NetBox's status");
	status = nb_request(nb, &call, arena, &json, err);
	ZYNC_TRY(client_check_header(nb, err));
	ZYNC_TRY(status);
	version = zync_jval_get_str(json, "netbox-version");
	if (version == NULL || !nb_parse_version(version, &nb->api_version, &nb->patch))
		return zync_err_set(
			err, ZYNC_ERR_PROTOCOL,
			"netbox: %s/api/status/ answers JSON but names no netbox-version, so this is not a NetBox; check netbox.url",
			nb->url);
	if (nb->api_version < NB_VERSION(4, 0))
		return client_refuse_old(version, err);
	snprintf(nb->version, sizeof(nb->version), "%s", version);
	nb->cursor = nb->api_version >= NB_VERSION(4, 6);
	return ZYNC_OK;
}

enum zync_status zync_netbox_open(const struct zync_cfg_netbox *config, bool (*cancelled)(void *), void *cancelled_ctx,
				  struct zync_netbox **ret, struct zync_err *err)
{
	struct zync_netbox *nb = zync_calloc(1, sizeof(*nb));
	enum zync_status status;

	if (nb == NULL)
		return zync_err_nomem(err, "making a NetBox client");
	nb->cancelled = cancelled;
	nb->cancelled_ctx = cancelled_ctx;
	zync_http_reply_init(&nb->reply, 0);
	status = client_init(nb, config, err);
	if (status == ZYNC_OK)
		status = client_read_status(nb, err);
	if (status != ZYNC_OK) {
		zync_netbox_close(nb);
		return status;
	}
	*ret = nb;
	return ZYNC_OK;
}

void zync_netbox_close(struct zync_netbox *nb)
{
	if (nb == NULL)
		return;
	zync_http_free(nb->http);
	zync_http_reply_done(&nb->reply);
	if (nb->authorization != NULL)
		zync_wipe(nb->authorization, strlen(nb->authorization));
	zync_free(nb->authorization);
	zync_free(nb->url);
	zync_free(nb->hostid_field);
	zync_arena_free(nb->arena);
	zync_arena_free(nb->ref_arena);
	zync_arena_free(nb->addresses.arena);
	zync_arena_free(nb->field_arena);
	zync_free(nb);
}

const char *zync_netbox_version(const struct zync_netbox *nb)
{
	return nb->version;
}

unsigned zync_netbox_api_version(const struct zync_netbox *nb)
{
	return nb->api_version;
}

uint64_t zync_netbox_calls(const struct zync_netbox *nb)
{
	return zync_http_stats(nb->http)->requests;
}
