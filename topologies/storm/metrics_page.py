"""Prometheus metrics of one component's process."""

import errno

from prometheus_client import start_http_server

PORTS = 100
"""How many ports are tried: more components than that share no machine."""


def serve_metrics(first: int) -> int:
    """Serve on the first free port from this one on, in a daemon thread; returns the port."""
    for port in range(first, min(first + PORTS, 65536)):
        try:
            start_http_server(port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return port
    raise OSError(errno.EADDRINUSE, f"no free port for metrics from {first} on")
