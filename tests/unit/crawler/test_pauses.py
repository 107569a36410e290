"""A crawl that waits: for ingest to catch up, and for engines that are away."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from snapmode.ingest import GROUP
from snapmode.settings import load_settings
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.unit.crawler import test_crawl
from tests.unit.crawler.test_crawl import SHOP_SIZE, Shop, command, published

MAX_LAG = 5
AWAY = {
    "SNAPMODE_LOG__ADAPTER": "tests.unit.crawler.away:AwayLog",
    "SNAPMODE_IMAGES__ADAPTER": "tests.unit.crawler.away:AwayImages",
    "SNAPMODE_CRAWL__MAX_BACKOFF": "0.1",
}
Running = subprocess.Popen[str]
shop = test_crawl.shop


@contextmanager
def crawling(data: Path, url: str, **environment: str) -> Iterator[Running]:
    process = subprocess.Popen(
        command(data, url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"} | environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: Running, *codes: int) -> tuple[dict[str, Any], str]:
    out, said = process.communicate(timeout=60)
    assert process.returncode in codes, said
    return (json.loads(out) if out else {}), said


def until(what: Callable[[], bool], process: Running) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)  # between two looks at another process


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(load_settings(data=tmp_path, environ={})) as house:
        yield house


def test_the_crawl_waits_for_ingest_and_can_be_stopped_meanwhile(
    shop: Shop, house: House, tmp_path: Path
) -> None:
    limit = {"SNAPMODE_CRAWL__MAX_LAG": str(MAX_LAG)}
    lags = []

    def full() -> bool:
        lags.append(house.log.lag(PRODUCTS, GROUP))
        return lags[-1] >= MAX_LAG

    with crawling(tmp_path, shop.url, **limit) as process:
        until(full, process)
        process.send_signal(signal.SIGTERM)
        report, _ = ended(process, 0, 3)
        assert (report["products"], report["finished"]) == (MAX_LAG, False)
    asked = sum(shop.asked.values())
    with crawling(tmp_path, shop.url, **limit) as process:
        assert process.stderr
        said = iter(process.stderr)
        assert any("the crawl pauses: 5 products wait for ingest" in line for line in said)
        assert sum(shop.asked.values()) <= asked + 1  # robots.txt may be asked for again
        while process.poll() is None:
            full()
            records = house.log.poll(PRODUCTS, GROUP, limit=3, timeout=0.01)
            if records:
                house.log.commit(PRODUCTS, GROUP, {r.partition: r.offset for r in records})
        report, _ = ended(process, 0, 3)
        assert report["finished"]
        assert report["paused_seconds"] > 0
    assert max(lags) == MAX_LAG
    assert len(published(tmp_path)) == SHOP_SIZE


def test_engines_that_are_away_are_waited_for(shop: Shop, tmp_path: Path) -> None:
    away = tmp_path / "away"
    shop.hold_from = 1
    with crawling(tmp_path, shop.url, SNAPMODE_CRAWL__PATIENCE="0.2", **AWAY) as process:
        until(lambda: shop.asked["/p/1"] > 0, process)
        away.touch()
        shop.released.set()
        _, said = ended(process, 1)
        assert "was away for 0.2 seconds: nobody answers" in said
        assert said.count("the crawl waits") <= 2  # one for each engine
        assert "Traceback" not in said
    away.unlink()
    shop.released.clear()
    asked = sum(shop.asked.values())
    with crawling(tmp_path, shop.url, **AWAY) as process:
        assert process.stderr
        until(lambda: sum(shop.asked.values()) > asked + 2, process)
        away.touch()
        shop.released.set()
        assert any("away, the crawl waits" in line for line in process.stderr)
        away.unlink()
        report, _ = ended(process, 0, 3)
        assert report["finished"]
        assert report["pictures"]["failed"] == 0
    products = published(tmp_path)
    assert len(products) == SHOP_SIZE
    assert all(product.images for product in products.values())
