"""Storm's side of the pipe: frames in, frames out, over a small house of embedded stores."""

import io
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snapmode.settings import load_settings
from snapmode.wiring import House

if TYPE_CHECKING:
    from topologies.storm.component import Housed

OPTIONS = {
    "topology.name": "ingest",
    "topology.message.timeout.secs": 120,
    "topology.max.spout.pending": 8,
}

Frame = dict[str, Any]


@pytest.fixture
def settings_text() -> str:
    return """
[embedder]
adapter = "tests.storm.embedders:TouchyEmbedder"
[ingest]
batch = 4
[topology]
batch_seconds = 0.02
max_backoff = 0.01
replays = 2
"""


class Pipe:
    """A component and both its streams."""

    def __init__(self, component: "type[Housed]", house: House) -> None:
        self._in, self._out = io.BytesIO(), io.BytesIO()
        self.component: Any = component(self._in, self._out)
        self.component.storm_conf = OPTIONS
        self.component.furnish(house)

    def send(self, *frames: object) -> None:
        """Storm says something, and the component listens."""
        self._in.truncate(0)
        self._in.seek(0)
        self._in.write(b"".join(json.dumps(frame).encode() + b"\nend\n" for frame in frames))
        self._in.seek(0)
        for _ in frames:
            self.component._run()

    def tuples(self, *values: list[str]) -> None:
        """Tuples arrive; a tuple's id is "t" and its message's id."""
        self.send(*(frame(each, id=f"t{each[1]}") for each in values))

    def said(self) -> list[Frame]:
        """What the component has said since the last time."""
        text = self._out.getvalue().decode()
        self._out.seek(0)
        self._out.truncate(0)
        return [json.loads(each) for each in text.split("\nend\n") if each]

    def heard(self, command: str) -> list[Frame]:
        """What it has said of one kind since the last time."""
        return [each for each in self.said() if each["command"] == command]


def frame(values: list[str], id: str, stream: str = "default", task: int = 1) -> Frame:
    return {"id": id, "comp": "before", "stream": stream, "task": task, "tuple": values}


@pytest.fixture(autouse=True)
def _embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests use no engine, also where ENGINES=external has put some in the environment."""
    for name in list(os.environ):
        if name.startswith("SNAPMODE_") and "__" in name:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _quiet_root() -> Iterator[None]:
    """pystorm adds handlers to the root logger; they must not outlive their stream."""
    before = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers[:] = before


@pytest.fixture
def other_house(config: Path, data: Path) -> Iterator[House]:
    """A second process' house on the same stores."""
    with House(load_settings(config, data)) as house:
        yield house
