"""Dead letters over the embedded log."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from snapmode import metrics
from snapmode.dead_letters import DeadLetter, drop, letter, put, read, replay
from snapmode.errors import RejectedError
from snapmode.ports import Log
from snapmode.topics import COMMANDS, DEAD_LETTERS, PRODUCTS
from topologies.sqlite_log import SqliteLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with closing(SqliteLog(tmp_path / "log.sqlite")) as log:
        yield log


def example(key: str = "a", value: bytes | None = b"\xff\x00", part: str = "") -> DeadLetter:
    return letter("embed", PRODUCTS, key, value, reason="not a picture", part=part)


def test_a_letter_keeps_the_original_bytes_and_the_evidence(log: Log) -> None:
    url = "https://x.example/"
    letters = [
        example(),
        letter("crawl", None, url, None, reason="404", evidence={"status": "404"}, attempts=3),
    ]
    put(log, letters)
    assert read(log) == letters
    assert read(log)[0].value == b"\xff\x00"


def test_the_same_letter_twice_is_one(log: Log) -> None:
    put(log, [example()])
    put(log, [example().model_copy(update={"attempts": 2})])
    assert [one.attempts for one in read(log)] == [2]


def test_two_parts_of_a_message_are_two_letters(log: Log) -> None:
    put(log, [example(part="picture 1"), example(part="picture 2")])
    assert len(read(log)) == 2


def test_letters_are_counted_by_stage(log: Log) -> None:
    before = metrics.total(metrics.DEAD_LETTERS, "embed")
    put(log, [example("a"), example("b")])
    put(log, [])
    assert metrics.total(metrics.DEAD_LETTERS, "embed") == before + 2


def test_dropped_letters_are_gone(log: Log) -> None:
    put(log, [example("a"), example("b")])
    drop(log, [example("a").id, "unknown"])
    assert [one.key for one in read(log)] == ["b"]
    drop(log, [])


def test_replay_publishes_the_original_and_drops_the_letter(log: Log) -> None:
    put(log, [example("a", b"1"), example("b", b"2")])
    replay(log, [one for one in read(log) if one.key == "a"])
    assert {r.key: r.value for r in log.read_all(PRODUCTS)} == {"a": b"1"}
    assert [one.key for one in read(log)] == ["b"]


def test_replay_never_puts_an_old_message_in_the_place_of_a_newer_one(log: Log) -> None:
    put(log, [example("a", b"old")])
    log.publish(PRODUCTS, [("a", b"new")])
    replay(log, read(log))
    assert {r.key: r.value for r in log.read_all(PRODUCTS)} == {"a": b"new"}
    assert [r.value for r in log.poll(PRODUCTS, "g", 10)] == [b"new"], "it is read again"


def test_replay_to_a_topic_that_keeps_everything(log: Log) -> None:
    put(log, [letter("crawl", COMMANDS, "host", b"go", reason="away")])
    log.publish(COMMANDS, [("host", b"stop")])
    replay(log, read(log))
    assert [r.value for r in log.read_all(COMMANDS)] == [b"stop", b"go"]


def test_a_letter_without_a_topic_cannot_be_replayed(log: Log) -> None:
    put(log, [letter("crawl", None, "https://x.example/", None, reason="404"), example()])
    with pytest.raises(RejectedError, match="cannot be replayed"):
        replay(log, read(log))
    assert len(read(log)) == 2, "nothing was done by halves"


def test_a_broken_letter_is_named(log: Log) -> None:
    log.publish(DEAD_LETTERS, [("some-id", b"{}")])
    with pytest.raises(RejectedError, match="dead letter some-id: "):
        read(log)
