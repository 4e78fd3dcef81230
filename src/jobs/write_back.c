/* SPDX-License-Identifier: Apache-2.0 */
/* record, in NetBox: the hostid's custom field and one journal entry a host and run, where the configuration asks for them. */
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"

static const char *write_back_journal(const struct zync_run *run, const struct zync_item *item, const char **ret_kind)
{
	unsigned long long hostid = (unsigned long long)item->hostid;
	const char *what = NULL;

	*ret_kind = "info";
	switch (item->op.kind) {
	case ZYNC_OP_CREATE:
		*ret_kind = "success";
		what = "created in Zabbix";
		break;
	case ZYNC_OP_UPDATE:
		what = "updated in Zabbix";
		break;
	case ZYNC_OP_DISABLE:
		*ret_kind = "warning";
		what = "disabled in Zabbix";
		break;
	case ZYNC_OP_DELETE:
		*ret_kind = "warning";
		what = "deleted in Zabbix";
		break;
	case ZYNC_OP_NONE:
	case ZYNC_OP_FORGET:
	case ZYNC_OP_REPORT:
	case ZYNC_OP_DONE:
	case ZYNC_OP_FAIL:
		return NULL;
	}
	return zync_arena_printf(run->arena, "Host %s %s (hostid %llu, Zync job %s)", item->work.name, what, hostid, run->job_id);
}

/* The host of a chassis is in the custom field of its master alone: the former one's is cleared. */
static enum zync_status write_back_stale(struct zync_run *run, const struct zync_item *item, uint64_t hostid, struct zync_err *err)
{
	for (size_t i = 0; i < run->stale_fields.len && item->desired.virtual_chassis != 0; i++) {
		const struct zync_stale_field *field = run->stale_fields.items[i];
		struct zync_nb_writeback *entry;

		if (field->hostid != hostid || field->device == item->work.object_id)
			continue;
		entry = ZYNC_NEW(run->arena, struct zync_nb_writeback);
		if (entry == NULL)
			return zync_err_nomem(err, "recording a host");
		*entry = (struct zync_nb_writeback){.type = ZYNC_NB_DEVICE, .id = field->device, .set_hostid = true, .kind = "info"};
		ZYNC_TRY(zync_vec_push(&run->write_backs, entry, err));
	}
	return ZYNC_OK;
}

enum zync_status zync_run_note_write_back(struct zync_run *run, const struct zync_item *item, uint64_t hostid, struct zync_err *err)
{
	const struct zync_cfg_netbox *config = &run->app->config->netbox;
	/* Without a pull NetBox's value is not known here, and an equal value must never be written: the next pull brings it. */
	bool pulled = run->pulled;
	bool gone = item->op.kind == ZYNC_OP_FORGET || (item->op.kind == ZYNC_OP_DELETE && item->op.hard);
	uint64_t value = gone ? 0 : hostid;
	bool set_hostid = config->write_back && pulled && value != item->work.nb_hostid;
	const char *kind = "info";
	const char *journal = config->journal && pulled ? write_back_journal(run, item, &kind) : NULL;
	struct zync_nb_writeback *entry;

	if (hostid != 0)
		ZYNC_TRY(write_back_stale(run, item, hostid, err));
	if ((!set_hostid && journal == NULL) || zync_str_eq(item->input.state, "missing"))
		return ZYNC_OK;
	entry = ZYNC_NEW(run->arena, struct zync_nb_writeback);
	if (entry == NULL)
		return zync_err_nomem(err, "recording a host");
	*entry = (struct zync_nb_writeback){
		.type = zync_str_eq(item->work.object_type, "vm") ? ZYNC_NB_VM : ZYNC_NB_DEVICE,
		.id = item->work.object_id,
		.hostid = value,
		.set_hostid = set_hostid,
		.journal = journal,
		.kind = kind,
	};
	return zync_vec_push(&run->write_backs, entry, err);
}

void zync_run_write_back(struct zync_run *run)
{
	struct zync_nb_writeback *items;
	struct zync_netbox *netbox = NULL;
	struct zync_err problem;
	size_t count = run->write_backs.len;

	if (count == 0)
		return;
	items = ZYNC_NEW_ARRAY(run->arena, struct zync_nb_writeback, count);
	if (items == NULL) {
		zync_log_warning("NetBox was not written back: out of memory");
		return;
	}
	for (size_t i = 0; i < count; i++)
		items[i] = *(const struct zync_nb_writeback *)run->write_backs.items[i];
	if (zync_app_netbox(run->app, &netbox, &problem) != ZYNC_OK || zync_netbox_write_back(netbox, items, count, &problem) != ZYNC_OK)
		zync_log_warning("NetBox was not written back completely: %s; the next run tries again", problem.message);
	for (size_t i = 0; i < count; i++) {
		if (items[i].status != ZYNC_OK && items[i].error[0] != '\0')
			zync_log_warning("NetBox was not written back for %s:%llu: %s", zync_nb_type_name(items[i].type),
					 (unsigned long long)items[i].id, items[i].error);
	}
}
