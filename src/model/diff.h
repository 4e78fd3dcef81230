/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file diff.h
 * The pure comparison of a desired with an actual host: what the host shall look like afterwards, and which fields differ.
 */
#ifndef ZYNC_MODEL_DIFF_H
#define ZYNC_MODEL_DIFF_H

#include "model/host.h"

/** One field that differs. Texts are for people and JSON output; secrets are shown as *** (and "*** (changed)"). */
struct zync_change {
	enum zync_aspect aspect;
	const char *
		field; /**< "name", "tags[site]", "interfaces[agent].ip", "interfaces[snmp#2].port", "macros[{$X}].value", "groups", "templates", "inventory[type]", "proxy" … */
	const char *old_text; /**< NULL: was not there */
	const char *new_text; /**< NULL: will not be there */
};

struct zync_diff {
	struct zync_change *items; /**< in the order of aspects, then of the canonical order inside */
	size_t len;
	unsigned aspects; /**< bits of the aspects that differ: these and only these are written */
};

/**
 * What @p actual shall become: @p desired where an aspect is managed, as the ownership modes say, and @p actual elsewhere.
 * Interfaces are matched by type (the equal one, then the default one, then in order) and keep their interfaceid, so that they are changed in place;
 * macros keep their hostmacroid. @p base is the desired state that was last written to this host (NULL: none), needed by ZYNC_OWN_MERGE.
 * actual == NULL: the host does not exist; the target is the desired state. The mark (owner) of the target is always the desired one.
 * Strings are shared with the inputs, so the target must not outlive them.
 */
enum zync_status zync_host_target(const struct zync_host *desired, const struct zync_host *actual, const struct zync_host *base,
				  struct zync_arena *arena, struct zync_host *ret_target, struct zync_err *err) ZYNC_MUST_CHECK;

/**
 * The fields in which @p target differs from @p actual (NULL: creation, all fields of the target are new). A missing ownership mark by itself
 * is no difference; where macros differ anyway it is written along. A sensitive text differs when both digests are known and differ, or when the
 * target's is known and the actual's is not (it has to be pushed once).
 */
enum zync_status zync_host_diff(const struct zync_host *target, const struct zync_host *actual, struct zync_arena *arena,
				struct zync_diff *ret_diff, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
