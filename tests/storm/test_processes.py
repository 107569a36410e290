"""Components as Storm starts them: a process, its stdin and its stdout."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from snapmode.codec import encode
from snapmode.dead_letters import read
from snapmode.items import Product
from snapmode.ports import Record
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.fakes import product
from tests.storm.conftest import OPTIONS, frame
from topologies.storm.suspects import KILLS
from topologies.storm.tuples import record_values

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds for a process to say something."""


class Process:
    """A component's process; what it says that is no frame ends the test."""

    def __init__(self, component: str, folder: Path, data: Path) -> None:
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "SNAPMODE_DATA_FOLDER": str(data)}
        self.process = subprocess.Popen(
            [str(Path(sys.executable).with_name("streamparse_run")), component],
            cwd=folder,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._frames: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        context = {"taskid": 3, "componentid": "embed"}
        self.send({"conf": OPTIONS, "pidDir": str(folder), "context": context})
        assert self.hears("pid")["pid"] == self.process.pid

    def _read(self) -> None:
        assert self.process.stdout
        text = ""
        for line in self.process.stdout:
            if line == b"end\n":
                self._frames.put(json.loads(text))
                text = ""
            else:
                text += line.decode()
        self._frames.put(None)

    def send(self, message: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\nend\n")
        self.process.stdin.flush()

    def hears(self, *kinds: str) -> dict[str, Any]:
        """The next frame that is no log line: of one of these commands (or with that key)."""
        while True:
            said = self._frames.get(timeout=PATIENCE)
            assert said is not None, "the process has ended"
            if said.get("command") != "log":
                assert said.get("command") in kinds or set(said) & set(kinds), said
                return said

    def ended(self) -> int:
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.process.kill()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                with suppress(BrokenPipeError):  # it was killed before it had read everything
                    stream.close()
        self.process.wait()


Start = Callable[[str], Process]


@pytest.fixture
def start(config: Path, data: Path) -> Iterator[Start]:
    started: list[Process] = []

    def start_one(component: str) -> Process:
        started.append(Process(component, config.parent, data))
        return started[-1]

    yield start_one
    for each in started:
        each.close()


EMBED = "topologies.storm.embed_bolt.EmbedBolt"


def values(shown: Product, offset: int) -> list[str]:
    record = Record(PRODUCTS, 0, offset, shown.id, encode(shown), 1.0)
    return record_values(record, 0)


def shown(house: House, name: str, picture: bytes) -> Product:
    return product(name, pictures=[house.images.put(picture)])


def test_heartbeats_are_answered_while_a_batch_is_embedded(house: House, start: Start) -> None:
    bolt = start(EMBED)
    bolt.send(frame(values(shown(house, "a", b"slow"), 1), "1"))
    bolt.send(frame([], "beat", "__heartbeat", task=-1))
    bolt.hears("sync")
    assert bolt.hears("emit")["tuple"][0] == "a"
    assert bolt.hears("ack")["id"] == "1"


def test_a_library_that_prints_does_no_harm(house: House, start: Start) -> None:
    bolt = start(EMBED)
    for n in range(3):
        bolt.send(frame(values(shown(house, f"p{n}", b"loud %d" % n), n), f"{n}"))
        bolt.hears("emit")
        bolt.hears("ack")


def test_the_process_ends_with_its_worker(start: Start) -> None:
    bolt = start(EMBED)
    assert bolt.process.stdin
    bolt.process.stdin.close()
    assert bolt.ended() == 2


def test_a_wrong_setting_is_shown(start: Start, config: Path) -> None:
    config.write_text("[ingest]\nbatch = 0")
    assert "settings.toml: ingest.batch" in start(EMBED).hears("error")["msg"]


def test_a_product_that_kills_the_process_is_put_aside_in_the_end(
    house: House, start: Start
) -> None:
    tuples = [
        frame(values(shown(house, name, data), n), f"{n}")
        for n, (name, data) in enumerate([("a", b"1"), ("b", b"kill"), ("c", b"3")])
    ]
    acked: set[str] = set()
    for deaths in range(KILLS + 2):
        bolt = start(EMBED)
        for each in tuples:
            if each["id"] not in acked:
                bolt.send(each)
        if deaths <= KILLS:
            assert bolt.ended() == -9
    while acked != {"0", "1", "2"}:
        said = bolt.hears("emit", "ack")
        acked |= {said["id"]} if said["command"] == "ack" else set()
    assert [one.key for one in read(house.log)] == ["b"]
