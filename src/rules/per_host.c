/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_priv.h"

enum zync_status rules_per_host(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_per_host_values **ret)
{
	(void)run;
	(void)mapping;
	*ret = NULL;
	return ZYNC_OK;
}
