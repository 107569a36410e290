"""Submit, kill and replace topologies: no lein, no ssh, no Fabric, only Nimbus' Thrift."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from snapmode.errors import ConfigError, SnapModeError
from snapmode.ingest import GROUP
from snapmode.settings import Settings
from snapmode.topics import PRODUCTS
from snapmode.wiring import check, resolve
from topologies.jar import build_jar, worker_environment
from topologies.on_storm import Master, UnknownTopologyError, find

PAUSE = 0.5
"""Seconds between two looks at Nimbus."""
PATIENCE = 180.0
"""Seconds for Nimbus to forget a killed topology, or for the tasks of a new one to come up."""


class Drawing(NamedTuple):
    """A topology that can be submitted."""

    factory: str
    """Dotted path of a function from `[topology]` to streamparse's Topology."""
    topic: str
    group: str
    """Whose lag tells how far behind it is."""


DRAWINGS = {"ingest": Drawing("topologies.ingest:ingest", PRODUCTS, GROUP)}
OWN_OPTIONS = {
    "topology.workers": "set [topology] workers",
    "topology.environment": "export SNAPMODE_TABLE__KEY variables before submitting",
}
"""Storm options that are not taken from [topology.options], and what to do instead."""
DEFAULTS = {"topology.stats.sample.rate": 1.0}
"""Counts are counted, not estimated from every twentieth tuple."""
DRAWING_OPTION = "snapmode.topology"
"""Names the drawing among a running topology's options."""


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
    at_work = f"{table.virtualenv}/bin/streamparse_run"
    for part in (*drawn.thrift_spouts.values(), *drawn.thrift_bolts.values()):
        shell = getattr(part, "spout_object", None) or part.bolt_object
        shell.shell.execution_command = at_work
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
    return drawn


def submit(master: Master, what: Submission, replace: int | None = None) -> None:
    """Start it. One of its name that runs is refused, or killed after `replace` seconds."""
    try:
        found = find(master, what.name)
    except UnknownTopologyError:
        found = None
    if found and replace is None:
        raise SnapModeError(
            f"{what.name} is {found.state} on {master.address}: kill it first, or use --replace"
        )
    if found and replace is not None:
        kill(master, what.name, replace)
    master.submit(what.name, what.topology, what.options, what.jar)


def kill(master: Master, name: str, wait: int) -> None:
    """Stop its spouts, let it work for `wait` seconds, end it; returns when it is gone."""
    running = find(master, name)
    if running.state != "KILLED":
        master.kill(name, wait)
    _until(lambda: all(each.id != running.id for each in master.topologies()), wait, "is not gone")


def wait_until_up(master: Master, name: str) -> None:
    """Return once every task reports."""
    found = find(master, name)

    def up() -> bool:
        parts = master.details(found.id).components
        return bool(parts) and all(part.up == part.tasks for part in parts)

    _until(up, 0, f"of {name} is not up: see snapmode topology status {name}")


def _until(done: Callable[[], bool], extra: float, problem: str) -> None:
    limit = time.monotonic() + extra + PATIENCE
    while not done():
        if time.monotonic() > limit:
            raise SnapModeError(f"after {extra + PATIENCE:.0f} s, {problem}")
        time.sleep(PAUSE)
