import json
import subprocess
import sys
from pathlib import Path

import pytest

from engines import storm
from engines.place import Place
from engines.server import NotReadyError, Server


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "engines", tmp_path / "cache")


def servers(place: Place) -> dict[str, Server]:
    return {server.name: server for server in storm.servers(place)}


def test_each_daemon_gets_a_home(place: Place) -> None:
    supervisor = servers(place)["supervisor"]
    supervisor.before()
    supervisor.before()  # a second start
    settings = json.loads((supervisor.folder / "conf" / "storm.yaml").read_text())
    assert settings["nimbus.thrift.port"] == int(
        storm.environment(place)["SNAPMODE_TOPOLOGY__NIMBUS"].rpartition(":")[2]
    )
    assert len(set(settings["supervisor.slots.ports"])) == storm.SLOTS
    assert "-javaagent:" in settings["worker.childopts"]
    assert (supervisor.folder / "lib-worker").is_symlink()


def test_they_start_one_after_another_and_only_the_supervisor_gets_secrets(place: Place) -> None:
    found = servers(place)
    assert list(found) == ["nimbus", "supervisor"]
    assert (found["nimbus"].needs, found["supervisor"].needs) == (("zookeeper",), ("nimbus",))
    assert (found["nimbus"].sees_all, found["supervisor"].sees_all) == (False, True)


def test_every_jvm_listens_on_loopback_through_the_agent(place: Place) -> None:
    agents = {
        part for one in servers(place).values() for part in one.command if "javaagent" in part
    }
    assert len(agents) == 1


def test_two_places_give_their_workers_different_ports(tmp_path: Path) -> None:
    ports = set[int]()
    for name in ("one", "two", "three"):
        place = Place(tmp_path / name, tmp_path / "cache")
        ports.update(storm._slots(place))
        assert storm._slots(place) == storm._slots(place)
    assert len(ports) == 3 * storm.SLOTS


def test_asking_a_daemon_that_is_away_says_so(place: Place) -> None:
    for server in servers(place).values():
        with pytest.raises(NotReadyError, match="refused"):
            server.ready()


def test_only_workers_of_this_supervisor_are_strays(place: Place) -> None:
    supervisor = servers(place)["supervisor"]
    sleep = "import sys; print(flush=True); sys.stdin.read()"
    marks = [
        f"-Dworkers.artifacts={supervisor.folder}/logs/workers-artifacts",
        f"-Dworkers.artifacts={supervisor.folder}-2/logs/workers-artifacts",
        f"--log={supervisor.folder}/logs/workers-artifacts",
    ]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", sleep, mark], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for mark in marks
    ]
    try:
        for process in processes:
            assert process.stdout
            process.stdout.readline()
        assert supervisor.strays() == [processes[0].pid]
    finally:
        for process in processes:
            process.communicate()


def test_workers_use_the_virtualenv_of_the_engines(place: Place) -> None:
    assert Path(storm.environment(place)["SNAPMODE_TOPOLOGY__VIRTUALENV"]) == Path(sys.prefix)
