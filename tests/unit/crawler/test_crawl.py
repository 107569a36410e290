"""`snapmode crawl` from end to end: a small shop in this process, the crawler in another."""

import io
import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from crawler.command import crawl as crawl_command
from snapmode.codec import decode
from snapmode.errors import ConfigError
from snapmode.items import Product
from snapmode.settings import load_settings
from snapmode.topics import PRODUCTS
from snapmode.wiring import House

ROBOTS = "User-agent: *\nDisallow: /secret\nSitemap: /sitemap.xml\n"
SHOP_SIZE = 12
REDIRECTS = {"/old": "/p/2", "/loop": "/loop"}
CARD = "<a href='/p/{0}?ref=list'><img src=/i/{0}.png> €{0}9.90</a>"
PAGES = {
    "/robots.txt": ROBOTS,
    "/sitemap.xml": "<urlset><url><loc>ROOTp/1</loc></url></urlset>",
    "/": "<a href=/list>All</a> <a href=/old>Old</a> <a href=/loop>Loop</a> <a href=/busy>Busy</a>"
    "<a href=/gone>Gone</a> <a href=http://127.0.0.1:1/>Elsewhere</a>",
    "/list": "".join(CARD.format(number) for number in range(1, SHOP_SIZE + 1)),
    "/busy": "<h1>Journal</h1>",
    "/i/broken.png": "this is no picture",
}


def picture(number: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (60, 80), (number * 20 % 256, 100, 50)).save(data, "PNG")
    return data.getvalue()


def product_page(number: int) -> str:
    return (
        f"<html><head><title>Shirt {number}</title><link rel=canonical href=/p/{number}></head>"
        f"<body><h1>Shirt {number}</h1><img src=/i/{number}.png><img src=/i/broken.png>"
        f"<p>€{number}9.90</p><button>Add to cart</button><a href=/cart>Cart</a>"
        f"<a href=/secret/{number}>Secret</a></body></html>"
    )


class Shop(ThreadingHTTPServer):
    """Pages by path; what was asked for is counted."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.busy_answers = 0
        """How many 429 to give for /busy."""
        self.hold_from = SHOP_SIZE + 1
        """Product pages from this number on wait until `released`."""
        self.released = threading.Event()
        self.ailing: set[str] = set()
        """Paths answered with 503."""
        self.cut: set[str] = set()
        """Paths whose connection is closed without an answer."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        path, shop = self.path, self.server
        shop.asked[path] += 1
        shop.agents.add(self.headers["User-Agent"])
        if path in shop.ailing:
            self._answer(503, "", **{"Retry-After": "0"})
        elif path in shop.cut:
            self.close_connection = True
        elif path == "/busy" and shop.busy_answers > 0:
            shop.busy_answers -= 1
            self._answer(429, "", **{"Retry-After": "0"})
        elif path in REDIRECTS:
            self._answer(301, "", Location=REDIRECTS[path])
        elif path.startswith("/p/"):
            number = int(path.removeprefix("/p/").partition("?")[0])
            if number >= shop.hold_from:
                shop.released.wait(20)
            self._answer(200, product_page(number))
        elif path.startswith("/i/") and path != "/i/broken.png":
            self._picture(int(path.removeprefix("/i/").removesuffix(".png")))
        elif path in PAGES:
            self._answer(200, PAGES[path].replace("ROOT", shop.url))
        else:
            self._answer(404, "nothing here")

    def _picture(self, number: int) -> None:
        tag = f'"{number}"'
        if self.headers.get("If-None-Match") == tag:
            self._answer(304, "")
        else:
            self._answer(200, picture(number), "image/png", ETag=tag)

    def _answer(
        self, status: int, body: str | bytes, kind: str = "text/html", **headers: str
    ) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(data)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


Crawl = Callable[..., tuple[int, dict[str, Any]]]


def command(data: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "snapmode", "crawl", *arguments, "--data", str(data), "--json"]


@pytest.fixture
def crawl(tmp_path: Path) -> Crawl:
    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            command(tmp_path / "data", *arguments), capture_output=True, timeout=60, check=False
        )
        report = json.loads(done.stdout) if done.stdout else {"stderr": done.stderr.decode()}
        return done.returncode, report

    return run


def published(data: Path) -> dict[str, Product]:
    with House(load_settings(data=data, environ={})) as house:
        values = [record.value for record in house.log.read_all(PRODUCTS)]
        products = [decode(value) for value in values if value]
        for product in products:
            assert isinstance(product, Product)
            assert all(house.images.exists(key) for key in product.image_keys)
        return {product.name: product for product in products if isinstance(product, Product)}


def test_a_crawl_from_end_to_end(shop: Shop, crawl: Crawl, tmp_path: Path) -> None:
    shop.busy_answers = 2
    code, report = crawl(shop.url, "--report", str(tmp_path / "report.json"))
    assert code == 3, report  # the broken picture was put aside
    products = published(tmp_path / "data")
    assert sorted(products) == sorted(f"Shirt {n}" for n in range(1, SHOP_SIZE + 1))
    shirt = products["Shirt 3"]
    assert (shirt.price, shirt.currency, shirt.availability) == ("39.90", "EUR", "InStock")
    assert shirt.url == f"{shop.url}p/3"
    assert [image.url for image in shirt.images] == [f"{shop.url}i/3.png"]
    assert report["products"] == SHOP_SIZE
    assert report["fetched"] == SHOP_SIZE + 3  # the start page, the list and the journal
    assert (report["failed"], report["denied"], report["redirects"]) == (1, SHOP_SIZE, 2)
    assert report["refused"]["other host"] == 1
    assert report["refused"]["account, cart or search"] == SHOP_SIZE
    assert report["finished"]
    assert json.loads((tmp_path / "report.json").read_text())["products"] == SHOP_SIZE
    pages = {path: n for path, n in shop.asked.items() if not path.startswith("/i/")}
    assert pages.pop("/busy") == 3  # twice refused, then answered
    assert set(pages.values()) == {1}
    assert not any(path.startswith(("/secret", "/cart")) for path in pages)
    assert all("SnapMode" in agent for agent in shop.agents)


def test_a_second_crawl_fetches_pages_again_but_no_picture_twice(
    shop: Shop, crawl: Crawl, tmp_path: Path
) -> None:
    crawl(shop.url)
    first = published(tmp_path / "data")
    code, report = crawl(shop.url)
    assert code == 3
    assert not report["resumed"]
    assert shop.asked["/p/5"] == 2
    assert report["pictures"]["stored"] == 0
    assert report["pictures"]["known"] == SHOP_SIZE
    second = published(tmp_path / "data")
    assert second["Shirt 5"].id == first["Shirt 5"].id
    assert second["Shirt 5"].version > first["Shirt 5"].version


def test_a_hiccup_of_the_shop_takes_nothing_from_its_products(
    shop: Shop, crawl: Crawl, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f'seeds = ["{shop.url}"]\n[limits]\nretries = 1\n')
    shop.ailing = {"/i/7.png"}
    _, report = crawl("--site", str(site))
    assert report["pictures"]["failed"] == 1  # never seen before: told, and put aside
    first = published(tmp_path / "data")
    assert first["Shirt 7"].images == ()
    shop.ailing, shop.cut = {"/i/3.png", "/p/5"}, {"/i/4.png"}
    _, report = crawl("--site", str(site))
    assert report["pictures"]["kept"] == 2
    assert report["pictures"]["failed"] == 0
    second = published(tmp_path / "data")
    assert second["Shirt 7"].image_keys
    for name in ("Shirt 3", "Shirt 4"):
        assert second[name].version > first[name].version
        assert second[name].images == first[name].images
    assert second["Shirt 5"] == first["Shirt 5"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_stopped_and_resumed(shop: Shop, crawl: Crawl, tmp_path: Path, how: signal.Signals) -> None:
    shop.hold_from = 6
    running = subprocess.Popen(
        command(tmp_path / "data", shop.url), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while sum(shop.asked[f"/p/{n}"] for n in range(1, SHOP_SIZE + 1)) < 10:
        assert running.poll() is None
        threading.Event().wait(0.02)  # until the shop has seen enough
    running.send_signal(how)
    shop.released.set()
    running.communicate(timeout=60)
    if how == signal.SIGKILL:
        assert running.returncode == -how
    asked = Counter(shop.asked)
    code, report = crawl(shop.url)
    assert code in (0, 3), report
    assert report["finished"]
    products = published(tmp_path / "data")
    assert sorted(products) == sorted(f"Shirt {n}" for n in range(1, SHOP_SIZE + 1))
    assert all(product.images for product in products.values())
    assert report["resumed"]
    assert shop.asked["/list"] == asked["/list"]  # what was done before is not fetched again


def test_a_limit_of_pages_is_kept_and_the_rest_is_for_the_next_time(
    shop: Shop, crawl: Crawl
) -> None:
    _, report = crawl(shop.url, "--max-pages", "4")
    assert not report["finished"]
    assert report["fetched"] <= 4
    _, report = crawl(shop.url)
    assert report["resumed"]
    assert report["finished"]


def test_no_answer_is_a_failure(crawl: Crawl) -> None:
    code, report = crawl("http://127.0.0.1:1/")
    assert code == 1
    assert report["failed"] == 1


def test_bad_arguments(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no web address"):
        crawl_command(["not a url"], data=tmp_path)
    with pytest.raises(ConfigError, match="nothing to crawl"):
        crawl_command([], data=tmp_path)
    with pytest.raises(ConfigError, match=r"missing\.toml"):
        crawl_command([], site=Path("missing.toml"), data=tmp_path)


def test_a_site_file(shop: Shop, crawl: Crawl, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f'seeds = ["{shop.url}"]\n[limits]\nmax_pages = 2\nuser_agent = "Mine/1.0"\n')
    with site.open("a") as text:
        text.write("obey_robots = false\nretries = 0\n")
    shop.ailing = {"/robots.txt"}  # which then stands in nobody's way
    _, report = crawl("--site", str(site))
    assert 1 <= report["fetched"] <= 2
    assert shop.agents == {"Mine/1.0"}
    site.write_text("[limits]\nmax_pages = 0\n")
    with pytest.raises(ConfigError, match=r"site\.toml: limits\.max_pages"):
        crawl_command([shop.url], site=site, data=tmp_path)
