"""KafkaLog keeps the contract of `Log`, and promises of its own."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, MemberToRemove

from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.ports import Record
from snapmode.topics import COMMANDS, PRODUCTS, TOPICS
from tests.contract.log_contract import LogContract
from tests.contract.log_driving import SECONDS
from tests.engines import Engines
from topologies.kafka_brokers import MAX_MESSAGE
from topologies.kafka_log import KafkaLog

pytestmark = pytest.mark.cluster


@pytest.fixture
def table(engines: Engines) -> dict[str, object]:
    """Topics of this test alone."""
    log = engines.settings("kafka").log
    return {
        "adapter": log.adapter,
        **log.arguments,
        "prefix": f"{uuid4().hex[:8]}-",
        "partitions": 4,
    }


class TestKafkaLog(LogContract):
    """The `table` above."""


def open_log(table: dict[str, object], **changes: object) -> KafkaLog:
    arguments = {key: value for key, value in table.items() if key != "adapter"}
    return KafkaLog(**{**arguments, **changes})  # type: ignore[arg-type] # checked by the wiring


@pytest.fixture
def log(table: dict[str, object]) -> Iterator[KafkaLog]:
    opened = open_log(table)
    yield opened
    opened.close()


@pytest.fixture
def admin(table: dict[str, object]) -> Iterator[KafkaAdminClient]:
    with KafkaAdminClient(bootstrap_servers=str(table["servers"]).split(",")) as opened:
        yield opened


def settings_of(admin: KafkaAdminClient, name: str) -> dict[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, name)
    found = admin.describe_configs([resource], config_filter="all")["topic"][name]
    return {key: value["value"] for key, value in found.items()}


def owned(log: KafkaLog, topic: str, group: str, number: int) -> list[Record]:
    """Poll until so many records came."""
    found: list[Record] = []
    deadline = time.monotonic() + SECONDS
    while len(found) < number and time.monotonic() < deadline:
        found += log.poll(topic, group, 100, 1.0)
    assert len(found) >= number
    return found


# ---------------------------------------------------------------- topics


def test_topics_are_made_as_they_are_needed(
    log: KafkaLog, admin: KafkaAdminClient, table: dict[str, object]
) -> None:
    for name in TOPICS:
        log.publish(name, [("a", b"1")])
    for topic in TOPICS.values():
        made = f"{table['prefix']}{topic.name}"
        settings = settings_of(admin, made)
        assert settings["cleanup.policy"] == ("compact" if topic.compacted else "delete")
        assert int(settings["max.message.bytes"]) > MAX_MESSAGE
        week = str(7 * 86_400_000)
        assert settings["delete.retention.ms" if topic.compacted else "retention.ms"] == week
        assert len(admin.describe_topics([made])[0]["partitions"]) == 4


def test_many_may_make_a_topic_at_once(table: dict[str, object]) -> None:
    logs = [open_log(table) for _ in range(6)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda log: log.publish(COMMANDS, [("a", b"1")]), logs))
    assert len(list(logs[0].read_all(COMMANDS))) == 6
    for each in logs:
        each.close()


def test_a_topic_that_would_lose_records_is_refused(
    log: KafkaLog, admin: KafkaAdminClient, table: dict[str, object]
) -> None:
    name = f"{table['prefix']}{PRODUCTS}"
    admin.create_topics({name: {"configs": {"cleanup.policy": "delete"}}}, wait_for_metadata=True)
    with pytest.raises(ConfigError, match=f"{name}.*cleanup.policy=compact"):
        log.publish(PRODUCTS, [("a", b"1")])


def test_another_number_of_partitions_is_told_and_used(
    log: KafkaLog,
    admin: KafkaAdminClient,
    table: dict[str, object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = f"{table['prefix']}{COMMANDS}"
    admin.create_topics({name: {"num_partitions": 2}}, wait_for_metadata=True)
    log.publish(COMMANDS, [(str(n), b"") for n in range(50)])
    assert {record.partition for record in log.read_all(COMMANDS)} == {0, 1}
    assert f"{name} has 2 partitions" in caplog.text


def test_more_copies_than_brokers_are_refused(table: dict[str, object]) -> None:
    log = open_log(table, replication=9)
    with pytest.raises(ConfigError, match="ReplicationFactor"):
        log.publish(PRODUCTS, [("a", b"1")])
    log.close()


# ---------------------------------------------------------------- publish


def test_the_producer_neither_loses_nor_repeats(log: KafkaLog) -> None:
    producer = log._connected()
    assert producer.config["enable_idempotence"]
    assert producer.config["acks"] == -1, "all"
    assert producer.config["linger_ms"] == 0


def test_a_message_too_big_is_refused_by_its_key(log: KafkaLog) -> None:
    with pytest.raises(RejectedError, match="'huge'"):
        log.publish(PRODUCTS, [("small", b"1"), ("huge", b"z" * (MAX_MESSAGE + 1))])
    big = os.urandom(MAX_MESSAGE - 10_000)
    log.publish(COMMANDS, [("big", big)])
    assert [record.value for record in log.read_all(COMMANDS)] == [big]
    assert [record.value for record in owned(log, COMMANDS, "g", 1)] == [big]


def test_a_topic_with_a_smaller_limit_refuses_by_key_too(
    log: KafkaLog, admin: KafkaAdminClient, table: dict[str, object]
) -> None:
    configs = {"cleanup.policy": "compact", "max.message.bytes": "2000"}
    admin.create_topics(
        {f"{table['prefix']}{PRODUCTS}": {"num_partitions": 4, "configs": configs}},
        wait_for_metadata=True,
    )
    with pytest.raises(RejectedError, match="'random'"):
        log.publish(PRODUCTS, [("random", os.urandom(4000))])
    log.publish(PRODUCTS, [("after", b"1")])


def test_text_that_is_no_unicode_is_no_key(log: KafkaLog) -> None:
    with pytest.raises(RejectedError, match="udc80"):
        log.publish(PRODUCTS, [("\udc80", b"1")])


# ---------------------------------------------------------------- groups


def test_partitions_are_handed_over_in_the_thread_that_polls(
    log: KafkaLog, table: dict[str, object]
) -> None:
    other, threads = open_log(table), set[int]()
    log.on_revoked(COMMANDS, "g", lambda _: threads.add(threading.get_ident()))
    log.publish(COMMANDS, [(str(n), b"") for n in range(40)])
    owned(log, COMMANDS, "g", 40)
    deadline = time.monotonic() + SECONDS
    while not threads and time.monotonic() < deadline:
        other.poll(COMMANDS, "g", 10, 0.1)
        log.poll(COMMANDS, "g", 10, 0.1)
    log.close()
    other.close()
    assert threads == {threading.get_ident()}


def test_who_was_thrown_out_is_told_and_may_not_commit(
    log: KafkaLog, admin: KafkaAdminClient, table: dict[str, object]
) -> None:
    log.publish(COMMANDS, [("a", b"1")])
    (record,) = owned(log, COMMANDS, "g", 1)
    lost = list[set[int]]()
    log.on_revoked(COMMANDS, "g", lost.append)
    group = f"{table['prefix']}g.{COMMANDS}"
    (member,) = admin.describe_groups([group])[group]["members"]
    admin.remove_group_members(group, [MemberToRemove(member_id=member["member_id"])])
    with pytest.raises(TransientError):
        log.commit(COMMANDS, "g", {record.partition: record.offset})
    assert [each.key for each in owned(log, COMMANDS, "g", 1)] == ["a"], "it joins again"
    assert lost == [{0, 1, 2, 3}]


def test_joining_overruns_no_wait(log: KafkaLog) -> None:
    log.publish(COMMANDS, [("a", b"1")])
    started = time.monotonic()
    assert log.poll(COMMANDS, "g", 1, 0.0) == []
    assert time.monotonic() - started < 0.1, "it has not even connected"
    owned(log, COMMANDS, "g", 1)


def test_a_commit_never_goes_back(log: KafkaLog) -> None:
    log.publish(COMMANDS, [("a", b"1"), ("a", b"2")])
    first, last = owned(log, COMMANDS, "g", 2)
    log.commit(COMMANDS, "g", {last.partition: last.offset})
    log.commit(COMMANDS, "g", {first.partition: first.offset})
    assert log.lag(COMMANDS, "g") == 0


# ---------------------------------------------------------------- gaps


def test_lag_and_reading_pass_over_what_compaction_removed(
    log: KafkaLog, admin: KafkaAdminClient, table: dict[str, object]
) -> None:
    log.publish(PRODUCTS, [("a", b"first")])
    name = f"{table['prefix']}{PRODUCTS}"
    eager = {"min.compaction.lag.ms": "0", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01"}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, eager)])
    (record,) = owned(log, PRODUCTS, "g", 1)
    log.commit(PRODUCTS, "g", {record.partition: record.offset})
    deadline = time.monotonic() + SECONDS
    while (kept := list(log.read_all(PRODUCTS)))[0].offset < 10:
        log.publish(PRODUCTS, [("a", b"%d" % n) for n in range(20)])
        assert time.monotonic() < deadline, "compaction takes place"
        time.sleep(0.3)
    assert log.lag(PRODUCTS, "g") >= len(kept)
    rest = owned(log, PRODUCTS, "g", 1)
    while more := log.poll(PRODUCTS, "g", 100, 1.0):
        rest += more
    log.commit(PRODUCTS, "g", {record.partition: rest[-1].offset})
    assert log.lag(PRODUCTS, "g") == 0


def test_lag_is_0_before_marks_that_are_no_records(log: KafkaLog, table: dict[str, object]) -> None:
    log.publish(COMMANDS, [("a", b"1")])
    (record,) = owned(log, COMMANDS, "g", 1)
    servers = str(table["servers"]).split(",")
    producer = KafkaProducer(bootstrap_servers=servers, transactional_id=str(table["prefix"]))
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(f"{table['prefix']}{COMMANDS}", b"2", b"a", partition=record.partition)
    producer.commit_transaction()
    producer.close()
    (last,) = owned(log, COMMANDS, "g", 1)
    assert log.lag(COMMANDS, "g") > 0
    log.commit(COMMANDS, "g", {last.partition: last.offset})
    assert log.lag(COMMANDS, "g") == 0
    assert [each.value for each in log.read_all(COMMANDS)] == [b"1", b"2"]


def test_lag_may_be_asked_by_many_threads(log: KafkaLog) -> None:
    log.publish(COMMANDS, [(str(n), b"") for n in range(30)])
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: log.lag(COMMANDS, "g"), range(40))) == {30}


# ---------------------------------------------------------------- away, and wrong settings


@pytest.fixture(params=["nobody there", "silent"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of brokers that are away: they refuse, or say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        if request.param == "silent":
            yield address
            return
    yield address


def test_brokers_that_are_away_are_told_in_time(nowhere: str) -> None:
    log = KafkaLog(servers=nowhere, timeout=1.0)
    calls: list[Callable[[], object]] = [
        lambda: log.publish(PRODUCTS, [("a", b"1")]),
        lambda: log.poll(PRODUCTS, "g", 1, SECONDS),
        lambda: log.commit(PRODUCTS, "g", {0: 1}),
        lambda: log.lag(PRODUCTS, "g"),
        lambda: list(log.read_all(PRODUCTS)),
    ]
    started = time.monotonic()
    for call in calls:
        with pytest.raises(TransientError):
            call()
    log.close()
    assert time.monotonic() - started < SECONDS / 2


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"servers": "somewhere"}, "servers"),
        ({"security_protocol": "TELEPATHY"}, "security_protocol"),
        ({"security_protocol": "SASL_SSL", "username": "me"}, "password"),
        ({"ca_file": Path("/nowhere.pem")}, "ca_file"),
    ],
)
def test_settings_that_can_not_work_are_refused(changes: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        open_log({"servers": "127.0.0.1:9092"}, **changes)


def test_a_session_shorter_than_the_brokers_allow_is_refused(table: dict[str, object]) -> None:
    log = open_log(table, session_timeout=0.5)
    with pytest.raises(ConfigError, match="SessionTimeout"):
        log.poll(COMMANDS, "g", 1, SECONDS)
    log.close()


def test_the_password_stays_secret(nowhere: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    log = KafkaLog(
        servers=nowhere,
        timeout=0.5,
        security_protocol="SASL_PLAINTEXT",
        username="me",
        password="open sesame",
    )
    with pytest.raises(TransientError) as raised:
        log.lag(PRODUCTS, "g")
    log.close()
    assert "sesame" not in f"{raised.value}{log!r}{caplog.text}"
