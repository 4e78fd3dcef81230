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

#define ZYNC_HOST_NAME_MAX     128 /* characters, technical and visible (Zabbix 6.0 and 7.0) */
#define ZYNC_GROUP_NAME_MAX    255
#define ZYNC_TAG_MAX	       255
#define ZYNC_MACRO_NAME_MAX    255
#define ZYNC_MACRO_VALUE_MAX   2048
#define ZYNC_DESCRIPTION_MAX   65535
#define ZYNC_IPMI_USERNAME_MAX 16
#define ZYNC_IPMI_PASSWORD_MAX 20
#define ZYNC_PSK_MIN	       32 /* hexadecimal digits, an even number */
#define ZYNC_PSK_MAX	       512
#define ZYNC_PSK_IDENTITY_MAX  128
#define ZYNC_TLS_NAME_MAX      1024 /* issuer, subject */

/** Is @p name a legal technical host name: ASCII letters, digits, inner spaces, dot, dash, underscore, 1 to 128? */
bool zync_host_name_legal(const char *name);
/**
 * A legal technical name for any text (NULL: an unnamed object). A legal name stays as it is. Any other is trimmed of spaces, each forbidden character becomes "_", the
 * result is cut, and a suffix made from @p object_type ("device" or "vm") and @p object_id is added: "_d17", "_v5". Without a letter or digit left it
 * is "host_d17"; where trimming was all, one more "_" shows it ("sw1__d17"). The same input always gives the same name.
 *
 * Two different objects never get one name unless both have the same legal name in NetBox: a name with a suffix belongs to the object that the suffix names. So a
 * legal name which could be what another object's illegal name was made into - it ends with another object's suffix, and it is of full length, or "host" or a text
 * with an underscore stands before the suffix - gets its own suffix, too: device 9 "core_fw_v2" becomes "core_fw_v2_d9", while "fw_v2" stays.
 * INVALID for another object type.
 */
enum zync_status zync_host_name_make_legal(const char *name, const char *object_type, uint64_t object_id, struct zync_arena *arena,
					   const char **ret_name, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * The same with the suffix in any case: for an object whose legal name another object has already ("rtr-01" at a second site becomes "rtr-01__d17").
 */
enum zync_status zync_host_name_distinguish(const char *name, const char *object_type, uint64_t object_id, struct zync_arena *arena,
					    const char **ret_name, struct zync_err *err) ZYNC_MUST_CHECK;
/** Is it a field of Zabbix's host inventory? */
bool zync_inventory_field_known(const char *field);
/**
 * Longest value of an inventory field in characters, 0 when unknown. Source: the database schema of Zabbix 7.0. That of 6.0 is the same but for url_a, url_b and url_c,
 * 255 there and 2048 in 7.0; the larger number is answered, since a server says itself what is too long for it.
 */
size_t zync_inventory_field_max(const char *field);
/** All inventory field names in alphabetical order, for suggestions and documentation. */
const char *const *zync_inventory_fields(size_t *ret_count);
/** NULL when @p macro is a legal user macro "{$NAME}", "{$NAME:context}", "{$NAME:regex:\"…\"}" of at most 255 characters, else why not ("it is empty"). */
const char *zync_macro_name_problem(const char *macro);
/** NULL when @p name is a legal host group name (no empty component, no leading or trailing slash, 255 characters, ZYNC_LIMIT_GROUP_DEPTH levels), else why not. */
const char *zync_group_name_problem(const char *name);

#endif
