/* SPDX-License-Identifier: Apache-2.0 */
#include "client_zabbix.h"

const char *const group_names[GROUP_NAMES] = {"Zync contract", "Zync contract/Sites/Köln", "Zync contract/Sites/Ж 1",
					      "Zync contract/Roles/router"};

struct fixture fx;

/* --- helpers -------------------------------------------------------------------------------------------------------------------------- */

const char *text(const char *fmt, ...)
{
	va_list ap;
	const char *s;

	va_start(ap, fmt);
	s = zync_arena_vprintf(fx.arena, fmt, ap);
	va_end(ap);
	assert_non_null(s);
	return s;
}

void *array(size_t count, size_t size)
{
	void *p = zync_arena_array(fx.arena, count, size);

	if (!p)
		abort();
	return p;
}

/* A call of any method with parameters as JSON text. */
const struct zync_jval *api(const char *method, enum zync_zbx_call_kind kind, const char *params)
{
	struct zync_zbx_call call = {.method = method, .kind = kind, .params = params};
	const struct zync_jval *result = NULL;

	OK(zync_zbx_call(fx.z, &call, fx.arena, &result, err));
	return result;
}

static uint64_t first_id(const struct zync_jval *result, const char *list)
{
	uint64_t id = 0;

	assert_true(zync_jval_to_u64(zync_jval_at(zync_jval_get(result, list), 0), &id));
	return id;
}

void set_groups(struct zync_host *h, size_t count, const char *const *names)
{
	h->groups.items = array(count, sizeof(*h->groups.items));
	for (size_t i = 0; i < count; i++)
		h->groups.items[i].name = names[i];
	h->groups.len = count;
}

void set_templates(struct zync_host *h, size_t count, const char *const *names)
{
	h->templates.items = array(count, sizeof(*h->templates.items));
	for (size_t i = 0; i < count; i++)
		h->templates.items[i].name = names[i];
	h->templates.len = count;
}

struct zync_interface *add_interface(struct zync_host *h, enum zync_interface_type type, const char *ip, const char *dns, const char *port)
{
	struct zync_interface *in;

	if (!h->interfaces.items)
		h->interfaces.items = array(8, sizeof(*h->interfaces.items));
	assert_true(h->interfaces.len < 8);
	in = &h->interfaces.items[h->interfaces.len++];
	if (!in)
		abort();
	*in = (struct zync_interface){.type = type, .useip = !zync_str_empty(ip), .ip = ip, .dns = dns, .port = port};
	return in;
}

void add_tag(struct zync_host *h, const char *tag, const char *value)
{
	if (!h->tags.items)
		h->tags.items = array(8, sizeof(*h->tags.items));
	assert_true(h->tags.len < 8);
	h->tags.items[h->tags.len++] = (struct zync_tag){.tag = tag, .value = value};
}

struct zync_macro *add_macro(struct zync_host *h, const char *macro, enum zync_macro_type type, const char *value, const char *description)
{
	if (!h->macros.items)
		h->macros.items = array(8, sizeof(*h->macros.items));
	assert_true(h->macros.len < 8);
	h->macros.items[h->macros.len] =
		(struct zync_macro){.macro = macro, .type = type, .value = {.plain = value}, .description = description};
	return &h->macros.items[h->macros.len++];
}

void add_inventory(struct zync_host *h, const char *field, const char *value)
{
	h->inventory_mode = ZYNC_INVENTORY_MANUAL;
	if (!h->inventory.items)
		h->inventory.items = array(8, sizeof(*h->inventory.items));
	assert_true(h->inventory.len < 8);
	h->inventory.items[h->inventory.len++] = (struct zync_inventory_field){.field = field, .value = value};
}

void snmp_v2(struct zync_interface *in, const char *community)
{
	in->snmp = (struct zync_snmp){.version = 2, .bulk = true, .community = {.plain = community}};
}

void snmp_v3(struct zync_interface *in)
{
	in->snmp = (struct zync_snmp){.version = 3,
				      .bulk = false,
				      .contextname = "ctx",
				      .securityname = "zync",
				      .securitylevel = 2,
				      .authprotocol = 3,
				      .authpassphrase = {.plain = "authentic-words"},
				      .privprotocol = 1,
				      .privpassphrase = {.plain = "private-words"}};
}

/* Desired state ready to be written: canonical, resolved, digests filled. */
void finish(struct zync_host *h)
{
	h->managed = (1u << (unsigned)ZYNC_ASPECT_COUNT) - 1u;
	OK(zync_host_canonicalise(h, fx.arena, err));
	OK(zync_zabbix_resolve(fx.z, h, err));
	OK(zync_host_fill_digests(h, fx.ring, fx.arena, err));
}

struct zync_host *blank(const char *kind, unsigned i)
{
	struct zync_host *h = array(1, sizeof(*h));

	h->host = text(PREFIX "%s-%03u", kind, i);
	h->name = text("Contract %s %03u Übergröße", kind, i);
	h->inventory_mode = ZYNC_INVENTORY_DISABLED;
	h->ipmi.authtype = ZYNC_IPMI_AUTHTYPE_DEFAULT;
	h->owner = text(OWNER_BASE "%s%u", kind, i);
	set_groups(h, 1, group_names);
	return h;
}

/* Write and expect every one to succeed. */
void write_all(struct zync_zabbix_write *writes, size_t count)
{
	OK(zync_zabbix_write(fx.z, writes, count, NULL, err));
	for (size_t i = 0; i < count; i++) {
		if (!writes[i].done)
			fail_msg("%s was not written: %s", writes[i].label, writes[i].err.message);
	}
}

struct zync_zabbix_write creation(const struct zync_host *h)
{
	return (struct zync_zabbix_write){.kind = ZYNC_ZABBIX_CREATE, .label = h->host, .target = h};
}

/* The host as it is, with the digests that the store would remember of what was pushed. */
struct zync_host read_one(uint64_t hostid, const struct zync_host *pushed)
{
	struct zync_zabbix_hosts hosts = {0};
	struct zync_jb *b = zync_jb_new(fx.arena);
	const struct zync_jval *remembered = NULL;
	const char *json = NULL;

	assert_non_null(b);
	OK(zync_zabbix_get_hosts(fx.z, &hostid, 1, fx.arena, &hosts, err));
	assert_int_equal(hosts.len, 1);
	OK(zync_host_fill_digests(&hosts.items[0], fx.ring, fx.arena, err));
	OK(zync_jb_text(b, zync_host_pushed_to_json(b, pushed), ZYNC_JSON_COMPACT, fx.arena, &json, err));
	OK(zync_json_parse(fx.arena, json, strlen(json), &remembered, err));
	zync_host_apply_pushed(&hosts.items[0], remembered);
	return hosts.items[0];
}

struct zync_diff diff_of(const struct zync_host *desired, const struct zync_host *actual, struct zync_host *ret_target)
{
	struct zync_diff diff = {0};

	OK(zync_host_target(desired, actual, NULL, fx.arena, ret_target, err));
	OK(zync_host_diff(ret_target, actual, fx.arena, &diff, err));
	return diff;
}

void expect_equal(const struct zync_host *desired, uint64_t hostid)
{
	struct zync_host actual = read_one(hostid, desired);
	struct zync_host target;
	struct zync_diff diff = diff_of(desired, &actual, &target);

	assert_string_equal(actual.owner ? actual.owner : "(none)", desired->owner);
	if (diff.len > 0)
		fail_msg("%s: %zu differences after writing, first: %s: \"%s\" instead of \"%s\"", desired->host, diff.len,
			 diff.items[0].field, diff.items[0].old_text ? diff.items[0].old_text : "(none)",
			 diff.items[0].new_text ? diff.items[0].new_text : "(none)");
}

uint64_t create_one(const struct zync_host *h)
{
	struct zync_zabbix_write w = creation(h);

	write_all(&w, 1);
	assert_int_not_equal(w.hostid, 0);
	return w.hostid;
}

void delete_host(uint64_t hostid, const char *label)
{
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_DELETE, .label = label, .hostid = hostid};

	write_all(&w, 1);
}

/* --- set-up and clean-up -------------------------------------------------------------------------------------------------------------- */

/* {"output": [ID], "search": {FIELD: PREFIX}, "startSearch": true} → ids. */
void remove_all(const char *get, const char *id, const char *field, const char *prefix, const char *delete)
{
	const struct zync_jval *found =
		api(get, ZYNC_ZBX_READ, text("{\"output\":[\"%s\"],\"search\":{\"%s\":\"%s\"},\"startSearch\":true}", id, field, prefix));
	struct zync_jb *b = zync_jb_new(fx.arena);
	struct zync_jnode *list = zync_jb_array(b);
	const struct zync_jval *v;
	struct zync_jiter it;
	const char *params = NULL;

	zync_jiter_init(&it, found);
	while ((v = zync_jiter_next(&it, NULL)))
		zync_jb_add_str(b, list, zync_jval_get_str(v, id));
	if (zync_jnode_len(list) == 0)
		return;
	OK(zync_jb_text(b, list, ZYNC_JSON_COMPACT, fx.arena, &params, err));
	(void)api(delete, ZYNC_ZBX_WRITE, params);
}

static void remove_leftovers(void)
{
	remove_all("host.get", "hostid", "host", PREFIX, "host.delete");
	remove_all("proxy.get", "proxyid", fx.z->dialect->proxy_name, PREFIX, "proxy.delete");
	if (fx.z->dialect->monitored_by)
		remove_all("proxygroup.get", "proxy_groupid", "name", PREFIX, "proxygroup.delete");
	remove_all("hostgroup.get", "groupid", "name", "Zync contract", "hostgroup.delete");
}

static void make_proxies(void)
{
	if (!fx.z->dialect->monitored_by) {
		fx.proxyid = first_id(api("proxy.create", ZYNC_ZBX_WRITE, "{\"host\":\"" PREFIX "proxy\",\"status\":5}"), "proxyids");
		return;
	}
	fx.proxyid = first_id(api("proxy.create", ZYNC_ZBX_WRITE, "{\"name\":\"" PREFIX "proxy\",\"operating_mode\":0}"), "proxyids");
	fx.proxy_groupid = first_id(api("proxygroup.create", ZYNC_ZBX_WRITE,
					"{\"name\":\"" PREFIX "proxy group\",\"failover_delay\":\"1m\",\"min_online\":\"1\"}"),
				    "proxy_groupids");
}

int set_up(void **state)
{
	static const unsigned char key[32] = "contract tests of the client....";
	const char *url = getenv("ZYNC_ZABBIX_URL");
	const char *token = getenv("ZYNC_ZABBIX_TOKEN");
	const char *user = getenv("ZYNC_ZABBIX_USER");
	const char *password = getenv("ZYNC_ZABBIX_PASSWORD");
	struct zync_vec made;

	(void)state;
	if (!url || !token || !user || !password) {
		(void)fprintf(stderr, "set ZYNC_ZABBIX_URL, ZYNC_ZABBIX_TOKEN, ZYNC_ZABBIX_USER and ZYNC_ZABBIX_PASSWORD\n");
		return -1;
	}
	(void)snprintf(fx.url, sizeof(fx.url), "%s%s", url, zync_str_ends(url, "/api_jsonrpc.php") ? "" : "/api_jsonrpc.php");
	fx.arena = zync_arena_new(0);
	OK(zync_http_global_init(err));
	OK(zync_secret_new(token, &fx.token, err));
	OK(zync_secret_new(password, &fx.password, err));
	OK(zync_keyring_new(key, &fx.ring, err));
	fx.config = (struct zync_cfg_zabbix){.name = "contract",
					     .url = fx.url,
					     .token = fx.token,
					     .username = user,
					     .verify_tls = true,
					     .timeout_ms = 120000,
					     .read_page = 20,
					     .write_batch = 100,
					     .target_call_ms = 60000,
					     .max_in_flight = 1};
	OK(zync_zabbix_open(&fx.config, NULL, NULL, &fx.z, err));
	remove_leftovers();
	make_proxies();
	OK(zync_zabbix_load_catalogue(fx.z, err));
	zync_vec_init(&made, fx.arena);
	OK(zync_zabbix_create_groups(fx.z, group_names, GROUP_NAMES, &made, err));
	/* The parents "Sites" and "Roles" come along. */
	assert_int_equal(made.len, GROUP_NAMES + 2);
	return 0;
}

int tear_down(void **state)
{
	(void)state;
	if (fx.z)
		remove_leftovers();
	zync_zabbix_close(fx.z);
	zync_keyring_free(fx.ring);
	zync_secret_free(fx.token);
	zync_secret_free(fx.password);
	zync_arena_free(fx.arena);
	zync_http_global_done();
	zync_log_reset();
	return 0;
}
