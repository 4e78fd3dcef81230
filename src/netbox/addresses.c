/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file addresses.c The addresses of an object's interfaces, which no object carries itself.
 *
 * For everything they are read in one walk and kept in a short form; asking for each object's by itself would cost a request an object. Addresses of FHRP groups are
 * assigned to no interface, and those of a virtual device context to the interfaces of its device.
 */
#include "netbox/netbox_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct nb_address {
	struct nb_address *next;
	uint64_t id;
	const char *interface, *address, *dns_name;
	const char *role, *status, *vrf; /* NULL: none */
	bool mgmt_only;
};

#define ADDRESS_FIELDS "id,address,dns_name,role,status,vrf,assigned_object_type,assigned_object_id,assigned_object"

struct addresses_walk {
	struct nb_addresses *out;
	struct zync_map *words;	      /* roles, statuses, VRFs and names of interfaces: few, so each is kept once */
	struct zync_idmap *mgmt_only; /* ids of interfaces of devices that are for management only */
};

static enum zync_status addresses_nomem(struct zync_err *err)
{
	return zync_err_nomem(err, "reading addresses of NetBox");
}

static enum zync_status addresses_on_interface(void *ctx, struct zync_arena *arena ZYNC_UNUSED, const struct zync_jval *item ZYNC_UNUSED,
					       uint64_t id, struct zync_err *err)
{
	struct addresses_walk *walk = ctx;

	return zync_idmap_put(walk->mgmt_only, id, walk, err);
}

/** A word as it is kept: the same text is the same pointer. */
static enum zync_status addresses_word(struct addresses_walk *walk, const char *text, const char **ret, struct zync_err *err)
{
	char *kept;

	*ret = NULL;
	if (text == NULL)
		return ZYNC_OK;
	*ret = zync_map_get(walk->words, text);
	if (*ret != NULL)
		return ZYNC_OK;
	kept = zync_arena_strdup(walk->out->arena, text);
	if (kept == NULL)
		return addresses_nomem(err);
	*ret = kept;
	return zync_map_put(walk->words, text, kept, err);
}

/** "active" of {"value": "active", "label": "Active"}. */
static const char *addresses_choice(const struct zync_jval *choice)
{
	return zync_jval_type(choice) == ZYNC_JSON_OBJECT ? zync_jval_get_str(choice, "value") : zync_jval_str(choice);
}

/** The type and id of the object that an address belongs to; false for what is no interface of a device or virtual machine. */
static bool addresses_owner(const struct zync_jval *item, enum zync_nb_type *ret_type, uint64_t *ret_id)
{
	const char *type = zync_jval_get_str(item, "assigned_object_type");
	const struct zync_jval *interface = zync_jval_get(item, "assigned_object");

	if (zync_str_eq(type, "dcim.interface"))
		*ret_type = ZYNC_NB_DEVICE;
	else if (zync_str_eq(type, "virtualization.vminterface"))
		*ret_type = ZYNC_NB_VM;
	else
		return false;
	return zync_jval_to_u64(zync_jval_get(zync_jval_get(interface, *ret_type == ZYNC_NB_VM ? "virtual_machine" : "device"), "id"),
				ret_id);
}

static enum zync_status addresses_on_item(void *ctx, struct zync_arena *arena ZYNC_UNUSED, const struct zync_jval *item, uint64_t id,
					  struct zync_err *err)
{
	struct addresses_walk *walk = ctx;
	const struct zync_jval *interface = zync_jval_get(item, "assigned_object");
	const char *address = zync_jval_get_str(item, "address"), *dns_name = zync_jval_get_str(item, "dns_name");
	struct nb_address *kept;
	enum zync_nb_type type;
	uint64_t owner, interface_id = 0;

	if (zync_str_empty(address) || !addresses_owner(item, &type, &owner))
		return ZYNC_OK;
	kept = ZYNC_NEW(walk->out->arena, struct nb_address);
	if (kept == NULL)
		return addresses_nomem(err);
	kept->id = id;
	kept->address = zync_arena_strdup(walk->out->arena, address);
	kept->dns_name = zync_str_empty(dns_name) ? "" : zync_arena_strdup(walk->out->arena, dns_name);
	if (kept->address == NULL || kept->dns_name == NULL)
		return addresses_nomem(err);
	ZYNC_TRY(addresses_word(walk, zync_jval_get_str(interface, "name"), &kept->interface, err));
	ZYNC_TRY(addresses_word(walk, addresses_choice(zync_jval_get(item, "role")), &kept->role, err));
	ZYNC_TRY(addresses_word(walk, addresses_choice(zync_jval_get(item, "status")), &kept->status, err));
	ZYNC_TRY(addresses_word(walk, zync_jval_get_str(zync_jval_get(item, "vrf"), "name"), &kept->vrf, err));
	kept->mgmt_only = type == ZYNC_NB_DEVICE && zync_jval_to_u64(zync_jval_get(item, "assigned_object_id"), &interface_id) &&
			  zync_idmap_get(walk->mgmt_only, interface_id) != NULL;
	kept->next = zync_idmap_get(walk->out->of[type], owner);
	return zync_idmap_put(walk->out->of[type], owner, kept, err);
}

static enum zync_status addresses_walk_list(struct zync_netbox *nb, const char *endpoint, const char *query, nb_item_fn item,
					    struct addresses_walk *walk, struct zync_err *err)
{
	struct nb_list list = {.endpoint = endpoint, .query = query, .limit = nb->page_size};

	return nb_list_walk(nb, &list, item, walk, err);
}

static enum zync_status addresses_read(struct zync_netbox *nb, enum zync_nb_type type, uint64_t id, struct addresses_walk *walk,
				       struct zync_err *err)
{
	char only[64] = "", interfaces[128], addresses[256];

	if (id != 0)
		(void)snprintf(only, sizeof(only), "&%s=%" PRIu64, type == ZYNC_NB_VM ? "virtual_machine_id" : "device_id", id);
	(void)snprintf(interfaces, sizeof(interfaces), "&mgmt_only=true&fields=id%s", only);
	(void)snprintf(addresses, sizeof(addresses), "&assigned_to_interface=true&fields=" ADDRESS_FIELDS "%s", only);
	if (id == 0 || type == ZYNC_NB_DEVICE)
		ZYNC_TRY(addresses_walk_list(nb, "dcim/interfaces", interfaces, addresses_on_interface, walk, err));
	return addresses_walk_list(nb, "ipam/ip-addresses", addresses, addresses_on_item, walk, err);
}

enum zync_status nb_addresses_read(struct zync_netbox *nb, enum zync_nb_type type, uint64_t id, struct nb_addresses *ret,
				   struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct nb_addresses out = {.arena = zync_arena_new(0)};
	struct addresses_walk walk = {.out = &out};
	enum zync_status status;

	if (scratch != NULL && out.arena != NULL) {
		walk.words = zync_map_new(scratch);
		walk.mgmt_only = zync_idmap_new(scratch);
		out.of[ZYNC_NB_DEVICE] = zync_idmap_new(out.arena);
		out.of[ZYNC_NB_VM] = zync_idmap_new(out.arena);
	}
	if (walk.words == NULL || walk.mgmt_only == NULL || out.of[ZYNC_NB_DEVICE] == NULL || out.of[ZYNC_NB_VM] == NULL)
		status = addresses_nomem(err);
	else
		status = addresses_read(nb, type, id, &walk, err);
	if (status != ZYNC_OK) {
		zync_arena_free(out.arena);
		return zync_err_wrap(err, status, "reading the addresses of interfaces");
	}
	*ret = out;
	return ZYNC_OK;
}

/* ---- the list of one object ---- */

static int addresses_order(const void *a, const void *b)
{
	const struct nb_address *x = *(const struct nb_address *const *)a, *y = *(const struct nb_address *const *)b;
	int order = zync_str_cmp(x->interface, y->interface);

	return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

static enum zync_status addresses_collect(const struct nb_addresses *addresses, enum zync_nb_type type, uint64_t id, bool shared_only,
					  struct zync_vec *list, struct zync_err *err)
{
	for (struct nb_address *at = zync_idmap_get(addresses->of[type], id); at != NULL; at = at->next) {
		if (!shared_only || !at->mgmt_only)
			ZYNC_TRY(zync_vec_push(list, at, err));
	}
	return ZYNC_OK;
}

/** What NetBox itself counts to the master of a chassis: the interfaces of all members but those that are for management only. */
static enum zync_status addresses_of_members(const struct nb_addresses *addresses, const struct zync_nb_object *object,
					     struct zync_vec *list, struct zync_err *err)
{
	const struct zync_jval *member;
	struct zync_jiter it;
	uint64_t id;

	if (object->chassis == NULL || object->chassis->master != object->id)
		return ZYNC_OK;
	zync_jiter_init(&it, object->chassis->members);
	while ((member = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_jval_to_u64(zync_jval_get(member, "id"), &id) && id != object->id)
			ZYNC_TRY(addresses_collect(addresses, ZYNC_NB_DEVICE, id, /* shared_only= */ true, list, err));
	}
	return ZYNC_OK;
}

static void addresses_add(struct zync_jb *b, struct zync_jnode *list, const struct nb_address *at)
{
	struct zync_jnode *node = zync_jb_add_object(b, list);

	zync_jb_set_u64(b, node, "id", at->id);
	zync_jb_set_str(b, node, "address", at->address);
	zync_jb_set_i64(b, node, "family", strchr(at->address, ':') != NULL ? 6 : 4);
	zync_jb_set_str(b, node, "dns_name", at->dns_name);
	zync_jb_set_str(b, node, "role", at->role);
	zync_jb_set_str(b, node, "status", at->status);
	zync_jb_set_str(b, node, "vrf", at->vrf);
	zync_jb_set_str(b, node, "interface", at->interface);
	zync_jb_set_bool(b, node, "mgmt_only", at->mgmt_only);
}

enum zync_status nb_addresses_list(const struct nb_addresses *addresses, const struct zync_nb_object *object, struct zync_arena *arena,
				   const struct zync_jval **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *node = b != NULL ? zync_jb_array(b) : NULL;
	struct zync_vec list;
	const char *text;

	if (b == NULL)
		return addresses_nomem(err);
	zync_vec_init(&list, arena);
	ZYNC_TRY(addresses_collect(addresses, object->type, object->id, /* shared_only= */ false, &list, err));
	ZYNC_TRY(addresses_of_members(addresses, object, &list, err));
	if (list.len > 1)
		qsort(list.items, list.len, sizeof(list.items[0]), addresses_order);
	for (size_t i = 0; i < list.len; i++)
		addresses_add(b, node, list.items[i]);
	ZYNC_TRY(zync_jb_text(b, node, ZYNC_JSON_COMPACT, arena, &text, err));
	return zync_json_parse(arena, text, strlen(text), ret, err);
}
