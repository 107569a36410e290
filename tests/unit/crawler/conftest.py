"""A log in memory that outlives the crawlers of a test."""

from collections.abc import Iterable, Iterator

import pytest

from snapmode.ports import Record


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

    def read_all(self, topic: str, partition: int | None = None) -> Iterator[Record]:
        return iter([record for record in self.records.values() if record.topic == topic])


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()
