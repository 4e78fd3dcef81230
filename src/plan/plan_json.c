/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "plan/plan.h"

/* "groups" with the member "NetBox/Berlin" is explained as "groups[NetBox/Berlin]". */
static const char *plan_member_rule(const struct zync_jval *origins, const char *field, const char *member)
{
	char key[1024];
	int len = snprintf(key, sizeof(key), "%s[%s]", field, member);

	return len > 0 && (size_t)len < sizeof(key) ? zync_jval_get_str(origins, key) : NULL;
}

/* An interface that is new as a whole, "interfaces[agent]", is explained field by field: that of the first speaks for it. */
static const char *plan_part_rule(const struct zync_jval *origins, const char *field)
{
	size_t len = strlen(field);
	const struct zync_jval *rule;
	const char *key = NULL;
	struct zync_jiter it;

	zync_jiter_init(&it, origins);
	while ((rule = zync_jiter_next(&it, &key)) != NULL) {
		if (strncmp(key, field, len) == 0 && key[len] == '.')
			return zync_jval_str(rule);
	}
	return NULL;
}

/* The rule of "interfaces[agent].ip" is that of the field itself, of the member or a part of it, or of the nearest prefix: "interfaces[agent]", "interfaces". */
static const char *plan_rule(const struct zync_jval *origins, const struct zync_change *change)
{
	size_t len = strlen(change->field);
	const char *rule = zync_jval_get_str(origins, change->field);

	if (rule == NULL && change->new_text != NULL)
		rule = plan_member_rule(origins, change->field, change->new_text);
	if (rule == NULL && change->new_text != NULL)
		rule = plan_part_rule(origins, change->field);
	while (rule == NULL && len > 0) {
		len--;
		if (change->field[len] == '[' || change->field[len] == '.')
			rule = zync_jval_str(zync_jval_getn(origins, change->field, len));
	}
	return rule;
}

static void plan_changes_to_json(struct zync_jb *b, struct zync_jnode *node, const struct zync_op *op, const struct zync_jval *origins)
{
	struct zync_jnode *changes = zync_jb_set_array(b, node, "changes");

	for (size_t i = 0; i < op->diff.len; i++) {
		const struct zync_change *change = &op->diff.items[i];
		struct zync_jnode *entry = zync_jb_add_object(b, changes);

		zync_jb_set_str(b, entry, "field", change->field);
		zync_jb_set_str(b, entry, "old", change->old_text);
		zync_jb_set_str(b, entry, "new", change->new_text);
		if (origins != NULL)
			zync_jb_set_str(b, entry, "rule", plan_rule(origins, change));
		if (change->note != NULL)
			zync_jb_set_str(b, entry, "note", change->note);
	}
}

struct zync_jnode *zync_op_to_json(struct zync_jb *b, const struct zync_plan_input *in, const char *server, const struct zync_op *op,
				   const struct zync_jval *origins)
{
	struct zync_jnode *node = zync_jb_object(b);

	zync_jb_set_str(b, node, "action", zync_op_kind_name(op->kind));
	if (in->pk != 0)
		zync_jb_set_u64(b, node, "host_config_id", in->pk);
	else
		zync_jb_set_null(b, node, "host_config_id");
	zync_jb_set_str(b, node, "name", in->name);
	zync_jb_set_str(b, node, "server", server);
	if (op->actual != NULL)
		zync_jb_set_id(b, node, "hostid", op->actual->hostid);
	else
		zync_jb_set_null(b, node, "hostid");
	zync_jb_set_str(b, node, "reason", op->reason);
	if (op->kind == ZYNC_OP_DELETE)
		zync_jb_set_bool(b, node, "hard", op->hard);
	plan_changes_to_json(b, node, op, origins);
	return node;
}
