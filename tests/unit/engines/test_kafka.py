import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engines import kafka
from engines.place import Place
from engines.server import NotReadyError


def place(folder: Path, **options: object) -> Place:
    return Place(folder / "engines", folder / "cache", **options)  # type: ignore[arg-type] # a test's


@contextmanager
def answering(answer: bytes | Callable[[int], bytes]) -> Iterator[int]:
    """A port of a server that answers one request with these bytes, or those made of the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        said = answer if isinstance(answer, bytes) else answer(port)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(said)

        server = threading.Thread(target=serve)
        server.start()
        yield port
        server.join()


def test_three_brokers_find_each_other_and_keep_copies(tmp_path: Path) -> None:
    three = place(tmp_path, brokers=3)
    assert [server.name for server in kafka.servers(three)] == ["kafka-1", "kafka-2", "kafka-3"]
    configs = [kafka._config(three, node) for node in (1, 2, 3)]
    voters = {line for text in configs for line in text.splitlines() if "voters" in line}
    assert len(voters) == 1
    assert "offsets.topic.replication.factor=3" in configs[0]
    assert "transaction.state.log.min.isr=2" in configs[0]
    environment = kafka.environment(three)
    assert environment["SNAPMODE_LOG__REPLICATION"] == "3"
    assert len(set(environment["SNAPMODE_LOG__SERVERS"].split(","))) == 3


def test_it_listens_on_this_machine_alone(tmp_path: Path) -> None:
    for line in kafka._config(place(tmp_path), 1).splitlines():
        if "listeners=" in line:
            assert all("//127.0.0.1:" in each for each in line.split(","))


def test_an_isolated_one_is_reached_at_its_own_address(tmp_path: Path) -> None:
    apart = place(tmp_path, isolated=frozenset({"kafka"}))
    (server,) = kafka.servers(apart)
    assert server.namespace
    assert kafka.environment(apart)["SNAPMODE_LOG__SERVERS"].startswith("10.203.")


def test_it_serves_once_it_names_itself_among_the_brokers() -> None:
    foreign = struct.pack(">i", 4) + b"none"
    with answering(foreign) as port, pytest.raises(NotReadyError, match="not joined"):
        kafka._answers("127.0.0.1", port)
    with answering(b"") as port, pytest.raises(NotReadyError):
        kafka._answers("127.0.0.1", port)
    with answering(lambda port: struct.pack(">ii", 4, port)) as port:
        kafka._answers("127.0.0.1", port)
