import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engines import zookeeper
from engines.place import Place
from engines.server import NotReadyError, Server


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "engines", tmp_path / "cache")


def server(place: Place) -> Server:
    [made] = zookeeper.servers(place)
    return made


@contextmanager
def answering(port: int, answer: bytes) -> Iterator[None]:
    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", port)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def test_its_settings_keep_it_on_loopback(place: Place) -> None:
    made = server(place)
    made.folder.mkdir(parents=True)
    made.before()
    settings = (made.folder / "zoo.cfg").read_text()
    assert f"clientPort={zookeeper.port(place)}\nclientPortAddress=127.0.0.1\n" in settings
    assert f"dataDir={made.folder}/data" in settings


def test_an_answer_is_needed(place: Place) -> None:
    with answering(zookeeper.port(place), b"Zookeeper version: 3.8.4\nMode: standalone\n"):
        server(place).ready()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "it says nothing"),
        (b"This ZooKeeper instance is not currently serving requests", "not currently serving"),
    ],
)
def test_an_open_port_is_no_answer(place: Place, answer: bytes, why: str) -> None:
    with (
        answering(zookeeper.port(place), answer),
        pytest.raises(NotReadyError, match=why),
    ):
        server(place).ready()


def test_nobody_there(place: Place) -> None:
    with pytest.raises(NotReadyError, match="refused"):
        server(place).ready()
