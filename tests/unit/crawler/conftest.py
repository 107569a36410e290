"""A log in memory that outlives the crawlers of a test."""

from collections.abc import Coroutine, Iterable, Iterator
from typing import Any, TypeVar

import pytest

from snapmode.ports import Record

T = TypeVar("T")


def now(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that has nothing to wait for."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return] # a coroutine of T
    raise AssertionError("it waits")


class MemoryLog:
    """The last value of each key, in the order of publishing: all that the frontier asks for."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], Record] = {}
        self.publishes = 0

    def publish(self, topic: str, messages: Iterable[tuple[str, bytes | None]]) -> None:
        self.publishes += 1
        for key, value in messages:
            self.records.pop((topic, key), None)
            self.records[topic, key] = Record(topic, 0, len(self.records), key, value, 0.0)

    async def publish_soon(self, topic: str, messages: Iterable[tuple[str, bytes | None]]) -> None:
        self.publish(topic, messages)

    def read_all(self, topic: str, partition: int | None = None) -> Iterator[Record]:
        return iter([record for record in self.records.values() if record.topic == topic])


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()
