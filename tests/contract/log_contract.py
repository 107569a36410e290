"""What every `Log` must do, in the words of `snapmode.ports.Log`.

A subclass gives the `table` fixture: the `[log]` table of a settings file. Topics are shared and
may hold other records, so every test has keys and groups of its own.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from snapmode.errors import ConfigError, TransientError
from snapmode.ports import Log, Record
from snapmode.settings import load_settings
from snapmode.topics import COMMANDS, PRODUCTS
from snapmode.wiring import House
from tests.contract.log_driving import (
    POLL_AND_STAY,
    PUBLISH_FOR_EVER,
    PUBLISH_SOME,
    SECONDS,
    commit_all,
    drain,
    is_of,
    join,
    keys,
    process,
)

OpenLog = Callable[[], Log]


class LogContract:
    """Subclass it with a `table` fixture."""

    @pytest.fixture
    def settings_file(self, tmp_path: Path, table: dict[str, object]) -> Path:
        lines = ["[log]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
        for other in ("images", "catalog", "vectors", "embedder"):
            lines += [f"[{other}]", 'adapter = "nobody:Nobody"']
        file = tmp_path / "settings.toml"
        file.write_text("\n".join(lines))
        return file

    @pytest.fixture
    def open_log(self, settings_file: Path) -> Iterator[OpenLog]:
        """Opens one more instance on the same engine."""
        houses: list[House] = []

        def open_one() -> Log:
            houses.append(House(load_settings(settings_file)))
            return houses[-1].log

        yield open_one
        for house in houses:
            house.close()

    @pytest.fixture
    def log(self, open_log: OpenLog) -> Log:
        return open_log()

    @pytest.fixture
    def prefix(self) -> str:
        """Starts every key of this test; also the name of its group."""
        return f"{uuid4().hex[:12]}-"

    # ------------------------------------------------------------ publish and poll

    def test_records_say_what_was_published(self, log: Log, prefix: str) -> None:
        before = time.time()
        log.publish(PRODUCTS, [(f"{prefix}a", b"one"), (f"{prefix}b", None)])
        found = {record.key: record for record in drain(log, PRODUCTS, prefix, 2)}
        assert found[f"{prefix}a"].value == b"one"
        assert found[f"{prefix}b"].value is None
        for record in found.values():
            assert record.topic == PRODUCTS
            assert before - 5 <= record.timestamp <= time.time() + 5

    def test_records_of_a_key_share_a_partition_and_keep_their_order(
        self, log: Log, prefix: str
    ) -> None:
        for number in range(20):
            log.publish(COMMANDS, [(f"{prefix}{key}", b"%d" % number) for key in range(5)])
        records = drain(log, COMMANDS, prefix, 100)
        for key in range(5):
            mine = [record for record in records if record.key == f"{prefix}{key}"]
            assert [record.value for record in mine] == [b"%d" % number for number in range(20)]
            assert len({record.partition for record in mine}) == 1
            offsets = [record.offset for record in mine]
            assert offsets == sorted(set(offsets))

    def test_many_keys_use_every_partition(self, log: Log, prefix: str) -> None:
        log.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(200)])
        records = drain(log, COMMANDS, prefix, 200)
        assert len({record.partition for record in records}) > 1

    def test_poll_gives_at_most_its_limit_and_never_twice(self, log: Log, prefix: str) -> None:
        log.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(50)])
        polls: list[list[Record]] = []
        records = drain(log, COMMANDS, prefix, 50, limit=7, polls=polls)
        assert max(map(len, polls)) <= 7
        assert len({(record.partition, record.offset) for record in records}) == 50

    def test_poll_waits_for_a_record(self, log: Log, open_log: OpenLog, prefix: str) -> None:
        drain(log, PRODUCTS, prefix, 0)
        other = open_log()
        publisher = threading.Thread(target=other.publish, args=(PRODUCTS, [(f"{prefix}a", b"1")]))
        publisher.start()
        assert [record.key for record in log.poll(PRODUCTS, prefix, 1, SECONDS)] == [f"{prefix}a"]
        publisher.join()
        assert log.poll(PRODUCTS, prefix, 1, 0.0) == []

    def test_publishing_nothing_is_fine(self, log: Log) -> None:
        log.publish(PRODUCTS, [])

    @pytest.mark.parametrize("name", ["Größe 42", "中文", "🧥", "a b/c?d=e&f#g", "x" * 500, ""])
    def test_any_text_is_a_key(self, log: Log, prefix: str, name: str) -> None:
        log.publish(PRODUCTS, [(prefix + name, b"1")])
        assert [record.key for record in drain(log, PRODUCTS, prefix, 1)] == [prefix + name]

    def test_any_bytes_are_a_value(self, log: Log, prefix: str) -> None:
        values = {
            f"{prefix}0": b"",
            f"{prefix}1": bytes(range(256)),
            f"{prefix}2": b"z" * 1_000_000,
        }
        log.publish(PRODUCTS, list(values.items()))
        assert {r.key: r.value for r in drain(log, PRODUCTS, prefix, 3)} == values

    def test_unknown_topics_are_refused(self, log: Log, prefix: str) -> None:
        calls: list[Callable[[], object]] = [
            lambda: log.publish("nope", [(prefix, b"")]),
            lambda: log.poll("nope", prefix, 1),
            lambda: log.commit("nope", prefix, {0: 1}),
            lambda: log.lag("nope", prefix),
            lambda: list(log.read_all("nope")),
        ]
        for call in calls:
            with pytest.raises(ConfigError, match="nope"):
                call()

    # ------------------------------------------------------------ commit

    def test_what_was_not_committed_is_read_again(self, open_log: OpenLog, prefix: str) -> None:
        first = open_log()
        first.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(30)])
        before = keys(drain(first, COMMANDS, prefix, 30))
        first.close()
        assert keys(drain(open_log(), COMMANDS, prefix, 30)) == before

    def test_what_was_committed_is_not_read_again(self, open_log: OpenLog, prefix: str) -> None:
        first = open_log()
        first.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(30)])
        commit_all(first, COMMANDS, prefix, drain(first, COMMANDS, prefix, 30))
        first.close()
        second = open_log()
        second.publish(COMMANDS, [(f"{prefix}new", b"")])
        assert keys(drain(second, COMMANDS, prefix, 1)) == {f"{prefix}new"}

    def test_a_commit_means_this_record_and_all_before(
        self, open_log: OpenLog, prefix: str
    ) -> None:
        first = open_log()
        first.publish(COMMANDS, [(f"{prefix}a", b"%d" % n) for n in range(10)])
        fifth = drain(first, COMMANDS, prefix, 10)[4]
        first.commit(COMMANDS, prefix, {fifth.partition: fifth.offset})
        first.close()
        again = drain(open_log(), COMMANDS, prefix, 5)
        assert [record.value for record in again] == [b"5", b"6", b"7", b"8", b"9"]

    def test_groups_do_not_disturb_each_other(self, log: Log, prefix: str) -> None:
        log.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(10)])
        commit_all(log, COMMANDS, prefix, drain(log, COMMANDS, prefix, 10))
        other = drain(log, COMMANDS, prefix, 10, group=f"{prefix}other")
        assert len(keys(other)) == 10

    def test_lag_counts_what_is_not_committed(self, log: Log, prefix: str) -> None:
        # Enough keys to be the last record of every partition.
        log.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(200)])
        assert log.lag(COMMANDS, prefix) >= 200
        records = drain(log, COMMANDS, prefix, 200)
        assert log.lag(COMMANDS, prefix) >= 200, "polled is not committed"
        commit_all(log, COMMANDS, prefix, records)
        assert log.lag(COMMANDS, prefix) == 0
        log.publish(COMMANDS, [(f"{prefix}new", b"")])
        assert log.lag(COMMANDS, prefix) == 1

    # ------------------------------------------------------------ groups

    def test_two_members_share_the_partitions(self, open_log: OpenLog, prefix: str) -> None:
        first, second = open_log(), open_log()
        join(first, second, COMMANDS, prefix)
        first.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(200)])
        by_member: tuple[set[int], set[int]] = (set(), set())
        seen: list[str] = []
        deadline = time.monotonic() + SECONDS
        while len(seen) < 200 and time.monotonic() < deadline:
            for log, partitions in zip((first, second), by_member, strict=True):
                records = [r for r in log.poll(COMMANDS, prefix, 20, 0.1) if is_of(r, prefix)]
                partitions |= {record.partition for record in records}
                seen += [record.key for record in records]
        assert sorted(seen) == sorted(f"{prefix}{n}" for n in range(200))
        assert by_member[0], "the first member reads"
        assert by_member[1], "the second member reads"
        assert not by_member[0] & by_member[1]

    def test_partitions_of_a_closed_member_move(self, open_log: OpenLog, prefix: str) -> None:
        first, second = open_log(), open_log()
        join(first, second, COMMANDS, prefix)
        first.close()
        second.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(100)])
        assert len(keys(drain(second, COMMANDS, prefix, 100))) == 100

    def test_who_loses_partitions_may_still_commit_them(
        self, open_log: OpenLog, prefix: str
    ) -> None:
        first, second = open_log(), open_log()
        revoked: set[int] = set()
        done: dict[int, int] = {}

        def call(partitions: set[int]) -> None:
            revoked.update(partitions)
            mine = {p: offset for p, offset in done.items() if p in partitions}
            first.commit(COMMANDS, prefix, mine)

        first.on_revoked(COMMANDS, prefix, call)
        first.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(100)])
        for record in drain(first, COMMANDS, prefix, 100):
            done[record.partition] = record.offset
        deadline = time.monotonic() + SECONDS
        while not revoked and time.monotonic() < deadline:
            assert keys(first.poll(COMMANDS, prefix, 10, 0.1)) == set()
            second.poll(COMMANDS, prefix, 10, 0.1)
        assert revoked
        second.publish(COMMANDS, [(f"{prefix}new{n}", b"") for n in range(100)])
        moved: list[Record] = []
        # Both poll until it is over: who does not holds up the move, and commits meanwhile.
        while not any(record.partition in revoked for record in moved):
            assert time.monotonic() < deadline
            first.poll(COMMANDS, prefix, 10, 0.1)
            moved += second.poll(COMMANDS, prefix, 100, 0.1)
        first.close()
        moved += drain(second, COMMANDS, prefix, 100 - len(moved))
        assert keys(moved) == {f"{prefix}new{n}" for n in range(100)}

    def test_closing_hands_partitions_over_too(self, open_log: OpenLog, prefix: str) -> None:
        log, calls = open_log(), list[set[int]]()
        log.on_revoked(COMMANDS, prefix, calls.append)
        log.publish(COMMANDS, [(f"{prefix}a", b"")])
        (record,) = drain(log, COMMANDS, prefix, 1)
        log.close()
        assert record.partition in set[int]().union(*calls)

    def test_committing_a_partition_of_another_member_is_refused(
        self, open_log: OpenLog, prefix: str
    ) -> None:
        first, second = open_log(), open_log()
        first.publish(COMMANDS, [(f"{prefix}a", b"")])
        (record,) = drain(first, COMMANDS, prefix, 1)
        with pytest.raises(TransientError):
            second.commit(COMMANDS, prefix, {record.partition: record.offset})
        assert first.lag(COMMANDS, prefix) > 0

    # ------------------------------------------------------------ what is kept

    def test_compaction_keeps_the_last_value_of_a_key(self, log: Log, prefix: str) -> None:
        for number in range(5):
            log.publish(PRODUCTS, [(f"{prefix}{key}", b"%d" % number) for key in "ab"])
        log.publish(PRODUCTS, [(f"{prefix}c", b"1"), (f"{prefix}c", b"2")])
        kept = {r.key: r.value for r in log.read_all(PRODUCTS) if is_of(r, prefix)}
        assert kept == {f"{prefix}a": b"4", f"{prefix}b": b"4", f"{prefix}c": b"2"}

    def test_a_tombstone_removes_its_key_and_is_delivered(self, log: Log, prefix: str) -> None:
        log.publish(PRODUCTS, [(f"{prefix}a", b"1"), (f"{prefix}b", b"1")])
        log.publish(PRODUCTS, [(f"{prefix}a", None)])
        kept = {r.key: r.value for r in log.read_all(PRODUCTS) if is_of(r, prefix)}
        assert kept.get(f"{prefix}a") is None
        assert kept[f"{prefix}b"] == b"1"
        polled: dict[str, bytes | None] = {}
        deadline = time.monotonic() + SECONDS
        while polled.get(f"{prefix}a", b"") is not None and time.monotonic() < deadline:
            polled |= {record.key: record.value for record in log.poll(PRODUCTS, prefix, 50, 0.1)}
        assert polled[f"{prefix}a"] is None

    def test_read_all_goes_partition_by_partition(self, log: Log, prefix: str) -> None:
        log.publish(COMMANDS, [(f"{prefix}{n}", b"") for n in range(100)])
        everything = [record for record in log.read_all(COMMANDS) if is_of(record, prefix)]
        assert len(keys(everything)) == len(everything) == 100
        for partition in {record.partition for record in everything}:
            mine = [r for r in log.read_all(COMMANDS, partition) if is_of(r, prefix)]
            assert mine == [record for record in everything if record.partition == partition]
            assert [r.offset for r in mine] == sorted(r.offset for r in mine)

    def test_read_all_is_outside_any_group(self, log: Log, prefix: str) -> None:
        log.publish(PRODUCTS, [(f"{prefix}a", b"1")])
        assert f"{prefix}a" in keys(log.read_all(PRODUCTS))
        assert keys(drain(log, PRODUCTS, prefix, 1)) == {f"{prefix}a"}

    def test_closing_twice_is_harmless(self, open_log: OpenLog, prefix: str) -> None:
        log = open_log()
        log.poll(PRODUCTS, prefix, 1)
        log.close()
        log.close()

    # ------------------------------------------------------------ processes that are killed

    def test_what_publish_acknowledged_survives_a_kill(
        self, log: Log, settings_file: Path, prefix: str
    ) -> None:
        with process(PUBLISH_FOR_EVER, settings_file, prefix) as publisher:
            assert publisher.stdout
            acknowledged = [publisher.stdout.readline() for _ in range(40)]
            publisher.kill()
            acknowledged += publisher.stdout.readlines()
        complete = [line for line in acknowledged if line.endswith("\n")]
        assert len(complete) >= 40
        assert {f"{prefix}{line.strip()}" for line in complete} <= keys(log.read_all(PRODUCTS))

    def test_partitions_of_a_killed_member_move(
        self, log: Log, settings_file: Path, prefix: str
    ) -> None:
        log.publish(PRODUCTS, [(f"{prefix}{n}", b"") for n in range(40)])
        with process(POLL_AND_STAY, settings_file, prefix) as member:
            assert member.stdout
            assert member.stdout.readline() == "polled\n"
            member.kill()
        assert len(keys(drain(log, PRODUCTS, prefix, 40))) == 40

    def test_processes_publish_at_once(self, log: Log, settings_file: Path, prefix: str) -> None:
        names = [f"{prefix}{name}-" for name in "abc"]
        processes = [process(PUBLISH_SOME, settings_file, name) for name in names]
        for each in processes:
            with each:
                assert each.wait(SECONDS) == 0
        found = keys(drain(log, COMMANDS, prefix, 180))
        assert found == {f"{name}{number}" for name in names for number in range(60)}
