/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file netbox.h
 * Client of a NetBox 4.0 to 4.7: reads devices and virtual machines complete or not at all, joins the reference tables here, writes back little.
 *
 * A client belongs to one thread. Facts about the API: NetBox's own REST behaviour of each version, proved by tests/contract.
 */
#ifndef ZYNC_NETBOX_NETBOX_H
#define ZYNC_NETBOX_NETBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/vec.h"
#include "config/config.h"

enum zync_nb_type { ZYNC_NB_DEVICE = 0, ZYNC_NB_VM = 1 };
/** "device" / "vm", as in marks, the store and the command line. */
const char *zync_nb_type_name(enum zync_nb_type type);

struct zync_netbox;

/** A virtual chassis as the reference tables have it; its texts live as long as they do. */
struct zync_nb_chassis {
	uint64_t id;
	const char *name;		 /**< NULL: none */
	uint64_t master;		 /**< id of the device, 0: it has no master */
	const char *master_name;	 /**< NULL: none */
	const struct zync_jval *members; /**< list of {id, name, …}, or NULL */
	const struct zync_jval *json;
};

/** One device or virtual machine as read; lives in the arena of its page. */
struct zync_nb_object {
	enum zync_nb_type type;
	uint64_t id;
	const char *name;	      /**< NULL for an unnamed device; of a master that stands for its virtual chassis the name of that */
	const char *device_name;      /**< as NetBox has it; NULL for an unnamed device */
	const char *display;	      /**< never NULL */
	uint64_t hostid;	      /**< value of the custom field with the hostid, 0: none */
	const struct zync_jval *json; /**< as NetBox sent it, with config_context where it was asked for */
	const struct zync_nb_chassis *chassis; /**< netbox.virtual_chassis is one_host and the device is in one; else NULL */
	const struct zync_jval *ip_addresses;  /**< NULL: not asked for */
};
/** Does the device stand for its virtual chassis, as its master? */
bool zync_nb_object_is_chassis(const struct zync_nb_object *object);
/** Is the device a member of it, the master included? */
bool zync_nb_chassis_has(const struct zync_nb_chassis *chassis, uint64_t device);

/** Connect: reads /api/status/ (and the API-Version header). Errors with own messages each: unreachable, not a NetBox (HTML, wrong base path), redirect (names the target), 403 (token: NetBox's words), older than 4.0. */
enum zync_status zync_netbox_open(const struct zync_cfg_netbox *config, bool (*cancelled)(void *), void *cancelled_ctx,
				  struct zync_netbox **ret, struct zync_err *err) ZYNC_MUST_CHECK;
void zync_netbox_close(struct zync_netbox *nb);
/** As "4.7.3"; and as number 4 × 1000 + 7. */
const char *zync_netbox_version(const struct zync_netbox *nb);
unsigned zync_netbox_api_version(const struct zync_netbox *nb);
/** HTTP requests sent so far. */
uint64_t zync_netbox_calls(const struct zync_netbox *nb);

/**
 * Read the reference tables (sites, regions, roles …) once; needed before zync_netbox_member() can join. Records that are made later are read
 * one by one when a walk meets them. Calling it again replaces the tables: values of zync_netbox_member() from before are then gone.
 * @p names: members of records that the rules use, beyond the usual ones (copied; NetBox ignores those that it does not know).
 */
enum zync_status zync_netbox_load_references(struct zync_netbox *nb, const char *const *names, size_t name_count,
					     struct zync_err *err) ZYNC_MUST_CHECK;
/** The virtual chassis of that id, of the reference tables; false: there is none. */
bool zync_netbox_chassis(const struct zync_netbox *nb, uint64_t id, struct zync_nb_chassis *ret);
/** All of them in order of id: *pos starts at 0; false at the end. */
bool zync_netbox_next_chassis(const struct zync_netbox *nb, size_t *pos, struct zync_nb_chassis *ret);

/** Which parts of an object are wanted. */
struct zync_nb_walk {
	enum zync_nb_type type;
	bool config_context;		     /**< ask for the rendered context (expensive before NetBox 4.7) */
	const struct zync_cfg_pairs *filter; /**< query parameters passed through; NULL: none */
	const char *name;		     /**< only the object of this exact name; NULL: all */
	uint64_t id;			     /**< only this object; 0: all */
	uint64_t chassis;		     /**< only the devices of this virtual chassis; 0: all */
	const char *const *names;	     /**< members that the rules use, beyond the usual ones */
	size_t name_count;
	bool ip_addresses; /**< read the addresses of interfaces, too: of everything in one walk, or of the one object */
};
/**
 * Call @p sink for every object, in order of id, page by page; the object dies when the sink returns. The sink's failure ends the walk and is returned.
 * Keyset paging (start= from 4.6, id__gte before): concurrent changes neither lose nor repeat an object. A walk that breaks off is an error.
 * Every filter parameter is checked to have an effect that NetBox knows (unknown ones are silently ignored by NetBox): INVALID names it.
 */
enum zync_status zync_netbox_walk(struct zync_netbox *nb, const struct zync_nb_walk *walk,
				  enum zync_status (*sink)(void *ctx, const struct zync_nb_object *object, struct zync_err *err), void *ctx,
				  struct zync_err *err) ZYNC_MUST_CHECK;

/**
 * A member of an object with the reference tables joined in: zync_netbox_member(nb, object, NULL, "site") is the full site; its "region" the full region; "primary_ip".."dns_name" is there on every version.
 * Nested objects in custom fields and in lists are joined alike. Also "type" ("device"/"vm"), "device_name" (of a device), and "ip_addresses" where the walk asked for
 * them: a list of {id, address, family (4 or 6), dns_name, role, status, vrf, interface, mgmt_only} in the order of interface and id; role, status, vrf are plain texts or
 * null. "name" of a master that stands for its virtual chassis is the name of that. Pure after load_references. Signature fits zync_expr_source through a small adapter in rules/.
 */
const struct zync_jval *zync_netbox_member(const struct zync_netbox *nb, const struct zync_nb_object *object,
					   const struct zync_jval *parent, const char *name);

/** Is there a custom field of that name for that type of object? Reads the custom-fields table once. */
enum zync_status zync_netbox_has_custom_field(struct zync_netbox *nb, enum zync_nb_type type, const char *name, bool *ret,
					      struct zync_err *err) ZYNC_MUST_CHECK;
/** A custom field of NetBox. */
struct zync_nb_custom_field {
	const char *name; /**< lives as long as the client */
	bool on_device, on_vm;
};
/** The next custom field, of whatever kind of object: *pos starts at 0; *ret_found false at the end. */
enum zync_status zync_netbox_next_custom_field(struct zync_netbox *nb, size_t *pos, struct zync_nb_custom_field *ret, bool *ret_found,
					       struct zync_err *err) ZYNC_MUST_CHECK;
/** Slugs, names and models of everything at @p endpoint ("dcim/sites", "extras/tags"), added to @p ret (texts in its arena); read anew at each call. */
enum zync_status zync_netbox_names(struct zync_netbox *nb, const char *endpoint, struct zync_vec *ret,
				   struct zync_err *err) ZYNC_MUST_CHECK;
/** Create the integer custom field for hostids on devices and virtual machines. */
enum zync_status zync_netbox_create_hostid_field(struct zync_netbox *nb, const char *name, struct zync_err *err) ZYNC_MUST_CHECK;
/** May the token read @p endpoint ("dcim/devices" …)? One small request; *ret_reason (in @p arena) says why not. */
enum zync_status zync_netbox_may_read(struct zync_netbox *nb, const char *endpoint, struct zync_arena *arena, bool *ret,
				      const char **ret_reason, struct zync_err *err) ZYNC_MUST_CHECK;

struct zync_nb_writeback {
	enum zync_nb_type type;
	uint64_t id;
	uint64_t hostid;	 /**< 0: clear */
	bool set_hostid;	 /**< false: leave the field alone */
	const char *journal;	 /**< Markdown text for a journal entry, NULL: none */
	const char *kind;	 /**< "info", "success", "warning", "danger" */
	enum zync_status status; /**< out: how it went */
	char error[512];	 /**< out: NetBox's words */
};
/** Write back in bulk (never an equal value: the caller passes only differences). A refused object does not stop the others; only a server that is gone is an error. */
enum zync_status zync_netbox_write_back(struct zync_netbox *nb, struct zync_nb_writeback *items, size_t count,
					struct zync_err *err) ZYNC_MUST_CHECK;

#endif
