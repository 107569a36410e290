"""The log on Kafka, for as many machines as there are."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, OffsetSpec, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    InvalidRecordError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from snapmode.errors import RejectedError
from snapmode.ports import Record
from topologies.kafka_brokers import Brokers, security
from topologies.kafka_members import Membership, record_of
from topologies.kafka_topics import COMPACTION_LAG, DAY, KafkaTopics

Messages = list[tuple[str, bytes | None]]
Offsets = dict[TopicPartition, int]
UNFIT = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError)
"""A message that no broker will ever take."""
HEARTBEAT = 1.0
"""Seconds between two heartbeats: how soon a member hears that the group changes."""
PAGE = 1000
"""Records read at once by `read_all`."""
GAP = 1000
"""Offsets without a record that may follow the last record of a partition: marks of transactions,
which SnapMode does not write. Compaction leaves none there: it keeps a topic's newest records."""


class KafkaLog:
    """`Log` on Kafka. Nothing connects before the first call.

    A key's partition is the murmur2 hash of Kafka's own clients. Topics are made when missing, as
    `prefix` + name, and groups are `prefix` + group + "." + name, one for each topic polled.
    Members are dynamic: a static one that is killed keeps its partitions for the session timeout
    too, and two processes under one name would shut each other out. A killed member's partitions
    move after `session_timeout`, a closed one's at once; moving ones alone are disturbed.
    A call waits for brokers up to `timeout` and a little; then it is a `TransientError`.
    """

    def __init__(
        self,
        *,
        servers: str,
        partitions: int = 8,
        replication: int = 1,
        retention_days: float = 7.0,
        session_timeout: float = 10.0,
        timeout: float = 20.0,
        prefix: str = "",
        security_protocol: str = "PLAINTEXT",
        sasl_mechanism: str = "SCRAM-SHA-512",
        username: str = "",
        password: str = "",
        ca_file: Path | None = None,
    ) -> None:
        options = security(security_protocol, sasl_mechanism, username, password, ca_file)
        self._brokers = Brokers(servers, timeout, options)
        self._topics = KafkaTopics(
            self._brokers, prefix, partitions, replication, retention_days * DAY
        )
        self._prefix = prefix
        self._session_timeout = session_timeout
        self._producer: KafkaProducer | None = None
        self._lock = threading.Lock()
        self._groups: dict[tuple[str, str], Membership] = {}

    # ------------------------------------------------------------ publish

    def publish(self, topic: str, messages: Iterable[tuple[str, bytes | None]]) -> None:
        """See `Log.publish`: acknowledged by every replica in sync.

        A message over 8 MiB is a `RejectedError` that names its key.
        """
        name, batch = self._topics.name(topic), list(messages)
        if not batch:
            return
        self._topics.partitions(topic)
        with self._brokers.errors():
            producer = self._connected()
            try:
                self._send(producer, name, batch)
            except (KafkaError, RejectedError):
                self._forget(producer)
                raise

    def _send(self, producer: KafkaProducer, name: str, batch: Messages) -> None:
        sent = []
        for key, value in batch:
            with _named(name, key):
                sent.append((key, producer.send(name, key=key.encode(), value=value)))
        producer.flush(timeout=self._brokers.timeout * 1.5)  # what can't be sent fails before that
        for key, future in sent:
            with _named(name, key):
                future.get(timeout=0)

    def _connected(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = self._brokers.producer()
            return self._producer

    def _forget(self, producer: KafkaProducer) -> None:
        """One that has failed may not go on with its sequence: the next publish makes a new one."""
        with self._lock:
            if self._producer is producer:
                self._producer = None
        _close(producer, 0.0)

    # ------------------------------------------------------------ groups

    def poll(self, topic: str, group: str, limit: int, timeout: float = 0.0) -> list[Record]:
        """See `Log.poll`. Brokers that are away are told after some seconds of silence."""
        return self._membership(topic, group).poll(limit, timeout)

    def commit(self, topic: str, group: str, offsets: Mapping[int, int]) -> None:
        """See `Log.commit`. While the group is moving partitions it is a `TransientError`, too."""
        self._membership(topic, group).commit(offsets)

    def on_revoked(self, topic: str, group: str, call: Callable[[set[int]], None]) -> None:
        """See `Log.on_revoked`: also called for partitions that are lost already."""
        self._membership(topic, group).revoked = call

    def _membership(self, topic: str, group: str) -> Membership:
        name = self._topics.name(topic)
        if (topic, group) not in self._groups:
            self._groups[topic, group] = Membership(
                self._brokers, topic, name, lambda: self._joining(topic, group)
            )
        return self._groups[topic, group]

    def _joining(self, topic: str, group: str) -> KafkaConsumer:
        self._topics.partitions(topic)
        return self._brokers.consumer(
            group_id=self._group(topic, group),
            session_timeout_ms=int(self._session_timeout * 1000),
            heartbeat_interval_ms=int(min(HEARTBEAT, self._session_timeout / 3) * 1000),
            partition_assignment_strategy=[CooperativeStickyAssignor],
        )

    def _group(self, topic: str, group: str) -> str:
        return f"{self._prefix}{group}.{topic}"

    def lag(self, topic: str, group: str) -> int:
        """See `Log.lag`: any thread may ask. Gaps that compaction left before the last record of
        a partition are counted as records.
        """
        parts = self._topics.partitions(topic)
        name = self._group(topic, group)
        committed = self._brokers.ask(lambda admin: admin.list_group_offsets({name: parts})[name])
        starts = self._offsets(parts, OffsetSpec.EARLIEST)
        ends = self._offsets(parts, OffsetSpec.LATEST)
        done: Offsets = {part: max(committed[part].offset, starts[part]) for part in parts}
        behind = sum(max(0, ends[part] - done[part]) for part in parts)
        if behind <= GAP and not any(self._read(topic, done, ends)):
            return 0
        return behind

    def _offsets(self, parts: list[TopicPartition], which: OffsetSpec) -> Offsets:
        asked = dict.fromkeys(parts, which)
        found = self._brokers.ask(lambda admin: admin.list_partition_offsets(asked))
        return {part: found[part].offset for part in parts}

    # ------------------------------------------------------------ outside any group

    def read_all(self, topic: str, partition: int | None = None) -> Iterator[Record]:
        """See `Log.read_all`."""
        parts = self._topics.partitions(topic)
        return self._read_all(
            topic, [each for each in parts if partition in (None, each.partition)]
        )

    def _read_all(self, topic: str, parts: list[TopicPartition]) -> Iterator[Record]:
        ends = self._offsets(parts, OffsetSpec.EARLIEST)
        while True:
            started, starts, ends = time.monotonic(), ends, self._offsets(parts, OffsetSpec.LATEST)
            yield from self._read(topic, starts, ends)
            # After a longer reading, a key's value may be gone that was superseded meanwhile.
            if time.monotonic() - started < COMPACTION_LAG:
                return

    def _read(self, topic: str, starts: Offsets, ends: Offsets) -> Iterator[Record]:
        """Records from `starts` on, to `ends` at least; offsets need not be there."""
        behind = {part: offset for part, offset in starts.items() if offset < ends[part]}
        if not behind:
            return
        with self._brokers.errors():
            consumer = self._brokers.consumer(max_poll_records=PAGE)
            try:
                consumer.assign(list(behind))
                for part, offset in behind.items():
                    consumer.seek(part, offset)
                for page in self._pages(consumer, behind, ends):
                    yield from (record_of(topic, each) for each in page)
            finally:
                consumer.close()

    def _pages(
        self, consumer: KafkaConsumer, behind: Offsets, ends: Offsets
    ) -> Iterator[list[Any]]:
        heard = time.monotonic()
        while behind:
            found = consumer.poll(timeout_ms=1000)
            yield from found.values()
            reached = {part: consumer.position(part) for part in behind}
            if found or reached != behind:
                heard = time.monotonic()
            elif time.monotonic() - heard > self._brokers.timeout:
                raise KafkaTimeoutError(f"no answer for {self._brokers.timeout:.0f} s")
            behind = {part: offset for part, offset in reached.items() if offset < ends[part]}

    def close(self) -> None:
        """See `Log.close`."""
        try:
            for membership in self._groups.values():
                membership.close()
        finally:
            if self._producer is not None:
                _close(self._producer, self._brokers.timeout)
                self._producer = None
            self._brokers.close()


@contextmanager
def _named(name: str, key: str) -> Iterator[None]:
    try:
        yield
    except (*UNFIT, UnicodeEncodeError) as error:
        raise RejectedError(f"Kafka topic {name}: message {key!r}: {error}") from error


def _close(producer: KafkaProducer, timeout: float) -> None:
    with suppress(KafkaTimeoutError):  # what it could not send was told by `publish`
        producer.close(timeout=timeout)
