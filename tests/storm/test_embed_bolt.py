"""The embed bolt over its pipe: batches, anchors, dead letters, engines that are away."""

import threading
from pathlib import Path

import numpy as np
import pytest

from snapmode.codec import encode
from snapmode.dead_letters import read
from snapmode.errors import ConfigError, TransientError
from snapmode.ingest import Embedded, vector_id
from snapmode.items import Product, Removal
from snapmode.ports import Record
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.fakes import FakeEmbedder, product
from tests.storm.conftest import Pipe, frame
from topologies.storm.embed_bolt import EmbedBolt
from topologies.storm.suspects import KILLS, Suspects
from topologies.storm.tuples import parcel, read_embedded, record_values

pytestmark = pytest.mark.cluster


@pytest.fixture
def pipe(house: House) -> Pipe:
    return Pipe(EmbedBolt, house)


def values(message: Product | Removal, offset: int = 1, attempts: int = 0) -> list[str]:
    return record_values(Record(PRODUCTS, 0, offset, message.id, encode(message), 1.0), attempts)


def shown(house: House, name: str, *pictures: bytes) -> Product:
    return product(name, pictures=[house.images.put(each) for each in pictures])


def letters(house: House) -> list[tuple[str, str, int]]:
    return [(one.stage, one.key, one.attempts) for one in read(house.log)]


def test_heartbeats_and_ticks_are_answered(pipe: Pipe) -> None:
    pipe.send(frame([], "1", "__heartbeat", task=-1))
    assert pipe.said() == [{"command": "sync"}]
    pipe.send({**frame([], "2", "__tick"), "comp": "__system"})
    assert pipe.said() == [{"command": "ack", "id": "2"}]


def test_a_batch_is_passed_on_anchored_and_acked(house: House, pipe: Pipe) -> None:
    a, b = shown(house, "a", b"1", b"2"), Removal(id="b", version=2)
    pipe.tuples(values(a, 1), values(b, 2))
    assert pipe.said() == []
    pipe.component.work()
    said = pipe.said()
    assert [(each["command"], each.get("id")) for each in said] == [
        ("emit", None),
        ("ack", "t0:1"),
        ("emit", None),
        ("ack", "t0:2"),
    ]
    assert [each["anchors"] for each in said if "anchors" in each] == [["t0:1"], ["t0:2"]]
    sent = said[0]["tuple"]
    assert sent[:3] == values(a, 1)
    arrived = read_embedded(parcel(sent).embedded or "", a)
    name = house.embedder.name
    assert [row.id for row in arrived.rows] == [
        vector_id("a", key, None, name) for key in a.image_keys
    ]
    assert np.array_equal(arrived.rows[1].vector, FakeEmbedder.vector(b"2"))
    assert read_embedded(said[2]["tuple"][3], b) == Embedded(b)


def test_more_than_a_batch_is_several(house: House, pipe: Pipe) -> None:
    pipe.tuples(*(values(shown(house, f"p{n}", b"%d" % n), n) for n in range(6)))
    pipe.component.work()
    assert len(pipe.heard("ack")) == 4
    pipe.component.work()
    assert len(pipe.heard("ack")) == 2


def test_a_bad_picture_is_put_aside_and_its_product_goes_on(house: House, pipe: Pipe) -> None:
    pipe.tuples(values(shown(house, "a", b"bad", b"good")))
    pipe.component.work()
    said = pipe.said()
    assert [each["command"] for each in said] == ["emit", "ack"]
    assert len(read_embedded(said[0]["tuple"][3], product("a")).rows) == 1
    assert letters(house) == [("embed", "a", 1)]


def test_what_is_no_message_is_put_aside_and_acked(house: House, pipe: Pipe) -> None:
    good = values(shown(house, "a", b"1"), 1)
    pipe.tuples(good, record_values(Record(PRODUCTS, 0, 2, "poison", b"\xff", 1.0), 0))
    pipe.component.work()
    assert [each["command"] for each in pipe.said()] == ["emit", "ack", "ack"]
    assert letters(house) == [("decode", "poison", 1)]


def test_a_crash_fails_its_tuple_alone(house: House, pipe: Pipe) -> None:
    pipe.tuples(
        *(
            values(shown(house, name, data), n)
            for n, (name, data) in enumerate([("a", b"1"), ("b", b"bug"), ("c", b"3")])
        )
    )
    pipe.component.work()
    said = pipe.said()
    assert [each["id"] for each in said if each["command"] == "fail"] == ["t0:1"]
    assert [each["id"] for each in said if each["command"] == "ack"] == ["t0:0", "t0:2"]
    assert letters(house) == []


def test_the_last_attempt_leaves_a_letter_with_the_traceback(house: House, pipe: Pipe) -> None:
    pipe.tuples(values(shown(house, "a", b"bug"), attempts=2))
    pipe.component.work()
    assert [each["command"] for each in pipe.said()] == ["ack"]
    (one,) = read(house.log)
    assert (one.stage, one.attempts) == ("ingest", 3)
    assert "ZeroDivisionError" in one.evidence["traceback"]


def test_a_tuple_of_another_version_is_failed_and_shown(house: House, pipe: Pipe) -> None:
    pipe.tuples(["a", "0:1", '{"v": 2}'])
    assert [(each["command"], each.get("id")) for each in pipe.said()] == [
        ("error", None),
        ("fail", "t0:1"),
    ]


class Away:
    """Fails so often, then lets the images answer; is told by whoever waits."""

    def __init__(self, house: House, error: Exception, times: int) -> None:
        self._get = house.images.get
        self._error = error
        self._left = times
        self.tried = threading.Event()
        house.images.get = self.get  # type: ignore[method-assign] # a fault, put in by hand

    def get(self, key: str) -> bytes:
        self.tried.set()
        if self._left:
            self._left -= 1
            raise self._error
        return self._get(key)


@pytest.mark.parametrize("error", [TransientError("S3 is away"), ConfigError("S3 has no bucket")])
def test_an_engine_that_is_away_is_waited_for_and_shown(
    house: House, pipe: Pipe, error: Exception
) -> None:
    pipe.tuples(values(shown(house, "a", b"1")), values(shown(house, "b", b"2"), 2))
    Away(house, error, 3)
    pipe.component.work()
    said = pipe.said()
    assert [each["command"] for each in said] == ["error"] * 3 + ["emit", "ack"] * 2
    assert said[0]["msg"] == f"{error}; trying again in 0.0 s"
    assert letters(house) == []


def test_a_replay_of_what_is_held_is_not_done_twice(house: House, pipe: Pipe) -> None:
    sent = values(shown(house, "a", b"1"))
    away = Away(house, TransientError("S3 is away"), 20)
    pipe.tuples(sent)
    worker = threading.Thread(target=pipe.component.work)
    worker.start()
    away.tried.wait()
    pipe.send(frame(sent, "again"))
    worker.join()
    said = [each for each in pipe.said() if each["command"] != "error"]
    assert [each["command"] for each in said] == ["emit", "ack", "ack"]
    assert said[0]["anchors"] == ["t0:1", "again"]
    assert [each["id"] for each in said[1:]] == ["t0:1", "again"]


def note(house: House) -> Path:
    return house.settings.data / "storm" / "None-None-None.json"


def killed_over(house: House, *ids: str) -> None:
    """Leave the note as a process does that is killed while it works on these."""
    with Suspects(note(house)).trying(ids):
        left = note(house).read_text()
    note(house).write_text(left)


def test_suspects_are_tried_alone(house: House) -> None:
    killed_over(house, "0:1", "0:2")
    pipe = Pipe(EmbedBolt, house)
    pipe.tuples(*(values(shown(house, f"p{n}", b"%d" % n), n) for n in range(4)))
    done = []
    for _ in range(4):
        pipe.component.work()
        done.append(len(pipe.heard("ack")))
    assert done == [1, 1, 1, 1]


def test_who_kills_the_process_again_and_again_is_put_aside(house: House) -> None:
    for _ in range(KILLS):
        killed_over(house, "0:1")
    pipe = Pipe(EmbedBolt, house)
    pipe.tuples(values(shown(house, "a", b"1"), 1), values(shown(house, "b", b"2"), 2))
    pipe.component.work()
    assert [each["command"] for each in pipe.said()] == ["ack"]
    (one,) = read(house.log)
    assert (one.key, one.reason) == (
        "a",
        "embed: killed the process 3 times while it was tried alone",
    )
    pipe.component.work()
    assert [each["command"] for each in pipe.said()] == ["emit", "ack"]
