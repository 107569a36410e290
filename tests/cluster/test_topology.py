"""`snapmode topology` and `sparse` against a real Nimbus and its supervisors."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.engines import CLUSTER, Engines, apart
from tests.processes import COMMAND
from topologies.nimbus import Nimbus
from topologies.submit import wait_until_up

pytestmark = pytest.mark.cluster

Report = dict[str, Any]


class Topologies:
    """`snapmode topology` on the engines, under a name of the test's own."""

    def __init__(self, engines: Engines) -> None:
        self.nimbus = engines.settings("zookeeper", "kafka", "storm").topology.nimbus
        self.environ = {"SNAPMODE_TOPOLOGY__VIRTUALENV": sys.prefix, **engines.environ, **apart()}
        self.name = f"t{uuid4().hex[:8]}"

    def run(
        self, *arguments: str, code: int = 0, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        topology = {f"SNAPMODE_{key.upper()}": value for key, value in settings.items()}
        done = subprocess.run(
            [*COMMAND, "topology", *arguments, "--config", str(CLUSTER)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={**self.environ, **topology},
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stderr}"
        return done

    def submit(self, *options: str, code: int = 0, **settings: str) -> str:
        return self.run(
            "submit", "ingest", "--name", self.name, *options, code=code, **settings
        ).stderr

    def status(self, up: bool = True, **settings: str) -> Report:
        code = 0 if up else 1
        found = self.run("status", self.name, "--json", code=code, **settings)
        report: Report = json.loads(found.stdout)
        return report

    def names(self) -> list[str]:
        return [one["name"] for one in json.loads(self.run("list", "--json").stdout)]

    def kill(self, name: str | None = None) -> None:
        self.run("kill", name or self.name, "--wait", "0")


@pytest.fixture
def topologies(engines: Engines) -> Iterator[Topologies]:
    made = Topologies(engines)
    yield made
    if made.name in made.names():
        made.kill()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, f"not true after {seconds} s"
        time.sleep(0.5)


def test_from_submit_to_kill(topologies: Topologies) -> None:
    told = topologies.submit("--wait", images__secret="hush")
    assert "SNAPMODE_IMAGES__SECRET" in told
    assert "hush" not in told
    report = topologies.status()
    assert (report["state"], report["up"], report["lag"], report["waits"]) == (
        "ACTIVE",
        True,
        0,
        "",
    )
    assert [(part["name"], part["tasks"], part["up"]) for part in report["components"]] == [
        ("products", 1, 1),
        ("embed", 1, 1),
        ("index", 1, 1),
    ]
    with Nimbus(topologies.nimbus) as nimbus:
        options = nimbus.details(report["id"]).options
    sent = options["topology.environment"]
    assert sent["SNAPMODE_LOG__PREFIX"] == topologies.environ["SNAPMODE_LOG__PREFIX"]
    assert "hush" not in json.dumps(options)
    topologies.kill()
    assert topologies.name not in topologies.names()
    assert "no topology" in topologies.run("status", topologies.name, code=1).stderr


def test_a_running_name_is_refused_and_replaced(topologies: Topologies) -> None:
    topologies.submit("--wait")
    first = topologies.status()["id"]
    assert "use --replace" in topologies.submit(code=1)
    assert topologies.status()["id"] == first
    topologies.submit("--replace", "--kill-wait", "1", "--wait", topology__embed_bolts="2")
    second = topologies.status()
    assert second["id"] != first
    assert {part["name"]: part["up"] for part in second["components"]}["embed"] == 2


def test_no_free_slot_is_said(topologies: Topologies, engines: Engines) -> None:
    with Nimbus(topologies.nimbus) as nimbus:
        topologies.submit("--wait", topology__workers=str(nimbus.slots()[1]))
        until(lambda: nimbus.slots()[0] == 0)
    second = Topologies(engines)
    second.submit(topology__workers="2")
    try:
        until(lambda: second.status(up=False)["waits"].startswith("waits for a free slot: 0 of 2"))
    finally:
        second.kill()


def test_a_log_that_is_away_shows_in_the_status(topologies: Topologies) -> None:
    away = {"log__servers": "127.0.0.1:1"}
    topologies.submit("--wait", **away)

    def shown() -> bool:
        report = topologies.status(**away)
        assert report["lag"] is None
        return any(one["component"] == "products" for one in report["errors"])

    until(shown, 120)
    report = topologies.status(**away)
    assert "127.0.0.1:1" in report["lag_problem"]
    assert "127.0.0.1:1" in report["errors"][0]["error"]


def test_nimbus_away_is_said_with_its_address(topologies: Topologies) -> None:
    for command in (["list"], ["status", "x"], ["kill", "x"], ["submit", "ingest"]):
        away = topologies.run(*command, code=1, topology__nimbus="127.0.0.1:1").stderr
        assert "Nimbus at 127.0.0.1:1 is away" in away


def test_what_storm_refuses_is_a_wrong_setting(topologies: Topologies) -> None:
    options = '{"topology.message.timeout.secs" = "soon"}'
    told = topologies.submit(code=2, topology__options=options)
    assert "refuses the topology" in told
    assert "TOPOLOGY_MESSAGE_TIMEOUT_SECS" in told


def test_nobody_outside_can_reach_nimbus_or_a_worker(topologies: Topologies) -> None:
    """127.0.0.2 reaches what listens on every interface, and not what listens on 127.0.0.1."""
    topologies.submit("--wait")
    for address in (topologies.nimbus, *topologies.status()["workers"]):
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 5):
            pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), 5)


def test_sparse_submit_works_from_the_build_folder(topologies: Topologies, tmp_path: Path) -> None:
    folder = tmp_path / "build"
    topologies.run("build", str(folder))
    sparse = Path(sys.executable).with_name("sparse")
    arguments = ("submit", "-e", "cluster", "-n", "ingest", "-j", "snapmode.jar")
    done = subprocess.run(
        [sparse, *arguments, "--override_name", topologies.name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "LEIN_ROOT": "1"},  # it refuses root without, though it runs no lein
    )
    assert done.returncode == 0, done.stdout + done.stderr

    with Nimbus(topologies.nimbus) as nimbus:
        wait_until_up(nimbus, topologies.name)
    assert topologies.status()["lag"] == 0
