"""``snapmode demo-shop``: serve a demo shop until interrupted."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated, TextIO

import typer

from demo_shop.server import ShopServer
from demo_shop.shop import DemoShop
from demo_shop.truth import open_for_lines, write_lines
from snapmode.errors import ConfigError


def demo_shop(
    seed: Annotated[int, typer.Option(help="Draws catalogue, pages and URL grammar.")] = 0,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 chooses a free one.")] = 8080,
    products: Annotated[int, typer.Option(min=1, help="How many products to sell.")] = 300,
    truth: Annotated[Path | None, typer.Option(help="Write what the pages show, as JSONL.")] = None,
    log: Annotated[Path | None, typer.Option(help="Append the access log, as JSONL.")] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="Sell these products (JSONL or CSV with pictures).")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="Write all good pictures into this folder.")
    ] = None,
) -> None:
    """Serve a demo shop on this machine, with its truth in a file."""
    shop = DemoShop.from_catalogue(catalogue, seed) if catalogue else DemoShop(seed, products)
    truth_out = open_for_lines(truth, "--truth") if truth else None
    log_out = open_for_lines(log, "--log", append=True) if log else None
    if pictures:
        write_pictures(shop, pictures)
    with ShopServer(shop, port, log_out) as server:
        _serve(server, shop, truth_out)


def _serve(server: ShopServer, shop: DemoShop, truth_out: TextIO | None) -> None:
    # SIGINT as well: a shell starts its background jobs with it ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        if truth_out:
            write_lines(truth_out, shop.truth(server.base_url))
        count = len(shop.products)
        typer.echo(f"demo shop of {count} products on {server.base_url}/ (seed {shop.seed})")
        sys.stdout.flush()
        server.serve_forever()
    except KeyboardInterrupt:
        return


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def write_pictures(shop: DemoShop, folder: Path) -> None:
    """All good pictures as ``FOLDER/<sku>_<view>.jpg``, views from 0."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for product in shop.products:
            for view in range(len(product.pictures)):
                name = f"{product.sku or product.number}_{view}.jpg".replace("/", "-")
                (folder / name).write_bytes(shop.picture(product, view))
    except OSError as error:
        raise ConfigError(f"--pictures {folder}: cannot be written: {error.strerror}") from error
