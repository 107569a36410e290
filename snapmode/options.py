"""Options that several commands share, and how commands print and end."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from snapmode.settings import load_settings
from snapmode.wiring import House

EXIT_REJECTED = 3
"""Finished, but some items were rejected."""

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder. Default: var, or $SNAPMODE_DATA_FOLDER."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", help="Settings file. Default: configs/embedded.toml, or $SNAPMODE_CONFIG."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Report as JSON on standard output.")]

stderr = Console(stderr=True)


def open_house(config: Path | None, data: Path | None) -> House:
    """The adapters of the settings a command was given; nothing is opened before it is used."""
    return House(load_settings(config, data))


def progress() -> Progress:
    """A progress display on standard error: standard output stays a clean report."""
    return Progress(
        SpinnerColumn(),
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=stderr,
    )


def print_json(value: Any) -> None:
    """One JSON document on standard output, as UTF-8 whatever the locale."""
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n")
    sys.stdout.buffer.flush()


def print_jsonl(value: Any) -> None:
    """One line of JSON on standard output."""
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")
