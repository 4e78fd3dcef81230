/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host.h
 * The one form in which Zync holds a Zabbix host, desired (from the rules) and actual (from Zabbix) alike, and its canonical JSON.
 *
 * Open structs of plain data; all strings and arrays belong to the arena that the host was made in. Lists are in canonical order after
 * zync_host_canonicalise(): groups, templates by name; interfaces by type, default first, then address; tags by (tag, value); macros by name;
 * inventory by field. A struct of zero bytes is an empty host that manages nothing.
 *
 * Secrets (values of secret macros, TLS pre-shared keys, SNMP communities and pass phrases and IPMI passwords that are not just a reference to a user macro) are carried as
 * struct zync_sensitive: canonical JSON, diffs and logs only ever show their keyed digest or ***.
 */
#ifndef ZYNC_MODEL_HOST_H
#define ZYNC_MODEL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/json.h"

/** What a host consists of; each is written as a whole and owned as a whole. */
enum zync_aspect {
	ZYNC_ASPECT_HOST = 0, /**< technical name */
	ZYNC_ASPECT_NAME,     /**< visible name */
	ZYNC_ASPECT_STATUS,
	ZYNC_ASPECT_DESCRIPTION,
	ZYNC_ASPECT_GROUPS,
	ZYNC_ASPECT_TEMPLATES,
	ZYNC_ASPECT_INTERFACES,
	ZYNC_ASPECT_PROXY, /**< who monitors it: server, proxy or proxy group */
	ZYNC_ASPECT_TAGS,
	ZYNC_ASPECT_MACROS,
	ZYNC_ASPECT_INVENTORY, /**< mode and fields */
	ZYNC_ASPECT_IPMI,      /**< how Zabbix logs in to the host's BMC */
	ZYNC_ASPECT_TLS,       /**< encryption of the connections to and from the agent */
	ZYNC_ASPECT_COUNT
};
#define ZYNC_ASPECT_BIT(aspect) (1u << (unsigned)(aspect))
/** "host", "name", "status", "description", "groups", "templates", "interfaces", "proxy", "tags", "macros", "inventory", "ipmi", "tls". */
const char *zync_aspect_name(enum zync_aspect aspect);

/** Whose word counts in an aspect (DESIGN section 5). */
enum zync_ownership {
	ZYNC_OWN_OVERWRITE = 0, /**< Zabbix gets exactly the desired state */
	ZYNC_OWN_MERGE,		/**< keep what people added; remove only what Zync once set */
	ZYNC_OWN_IGNORE		/**< set at creation, never touched afterwards */
};

enum zync_host_status { ZYNC_HOST_MONITORED = 0, ZYNC_HOST_DISABLED = 1 }; /* Zabbix's numbers */
enum zync_interface_type { ZYNC_INTERFACE_AGENT = 1, ZYNC_INTERFACE_SNMP = 2, ZYNC_INTERFACE_IPMI = 3, ZYNC_INTERFACE_JMX = 4 };
enum zync_macro_type { ZYNC_MACRO_TEXT = 0, ZYNC_MACRO_SECRET = 1, ZYNC_MACRO_VAULT = 2 };
enum zync_monitored_by { ZYNC_MONITORED_BY_SERVER = 0, ZYNC_MONITORED_BY_PROXY = 1, ZYNC_MONITORED_BY_PROXY_GROUP = 2 };
enum zync_inventory_mode { ZYNC_INVENTORY_DISABLED = -1, ZYNC_INVENTORY_MANUAL = 0, ZYNC_INVENTORY_AUTOMATIC = 1 };

/** Something of Zabbix named by name; id 0 until it was looked up. Equal when both ids are known and equal, else by name. */
struct zync_ref {
	const char *name;
	uint64_t id;
};
struct zync_ref_list {
	struct zync_ref *items;
	size_t len;
};

/**
 * A text that may be a secret. plain: the text, NULL when it is not known here (a stored desired state, a secret macro read from Zabbix).
 * digest: its keyed digest, NULL when not computed or not known. A user macro reference ("{$SNMP_COMMUNITY}") and the
 * empty text are no secrets and have no digest; only the value of a secret macro (ZYNC_MACRO_SECRET) and a pre-shared key are ones whatever their text is,
 * since Zabbix neither shows them nor resolves references in them.
 */
struct zync_sensitive {
	const char *plain;
	const char *digest;
};

struct zync_snmp {
	unsigned version; /**< 1, 2 (2c) or 3 */
	bool bulk;
	unsigned max_repetitions;	 /**< 7.0 and newer; 0: leave to Zabbix */
	struct zync_sensitive community; /**< versions 1 and 2 */
	const char *contextname;	 /**< version 3, as are all below */
	const char *securityname;
	unsigned securitylevel; /**< 0 noAuthNoPriv, 1 authNoPriv, 2 authPriv */
	unsigned authprotocol;	/**< 0 MD5, 1 SHA1, 2 SHA224, 3 SHA256, 4 SHA384, 5 SHA512 */
	struct zync_sensitive authpassphrase;
	unsigned privprotocol; /**< 0 DES, 1 AES128, 2 AES192, 3 AES256, 4 AES192C, 5 AES256C */
	struct zync_sensitive privpassphrase;
};

struct zync_interface {
	uint64_t interfaceid; /**< 0 when not (yet) in Zabbix */
	enum zync_interface_type type;
	bool main;  /**< the default interface of its type */
	bool useip; /**< connect to ip, else to dns */
	const char *ip;
	const char *dns;
	const char *port;      /**< a number or a user macro */
	struct zync_snmp snmp; /**< only for ZYNC_INTERFACE_SNMP */
};

struct zync_tag {
	const char *tag;
	const char *value;
};

struct zync_macro {
	uint64_t hostmacroid; /**< 0 when not (yet) in Zabbix */
	const char *macro;    /**< "{$NAME}", with context as Zabbix writes it */
	enum zync_macro_type type;
	struct zync_sensitive value; /**< sensitive only for ZYNC_MACRO_SECRET; else plain */
	const char *description;
};

struct zync_inventory_field {
	const char *field; /**< Zabbix's name, such as "serialno_a" */
	const char *
		value; /**< desired: "" means that it shall be empty, NULL that it stays whatever Zabbix has, also under ZYNC_OWN_OVERWRITE */
};

/** Zabbix's numbers of IPMI. All of it empty, with authtype -1 and privilege 2, is what a host of Zabbix has when nobody set it. */
#define ZYNC_IPMI_AUTHTYPE_DEFAULT (-1)
#define ZYNC_IPMI_PRIVILEGE_USER   2u
struct zync_ipmi {
	int authtype;	    /**< -1 default, 0 none, 1 MD2, 2 MD5, 4 straight, 5 OEM, 6 RMCP+ */
	unsigned privilege; /**< 1 callback, 2 user, 3 operator, 4 admin, 5 OEM */
	const char *username;
	struct zync_sensitive password;
};

/** Zabbix's numbers; those of struct zync_tls.accept are added up. */
enum zync_tls_kind { ZYNC_TLS_NONE = 1, ZYNC_TLS_PSK = 2, ZYNC_TLS_CERTIFICATE = 4 };
struct zync_tls {
	unsigned connect; /**< from the server or proxy to the agent: one of enum zync_tls_kind */
	unsigned accept;  /**< from the agent: bits of enum zync_tls_kind */
	/** Of the pre-shared key. Zabbix returns neither (6.0 and 7.0): NULL in a host that was read from it, until zync_host_apply_pushed(). */
	const char *psk_identity;
	struct zync_sensitive psk; /**< hex digits */
	const char *issuer;	   /**< of certificates; empty: any */
	const char *subject;
};

struct zync_host {
	unsigned managed; /**< desired: aspects that the rules set (ZYNC_ASPECT_BIT); actual: all that were read */
	enum zync_ownership own[ZYNC_ASPECT_COUNT]; /**< desired only */
	uint64_t hostid;			    /**< actual only */
	unsigned flags;				    /**< actual only; 4: created by low-level discovery, never ours */
	const char *host;
	const char *name;
	enum zync_host_status status;
	const char *description;
	struct zync_ref_list groups;
	struct zync_ref_list templates;
	struct {
		struct zync_interface *items;
		size_t len;
	} interfaces;
	enum zync_monitored_by monitored_by;
	struct zync_ref proxy;	     /**< for ZYNC_MONITORED_BY_PROXY; name NULL otherwise */
	struct zync_ref proxy_group; /**< for ZYNC_MONITORED_BY_PROXY_GROUP */
	struct {
		struct zync_tag *items;
		size_t len;
	} tags;
	/** The ownership mark is not in this list but in #owner. */
	struct {
		struct zync_macro *items;
		size_t len;
	} macros;
	enum zync_inventory_mode inventory_mode;
	struct {
		struct zync_inventory_field *items;
		size_t len;
	} inventory;
	struct zync_ipmi ipmi;
	struct zync_tls tls;
	uint64_t
		virtual_chassis; /**< desired only: id of the virtual chassis that the host stands for, 0: none; stored, never written to Zabbix */
	const char *owner;	    /**< value of the ownership mark, "netbox.example.com:device:17"; NULL: none */
	uint64_t owner_hostmacroid; /**< actual only */
};

/** The user macro that carries the ownership mark. */
#define ZYNC_OWNER_MACRO "{$ZYNC.OWNER}"

/** Is @p text nothing but one user macro reference, as "{$NAME}" or "{$NAME:context}"? */
bool zync_is_macro_reference(const char *text);

/**
 * Sort all lists into canonical order, drop exact duplicates of groups, templates, tags, macros and inventory fields, and turn NULL texts into "". Besides:
 *  - an empty visible name (or one of white space) becomes the technical name, as in Zabbix;
 *  - the first listed interface of a type becomes its default when none is marked; the order of a list means nothing else;
 *  - what the SNMP version and security level do not use is cleared, and SNMP details of other interfaces, and a proxy that does not monitor;
 *  - all inventory fields are dropped when the inventory is disabled; otherwise empty ones stay, and so do the unset ones (struct zync_inventory_field);
 *  - IPMI privilege 0 becomes "user", Zabbix's default, while authtype 0 stays "none", a value of its own: Zabbix's default is -1;
 *  - TLS without a way to connect or to be connected gets the unencrypted one; pre-shared key and certificate are cleared where no direction uses them. An empty
 *    key or identity that is used is an unknown one (NULL): what Zabbix has stays.
 * Errors REJECTED: two macros or two inventory fields of one name with different content, ZYNC_OWNER_MACRO among the macros, two default
 * interfaces of one type, a number that is none of its enumeration. The host is unusable then. Doing it twice changes nothing.
 */
enum zync_status zync_host_canonicalise(struct zync_host *host, struct zync_arena *arena, struct zync_err *err) ZYNC_MUST_CHECK;

/** Compute the digests of all sensitive texts whose plain text is known, and put the host into canonical order again, which takes them into account. */
enum zync_status zync_host_fill_digests(struct zync_host *host, const struct zync_keyring *ring, struct zync_arena *arena,
					struct zync_err *err) ZYNC_MUST_CHECK;

/** Member "v" of the JSON of a host, so that a later model can tell and migrate what an earlier one wrote. */
#define ZYNC_HOST_JSON_VERSION 1u
/** How zync_host_to_json() writes. */
enum zync_host_json {
	ZYNC_HOST_JSON_DESIRED = 0, /**< content, managed aspects and ownership: what is stored and digested */
	ZYNC_HOST_JSON_ACTUAL = 1   /**< content with hostid, interfaceid, hostmacroid, flags and reference ids: pre_data and post_data */
};
/**
 * JSON of a canonical host. Sensitive texts appear as {"digest": "…"} (never plain; null when it is not known), so digests must be filled before.
 * Parts that are not in `managed` are left out: a member that is there is a managed aspect. Enumerations are words, ids are numbers.
 *
 *     {"v":1, "host":"sw1", "name":"sw1", "status":"monitored|disabled", "description":"", "groups":["A/B"], "templates":["ICMP Ping"],
 *      "interfaces":[{"type":"agent|snmp|ipmi|jmx", "main":true, "useip":true, "ip":"", "dns":"", "port":"161",
 *                     "snmp":{"version":2, "bulk":true, "community":"{$C}"}}],
 *      "proxy":{"monitored_by":"server|proxy|proxy_group", "name":"p1"}, "tags":[{"tag":"site", "value":"A"}],
 *      "macros":[{"macro":"{$X}", "type":"text|secret|vault", "value":"1", "description":""}],
 *      "inventory":{"mode":"disabled|manual|automatic", "fields":{"type":"switch", "notes":null}},
 *      "ipmi":{"authtype":"default|none|MD2|MD5|straight|OEM|RMCP+", "privilege":"callback|user|operator|admin|OEM", "username":"", "password":""},
 *      "tls":{"connect":"none|psk|certificate", "accept":["none","psk","certificate"], "psk_identity":"", "psk":{"digest":"…"}, "issuer":"", "subject":""},
 *      "owner":"netbox.example.com:device:17", "ownership":{"tags":"merge|ignore"}}
 *
 * In "tls" the members that no direction uses are left out. The form ACTUAL has no inventory fields that are empty and no ownership but hostid, flags, interfaceid, hostmacroid, owner_hostmacroid where they are not 0, and
 * {"name":…, "id":…} for groups and templates, "id" beside the proxy's name. Written with ZYNC_JSON_SORTED, equal hosts give equal bytes.
 */
struct zync_jnode *zync_host_to_json(struct zync_jb *b, const struct zync_host *host, enum zync_host_json form);
/**
 * The host of such a JSON value, either form, in canonical order; it does not depend on the document. Errors: PROTOCOL names the member that is missing, of
 * another type or unknown; REJECTED as zync_host_canonicalise().
 */
enum zync_status zync_host_from_json(const struct zync_jval *v, struct zync_arena *arena, struct zync_host *ret,
				     struct zync_err *err) ZYNC_MUST_CHECK;

/** An object {digest: sealed text} of all sensitive texts whose plain text is known; NULL members are left out. */
enum zync_status zync_host_seal_secrets(const struct zync_host *host, const struct zync_keyring *ring, struct zync_jb *b,
					struct zync_jnode **ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Fill in the plain texts again from such an object (NULL or unknown digests leave them NULL). INVALID when the key is another one. */
enum zync_status zync_host_unseal_secrets(struct zync_host *host, const struct zync_jval *sealed, const struct zync_keyring *ring,
					  struct zync_arena *arena, struct zync_err *err) ZYNC_MUST_CHECK;

/**
 * What Zabbix will not tell again, to remember what was pushed: an object {macro: digest} of the secret macros, with "tls.psk" and "tls.psk_identity" where a
 * pre-shared key is used (no macro has such a name).
 */
struct zync_jnode *zync_host_pushed_to_json(struct zync_jb *b, const struct zync_host *host);
/**
 * Give the secret macros and the pre-shared key of an actual host the digests of what was last pushed (Zabbix never returns them); what is not in @p pushed
 * (which may be NULL, or of a Zync that knew macros only) has none. The texts are shared with @p pushed, so its arena must live as long as the host.
 */
void zync_host_apply_pushed(struct zync_host *actual, const struct zync_jval *pushed);

/** A deep copy in @p arena. */
enum zync_status zync_host_copy(const struct zync_host *host, struct zync_arena *arena, struct zync_host *ret,
				struct zync_err *err) ZYNC_MUST_CHECK;

#endif
