/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file templates.h
 * What Zabbix asks of a host before it links a template: interfaces for the items, and that no two templates bring the same key, web scenario or parent.
 *
 * Measured on 6.0.14 and 7.0.22 (tests/contract), which differ: 6.0 wants an interface of any type for simple, external, SSH and Telnet checks, and of two templates that are
 * linked in one call it does not compare the keys of the same kind. What the server would not refuse is no problem here; what this cannot know (the host's own items, graphs of
 * one name) is left to the server.
 */
#ifndef ZYNC_ZABBIX_TEMPLATES_H
#define ZYNC_ZABBIX_TEMPLATES_H

#include "zabbix/zabbix.h"

/** What a run has learnt of templates: of each item a hash of its key and its id, in the arena it was made in. */
struct zync_zabbix_templates;
/** NULL when memory is out. */
struct zync_zabbix_templates *zync_zabbix_templates_new(struct zync_arena *arena) ZYNC_MUST_CHECK;
/** Would linking these templates, or these interfaces, have to be checked? Without that nothing has to be read. @p actual NULL: a creation. */
bool zync_zabbix_templates_matter(const struct zync_host *target, const struct zync_host *actual);
/**
 * Read those of these templates that are not known yet, in bulk. Templates that this user may not look into, or that would take more memory than there is room for, count as
 * known and have nothing. Errors: of the connection only.
 */
enum zync_status zync_zabbix_templates_read(struct zync_zabbix *z, struct zync_zabbix_templates *templates, const uint64_t *ids,
					    size_t count, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Why the server would refuse to make @p actual (NULL: nothing) into @p target, whose templates were read; NULL when nothing is known against it. The text is in @p arena:
 * `template "X" needs an SNMP interface (item "Y"), the host has only: agent`; `templates "A" and "B" both have an item with the key "icmpping"`. Asks the server for the
 * key where two clash, once a pair.
 */
enum zync_status zync_zabbix_templates_check(struct zync_zabbix *z, struct zync_zabbix_templates *templates, const struct zync_host *target,
					     const struct zync_host *actual, struct zync_arena *arena, const char **ret_problem,
					     struct zync_err *err) ZYNC_MUST_CHECK;

#endif
