/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "zabbix/zabbix_priv.h"

#define ACCESS_ADMIN	   2u
#define ACCESS_SUPER_ADMIN 3u

/*
 * Do the rules of a role (role.get selectRules, 6.0 and newer) allow a method? api.mode 0: the list denies, 1: the list allows;
 * entries may be "host.*", "*.create" or "*".
 */
static bool access_rules_allow(const struct zync_jval *rules, const char *method)
{
	uint64_t access = 1;
	uint64_t mode = 0;
	bool listed = false;
	const struct zync_jval *entry;
	struct zync_jiter it;

	(void)zync_jval_to_u64(zync_jval_get(rules, "api.access"), &access);
	(void)zync_jval_to_u64(zync_jval_get(rules, "api.mode"), &mode);
	if (access == 0)
		return false;
	zync_jiter_init(&it, zync_jval_get(rules, "api"));
	while ((entry = zync_jiter_next(&it, NULL))) {
		const char *pattern = zync_jval_str(entry);

		if (pattern && zync_glob_match(pattern, method, /* nocase= */ true))
			listed = true;
	}
	return mode == 1 ? listed : !listed;
}

static const char *access_type_name(unsigned type)
{
	switch (type) {
	case 1:
		return "User";
	case ACCESS_ADMIN:
		return "Admin";
	case ACCESS_SUPER_ADMIN:
		return "Super admin";
	default:
		return "unknown";
	}
}

/* The role as role.get tells it. A user without the right to read roles gets NULL: then only the type is known. */
static enum zync_status access_read_role(struct zync_zabbix *z, struct zync_arena *arena, const struct zync_jval **ret_role,
					 struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *list;
	const struct zync_jval *result;
	struct zync_err own;
	enum zync_status status;

	if (!params)
		return zync_err_nomem(err, "asking zabbix for the role");
	list = zync_jb_set_array(b, params, "output");
	zync_jb_add_str(b, list, "roleid");
	zync_jb_add_str(b, list, "name");
	zync_jb_add_str(b, list, "type");
	list = zync_jb_set_array(b, params, "selectRules");
	zync_jb_add_str(b, list, "api.access");
	zync_jb_add_str(b, list, "api.mode");
	zync_jb_add_str(b, list, "api");
	list = zync_jb_set_array(b, params, "roleids");
	zync_jb_add_id(b, list, z->user.roleid);
	*ret_role = NULL;
	status = zync_zbx_call_node(z, "role.get", ZYNC_ZBX_READ, b, params, arena, &result, &own);
	if (status == ZYNC_ERR_REJECTED || (status == ZYNC_ERR_AUTH && own.origin == ZYNC_ORIGIN_JSONRPC))
		return ZYNC_OK;
	if (status != ZYNC_OK) {
		zync_err_copy(err, &own);
		return status;
	}
	*ret_role = zync_jval_at(result, 0);
	return ZYNC_OK;
}

enum zync_status zync_zabbix_access(struct zync_zabbix *z, struct zync_arena *arena, struct zync_zabbix_access *ret, struct zync_err *err)
{
	static const char *const host_methods[] = {"host.create", "host.update", "host.delete"};
	const struct zync_jval *role = NULL;
	const struct zync_jval *rules;
	struct zync_zabbix_access access = {0};
	uint64_t type = z->user.type;
	const char *name;

	if (z->user.roleid)
		ZYNC_TRY(access_read_role(z, arena, &role, err));
	(void)zync_jval_to_u64(zync_jval_get(role, "type"), &type);
	rules = zync_jval_get(role, "rules");
	name = zync_jval_get_str(role, "name");
	access.username = zync_arena_strdup(arena, z->user.username);
	access.role = zync_arena_strdup(arena, name ? name : access_type_name((unsigned)type));
	if (!access.username || !access.role)
		return zync_err_nomem(err, "reading the access of the zabbix user");
	access.super_admin = type == ACCESS_SUPER_ADMIN;
	access.may_write_hosts = type >= ACCESS_ADMIN;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(host_methods); i++)
		access.may_write_hosts = access.may_write_hosts && access_rules_allow(rules, host_methods[i]);
	/* hostgroup.create is for super admins only, whatever the role's list says (6.0 to 7.4). */
	access.may_create_groups = access.super_admin && access_rules_allow(rules, "hostgroup.create");
	*ret = access;
	return ZYNC_OK;
}
