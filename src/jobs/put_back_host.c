/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One host of a strict run: remembered before it is written, and what puts it back. A created host is deleted, a changed one gets back the aspects that the run changed, as they were;
 * nothing else of it is touched. What cannot be put back (a host deleted for good, the former value of a secret macro or a pre-shared key that nobody knows) is said.
 *
 * The data of its row: {"op":"update","type","id","pk","name","host","aspects":N,"staged":true,"pre":{…},"sealed":{…},"written":{macro: digest, "tls.psk": digest, …}}
 *   kept: ids of the templates whose items stay when they are unlinked, as "kept":["7"]
 *   staged: the write takes two calls, the first of which clears templates (zabbix/type_change.c)
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "jobs/put_back.h"

/* ---- remembering ---- */

static bool back_has_type(const struct zync_host *host, enum zync_interface_type type)
{
	for (size_t i = 0; i < host->interfaces.len; i++) {
		if (host->interfaces.items[i].type == type)
			return true;
	}
	return false;
}

static bool note_is_staged(const struct zync_item *item)
{
	const struct zync_host *actual = item->actual;

	if ((item->op.diff.aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES)) == 0 || actual->templates.len == 0)
		return false;
	for (size_t i = 0; i < actual->interfaces.len; i++) {
		if (!back_has_type(&item->op.target, actual->interfaces.items[i].type))
			return true;
	}
	return false;
}

static enum zync_status note_pre(struct zync_run *run, const struct zync_item *item, struct zync_jb *b, struct zync_jnode *row,
				 struct zync_err *err)
{
	struct zync_jnode *sealed = NULL;

	if (item->actual == NULL)
		return ZYNC_OK;
	zync_jb_set_node(b, row, "pre", zync_host_to_json(b, item->actual, ZYNC_HOST_JSON_ACTUAL));
	ZYNC_TRY(zync_host_seal_secrets(item->actual, run->app->keyring, b, &sealed, err));
	zync_jb_set_node(b, row, "sealed", sealed);
	zync_jb_set_node(b, row, "written", zync_host_pushed_to_json(b, &item->op.target));
	if (item->op.keep_items.len > 0) {
		struct zync_jnode *kept = zync_jb_set_array(b, row, "kept");

		for (size_t i = 0; i < item->op.keep_items.len; i++)
			zync_jb_add_id(b, kept, item->op.keep_items.items[i].id);
	}
	if (note_is_staged(item))
		zync_jb_set_bool(b, row, "staged", true);
	return ZYNC_OK;
}

enum zync_status zync_put_back_note(struct zync_run *run, struct zync_item *item, struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = NULL;
	bool hard = item->op.kind == ZYNC_OP_DELETE && item->op.hard;
	struct zync_undo undo = {.time = zync_clock_now_ms(), .server = item->work.server};
	struct zync_jnode *row;
	struct zync_jb *b;

	if (!run->strict)
		return ZYNC_OK;
	scratch = zync_arena_new(0);
	b = scratch == NULL ? NULL : zync_jb_new(scratch);
	if (b == NULL)
		return zync_err_nomem(err, "remembering a host");
	row = zync_jb_object(b);
	zync_jb_set_str(b, row, "op", hard ? "delete-hard" : zync_op_kind_name(item->op.kind));
	zync_jb_set_str(b, row, "type", item->work.object_type);
	zync_jb_set_u64(b, row, "id", item->work.object_id);
	zync_jb_set_u64(b, row, "pk", item->work.pk);
	zync_jb_set_str(b, row, "name", item->work.name);
	zync_jb_set_str(b, row, "host", hard ? item->work.host : item->op.target.host);
	zync_jb_set_u64(b, row, "aspects", item->op.diff.aspects);
	ZYNC_TRY(note_pre(run, item, b, row, err));
	ZYNC_TRY(zync_jb_text(b, row, ZYNC_JSON_COMPACT, scratch, &undo.data, err));
	undo.hostid = item->actual != NULL ? item->actual->hostid : 0;
	return zync_store_undo_add(run->app->store, &undo, &item->undo_seq, err);
}

enum zync_status zync_put_back_decided(struct zync_run *run, const struct zync_item *item, bool written, struct zync_err *err)
{
	if (!run->strict)
		return ZYNC_OK;
	return zync_store_undo_decided(run->app->store, item->undo_seq, written ? ZYNC_UNDO_WRITTEN : ZYNC_UNDO_REFUSED,
				       written ? item->hostid : 0, err);
}

/* ---- reading it again ---- */

/* What of the host the write may have changed. One of two calls that was refused may have cleared templates and failed to link them again. */
static unsigned back_aspects(const struct zync_jval *row, enum zync_undo_state state)
{
	unsigned templates = zync_jval_is_true(zync_jval_get(row, "staged")) ? ZYNC_ASPECT_BIT(ZYNC_ASPECT_TEMPLATES) : 0;
	uint64_t aspects = 0;

	(void)zync_jval_to_u64(zync_jval_get(row, "aspects"), &aspects);
	if (state == ZYNC_UNDO_REFUSED)
		return templates;
	return state == ZYNC_UNDO_WRITTEN ? (unsigned)aspects : (unsigned)aspects | templates;
}

enum zync_status zync_back_read(struct zync_run *run, const struct zync_undo *undo, struct zync_arena *arena, struct zync_back *ret,
				struct zync_err *err)
{
	const struct zync_jval *row = NULL;
	struct zync_work *work = &ret->item.work;
	const char *op;

	ZYNC_TRY(zync_json_parse(arena, undo->data, strlen(undo->data), &row, err));
	op = zync_jval_get_str(row, "op");
	*ret = (struct zync_back){.row = row,
				  .state = undo->state,
				  .time = undo->time,
				  .created = zync_str_eq(op, "create"),
				  .hard = zync_str_eq(op, "delete-hard")};
	ret->item.hostid = undo->hostid;
	work->object_type = zync_jval_get_str(row, "type");
	work->name = zync_jval_get_str(row, "name");
	work->host = zync_jval_get_str(row, "host");
	work->server = undo->server;
	(void)zync_jval_to_u64(zync_jval_get(row, "id"), &work->object_id);
	(void)zync_jval_to_u64(zync_jval_get(row, "pk"), &work->pk);
	ret->aspects = back_aspects(row, ret->state);
	ret->owner = zync_app_owner(run->app, work->object_type, work->object_id, arena);
	return ret->owner == NULL ? zync_err_nomem(err, "putting a host back") : ZYNC_OK;
}

/* ---- secret macros ---- */

/* The texts of secrets that are known: those that Zabbix showed before the run, and those of the desired state that the store still has. */
static enum zync_status back_unseal(struct zync_run *run, const struct zync_back *back, struct zync_host *pre, struct zync_arena *arena,
				    struct zync_err *err)
{
	/* By its number: the object that it belongs to may be another one with this run. */
	struct zync_host_config_filter filter = {
		.name = zync_arena_printf(arena, "pk:%llu", (unsigned long long)back->item.work.pk), .in_sync = -1, .with_state = true};
	const struct zync_keyring *ring = run->app->keyring;
	const struct zync_jval *stored = NULL;
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	if (filter.name == NULL)
		return zync_err_nomem(err, "putting a host back");
	ZYNC_TRY(zync_host_unseal_secrets(pre, zync_jval_get(back->row, "sealed"), ring, arena, err));
	if (back->item.work.pk == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_store_host_configs(run->app->store, &filter, arena, &configs, &count, err));
	if (count == 0 || configs[0].secrets == NULL)
		return ZYNC_OK;
	ZYNC_TRY(zync_json_parse(arena, configs[0].secrets, strlen(configs[0].secrets), &stored, err));
	/* Sealed with a key that is lost: then nobody knows them. */
	if (zync_host_unseal_secrets(pre, stored, ring, arena, err) == ZYNC_ERR_NOMEM)
		return ZYNC_ERR_NOMEM;
	return ZYNC_OK;
}

static const struct zync_macro *back_find_macro(const struct zync_host *host, const char *name)
{
	for (size_t i = 0; i < host->macros.len; i++) {
		if (zync_str_eq(host->macros.items[i].macro, name))
			return &host->macros.items[i];
	}
	return NULL;
}

/* Has the secret macro still the value that it had before the run? The run wrote the one of that digest, NULL: none, and Zabbix kept what it had. */
static bool back_macro_stayed(const struct zync_macro *was, const struct zync_macro *now, const char *written)
{
	if (now == NULL || now->type != ZYNC_MACRO_SECRET)
		return false;
	if (written == NULL)
		return now->hostmacroid == was->hostmacroid;
	return was->value.digest != NULL && zync_str_eq(was->value.digest, written);
}

/* One more thing that cannot be put back. */
static enum zync_status back_lose(struct zync_back *back, const char *what, const char *name, struct zync_arena *arena,
				  struct zync_err *err)
{
	const char *sofar = back->lost != NULL ? back->lost : "";

	back->lost = zync_arena_printf(arena, "%s%s%s%s%s, which Zabbix does not show", sofar, back->lost != NULL ? ", " : "", what,
				       name != NULL ? " " : "", name != NULL ? name : "");
	return back->lost == NULL ? zync_err_nomem(err, "putting a host back") : ZYNC_OK;
}

/* A secret macro whose former text is not known: one that was not changed stays; one that was cannot be put back and stays as it is now, or away. */
static enum zync_status back_secret_macros(struct zync_back *back, struct zync_host *pre, const struct zync_host *now,
					   struct zync_arena *arena, struct zync_err *err)
{
	const struct zync_jval *written = zync_jval_get(back->row, "written");
	size_t kept = 0;

	for (size_t i = 0; i < pre->macros.len; i++) {
		struct zync_macro *macro = &pre->macros.items[i];
		const struct zync_macro *current = back_find_macro(now, macro->macro);

		if (macro->type == ZYNC_MACRO_SECRET && macro->value.plain == NULL) {
			bool stayed = back_macro_stayed(macro, current, zync_jval_get_str(written, macro->macro));

			if (stayed) {
				macro->value = current->value; /* sent without its value, which Zabbix keeps */
			} else {
				ZYNC_TRY(back_lose(back, "the former value of the secret macro", macro->macro, arena, err));
				if (current == NULL)
					continue;
				*macro = *current;
			}
		}
		pre->macros.items[kept++] = *macro;
	}
	pre->macros.len = kept;
	return ZYNC_OK;
}

/* ---- the pre-shared key ---- */

static bool back_uses_psk(const struct zync_tls *tls)
{
	return tls->connect == ZYNC_TLS_PSK || (tls->accept & ZYNC_TLS_PSK) != 0;
}

/*
 * A key that is known, or that the run did not change, is used again with its identity. Else the pair of now stays, and where there is none now, neither can the
 * encryption that needs it be put back.
 */
static enum zync_status back_tls(struct zync_back *back, struct zync_host *pre, const struct zync_host *now, struct zync_arena *arena,
				 struct zync_err *err)
{
	const char *written = zync_jval_get_str(zync_jval_get(back->row, "written"), "tls.psk");
	struct zync_tls *tls = &pre->tls;
	bool has = back_uses_psk(&now->tls);

	if (!back_uses_psk(tls) || (tls->psk.plain != NULL && tls->psk_identity != NULL))
		return ZYNC_OK;
	if (has && (written == NULL || zync_str_eq(written, tls->psk.digest))) {
		tls->psk = now->tls.psk; /* it is not sent */
		if (tls->psk_identity == NULL)
			tls->psk_identity = now->tls.psk_identity;
		return ZYNC_OK;
	}
	if (has) {
		tls->psk = now->tls.psk;
		tls->psk_identity = now->tls.psk_identity;
	} else {
		*tls = now->tls;
	}
	return back_lose(back, "the former pre-shared key (tls)", NULL, arena, err);
}

/* ---- what it shall become again ---- */

/* Each interface becomes the one again that it was: by its id, and only where that is gone another one of its type. Items point to interfaces by id. */
static enum zync_status back_interfaces(const struct zync_host *pre, const struct zync_host *now, struct zync_host *target,
					struct zync_arena *arena, struct zync_err *err)
{
	size_t len = pre->interfaces.len;
	struct zync_interface *items = ZYNC_NEW_ARRAY(arena, struct zync_interface, len);
	bool *used = ZYNC_NEW_ARRAY(arena, bool, now->interfaces.len);

	if (items == NULL || used == NULL)
		return zync_err_nomem(err, "putting a host back");
	for (size_t i = 0; i < len; i++) {
		items[i] = pre->interfaces.items[i];
		items[i].interfaceid = 0;
	}
	for (int by_id = 1; by_id >= 0; by_id--) {
		for (size_t i = 0; i < len; i++) {
			for (size_t j = 0; j < now->interfaces.len && items[i].interfaceid == 0; j++) {
				const struct zync_interface *have = &now->interfaces.items[j];

				if (used[j] || have->type != items[i].type ||
				    (by_id && have->interfaceid != pre->interfaces.items[i].interfaceid))
					continue;
				items[i].interfaceid = have->interfaceid;
				used[j] = true;
			}
		}
	}
	target->interfaces.items = items;
	target->interfaces.len = len;
	return ZYNC_OK;
}

static bool back_has_template(const struct zync_host *host, const struct zync_ref *template)
{
	for (size_t i = 0; i < host->templates.len; i++) {
		if (host->templates.items[i].id == template->id)
			return true;
	}
	return false;
}

/* Was the template only unlinked? Then its items are still there, and become the template's again. */
static bool back_kept_items(const struct zync_back *back, uint64_t templateid)
{
	const struct zync_jval *v;
	struct zync_jiter it;
	uint64_t id = 0;

	zync_jiter_init(&it, zync_jval_get(back->row, "kept"));
	while ((v = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_jval_to_u64(v, &id) && id == templateid)
			return true;
	}
	return false;
}

/* Zabbix clears the items of a template that is unlinked, and those of templates whose interface goes. They come back without what they had collected. */
static enum zync_status back_note_history(struct zync_back *back, const struct zync_host *pre, const struct zync_host *now,
					  struct zync_arena *arena, struct zync_err *err)
{
	const char *names = NULL;

	for (size_t i = 0; (back->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_TEMPLATES)) != 0 && i < pre->templates.len; i++) {
		if (back_has_template(now, &pre->templates.items[i]) || back_kept_items(back, pre->templates.items[i].id))
			continue;
		names = zync_arena_printf(arena, "%s%s%s", names != NULL ? names : "", names != NULL ? ", " : "",
					  pre->templates.items[i].name);
		if (names == NULL)
			return zync_err_nomem(err, "putting a host back");
	}
	for (size_t i = 0; names == NULL && (back->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES)) != 0 && i < pre->interfaces.len;
	     i++) {
		if (pre->templates.len > 0 && !back_has_type(now, pre->interfaces.items[i].type))
			names = "the templates that use its former interface";
	}
	if (names == NULL)
		return ZYNC_OK;
	back->note = zync_arena_printf(arena, "the history of the items of %s is gone", names);
	return back->note == NULL ? zync_err_nomem(err, "putting a host back") : ZYNC_OK;
}

/* The aspects that the run changed become what they were; the others stay as they are now. */
static enum zync_status back_target(struct zync_run *run, struct zync_back *back, struct zync_host *now, struct zync_arena *arena,
				    struct zync_err *err)
{
	bool macros = (back->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS)) != 0;
	struct zync_op *op = &back->item.op;
	struct zync_host pre = {0};

	ZYNC_TRY(zync_host_from_json(zync_jval_get(back->row, "pre"), arena, &pre, err));
	ZYNC_TRY(back_unseal(run, back, &pre, arena, err));
	/* Where nobody knows whether the run wrote them, nobody knows the secrets that are there now. */
	zync_host_apply_pushed(now, back->state == ZYNC_UNDO_WRITTEN ? zync_jval_get(back->row, "written") : NULL);
	ZYNC_TRY(zync_host_fill_digests(now, run->app->keyring, arena, err));
	if (macros)
		ZYNC_TRY(back_secret_macros(back, &pre, now, arena, err));
	if ((back->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_TLS)) != 0)
		ZYNC_TRY(back_tls(back, &pre, now, arena, err));
	pre.managed = back->aspects;
	/* What is there now counts as ours: in an inventory in automatic mode, too, what was not there goes. */
	now->managed |= back->aspects;
	ZYNC_TRY(zync_host_target(&pre, now, now, arena, &op->target, err));
	if ((back->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES)) != 0)
		ZYNC_TRY(back_interfaces(&pre, now, &op->target, arena, err));
	ZYNC_TRY(zync_host_diff(&op->target, now, arena, &op->diff, err));
	op->kind = ZYNC_OP_UPDATE;
	op->diff.aspects &= back->aspects;
	/* The mark came with the run's macros and goes with them. */
	back->drop_mark = macros && pre.owner == NULL && zync_str_eq(now->owner, back->owner);
	if (back->drop_mark)
		op->diff.aspects |= ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS);
	return back_note_history(back, &pre, now, arena, err);
}

static enum zync_status back_plan_changed(struct zync_run *run, struct zync_back *back, struct zync_host *now, struct zync_arena *arena,
					  struct zync_err *err)
{
	if (now == NULL) {
		back->nothing = back->state == ZYNC_UNDO_REFUSED;
		back->error = back->nothing ? NULL : "it is not in Zabbix any more";
		back->settled = true;
		return ZYNC_OK;
	}
	ZYNC_TRY(back_target(run, back, now, arena, err));
	back->seen = back->item.op.diff.aspects != 0;
	back->settled = !back->seen;
	back->nothing = !back->seen && back->state != ZYNC_UNDO_WRITTEN && back->lost == NULL;
	return ZYNC_OK;
}

static void back_plan_created(struct zync_back *back, const struct zync_host *now)
{
	back->seen = now != NULL;
	back->settled = true;
	if (now == NULL) {
		back->nothing = back->state != ZYNC_UNDO_WRITTEN;
		return;
	}
	if (!zync_str_eq(now->owner, back->owner)) {
		back->error = "it was created by this run, but does not carry its ownership mark any more";
		return;
	}
	back->settled = false;
	back->item.op.kind = ZYNC_OP_DELETE;
	back->item.op.hard = true;
}

enum zync_status zync_back_plan(struct zync_run *run, struct zync_back *back, struct zync_host *now, struct zync_arena *arena,
				struct zync_err *err)
{
	if (now != NULL)
		back->item.hostid = now->hostid;
	back->item.actual = now;
	back->item.op.actual = now;
	if (back->state == ZYNC_UNDO_REFUSED && (back->created || back->aspects == 0)) {
		back->settled = true;
		back->nothing = true;
		return ZYNC_OK;
	}
	if (back->hard) {
		back->seen = now == NULL;
		back->settled = true;
		back->nothing = now != NULL;
		back->error = now == NULL ? "it was deleted for good, with its history" : NULL;
		return ZYNC_OK;
	}
	if (back->created) {
		back_plan_created(back, now);
		return ZYNC_OK;
	}
	return back_plan_changed(run, back, now, arena, err);
}
