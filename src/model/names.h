/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file names.h
 * What Zabbix accepts as names and texts, and legal technical names for any NetBox name. Pure tables and functions.
 */
#ifndef ZYNC_MODEL_NAMES_H
#define ZYNC_MODEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define ZYNC_HOST_NAME_MAX   128 /* characters, technical and visible (Zabbix 6.0 and 7.0) */
#define ZYNC_GROUP_NAME_MAX  255
#define ZYNC_TAG_MAX	     255
#define ZYNC_MACRO_NAME_MAX  255
#define ZYNC_MACRO_VALUE_MAX 2048
#define ZYNC_DESCRIPTION_MAX 65535

/** Is @p name a legal technical host name: ASCII letters, digits, inner spaces, dot, dash, underscore, 1 to 128? */
bool zync_host_name_legal(const char *name);
/**
 * A legal technical name for any text: a legal one stays as it is; otherwise forbidden characters become "_", the result is cut, and a suffix
 * "~"-free and legal, made from @p object_type and @p object_id ("_d17", "_v5"), is added, so that two objects never get one name by being made legal.
 */
enum zync_status zync_host_name_make_legal(const char *name, const char *object_type, uint64_t object_id, struct zync_arena *arena,
					   const char **ret_name, struct zync_err *err) ZYNC_MUST_CHECK;
/** Is it a field of Zabbix's host inventory? */
bool zync_inventory_field_known(const char *field);
/** Longest value of an inventory field in characters (source: the Zabbix 6.0 and 7.0 database schema, proved against the real servers); 0 when unknown. */
size_t zync_inventory_field_max(const char *field);
/** All inventory field names, for suggestions and documentation. */
const char *const *zync_inventory_fields(size_t *ret_count);
/** NULL when @p macro is a legal user macro "{$NAME}", "{$NAME:context}", "{$NAME:regex:\"…\"}", else why not. */
const char *zync_macro_name_problem(const char *macro);
/** NULL when @p name is a legal host group name (no empty component, no leading or trailing slash, 255 characters), else why not. */
const char *zync_group_name_problem(const char *name);

#endif
