/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pull.h
 * What the files of the pull share: pull.c reads, pull_object.c derives and stages, pull_chassis.c knows which host a virtual chassis has. Private to these.
 */
#ifndef ZYNC_JOBS_PULL_H
#define ZYNC_JOBS_PULL_H

#include "jobs/run.h"

/** Order inside a server: what goes first, since it frees names for what comes. */
enum { PULL_RANK_REMOVED = 0, PULL_RANK_MISSING = 1, PULL_RANK_WANTED = 2, PULL_RANK_FAILED = 3 };

/** A host config of the store, while the pull looks for its object. */
struct known {
	const struct zync_host_config
		*config;     /**< with the object that it belongs to in this run; NULL: the place of one that moved away */
	uint64_t moved_from; /**< the object that the store has for it, 0: the same */
	bool leftover;	     /**< it only makes room for one that moves to its object */
	bool seen;
	bool lost;  /**< met, but no longer selected: its host goes as sync.on_missing says */
	bool stays; /**< met, but its host is left as it is, name and all */
};

struct pull {
	struct zync_run *run;
	struct zync_idmap *known; /**< object key → struct known */
	struct zync_idmap *fresh; /**< keys of objects without a host config that a named pull has met */
	struct zync_vec known_list;
	struct zync_map *holders;	       /**< server and technical name → the host config that has it, NULL until needed */
	struct zync_arena *scratch;	       /**< for one object */
	struct zync_arena *keys;	       /**< for one key of a map */
	bool named;			       /**< only some objects are pulled */
	uint64_t found;			       /**< objects of the current named walk */
	struct zync_chassis_row *chassis_rows; /**< host configs that stand for a chassis; read when first needed */
	size_t chassis_row_count;
	bool chassis_read;
};

/** The key of an object in `known` and `fresh`. */
unsigned long long zync_pull_key(const char *type, uint64_t id);
/** The host config of an object, NULL: there is none, or it belongs to another one in this run. */
struct known *zync_pull_known(const struct pull *pull, const char *type, uint64_t id);
/** Remember the host configs that @p name means (NULL: all); one that is known already is not remembered twice. */
enum zync_status zync_pull_load_known(struct pull *pull, const char *name, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;
/** Read the objects of that type of that name or id, as the configuration selects them, into the pull. */
enum zync_status zync_pull_walk(struct pull *pull, enum zync_nb_type type, const char *name, uint64_t id,
				struct zync_err *err) ZYNC_MUST_CHECK;

/** Stage what becomes of a host config. */
enum zync_status zync_pull_add(struct zync_run *run, const struct zync_work *work, struct zync_err *err) ZYNC_MUST_CHECK;
/** The parameters of such a walk over everything. */
struct zync_nb_walk zync_pull_walk_of(const struct pull *pull, enum zync_nb_type type);

/* pull_object.c */

/** What the rules, and the virtual chassis, make of an object; in the pull's scratch. */
enum zync_status zync_pull_derive(struct pull *pull, const struct zync_nb_object *object, struct zync_rules_result *result,
				  struct zync_err *err) ZYNC_MUST_CHECK;
/** An object that a walk meets: derived and staged. @p ctx: the struct pull. */
enum zync_status zync_pull_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err);

/* pull_chassis.c: everything below does nothing unless netbox.virtual_chassis is one_host */

/** Is a device no host because another one stands for its chassis, or nobody does? *ret_reason (in @p arena) says so; NULL: it is one. */
enum zync_status zync_chassis_reason(const struct zync_nb_object *object, struct zync_arena *arena, const char **ret_reason,
				     struct zync_err *err) ZYNC_MUST_CHECK;
/** Find the host configs whose chassis has another master now, and give them to that one. For a pull of everything. */
enum zync_status zync_pull_moves(struct pull *pull, struct zync_err *err) ZYNC_MUST_CHECK;
/** The same for what @p host means; the masters of the chassis that it means are pulled, too. */
enum zync_status zync_pull_named_chassis(struct pull *pull, const char *host, struct zync_err *err) ZYNC_MUST_CHECK;
/** An object that has no host: remember the hostid in its custom field, in case that is another one's host now. */
enum zync_status zync_pull_note_field(struct pull *pull, const struct zync_nb_object *object, struct zync_err *err) ZYNC_MUST_CHECK;
/** Does a host config move away from the object in this run? Then the object gets none of its own before that is done. */
bool zync_pull_moves_away(const struct pull *pull, const char *type, uint64_t id);

#endif
