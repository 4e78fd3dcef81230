/* SPDX-License-Identifier: Apache-2.0 */
#include "zabbix/zabbix_priv.h"

/* Oldest first. */
static const struct zync_zbx_dialect dialects[] = {
	{.from = 6000,
	 .bearer = false,
	 .select_groups = "selectGroups",
	 .groups = "groups",
	 .proxy_name = "host",
	 .any_interface = true,
	 .new_keys_unchecked = true},
	/* In linking templates 6.2 is taken for what both 6.0 and 7.0 refuse, 6.4 for 7.0; neither was measured. */
	{.from = 6002,
	 .bearer = false,
	 .select_groups = "selectHostGroups",
	 .groups = "hostgroups",
	 .proxy_name = "host",
	 .new_keys_unchecked = true},
	{.from = 6004,
	 .bearer = true,
	 .select_groups = "selectHostGroups",
	 .groups = "hostgroups",
	 .proxy_name = "host",
	 .max_repetitions = true},
	{.from = 7000,
	 .bearer = true,
	 .select_groups = "selectHostGroups",
	 .groups = "hostgroups",
	 .monitored_by = true,
	 .proxy_name = "name",
	 .max_repetitions = true},
};

static const char *dialect_number(const char *s, unsigned *ret)
{
	unsigned n = 0;

	if (*s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (unsigned)(*s - '0');
		if (n > 999)
			return NULL;
	}
	*ret = n;
	return s;
}

bool zync_zbx_version_parse(const char *text, unsigned *ret_number)
{
	unsigned major;
	unsigned minor;

	if (!text)
		return false;
	text = dialect_number(text, &major);
	if (!text || *text != '.' || !dialect_number(text + 1, &minor))
		return false;
	*ret_number = major * 1000 + minor;
	return true;
}

const struct zync_zbx_dialect *zync_zbx_dialect_find(unsigned number)
{
	const struct zync_zbx_dialect *found = NULL;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(dialects); i++) {
		if (number >= dialects[i].from)
			found = &dialects[i];
	}
	return found;
}
