/* SPDX-License-Identifier: Apache-2.0 */
/* The safety limits of a run (DESIGN section 6). */
#include "plan/plan.h"

#include <stdio.h>

void zync_plan_count(struct zync_plan_counts *counts, const struct zync_op *op)
{
	switch (op->kind) {
	case ZYNC_OP_NONE:
		counts->unchanged++;
		break;
	case ZYNC_OP_CREATE:
		counts->create++;
		break;
	case ZYNC_OP_UPDATE:
		counts->update++;
		break;
	case ZYNC_OP_DISABLE:
		counts->disable++;
		break;
	case ZYNC_OP_DELETE:
		counts->delete_++;
		break;
	case ZYNC_OP_REPORT:
		counts->report++;
		break;
	case ZYNC_OP_FORGET:
		counts->forget++;
		break;
	case ZYNC_OP_DONE:
		counts->skipped++;
		break;
	case ZYNC_OP_FAIL:
		counts->failed++;
		break;
	}
}

/* A percentage of few hosts still allows one: else an installation of ten could never remove any. */
static uint64_t limits_percent(double percent, uint64_t linked)
{
	double allowed = percent * (double)linked / 100.0;

	return allowed < 1.0 ? 1 : (uint64_t)allowed;
}

static enum zync_status limits_check_one(const struct zync_cfg_limit *limit, uint64_t wanted, uint64_t linked, const char *verb,
					 const char *key, struct zync_err *err)
{
	if (limit->count >= 0 && wanted > (uint64_t)limit->count)
		return zync_err_set(err, ZYNC_ERR_SAFETY,
				    "safety limit: %llu hosts would be %s, and %s allows %lld in one run; nothing was written. Look at "
				    "them with `zync plan`; "
				    "if that is what you want, run `zync sync --force`, or raise the limit",
				    (unsigned long long)wanted, verb, key, (long long)limit->count);
	if (limit->percent >= 0 && wanted > limits_percent(limit->percent, linked))
		return zync_err_set(err, ZYNC_ERR_SAFETY,
				    "safety limit: %llu of %llu hosts would be %s, and %s allows %g %% in one run; nothing was written. "
				    "Look at them with `zync plan`; "
				    "if that is what you want, run `zync sync --force`, or raise the limit",
				    (unsigned long long)wanted, (unsigned long long)linked, verb, key, limit->percent);
	return ZYNC_OK;
}

enum zync_status zync_plan_check_limits(const struct zync_cfg_sync *policy, const struct zync_plan_counts *counts, struct zync_err *err)
{
	uint64_t changes = counts->update + counts->disable + counts->delete_;

	ZYNC_TRY(limits_check_one(&policy->max_deletes, counts->delete_, counts->linked, "deleted", "sync.max_deletes", err));
	ZYNC_TRY(limits_check_one(&policy->max_disables, counts->disable, counts->linked, "disabled", "sync.max_disables", err));
	return limits_check_one(&policy->max_changes, changes, counts->linked, "changed", "sync.max_changes", err);
}

/* Fewer known objects than this are too few for a percentage to mean anything; an empty answer stops the run all the same. */
#define SHRINK_FEW 10

enum zync_status zync_plan_check_shrink(const struct zync_cfg_sync *policy, uint64_t known, uint64_t missing, struct zync_err *err)
{
	if (known == 0 || missing == 0)
		return ZYNC_OK;
	if (missing == known)
		return zync_err_set(
			err, ZYNC_ERR_SAFETY,
			"safety limit: NetBox gave none of the %llu objects that have a host config; nothing was written. Check "
			"netbox.device_filter, "
			"netbox.vm_filter, the mappings and the token's permissions; if they are really gone, run `zync sync --force`",
			(unsigned long long)known);
	if (known < SHRINK_FEW || policy->max_shrink_percent < 0 || (double)missing * 100.0 <= policy->max_shrink_percent * (double)known)
		return ZYNC_OK;
	return zync_err_set(err, ZYNC_ERR_SAFETY,
			    "safety limit: %llu of the %llu objects that have a host config are not selected from NetBox any more, and "
			    "sync.max_shrink allows %g %%; nothing "
			    "was written. Check netbox.device_filter, netbox.vm_filter, the mappings and the token's permissions; if they "
			    "are really gone, run "
			    "`zync sync --force`",
			    (unsigned long long)missing, (unsigned long long)known, policy->max_shrink_percent);
}

enum zync_status zync_plan_check_vanished(const struct zync_cfg_sync *policy, const char *server, uint64_t known, uint64_t vanished,
					  struct zync_err *err)
{
	const struct zync_cfg_limit *limit = &policy->max_vanished;
	bool many = limit->count >= 0 && vanished > (uint64_t)limit->count;
	char allowed[32];

	if (!many && !(limit->percent >= 0 && vanished > limits_percent(limit->percent, known)))
		return ZYNC_OK;
	if (many)
		(void)snprintf(allowed, sizeof(allowed), "%lld", (long long)limit->count);
	else
		(void)snprintf(allowed, sizeof(allowed), "%g %%", limit->percent);
	return zync_err_set(
		err, ZYNC_ERR_SAFETY,
		"safety limit: of the %llu templates, host groups, proxies and proxy groups known of the Zabbix server \"%s\", "
		"%llu are gone, and sync.max_vanished allows %s; nothing was stored. Check what the Zabbix user may see there; if "
		"they are really gone, run `zync job run import-zabbix-settings --now --force`, or raise the limit",
		(unsigned long long)known, server, (unsigned long long)vanished, allowed);
}
