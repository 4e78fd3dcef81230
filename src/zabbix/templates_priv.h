/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file templates_priv.h
 * What is known of templates: templates_read.c fills it, templates_check.c looks into it.
 */
#ifndef ZYNC_ZABBIX_TEMPLATES_PRIV_H
#define ZYNC_ZABBIX_TEMPLATES_PRIV_H

#include "zabbix/templates.h"
#include "zabbix/zabbix_priv.h"

/** What stands in one host under a key; web scenarios have names of their own. */
enum zync_zbx_entity { ZYNC_ZBX_ITEM = 0, ZYNC_ZBX_RULE, ZYNC_ZBX_PROTOTYPE, ZYNC_ZBX_WEB, ZYNC_ZBX_ENTITIES };
/** How each is asked for. */
struct zync_zbx_entity_source {
	const char *method;
	const char *id;	 /**< member */
	const char *ids; /**< parameter */
	const char *key; /**< member */
	const char *word;
};
extern const struct zync_zbx_entity_source zync_zbx_entity_sources[ZYNC_ZBX_ENTITIES];

/** A read; *ret NULL: this user may not ask that, and the server will say itself what it refuses. */
enum zync_status zync_zbx_templates_call(struct zync_zabbix *z, const char *method, struct zync_jb *b, struct zync_jnode *params,
					 struct zync_arena *arena, const struct zync_jval **ret, struct zync_err *err) ZYNC_MUST_CHECK;

struct zync_zbx_template_key {
	uint64_t templateid;
	uint64_t hash; /**< of the key, or of the name of a web scenario */
	uint64_t id;
	enum zync_zbx_entity entity;
};

/** Interface types by their numbers, and one for "any of them". */
#define ZYNC_ZBX_ANY_INTERFACE 5
#define ZYNC_ZBX_NEEDS	       6

struct zync_zbx_template {
	uint64_t id;
	const struct zync_zbx_template_key *keys; /**< in order of hash */
	size_t keys_len;
	const char *needs[ZYNC_ZBX_NEEDS]; /**< key of the first item, rule or prototype that needs that interface; NULL: none does */
};

/** The templates that a template is linked to itself. */
struct zync_zbx_parents {
	const uint64_t *ids;
	size_t len;
};

/** What two templates have in common; both NULL: nothing. */
struct zync_zbx_clash {
	const char *always;    /**< refused however they come together */
	const char *same_kind; /**< 6.x refuses it only where one of them is on the host already */
};

struct zync_zabbix_templates {
	struct zync_arena *arena;
	struct zync_idmap *by_id;   /**< struct zync_zbx_template */
	struct zync_idmap *parents; /**< struct zync_zbx_parents, also of templates that are only parents */
	struct zync_map *pairs;	    /**< "ID:ID", in the order of their names → struct zync_zbx_clash */
	size_t keys;
};

#endif
