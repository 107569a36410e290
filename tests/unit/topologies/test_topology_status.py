import json
from dataclasses import replace
from pathlib import Path

import pytest

from snapmode.errors import TransientError
from snapmode.settings import load_settings
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.unit.topologies.fake_storm import FakeNimbus
from topologies import submit
from topologies.drawings import DRAWINGS, Drawing
from topologies.on_storm import Mishap, UnknownTopologyError
from topologies.sqlite_log import SqliteLog
from topologies.topology_status import ERRORS, Status, status


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = Drawing("tests.unit.topologies.fake_storm:drawing", PRODUCTS, "ingest")
    monkeypatch.setitem(DRAWINGS, "fake", drawing)


def submitted(config: Path, workers: int, nimbus: FakeNimbus) -> FakeNimbus:
    settings = load_settings(config, environ={"SNAPMODE_TOPOLOGY__WORKERS": str(workers)})
    submit.submit(nimbus, submit.prepare("fake", "mine", settings, {}))
    return nimbus


def test_a_topology_at_work(config: Path, house: House) -> None:
    nimbus = submitted(config, 2, FakeNimbus())
    house.log.publish(PRODUCTS, [("a", b"1"), ("b", b"2")])
    submit.wait_until_up(nimbus, "mine")
    found = status(nimbus, house.log, "mine")
    assert (found.up, found.waits, found.asked, found.lag) == (True, "", 2, 2)
    report = json.loads(json.dumps(found.report()))
    assert report["workers"] == ["10.0.0.1:6700", "10.0.0.1:6701"]
    assert report["components"][0] == {
        "name": "products",
        "tasks": 1,
        "up": 1,
        "emitted": 7,
        "acked": 5,
        "failed": 1,
        "latency_ms": 2.5,
    }


@pytest.mark.parametrize(
    ("slots", "says"),
    [
        (0, "waits for a supervisor: Nimbus knows none"),
        (1, "waits for a free slot: 1 of 2 workers, 1 slots in all"),
        (2, "waits for its tasks to start"),
    ],
)
def test_what_it_waits_for_is_said(config: Path, house: House, slots: int, says: str) -> None:
    found = status(submitted(config, 2, FakeNimbus(slots)), house.log, "mine")
    assert found.waits == says
    assert not found.up


def test_what_the_scheduler_says_is_said(config: Path, house: House) -> None:
    found = status(submitted(config, 2, FakeNimbus()), house.log, "mine")
    details = replace(found.details, workers=[], placing="Not enough resources: gpu.count=2.0")
    waits = replace(found, details=details).waits
    assert waits == "waits to be placed: Not enough resources: gpu.count=2.0"


def test_a_killed_topology_waits_for_nothing(config: Path, house: House) -> None:
    found = status(submitted(config, 2, FakeNimbus(0)), house.log, "mine")
    killed = replace(found, running=replace(found.running, state="KILLED"))
    assert (killed.up, killed.waits) == (False, "")


def test_the_newest_errors_are_told(config: Path, house: House) -> None:
    nimbus = submitted(config, 1, FakeNimbus())
    nimbus.mishaps = [
        Mishap("embed", at, "10.0.0.1", "Traceback …\nMilvus is away, trying again")
        for at in range(ERRORS + 2, 0, -1)
    ]
    told = status(nimbus, house.log, "mine").report()["errors"]
    assert [one["at"] for one in told] == [7, 6, 5, 4, 3]
    assert nimbus.mishaps[0].summary == "Milvus is away, trying again"


class AwayLog(SqliteLog):
    def lag(self, topic: str, group: str) -> int:
        raise TransientError("Kafka at 127.0.0.1:1 is away")


def test_a_log_that_is_away_is_part_of_the_answer(config: Path, tmp_path: Path) -> None:
    nimbus = submitted(config, 1, FakeNimbus())
    log = AwayLog(tmp_path / "log.sqlite")
    found: Status = status(nimbus, log, "mine")
    log.close()
    assert (found.lag, found.lag_problem) == (None, "Kafka at 127.0.0.1:1 is away")


def test_an_unknown_topology_is_named(config: Path, house: House) -> None:
    with pytest.raises(UnknownTopologyError, match=r"no topology 'x' .* there are: none"):
        status(FakeNimbus(), house.log, "x")
