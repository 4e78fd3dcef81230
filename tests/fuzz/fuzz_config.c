/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the configuration: any bytes as a file. Nothing may crash, leak or exceed the bounds, and what is accepted is complete.
 * The corpus in config-corpus/ is replayed by tests/unit/config.
 */
#include <stdint.h>
#include <string.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ZYNC_AUTO_CONFIG config = NULL;
	struct zync_err err = {0};
	enum zync_status status = zync_config_parse("fuzz", (const char *)data, size, &config, &err);

	if (status == ZYNC_OK) {
		ZYNC_ASSERT(config->netbox.url && config->netbox.token && config->netbox.instance && config->store && config->key_file);
		ZYNC_ASSERT(config->zabbix.len > 0 && config->mappings.len > 0);
		for (size_t i = 0; i < config->zabbix.len; i++)
			ZYNC_ASSERT(config->zabbix.items[i].url && (config->zabbix.items[i].token || config->zabbix.items[i].password));
	} else {
		ZYNC_ASSERT(status == ZYNC_ERR_INVALID || status == ZYNC_ERR_NOMEM || status == ZYNC_ERR_LIMIT);
		ZYNC_ASSERT(err.status == status && err.message[0] && !config);
	}
	zync_log_reset();
	return 0;
}
