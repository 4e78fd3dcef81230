# SPDX-License-Identifier: Apache-2.0
"""How gunicorn serves the lab's NetBox: the application is loaded once and then forked."""

preload_app = True
workers = 2
threads = 3
worker_class = "gthread"
timeout = 600
graceful_timeout = 5
# Longer than a client pauses between two pages: connections are kept, as behind a usual NetBox proxy.
keepalive = 60
accesslog = "-"
errorlog = "-"


def when_ready(server):
    """Database connections that loading has opened must not be shared by the workers."""
    from django.db import connections

    connections.close_all()
