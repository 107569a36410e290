"""`snapmode topology`: submit, watch and kill topologies on Storm."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table

from snapmode.options import (
    ConfigOption,
    DataOption,
    JsonOption,
    open_house,
    print_json,
    stderr,
)
from snapmode.settings import Settings, load_settings
from snapmode.wiring import resolve
from topologies import submit as submitting
from topologies.build_folder import ENVIRONMENT, JAR, write_build_folder
from topologies.on_storm import Details, Master, Mishap
from topologies.topology_status import ERRORS, Status
from topologies.topology_status import status as status_of

app = typer.Typer(
    no_args_is_help=True,
    help="Submit, list, watch and kill topologies on Storm, and build a folder for `sparse`.",
)

NIMBUS = "topologies.nimbus:Nimbus"
"""A context manager of a `Master`; needs streamparse, an extra."""

WhatArgument = Annotated[str, typer.Argument(metavar="TOPOLOGY", help="Which: ingest.")]
NameArgument = Annotated[str, typer.Argument(help="The name it was submitted under.")]
NameOption = Annotated[
    str | None, typer.Option("--name", help="Its name on Storm. Default: that of the topology.")
]


def _tell(line: str) -> None:
    stderr.print(line, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _nimbus(settings: Settings) -> Iterator[Master]:
    with resolve(NIMBUS)(settings.topology.nimbus) as nimbus:
        yield nimbus


def _warn(withheld: list[str]) -> None:
    if withheld:
        _tell(
            "warning: not sent, for they hold secrets; every supervisor's own environment must "
            f"have them: {', '.join(withheld)}"
        )


@app.command()
def submit(
    topology: WhatArgument,
    name: NameOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Kill the one of this name first.")
    ] = False,
    kill_wait: Annotated[
        int, typer.Option(min=0, help="With --replace: seconds the old one has to finish.")
    ] = 30,
    wait: Annotated[bool, typer.Option("--wait", help="Return once all tasks are up.")] = False,
    config: ConfigOption = None,
) -> None:
    """Submit a topology: settings file and variables travel, the code is on the supervisors."""
    settings = load_settings(config)
    what = submitting.prepare(topology, name or topology, settings, os.environ)
    _warn(what.withheld)
    with _nimbus(settings) as nimbus:
        submitting.submit(nimbus, what, kill_wait if replace else None)
        _tell(f"{what.name} is submitted to {nimbus.address}")
        if wait:
            submitting.wait_until_up(nimbus, what.name)
            _tell(f"{what.name} is up")


@app.command(name="list")
def list_(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Every topology Nimbus knows."""
    with _nimbus(load_settings(config)) as nimbus:
        found = nimbus.topologies()
    if json:
        print_json([asdict(one) for one in found])
        return
    table = Table("name", "state", "workers", "tasks", "up for", box=None)
    for one in found:
        table.add_row(
            escape(one.name), one.state, str(one.workers), str(one.tasks), f"{one.uptime} s"
        )
    Console().print(table if found else "no topology")


@app.command()
def kill(
    name: NameArgument,
    wait: Annotated[
        int, typer.Option(min=0, help="Seconds it has to finish, its spouts stopped.")
    ] = 30,
    config: ConfigOption = None,
) -> None:
    """Kill a topology; returns when it is gone. What it had not finished is read again."""
    with _nimbus(load_settings(config)) as nimbus:
        submitting.kill(nimbus, name, wait)
    _tell(f"{name} is gone")


@app.command()
def status(
    name: NameArgument,
    config: ConfigOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """How a topology is doing; exit code 1 unless it is active and all its tasks are up."""
    with open_house(config, data) as house, _nimbus(house.settings) as nimbus:
        found = status_of(nimbus, house.log, name)
    if json:
        print_json(found.report())
    else:
        Console().print(_shown(found))
    if not found.up:
        raise typer.Exit(1)


@app.command()
def build(folder: Path, config: ConfigOption = None) -> None:
    """Write what `sparse submit` wants into a new folder: src/, topologies/, config.json, a jar."""
    _warn(write_build_folder(folder, load_settings(config), os.environ))
    _tell(f"cd {folder} && sparse submit -e {ENVIRONMENT} -n ingest -j {JAR}")


def _shown(found: Status) -> Group:
    running, details = found.running, found.details
    lag = f"log lag unknown: {found.lag_problem}" if found.lag is None else f"log lag {found.lag}"
    head = (
        f"{running.name}: {running.state}, up for {running.uptime} s, "
        f"{len(details.workers)} of {found.asked} workers, {lag}"
    )
    told = [head, found.waits, *(f"worker {each}" for each in details.workers)]
    errors = [_error(one) for one in details.mishaps[:ERRORS]]
    return Group(*(escape(line) for line in told if line), _components(details), *errors)


def _components(details: Details) -> Table:
    headings = ("component", "tasks up", "emitted", "acked", "failed", "latency")
    table = Table(*headings, box=None)
    for part in details.components:
        counts = (f"{part.up} of {part.tasks}", part.emitted, part.acked, part.failed)
        table.add_row(part.name, *map(str, counts), f"{part.latency_ms:.1f} ms")
    return table


def _error(one: Mishap) -> str:
    at = datetime.fromtimestamp(one.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return escape(f"{at} {one.component} on {one.host}: {one.summary}")
