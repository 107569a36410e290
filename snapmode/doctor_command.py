"""`snapmode doctor`: is everything in place for the other commands?"""

import importlib.metadata
import os
import platform
import shutil
import struct
import zlib
from collections.abc import Callable
from itertools import islice
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from snapmode import topics
from snapmode.errors import SnapModeError
from snapmode.ingest import GROUP
from snapmode.options import ConfigOption, DataOption, JsonOption, open_house, print_json
from snapmode.ports import Picture
from snapmode.readiness import Readiness
from snapmode.wiring import House

DEADLINE = 20.0
"""Seconds a check has; all run at once."""
MANY_PICTURES = 1000
"""More are not counted: listing a large store takes hours."""
LOW_DISK = 1_000_000_000
"""Bytes; with less free the doctor warns."""


def doctor(data: DataOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """Check settings, adapters, model and data folder; exit code 1 when something is wrong."""
    with open_house(config, data) as house:
        answers = Readiness(house, CHECKS).answers(DEADLINE)
    checks = [
        {"check": name, "ok": not isinstance(answer, SnapModeError), "detail": str(answer)}
        for name, answer in answers.items()
    ]
    if json:
        print_json({"ok": all(check["ok"] for check in checks), "checks": checks})
    else:
        _print(checks)
    if not all(check["ok"] for check in checks):
        raise typer.Exit(1)


def _print(checks: list[dict[str, Any]]) -> None:
    from rich import print as rich_print

    table = Table("check", "", "detail", box=None)
    for check in checks:
        mark = "[green]ok[/]" if check["ok"] else "[red]wrong[/]"
        table.add_row(check["check"], mark, escape(check["detail"]))
    rich_print(table)


def _versions(_house: House) -> str:
    found = importlib.metadata.version("snapmode")
    return f"snapmode {found}, Python {platform.python_version()}, {os.cpu_count()} cores"


def _settings(house: House) -> str:
    return str(house.settings.file)


def _data_folder(house: House) -> str:
    folder = house.settings.data
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        raise SnapModeError(f"{existing} can't be written")
    free = shutil.disk_usage(existing).free
    if free < LOW_DISK:
        raise SnapModeError(f"{folder}: only {free / 1e6:.0f} MB free")
    return f"{folder} ({free / 1e9:.0f} GB free)"


def _model(house: House) -> str:
    vector = house.embedder.embed([Picture(_grey_png(64))])
    return f"{house.embedder.name}: {vector.shape[1]} dimensions"


def _log(house: House) -> str:
    return f"{house.log.lag(topics.PRODUCTS, GROUP)} records wait for ingest"


def _catalog(house: House) -> str:
    return f"{house.catalog.count()} products"


def _vectors(house: House) -> str:
    return f"{house.vectors.count()} vectors"


def _images(house: House) -> str:
    found = sum(1 for _ in islice(house.images.keys(), MANY_PICTURES + 1))
    return f"{found} pictures" if found <= MANY_PICTURES else f"over {MANY_PICTURES} pictures"


CHECKS: dict[str, Callable[[House], str]] = {
    "program": _versions,
    "settings": _settings,
    "data folder": _data_folder,
    "model": _model,
    "log": _log,
    "catalog": _catalog,
    "vectors": _vectors,
    "pictures": _images,
}


def _grey_png(side: int) -> bytes:
    """A grey square: a picture that needs no picture library."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = (b"\0" + b"\x80" * side) * side
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
