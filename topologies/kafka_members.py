"""A member of a consumer group of Kafka.

Kafka's client talks to the group from within its `poll`, and may drop a join that ends between two
polls. So a thread of the member's own polls for as long as a record is wanted, and `poll` only
waits for what it brings: joining goes on however short the waits are, and no wait is overrun.
Partitions are handed over in the caller's thread, while the client's keeps the group waiting.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kafka import AsyncConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.base import MemberState
from kafka.future import Future

from snapmode.errors import TransientError
from snapmode.ports import Record
from topologies.kafka_brokers import Brokers

SLICE = 0.1
"""Seconds of one poll of the client: what closing may have to wait for."""
SILENCE = 3.0
"""Seconds without a record after which the brokers are asked whether they are there."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Partitions that the group takes away, once `released` is set."""

    partitions: set[int]
    released: Future


def record_of(topic: str, found: Any) -> Record:
    """A record of Kafka's client as one of ours."""
    key, seconds = found.key.decode(), found.timestamp / 1000
    return Record(topic, found.partition, found.offset, key, found.value, seconds)


class Membership(AsyncConsumerRebalanceListener):  # type: ignore[misc] # kafka is not typed
    """One member's share of a topic in a group."""

    def __init__(
        self, brokers: Brokers, topic: str, name: str, join: Callable[[], KafkaConsumer]
    ) -> None:
        self.revoked: Callable[[set[int]], None] = lambda _: None
        self._brokers = brokers
        self._topic = topic
        self._name = name
        """What Kafka calls the topic."""
        self._join = join
        """Makes a consumer that is to subscribe; connects."""
        self._consumer: KafkaConsumer | None = None
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        """Guards all below; notified when any of it changes."""
        self._wanted = 0
        self._found: list[Record] = []
        self._error: Exception | None = None
        self._owned: dict[int, int] = {}
        """Partition that is ours → last offset committed by us."""
        self._leaving: Leaving | None = None
        self._closing = False
        self._left = False
        """Whether `close` has handed everything over."""

    # ------------------------------------------------------------ in the caller's thread

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """See `Log.poll`."""
        deadline = time.monotonic() + timeout
        self._want(limit)
        while True:
            self._hand_over()
            with self._changed:
                if self._error is not None:
                    error, self._error = self._error, None
                    raise error
                if self._found:
                    taken, self._found = self._found[:limit], self._found[limit:]
                    self._wanted = 0
                    return taken
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return []
                self._changed.wait_for(self._has_news, remaining)

    def _want(self, limit: int) -> None:
        with self._changed:
            self._wanted = limit
            self._changed.notify_all()
        if self._thread is None:
            name = f"kafka-member-{self._topic}"
            self._thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._thread.start()

    def _has_news(self) -> bool:
        return bool(self._found or self._error or self._leaving)

    def _hand_over(self) -> None:
        leaving = self._leaving
        if leaving is None or self._consumer is None:
            return
        try:
            self.revoked(set(leaving.partitions))
        finally:
            self._drop(leaving.partitions)
            self._leaving = None
            # The client has no public door for a thread that is not its own.
            loop = self._consumer._net  # noqa: SLF001
            loop.call_soon_threadsafe(lambda: leaving.released.success(None))

    def _drop(self, partitions: set[int]) -> None:
        with self._changed:
            for partition in partitions:
                self._owned.pop(partition, None)
            self._found = [each for each in self._found if each.partition not in partitions]

    def commit(self, offsets: Mapping[int, int]) -> None:
        """See `Log.commit`; it never goes back."""
        with self._changed:
            # Kafka takes no commit between the two halves of joining: our thread gets it over.
            self._changed.wait_for(self._is_settled, self._brokers.timeout / 2)
            missing = offsets.keys() - self._owned.keys()
            fresh = {p: offset for p, offset in offsets.items() if offset > self._owned.get(p, -1)}
        if missing:
            raise TransientError(
                f"Kafka topic {self._topic}: partitions {sorted(missing)} are not ours; "
                "their records will be read again by their owner"
            )
        if self._consumer is None or not fresh:
            return
        asked = {
            TopicPartition(self._name, partition): OffsetAndMetadata(offset + 1, "", -1)
            for partition, offset in fresh.items()
        }
        with self._brokers.errors():
            self._consumer.commit(asked, timeout_ms=self._brokers.timeout * 1000)
        with self._changed:
            self._owned.update({p: offset for p, offset in fresh.items() if p in self._owned})

    def _is_settled(self) -> bool:
        if self._consumer is None:
            return True
        return bool(self._consumer.group_metadata().state is not MemberState.REBALANCING)

    def close(self) -> None:
        """Hand over what is ours and leave the group at once."""
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify_all()
        if self._thread is None:
            return
        self._end_thread(self._thread)
        try:
            if self._owned:
                self.revoked(set(self._owned))
        finally:
            self._drop(set(self._owned))
            self._left = True
            if self._consumer is not None:
                with self._brokers.errors():
                    self._consumer.close(autocommit=False, timeout_ms=self._brokers.timeout * 1000)

    def _end_thread(self, thread: threading.Thread) -> None:
        deadline = time.monotonic() + self._brokers.timeout
        while thread.is_alive() and time.monotonic() < deadline:
            self._hand_over()  # it may wait for just that
            thread.join(SLICE)

    # ------------------------------------------------------------ in the member's own thread

    def _run(self) -> None:
        heard = time.monotonic()
        while self._is_awaited():
            try:
                with self._brokers.errors():
                    found = self._read()
                    if found:
                        heard = time.monotonic()
                    elif time.monotonic() - heard > SILENCE:
                        self._listen()
                        heard = time.monotonic()
            except Exception as error:  # noqa: BLE001 - it is raised in the caller's thread
                self._tell([], error)
            else:
                self._tell(found, None)

    def _is_awaited(self) -> bool:
        with self._changed:
            self._changed.wait_for(
                lambda: self._closing or (self._wanted and not self._found and not self._error)
            )
            # What joins must finish joining, else nothing could be committed when it leaves.
            return not self._closing or not (self._error or self._is_settled())

    def _read(self) -> list[Record]:
        if self._consumer is None:
            consumer = self._join()
            consumer.subscribe([self._name], listener=self)
            self._consumer = consumer
            self._listen()  # who joins without knowing the partitions must join twice
        most = self._wanted or 1  # none is wanted when it closes amid a rebalance; 0 is refused
        batches = self._consumer.poll(timeout_ms=SLICE * 1000, max_records=most)
        return [record_of(self._topic, each) for batch in batches.values() for each in batch]

    def _listen(self) -> None:
        """An idle topic and brokers that are away look alike to the client's poll."""
        assert self._consumer is not None
        part = TopicPartition(self._name, 0)
        self._consumer.end_offsets([part], timeout_ms=self._brokers.timeout * 1000 / 2)

    def _tell(self, found: list[Record], error: Exception | None) -> None:
        with self._changed:
            self._found += [each for each in found if each.partition in self._owned]
            self._error = error
            self._changed.notify_all()

    # ------------------------------------------------------------ in the client's thread

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """They are ours from now on."""
        with self._changed:
            self._owned.update({part.partition: -1 for part in assigned})

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """They are the group's again when the caller's thread has let go of them."""
        await self._let_go({part.partition for part in revoked})

    async def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        """They are another's already: nothing of them can be committed."""
        partitions = {part.partition for part in lost}
        self._drop(partitions)
        await self._let_go(partitions)

    async def _let_go(self, partitions: set[int]) -> None:
        released = Future()
        with self._changed:
            if self._left:
                return  # `close` has handed them over
            self._leaving = Leaving(partitions, released)
            self._changed.notify_all()
        await released
