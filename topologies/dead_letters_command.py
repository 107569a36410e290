"""`snapmode dead-letters`: look at what was put aside, replay it, drop it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from snapmode.dead_letters import DeadLetter, drop, read, replay
from snapmode.errors import ConfigError
from snapmode.options import (
    EXIT_REJECTED,
    ConfigOption,
    DataOption,
    JsonOption,
    open_house,
    print_json,
    stderr,
)
from snapmode.ports import Log

app = typer.Typer(no_args_is_help=True)

IdsArgument = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Letters.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every letter.")]


@app.command("list")
def list_(data: DataOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """List the letters, oldest first."""
    with _letters(data, config) as (_, letters):
        if json:
            print_json([_shown(one) for one in letters])
        else:
            _print_table(letters)


@app.command()
def show(
    id: Annotated[str, typer.Argument(metavar="ID")],
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Show one letter with its evidence and the original message."""
    with _letters(data, config) as (_, letters):
        shown = _shown(_chosen(letters, [id], everything=False)[0])
    if json:
        print_json(shown)
        return
    for name, value in shown.items():
        typer.echo(f"{name}: {value}")


@app.command("replay")
def replay_(
    ids: IdsArgument = None,
    everything: AllOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Publish the original messages again and drop the letters.

    What a crawl or an import put aside has no message: crawl or import it again.
    """
    with _letters(data, config) as (log, letters):
        chosen = _chosen(letters, ids, everything)
        left = [one for one in chosen if everything and one.topic is None]
        chosen = [one for one in chosen if one not in left]
        replay(log, chosen)
    _report("replayed", chosen, json)
    if left:
        stderr.print(f"{len(left)} have no message to replay: they can only be dropped")
        raise typer.Exit(EXIT_REJECTED)


@app.command("drop")
def drop_(
    ids: IdsArgument = None,
    everything: AllOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Forget letters for good."""
    with _letters(data, config) as (log, letters):
        chosen = _chosen(letters, ids, everything)
        drop(log, [one.id for one in chosen])
    _report("dropped", chosen, json)


@contextmanager
def _letters(data: DataOption, config: ConfigOption) -> Iterator[tuple[Log, list[DeadLetter]]]:
    with open_house(config, data) as house:
        yield house.log, read(house.log)


def _chosen(letters: list[DeadLetter], ids: list[str] | None, everything: bool) -> list[DeadLetter]:
    """The letters meant: an id may be shortened as long as it is clear."""
    if everything == bool(ids):
        raise ConfigError("name the letters by id, or take them --all")
    if everything:
        return letters
    chosen = []
    for start in ids or []:
        found = [one for one in letters if one.id.startswith(start)]
        if len(found) != 1:
            raise ConfigError(f"{len(found) or 'no'} dead letters have the id {start}")
        chosen += found
    return chosen


def _shown(one: DeadLetter) -> dict[str, Any]:
    """A letter for people: the message as text where it is text."""
    shown = one.model_dump(mode="json")
    try:
        shown["value"] = one.value.decode() if one.value is not None else None
    except UnicodeDecodeError:
        shown["value"] = f"base64:{shown['value']}"
    return shown


def _print_table(letters: list[DeadLetter]) -> None:
    table = Table("id", "stage", "at", "key", "reason")
    for one in letters:
        at = f"{one.at:%Y-%m-%d %H:%M:%S}"
        # Key and reason are a stranger's words: brackets in them are no markup.
        table.add_row(one.id[:12], one.stage, at, escape(one.key), escape(one.reason))
    Console().print(table)


def _report(done: str, letters: list[DeadLetter], json: bool) -> None:
    if json:
        print_json({done: [one.id for one in letters]})
    else:
        typer.echo(f"{len(letters)} {done}")
