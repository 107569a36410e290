import dataclasses
import io
import json
import zipfile
from pathlib import Path

import pytest

from snapmode.errors import ConfigError, SnapModeError
from snapmode.settings import Settings, load_settings
from tests.unit.topologies.fake_storm import FakeNimbus
from topologies import submit
from topologies.drawings import DRAWINGS, Drawing
from topologies.on_storm import UnknownTopologyError
from topologies.submit import Submission, draw, kill, prepare, wait_until_up

FAKE = Drawing("tests.unit.topologies.fake_storm:drawing", "products", "ingest")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submit, "PAUSE", 0)
    monkeypatch.setitem(DRAWINGS, "fake", FAKE)


def settings(config: Path, **environ: str) -> Settings:
    names = {f"SNAPMODE_TOPOLOGY__{key.upper()}": value for key, value in environ.items()}
    return load_settings(config, environ=names)


@pytest.fixture
def what(config: Path) -> Submission:
    return prepare("fake", "mine", settings(config, workers="2"), {})


def test_components_start_from_the_workers_virtualenv(config: Path) -> None:
    drawn = draw("fake", settings(config))
    submit.use_virtualenv(drawn, Path("/opt/next"))
    shells = [
        drawn.thrift_spouts["products"].spout_object.shell,
        *(bolt.bolt_object.shell for bolt in drawn.thrift_bolts.values()),
    ]
    assert {shell.execution_command for shell in shells} == {"/opt/next/bin/streamparse_run"}


def test_options_go_from_the_drawing_over_the_settings_to_storm(config: Path) -> None:
    config.write_text(
        config.read_text()
        + '[topology]\nworkers = 3\n[topology.options]\n"topology.max.spout.pending" = 8\n'
    )
    made = prepare("fake", "mine", settings(config), {"SNAPMODE_LOG__PARTITIONS": "9"})
    assert made.options == {
        "topology.stats.sample.rate": 1.0,
        "topology.max.spout.pending": 8,
        "topology.message.timeout.secs": 120,
        "topology.workers": 3,
        "topology.environment": {"SNAPMODE_LOG__PARTITIONS": "9"},
        "snapmode.topology": "fake",
    }
    with zipfile.ZipFile(io.BytesIO(made.jar)) as jar:
        assert jar.read("resources/settings.toml") == config.read_bytes()


def test_only_embed_bolts_take_a_gpu(config: Path) -> None:
    bolts = draw("fake", settings(config, embed_resources='{"gpu.count" = 1}')).thrift_bolts
    wanted = {name: json.loads(bolt.common.json_conf) for name, bolt in bolts.items()}
    assert wanted == {
        "embed": {"topology.component.resources.map": {"gpu.count": 1.0}},
        "index": {"topology.tick.tuple.freq.secs": 1},
    }


@pytest.mark.parametrize("key", ["topology.workers", "topology.environment"])
def test_an_option_that_is_a_setting_of_ours_is_refused(config: Path, key: str) -> None:
    config.write_text(config.read_text() + f'[topology.options]\n"{key}" = 1\n')
    with pytest.raises(ConfigError, match=rf"\[topology\.options\] {key}: .* instead"):
        draw("fake", settings(config))


def test_settings_are_checked_before_nimbus_is_asked(config: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[topology\] virtualenv: opt/x is no absolute path"):
        prepare("fake", "mine", settings(config, virtualenv="opt/x"), {})
    with pytest.raises(ConfigError, match=r"no topology 'ingets'; there are: ingest"):
        prepare("ingets", "mine", settings(config), {})
    config.write_text(config.read_text().replace("[embedder]", "[embedder]\nbukket = 1"))
    with pytest.raises(ConfigError, match=r"\[embedder\] bukket: unknown key"):
        prepare("fake", "mine", settings(config), {})


def test_a_name_that_runs_is_refused(what: Submission) -> None:
    nimbus = FakeNimbus()
    submit.submit(nimbus, what)
    with pytest.raises(SnapModeError, match=r"mine is ACTIVE on .*: use --replace"):
        submit.submit(nimbus, what)
    assert len(nimbus.submitted) == 1


def test_replacing_waits_until_the_old_one_is_gone(what: Submission) -> None:
    nimbus = FakeNimbus()
    submit.submit(nimbus, what)
    submit.submit(nimbus, dataclasses.replace(what, jar=b"new"), replace=5)
    assert nimbus.killed == [("mine", 5)]
    assert [one.id for one in nimbus.topologies()] == ["mine-2"]
    assert nimbus.submitted[-1]["jar"] == b"new"


def test_replacing_nothing_submits(what: Submission) -> None:
    nimbus = FakeNimbus()
    submit.submit(nimbus, what, replace=5)
    assert nimbus.killed == []
    assert list(nimbus.running) == ["mine"]


def test_kill_names_what_there_is_when_it_knows_no_such_topology(what: Submission) -> None:
    nimbus = FakeNimbus()
    submit.submit(nimbus, what)
    with pytest.raises(UnknownTopologyError, match=r"no topology 'other' .* there are: mine"):
        kill(nimbus, "other", 0)


def test_a_second_kill_waits_for_the_first(what: Submission) -> None:
    nimbus = FakeNimbus()
    submit.submit(nimbus, what)
    nimbus.kill("mine", 0)
    kill(nimbus, "mine", 30)
    assert nimbus.killed == [("mine", 0)]
    assert nimbus.topologies() == []


def test_waiting_ends_once_all_tasks_report(what: Submission) -> None:
    nimbus = FakeNimbus()
    submit.submit(nimbus, what)
    wait_until_up(nimbus, "mine")
    assert all(part.up == part.tasks for part in nimbus.details("mine-1").components)


def test_waiting_gives_up_with_the_reason(
    what: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit, "PATIENCE", 0)
    nimbus = FakeNimbus(slots=0)
    submit.submit(nimbus, what)
    with pytest.raises(SnapModeError, match="after 0 s, mine is not up: waits for a supervisor"):
        wait_until_up(nimbus, "mine")
