"""What a spout has in the air: sent in order, repeated with back-off, forgotten when revoked."""

from collections.abc import Iterable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from snapmode.ports import Record
from snapmode.topics import PRODUCTS
from topologies.storm.pending import Flight, Pending
from topologies.storm.tuples import message_id

TIMEOUT = 120.0


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def record(offset: int, partition: int = 0) -> Record:
    return Record(PRODUCTS, partition, offset, f"key {offset}", b"", 0.0)


def pending(clock: Clock, window: int = 4) -> Pending:
    return Pending(window, TIMEOUT, 30.0, clock)


def sent(flights: Pending) -> list[int]:
    """The offsets of everything that can be sent now."""
    found: list[int] = []
    while flight := flights.next():
        found.append(flight.record.offset)
    return found


def test_records_are_sent_once_in_their_order() -> None:
    flights = pending(Clock())
    flights.add([record(1), record(2)])
    flights.add([record(2), record(5)])
    assert sent(flights) == [1, 2, 5]


def test_there_is_room_for_what_is_not_in_the_air() -> None:
    flights = pending(Clock())
    flights.add(record(offset) for offset in range(6))
    assert flights.room == 0
    for offset in range(3):
        flights.done(f"0:{offset}")
    assert flights.room == 1


def test_a_failure_is_sent_again_after_a_while_before_anything_new() -> None:
    clock = Clock()
    flights = pending(clock)
    flights.add([record(1), record(2)])
    assert flights.next()
    assert flights.failed("0:1")
    clock.now += 0.1
    assert sent(flights) == [1, 2]
    assert flights.failed("0:1")
    assert sent(flights) == [], "it waits longer each time"


def test_what_a_bolt_failed_counts_and_what_timed_out_does_not() -> None:
    clock = Clock()
    flights = pending(clock)
    flights.add([record(1)])
    ages = [0.0, TIMEOUT - 1, TIMEOUT, 1.5 * TIMEOUT]
    for age, attempts in zip(ages, [1, 2, 2, 2], strict=True):
        clock.now += 60
        assert flights.next()
        clock.now += age
        flight = flights.failed("0:1")
        assert flight
        assert flight.attempts == attempts
    assert flight.failures == 4


def test_a_failure_told_twice_counts_once() -> None:
    flights = pending(Clock())
    flights.add([record(1)])
    assert flights.next()
    assert isinstance(flights.failed("0:1"), Flight)
    assert flights.failed("0:1") is None


def test_late_news_of_revoked_partitions_is_ignored() -> None:
    flights = pending(Clock())
    flights.add([record(1), record(2), record(1, partition=1)])
    assert sent(flights) == [1, 2, 1]
    flights.done("0:1")
    flights.revoked({0})
    flights.done("0:2")
    assert flights.failed("0:1") is None
    assert flights.ready() == {}
    flights.done("1:1")
    assert flights.ready() == {1: 1}


def test_what_comes_back_after_a_revocation_is_sent_again() -> None:
    flights = pending(Clock())
    flights.add([record(1)])
    assert sent(flights) == [1]
    flights.revoked({0})
    flights.add([record(1)])
    assert sent(flights) == [1]


class Spouting(RuleBasedStateMachine):
    """Random reads, acks, failures and revocations against a plain account of them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.flights = Pending(1_000, TIMEOUT, 30.0, self.clock)
        self.unacked: dict[str, Record] = {}
        self.read = {0: 0, 1: 0}
        """Partition → the last offset read."""
        self.committed = {0: 0, 1: 0}

    @rule(partition=st.sampled_from([0, 1]), gaps=st.lists(st.integers(1, 3), max_size=4))
    def polls(self, partition: int, gaps: list[int]) -> None:
        new = []
        for gap in gaps:
            self.read[partition] += gap
            new.append(record(self.read[partition], partition))
        self.flights.add(new)
        self.unacked |= {message_id(each): each for each in new}

    @rule(wait=st.sampled_from([0.0, 1.0, 31.0, TIMEOUT]))
    def sends(self, wait: float) -> None:
        self.clock.now += wait
        while flight := self.flights.next():
            assert message_id(flight.record) in self.unacked, "what is done is never sent again"

    @precondition(lambda self: self.unacked)
    @rule(data=st.data())
    def acks(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.unacked)))
        self.flights.done(name)
        del self.unacked[name]

    @precondition(lambda self: self.unacked)
    @rule(data=st.data())
    def fails(self, data: st.DataObject) -> None:
        self.flights.failed(data.draw(st.sampled_from(sorted(self.unacked))))

    @rule(offset=st.integers(0, 9), partition=st.sampled_from([0, 1, 2]))
    def acks_something_unknown(self, offset: int, partition: int) -> None:
        if f"{partition}:{offset}" not in self.unacked:
            self.flights.done(f"{partition}:{offset}")

    @rule(partition=st.sampled_from([0, 1]))
    def loses_a_partition(self, partition: int) -> None:
        """Its new owner reads on from the last commit; later it comes back to us, perhaps."""
        self.flights.revoked({partition})
        self.unacked = {
            name: each for name, each in self.unacked.items() if each.partition != partition
        }
        self.read[partition] = self.committed[partition]

    @rule(refused=st.booleans())
    def commits(self, refused: bool) -> None:
        ready = self.flights.ready()
        if not refused:
            self.committed |= ready
            self.flights.committed(ready)

    @invariant()
    def nothing_unacked_is_committed(self) -> None:
        for partition, offset in self.flights.ready().items():
            assert offset < self.first(partition)
        for partition, offset in self.committed.items():
            assert offset < self.first(partition)

    def first(self, partition: int) -> float:
        return min(self.offsets(partition), default=float("inf"))

    def offsets(self, partition: int) -> Iterable[int]:
        return (each.offset for each in self.unacked.values() if each.partition == partition)

    def teardown(self) -> None:
        for name in self.unacked:
            self.flights.done(name)
        self.committed |= self.flights.ready()
        assert self.committed == self.read, "everything acked gets committed"


TestSpouting = Spouting.TestCase
TestSpouting.settings = settings(max_examples=60, stateful_step_count=30)
