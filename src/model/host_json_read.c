/* SPDX-License-Identifier: Apache-2.0 */
#include "model/host.h"

#include <limits.h>
#include <stdio.h>

#include "base/str.h"
#include "model/model_priv.h"

#define PATH_SIZE 64

/* A value of the document and where it stands, for messages. */
struct reader {
	const struct zync_jval *v;
	char path[PATH_SIZE]; /* "", "macros[3]", "interfaces[0].snmp" */
	struct zync_arena *arena;
	struct zync_err *err;
};

static enum zync_status reader_fail(const struct reader *r, const char *key, const char *expected)
{
	const char *dot = r->path[0] != '\0' && key[0] != '\0' && key[0] != '[' ? "." : "";
	return zync_err_set(r->err, ZYNC_ERR_PROTOCOL, "JSON of a host: %s%s%s is not %s", r->path, dot, key, expected);
}

/* The reader of a member, or of an element when @p key is NULL. */
static struct reader reader_at(const struct reader *r, const char *key, size_t index, const struct zync_jval *v)
{
	struct reader at = {.v = v, .arena = r->arena, .err = r->err};
	int written;
	if (key != NULL)
		written = snprintf(at.path, sizeof(at.path), "%s%s%s", r->path, r->path[0] != '\0' ? "." : "", key);
	else
		written = snprintf(at.path, sizeof(at.path), "%s[%zu]", r->path, index);
	ZYNC_ASSERT(written > 0 && (size_t)written < sizeof(at.path));
	return at;
}

/* An object without members that nobody would read: a misspelt one must not be lost silently. */
static enum zync_status reader_object(const struct reader *r, const char *const *known, size_t count)
{
	if (zync_jval_type(r->v) != ZYNC_JSON_OBJECT)
		return zync_err_set(r->err, ZYNC_ERR_PROTOCOL, "JSON of a host: %s is not an object", r->path[0] != '\0' ? r->path : "it");
	struct zync_jiter it;
	const char *key;
	zync_jiter_init(&it, r->v);
	while (zync_jiter_next(&it, &key) != NULL) {
		size_t i = 0;
		while (i < count && !zync_str_eq(known[i], key))
			i++;
		if (i == count)
			return zync_err_set(r->err, ZYNC_ERR_PROTOCOL, "JSON of a host: member \"%.100s\"%s%s is unknown", key,
					    r->path[0] != '\0' ? " of " : "", r->path);
	}
	return ZYNC_OK;
}
#define READER_OBJECT(r, ...)                                                             \
	do {                                                                              \
		static const char *const reader_known[] = {__VA_ARGS__};                  \
		ZYNC_TRY(reader_object((r), reader_known, ZYNC_ARRAY_LEN(reader_known))); \
	} while (0)

/* Strings are copied: a host must not depend on the arena of the document. */
static enum zync_status read_str(const struct reader *r, const char *key, const char **ret)
{
	const char *s = zync_jval_get_str(r->v, key);
	if (s == NULL)
		return reader_fail(r, key, "a string");
	*ret = zync_arena_strdup(r->arena, s);
	return *ret != NULL ? ZYNC_OK : zync_err_nomem(r->err, "reading a host from JSON");
}

static enum zync_status read_bool(const struct reader *r, const char *key, bool *ret)
{
	const struct zync_jval *v = zync_jval_get(r->v, key);
	if (zync_jval_type(v) != ZYNC_JSON_BOOL)
		return reader_fail(r, key, "true or false");
	*ret = zync_jval_is_true(v);
	return ZYNC_OK;
}

static enum zync_status read_id(const struct reader *r, const char *key, uint64_t *ret)
{
	const struct zync_jval *v = zync_jval_get(r->v, key);
	*ret = 0;
	if (v == NULL)
		return ZYNC_OK;
	if (zync_jval_type(v) != ZYNC_JSON_INT || !zync_jval_to_u64(v, ret))
		return reader_fail(r, key, "a positive number");
	return ZYNC_OK;
}

/* A number that may be absent (0). */
static enum zync_status read_unsigned(const struct reader *r, const char *key, unsigned *ret)
{
	uint64_t n;
	ZYNC_TRY(read_id(r, key, &n));
	if (n > UINT_MAX)
		return reader_fail(r, key, "a number of at most 32 bits");
	*ret = (unsigned)n;
	return ZYNC_OK;
}

static enum zync_status read_word(const struct reader *r, const char *key, enum zync_model_words words, int *ret)
{
	const char *word = zync_jval_get_str(r->v, key);
	if (word == NULL || !zync_model_number(words, word, ret))
		return reader_fail(r, key, "one of the known words");
	return ZYNC_OK;
}

static enum zync_status read_sensitive(const struct reader *r, const char *key, struct zync_sensitive *ret)
{
	const struct zync_jval *v = zync_jval_get(r->v, key);
	if (zync_jval_type(v) == ZYNC_JSON_STR)
		return read_str(r, key, &ret->plain);
	struct reader at = reader_at(r, key, 0, v);
	READER_OBJECT(&at, "digest");
	if (zync_jval_type(zync_jval_get(v, "digest")) == ZYNC_JSON_NULL)
		return ZYNC_OK;
	return read_str(&at, "digest", &ret->digest);
}

/* The elements of array @p key: their number, and @p ret_items zeroed for them. */
static enum zync_status read_array(const struct reader *r, const char *key, size_t size, struct reader *ret_array, void **ret_items,
				   size_t *ret_len)
{
	const struct zync_jval *v = zync_jval_get(r->v, key);
	if (zync_jval_type(v) != ZYNC_JSON_ARRAY)
		return reader_fail(r, key, "an array");
	*ret_array = reader_at(r, key, 0, v);
	*ret_len = zync_jval_len(v);
	*ret_items = zync_arena_array(r->arena, *ret_len, size);
	return *ret_items != NULL ? ZYNC_OK : zync_err_nomem(r->err, "reading a host from JSON");
}

static enum zync_status read_refs(const struct reader *r, const char *key, struct zync_ref_list *ret)
{
	struct reader array;
	void *items;
	ZYNC_TRY(read_array(r, key, sizeof(*ret->items), &array, &items, &ret->len));
	ret->items = items;
	struct zync_jiter it;
	const struct zync_jval *v;
	zync_jiter_init(&it, array.v);
	for (size_t i = 0; (v = zync_jiter_next(&it, NULL)) != NULL; i++) {
		struct reader at = reader_at(&array, NULL, i, v);
		if (zync_jval_type(v) == ZYNC_JSON_STR) {
			ret->items[i].name = zync_arena_strdup(r->arena, zync_jval_str(v));
			if (ret->items[i].name == NULL)
				return zync_err_nomem(r->err, "reading a host from JSON");
			continue;
		}
		READER_OBJECT(&at, "name", "id");
		ZYNC_TRY(read_str(&at, "name", &ret->items[i].name));
		ZYNC_TRY(read_id(&at, "id", &ret->items[i].id));
	}
	return ZYNC_OK;
}

static enum zync_status read_snmp3(const struct reader *r, struct zync_snmp *ret)
{
	int number = 0;
	ZYNC_TRY(read_str(r, "contextname", &ret->contextname));
	ZYNC_TRY(read_str(r, "securityname", &ret->securityname));
	ZYNC_TRY(read_word(r, "securitylevel", ZYNC_WORDS_SECURITYLEVEL, &number));
	ret->securitylevel = (unsigned)number;
	if (ret->securitylevel >= 1) {
		ZYNC_TRY(read_word(r, "authprotocol", ZYNC_WORDS_AUTHPROTOCOL, &number));
		ret->authprotocol = (unsigned)number;
		ZYNC_TRY(read_sensitive(r, "authpassphrase", &ret->authpassphrase));
	}
	if (ret->securitylevel >= 2) {
		ZYNC_TRY(read_word(r, "privprotocol", ZYNC_WORDS_PRIVPROTOCOL, &number));
		ret->privprotocol = (unsigned)number;
		ZYNC_TRY(read_sensitive(r, "privpassphrase", &ret->privpassphrase));
	}
	return ZYNC_OK;
}

static enum zync_status read_snmp(const struct reader *interface, struct zync_snmp *ret)
{
	struct reader at = reader_at(interface, "snmp", 0, zync_jval_get(interface->v, "snmp")), *r = &at;
	READER_OBJECT(r, "version", "bulk", "max_repetitions", "community", "contextname", "securityname", "securitylevel", "authprotocol",
		      "authpassphrase", "privprotocol", "privpassphrase");
	ZYNC_TRY(read_unsigned(r, "version", &ret->version));
	ZYNC_TRY(read_bool(r, "bulk", &ret->bulk));
	ZYNC_TRY(read_unsigned(r, "max_repetitions", &ret->max_repetitions));
	if (ret->version == 3)
		return read_snmp3(r, ret);
	return read_sensitive(r, "community", &ret->community);
}

static enum zync_status read_interface(const struct reader *r, struct zync_interface *ret)
{
	int type = 0;
	READER_OBJECT(r, "interfaceid", "type", "main", "useip", "ip", "dns", "port", "snmp");
	ZYNC_TRY(read_id(r, "interfaceid", &ret->interfaceid));
	ZYNC_TRY(read_word(r, "type", ZYNC_WORDS_INTERFACE_TYPE, &type));
	ret->type = (enum zync_interface_type)type;
	ZYNC_TRY(read_bool(r, "main", &ret->main));
	ZYNC_TRY(read_bool(r, "useip", &ret->useip));
	ZYNC_TRY(read_str(r, "ip", &ret->ip));
	ZYNC_TRY(read_str(r, "dns", &ret->dns));
	ZYNC_TRY(read_str(r, "port", &ret->port));
	return ret->type == ZYNC_INTERFACE_SNMP ? read_snmp(r, &ret->snmp) : ZYNC_OK;
}

static enum zync_status read_interfaces(const struct reader *r, struct zync_host *host)
{
	struct reader array;
	void *items;
	ZYNC_TRY(read_array(r, "interfaces", sizeof(*host->interfaces.items), &array, &items, &host->interfaces.len));
	host->interfaces.items = items;
	struct zync_jiter it;
	const struct zync_jval *v;
	zync_jiter_init(&it, array.v);
	for (size_t i = 0; (v = zync_jiter_next(&it, NULL)) != NULL; i++) {
		struct reader at = reader_at(&array, NULL, i, v);
		ZYNC_TRY(read_interface(&at, &host->interfaces.items[i]));
	}
	return ZYNC_OK;
}

static enum zync_status read_proxy(const struct reader *parent, struct zync_host *host)
{
	struct reader at = reader_at(parent, "proxy", 0, zync_jval_get(parent->v, "proxy")), *r = &at;
	int number = 0;
	READER_OBJECT(r, "monitored_by", "name", "id");
	ZYNC_TRY(read_word(r, "monitored_by", ZYNC_WORDS_MONITORED_BY, &number));
	host->monitored_by = (enum zync_monitored_by)number;
	if (host->monitored_by == ZYNC_MONITORED_BY_SERVER)
		return ZYNC_OK;
	struct zync_ref *ref = host->monitored_by == ZYNC_MONITORED_BY_PROXY ? &host->proxy : &host->proxy_group;
	ZYNC_TRY(read_str(r, "name", &ref->name));
	return read_id(r, "id", &ref->id);
}

static enum zync_status read_tags(const struct reader *r, struct zync_host *host)
{
	struct reader array;
	void *items;
	ZYNC_TRY(read_array(r, "tags", sizeof(*host->tags.items), &array, &items, &host->tags.len));
	host->tags.items = items;
	struct zync_jiter it;
	const struct zync_jval *v;
	zync_jiter_init(&it, array.v);
	for (size_t i = 0; (v = zync_jiter_next(&it, NULL)) != NULL; i++) {
		struct reader at = reader_at(&array, NULL, i, v);
		READER_OBJECT(&at, "tag", "value");
		ZYNC_TRY(read_str(&at, "tag", &host->tags.items[i].tag));
		ZYNC_TRY(read_str(&at, "value", &host->tags.items[i].value));
	}
	return ZYNC_OK;
}

static enum zync_status read_macro(const struct reader *r, struct zync_macro *ret)
{
	int type = 0;
	READER_OBJECT(r, "hostmacroid", "macro", "type", "value", "description");
	ZYNC_TRY(read_id(r, "hostmacroid", &ret->hostmacroid));
	ZYNC_TRY(read_str(r, "macro", &ret->macro));
	ZYNC_TRY(read_word(r, "type", ZYNC_WORDS_MACRO_TYPE, &type));
	ret->type = (enum zync_macro_type)type;
	ZYNC_TRY(read_str(r, "description", &ret->description));
	return ret->type == ZYNC_MACRO_SECRET ? read_sensitive(r, "value", &ret->value) : read_str(r, "value", &ret->value.plain);
}

static enum zync_status read_macros(const struct reader *r, struct zync_host *host)
{
	struct reader array;
	void *items;
	ZYNC_TRY(read_array(r, "macros", sizeof(*host->macros.items), &array, &items, &host->macros.len));
	host->macros.items = items;
	struct zync_jiter it;
	const struct zync_jval *v;
	zync_jiter_init(&it, array.v);
	for (size_t i = 0; (v = zync_jiter_next(&it, NULL)) != NULL; i++) {
		struct reader at = reader_at(&array, NULL, i, v);
		ZYNC_TRY(read_macro(&at, &host->macros.items[i]));
	}
	return ZYNC_OK;
}

static enum zync_status read_inventory(const struct reader *parent, struct zync_host *host)
{
	struct reader at = reader_at(parent, "inventory", 0, zync_jval_get(parent->v, "inventory")), *r = &at;
	int mode = 0;
	READER_OBJECT(r, "mode", "fields");
	ZYNC_TRY(read_word(r, "mode", ZYNC_WORDS_INVENTORY_MODE, &mode));
	host->inventory_mode = (enum zync_inventory_mode)mode;
	const struct zync_jval *fields = zync_jval_get(r->v, "fields"), *v;
	if (zync_jval_type(fields) != ZYNC_JSON_OBJECT)
		return reader_fail(r, "fields", "an object");
	host->inventory.items = ZYNC_NEW_ARRAY(r->arena, struct zync_inventory_field, zync_jval_len(fields));
	if (host->inventory.items == NULL)
		return zync_err_nomem(r->err, "reading a host from JSON");
	struct zync_jiter it;
	const char *key;
	zync_jiter_init(&it, fields);
	while ((v = zync_jiter_next(&it, &key)) != NULL) {
		struct zync_inventory_field *field = &host->inventory.items[host->inventory.len++];
		bool left = zync_jval_type(v) == ZYNC_JSON_NULL;
		if (!left && zync_jval_type(v) != ZYNC_JSON_STR)
			return zync_err_set(r->err, ZYNC_ERR_PROTOCOL, "JSON of a host: inventory field %.100s is not a string", key);
		field->field = zync_arena_strdup(r->arena, key);
		field->value = left ? NULL : zync_arena_strdup(r->arena, zync_jval_str(v));
		if (field->field == NULL || (field->value == NULL && !left))
			return zync_err_nomem(r->err, "reading a host from JSON");
	}
	return ZYNC_OK;
}

static enum zync_status read_ipmi(const struct reader *parent, struct zync_ipmi *ret)
{
	struct reader at = reader_at(parent, "ipmi", 0, zync_jval_get(parent->v, "ipmi")), *r = &at;
	int number = 0;
	READER_OBJECT(r, "authtype", "privilege", "username", "password");
	ZYNC_TRY(read_word(r, "authtype", ZYNC_WORDS_IPMI_AUTHTYPE, &ret->authtype));
	ZYNC_TRY(read_word(r, "privilege", ZYNC_WORDS_IPMI_PRIVILEGE, &number));
	ret->privilege = (unsigned)number;
	ZYNC_TRY(read_str(r, "username", &ret->username));
	return read_sensitive(r, "password", &ret->password);
}

static enum zync_status read_tls_accept(const struct reader *r, unsigned *ret)
{
	const struct zync_jval *v, *words = zync_jval_get(r->v, "accept");
	struct zync_jiter it;
	int number;
	if (zync_jval_type(words) != ZYNC_JSON_ARRAY)
		return reader_fail(r, "accept", "an array");
	zync_jiter_init(&it, words);
	while ((v = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_jval_str(v) == NULL || !zync_model_number(ZYNC_WORDS_TLS, zync_jval_str(v), &number))
			return reader_fail(r, "accept", "a list of the known words");
		*ret |= (unsigned)number;
	}
	return ZYNC_OK;
}

static enum zync_status read_tls(const struct reader *parent, struct zync_tls *ret)
{
	struct reader at = reader_at(parent, "tls", 0, zync_jval_get(parent->v, "tls")), *r = &at;
	int number = 0;
	READER_OBJECT(r, "connect", "accept", "psk_identity", "psk", "issuer", "subject");
	ZYNC_TRY(read_word(r, "connect", ZYNC_WORDS_TLS, &number));
	ret->connect = (unsigned)number;
	ZYNC_TRY(read_tls_accept(r, &ret->accept));
	if (zync_model_tls_uses_psk(ret)) {
		if (zync_jval_type(zync_jval_get(r->v, "psk_identity")) != ZYNC_JSON_NULL)
			ZYNC_TRY(read_str(r, "psk_identity", &ret->psk_identity));
		ZYNC_TRY(read_sensitive(r, "psk", &ret->psk));
	}
	if (!zync_model_tls_uses_certificate(ret))
		return ZYNC_OK;
	ZYNC_TRY(read_str(r, "issuer", &ret->issuer));
	return read_str(r, "subject", &ret->subject);
}

static enum zync_status read_ownership(const struct reader *parent, struct zync_host *host)
{
	const struct zync_jval *v = zync_jval_get(parent->v, "ownership");
	if (v == NULL)
		return ZYNC_OK;
	struct reader at = reader_at(parent, "ownership", 0, v);
	READER_OBJECT(&at, "host", "name", "status", "description", "groups", "templates", "interfaces", "proxy", "tags", "macros",
		      "inventory", "ipmi", "tls");
	for (enum zync_aspect aspect = ZYNC_ASPECT_HOST; aspect < ZYNC_ASPECT_COUNT; aspect++) {
		int number = 0;
		if (zync_jval_get(v, zync_aspect_name(aspect)) != NULL)
			ZYNC_TRY(read_word(&at, zync_aspect_name(aspect), ZYNC_WORDS_OWNERSHIP, &number));
		host->own[aspect] = (enum zync_ownership)number;
	}
	return ZYNC_OK;
}

static enum zync_status read_aspect(const struct reader *r, enum zync_aspect aspect, struct zync_host *host)
{
	int number = 0;
	switch (aspect) {
	case ZYNC_ASPECT_HOST:
		return read_str(r, "host", &host->host);
	case ZYNC_ASPECT_NAME:
		return read_str(r, "name", &host->name);
	case ZYNC_ASPECT_STATUS:
		ZYNC_TRY(read_word(r, "status", ZYNC_WORDS_STATUS, &number));
		host->status = (enum zync_host_status)number;
		break;
	case ZYNC_ASPECT_DESCRIPTION:
		return read_str(r, "description", &host->description);
	case ZYNC_ASPECT_GROUPS:
		return read_refs(r, "groups", &host->groups);
	case ZYNC_ASPECT_TEMPLATES:
		return read_refs(r, "templates", &host->templates);
	case ZYNC_ASPECT_INTERFACES:
		return read_interfaces(r, host);
	case ZYNC_ASPECT_PROXY:
		return read_proxy(r, host);
	case ZYNC_ASPECT_TAGS:
		return read_tags(r, host);
	case ZYNC_ASPECT_MACROS:
		return read_macros(r, host);
	case ZYNC_ASPECT_INVENTORY:
		return read_inventory(r, host);
	case ZYNC_ASPECT_IPMI:
		return read_ipmi(r, &host->ipmi);
	case ZYNC_ASPECT_TLS:
	case ZYNC_ASPECT_COUNT:
		return read_tls(r, &host->tls);
	}
	return ZYNC_OK;
}

enum zync_status zync_host_from_json(const struct zync_jval *v, struct zync_arena *arena, struct zync_host *ret, struct zync_err *err)
{
	struct reader reader = {.v = v, .arena = arena, .err = err}, *r = &reader;
	struct zync_host host = {0};
	unsigned version = 0;
	READER_OBJECT(r, "v", "hostid", "flags", "host", "name", "status", "description", "groups", "templates", "interfaces", "proxy",
		      "tags", "macros", "inventory", "ipmi", "tls", "virtual_chassis", "owner", "owner_hostmacroid", "ownership");
	ZYNC_TRY(read_unsigned(r, "v", &version));
	if (version != ZYNC_HOST_JSON_VERSION)
		return zync_err_set(err, ZYNC_ERR_PROTOCOL, "JSON of a host: version %u is unknown to this Zync, which writes %u", version,
				    ZYNC_HOST_JSON_VERSION);
	ZYNC_TRY(read_id(r, "hostid", &host.hostid));
	ZYNC_TRY(read_unsigned(r, "flags", &host.flags));
	for (enum zync_aspect aspect = ZYNC_ASPECT_HOST; aspect < ZYNC_ASPECT_COUNT; aspect++) {
		if (zync_jval_get(v, zync_aspect_name(aspect)) == NULL)
			continue;
		ZYNC_TRY(read_aspect(r, aspect, &host));
		host.managed |= ZYNC_ASPECT_BIT(aspect);
	}
	ZYNC_TRY(read_id(r, "virtual_chassis", &host.virtual_chassis));
	if (zync_jval_get(v, "owner") != NULL)
		ZYNC_TRY(read_str(r, "owner", &host.owner));
	ZYNC_TRY(read_id(r, "owner_hostmacroid", &host.owner_hostmacroid));
	ZYNC_TRY(read_ownership(r, &host));
	enum zync_status status = zync_host_canonicalise(&host, arena, err);
	if (status != ZYNC_OK)
		return zync_err_wrap(err, status, "JSON of a host");
	*ret = host;
	return ZYNC_OK;
}
