/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: the service. */
#include "api/version.h"
#include "base/mem.h"
#include "service/daemon.h"
#include "zync/zync.h"

struct zync_service {
	struct zync_daemon *daemon;
};

enum zync_status zync_service_open(const struct zync_open_params *params, struct zync_service **ret, struct zync_err *err)
{
	struct zync_service *service = zync_calloc(1, sizeof(*service));
	enum zync_status status;

	if (service == NULL)
		return zync_err_nomem(err, "starting the service");
	status = zync_daemon_open(params, &service->daemon, err);
	if (status != ZYNC_OK) {
		zync_free(service);
		return status;
	}
	*ret = service;
	return ZYNC_OK;
}

enum zync_status zync_service_run(struct zync_service *service, struct zync_err *err)
{
	return zync_daemon_run(service->daemon, ZYNC_VERSION, err);
}

void zync_service_stop(struct zync_service *service)
{
	zync_daemon_stop(service->daemon);
}

void zync_service_reload(struct zync_service *service)
{
	zync_daemon_reload(service->daemon);
}

void zync_service_close(struct zync_service *service)
{
	if (service == NULL)
		return;
	zync_daemon_close(service->daemon);
	zync_free(service);
}
