# SPDX-License-Identifier: Apache-2.0
"""Configuration of the lab's NetBox; lab/lib/netbox.sh copies it into NETBOX_ROOT and sets the environment."""

import os

ALLOWED_HOSTS = ["*"]
SECRET_KEY = os.environ["ZYNC_LAB_SECRET_KEY"]
API_TOKEN_PEPPERS = {1: os.environ["ZYNC_LAB_PEPPER"]}

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["ZYNC_LAB_DATABASE"],
        "USER": os.environ["ZYNC_LAB_PG_USER"],
        "PASSWORD": "",
        "HOST": os.environ["ZYNC_LAB_PG"],
        "PORT": "",
        "CONN_MAX_AGE": 300,
        # `lab reset` replaces the database under a running NetBox: a dead connection is opened anew.
        "CONN_HEALTH_CHECKS": True,
    }
}


def _redis(database):
    return {
        "HOST": "127.0.0.1",
        "PORT": int(os.environ["ZYNC_LAB_REDIS_PORT"]),
        "USERNAME": "",
        "PASSWORD": "",
        "DATABASE": database,
        "SSL": False,
    }


REDIS = {"tasks": _redis(0), "caching": _redis(1)}

TIME_ZONE = "UTC"
# The lab asks nothing of the outside world.
RELEASE_CHECK_URL = None
CENSUS_REPORTING_ENABLED = False
ISOLATED_DEPLOYMENT = True
# Requests that answer with an error are worth a line each; the rest is in the access log.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING"}},
}
