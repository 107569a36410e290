import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from

from crawler import lag_gate
from crawler.lag_gate import LagGate
from tests.unit.crawler.conftest import now


class Topic:
    """What was published and not yet ingested."""

    def __init__(self, lag: int = 0) -> None:
        self.lag = lag
        self.readings = 0

    async def read(self) -> int:
        self.readings += 1
        return self.lag


def test_nothing_may_be_taken_before_the_lag_is_known() -> None:
    gate = LagGate(10, Topic().read)
    assert gate.room(0) == 0
    now(gate.refresh())
    assert gate.room(0) == 10


@given(
    integers(1, 30),
    lists(sampled_from(["take", "publish", "done", "ingest", "read"]), max_size=200),
)
def test_the_lag_never_passes_the_maximum(most: int, events: list[str]) -> None:
    topic, taken, told = Topic(), 0, 0
    gate = LagGate(most, topic.read)
    for event in events:
        in_flight = taken + told
        if event == "take" and gate.room(in_flight) > 0:
            taken += 1
        elif event == "publish" and taken:
            taken, told = taken - 1, told + 1
            topic.lag += 1
            gate.count()
        elif event == "done" and in_flight:
            taken, told = (taken, told - 1) if told else (taken - 1, told)
        elif event == "ingest":
            topic.lag = max(0, topic.lag - 3)
        elif event == "read":
            now(gate.refresh())
        assert topic.lag <= most


def test_a_product_published_during_a_reading_counts() -> None:
    async def read() -> int:
        gate.count()  # this one came too late to be seen
        return 4

    gate = LagGate(10, read)
    now(gate.refresh())
    assert gate.room(0) == 5


def test_far_below_the_maximum_the_log_is_asked_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(lag_gate.time, "monotonic", lambda: clock[0])
    topic = Topic()
    gate = LagGate(10_000, topic.read)

    def readings(in_flight: int, seconds: int) -> int:
        before = topic.readings
        for _ in range(100 * seconds):
            clock[0] += 0.01
            if gate.due(in_flight):
                now(gate.refresh())
        return topic.readings - before

    assert readings(16, 20) <= 5
    topic.lag = 9_990
    now(gate.refresh())
    assert 30 <= readings(16, 10) <= 40  # near it four times a second
