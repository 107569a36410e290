"""The log on one machine: a SQLite file that several processes publish to and poll at once."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from zlib import crc32

from snapmode.errors import ConfigError, TransientError
from snapmode.ports import Record
from snapmode.sqlite_file import Mark, SqliteFile
from snapmode.topics import TOPICS, Topic
from topologies.sqlite_members import Membership, Presence

FORMAT = "1"
SCHEMA = (
    # Offsets count over all partitions; AUTOINCREMENT never uses one twice.
    # passing = 1: may be trimmed once read (a tombstone, or a topic that is not compacted).
    """CREATE TABLE records (
        offset INTEGER PRIMARY KEY AUTOINCREMENT,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        key TEXT NOT NULL,
        value BLOB,
        timestamp REAL NOT NULL,
        passing INTEGER NOT NULL
    )""",
    "CREATE INDEX records_by_partition ON records (topic, partition)",
    "CREATE INDEX records_by_key ON records (topic, key)",
    "CREATE INDEX records_passing ON records (timestamp) WHERE passing = 1",
    # The last offset a group has done; 0 for a group that has done none.
    """CREATE TABLE committed (
        topic TEXT, reader TEXT, partition INTEGER, offset INTEGER NOT NULL,
        PRIMARY KEY (topic, reader, partition)
    ) WITHOUT ROWID""",
    """CREATE TABLE members (
        rank INTEGER PRIMARY KEY AUTOINCREMENT,
        topic TEXT, reader TEXT, member TEXT, UNIQUE (topic, reader, member)
    )""",
    """CREATE TABLE owners (
        topic TEXT, reader TEXT, partition INTEGER, member TEXT NOT NULL,
        PRIMARY KEY (topic, reader, partition)
    ) WITHOUT ROWID""",
)
POLL_SECONDS = 0.03
"""Pause between two looks at an empty topic."""
TRIM_SECONDS = 600.0
"""Pause between two trimmings by one instance."""
PAGE = 200
"""Records read at once by `read_all`."""


class SqliteLog:
    """`Log` on SQLite: publishing is durable, groups are shared by the processes of one machine.

    A key's partition is crc32(key) modulo `partitions`, which is fixed when the file is made.
    In a compacted topic a record replaces the earlier one of its key in the same transaction.
    Tombstones and the records of other topics stay until they are `retention_days` old and every
    group has committed them. One publish is one transaction: batches are the way to go fast.
    A member that lives but no longer polls keeps its partitions until it closes.
    """

    def __init__(self, path: Path, partitions: int = 4, retention_days: float = 7.0) -> None:
        if partitions < 1:
            raise ConfigError(f"{path}: partitions must be at least 1, not {partitions}")
        self._partitions = partitions
        self._retention = retention_days * 86_400
        marks = {
            "format": Mark(FORMAT, "use the version of SnapMode that made it"),
            "partitions": Mark(str(partitions), "a log keeps the number it was made with"),
        }
        self._file = SqliteFile(path, SCHEMA, marks)
        with self._file.read():
            pass  # a log of another format or number of partitions is refused at once
        self._presence = Presence(path.with_name(f"{path.name}-members"))
        self._groups: dict[tuple[str, str], Membership] = {}
        self._trimmed = 0.0
        self._closed = False

    def publish(self, topic: str, messages: Iterable[tuple[str, bytes | None]]) -> None:
        """See `Log.publish`: all messages of one call are kept, or none."""
        kept = _known(topic)
        batch = list(messages)
        if kept.compacted:
            last = {key: place for place, (key, _) in enumerate(batch)}
            batch = [message for place, message in enumerate(batch) if last[message[0]] == place]
        now = time.time()
        rows = [
            (topic, self._partition(key), key, value, now, not kept.compacted or value is None)
            for key, value in batch
        ]
        with self._file.write() as db:
            if kept.compacted:
                db.executemany(
                    "DELETE FROM records WHERE topic = ? AND key = ?",
                    [(topic, key) for key, _ in batch],
                )
            db.executemany(
                "INSERT INTO records (topic, partition, key, value, timestamp, passing) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
        if now - self._trimmed > TRIM_SECONDS:
            self._trimmed = now
            self._trim(now - self._retention)

    def _partition(self, key: str) -> int:
        return crc32(key.encode()) % self._partitions

    def _trim(self, before: float) -> None:
        with self._file.write() as db:
            db.execute(
                "DELETE FROM records WHERE passing = 1 AND timestamp < ? AND NOT EXISTS ("
                "SELECT 1 FROM committed WHERE committed.topic = records.topic "
                "AND committed.partition = records.partition "
                "AND committed.offset < records.offset)",
                (before,),
            )

    def poll(self, topic: str, group: str, limit: int, timeout: float = 0.0) -> list[Record]:
        """See `Log.poll`: oldest first over all partitions. One thread polls a group."""
        membership = self._membership(topic, group)
        deadline = time.monotonic() + timeout
        while True:
            membership.rebalance(self._partitions)
            records = self._next(topic, membership.positions, limit)
            for record in records:
                membership.positions[record.partition] = record.offset
            remaining = deadline - time.monotonic()
            if records or remaining <= 0:
                return records
            time.sleep(min(POLL_SECONDS, remaining))

    def _next(self, topic: str, positions: Mapping[int, int], limit: int) -> list[Record]:
        with self._file.read() as db:
            offsets = sorted(
                offset
                for partition, position in positions.items()
                for (offset,) in db.execute(
                    "SELECT offset FROM records WHERE topic = ? AND partition = ? AND offset > ? "
                    "ORDER BY offset LIMIT ?",
                    (topic, partition, position, limit),
                )
            )[:limit]
            # A record may be superseded between the two looks: then it is simply not there.
            rows = db.execute(
                "SELECT topic, partition, offset, key, value, timestamp FROM records "
                "WHERE offset IN (SELECT value FROM json_each(?)) ORDER BY offset",
                (json.dumps(offsets),),
            ).fetchall()
        return [Record(*row) for row in rows]

    def _membership(self, topic: str, group: str) -> Membership:
        _known(topic)
        where = (topic, group)
        if where not in self._groups:
            self._groups[where] = Membership(self._file, self._presence, topic, group)
        return self._groups[where]

    def commit(self, topic: str, group: str, offsets: Mapping[int, int]) -> None:
        """See `Log.commit`: durable; it never goes back."""
        _known(topic)
        with self._file.write() as db:
            for partition, offset in offsets.items():
                done = db.execute(
                    "UPDATE committed SET offset = max(offset, ?) "
                    "WHERE topic = ? AND reader = ? AND partition = ? AND EXISTS ("
                    "SELECT 1 FROM owners WHERE owners.topic = committed.topic "
                    "AND owners.reader = committed.reader "
                    "AND owners.partition = committed.partition AND owners.member = ?)",
                    (offset, topic, group, partition, self._presence.member),
                )
                if done.rowcount == 0:
                    raise TransientError(
                        f"{self._file.path}: {topic} partition {partition} moved; "
                        "its records will be read again by its new owner"
                    )

    def on_revoked(self, topic: str, group: str, call: Callable[[set[int]], None]) -> None:
        """See `Log.on_revoked`: called from within `poll` and `close`."""
        self._membership(topic, group).revoked = call

    def read_all(self, topic: str, partition: int | None = None) -> Iterator[Record]:
        """See `Log.read_all`; tombstones are records too, until they are trimmed."""
        _known(topic)
        partitions = range(self._partitions) if partition is None else (partition,)
        return (record for each in partitions for record in self._read(topic, each))

    def _read(self, topic: str, partition: int) -> Iterator[Record]:
        # No end is set: a key that is superseded meanwhile is met again at its new offset.
        positions = {partition: 0}
        while page := self._next(topic, positions, PAGE):
            yield from page
            positions[partition] = page[-1].offset

    def lag(self, topic: str, group: str) -> int:
        """See `Log.lag`: a group that never polled has everything before it."""
        _known(topic)
        with self._file.read() as db:
            committed = dict(
                db.execute(
                    "SELECT partition, offset FROM committed WHERE topic = ? AND reader = ?",
                    (topic, group),
                ).fetchall()
            )
            return sum(
                db.execute(
                    "SELECT count(*) FROM records WHERE topic = ? AND partition = ? AND offset > ?",
                    (topic, partition, committed.get(partition, 0)),
                ).fetchone()[0]
                for partition in range(self._partitions)
            )

    def close(self) -> None:
        """See `Log.close`."""
        if self._closed:
            return
        self._closed = True
        try:
            for membership in self._groups.values():
                membership.leave()
        finally:
            self._presence.leave()
            self._file.close()


def _known(topic: str) -> Topic:
    if topic not in TOPICS:
        raise ConfigError(f"no topic {topic!r}; there are {', '.join(TOPICS)}")
    return TOPICS[topic]
