"""Every process on a machine finds a port of its own."""

import socket
from urllib.request import urlopen

from topologies.storm.metrics_page import serve_metrics


def test_the_first_free_port_is_taken() -> None:
    with socket.create_server(("", 0)) as taken:
        busy = taken.getsockname()[1]
        port = serve_metrics(busy)
    assert port > busy
    with urlopen(f"http://127.0.0.1:{port}/metrics") as page:
        assert b"snapmode_" in page.read()
