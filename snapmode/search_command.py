"""`snapmode search`: find products with a picture, without a server.

A picture file that is not there and a wrong filter are usage errors (exit code 2); a file that
can't be read as a picture is rejected input (exit code 1).
"""

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from snapmode.errors import ConfigError, RejectedError
from snapmode.filters import Filter, parse_filter
from snapmode.items import Product
from snapmode.options import ConfigOption, DataOption, JsonOption, open_house, print_json, stderr
from snapmode.ports import Picture
from snapmode.search import Answer, Hit, Search


def search(
    picture: Annotated[Path, typer.Argument(help="A photo (JPEG, PNG, WebP …).")],
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Products wanted.")] = 10,
    filter: Annotated[
        str | None, typer.Option(help='JSON, e.g. {"brand": "Acme", "price": {"lt": 50}}.')
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Find products with a picture."""
    photo = Picture(_bytes(picture))
    conditions = _conditions(filter)
    with open_house(config, data) as house:
        finder = Search(house.embedder, house.vectors, house.catalog)
        start = time.perf_counter()
        answer = _found(finder, photo, picture, k, conditions)
        took_ms = round(1000 * (time.perf_counter() - start), 1)
        report = _report(house.embedder.name, answer, took_ms)
        if not answer.hits and not house.vectors.count():
            folder = house.settings.data
            stderr.print(f"{escape(str(folder))} holds no pictures: run snapmode crawl and ingest")
    if json:
        print_json(report)
    else:
        _print_table(report)


def _conditions(text: str | None) -> Filter:
    try:
        return parse_filter(text)
    except RejectedError as error:
        raise ConfigError(f"--{error}") from error  # it begins with "filter"


def _found(finder: Search, photo: Picture, path: Path, k: int, conditions: Filter) -> Answer:
    try:
        return finder.by_picture(photo, k, filter=conditions)
    except RejectedError as error:
        raise RejectedError(f"{path}: {error}") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error


def _report(model: str, answer: Answer, took_ms: float) -> dict[str, Any]:
    return {
        "model": model,
        "mode": answer.mode,
        "exact": answer.exact,
        "scanned": answer.scanned,
        "index_time": answer.index_time.isoformat(),
        "took_ms": took_ms,
        "hits": [_hit(hit) for hit in answer.hits],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    product = hit.product
    return {
        "product_id": product.id,
        "score": round(hit.score, 6),
        "name": product.name,
        "brand": product.brand,
        "price": product.price,
        "currency": product.currency,
        "source": product.source,
        "url": product.url,
        "image_url": _image_url(product, hit.picture),
        "image_key": hit.picture,
    }


def _image_url(product: Product, key: str) -> str | None:
    return next((image.url for image in product.images if image.key == key), None)


def _print_table(report: dict[str, Any]) -> None:
    how = "exact" if report["exact"] else report["mode"]
    caption = f"{how} · {report['scanned']} pictures scanned · {report['took_ms']:.0f} ms"
    table = Table(caption=caption, box=None, pad_edge=False, header_style="bold")
    for heading in ("score", "product", "brand", "price", "address"):
        table.add_column(heading, overflow="fold")
    for hit in report["hits"]:
        price = " ".join(part for part in (hit["price"], hit["currency"]) if part)
        cells = (f"{hit['score']:.3f}", hit["name"], hit["brand"] or "", price, hit["url"])
        table.add_row(*(escape(cell) for cell in cells))
    Console().print(table)
