"""`snapmode engines`: real engines as bare processes, for tests and development."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engines import running
from engines.place import DEFAULT_FOLDER, open_place
from snapmode.options import JsonOption, print_json, stderr

app = typer.Typer(
    no_args_is_help=True,
    help="Start and stop Kafka, ZooKeeper, Storm, Solr, Milvus and an S3 server on this machine.",
)

NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]…", help="Engines; default: all.")
]
FolderOption = Annotated[
    Path, typer.Option("--folder", help="Where their settings, data and logs are.")
]


def _tell(line: str) -> None:
    stderr.print(line, markup=False, highlight=False)


@app.command()
def up(
    names: NamesArgument = None,
    folder: FolderOption = DEFAULT_FOLDER,
    brokers: Annotated[int | None, typer.Option(min=1, max=3, help="Kafka brokers.")] = None,
    solr_cloud: Annotated[
        bool | None, typer.Option("--solr-cloud", help="Two Solr nodes on ZooKeeper.")
    ] = None,
    isolated: Annotated[
        list[str] | None,
        typer.Option(help="Put an engine into a network namespace, so that its link can be cut."),
    ] = None,
) -> None:
    """Start what does not run and wait until it serves; downloads what is missing."""
    apart = frozenset(isolated) if isolated else None
    running.up(open_place(folder, brokers, solr_cloud, apart), names or (), _tell)


@app.command()
def down(names: NamesArgument = None, folder: FolderOption = DEFAULT_FOLDER) -> None:
    """Stop engines, by pid, in the right order; data and logs are kept."""
    running.down(open_place(folder), names or (), _tell)


@app.command()
def status(
    names: NamesArgument = None, folder: FolderOption = DEFAULT_FOLDER, json: JsonOption = False
) -> None:
    """How every engine is doing, by a real request to each; exit code 1 when one does not serve."""
    states = running.states(open_place(folder), names or ())
    if json:
        print_json([_report(state) for state in states])
    else:
        Console().print(_table(states))
    if any(state.problem for state in states):
        raise typer.Exit(1)


@app.command()
def env(folder: FolderOption = DEFAULT_FOLDER) -> None:
    """Shell lines that point SnapMode at these engines: eval "$(snapmode engines env)"."""
    for key, value in running.environment(open_place(folder)).items():
        typer.echo(f"export {key}={shlex.quote(value)}")


def _report(state: running.State) -> dict[str, object]:
    return {
        "name": state.server.name,
        "pid": state.process.pid if state.process else None,
        "ready": not state.problem,
        "problem": state.problem,
        "memory": state.process.memory if state.process else 0,
        "log": str(running.log_of(state.server)),
    }


def _table(states: list[running.State]) -> Table:
    table = Table("server", "pid", "memory", "state", box=None)
    for state in states:
        pid = str(state.process.pid) if state.process else ""
        memory = f"{state.process.memory / 1e6:.0f} MB" if state.process else ""
        table.add_row(state.server.name, pid, memory, escape(state.problem) or "serves")
    return table
