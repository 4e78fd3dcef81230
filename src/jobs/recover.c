/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What interrupted runs left open: their entries of the journal say what was intended, Zabbix says what happened, and that is recorded, as events of those jobs and as links. Nothing is
 * written to Zabbix here; what was not carried out is left to the next plan. docs/internals/journal.md.
 */
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"
#include "store/intent.h"

#define RECOVER_POLL_MS 250

/* One NetBox object that such runs dealt with; several entries may be about it. */
struct suspect {
	const struct zync_intent *intent; /* of the last entry */
	const char *type;
	uint64_t id, pk;
	uint64_t from; /* the object that its host config belonged to, 0: the same */
	const char *name, *host;
	const char *op;	 /* of the last entry: create, update, disable, delete, delete-hard, put-back */
	uint64_t hostid; /* 0: it was to be created */
	const char *pre; /* digest before the first entry */
	bool touched;	 /* an entry may have written it, and none put it back */
	bool created;	 /* an entry was to create it */
	bool secrets;	 /* an entry wrote macros that Zabbix does not show */
	bool undecided;	 /* an entry has no outcome */
	bool certain;	 /* the outcome of an entry says that it was written */
	bool told;	 /* the events of its job say already what happened */
	const char *applied;
	const char *owner;
	const struct zync_host *now; /* what Zabbix has, NULL: nothing */
	bool happened, gone;
};

struct recover {
	struct zync_run *run;
	struct zync_arena *arena;
	struct zync_map *by_key; /* "server type:id" → struct suspect */
	struct zync_vec list;	 /* the same in the order of the first entry */
	struct zync_vec events;	 /* struct zync_event * */
	size_t unknown_servers;
};

/* ---- reading the journal ---- */

static bool recover_is_interrupted(const struct zync_job *job)
{
	return zync_str_eq(job->status, "errored") && zync_str_starts(job->error != NULL ? job->error : "", "interrupted");
}

/* A run that ended itself, in whatever way, has left its events; a killed one has not. */
static enum zync_status recover_told(struct recover *r, const struct zync_intent *intent, bool *ret, struct zync_err *err)
{
	struct zync_job_filter filter = {.job_id = intent->job_id, .limit = 1};
	struct zync_job *jobs = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_store_jobs(r->run->app->store, &filter, r->arena, &jobs, &count, err));
	*ret = count > 0 && !recover_is_interrupted(&jobs[0]);
	return ZYNC_OK;
}

static enum zync_status recover_applied(struct recover *r, const struct zync_jval *entry, const char **ret, struct zync_err *err)
{
	const struct zync_jval *applied = zync_jval_get(entry, "applied");
	struct zync_buf text;
	enum zync_status status;

	if (zync_jval_type(applied) != ZYNC_JSON_OBJECT)
		return ZYNC_OK;
	zync_buf_init(&text, ZYNC_LIMIT_REPLY_BYTES);
	status = zync_jval_write(r->arena, applied, ZYNC_JSON_COMPACT, &text, err);
	if (status == ZYNC_OK) {
		*ret = zync_arena_strdup(r->arena, text.data);
		status = *ret == NULL ? zync_err_nomem(err, "reading the journal") : ZYNC_OK;
	}
	zync_buf_done(&text);
	return status;
}

static enum zync_status recover_suspect(struct recover *r, const struct zync_intent *intent, const struct zync_jval *entry,
					struct suspect **ret, struct zync_err *err)
{
	const char *type = zync_jval_get_str(entry, "type");
	struct suspect *suspect;
	const char *key;
	uint64_t id = 0;

	*ret = NULL;
	if (type == NULL || !zync_jval_to_u64(zync_jval_get(entry, "id"), &id))
		return ZYNC_OK; /* groups, or nothing that this version knows */
	key = zync_arena_printf(r->arena, "%s\n%s:%llu", intent->server, type, (unsigned long long)id);
	if (key == NULL)
		return zync_err_nomem(err, "reading the journal");
	suspect = zync_map_get(r->by_key, key);
	if (suspect == NULL) {
		suspect = ZYNC_NEW(r->arena, struct suspect);
		if (suspect == NULL)
			return zync_err_nomem(err, "reading the journal");
		*suspect = (struct suspect){.type = type, .id = id, .told = true, .pre = zync_jval_get_str(entry, "pre")};
		suspect->owner = zync_app_owner(r->run->app, type, id, r->arena);
		if (suspect->owner == NULL)
			return zync_err_nomem(err, "reading the journal");
		ZYNC_TRY(zync_map_put(r->by_key, key, suspect, err));
		ZYNC_TRY(zync_vec_push(&r->list, suspect, err));
	}
	*ret = suspect;
	return ZYNC_OK;
}

static enum zync_status recover_entry(struct recover *r, const struct zync_intent *intent, const struct zync_jval *entry,
				      const struct zync_jval *outcome, bool told, struct zync_err *err)
{
	struct suspect *s = NULL;
	bool open = outcome == NULL || zync_jval_type(outcome) == ZYNC_JSON_NULL;
	uint64_t hostid = 0;

	ZYNC_TRY(recover_suspect(r, intent, entry, &s, err));
	if (s == NULL)
		return ZYNC_OK;
	s->intent = intent;
	s->name = zync_jval_get_str(entry, "name");
	s->host = zync_jval_get_str(entry, "host");
	s->op = zync_jval_get_str(entry, "op");
	(void)zync_jval_to_u64(zync_jval_get(entry, "pk"), &s->pk);
	(void)zync_jval_to_u64(zync_jval_get(entry, "from"), &s->from);
	s->told = s->told && told;
	if (zync_jval_to_u64(zync_jval_get(entry, "hostid"), &hostid) && !s->created)
		s->hostid = hostid;
	/* Refused with certainty: the entry changed nothing. */
	if (zync_jval_type(outcome) == ZYNC_JSON_STR)
		return ZYNC_OK;
	/* Put back with certainty: so did all before it. */
	s->touched = !zync_str_eq(s->op, "put-back") || open;
	if (!s->touched) {
		s->secrets = s->undecided = s->certain = false;
		s->applied = NULL;
		return ZYNC_OK;
	}
	s->created = s->created || zync_str_eq(s->op, "create");
	s->secrets = s->secrets || zync_jval_is_true(zync_jval_get(entry, "secrets"));
	s->undecided = s->undecided || open;
	s->certain = s->certain || !open;
	return recover_applied(r, entry, &s->applied, err);
}

static enum zync_status recover_intent(struct recover *r, const struct zync_intent *intent, struct zync_err *err)
{
	const struct zync_jval *entries = NULL;
	const struct zync_jval *outcomes = NULL;
	const struct zync_jval *entry;
	struct zync_jiter it;
	bool told = false;
	size_t index = 0;

	if (zync_config_zabbix(r->run->app->config, intent->server) == NULL) {
		r->unknown_servers++;
		return ZYNC_OK;
	}
	ZYNC_TRY(recover_told(r, intent, &told, err));
	ZYNC_TRY(zync_json_parse(r->arena, intent->entries, strlen(intent->entries), &entries, err));
	if (intent->outcome != NULL)
		ZYNC_TRY(zync_json_parse(r->arena, intent->outcome, strlen(intent->outcome), &outcomes, err));
	zync_jiter_init(&it, entries);
	while ((entry = zync_jiter_next(&it, NULL)) != NULL) {
		ZYNC_TRY(recover_entry(r, intent, entry, zync_jval_at(outcomes, index), told, err));
		index++;
	}
	return ZYNC_OK;
}

/* ---- asking Zabbix ---- */

/* The host that carries the mark of each object that was to be created. Two of them: somebody cloned it; then the ordinary search says so. */
static enum zync_status recover_find_created(struct recover *r, struct zync_zabbix *zabbix, const char *server, struct zync_err *err)
{
	const char **owners = ZYNC_NEW_ARRAY(r->arena, const char *, r->list.len);
	struct zync_map *found = zync_map_new(r->arena);
	struct zync_zabbix_mark *marks = NULL;
	size_t count = 0;
	size_t mark_count = 0;

	if (owners == NULL || found == NULL)
		return zync_err_nomem(err, "looking for hosts of interrupted jobs");
	for (size_t i = 0; i < r->list.len; i++) {
		const struct suspect *s = r->list.items[i];

		if (s->touched && s->created && zync_str_eq(s->intent->server, server))
			owners[count++] = s->owner;
	}
	if (count == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_zabbix_find_marks(zabbix, owners, count, r->arena, &marks, &mark_count, err));
	for (size_t i = 0; i < mark_count; i++) {
		struct zync_zabbix_mark *mark = zync_map_get(found, marks[i].owner);

		if (mark != NULL)
			mark->hostid = 0;
		else
			ZYNC_TRY(zync_map_put(found, marks[i].owner, &marks[i], err));
	}
	for (size_t i = 0; i < r->list.len; i++) {
		struct suspect *s = r->list.items[i];
		const struct zync_zabbix_mark *mark = zync_map_get(found, s->owner);

		if (s->created && zync_str_eq(s->intent->server, server))
			s->hostid = mark != NULL ? mark->hostid : 0;
	}
	return ZYNC_OK;
}

static enum zync_status recover_read_hosts(struct recover *r, struct zync_zabbix *zabbix, const char *server, struct zync_err *err)
{
	uint64_t *ids = ZYNC_NEW_ARRAY(r->arena, uint64_t, r->list.len);
	struct zync_idmap *by_id = zync_idmap_new(r->arena);
	struct zync_zabbix_hosts hosts = {0};
	size_t count = 0;

	if (ids == NULL || by_id == NULL)
		return zync_err_nomem(err, "looking for hosts of interrupted jobs");
	for (size_t i = 0; i < r->list.len; i++) {
		const struct suspect *s = r->list.items[i];

		if (s->touched && s->hostid != 0 && zync_str_eq(s->intent->server, server))
			ids[count++] = s->hostid;
	}
	if (count == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_zabbix_get_hosts(zabbix, ids, count, r->arena, &hosts, err));
	for (size_t i = 0; i < hosts.len; i++)
		ZYNC_TRY(zync_idmap_put(by_id, hosts.items[i].hostid, &hosts.items[i], err));
	for (size_t i = 0; i < r->list.len; i++) {
		struct suspect *s = r->list.items[i];

		if (s->touched && s->hostid != 0 && zync_str_eq(s->intent->server, server))
			s->now = zync_idmap_get(by_id, s->hostid);
	}
	return ZYNC_OK;
}

/* The digest of the host as it is now, made as that of the host before: with the secrets that the store believes to be there. */
static enum zync_status recover_changed(struct recover *r, const struct suspect *s, bool *ret, struct zync_err *err)
{
	struct zync_host_config_filter filter = {
		.name = zync_arena_printf(r->arena, "%s:%llu", s->type, (unsigned long long)(s->from != 0 ? s->from : s->id)),
		.in_sync = -1,
		.with_state = true};
	const struct zync_jval *pushed = NULL;
	struct zync_host_config *configs = NULL;
	struct zync_host copy;
	const char *digest = NULL;
	size_t count = 0;

	if (filter.name == NULL)
		return zync_err_nomem(err, "comparing a host");
	ZYNC_TRY(zync_store_host_configs(r->run->app->store, &filter, r->arena, &configs, &count, err));
	if (count > 0 && configs[0].pushed != NULL && configs[0].hostid == s->hostid)
		ZYNC_TRY(zync_json_parse(r->arena, configs[0].pushed, strlen(configs[0].pushed), &pushed, err));
	ZYNC_TRY(zync_host_copy(s->now, r->arena, &copy, err));
	zync_host_apply_pushed(&copy, pushed);
	ZYNC_TRY(zync_host_fill_digests(&copy, r->run->app->keyring, r->arena, err));
	ZYNC_TRY(zync_journal_digest(&copy, r->arena, &digest, err));
	*ret = !zync_str_eq(digest, s->pre);
	return ZYNC_OK;
}

static enum zync_status recover_decide(struct recover *r, struct suspect *s, struct zync_err *err)
{
	if (!s->touched)
		return ZYNC_OK;
	if (s->created) {
		s->happened = s->now != NULL && zync_str_eq(s->now->owner, s->owner);
		return ZYNC_OK;
	}
	if (s->now == NULL) {
		s->gone = zync_str_eq(s->op, "delete-hard");
		s->happened = s->gone;
		return ZYNC_OK;
	}
	ZYNC_TRY(recover_changed(r, s, &s->happened, err));
	s->happened = s->happened || s->certain; /* a secret that was written shows nowhere */
	return ZYNC_OK;
}

static enum zync_status recover_ask_server(struct recover *r, const char *server, struct zync_err *err)
{
	struct zync_zabbix *zabbix = NULL;

	ZYNC_TRY(zync_app_zabbix(r->run->app, server, &zabbix, err));
	ZYNC_TRY(recover_find_created(r, zabbix, server, err));
	return recover_read_hosts(r, zabbix, server, err);
}

static enum zync_status recover_ask_all(struct recover *r, struct zync_err *err)
{
	const struct zync_config *config = r->run->app->config;

	for (size_t k = 0; k < config->zabbix.len; k++) {
		bool wanted = false;

		for (size_t i = 0; i < r->list.len && !wanted; i++)
			wanted = zync_str_eq(((const struct suspect *)r->list.items[i])->intent->server, config->zabbix.items[k].name);
		if (wanted)
			ZYNC_TRY(recover_ask_server(r, config->zabbix.items[k].name, err));
	}
	for (size_t i = 0; i < r->list.len; i++)
		ZYNC_TRY(recover_decide(r, r->list.items[i], err));
	return ZYNC_OK;
}

/* May a call of which nothing is seen yet still be at work? */
static bool recover_is_young(const struct recover *r)
{
	int64_t now = zync_clock_now_ms();

	for (size_t i = 0; i < r->list.len; i++) {
		const struct suspect *s = r->list.items[i];
		const struct zync_cfg_zabbix *server = zync_config_zabbix(r->run->app->config, s->intent->server);
		int64_t settle = ZYNC_MIN(server->timeout_ms, ZYNC_SETTLE_MS);

		/* A clock that was set back must not make anybody wait. */
		if (s->undecided && !s->happened && now >= s->intent->time && now - s->intent->time < settle)
			return true;
	}
	return false;
}

static enum zync_status recover_ask(struct recover *r, size_t calls, struct zync_err *err)
{
	ZYNC_TRY(recover_ask_all(r, err));
	while (recover_is_young(r)) {
		ZYNC_TRY(zync_run_progress(r->run, "recover", 0, calls, err));
		(void)zync_clock_sleep_ms(RECOVER_POLL_MS);
		ZYNC_TRY(recover_ask_all(r, err));
	}
	return ZYNC_OK;
}

/* ---- recording ---- */

static const char *recover_message(const struct suspect *s, struct zync_arena *arena)
{
	unsigned long long hostid = (unsigned long long)s->hostid;
	const char *job = s->intent->job_id;

	if (s->created)
		return zync_arena_printf(arena, "Created host %s (hostid %llu), as was found after job %s was interrupted", s->name, hostid,
					 job);
	if (s->gone)
		return zync_arena_printf(arena, "Deleted host %s for good (hostid %llu), as was found after job %s was interrupted",
					 s->name, hostid, job);
	return zync_arena_printf(arena, "Wrote host %s (%s, hostid %llu), as was found after job %s was interrupted", s->name, s->op,
				 hostid, job);
}

static enum zync_status recover_event(struct recover *r, const struct suspect *s, struct zync_err *err)
{
	struct zync_event *event;
	struct zync_host copy;
	struct zync_jb *b;

	/* An update of nothing but secrets cannot be told from one that did not happen. */
	if (!s->happened || s->told || r->run->app->config->sync.host_events == ZYNC_EVENT_HOSTS_OFF)
		return ZYNC_OK;
	event = ZYNC_NEW(r->arena, struct zync_event);
	b = zync_jb_new(r->arena);
	if (event == NULL || b == NULL)
		return zync_err_nomem(err, "recording what interrupted jobs did");
	*event = (struct zync_event){
		.time = r->run->started,
		.job_id = s->intent->job_id,
		.name = s->name,
		.kind = "host",
		.action = s->created ? "create"
			  : s->gone  ? "delete"
				     : s->op,
		.state = "completed",
		.host_config_pk = s->pk,
		.hostid = s->hostid,
		.message = recover_message(s, r->arena),
		.user = s->intent->user,
		.request_id = s->intent->request_id,
	};
	if (event->message == NULL)
		return zync_err_nomem(err, "recording what interrupted jobs did");
	if (s->now != NULL) {
		ZYNC_TRY(zync_host_copy(s->now, r->arena, &copy, err));
		ZYNC_TRY(zync_host_fill_digests(&copy, r->run->app->keyring, r->arena, err));
		ZYNC_TRY(zync_jb_text(b, zync_host_to_json(b, &copy, ZYNC_HOST_JSON_ACTUAL), ZYNC_JSON_COMPACT, r->arena, &event->post_data,
				      err));
	}
	return zync_vec_push(&r->events, event, err);
}

static struct zync_recovered recover_finding(const struct suspect *s)
{
	return (struct zync_recovered){
		.object_type = s->type,
		.object_id = s->id,
		.pk = s->pk,
		.moved_from = s->from,
		.moved = s->from != 0 && s->now != NULL && zync_str_eq(s->now->owner, s->owner),
		.name = s->name,
		.host = s->host,
		.server = s->intent->server,
		.exists = s->created && s->happened,
		.hostid = s->hostid,
		.gone = s->gone,
		.forget_pushed = s->secrets,
		.applied = s->happened && !s->gone ? s->applied : NULL,
	};
}

static enum zync_status recover_record(struct recover *r, const struct zync_intent *intents, size_t intent_count, struct zync_err *err)
{
	struct zync_recovered *hosts = ZYNC_NEW_ARRAY(r->arena, struct zync_recovered, r->list.len + 1);
	struct zync_event *events;
	uint64_t *ids = ZYNC_NEW_ARRAY(r->arena, uint64_t, intent_count);
	size_t happened = 0;
	size_t count = 0;

	if (hosts == NULL || ids == NULL)
		return zync_err_nomem(err, "recording what interrupted jobs did");
	for (size_t i = 0; i < r->list.len; i++) {
		const struct suspect *s = r->list.items[i];

		if (!s->touched)
			continue; /* what the store says of it is true */
		hosts[count++] = recover_finding(s);
		happened += s->happened ? 1 : 0;
		ZYNC_TRY(recover_event(r, s, err));
	}
	events = ZYNC_NEW_ARRAY(r->arena, struct zync_event, r->events.len + 1);
	if (events == NULL)
		return zync_err_nomem(err, "recording what interrupted jobs did");
	for (size_t i = 0; i < r->events.len; i++)
		events[i] = *(const struct zync_event *)r->events.items[i];
	for (size_t i = 0; i < intent_count; i++)
		ids[i] = intents[i].id;
	ZYNC_TRY(zync_store_recover(r->run->app->store, zync_clock_now_ms(), hosts, count, events, r->events.len, ids, intent_count, err));
	if (count > 0)
		zync_log_info("%zu hosts were being written when earlier jobs ended before their time; %zu of them were found written, and "
			      "that is recorded",
			      count, happened);
	if (r->unknown_servers > 0)
		zync_log_warning("What earlier jobs wrote to Zabbix servers that the configuration does not have any more could not be "
				 "looked up (%zu "
				 "calls)",
				 r->unknown_servers);
	return ZYNC_OK;
}

/* What is left now; *ret_count 0: nothing. */
static enum zync_status recover_once(struct zync_run *run, size_t *ret_count, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct recover r = {.run = run, .arena = arena};
	struct zync_intent *intents = NULL;
	size_t count = 0;

	if (arena == NULL)
		return zync_err_nomem(err, "reading the journal");
	ZYNC_TRY(zync_store_intents_left(run->app->store, arena, &intents, &count, err));
	*ret_count = count;
	if (count == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_run_progress(run, "recover", 0, count, err));
	r.by_key = zync_map_new(arena);
	if (r.by_key == NULL)
		return zync_err_nomem(err, "reading the journal");
	zync_vec_init(&r.list, arena);
	zync_vec_init(&r.events, arena);
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(recover_intent(&r, &intents[i], err));
	ZYNC_TRY(recover_ask(&r, count, err));
	return recover_record(&r, intents, count, err);
}

enum zync_status zync_run_recover(struct zync_run *run, struct zync_err *err)
{
	size_t count = 1;

	/* Another process may be clearing up the same: then nothing of what this one found is recorded, and what that one left is looked at again. */
	while (count > 0)
		ZYNC_TRY(recover_once(run, &count, err));
	return zync_made_groups_settle(run, err);
}
