/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file diff.h
 * The pure comparison of a desired with an actual host: what the host shall look like afterwards, and which fields differ.
 */
#ifndef ZYNC_MODEL_DIFF_H
#define ZYNC_MODEL_DIFF_H

#include "model/host.h"

/**
 * One field that differs. Texts are for people and JSON output; a secret is shown as "***", and as "*** (changed)" where a secret takes the place of another.
 *
 * | field | old and new text |
 * |---|---|
 * | host, name, status, description | the values; "monitored", "disabled" |
 * | groups, templates | one change a member: its name, as new where it is added, as old where it is removed |
 * | interfaces[agent], interfaces[snmp#2] | an interface that is added or removed, as "10.0.0.1:161 SNMPv2" |
 * | interfaces[agent].ip … | a field of one that is changed in place: type main useip ip dns port version bulk max_repetitions community contextname securityname securitylevel authprotocol authpassphrase privprotocol privpassphrase. "#2" is the second of its type in canonical order, that of the target (of the actual host where it is removed) |
 * | proxy | "server", "proxy NAME", "proxy group NAME" |
 * | tags[site] | the values, old and new, when at most one of that tag name goes and at most one comes; else each removed and each added value by itself |
 * | macros[{$X}].value .type .description | a removed macro has only .value, an added one .type and .description where they are not plain text and empty |
 * | ipmi.authtype .privilege .username .password | "default", "RMCP+"; "user"; the texts |
 * | tls.connect .accept .psk_identity .psk .issuer .subject | "psk"; "none, psk"; the texts; no .psk where the target uses none |
 * | inventory_mode, inventory[type] | "disabled", "manual", "automatic"; the values, NULL for an empty field |
 */
struct zync_change {
	enum zync_aspect aspect;
	const char *field;
	const char *old_text; /**< NULL: was not there */
	const char *new_text; /**< NULL: will not be there */
	const char *note;     /**< what becomes of it ("unlinked and cleared"), set by the plan; NULL: nothing more to say */
};

struct zync_diff {
	struct zync_change *items; /**< in the order of aspects, then of the canonical order inside */
	size_t len;
	unsigned aspects; /**< bits of the aspects that differ: these and only these are written */
};

/**
 * What @p actual shall become: @p desired where an aspect is managed, as the ownership modes say, and @p actual elsewhere. All three hosts must be canonical.
 * @p base is the desired state that was last written to this host (NULL: none), needed by ZYNC_OWN_MERGE. actual == NULL: the host does not exist;
 * the target is the desired state. The mark (owner) of the target is always the desired one. `managed` becomes that of both. Errors: only NOMEM.
 * Strings and unchanged arrays are shared with the inputs, so the target must not outlive them.
 *
 * Ownership, aspect by aspect:
 *  - ZYNC_OWN_IGNORE: actual stays.
 *  - ZYNC_OWN_OVERWRITE: exactly the desired state; in the inventory every other field is cleared but those whose desired value is NULL. Where the desired inventory mode is automatic, fields that are not
 *    desired are left to Zabbix, which fills them, as in ZYNC_OWN_MERGE.
 *  - ZYNC_OWN_MERGE: actual and desired together, without what is in @p base and no longer in desired. Single values (names, status, description, proxy,
 *    inventory mode, IPMI, TLS) are the desired ones; a disabled inventory has no fields, whoever set them. Macros and inventory fields go by name, tags by name and
 *    value, an interface counts as one of @p base only with the same type, address and port.
 *
 * Interfaces are matched by type (the one of equal address, then the default one, then in order) and keep their interfaceid, so that they are changed in place;
 * a kept one that is no longer the only default of its type gives that role to the desired one. Macros keep their hostmacroid. Groups, templates and proxies
 * whose id is not known get it from @p actual. An inventory field that has to be cleared is in the target with the value "".
 */
enum zync_status zync_host_target(const struct zync_host *desired, const struct zync_host *actual, const struct zync_host *base,
				  struct zync_arena *arena, struct zync_host *ret_target, struct zync_err *err) ZYNC_MUST_CHECK;

/**
 * The fields of the aspects managed by @p target in which it differs from @p actual (NULL: creation, all of the target but its empty texts is new). Both must
 * be canonical or made by zync_host_target(). Interfaces are the same by interfaceid. Errors: only NOMEM.
 *
 * A missing ownership mark by itself is no difference; where macros differ anyway, and at creation, it is written along. A mark that names something else is a
 * difference: whether it may be written is the plan's decision. A sensitive text differs when both digests are known and differ, or when the
 * target's is known and the actual's is not (it has to be pushed once). max_repetitions 0 in the target never differs.
 */
enum zync_status zync_host_diff(const struct zync_host *target, const struct zync_host *actual, struct zync_arena *arena,
				struct zync_diff *ret_diff, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
