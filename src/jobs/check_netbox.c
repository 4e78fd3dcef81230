/* SPDX-License-Identifier: Apache-2.0 */
/* `zync check`: NetBox, what its token may read, and the custom field with the hostid. */
#include "base/str.h"
#include "jobs/check.h"

static bool url_is_plain_remote(const char *url)
{
	return zync_str_starts(url, "http://") && !zync_str_starts(url, "http://127.") && !zync_str_starts(url, "http://localhost") &&
	       !zync_str_starts(url, "http://[::1]");
}

void zync_check_transport(struct zync_check_run *check, const char *what, const char *url, bool verify_tls)
{
	if (url_is_plain_remote(url))
		zync_check_say(check, what, "warning",
			       "the address is plain http: the token travels readable for everybody on the way; use https");
	else if (!verify_tls)
		zync_check_say(check, what, "warning",
			       "verify_tls is off: whoever answers is believed; use ca_file for an own certificate authority");
}

static enum zync_status check_netbox_read(struct zync_check_run *check, struct zync_netbox *netbox, struct zync_err *err)
{
	static const char *const ENDPOINTS[] = {"dcim/devices", "virtualization/virtual-machines", "dcim/sites", "dcim/regions",
						"dcim/site-groups", "dcim/locations", "dcim/device-roles", "dcim/platforms",
						"dcim/device-types", "dcim/manufacturers", "tenancy/tenants", "virtualization/clusters",
						"ipam/ip-addresses", "extras/tags",
						/* only where the mappings look at addresses of interfaces */
						"dcim/interfaces"};
	size_t count = ZYNC_ARRAY_LEN(ENDPOINTS) - (zync_rules_need_ip_addresses(check->app->rules) ? 0 : 1);
	size_t readable = 0;

	for (size_t i = 0; i < count; i++) {
		struct zync_err problem;
		const char *reason = NULL;
		bool may = false;
		enum zync_status status = zync_netbox_may_read(netbox, ENDPOINTS[i], check->arena, &may, &reason, &problem);

		if (status != ZYNC_OK)
			return zync_check_failed(check, "netbox permissions", status, &problem, err);
		if (may) {
			readable++;
			continue;
		}
		zync_check_wrong(check, "netbox permissions", ZYNC_ERR_AUTH,
				 "the token may not read %s: %s; give its user a permission with the action \"view\"", ENDPOINTS[i],
				 reason != NULL ? reason : "refused");
	}
	if (readable == count)
		zync_check_say(check, "netbox permissions", "ok", "all objects that Zync reads may be read");
	return ZYNC_OK;
}

static enum zync_status check_hostid_field(struct zync_check_run *check, struct zync_netbox *netbox, struct zync_err *err)
{
	const struct zync_cfg_netbox *config = &check->app->config->netbox;
	const char *what = "netbox custom field";
	struct zync_err problem;
	bool device = false;
	bool vm = false;
	enum zync_status status = zync_netbox_has_custom_field(netbox, ZYNC_NB_DEVICE, config->hostid_field, &device, &problem);

	if (status == ZYNC_OK)
		status = zync_netbox_has_custom_field(netbox, ZYNC_NB_VM, config->hostid_field, &vm, &problem);
	if (status != ZYNC_OK)
		return zync_check_failed(check, what, status, &problem, err);
	if (device && vm) {
		zync_check_say(check, what, "ok", "%s is there for devices and virtual machines", config->hostid_field);
		return ZYNC_OK;
	}
	if (check->fix) {
		status = zync_netbox_create_hostid_field(netbox, config->hostid_field, &problem);
		if (status != ZYNC_OK)
			return zync_check_failed(check, what, status, &problem, err);
		zync_check_say(check, what, "ok", "%s has been created", config->hostid_field);
		return ZYNC_OK;
	}
	if (config->write_back)
		zync_check_wrong(check, what, ZYNC_ERR_INVALID,
				 "netbox.write_back needs the custom field %s for devices and virtual machines, which NetBox "
				 "does not have; `zync check --fix` creates it",
				 config->hostid_field);
	else
		zync_check_say(check, what, "info",
			       "NetBox has no custom field %s; it is only needed for netbox.write_back (`zync check --fix` creates it)",
			       config->hostid_field);
	return ZYNC_OK;
}

enum zync_status zync_check_netbox(struct zync_check_run *check, bool *ret_ok, struct zync_err *err)
{
	const struct zync_cfg_netbox *config = &check->app->config->netbox;
	struct zync_netbox *netbox = NULL;
	struct zync_err problem;
	enum zync_status status;

	zync_check_transport(check, "netbox", config->url, config->verify_tls);
	status = zync_app_netbox(check->app, &netbox, &problem);
	if (status != ZYNC_OK)
		return zync_check_failed(check, "netbox", status, &problem, err);
	zync_check_say(check, "netbox", "ok", "NetBox %s at %s; this installation is \"%s\" in ownership marks",
		       zync_netbox_version(netbox), config->url, config->instance);
	*ret_ok = true;
	ZYNC_TRY(check_netbox_read(check, netbox, err));
	return check_hostid_field(check, netbox, err);
}
