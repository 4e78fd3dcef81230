/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file per_host_priv.h
 * Reading what NetBox itself holds for one object, for the files per_host*.c only. What is wrong is noted as a failure of the object, by the name of its place
 * ("config_context.zabbix.snmp.version"), never with a value that may be a secret; reading goes on after it, so that all that is wrong is told at once.
 */
#ifndef ZYNC_RULES_PER_HOST_PRIV_H
#define ZYNC_RULES_PER_HOST_PRIV_H

#include "rules/rules_priv.h"

#define PER_HOST_ENTRIES_MAX 1000u	   /* templates, tags, macros of one object */
#define PER_HOST_NAME_MAX    255	   /* characters of the name of a template or a proxy */
#define PER_HOST_TEXT_BYTES  (256u * 1024) /* a description with its owner */

/* One mapping's values of the object in the making. */
struct per_host {
	struct rules_run *run;
	const struct rules_mapping *mapping;
	const struct rules_per_host *cfg;
	struct rules_per_host_values *out;
	const struct zync_jval *context; /* the object of the key per_host.context; NULL: there is none */
};

/* A member of the config context: of the object per_host.context itself, or of one in it. */
struct per_host_place {
	const struct zync_jval *object;
	const char *path; /* "snmp."; "": the object of per_host.context itself */
};

/* The object's config context for that mapping. */
enum zync_status per_host_open(struct rules_run *run, const struct rules_mapping *mapping, struct per_host *ret);
bool per_host_wants(const struct per_host *p, enum rules_part part);

/* Not there, null or false: the value does not count. */
bool per_host_is_nothing(const struct zync_jval *v);
/* "a text", "a list", for messages. */
const char *per_host_kind(const struct zync_jval *v);
/* A text for a message: its beginning only. */
const char *per_host_shown(const struct per_host *p, const char *text);
/* Is it a text, or a number or a truth value, that counts as its text? */
bool per_host_is_scalar(const struct zync_jval *v);

/* Note that @p path of the config context is wrong. */
enum zync_status per_host_fail(const struct per_host *p, const char *path, const char *fmt, ...) ZYNC_PRINTF(3, 4);
/* A line of explain for something that was left out. */
enum zync_status per_host_left_out(const struct per_host *p, const char *field, const char *path, const char *why);
/* "from config_context.zabbix.snmp"; *ret stays NULL unless explaining. */
enum zync_status per_host_source(const struct per_host *p, const char *path, const char **ret);
/* The same for any words. */
enum zync_status per_host_source_text(const struct per_host *p, const char **ret, const char *fmt, ...) ZYNC_PRINTF(3, 4);

/* The text of a member; NULL when it is not there or wrong. */
enum zync_status per_host_text(const struct per_host *p, struct per_host_place place, const char *key, const char **ret);
/* The same where a number or a truth value counts as its text. */
enum zync_status per_host_word(const struct per_host *p, struct per_host_place place, const char *key, const char **ret);
/* The same where a whole number counts as its text. */
enum zync_status per_host_text_or_number(const struct per_host *p, struct per_host_place place, const char *key, const char **ret);
/* A member that has only certain words or numbers; *ret stays when it is not there or wrong. */
enum zync_status per_host_choice(const struct per_host *p, struct per_host_place place, const char *key,
				 const struct rules_choices *choices, int *ret, bool *ret_given);
/* A member that must be an object; *ret NULL when it is not there or wrong. */
enum zync_status per_host_object(const struct per_host *p, const char *key, const struct zync_jval **ret);
/* Members whose names are nearly those of @p known, which are not there: typing errors that would go unnoticed. */
enum zync_status per_host_check_names(const struct per_host *p, struct per_host_place place, const char *const *known, size_t count);

/* Names in a custom field of the object, its site or its device type, told of as "custom field X of the site": a text, a selection, an object, a list of them. */
enum zync_status per_host_field_names(const struct per_host *p, const char *owner, const char *field, bool several, struct zync_vec *ret);

enum zync_status per_host_templates(struct per_host *p);
enum zync_status per_host_proxy(struct per_host *p);
enum zync_status per_host_description(struct per_host *p);
enum zync_status per_host_tags(struct per_host *p);
enum zync_status per_host_macros(struct per_host *p);
enum zync_status per_host_ipmi(struct per_host *p);
enum zync_status per_host_interface(struct per_host *p);
/* The SNMP details of an interface whose type the config context gives. */
enum zync_status per_host_snmp(const struct per_host *p, struct zync_snmp *out);

#endif
