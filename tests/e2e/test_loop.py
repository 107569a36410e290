"""The whole loop as a user runs it: crawl a shop never seen before, ingest, search, repeat."""

import hashlib
import json
import random
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.processes import Shop, demo_shop, snapmode

FIELDS = (
    *("name", "brand", "price", "regularPrice", "currency", "availability", "sku", "gtin"),
    *("description", "color", "material", "source"),
)


class Loop(NamedTuple):
    shop: Shop
    data: Path
    crawl: dict[str, Any]
    ingest: dict[str, Any]
    products: list[dict[str, Any]]


def variants(product: dict[str, Any]) -> list[tuple[str | None, ...]]:
    names = ("sku", "color", "size", "price", "availability")
    return [tuple(variant[name] for name in names) for variant in product["variants"]]


def crawled(shop: Shop, data: Path) -> Loop:
    crawl = json.loads(snapmode("crawl", shop.url, "--data", data, "--json", codes=(0, 3)))
    ingest = json.loads(snapmode("ingest", "--until-idle", "--data", data, "--json", codes=(0, 3)))
    lines = snapmode("export", "--data", data).splitlines()
    return Loop(shop, data, crawl, ingest, [json.loads(line) for line in lines])


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    folder = tmp_path_factory.mktemp("loop")
    seed = random.SystemRandom().randrange(10**6)
    print(f"demo shop of seed {seed}")
    with demo_shop(folder / "shop", "--seed", str(seed), "--products", "40") as shop:
        yield crawled(shop, folder / "var")


def test_every_product_is_found_once_with_its_fields(loop: Loop) -> None:
    found = {product["url"]: product for product in loop.products}
    assert len(found) == len(loop.products)
    assert found.keys() == {product["url"] for product in loop.shop.truth}
    for true in loop.shop.truth:
        product = found[true["url"]]
        assert {f: product[f] for f in FIELDS} == {f: true[f] for f in FIELDS}, true["markup"]
        assert set(product["sizes"]) == set(true["sizes"]), true["markup"]
        assert [crumb["name"] for crumb in product["breadcrumbs"]] == [
            crumb["name"] for crumb in true["breadcrumbs"]
        ], true["markup"]
        assert variants(product) == variants(true), true["markup"]
        assert [image["key"] for image in product["images"]] == [
            image["sha256"] for image in true["images"]
        ], true["markup"]


def test_the_report_counts_what_happened(loop: Loop) -> None:
    keys = [
        "fetched",
        "products",
        "listings",
        "other",
        "failed",
        "denied",
        "duplicates",
        "harvest_rate",
        "seconds",
    ]
    assert set(keys) <= loop.crawl.keys()
    assert loop.crawl["products"] == len(loop.shop.truth)
    assert loop.crawl["failed"] > 0, "the shop has broken pages"
    assert loop.crawl["harvest_rate"] == pytest.approx(
        loop.crawl["products"] / loop.crawl["fetched"], abs=0.001
    )


def test_no_page_is_fetched_twice_and_robots_are_obeyed(loop: Loop) -> None:
    fetched = [r["path"] for r in loop.shop.requests if r["method"] == "GET" and r["status"] == 200]
    twice = {path for path in fetched if fetched.count(path) > 1}
    assert not twice
    robots = urllib.request.urlopen(loop.shop.url + "robots.txt").read().decode()
    denied = [line.split()[1] for line in robots.splitlines() if line.startswith("Disallow")]
    assert denied
    assert not [path for path in fetched if path.startswith(tuple(denied))]


def test_a_product_picture_finds_its_product_first(loop: Loop, tmp_path: Path) -> None:
    for true in random.Random(1).sample(loop.shop.truth, 5):
        picture = tmp_path / "query.jpg"
        data = urllib.request.urlopen(true["images"][0]["url"]).read()
        assert hashlib.sha256(data).hexdigest() == true["images"][0]["sha256"]
        picture.write_bytes(data)
        answer = json.loads(snapmode("search", picture, "-k", "3", "--data", loop.data, "--json"))
        assert len(answer["hits"]) == 3
        assert answer["hits"][0]["url"] == true["url"]
        assert answer["hits"][0]["score"] == pytest.approx(1, abs=1e-3)


def test_verify_finds_nothing(loop: Loop) -> None:
    report = json.loads(snapmode("verify", "--data", loop.data, "--json"))
    assert report["findings"] == []


def test_a_second_crawl_changes_nothing_and_embeds_nothing(loop: Loop) -> None:
    again = crawled(loop.shop, loop.data)

    def without_time(products: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{k: v for k, v in product.items() if k != "fetched_at"} for product in products]

    assert without_time(again.products) == without_time(loop.products)
    assert again.ingest["pictures_embedded"] == 0
    assert json.loads(snapmode("verify", "--data", loop.data, "--json"))["findings"] == []


def test_the_truth_is_out_of_reach(loop: Loop) -> None:
    """No answer of the shop holds what only the truth file says."""
    for path in ("truth.jsonl", "truth", ".truth", "../truth.jsonl"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(loop.shop.url + path)
