/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_priv.h
 * The compiled mappings and one derivation, for the files of this part only.
 *
 * Compiling collects problems (rules_problem()) and fails only for memory; deriving does the same with what is wrong with an object
 * (rules_fail()). So both report everything that they find, not only the first.
 */
#ifndef ZYNC_RULES_RULES_PRIV_H
#define ZYNC_RULES_RULES_PRIV_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "expr/expr.h"
#include "rules/rules.h"

#define RULES_MAX_PROBLEMS  20u	  /* lines of one compilation */
#define RULES_MAX_FAILURES  5u	  /* reasons of one failed object */
#define RULES_MAX_BUNDLES   1000u /* bundles that one brings along, those of bundles included */
#define RULES_MAX_ANCESTORS 64u	  /* regions above a region, and so on; a bound against cycles */

/* A text of the configuration that only has certain words. */
struct rules_choice {
	const char *name;
	int value;
};
struct rules_choices {
	const char *allowed; /* for messages */
	const struct rules_choice *items;
	size_t len;
};
extern const struct rules_choices rules_states;	   /* enum zync_verdict */
extern const struct rules_choices rules_ownership; /* enum zync_ownership */
extern const struct rules_choices rules_own_or_ignore;
extern const struct rules_choices rules_interface_types; /* enum zync_interface_type, Zabbix's numbers too */
extern const struct rules_choices rules_uses;		 /* 1 ip, 0 dns */
extern const struct rules_choices rules_booleans;
extern const struct rules_choices rules_snmp_versions;
extern const struct rules_choices rules_security_levels;
extern const struct rules_choices rules_auth_protocols;
extern const struct rules_choices rules_priv_protocols;
extern const struct rules_choices rules_macro_types;	 /* enum zync_macro_type */
extern const struct rules_choices rules_inventory_modes; /* enum zync_inventory_mode */
extern const struct rules_choices rules_ipmi_authtypes;	 /* Zabbix's numbers */
extern const struct rules_choices rules_ipmi_privileges; /* Zabbix's numbers */
extern const struct rules_choices rules_tls_modes;	 /* enum zync_tls_mode */
/* Without case; false when it is none of them. */
bool rules_choice_find(const struct rules_choices *choices, const char *text, int *ret);
/* The first name of a value. */
const char *rules_choice_name(const struct rules_choices *choices, int value);

/* A text of a mapping. expr == NULL: not set. */
struct rules_text {
	const struct zync_cfg_text *cfg;
	struct zync_expr *expr;
	const char *label; /* "host_groups", for messages */
};
struct rules_texts {
	struct rules_text *items;
	size_t len;
};

enum rules_single {
	RULES_SERVER = 0,
	RULES_HOST,
	RULES_NAME,
	RULES_DESCRIPTION,
	RULES_STATE,
	RULES_PROXY,
	RULES_PROXY_GROUP,
	RULES_INVENTORY_MODE,
	RULES_IPMI_AUTHTYPE,
	RULES_IPMI_PRIVILEGE,
	RULES_IPMI_USERNAME,
	RULES_IPMI_PASSWORD,
	RULES_TLS_CONNECT,
	RULES_TLS_PSK_IDENTITY,
	RULES_TLS_PSK,
	RULES_TLS_ISSUER,
	RULES_TLS_SUBJECT,
	RULES_SINGLE_COUNT
};
enum rules_if {
	RULES_IF_TYPE = 0,
	RULES_IF_USE,
	RULES_IF_IP,
	RULES_IF_DNS,
	RULES_IF_PORT,
	RULES_IF_MAIN,
	RULES_IF_VERSION,
	RULES_IF_COMMUNITY,
	RULES_IF_BULK,
	RULES_IF_MAX_REPETITIONS,
	RULES_IF_CONTEXT_NAME,
	RULES_IF_SECURITY_NAME,
	RULES_IF_SECURITY_LEVEL,
	RULES_IF_AUTH_PROTOCOL,
	RULES_IF_AUTH_PASSPHRASE,
	RULES_IF_PRIV_PROTOCOL,
	RULES_IF_PRIV_PASSPHRASE,
	RULES_IF_COUNT
};
#define RULES_ADDRESS_OF_INTERFACE "interface:" /* `address: interface:mgmt*` */
struct rules_interface {
	struct zync_cfg_pos pos;
	struct rules_texts addresses; /* the first that the object has */
	struct rules_text fields[RULES_IF_COUNT];
};
struct rules_tag {
	struct rules_text tag, value;
};
struct rules_macro {
	struct rules_text macro, value, type, description;
};
struct rules_inventory {
	const char *field;
	struct rules_text value;
};

/* The conditions of `match`; the first ones in the order of the table in match.c. */
enum rules_key {
	RULES_KEY_TYPE = 0,
	RULES_KEY_SITE,
	RULES_KEY_SITE_GROUP,
	RULES_KEY_REGION,
	RULES_KEY_LOCATION,
	RULES_KEY_ROLE,
	RULES_KEY_PLATFORM,
	RULES_KEY_MANUFACTURER,
	RULES_KEY_DEVICE_TYPE,
	RULES_KEY_TENANT,
	RULES_KEY_TENANT_GROUP,
	RULES_KEY_CLUSTER,
	RULES_KEY_CLUSTER_TYPE,
	RULES_KEY_CLUSTER_GROUP,
	RULES_KEY_STATUS,
	RULES_KEY_NAME,
	RULES_KEY_TAGS,
	RULES_KEY_ALL_TAGS,
	RULES_KEY_PLAIN_COUNT, /* of the object alone: their values are found once an object */
	RULES_KEY_CUSTOM_FIELD = RULES_KEY_PLAIN_COUNT,
	RULES_KEY_CONFIG_CONTEXT
};
struct rules_pattern {
	const char *glob; /* "": nothing is set */
	bool negated;
};
struct rules_condition {
	enum rules_key key;
	const char *const *path; /* names below the object for custom fields and config context */
	size_t path_len;
	struct rules_pattern *patterns;
	size_t len;
	bool positive; /* at least one pattern is not negated */
};

/* The lists of a host that `override` and `remove_…` speak of. */
enum rules_list_kind {
	RULES_LIST_GROUPS = 0,
	RULES_LIST_TEMPLATES,
	RULES_LIST_TAGS,
	RULES_LIST_MACROS,
	RULES_LIST_INVENTORY,
	RULES_LIST_COUNT
};

/* What per_host takes from NetBox for each object. */
enum rules_part {
	RULES_PART_TEMPLATES = 1,
	RULES_PART_PROXY = 2,
	RULES_PART_INTERFACE = 4,
	RULES_PART_TAGS = 8,
	RULES_PART_MACROS = 16,
	RULES_PART_DESCRIPTION = 32,
	RULES_PART_IPMI = 64,
	RULES_PART_ALL = 127
};
enum rules_templates_from { RULES_TEMPLATES_CONTEXT = 0, RULES_TEMPLATES_FIELD, RULES_TEMPLATES_CONTEXT_OR_FIELD, RULES_TEMPLATES_BOTH };
struct rules_per_host {
	bool given;
	struct zync_cfg_pos pos;
	const char *context; /* key in the config context; "": none */
	unsigned parts;	     /* enum rules_part */
	enum rules_templates_from templates_from;
	const char *template_field;
	const char *proxy_field, *proxy_group_field; /* NULL: none */
	int family;				     /* 4, 6; 0: NetBox's choice */
	bool prefer_dns, oob, default_interface;
};

/* A mapping, or a bundle, which is one without conditions. */
struct rules_mapping {
	const char *name;
	struct zync_cfg_pos pos;
	const struct rules_mapping **bundles; /* they count just before it */
	size_t bundle_count;
	unsigned override;					/* bits of enum rules_list_kind */
	const struct zync_cfg_texts *removes[RULES_LIST_COUNT]; /* patterns; NULL: none */
	struct rules_per_host per_host;
	struct rules_texts tls_accept;
	struct rules_condition *conditions;
	size_t condition_count;
	struct rules_text single[RULES_SINGLE_COUNT];
	struct rules_texts host_groups;
	struct rules_texts templates;
	struct {
		struct rules_interface *items;
		size_t len;
		bool given;
	} interfaces;
	struct {
		struct rules_tag *items;
		size_t len;
	} tags;
	struct {
		struct rules_macro *items;
		size_t len;
	} macros;
	struct {
		struct rules_inventory *items;
		size_t len;
	} inventory;
};

struct rules_status {
	const char *status; /* NetBox's value or label */
	enum zync_verdict verdict;
};

struct zync_rules {
	struct zync_arena *arena;
	const struct zync_config *config;
	struct rules_mapping *mappings;
	size_t mapping_count;
	struct rules_mapping *bundles;
	size_t bundle_count;
	unsigned managed;
	enum zync_ownership own[ZYNC_ASPECT_COUNT];
	struct {
		struct rules_status *items;
		size_t len;
	} status[2]; /* device, virtual machine */
	bool need_config_context;
	bool need_ip_addresses;
	struct zync_map *name_set; /* names that the templates look at */
	struct zync_vec names;	   /* char, the same in order */
};

/* --- compiling --- */

struct rules_compiler {
	struct zync_rules *rules;
	struct zync_arena *arena;
	struct zync_buf lines;
	unsigned problems;
	bool names_failed; /* memory was out while names were noted */
	bool own_names;	   /* the names of the path from here on are the user's own */
	struct zync_err *err;
};
/* Note a problem of the configuration. */
void rules_problem(struct rules_compiler *c, struct zync_cfg_pos pos, const char *fmt, ...) ZYNC_PRINTF(3, 4);
enum zync_status rules_compile_nomem(struct rules_compiler *c);
/* Note the name of a member that is looked at beside the templates. */
enum zync_status rules_compile_name(struct rules_compiler *c, const char *name);
enum zync_status rules_compile_text(struct rules_compiler *c, const struct zync_cfg_text *cfg, const char *label, struct rules_text *out);
/* A text that is the same for every object, NULL when it is not set or not the same. */
const char *rules_constant(const struct rules_text *text);
/* A constant must be one of the words; its value in *ret when it is. */
bool rules_check_choice(struct rules_compiler *c, const struct rules_text *text, const struct rules_choices *choices, int *ret);
enum zync_status rules_compile_match(struct rules_compiler *c, const struct zync_cfg_match *match, struct rules_mapping *out);
/* The texts of a condition as they are written, and what it is called; *ret_label NULL: memory is out. @p pair: which of several custom fields or config contexts. */
const struct zync_cfg_texts *rules_match_texts(const struct zync_cfg_match *match, enum rules_key key, size_t pair,
					       struct zync_arena *arena, const char **ret_label);
enum zync_status rules_compile_set(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out);
enum zync_status rules_compile_texts(struct rules_compiler *c, const struct zync_cfg_texts *cfg, const char *label,
				     struct rules_texts *out);
/* Formats of netbox-zabbix-sync as templates, behind what @p out has. */
enum zync_status rules_compile_group_formats(struct rules_compiler *c, const struct zync_cfg_texts *formats, struct rules_texts *out);
/* What access by IPMI and TLS must have, as far as it shows before an object. */
enum zync_status rules_compile_access(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out);
enum zync_status rules_compile_per_host(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out);
/* The bundles, and which of them each mapping and bundle uses. */
enum zync_status rules_compile_bundles(struct rules_compiler *c);
enum zync_status rules_compile_uses(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out);
enum zync_status rules_compile_interfaces(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out);

/* The words of a field of an interface, NULL: free text. */
const struct rules_choices *rules_interface_choices(enum rules_if field);
/* NULL when it is an address or a user macro, else why not. */
const char *rules_ip_problem(const char *ip);
/* NULL when it is a port or a user macro, else why not. */
const char *rules_port_problem(const char *port);
/* The number of `max_repetitions`. */
bool rules_max_repetitions(const char *text, unsigned *ret);
/* What a v3 interface of that level lacks, NULL: nothing. */
const char *rules_snmp3_problem(int level, bool has_auth_passphrase, bool has_priv_passphrase);

/* --- deriving --- */

/* The texts that a condition is compared with. */
struct rules_values {
	struct zync_vec texts;
	bool known;
};

struct rules_run {
	const struct zync_rules *rules;
	const struct zync_rules_object *object;
	struct zync_expr_source source;
	bool explain;
	struct zync_arena *arena;
	struct zync_err *err;
	struct rules_values values[RULES_KEY_PLAIN_COUNT];
	struct zync_vec matched;     /* const struct rules_mapping, with the bundles that they use */
	struct zync_vec passed_over; /* the same: those that match, but count for nothing since another one is more specific */
	struct zync_vec per_hosts;   /* struct rules_per_host_values */
	struct zync_vec origins;     /* struct zync_rules_origin */
	const char *failure;	     /* reasons so far, NULL: none */
	unsigned failures;
	unsigned missing_addresses; /* of these: NetBox has no address for an interface */
	struct zync_rules_result *out;
};

bool rules_is_vm(const struct zync_rules_object *object);
enum zync_status rules_match(struct rules_run *run, const struct rules_mapping *mapping, bool *ret);
/* Of two that match, where only one counts (combine: first): the one with the most conditions, of equals the first in the file. @p best: so far, NULL: none. */
bool rules_beats(const struct rules_mapping *mapping, const struct rules_mapping *best);
const struct rules_mapping *rules_matched(const struct rules_run *run, size_t index);

/* Note what is wrong with the object. */
enum zync_status rules_fail(struct rules_run *run, const char *fmt, ...) ZYNC_PRINTF(2, 3);
enum zync_status rules_nomem(struct rules_run *run);
/* The text for this object; NULL when it is not set, undefined, or could not be rendered (which is noted). */
enum zync_status rules_render(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_text *text, const char **ret);
/* The same for a text that stands in a list: a list of NetBox gives several. */
enum zync_status rules_render_list(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_text *text,
				   const char *const **ret, size_t *ret_count);
/* The same for a text that has only certain words; *ret is untouched when there is none, *ret_given tells. */
enum zync_status rules_render_choice(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_text *text,
				     const struct rules_choices *choices, int *ret, bool *ret_given);
/* What a message may show of a text. */
const char *rules_shown(const struct rules_text *text, const char *rendered);

/* The value of the last mapping that gives one. */
struct rules_pick {
	const char *value; /* NULL: none does */
	const char *note;  /* where it came from, when not from the mapping's own text */
	const struct rules_mapping *mapping;
	const struct rules_text *text;
	const struct rules_mapping *overrode; /* only when explaining */
};
enum zync_status rules_pick_single(struct rules_run *run, enum rules_single which, struct rules_pick *ret);

/* A name, and where it came from. */
struct rules_per_host_name {
	const char *name, *source;
};
/* An interface, and where its parts came from. */
struct rules_per_host_interface {
	struct zync_interface interface;
	const char *ip_source, *dns_source, *port_source, *snmp_source;
};
/*
 * What NetBox itself holds for the object, in the form that the host has it; only what is there and counts. The sources ("from config_context.zabbix.tags") are for
 * explain and NULL otherwise.
 */
struct rules_per_host_values {
	const struct rules_mapping *mapping;
	const struct rules_per_host_name *templates;
	size_t template_count;
	const char *proxy, *proxy_group; /* NULL: none */
	const char *proxy_source;
	const struct zync_tag *tags;
	size_t tag_count;
	const char *tags_source;
	const struct zync_macro *macros;
	size_t macro_count;
	const char *macros_source;
	const char *description; /* NULL: none */
	const char *description_source;
	bool has_ipmi;
	struct zync_ipmi ipmi;
	const char *ipmi_source;
	bool has_interface; /* without that for out-of-band management: rules_per_host_add_oob() */
	struct rules_per_host_interface interface;
};
/* Those of a mapping, read once an object; *ret NULL: the mapping has no per_host. What is wrong with them is noted as a failure of the object. */
enum zync_status rules_per_host(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_per_host_values **ret);
/* The host's only interface so far is that of the values. Its list must have room. */
enum zync_status rules_per_host_take_interface(struct rules_run *run, const struct rules_per_host_values *values, const char *overrode);
/* Add the interface for the out-of-band address, if the last of the matching mappings from @p from on that speaks of it gives one. The list must have room. */
enum zync_status rules_per_host_add_oob(struct rules_run *run, size_t from);

/* A list of a host in the making: what the mappings give, in order, by name. */
struct rules_entry {
	const char *name;  /* what a pattern of remove_… is compared with */
	const char *value; /* tags and inventory */
	struct zync_macro macro;
	const struct rules_mapping *mapping;
	const struct rules_text *text;	      /* NULL: from NetBox itself */
	const struct rules_text *name_text;   /* of the name of a tag; NULL: the name is no text of a mapping */
	const struct rules_macro *rule;	      /* macros of a mapping */
	const char *note;		      /* for explain */
	const char *overrode;		      /* name of the rule whose value it replaced */
	const struct rules_mapping *taken_by; /* a later mapping took it away; NULL: none */
};
struct rules_list {
	struct rules_run *run;
	enum rules_list_kind kind;
	struct zync_vec entries; /* struct rules_entry */
	struct zync_map *by_key; /* once there are many */
};
/* Begin a list: each matching mapping in turn takes away what it does not want of the earlier ones, then @p add puts in what it gives itself. */
enum zync_status rules_list_gather(struct rules_list *list, struct rules_run *run, enum rules_list_kind kind,
				   enum zync_status (*add)(struct rules_list *list, const struct rules_mapping *mapping));
/* Add a copy. Groups, templates and equal tags are there once, the first counts; of macros and inventory fields the last of a name counts. */
enum zync_status rules_list_put(struct rules_list *list, const struct rules_entry *entry);
/* The entries that stay, and their number. Explains those that were taken away. */
enum zync_status rules_list_done(struct rules_list *list, struct rules_entry ***ret, size_t *ret_count);

/*
 * A text that Zabbix has room for in at most @p max characters: as rules.too_long says it is cut, left out (*ret_keep false) or a failure of the object. *ret_note
 * tells of it in explain. @p what: "tags: the value of \"site\"".
 */
enum zync_status rules_fit(struct rules_run *run, const struct rules_mapping *mapping, const char *what, size_t max, const char **text,
			   bool *ret_keep, const char **ret_note);

/* One line of explain. mapping == NULL: rule @p rule without a position. Does nothing unless explaining. */
enum zync_status rules_origin(struct rules_run *run, const char *field, const char *value, const struct rules_mapping *mapping,
			      const struct rules_text *text, const char *overrode);
/* The same with a note, and without a text where it came from NetBox itself. */
enum zync_status rules_origin_note(struct rules_run *run, const char *field, const char *value, const struct rules_mapping *mapping,
				   const struct rules_text *text, const char *overrode, const char *note);
enum zync_status rules_origin_default(struct rules_run *run, const char *field, const char *value, const char *rule);

enum zync_status rules_derive_groups(struct rules_run *run);
enum zync_status rules_derive_templates(struct rules_run *run);
enum zync_status rules_derive_tags(struct rules_run *run);
enum zync_status rules_derive_macros(struct rules_run *run);
enum zync_status rules_derive_inventory(struct rules_run *run);
enum zync_status rules_derive_interfaces(struct rules_run *run);
enum zync_status rules_derive_proxy(struct rules_run *run);
enum zync_status rules_derive_access(struct rules_run *run);

#endif
