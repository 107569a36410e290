"""Submit, kill and replace topologies: no lein, no ssh, no Fabric, only Nimbus' Thrift."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snapmode.errors import ConfigError, SnapModeError
from snapmode.settings import Settings
from snapmode.wiring import check, resolve
from topologies.drawings import DRAWING_OPTION, DRAWINGS
from topologies.jar import build_jar, worker_environment
from topologies.on_storm import Master, find
from topologies.topology_status import observe

PAUSE = 0.5
"""Seconds between two looks at Nimbus."""
PATIENCE = 180.0
"""Seconds for Nimbus to forget a killed topology, or for the tasks of a new one to come up."""

EMBED = "embed"
"""The component that gets [topology] embed_resources."""
RESOURCES_OPTION = "topology.component.resources.map"
OWN_OPTIONS = {
    "topology.workers": "set [topology] workers",
    "topology.environment": "export SNAPMODE_TABLE__KEY variables before submitting",
}
"""Storm options that are not taken from [topology.options], and what to do instead."""
DEFAULTS = {"topology.stats.sample.rate": 1.0}
"""Counts are counted, not estimated from every twentieth tuple."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything Nimbus gets, checked."""

    name: str
    topology: Any
    """streamparse's `thrift_topology`."""
    options: Mapping[str, Any]
    jar: bytes
    withheld: list[str]
    """Variables that hold secrets: the supervisors' own environment must have them."""


def prepare(drawing: str, name: str, settings: Settings, environ: Mapping[str, str]) -> Submission:
    """What to submit; `ConfigError` names what is wrong in the settings."""
    check(settings)
    table = settings.topology
    if not table.virtualenv.is_absolute():
        raise ConfigError(
            f"{settings.file}: [topology] virtualenv: {table.virtualenv} is no absolute path"
        )
    drawn = draw(drawing, settings)
    use_virtualenv(drawn, table.virtualenv)
    variables, withheld = worker_environment(environ)
    options = {**drawn.config, "topology.environment": variables}
    return Submission(name, drawn.thrift_topology, options, build_jar(settings.file), withheld)


def draw(drawing: str, settings: Settings) -> Any:
    """The streamparse Topology of this name, with the settings' options in its `config`."""
    if drawing not in DRAWINGS:
        raise ConfigError(f"no topology {drawing!r}; there are: {', '.join(DRAWINGS)}")
    table = settings.topology
    for key, instead in OWN_OPTIONS.items():
        if key in table.options:
            raise ConfigError(f"{settings.file}: [topology.options] {key}: {instead} instead")
    drawn = resolve(DRAWINGS[drawing].factory)(table)
    drawn.config = {
        **DEFAULTS,
        **drawn.config,
        **table.options,
        "topology.workers": table.workers,
        DRAWING_OPTION: drawing,
    }
    if table.embed_resources and EMBED in drawn.thrift_bolts:
        _give(drawn.thrift_bolts[EMBED].common, table.embed_resources)
    return drawn


def _give(component: Any, resources: Mapping[str, float]) -> None:
    options = json.loads(component.json_conf or "{}")
    component.json_conf = json.dumps({**options, RESOURCES_OPTION: dict(resources)})


def use_virtualenv(drawn: Any, virtualenv: Path) -> None:
    """Let the components of a streamparse Topology start from here."""
    spouts = (spout.spout_object for spout in drawn.thrift_spouts.values())
    bolts = (bolt.bolt_object for bolt in drawn.thrift_bolts.values())
    for part in (*spouts, *bolts):
        part.shell.execution_command = f"{virtualenv}/bin/streamparse_run"


def submit(master: Master, what: Submission, replace: int | None = None) -> None:
    """Start it. One of its name that runs is refused, or killed after `replace` seconds."""
    for found in master.topologies():
        if found.name == what.name:
            if replace is None:
                raise SnapModeError(
                    f"{found.name} is {found.state} on {master.address}: use --replace, or kill it"
                )
            kill(master, found.name, replace)
    master.submit(what.name, what.topology, what.options, what.jar)


def kill(master: Master, name: str, wait: int) -> None:
    """Stop its spouts, let it work for `wait` seconds, end it; returns when it is gone."""
    running = find(master, name)
    if running.state != "KILLED":
        master.kill(name, wait)
    _until(
        lambda: all(each.id != running.id for each in master.topologies()),
        wait,
        lambda: f"{name} is not gone",
    )


def wait_until_up(master: Master, name: str) -> None:
    """Return once every task reports."""
    _until(
        lambda: observe(master, name).up,
        0,
        lambda: f"{name} is not up: {observe(master, name).waits}",
    )


def _until(done: Callable[[], bool], extra: float, problem: Callable[[], str]) -> None:
    limit = time.monotonic() + extra + PATIENCE
    while not done():
        if time.monotonic() > limit:
            raise SnapModeError(f"after {extra + PATIENCE:.0f} s, {problem()}")
        time.sleep(PAUSE)
