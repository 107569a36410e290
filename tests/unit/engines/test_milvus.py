import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from engines import milvus
from engines.place import Place
from engines.server import NotReadyError

TEMPLATE = """etcd:
  endpoints: localhost:{{ etcd_port(int): 2379 }} # a remark
  data:
    dir: {{ etcd_data_dir }}
tls: {{ tls_mode(int): 0 }}
pem: {{ server_pem_path: server.pem }}
logs: {{ system_log_path }}
"""


def test_settings_are_filled_in(tmp_path: Path) -> None:
    assert milvus._filled(TEMPLATE, tmp_path).splitlines() == [
        "etcd:",
        "  endpoints: localhost:2379 # a remark",
        "  data:",
        f"    dir: {tmp_path}/data/etcd",
        "tls: 0",
        "pem: server.pem",
        "logs: ",
    ]


def test_it_runs_in_its_network_and_is_found_there(tmp_path: Path) -> None:
    place = Place(tmp_path / "engines", tmp_path / "cache")
    [server] = milvus.servers(place)
    assert server.namespace
    address = milvus.environment(place)["SNAPMODE_VECTORS__URI"]
    assert address.startswith("http://10.203.")
    assert not (tmp_path / "engines").exists()


@pytest.fixture
def answers() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A server that says what is put into the dictionary, by the last word of the path."""
    said: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(said[self.path.rsplit("/", 1)[-1]])

        do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", said
        server.shutdown()
        thread.join()


def test_it_is_ready_when_a_query_is_answered(answers: tuple[str, dict[str, bytes]]) -> None:
    address, said = answers
    said["collections"] = b'{"code": 200, "data": ["engine_health"]}'
    said["query"] = b'{"code": 65535, "message": "collection not loaded"}'
    with pytest.raises(NotReadyError, match="not loaded"):
        milvus._ready(address)
    said["query"] = b'{"code": 200, "data": []}'
    milvus._ready(address)


def test_it_makes_its_collection_the_first_time(answers: tuple[str, dict[str, bytes]]) -> None:
    address, said = answers
    said["collections"] = b'{"code": 200, "data": []}'
    said["create"] = b'{"code": 1, "message": "not yet"}'
    with pytest.raises(NotReadyError, match="create: not yet"):
        milvus._ready(address)


def test_what_does_not_answer_or_talks_nonsense_is_not_ready(
    answers: tuple[str, dict[str, bytes]],
) -> None:
    address, said = answers
    said["collections"] = b"<html>"
    with pytest.raises(NotReadyError, match="collections"):
        milvus._ready(address)
    with pytest.raises(NotReadyError, match="refused"):
        milvus._ready("http://127.0.0.1:9")
