"""The loop on Kafka, Storm, Milvus and Solr gives what the embedded loop gives."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from demo_shop import DemoShop
from tests.browser.chromium import launched
from tests.cluster.running import Cluster, cluster_for
from tests.engines import Engines
from tests.processes import Shop, demo_shop, search, served, snapmode

pytestmark = pytest.mark.cluster

PRODUCTS = 40
QUERIES = 50
SCORE = 1e-4
"""Hits whose scores are nearer than this may change places."""


class Loops(NamedTuple):
    shop: Shop
    embedded: Path
    cluster: Cluster


@pytest.fixture(scope="module")
def loops(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loops]:
    folder = tmp_path_factory.mktemp("loops")
    seed = str(random.SystemRandom().randrange(10**6))
    print(f"demo shop of seed {seed}")
    options = ("--seed", seed, "--products", str(PRODUCTS))
    with (
        demo_shop(folder / "shop", *options) as shop,
        cluster_for(engines, folder / "cluster") as cluster,
    ):
        cluster.snapmode("crawl", shop.url, codes=(0, 3))
        snapmode("crawl", shop.url, "--data", folder / "embedded", codes=(0, 3))
        snapmode("ingest", "--until-idle", "--data", folder / "embedded", codes=(0, 3))
        cluster.drain()
        yield Loops(shop, folder / "embedded", cluster)


def test_export_equals_the_embedded_runs(loops: Loops) -> None:
    ours = loops.cluster.snapmode("export").splitlines()
    theirs = snapmode("export", "--data", loops.embedded).splitlines()
    assert len(ours) == len(loops.shop.truth)
    assert [without_time(line) for line in ours] == [without_time(line) for line in theirs]


def without_time(line: str) -> dict[str, Any]:
    """An exported product; two crawls fetch at two times."""
    return {name: value for name, value in json.loads(line).items() if name != "fetched_at"}


def test_verify_finds_nothing(loops: Loops) -> None:
    report = json.loads(loops.cluster.snapmode("verify", "--json"))
    assert (report["findings"], report["lag"]) == ([], 0)


def test_search_answers_what_the_embedded_one_answers(loops: Loops, tmp_path: Path) -> None:
    shop = DemoShop(random.randrange(10**6), QUERIES)
    with (
        served("--data", loops.embedded) as embedded,
        served(*loops.cluster.where(), environ=loops.cluster.environ) as cluster,
    ):
        for number, product in enumerate(shop.products):
            picture = tmp_path / f"{number}.jpg"
            picture.write_bytes(shop.picture(product, 0))
            assert_same(search(embedded, picture, 20), search(cluster, picture, 20))


def assert_same(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    assert len(ours) == len(theirs) == 20
    for one, other in zip(ours, theirs, strict=True):
        assert abs(one["score"] - other["score"]) <= SCORE
    last = ours[-1]["score"]  # may tie with one that was cut off
    known = {hit["product_id"]: hit["score"] for hit in theirs}
    for hit in ours:
        if hit["score"] > last + SCORE:
            assert abs(known[hit["product_id"]] - hit["score"]) <= SCORE


def test_the_page_finds_a_product_in_chromium(loops: Loops, tmp_path: Path) -> None:
    true = json.loads(loops.cluster.snapmode("export").splitlines()[0])
    with (
        served(*loops.cluster.where(), environ=loops.cluster.environ) as address,
        launched() as browser,
    ):
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector(".card:not(.waiting)")
        picture = tmp_path / "photo.jpg"
        picture.write_bytes(
            page.request.get(f"{address}/v1/images/{true['images'][0]['key']}").body()
        )
        page.locator("#choose").set_input_files(picture)
        first = page.locator(".card:not(.waiting) .likeness").first
        first.wait_for()
        card = page.locator(".card:not(.waiting)").first
        assert card.get_attribute("data-product") == true["id"]
