/* SPDX-License-Identifier: Apache-2.0 */
/** @file chassis.c Virtual chassis, as the reference table has them: one state for a whole walk, whatever changes meanwhile. */
#include "netbox/netbox.h"

#include "base/str.h"
#include "netbox/netbox_priv.h"

static bool chassis_of_record(const struct zync_jval *record, struct zync_nb_chassis *ret)
{
	const struct zync_jval *master = zync_jval_get(record, "master");

	*ret = (struct zync_nb_chassis){.name = zync_jval_get_str(record, "name"),
					.master_name = zync_jval_get_str(master, "name"),
					.members = zync_jval_get(record, "members"),
					.json = record};
	if (zync_str_empty(ret->name))
		ret->name = NULL;
	if (zync_str_empty(ret->master_name))
		ret->master_name = zync_jval_get_str(master, "display");
	if (!zync_jval_to_u64(zync_jval_get(master, "id"), &ret->master))
		ret->master = 0;
	return zync_jval_to_u64(zync_jval_get(record, "id"), &ret->id);
}

bool zync_netbox_chassis(const struct zync_netbox *nb, uint64_t id, struct zync_nb_chassis *ret)
{
	const struct zync_jval *record = nb->refs[NB_TABLE_CHASSIS] != NULL ? zync_idmap_get(nb->refs[NB_TABLE_CHASSIS], id) : NULL;

	return zync_jval_type(record) == ZYNC_JSON_OBJECT && chassis_of_record(record, ret);
}

bool zync_netbox_next_chassis(const struct zync_netbox *nb, size_t *pos, struct zync_nb_chassis *ret)
{
	while (*pos < nb->chassis.len) {
		if (chassis_of_record(nb->chassis.items[(*pos)++], ret))
			return true;
	}
	return false;
}

bool zync_nb_chassis_has(const struct zync_nb_chassis *chassis, uint64_t device)
{
	const struct zync_jval *member;
	struct zync_jiter it;
	uint64_t id;

	zync_jiter_init(&it, chassis->members);
	while ((member = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_jval_to_u64(zync_jval_get(member, "id"), &id) && id == device)
			return true;
	}
	return false;
}

bool zync_nb_object_is_chassis(const struct zync_nb_object *object)
{
	return object->chassis != NULL && object->chassis->master == object->id;
}
