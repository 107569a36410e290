"""What SqliteLog promises beyond the contract: one file, one machine, at once and in order."""

import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from snapmode.errors import ConfigError, TransientError
from snapmode.ports import Record
from snapmode.topics import COMMANDS, PRODUCTS
from topologies.sqlite_log import SqliteLog

OpenLog = Callable[[], SqliteLog]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "log.sqlite"


@pytest.fixture
def open_log(file: Path) -> Iterator[OpenLog]:
    """Opens one more instance that trims whatever every group has done."""
    opened: list[SqliteLog] = []

    def open_one() -> SqliteLog:
        opened.append(SqliteLog(file, retention_days=0))
        return opened[-1]

    yield open_one
    for log in opened:
        log.close()


def keys(records: list[Record]) -> list[str]:
    return [record.key for record in records]


def commit(log: SqliteLog, topic: str, group: str, records: list[Record]) -> None:
    log.commit(topic, group, {record.partition: record.offset for record in records})


# ---------------------------------------------------------------- the file


def test_the_number_of_partitions_is_fixed(file: Path) -> None:
    with closing(SqliteLog(file, partitions=3)) as log:
        log.publish(PRODUCTS, [("a", b"")])
    with pytest.raises(ConfigError, match=r"log\.sqlite holds partitions 3, asked for .* 4"):
        SqliteLog(file, partitions=4)
    with closing(SqliteLog(file, partitions=3)) as log:
        assert keys(list(log.read_all(PRODUCTS))) == ["a"]


def test_a_log_needs_a_partition(file: Path) -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        SqliteLog(file, partitions=0)


def test_another_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("this is no database\n" * 100)
    with pytest.raises(ConfigError, match=r"notes\.txt"):
        SqliteLog(file)


def test_a_later_format_is_refused(file: Path) -> None:
    with closing(SqliteLog(file)) as log:
        log.publish(PRODUCTS, [])
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE meta SET value = '9' WHERE key = 'format'")
        db.commit()
    with pytest.raises(ConfigError, match="format 9"):
        SqliteLog(file)


def test_instances_open_a_new_file_at_once(file: Path) -> None:
    failures: list[Exception] = []

    def open_and_publish(name: str) -> None:
        try:
            with closing(SqliteLog(file)) as log:
                log.publish(COMMANDS, [(name, b"")])
        except Exception as error:  # noqa: BLE001 - reported below
            failures.append(error)

    run_threads(open_and_publish, "abcdefgh")
    assert failures == []
    with closing(SqliteLog(file)) as log:
        assert sorted(keys(list(log.read_all(COMMANDS)))) == list("abcdefgh")


def test_threads_share_an_instance(file: Path) -> None:
    # Not `open_log`: what one thread has published the next may trim.
    with closing(SqliteLog(file)) as log:

        def publish(name: str) -> None:
            for number in range(50):
                log.publish(COMMANDS, [(name, b"%d" % number)])

        run_threads(publish, "abcd")
        records = list(log.read_all(COMMANDS))
    for name in "abcd":
        values = [record.value for record in records if record.key == name]
        assert values == [b"%d" % number for number in range(50)]


def run_threads(call: Callable[[str], None], names: str) -> None:
    threads = [threading.Thread(target=call, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_locked_file_is_transient(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snapmode.sqlite_file.BUSY_SECONDS", 0.01)
    with closing(SqliteLog(file)) as log:
        log.publish(PRODUCTS, [])
    with closing(SqliteLog(file)) as log, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TransientError, match=r"log\.sqlite: database is locked"):
            log.publish(PRODUCTS, [("a", b"")])
        other.rollback()
        log.publish(PRODUCTS, [("a", b"")])
        assert keys(list(log.read_all(PRODUCTS))) == ["a"]


def test_a_full_disk_is_transient_and_keeps_nothing_of_the_batch(open_log: OpenLog) -> None:
    log = open_log()
    log.publish(PRODUCTS, [("a", b"before")])
    with log._file.write() as db:
        db.execute("PRAGMA max_page_count = 40")
    big = [(name, bytes(50_000)) for name in "abcdefgh"]
    with pytest.raises(TransientError, match=r"log\.sqlite: database or disk is full"):
        log.publish(PRODUCTS, big)
    assert [(r.key, r.value) for r in log.read_all(PRODUCTS)] == [("a", b"before")]
    with log._file.write() as db:
        db.execute("PRAGMA max_page_count = 100000")
    log.publish(PRODUCTS, big)
    assert sorted(keys(list(log.read_all(PRODUCTS)))) == list("abcdefgh")


def test_a_commit_waits_for_the_disk(open_log: OpenLog) -> None:
    """No test can cut the power: that publishing survives it rests on these two settings."""
    with open_log()._file.write() as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"


# ---------------------------------------------------------------- trimming


@pytest.mark.parametrize(("topic", "value"), [(COMMANDS, b"go"), (PRODUCTS, None)])
def test_passing_records_go_when_every_group_has_done_them(
    open_log: OpenLog, topic: str, value: bytes | None
) -> None:
    log = open_log()
    log.publish(topic, [("a", value)])
    quick, slow = log.poll(topic, "quick", 10), log.poll(topic, "slow", 10)
    commit(log, topic, "quick", quick)
    open_log().publish(topic, [])
    assert keys(list(log.read_all(topic))) == ["a"], "the slow group has not done it"
    commit(log, topic, "slow", slow)
    open_log().publish(topic, [])
    assert list(log.read_all(topic)) == []


def test_the_last_value_of_a_key_is_never_trimmed(open_log: OpenLog) -> None:
    log = open_log()
    log.publish(PRODUCTS, [("a", b"1")])
    commit(log, PRODUCTS, "g", log.poll(PRODUCTS, "g", 10))
    open_log().publish(PRODUCTS, [])
    assert keys(list(log.read_all(PRODUCTS))) == ["a"]


def test_young_records_are_kept(file: Path) -> None:
    with closing(SqliteLog(file, retention_days=1)) as log:
        log.publish(COMMANDS, [("a", b"")])
        commit(log, COMMANDS, "g", log.poll(COMMANDS, "g", 10))
        with closing(SqliteLog(file, retention_days=1)) as other:
            other.publish(COMMANDS, [])
        assert keys(list(log.read_all(COMMANDS))) == ["a"]


def test_offsets_are_never_used_again(open_log: OpenLog) -> None:
    log = open_log()
    log.publish(COMMANDS, [("a", b"1")])
    (first,) = log.poll(COMMANDS, "g", 10)
    commit(log, COMMANDS, "g", [first])
    open_log().publish(COMMANDS, [])
    assert list(log.read_all(COMMANDS)) == []
    log.publish(COMMANDS, [("a", b"2")])
    (second,) = log.poll(COMMANDS, "g", 10)
    assert second.offset > first.offset


def test_a_commit_never_goes_back(open_log: OpenLog) -> None:
    log = open_log()
    log.publish(COMMANDS, [("a", b"1"), ("a", b"2")])
    first, second = log.poll(COMMANDS, "g", 10)
    commit(log, COMMANDS, "g", [second])
    commit(log, COMMANDS, "g", [first])
    assert log.lag(COMMANDS, "g") == 0


# ---------------------------------------------------------------- members


def die(log: SqliteLog) -> None:
    """What the kernel does for a killed process: its locks are gone, its rows stay."""
    assert log._presence._held
    log._presence._held.close()


def test_partitions_of_the_dead_are_free_at_once(open_log: OpenLog) -> None:
    dead = open_log()
    dead.publish(COMMANDS, [(f"{n}", b"") for n in range(40)])
    assert len(dead.poll(COMMANDS, "g", 100)) == 40
    die(dead)
    assert len(open_log().poll(COMMANDS, "g", 100, timeout=0)) == 40


def test_the_living_notice_a_death(open_log: OpenLog) -> None:
    first, second = open_log(), open_log()
    for log in (first, second, first, second):
        log.poll(COMMANDS, "g", 1)
    assert (len(held(first)), len(held(second))) == (2, 2)
    die(first)
    second.poll(COMMANDS, "g", 1)
    assert len(held(second)) == 4


def test_who_is_taken_for_dead_learns_what_it_lost(open_log: OpenLog) -> None:
    lost: list[set[int]] = []
    log = open_log()
    log.on_revoked(COMMANDS, "g", lost.append)
    log.poll(COMMANDS, "g", 1)
    die(log)
    open_log().poll(COMMANDS, "g", 1)
    assert lost == []
    log.poll(COMMANDS, "g", 1)
    assert lost == [{0, 1, 2, 3}]


def test_no_partition_is_read_by_two(open_log: OpenLog) -> None:
    logs = [open_log() for _ in range(5)]
    for turn in range(12):
        log = logs[turn % 5]
        log.poll(COMMANDS, "g", 1)
        shares = [held(each) for each in logs]
        assert sum(map(len, shares)) == len(set().union(*shares)), shares
    assert sorted(map(len, shares)) == [0, 1, 1, 1, 1], "five members, four partitions"


def test_members_leave_no_files(open_log: OpenLog, file: Path) -> None:
    log = open_log()
    log.poll(COMMANDS, "g", 1)
    folder = file.with_name("log.sqlite-members")
    assert len(list(folder.iterdir())) == 1
    log.close()
    assert list(folder.iterdir()) == []


def held(log: SqliteLog) -> set[int]:
    membership = log._groups.get((COMMANDS, "g"))
    return set(membership.positions) if membership else set()


# ---------------------------------------------------------------- against a model


class Kept(NamedTuple):
    number: int
    partition: int
    key: str
    value: bytes | None


class OneMember(RuleBasedStateMachine):
    """A log with one member beside a list: the same records, in the same order, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "log.sqlite"
        self.log = SqliteLog(self.file, partitions=3)
        self.number = 0
        self.kept: dict[str, list[Kept]] = {PRODUCTS: [], COMMANDS: []}
        self.position: dict[tuple[str, int], int] = {}
        self.committed: dict[tuple[str, int], int] = {}
        self.polled: dict[str, list[tuple[Record, Kept]]] = {PRODUCTS: [], COMMANDS: []}

    topics = st.sampled_from([PRODUCTS, COMMANDS])

    @rule(topic=topics, batch=st.lists(st.tuples(st.sampled_from("abcdé"), st.booleans())))
    def publish(self, topic: str, batch: list[tuple[str, bool]]) -> None:
        messages: list[tuple[str, bytes | None]] = []
        for key, is_tombstone in batch:
            self.number += 1
            value = None if is_tombstone else b"%d" % self.number
            messages.append((key, value))
            if topic == PRODUCTS:
                self.kept[topic] = [one for one in self.kept[topic] if one.key != key]
            partition = self.log._partition(key)
            self.kept[topic].append(Kept(self.number, partition, key, value))
        self.log.publish(topic, messages)

    def new(self, topic: str, done: dict[tuple[str, int], int]) -> list[Kept]:
        return [k for k in self.kept[topic] if k.number > done.get((topic, k.partition), 0)]

    @rule(topic=topics, limit=st.integers(1, 6))
    def poll(self, topic: str, limit: int) -> None:
        expected = self.new(topic, self.position)[:limit]
        records = self.log.poll(topic, "g", limit)
        assert [(r.partition, r.key, r.value) for r in records] == [k[1:] for k in expected]
        for record, kept in zip(records, expected, strict=True):
            self.position[topic, kept.partition] = kept.number
            self.polled[topic].append((record, kept))

    @rule(topic=topics, choice=st.integers(0, 1000))
    def commit(self, topic: str, choice: int) -> None:
        if not self.polled[topic]:
            return
        record, kept = self.polled[topic][choice % len(self.polled[topic])]
        where = (topic, kept.partition)
        self.log.poll(topic, "g", 0)  # be a member again after reopening
        self.log.commit(topic, "g", {record.partition: record.offset})
        self.committed[where] = max(self.committed.get(where, 0), kept.number)

    @rule(killed=st.booleans())
    def reopen(self, killed: bool) -> None:
        if killed and self.log._presence._held:
            die(self.log)
            self.log._file.close()
        else:
            self.log.close()
        self.log = SqliteLog(self.file, partitions=3)
        self.position = dict(self.committed)

    @invariant()
    def keeps_what_was_published(self) -> None:
        for topic, kept in self.kept.items():
            found = [(r.partition, r.key, r.value) for r in self.log.read_all(topic)]
            assert found == sorted((k[1:] for k in kept), key=lambda one: one[0])
            assert self.log.lag(topic, "g") == len(self.new(topic, self.committed))

    def teardown(self) -> None:
        self.log.close()
        self.folder.cleanup()


TestOneMember = OneMember.TestCase
TestOneMember.settings = settings(max_examples=25, stateful_step_count=25)
