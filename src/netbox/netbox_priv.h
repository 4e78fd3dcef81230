/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file netbox_priv.h
 * What the files of the NetBox client share: the client, one request, the walk through a list, the reference tables.
 */
#ifndef ZYNC_NETBOX_NETBOX_PRIV_H
#define ZYNC_NETBOX_NETBOX_PRIV_H

#include "base/vec.h"
#include "http/http.h"
#include "netbox/netbox.h"

#define NB_VERSION(major, minor) ((unsigned)(major) * 1000u + (unsigned)(minor))

/** Largest request line that every gunicorn accepts is 4094 bytes; method, base path and "HTTP/1.1" take the rest. */
#define NB_PATH_BYTES 3800
/** What `fields=` may bring a query to: the endpoint, limit and start come before it. */
#define NB_FIELDS_BYTES (NB_PATH_BYTES - 200)
#define NB_PAGE_LEAST	25
#define NB_BATCH	100

/** A reference table, joined by the id and the type that the URL of a nested object names. */
struct nb_table {
	const char *endpoint; /* "dcim/sites" */
	const char *fields;   /* what rules may ask for; unknown ones are ignored by every version */
};
/** The tables, ended by an endpoint of NULL. */
extern const struct nb_table nb_tables[];
#define NB_TABLES_MAX 20
/** The place of virtual chassis in nb_tables. */
#define NB_TABLE_CHASSIS 0

/** Names of members that are asked for beyond the base lists. */
struct nb_names {
	const char *const *items;
	size_t count;
};

/** Addresses by the object whose interfaces have them, see addresses.c. */
struct nb_addresses {
	struct zync_arena *arena;
	struct zync_idmap *of[2]; /* by enum zync_nb_type: id → struct nb_address, a list; NULL: not read */
};

/** A custom field that devices or virtual machines have. */
struct nb_custom_field {
	uint64_t id;
	const char *type; /* "integer" … */
	bool on_device;
	bool on_vm;
};

struct zync_netbox {
	struct zync_http *http;
	struct zync_http_reply reply; /* of the last request; its buffer is used again and again */
	char *authorization;	      /* the header line */
	char *url;
	char *hostid_field;
	bool one_host; /* a virtual chassis is one host */
	int64_t page_size;
	bool (*cancelled)(void *ctx);
	void *cancelled_ctx;

	char version[32];
	unsigned api_version; /* major × 1000 + minor */
	unsigned patch;
	bool cursor; /* start= works */

	struct zync_arena *arena;	  /* of the client */
	const struct zync_jval *types[2]; /* "device", "vm" */
	const struct zync_jval *no_name;  /* "" */
	struct zync_map *filters_checked; /* "endpoint key" → anything */

	struct zync_arena *ref_arena;
	struct zync_idmap *refs[NB_TABLES_MAX]; /* id → struct zync_jval, one map a table; NULL before they were read */
	unsigned refs_asked;			/* single records asked for after the tables were read */
	struct nb_names names;			/* of zync_netbox_load_references() */
	bool all_fields[NB_TABLES_MAX];		/* NetBox refuses a list of fields with these names: read everything */
	struct zync_vec chassis;		/* records of virtual chassis, in order of id */
	struct nb_addresses addresses;		/* of everything, for walks that want them */
	struct zync_idmap *dns;			/* id of an IP address → its name as JSON string; NULL: nested objects have it */

	struct zync_arena *field_arena;
	struct zync_map *fields; /* name → struct nb_custom_field; NULL before they were read */
};

/** One request to the API. */
struct nb_call {
	const char *method; /* NULL: GET */
	const char *path;   /* after the base URL, with query */
	const char *body;
	bool repeatable;
	unsigned max_attempts;	/* 0: as the client */
	const char *filter_key; /* of the configuration, when the query holds the user's filters */
};

/**
 * Send and parse. A reply that is no success, no JSON or no NetBox is an error that says what to do; its origin is HTTP and its code the status
 * where there was one. nb->reply has the reply then, too. The value lives in @p arena.
 */
enum zync_status nb_request(struct zync_netbox *nb, const struct nb_call *call, struct zync_arena *arena, const struct zync_jval **ret_json,
			    struct zync_err *err) ZYNC_MUST_CHECK;
/** HTTP status of a failure from nb_request(), 0 when it had none. */
long nb_error_status(const struct zync_err *err);

/** The words of an error body: field errors, detail, exception; empty when there are none. */
void nb_explain(const struct zync_jval *body, struct zync_buf *out);
/** Turn the reply in nb->reply, which is no success, into an error. @p json may be NULL. */
enum zync_status nb_refuse(struct zync_netbox *nb, const struct nb_call *call, const struct zync_jval *json, struct zync_err *err);
/** The error for a reply of 2xx that is not JSON. */
enum zync_status nb_not_json(struct zync_netbox *nb, const struct nb_call *call, const char *why, struct zync_err *err);
/** "GET /api/dcim/devices/" without the query, which is long and generated, into @p out. */
void nb_describe(const struct nb_call *call, struct zync_buf *out);

/** A walk through a list. */
struct nb_list {
	const char *endpoint; /* "dcim/devices" */
	const char *query;    /* "&key=value…", or "" */
	int64_t limit;
	const char *filter_key;
	bool whole_arena; /* keep all pages in one arena of the caller instead of one a page */
	struct zync_arena *arena;
};
typedef enum zync_status (*nb_item_fn)(void *ctx, struct zync_arena *arena, const struct zync_jval *item, uint64_t id,
				       struct zync_err *err);
/** Call @p item for each object in order of id. */
enum zync_status nb_list_walk(struct zync_netbox *nb, const struct nb_list *list, nb_item_fn item, void *ctx,
			      struct zync_err *err) ZYNC_MUST_CHECK;
/** Number of objects that match @p query ("&key=value…"). */
enum zync_status nb_count(struct zync_netbox *nb, const char *endpoint, const char *query, const char *filter_key, uint64_t *ret,
			  struct zync_err *err) ZYNC_MUST_CHECK;

/**
 * Append "&fields=" with the base list, @p more (",name", or "") and the names that may be fields beyond it; @p object: of devices or virtual machines. *ret_added false: it
 * would be too long, and nothing was appended.
 */
enum zync_status nb_fields_add(struct zync_buf *query, const char *base, const char *more, const struct nb_names *names, bool object,
			       bool *ret_added, struct zync_err *err) ZYNC_MUST_CHECK;
/** May the failure come from a name among the fields? Then the list is read with all of its fields instead. */
bool nb_fields_refused(const struct zync_err *err);
/** The base list of devices or virtual machines. */
const char *nb_object_fields(enum zync_nb_type type);
enum zync_status nb_names_copy(const char *const *names, size_t count, struct zync_arena *arena, struct nb_names *ret,
			       struct zync_err *err) ZYNC_MUST_CHECK;

/** Read the addresses of all interfaces, or of object @p id of that type, into @p ret; whoever has it frees its arena. */
enum zync_status nb_addresses_read(struct zync_netbox *nb, enum zync_nb_type type, uint64_t id, struct nb_addresses *ret,
				   struct zync_err *err) ZYNC_MUST_CHECK;
/** The list for the rules, in @p arena: of the object, and of a virtual chassis that is one host also those that its members share. */
enum zync_status nb_addresses_list(const struct nb_addresses *addresses, const struct zync_nb_object *object, struct zync_arena *arena,
				   const struct zync_jval **ret, struct zync_err *err) ZYNC_MUST_CHECK;

/** "4.7.3", "4.7.0-beta1", "4.6" → numbers. */
bool nb_parse_version(const char *text, unsigned *ret_api, unsigned *ret_patch);
/** The table that a nested object belongs to by its "url", as index into nb_tables, and its id; false for anything else. */
bool nb_refs_place(const struct zync_jval *nested, size_t *ret_table, uint64_t *ret_id);
/** Read the records that @p object points to and that the tables lack, because they were made since. Does nothing before the tables were read. */
enum zync_status nb_refs_complete(struct zync_netbox *nb, const struct zync_jval *object, struct zync_err *err) ZYNC_MUST_CHECK;

/** Read the custom fields into nb->fields, once. */
enum zync_status nb_custom_fields(struct zync_netbox *nb, struct zync_err *err) ZYNC_MUST_CHECK;
/** "dcim/devices" or "virtualization/virtual-machines". */
const char *nb_endpoint(enum zync_nb_type type);
/** "dcim.device" or "virtualization.virtualmachine". */
const char *nb_object_type(enum zync_nb_type type);
/** "dcim.device" for "dcim/devices": the model in the names of permissions; NULL when not known. */
const char *nb_permission_model(const char *path);
/** Append "&key=value" for each filter of the user, after checking that NetBox knows it. */
enum zync_status nb_filter_query(struct zync_netbox *nb, enum zync_nb_type type, const struct zync_cfg_pairs *filter, struct zync_buf *out,
				 struct zync_err *err) ZYNC_MUST_CHECK;
/** "netbox.device_filter" or "netbox.vm_filter". */
const char *nb_filter_key(enum zync_nb_type type);

#endif
