"""A server with the demo shop's products, and Chromium to look at it."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from api.app import create_app
from demo_shop import DemoShop
from snapmode.ingest import EmbedStep, IndexStep
from snapmode.items import FIELD, Image, Product, product_id
from snapmode.settings import load_settings
from snapmode.wiring import House
from tests.browser.chromium import launched

PRODUCTS = 40
SHOP = "http://shop.example"


@dataclass(frozen=True)
class Served:
    """A running server and what it sells."""

    url: str
    house: House
    products: list[Product]

    def photo(self, product: Product, view: int = 0) -> bytes:
        return self.house.images.get(product.image_keys[view])


@dataclass
class Visit:
    """A page and what it did besides showing something."""

    page: Page
    troubles: list[str] = field(default_factory=list)
    """Errors on the console and in scripts."""
    hosts: set[str] = field(default_factory=set)
    """Every host that was asked for something."""

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", self._listen)
        self.page.on("request", self._note)

    def _listen(self, line: ConsoleMessage) -> None:
        if line.type == "error":
            self.troubles.append(line.text)

    def _note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(parts.netloc)


def stocked(house: House) -> list[Product]:
    """The demo shop's products, indexed as a crawl would have brought them."""
    shop = DemoShop(7, PRODUCTS)
    products = []
    for version, (drawn, true) in enumerate(zip(shop.products, shop.truth(SHOP), strict=True)):
        keys = [house.images.put(shop.picture(drawn, view)) for view in range(len(drawn.pictures))]
        products.append(_product(true, keys, version))
    embed = EmbedStep(house.embedder, house.images, house.vectors)
    IndexStep(house.catalog, house.vectors)(embed(products))
    return products


def _product(true: dict[str, Any], keys: list[str], version: int) -> Product:
    known = {name: value for name, value in true.items() if name in FIELD and name != "images"}
    return Product.model_validate(
        known
        | {
            "id": product_id(true["source"], true["url"]),
            "version": version,
            "images": [Image(url=f"{SHOP}/{key}.jpg", key=key) for key in keys],
            "fetched_at": datetime.now(UTC),
        }
    )


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with House(load_settings(None, tmp_path_factory.mktemp("data"), {})) as house:
        products = stocked(house)
        server = uvicorn.Server(uvicorn.Config(create_app(house), port=0, log_level="warning"))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield Served(_address(server, thread), house, products)
        finally:
            server.should_exit = True
            thread.join()


def _address(server: uvicorn.Server, thread: threading.Thread) -> str:
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server did not start"
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def visit(chromium: Browser, served: Served) -> Iterator[Visit]:
    """The page as it opens; afterwards nothing may have gone wrong or left the house."""
    page = chromium.new_page(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    visited = Visit(page)
    visited.watch()
    page.goto(served.url)
    page.wait_for_selector(".card:not(.waiting)")
    yield visited
    page.close()
    assert visited.troubles == []
    assert visited.hosts == {urlsplit(served.url).netloc}


@pytest.fixture
def screenshot() -> Path | None:
    """Where to keep a picture of the page, when SNAPMODE_SCREENSHOT names a file."""
    name = os.environ.get("SNAPMODE_SCREENSHOT")
    return Path(name) if name else None
