/* SPDX-License-Identifier: Apache-2.0 */
/* The word to the service manager, against a socket as systemd has one. */
#include <stdlib.h>
#include <unistd.h>

#include "service_test.h"

static void send_and_hear(struct fixture *fx)
{
	struct zync_notify notify;

	zync_notify_init(&notify);
	assert_true(notify.fd >= 0);
	zync_notify_send(&notify, "%sSTATUS=running %u jobs", "READY=1\n", 2);
	assert_true(manager_hears(fx, "READY=1"));
	assert_string_equal(fx->heard, "READY=1\nSTATUS=running 2 jobs");
	zync_notify_done(&notify);
	assert_int_equal(notify.fd, -1);
}

static void test_path(void **state)
{
	struct fixture *fx = *state;
	char path[100];

	(void)snprintf(path, sizeof(path), "%s/notify", fx->folder);
	manager_listen(fx, path);
	send_and_hear(fx);
}

static void test_abstract(void **state)
{
	struct fixture *fx = *state;
	char name[64];

	(void)snprintf(name, sizeof(name), "@zync-test-%ld", (long)getpid());
	manager_listen(fx, name);
	send_and_hear(fx);
}

/* Without a manager, with one whose address cannot be used, and with one that is gone, the work goes on. */
static void test_nobody(void **state)
{
	struct fixture *fx = *state;
	char longest[200];
	const char *const names[] = {"", "notify", "/", "@", longest};
	struct zync_notify notify;

	memset(longest, 'x', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	zync_notify_init(&notify);
	assert_int_equal(notify.fd, -1);
	zync_notify_send(&notify, "READY=1");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(names); i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
		zync_notify_init(&notify);
		assert_int_equal(notify.fd, -1);
		zync_notify_done(&notify);
	}
	(void)snprintf(longest, sizeof(longest), "%s/nobody", fx->folder);
	assert_int_equal(setenv("NOTIFY_SOCKET", longest, 1), 0);
	zync_notify_init(&notify);
	assert_true(notify.fd >= 0);
	zync_notify_send(&notify, "READY=1");
	zync_notify_done(&notify);
}

static void test_watchdog(void **state)
{
	static const struct {
		const char *usec, *pid; /* pid: "" is this process */
		int64_t ms;
	} cases[] = {
		{"60000000", NULL, 60000}, {"60000000", "", 60000}, {"60000000", "1", 0},
		{"60000000", "x", 0},	   {NULL, NULL, 0},	    {"0", NULL, 0},
		{"soon", NULL, 0},	   {"20", NULL, 1},	    {"18446744073709551615", NULL, 0},
	};
	struct fixture *fx = *state;
	char path[100];
	char self[32];

	(void)snprintf(path, sizeof(path), "%s/notify", fx->folder);
	(void)snprintf(self, sizeof(self), "%ld", (long)getpid());
	manager_listen(fx, path);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_notify notify;

		(void)unsetenv("WATCHDOG_USEC");
		(void)unsetenv("WATCHDOG_PID");
		if (cases[i].usec != NULL)
			assert_int_equal(setenv("WATCHDOG_USEC", cases[i].usec, 1), 0);
		if (cases[i].pid != NULL)
			assert_int_equal(setenv("WATCHDOG_PID", cases[i].pid[0] == '\0' ? self : cases[i].pid, 1), 0);
		zync_notify_init(&notify);
		assert_int_equal(notify.watchdog_ms, cases[i].ms);
		zync_notify_done(&notify);
	}
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
}

TEST_GROUP(group_notify, TEST(test_path), TEST(test_abstract), TEST(test_nobody), TEST(test_watchdog));
