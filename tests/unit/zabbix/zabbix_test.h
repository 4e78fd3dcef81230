/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file zabbix_test.h
 * A scripted Zabbix behind the client's transport: the tests of the part need no socket.
 *
 * A script is a list of steps, one a request. Each says what the request must contain and what comes back. apiinfo.version, the proof of the token, login
 * and logout are answered by the fake itself unless the script is raw.
 */
#ifndef ZYNC_TESTS_ZABBIX_TEST_H
#define ZYNC_TESTS_ZABBIX_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/str.h"
#include "zabbix/write_priv.h"

struct step {
	const char *expect[3]; /**< texts that the request's body must contain */
	const char *
		reply; /**< body; "@ID@" becomes the id of the request. A text that begins with '=' is the result, '!' the data of an error -32602 */
	long status;  /**< HTTP status, 0: 200 */
	bool lost;    /**< no reply at all: UNREACHABLE */
	bool unknown; /**< of a lost write: it may have been carried out */
};

struct fake {
	struct zync_cfg_zabbix config;
	const char *version;
	bool raw; /**< the script answers everything */
	const struct step *steps;
	size_t count;
	size_t at;
	unsigned logins;
	unsigned logouts;
	char last_bearer[64];
	char last_body[8192];
	/** Instead of a script: the test's own server. Returns the body, NULL for a lost request of unknown outcome. */
	const char *(*server)(struct fake *f, const struct zync_jval *request, struct zync_arena *arena);
	void *server_ctx;
	struct zync_secret *token;
	struct zync_secret *password;
	struct zync_arena *arena; /**< of the test */
	struct zync_zabbix *z;
};

/** Open a client of this version over the script. By token, or by user name and password. */
void fake_open(struct fake *f, const char *version, bool by_token, const struct step *steps, size_t count);
/** The same, but give back what the opening said. */
enum zync_status fake_try_open(struct fake *f, const char *version, bool by_token, const struct step *steps, size_t count,
			       struct zync_err *err);
/** The two halves of it: everything but the client, and the client. */
void fake_prepare(struct fake *f, const char *version, bool by_token, const struct step *steps, size_t count);
enum zync_status fake_connect(struct fake *f, struct zync_err *err);
/** Another script for the open client. */
void fake_script(struct fake *f, const struct step *steps, size_t count);
/** Close; the script must have been used up. */
void fake_close(struct fake *f);
/** @p text contains @p words, or the test fails with both. */
void expect_words(const char *text, const char *words);

/** Let the @p nth allocation of the client from now on fail; 0: none. */
void fault_arm(unsigned long nth);
/** Did one fail since? */
bool fault_fired(void);
/** Allocations of the test itself do not count. */
void fault_pause(bool paused);

#define STEPS(list) (list), ZYNC_ARRAY_LEN(list)
#define OK(expr)                                                      \
	do {                                                          \
		struct zync_err ok_record = {.status = ZYNC_OK};      \
		struct zync_err *ok_err = &ok_record;                 \
		if ((expr) != ZYNC_OK)                                \
			fail_msg("%s: %s", #expr, ok_record.message); \
	} while (0)

extern const struct CMUnitTest codec_tests[];
extern const size_t codec_tests_len;
extern const struct CMUnitTest ipmi_tls_tests[];
extern const size_t ipmi_tls_tests_len;
extern const struct CMUnitTest rpc_tests[];
extern const size_t rpc_tests_len;
extern const struct CMUnitTest group_use_tests[];
extern const size_t group_use_tests_len;
extern const struct CMUnitTest oom_tests[];
extern const size_t oom_tests_len;
extern const struct CMUnitTest templates_tests[];
extern const size_t templates_tests_len;
extern const struct CMUnitTest write_tests[];
extern const size_t write_tests_len;

#endif
