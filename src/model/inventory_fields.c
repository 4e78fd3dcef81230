/* SPDX-License-Identifier: Apache-2.0 */
#include "model/names.h"

#include <string.h>

#include "base/macros.h"

/* Longest value of the columns of type text, as Zabbix's front end enforces it. */
#define INVENTORY_TEXT 65535

/*
 * The fields and column lengths of table host_inventory of Zabbix 7.0. 6.0 has the same fields and lengths but for url_a, url_b and url_c,
 * which are 255 there. In order of bytes: they are searched by bisection.
 */
static const char *const inventory_names[] = {
	"alias",
	"asset_tag",
	"chassis",
	"contact",
	"contract_number",
	"date_hw_decomm",
	"date_hw_expiry",
	"date_hw_install",
	"date_hw_purchase",
	"deployment_status",
	"hardware",
	"hardware_full",
	"host_netmask",
	"host_networks",
	"host_router",
	"hw_arch",
	"installer_name",
	"location",
	"location_lat",
	"location_lon",
	"macaddress_a",
	"macaddress_b",
	"model",
	"name",
	"notes",
	"oob_ip",
	"oob_netmask",
	"oob_router",
	"os",
	"os_full",
	"os_short",
	"poc_1_cell",
	"poc_1_email",
	"poc_1_name",
	"poc_1_notes",
	"poc_1_phone_a",
	"poc_1_phone_b",
	"poc_1_screen",
	"poc_2_cell",
	"poc_2_email",
	"poc_2_name",
	"poc_2_notes",
	"poc_2_phone_a",
	"poc_2_phone_b",
	"poc_2_screen",
	"serialno_a",
	"serialno_b",
	"site_address_a",
	"site_address_b",
	"site_address_c",
	"site_city",
	"site_country",
	"site_notes",
	"site_rack",
	"site_state",
	"site_zip",
	"software",
	"software_app_a",
	"software_app_b",
	"software_app_c",
	"software_app_d",
	"software_app_e",
	"software_full",
	"tag",
	"type",
	"type_full",
	"url_a",
	"url_b",
	"url_c",
	"vendor",
};
static const size_t inventory_lengths[] = {
	128,		/* alias */
	64,		/* asset_tag */
	64,		/* chassis */
	INVENTORY_TEXT, /* contact */
	64,		/* contract_number */
	64,		/* date_hw_decomm */
	64,		/* date_hw_expiry */
	64,		/* date_hw_install */
	64,		/* date_hw_purchase */
	64,		/* deployment_status */
	255,		/* hardware */
	INVENTORY_TEXT, /* hardware_full */
	39,		/* host_netmask */
	INVENTORY_TEXT, /* host_networks */
	39,		/* host_router */
	32,		/* hw_arch */
	64,		/* installer_name */
	INVENTORY_TEXT, /* location */
	16,		/* location_lat */
	16,		/* location_lon */
	64,		/* macaddress_a */
	64,		/* macaddress_b */
	64,		/* model */
	128,		/* name */
	INVENTORY_TEXT, /* notes */
	39,		/* oob_ip */
	39,		/* oob_netmask */
	39,		/* oob_router */
	128,		/* os */
	255,		/* os_full */
	128,		/* os_short */
	64,		/* poc_1_cell */
	128,		/* poc_1_email */
	128,		/* poc_1_name */
	INVENTORY_TEXT, /* poc_1_notes */
	64,		/* poc_1_phone_a */
	64,		/* poc_1_phone_b */
	64,		/* poc_1_screen */
	64,		/* poc_2_cell */
	128,		/* poc_2_email */
	128,		/* poc_2_name */
	INVENTORY_TEXT, /* poc_2_notes */
	64,		/* poc_2_phone_a */
	64,		/* poc_2_phone_b */
	64,		/* poc_2_screen */
	64,		/* serialno_a */
	64,		/* serialno_b */
	128,		/* site_address_a */
	128,		/* site_address_b */
	128,		/* site_address_c */
	128,		/* site_city */
	64,		/* site_country */
	INVENTORY_TEXT, /* site_notes */
	128,		/* site_rack */
	64,		/* site_state */
	64,		/* site_zip */
	255,		/* software */
	64,		/* software_app_a */
	64,		/* software_app_b */
	64,		/* software_app_c */
	64,		/* software_app_d */
	64,		/* software_app_e */
	INVENTORY_TEXT, /* software_full */
	64,		/* tag */
	64,		/* type */
	64,		/* type_full */
	2048,		/* url_a */
	2048,		/* url_b */
	2048,		/* url_c */
	64,		/* vendor */
};
_Static_assert(ZYNC_ARRAY_LEN(inventory_names) == ZYNC_ARRAY_LEN(inventory_lengths), "every inventory field has a length");

size_t zync_inventory_field_max(const char *field)
{
	size_t low = 0, high = ZYNC_ARRAY_LEN(inventory_names);
	if (field == NULL)
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(field, inventory_names[middle]);
		if (order == 0)
			return inventory_lengths[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

bool zync_inventory_field_known(const char *field)
{
	return zync_inventory_field_max(field) != 0;
}

const char *const *zync_inventory_fields(size_t *ret_count)
{
	*ret_count = ZYNC_ARRAY_LEN(inventory_names);
	return inventory_names;
}
