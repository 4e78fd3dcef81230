/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_priv.h"

#include <string.h>

#include "base/str.h"

bool zync_model_interface_same_address(const struct zync_interface *a, const struct zync_interface *b)
{
	return a->type == b->type && a->useip == b->useip && zync_str_eq(a->ip, b->ip) && zync_str_eq(a->dns, b->dns) &&
	       zync_str_eq(a->port, b->port);
}

/* Would the interface in Zabbix stay as it is? @p exactly: also where the wanted one leaves a value to Zabbix. */
static bool interfaces_unchanged(const struct zync_interface *want, const struct zync_interface *have, bool exactly)
{
	const struct zync_snmp *a = &want->snmp, *b = &have->snmp;
	if (want->main != have->main || !zync_model_interface_same_address(want, have))
		return false;
	return a->version == b->version && a->bulk == b->bulk && zync_str_eq(a->contextname, b->contextname) &&
	       zync_str_eq(a->securityname, b->securityname) && a->securitylevel == b->securitylevel &&
	       a->authprotocol == b->authprotocol && a->privprotocol == b->privprotocol &&
	       !zync_model_sensitive_differs(&a->community, &b->community) &&
	       !zync_model_sensitive_differs(&a->authpassphrase, &b->authpassphrase) &&
	       !zync_model_sensitive_differs(&a->privpassphrase, &b->privpassphrase) &&
	       (a->max_repetitions == b->max_repetitions || (!exactly && a->max_repetitions == 0));
}

/* How alike two interfaces of one type must be in a pass of the matching. */
enum likeness { LIKE_ALL = 0, LIKE_UNCHANGED, LIKE_ADDRESS_AND_ROLE, LIKE_ADDRESS, LIKE_TYPE, LIKE_COUNT };

static bool interfaces_alike(const struct zync_interface *want, const struct zync_interface *have, enum likeness likeness)
{
	if (want->type != have->type)
		return false;
	switch (likeness) {
	case LIKE_ALL:
		return interfaces_unchanged(want, have, /* exactly= */ true);
	case LIKE_UNCHANGED:
		return interfaces_unchanged(want, have, /* exactly= */ false);
	case LIKE_ADDRESS_AND_ROLE:
		return want->main == have->main && zync_model_interface_same_address(want, have);
	case LIKE_ADDRESS:
		return zync_model_interface_same_address(want, have);
	case LIKE_TYPE: /* in canonical order, where the default one comes first: it meets the default one */
	case LIKE_COUNT:
		break;
	}
	return true;
}

void zync_model_match_interfaces(const struct zync_interface *want, size_t want_len, const struct zync_interface *have, size_t have_len,
				 size_t *match, bool *used)
{
	for (enum likeness likeness = LIKE_ALL; likeness < LIKE_COUNT; likeness++) {
		for (size_t i = 0; i < want_len; i++) {
			for (size_t j = 0; j < have_len && match[i] == ZYNC_MODEL_NO_MATCH; j++) {
				if (used[j] || !interfaces_alike(&want[i], &have[j], likeness))
					continue;
				match[i] = j;
				used[j] = true;
			}
		}
	}
}

/* The desired interface on top of the one in Zabbix that it becomes. */
static struct zync_interface interfaces_onto(const struct zync_interface *desired, const struct zync_interface *actual)
{
	struct zync_interface result = *desired;
	result.interfaceid = actual->interfaceid;
	if (result.type != ZYNC_INTERFACE_SNMP || result.snmp.version == 1)
		return result;
	/* 0 leaves it to Zabbix, which already has a number; version 1 has none. Zabbix before 6.4 has none at all: there nothing can be set. */
	if (result.snmp.max_repetitions == 0 || (actual->snmp.version > 1 && actual->snmp.max_repetitions == 0))
		result.snmp.max_repetitions = actual->snmp.max_repetitions;
	return result;
}

static size_t interfaces_count(const struct zync_host *host, const struct zync_interface *like)
{
	size_t count = 0;
	for (size_t i = 0; i < host->interfaces.len; i++)
		count += zync_model_interface_same_address(&host->interfaces.items[i], like);
	return count;
}

/*
 * Did Zync write this interface, which the desired state no longer has? By type and address: as many go as the base has more of them than
 * the desired state. @p rank: how many of the same address were asked about before.
 */
static bool interfaces_was_ours(const struct zync_host *base, const struct zync_host *desired, const struct zync_interface *interface,
				size_t rank)
{
	if (base == NULL || (base->managed & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES)) == 0)
		return false;
	return interfaces_count(base, interface) > interfaces_count(desired, interface) + rank;
}

/*
 * The first @p desired_len interfaces are the desired ones, the others were kept. A desired default takes the role from a kept one; where the default
 * of a type went, the first that was kept takes its place.
 */
static void interfaces_settle_defaults(struct zync_interface *items, size_t len, size_t desired_len)
{
	for (size_t i = desired_len; i < len; i++) {
		bool has_default = false;
		for (size_t j = 0; j < i; j++)
			has_default = has_default || (items[j].type == items[i].type && items[j].main);
		if (has_default) {
			items[i].main = false;
			continue;
		}
		for (size_t j = i + 1; j < len && !items[i].main; j++)
			has_default = has_default || (items[j].type == items[i].type && items[j].main);
		items[i].main = items[i].main || !has_default;
	}
}

enum zync_status zync_model_target_interfaces(const struct zync_host *desired, const struct zync_host *actual, const struct zync_host *base,
					      struct zync_arena *arena, struct zync_host *target, struct zync_err *err)
{
	size_t want = desired->interfaces.len, have = actual->interfaces.len, len = want;
	struct zync_interface *items = ZYNC_NEW_ARRAY(arena, struct zync_interface, want + have);
	size_t *match = ZYNC_NEW_ARRAY(arena, size_t, want);
	bool *used = ZYNC_NEW_ARRAY(arena, bool, have);
	if (items == NULL || match == NULL || used == NULL)
		return zync_err_nomem(err, "matching the interfaces of a host");
	for (size_t i = 0; i < want; i++)
		match[i] = ZYNC_MODEL_NO_MATCH;
	zync_model_match_interfaces(desired->interfaces.items, want, actual->interfaces.items, have, match, used);
	for (size_t i = 0; i < want; i++) {
		items[i] = desired->interfaces.items[i];
		if (match[i] != ZYNC_MODEL_NO_MATCH)
			items[i] = interfaces_onto(&items[i], &actual->interfaces.items[match[i]]);
		else
			items[i].interfaceid = 0;
	}
	bool merge = desired->own[ZYNC_ASPECT_INTERFACES] == ZYNC_OWN_MERGE;
	for (size_t j = 0; merge && j < have; j++) {
		const struct zync_interface *interface = &actual->interfaces.items[j];
		size_t rank = 0;
		for (size_t k = 0; k < j; k++)
			rank += !used[k] && zync_model_interface_same_address(&actual->interfaces.items[k], interface);
		if (!used[j] && !interfaces_was_ours(base, desired, interface, rank))
			items[len++] = *interface;
	}
	interfaces_settle_defaults(items, len, want);
	target->interfaces.items = items;
	target->interfaces.len = len;
	return ZYNC_OK;
}
