"""`snapmode extract`."""

import gzip
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from w3lib.encoding import html_to_unicode

from crawler.addresses import normalised
from crawler.pages.product import extract_product
from snapmode.codec import exported
from snapmode.errors import ConfigError
from snapmode.items import VersionClock
from snapmode.options import EXIT_REJECTED, print_json


def extract(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="HTML, or HTML packed by gzip.")],
    url: Annotated[str, typer.Option(help="The address the page was saved from.")],
    provenance: Annotated[bool, typer.Option(help="Also say where each field came from.")] = False,
) -> None:
    """Print the product found in a saved page as JSON; null and exit code 3 when there is none."""
    if not normalised(url):
        raise ConfigError(f"--url {url!r} is no web address")
    now = datetime.now(UTC)
    product = extract_product(read_page(file), url, now, VersionClock().next(now))
    if product is None:
        print_json(None)
        raise typer.Exit(EXIT_REJECTED)
    print_json(exported(product) | ({"provenance": product.provenance} if provenance else {}))


def read_page(file: Path) -> str:
    """A saved page as text, by the encoding it declares; `ConfigError` when it can't be read."""
    try:
        data = file.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError(f"{file}: can't be read: {error}") from error
    return str(html_to_unicode(None, data)[1])
