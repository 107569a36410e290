"""`snapmode export`: every product of the catalog as JSONL."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from snapmode.codec import exported
from snapmode.errors import ConfigError
from snapmode.items import Product
from snapmode.options import ConfigOption, DataOption, open_house

OutOption = Annotated[
    Path | None, typer.Option("--out", help="File to write. Default: standard output.")
]


def export(data: DataOption = None, config: ConfigOption = None, out: OutOption = None) -> None:
    """Print every product as JSONL, in the order of ids."""
    with open_house(config, data) as house, _stream(out) as stream:
        for product in house.catalog.scan():
            stream.write(line(product))


def line(product: Product) -> bytes:
    """One product as a line of JSON in UTF-8, with a price as it was given: a decimal string."""
    return json.dumps(exported(product), ensure_ascii=False).encode() + b"\n"


@contextmanager
def _stream(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # The reader (head, say) has seen enough. Python would complain once more at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    try:
        file = out.open("wb")
    except OSError as error:
        raise ConfigError(f"{out}: can't be written: {error.strerror}") from error
    with file:
        yield file
