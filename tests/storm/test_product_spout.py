"""The spout over its pipe: everything is sent, replayed, committed or put aside, never lost."""

from typing import Any

import pytest

from snapmode.codec import encode
from snapmode.dead_letters import read
from snapmode.errors import TransientError
from snapmode.ingest import GROUP
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.fakes import product
from tests.storm.conftest import Pipe
from topologies.storm import product_spout
from topologies.storm.product_spout import ProductSpout
from topologies.storm.tuples import parcel

pytestmark = pytest.mark.cluster


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product_spout, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(product_spout, "COMMIT_SECONDS", 0.0)


class SpoutPipe(Pipe):
    def sends(self) -> dict[str, Any] | None:
        """What the spout answers to `next`: a tuple or nothing; always a sync."""
        self.said()
        self.send({"command": "next"})
        *emitted, sync = [each for each in self.said() if each["command"] != "error"]
        assert sync == {"command": "sync"}
        return emitted[0] if emitted else None

    def sends_soon(self, tries: int = 1_000) -> dict[str, Any]:
        return next(sent for _ in range(tries) if (sent := self.sends()))

    def all(self) -> list[str]:
        """The ids of everything it sends until it has nothing more."""
        found = []
        while sent := self.sends():
            found.append(sent["id"])
        return found

    def ack(self, *ids: str) -> None:
        for each in ids:
            self.send({"command": "ack", "id": each})

    def fail(self, *ids: str) -> None:
        for each in ids:
            self.send({"command": "fail", "id": each})


@pytest.fixture
def pipe(house: House) -> SpoutPipe:
    return SpoutPipe(ProductSpout, house)


def publish(house: House, *names: str) -> None:
    house.log.publish(PRODUCTS, [(name, encode(product(name))) for name in names])


def lag(house: House) -> int:
    return house.log.lag(PRODUCTS, GROUP)


def test_one_record_for_each_next(house: House, pipe: SpoutPipe) -> None:
    publish(house, "a", "b", "c")
    sent = pipe.sends()
    assert sent
    assert sent["tuple"][0] == "a"
    assert sent["tuple"][1] == sent["id"]
    assert parcel(sent["tuple"]).record.value == encode(product("a"))
    assert len(pipe.all()) == 2


def test_nothing_to_send_is_a_sync(pipe: SpoutPipe) -> None:
    assert pipe.sends() is None


def test_what_is_acked_is_committed_and_no_more(house: House, pipe: SpoutPipe) -> None:
    publish(house, *(f"p{n}" for n in range(6)))
    ids = pipe.all()
    assert lag(house) == 6
    pipe.ack(*ids[1:])
    assert lag(house) > 0
    pipe.ack(ids[0])
    assert lag(house) == 0


def test_no_more_is_in_the_air_than_storm_allows(house: House, pipe: SpoutPipe) -> None:
    publish(house, *(f"p{n}" for n in range(12)))
    ids = pipe.all()
    assert len(ids) == 8
    pipe.ack(*ids[:3])
    assert len(pipe.all()) == 3


def test_a_member_polls_now_and_then_though_there_is_no_room(
    house: House, pipe: SpoutPipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(house, *(f"p{n}" for n in range(12)))
    assert len(pipe.all()) == 8
    monkeypatch.setattr(product_spout, "MEMBER_SECONDS", 0.0)
    assert pipe.sends()


def test_a_failure_is_replayed_with_its_attempts(house: House, pipe: SpoutPipe) -> None:
    publish(house, "a")
    (name,) = pipe.all()
    pipe.fail(name)
    again = pipe.sends_soon()
    assert (again["id"], parcel(again["tuple"]).attempts) == (name, 1)
    pipe.ack(name)
    assert (lag(house), read(house.log)) == (0, [])


def test_what_fails_too_often_is_put_aside_and_done(house: House, pipe: SpoutPipe) -> None:
    publish(house, "a")
    for _ in range(3):
        pipe.fail(pipe.sends_soon()["id"])
    assert pipe.sends() is None
    (one,) = read(house.log)
    assert (one.stage, one.key, one.attempts) == ("ingest", "a", 3)
    assert one.value == encode(product("a"))
    assert lag(house) == 0


def test_what_times_out_is_replayed_for_ever(house: House, pipe: SpoutPipe) -> None:
    pipe.component.pending._timeout = 0.0
    publish(house, "a")
    for _ in range(9):
        pipe.fail(pipe.sends_soon()["id"])
    assert parcel(pipe.sends_soon()["tuple"]).attempts == 0
    assert read(house.log) == []


def test_news_of_unknown_tuples_is_ignored(pipe: SpoutPipe) -> None:
    pipe.ack("0:99")
    pipe.fail("0:99")
    assert [each["command"] for each in pipe.said()] == ["sync", "sync"]


def test_a_log_that_is_away_is_left_alone_for_a_while_and_shown(
    house: House, pipe: SpoutPipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(house, "a")
    poll = house.log.poll
    calls = []

    def away(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) < 4:
            raise TransientError("Kafka is away")
        return poll(*arguments)

    monkeypatch.setattr(house.log, "poll", away)
    pipe.send({"command": "next"})
    shown, sync = pipe.said()
    assert shown == {"command": "error", "msg": "Kafka is away; trying again in 0.0 s"}
    assert sync == {"command": "sync"}
    assert pipe.sends_soon()
    assert len(calls) == 4


def test_a_refused_commit_is_made_up_for(
    house: House, pipe: SpoutPipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(house, "a", "b")
    failures = iter(range(2))
    commit = house.log.commit

    def refused(*arguments: Any) -> None:
        if next(failures, None) is not None:
            raise TransientError("Kafka is away")
        commit(*arguments)

    monkeypatch.setattr(house.log, "commit", refused)
    pipe.ack(*pipe.all())
    assert lag(house) == 2
    while lag(house):
        assert pipe.sends() is None


def test_the_last_ack_is_committed_at_once(
    house: House, pipe: SpoutPipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product_spout, "COMMIT_SECONDS", 3600.0)
    publish(house, "a", "b")
    first, last = pipe.all()
    pipe.ack(first)
    assert lag(house) == 2
    pipe.ack(last)
    assert lag(house) == 0


def test_a_deactivated_spout_commits_at_every_ack(
    house: House, pipe: SpoutPipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product_spout, "COMMIT_SECONDS", 3600.0)
    publish(house, "a", "b")
    first, second = pipe.all()
    pipe.ack(first)
    assert lag(house) == 2
    pipe.send({"command": "deactivate"})
    assert lag(house) == 1
    pipe.ack(second)
    assert lag(house) == 0
    pipe.send({"command": "activate"})


def test_two_members_share_the_topic_and_lose_nothing(house: House, other_house: House) -> None:
    """What a member has in the air of a partition that leaves it is sent by its new owner."""
    publish(house, *(f"p{n}" for n in range(8)))
    first = SpoutPipe(ProductSpout, house)
    mine = first.all()
    assert len(mine) == 8
    first.ack(mine[0])
    second = SpoutPipe(ProductSpout, other_house)
    second.sends()
    first.sends()
    theirs = second.all()
    assert theirs, "partitions moved"
    first.ack(*mine)
    first.sends()
    assert lag(house) == len(set(theirs)), "late acks commit nothing of theirs"
    second.ack(*theirs)
    second.sends()
    assert lag(house) == 0
