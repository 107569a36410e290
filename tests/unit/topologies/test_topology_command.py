import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from snapmode.topics import PRODUCTS
from tests.unit.topologies.fake_storm import FakeNimbus
from topologies import submit, topology_command
from topologies.drawings import DRAWINGS, Drawing
from topologies.on_storm import Mishap
from topologies.topology_command import app


@pytest.fixture
def nimbus(monkeypatch: pytest.MonkeyPatch) -> FakeNimbus:
    """What every command connects to."""
    fake = FakeNimbus()
    monkeypatch.setattr(topology_command, "NIMBUS", "tests.unit.topologies.fake_storm:connected")
    monkeypatch.setattr("tests.unit.topologies.fake_storm.CONNECTED", fake)
    monkeypatch.setattr(submit, "PAUSE", 0)
    drawing = Drawing("tests.unit.topologies.fake_storm:drawing", PRODUCTS, "ingest")
    monkeypatch.setitem(DRAWINGS, "fake", drawing)
    return fake


@pytest.fixture
def run(config: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.setenv("SNAPMODE_CONFIG", str(config))
    monkeypatch.setenv("SNAPMODE_DATA_FOLDER", str(data))
    monkeypatch.setenv("COLUMNS", "200")
    return Run()


class Run:
    """`snapmode topology ARGUMENTS`."""

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, arguments)


def test_submit_list_status_kill(nimbus: FakeNimbus, run: Run) -> None:
    assert run("submit", "fake", "--name", "mine", "--wait").exit_code == 0
    assert "mine" in run("list").stdout
    [listed] = json.loads(run("list", "--json").stdout)
    assert (listed["name"], listed["state"], listed["workers"]) == ("mine", "ACTIVE", 1)
    report = json.loads(run("status", "mine", "--json").stdout)
    assert (report["up"], report["lag"], report["workers_asked"]) == (True, 0, 1)
    killed = run("kill", "mine", "--wait", "3")
    assert (killed.exit_code, nimbus.killed) == (0, [("mine", 3)])
    assert run("list").stdout.strip() == "no topology"


def test_status_shows_errors_and_counts(nimbus: FakeNimbus, run: Run) -> None:
    run("submit", "fake", "--wait")
    nimbus.mishaps = [Mishap("embed", 0, "10.0.0.1", "[milvus] is away, trying again")]
    shown = run("status", "fake").stdout
    assert "fake: ACTIVE, up for 0 s, 1 of 1 workers, log lag 0" in shown
    assert "1970-01-01 00:00:00 UTC embed on 10.0.0.1: [milvus] is away, trying again" in shown
    assert ["products", "1", "of", "1", "7", "5", "1", "2.5", "ms"] in [
        line.split() for line in shown.splitlines()
    ]


def test_status_says_what_it_waits_for_and_ends_with_1(nimbus: FakeNimbus, run: Run) -> None:
    nimbus.total = 0
    run("submit", "fake")
    found = run("status", "fake")
    assert found.exit_code == 1
    assert "waits for a supervisor" in found.stdout


def test_names_of_secrets_are_told_and_their_values_are_not(
    nimbus: FakeNimbus, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNAPMODE_IMAGES__SECRET", "hush")
    told = run("build", str(tmp_path / "build"))
    assert told.exit_code == 0
    assert "SNAPMODE_IMAGES__SECRET" in told.stderr
    assert "hush" not in told.output
