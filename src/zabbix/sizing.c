/* SPDX-License-Identifier: Apache-2.0 */
#include "zabbix/zabbix_priv.h"

/* A first call of this many hosts is short on any server and long enough to measure. */
#define SIZING_START ((size_t)50)

void zync_zbx_sizing_init(struct zync_zbx_sizing *sizing, size_t max)
{
	sizing->size = ZYNC_MIN(SIZING_START, max);
}

void zync_zbx_sizing_learn(struct zync_zbx_sizing *sizing, size_t count, int64_t ms, int64_t target_ms, size_t max)
{
	size_t wanted;

	if (count == 0)
		return;
	if (ms < 1)
		ms = 1;
	/* Proportional: the fixed cost of a call makes it a little too careful for small arrays, and that evens out while it grows. */
	wanted = (size_t)((double)count * (double)target_ms / (double)ms);
	/* A rest of a few hosts is mostly fixed cost: it proves nothing, unless even it was too slow. */
	if (count < sizing->size && (wanted > sizing->size || ms < target_ms))
		return;
	wanted = ZYNC_MIN(wanted, sizing->size * 2);
	wanted = ZYNC_MAX(wanted, sizing->size / 2);
	wanted = ZYNC_MIN(wanted, max);
	sizing->size = ZYNC_MAX(wanted, (size_t)1);
}
