/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_priv.h"

#include <string.h>

#include "base/str.h"

/* One interface that differs, with the label "interfaces[snmp#2]" of its fields. */
struct pair {
	struct zync_model_changes *changes;
	const char *label;
	struct zync_err *err;
};

/* "interfaces[agent]", or "interfaces[agent#2]" for the second of its type; NULL when memory is out. */
static const char *pair_label(struct zync_arena *arena, const struct zync_interface *items, size_t index)
{
	size_t number = 1;
	for (size_t i = 0; i < index; i++)
		number += items[i].type == items[index].type;
	const char *type = zync_model_text(zync_model_word(ZYNC_WORDS_INTERFACE_TYPE, (int)items[index].type));
	if (number == 1)
		return zync_arena_printf(arena, "interfaces[%s]", type);
	return zync_arena_printf(arena, "interfaces[%s#%zu]", type, number);
}

static enum zync_status pair_add(const struct pair *p, const char *member, const char *old_text, const char *new_text)
{
	const char *field = zync_arena_printf(p->changes->arena, "%s.%s", p->label, member);
	return zync_model_change_add(p->changes, ZYNC_ASPECT_INTERFACES, field, old_text, new_text, p->err);
}

static enum zync_status pair_text(const struct pair *p, const char *member, const char *old_text, const char *new_text)
{
	if (strcmp(zync_model_text(old_text), zync_model_text(new_text)) == 0)
		return ZYNC_OK;
	return pair_add(p, member, zync_model_text(old_text), zync_model_text(new_text));
}

static enum zync_status pair_bool(const struct pair *p, const char *member, bool old_value, bool new_value)
{
	return pair_text(p, member, old_value ? "true" : "false", new_value ? "true" : "false");
}

static enum zync_status pair_number(const struct pair *p, const char *member, unsigned old_value, unsigned new_value)
{
	if (old_value == new_value)
		return ZYNC_OK;
	const char *old_text = zync_arena_printf(p->changes->arena, "%u", old_value);
	const char *new_text = zync_arena_printf(p->changes->arena, "%u", new_value);
	if (old_text == NULL || new_text == NULL)
		return zync_err_nomem(p->err, "comparing hosts");
	return pair_add(p, member, old_text, new_text);
}

static enum zync_status pair_word(const struct pair *p, const char *member, enum zync_model_words words, unsigned old_value,
				  unsigned new_value)
{
	return pair_text(p, member, zync_model_word(words, (int)old_value), zync_model_word(words, (int)new_value));
}

static enum zync_status pair_sensitive(const struct pair *p, const char *member, const struct zync_sensitive *old_text,
				       const struct zync_sensitive *new_text)
{
	if (!zync_model_sensitive_differs(new_text, old_text))
		return ZYNC_OK;
	const char *field = zync_arena_printf(p->changes->arena, "%s.%s", p->label, member);
	return zync_model_change_sensitive(p->changes, ZYNC_ASPECT_INTERFACES, field, old_text, new_text, p->err);
}

static enum zync_status pair_snmp(const struct pair *p, const struct zync_snmp *target, const struct zync_snmp *actual)
{
	ZYNC_TRY(pair_number(p, "version", actual->version, target->version));
	ZYNC_TRY(pair_bool(p, "bulk", actual->bulk, target->bulk));
	/* 0 in the target leaves it to Zabbix. */
	if (target->max_repetitions != 0)
		ZYNC_TRY(pair_number(p, "max_repetitions", actual->max_repetitions, target->max_repetitions));
	ZYNC_TRY(pair_sensitive(p, "community", &actual->community, &target->community));
	ZYNC_TRY(pair_text(p, "contextname", actual->contextname, target->contextname));
	ZYNC_TRY(pair_text(p, "securityname", actual->securityname, target->securityname));
	ZYNC_TRY(pair_word(p, "securitylevel", ZYNC_WORDS_SECURITYLEVEL, actual->securitylevel, target->securitylevel));
	ZYNC_TRY(pair_word(p, "authprotocol", ZYNC_WORDS_AUTHPROTOCOL, actual->authprotocol, target->authprotocol));
	ZYNC_TRY(pair_sensitive(p, "authpassphrase", &actual->authpassphrase, &target->authpassphrase));
	ZYNC_TRY(pair_word(p, "privprotocol", ZYNC_WORDS_PRIVPROTOCOL, actual->privprotocol, target->privprotocol));
	return pair_sensitive(p, "privpassphrase", &actual->privpassphrase, &target->privpassphrase);
}

static enum zync_status pair_diff(const struct pair *p, const struct zync_interface *target, const struct zync_interface *actual)
{
	ZYNC_TRY(pair_word(p, "type", ZYNC_WORDS_INTERFACE_TYPE, actual->type, target->type));
	ZYNC_TRY(pair_bool(p, "main", actual->main, target->main));
	ZYNC_TRY(pair_bool(p, "useip", actual->useip, target->useip));
	ZYNC_TRY(pair_text(p, "ip", actual->ip, target->ip));
	ZYNC_TRY(pair_text(p, "dns", actual->dns, target->dns));
	ZYNC_TRY(pair_text(p, "port", actual->port, target->port));
	if (target->type != ZYNC_INTERFACE_SNMP || actual->type != ZYNC_INTERFACE_SNMP)
		return ZYNC_OK;
	return pair_snmp(p, &target->snmp, &actual->snmp);
}

/* "10.0.0.1:161 SNMPv2": a whole interface for people; NULL when memory is out. */
static const char *interface_shown(struct zync_arena *arena, const struct zync_interface *interface)
{
	const char *address = zync_model_text(interface->useip ? interface->ip : interface->dns);
	const char *port = zync_model_text(interface->port);
	bool brackets = strchr(address, ':') != NULL;
	const char *open = brackets ? "[" : "", *close = brackets ? "]" : "";
	if (interface->type != ZYNC_INTERFACE_SNMP)
		return zync_arena_printf(arena, "%s%s%s:%s", open, address, close, port);
	return zync_arena_printf(arena, "%s%s%s:%s SNMPv%u", open, address, close, port, interface->snmp.version);
}

/* An interface that only one side has. */
static enum zync_status diff_whole(struct zync_model_changes *changes, const struct zync_interface *items, size_t index, bool added,
				   struct zync_err *err)
{
	const char *label = pair_label(changes->arena, items, index);
	const char *shown = interface_shown(changes->arena, &items[index]);
	if (shown == NULL)
		return zync_err_nomem(err, "comparing hosts");
	return zync_model_change_add(changes, ZYNC_ASPECT_INTERFACES, label, added ? NULL : shown, added ? shown : NULL, err);
}

/* Which interface of the actual host each of the target's is: by id, and among those without an id by likeness. */
static void diff_pair_up(const struct zync_host *target, const struct zync_host *actual, size_t *match, bool *used)
{
	const struct zync_interface *want = target->interfaces.items, *have = actual->interfaces.items;
	for (size_t i = 0; i < target->interfaces.len; i++) {
		match[i] = ZYNC_MODEL_NO_MATCH;
		for (size_t j = 0; want[i].interfaceid != 0 && j < actual->interfaces.len; j++) {
			if (have[j].interfaceid == want[i].interfaceid)
				match[i] = j;
		}
	}
	/* One that is in Zabbix is never taken for a new one. */
	for (size_t j = 0; j < actual->interfaces.len; j++)
		used[j] = have[j].interfaceid != 0;
	zync_model_match_interfaces(want, target->interfaces.len, have, actual->interfaces.len, match, used);
	memset(used, 0, actual->interfaces.len * sizeof(*used));
	for (size_t i = 0; i < target->interfaces.len; i++) {
		if (match[i] != ZYNC_MODEL_NO_MATCH)
			used[match[i]] = true;
	}
}

enum zync_status zync_model_diff_interfaces(struct zync_model_changes *changes, const struct zync_host *target,
					    const struct zync_host *actual, struct zync_err *err)
{
	size_t *match = ZYNC_NEW_ARRAY(changes->arena, size_t, target->interfaces.len);
	bool *used = ZYNC_NEW_ARRAY(changes->arena, bool, actual->interfaces.len);
	if (match == NULL || used == NULL)
		return zync_err_nomem(err, "comparing hosts");
	diff_pair_up(target, actual, match, used);
	for (size_t i = 0; i < target->interfaces.len; i++) {
		const struct zync_interface *interface = &target->interfaces.items[i];
		if (match[i] == ZYNC_MODEL_NO_MATCH) {
			ZYNC_TRY(diff_whole(changes, target->interfaces.items, i, /* added= */ true, err));
			continue;
		}
		struct pair p = {.changes = changes, .err = err, .label = pair_label(changes->arena, target->interfaces.items, i)};
		if (p.label == NULL)
			return zync_err_nomem(err, "comparing hosts");
		ZYNC_TRY(pair_diff(&p, interface, &actual->interfaces.items[match[i]]));
	}
	for (size_t j = 0; j < actual->interfaces.len; j++) {
		if (!used[j])
			ZYNC_TRY(diff_whole(changes, actual->interfaces.items, j, /* added= */ false, err));
	}
	return ZYNC_OK;
}
