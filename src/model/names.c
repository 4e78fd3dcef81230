/* SPDX-License-Identifier: Apache-2.0 */
#include "model/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/macros.h"
#include "base/str.h"

/* "_", the letter of the type, 20 digits, NUL. */
#define NAME_SUFFIX_SIZE 24
/* The stem of a name in which nothing legible is left. */
#define NAME_EMPTY_STEM "host"

static bool name_char_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool name_char_legal(char c)
{
	return name_char_alnum(c) || c == ' ' || c == '.' || c == '-' || c == '_';
}

bool zync_host_name_legal(const char *name)
{
	size_t len = name != NULL ? strlen(name) : 0;
	if (len == 0 || len > ZYNC_HOST_NAME_MAX || name[0] == ' ' || name[len - 1] == ' ')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!name_char_legal(name[i]))
			return false;
	}
	return true;
}

/* The suffix of an object, such as "_d17"; false for an unknown type. */
static bool name_suffix(const char *object_type, uint64_t object_id, char ret[NAME_SUFFIX_SIZE])
{
	char letter;
	if (zync_str_eq(object_type, "device"))
		letter = 'd';
	else if (zync_str_eq(object_type, "vm"))
		letter = 'v';
	else
		return false;
	(void)snprintf(ret, NAME_SUFFIX_SIZE, "_%c%" PRIu64, letter, object_id);
	return true;
}

/*
 * Could this legal name be what another, illegal name was made into? Then it ends with a suffix, and its stem is NAME_EMPTY_STEM or shows a
 * trace of the change: an underscore or a length that was cut. So "fw_v2" stays what it is, and only names like "core_fw_v2" do not.
 */
static bool name_looks_made(const char *name)
{
	size_t len = strlen(name), digits = len;
	while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
		digits--;
	uint64_t id;
	if (digits < 2 || !zync_str_to_u64(name + digits, &id) || (name[digits] == '0' && digits + 1 < len))
		return false;
	if ((name[digits - 1] != 'd' && name[digits - 1] != 'v') || name[digits - 2] != '_')
		return false;
	size_t stem = digits - 2;
	return len == ZYNC_HOST_NAME_MAX || memchr(name, '_', stem) != NULL ||
	       (stem == strlen(NAME_EMPTY_STEM) && strncmp(name, NAME_EMPTY_STEM, stem) == 0);
}

/*
 * Write the stem of @p name, at most @p max characters: spaces trimmed, one underscore for each forbidden character (a UTF-8 sequence is one
 * character). Returns its length, 0 when nothing legible is left.
 */
static size_t name_clean(const char *name, char *out, size_t max)
{
	size_t end = strlen(name), start = 0, len = 0;
	bool legible = false;
	while (end > 0 && name[end - 1] == ' ')
		end--;
	while (start < end && name[start] == ' ')
		start++;
	for (size_t i = start; i < end && len < max; i++) {
		unsigned char c = (unsigned char)name[i];
		bool continues = (c & 0xC0u) == 0x80u && i > start && ((unsigned char)name[i - 1] & 0x80u) != 0;
		if (continues)
			continue;
		legible = legible || name_char_alnum(name[i]);
		out[len++] = name_char_legal(name[i]) ? name[i] : '_';
	}
	return legible ? len : 0;
}

enum zync_status zync_host_name_distinguish(const char *name, const char *object_type, uint64_t object_id, struct zync_arena *arena,
					    const char **ret_name, struct zync_err *err)
{
	char suffix[NAME_SUFFIX_SIZE];
	char stem[ZYNC_HOST_NAME_MAX + 1];
	const char *result;
	if (!name_suffix(object_type, object_id, suffix))
		return zync_err_set(err, ZYNC_ERR_INVALID, "no host name can be made for an object of type \"%s\"; it must be device or vm",
				    object_type != NULL ? object_type : "");
	size_t max = ZYNC_HOST_NAME_MAX - strlen(suffix);
	size_t len = name != NULL ? name_clean(name, stem, max) : 0;
	/* The trace that name_looks_made() needs, where no character was replaced. */
	if (len > 0 && len < max && memchr(stem, '_', len) == NULL)
		stem[len++] = '_';
	stem[len] = '\0';
	result = zync_arena_printf(arena, "%s%s", len > 0 ? stem : NAME_EMPTY_STEM, suffix);
	if (result == NULL)
		return zync_err_nomem(err, "making a host name");
	*ret_name = result;
	return ZYNC_OK;
}

enum zync_status zync_host_name_make_legal(const char *name, const char *object_type, uint64_t object_id, struct zync_arena *arena,
					   const char **ret_name, struct zync_err *err)
{
	char suffix[NAME_SUFFIX_SIZE];
	/* An unknown type is refused there, too. */
	if (!zync_host_name_legal(name) || !name_suffix(object_type, object_id, suffix))
		return zync_host_name_distinguish(name, object_type, object_id, arena, ret_name, err);
	if (name_looks_made(name) && !zync_str_ends(name, suffix))
		return zync_host_name_distinguish(name, object_type, object_id, arena, ret_name, err);
	const char *result = zync_arena_strdup(arena, name);
	if (result == NULL)
		return zync_err_nomem(err, "making a legal host name");
	*ret_name = result;
	return ZYNC_OK;
}

/* The rest of a macro after ':' - "context}", "\"context\"}", "regex:…}" - or what is wrong with it. */
static const char *macro_context_problem(const char *p)
{
	const char *regex = p + strspn(p, " \t\n\r\f\v");
	if (zync_str_starts(regex, "regex:"))
		p = regex + strlen("regex:");
	p += strspn(p, " ");
	if (*p == '"') {
		/* A backslash hides the quote that follows it, and nothing else. */
		for (p++; *p != '\0' && (*p != '"' || p[-1] == '\\'); p++)
			;
		if (*p == '\0')
			return "the context has no closing quotation mark";
		p++;
		p += strspn(p, " ");
		if (*p != '\0' && *p != '}')
			return "text after the quoted context";
	} else {
		p += strcspn(p, "}");
	}
	if (*p == '\0')
		return "the closing brace is missing";
	return p[1] != '\0' ? "text after the closing brace" : NULL;
}

const char *zync_macro_name_problem(const char *macro)
{
	if (zync_str_empty(macro))
		return "it is empty";
	if (!zync_utf8_valid(macro, strlen(macro)))
		return "it is not valid UTF-8";
	if (zync_utf8_len(macro) > ZYNC_MACRO_NAME_MAX)
		return "it is longer than 255 characters";
	if (!zync_str_starts(macro, "{$"))
		return "it does not start with {$";
	const char *name = macro + 2;
	const char *p = name + strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._");
	if (*p != '\0' && *p != '}' && *p != ':')
		return "the name of a macro has only A-Z, 0-9, dot and underscore";
	if (p == name)
		return "the macro has no name";
	if (*p == ':')
		return macro_context_problem(p + 1);
	if (*p == '\0')
		return "the closing brace is missing";
	return p[1] != '\0' ? "text after the closing brace" : NULL;
}

const char *zync_group_name_problem(const char *name)
{
	if (zync_str_empty(name))
		return "it is empty";
	size_t len = strlen(name);
	if (!zync_utf8_valid(name, len))
		return "it is not valid UTF-8";
	if (zync_utf8_len(name) > ZYNC_GROUP_NAME_MAX)
		return "it is longer than 255 characters";
	if (name[0] == '/')
		return "it starts with a slash";
	if (name[len - 1] == '/')
		return "it ends with a slash";
	if (strstr(name, "//") != NULL)
		return "it has an empty part between two slashes";
	size_t depth = 1;
	for (const char *p = name; (p = strchr(p, '/')) != NULL; p++)
		depth++;
	return depth > ZYNC_LIMIT_GROUP_DEPTH ? "it is nested deeper than 32 levels" : NULL;
}
_Static_assert(ZYNC_LIMIT_GROUP_DEPTH == 32 && ZYNC_GROUP_NAME_MAX == 255 && ZYNC_MACRO_NAME_MAX == 255, "as the messages say");
