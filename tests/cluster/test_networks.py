"""Each network that comes along, as the model of the topology on the real engines.

MODELS=FOLDER tries the models of another folder, before they come along.
"""

import csv
import json
import os
import random
import urllib.request
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedder.model_file import MODELS
from tests.cluster.running import Cluster, cluster_for
from tests.engines import Engines
from tests.processes import Shop, demo_shop, search, served, snapmode

pytestmark = pytest.mark.cluster

FOLDER = Path(os.environ.get("MODELS", MODELS))
ELSEWHERE = {"lite0", "default"}
"""What the other suites run with."""
NETWORKS = {
    toml.parent.name: str(toml.parent) if "MODELS" in os.environ else toml.parent.name
    for toml in sorted(FOLDER.glob("*/model.toml"))
    if toml.parent.name not in ELSEWHERE
}
"""Name → what `[embedder] model` says."""
PRODUCTS = 12
SEARCHED = 3


class Photos:
    """The pictures of a shop as their files, apart from every store."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.folder = folder
        self.products = {
            product["url"]: [image["sha256"] for image in product["images"]]
            for product in shop.truth
        }
        folder.mkdir()
        for product in shop.truth:
            for image in product["images"]:
                data = urllib.request.urlopen(image["url"]).read()
                self.file(image["sha256"]).write_bytes(data)
        with self.manifest.open("w", newline="") as file:
            csv.writer(file).writerows([["image"], *([self.file(key).name] for key in self.keys)])

    @cached_property
    def keys(self) -> list[str]:
        return sorted({key for keys in self.products.values() for key in keys})

    def file(self, key: str) -> Path:
        return self.folder / f"{key}.jpg"

    @property
    def manifest(self) -> Path:
        return self.folder / "pictures.csv"

    def embedded(self, model: str, out: Path) -> np.ndarray:
        """(pictures, dim), in the order of `keys`, as `snapmode embed` says."""
        snapmode("embed", "--manifest", self.manifest, "--out", out, "--model", model)
        rows: np.ndarray = np.load(out)
        return rows


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    seed = str(random.SystemRandom().randrange(10**6))
    print(f"demo shop of seed {seed}")
    folder = tmp_path_factory.mktemp("shop")
    with demo_shop(folder, "--seed", seed, "--products", str(PRODUCTS)) as started:
        yield started


@pytest.fixture(scope="module")
def photos(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return Photos(shop, tmp_path_factory.mktemp("photos") / "all")


def stored(cluster: Cluster) -> list[dict[str, Any]]:
    """The rows of the collection and what they are vectors of, by Milvus' own client."""
    from pymilvus import MilvusClient  # the extra `cluster`

    client = MilvusClient(cluster.environ["SNAPMODE_VECTORS__URI"], dedicated=True)
    try:
        rows: list[dict[str, Any]] = client.query(
            cluster.environ["SNAPMODE_VECTORS__COLLECTION"],
            'id != ""',
            ["product_id", "picture", "vector"],
            consistency_level="Strong",
        )
        return rows
    finally:
        client.close()


@pytest.mark.parametrize("name", NETWORKS)
def test_milvus_holds_what_embed_says_and_finds_it(
    name: str, engines: Engines, shop: Shop, photos: Photos, tmp_path: Path
) -> None:
    model = NETWORKS[name]
    with cluster_for(engines, tmp_path, submit=False, SNAPMODE_EMBEDDER__MODEL=model) as cluster:
        cluster.snapmode("topology", "submit", "ingest", "--name", cluster.topology)
        cluster.snapmode("crawl", shop.url, codes=(0, 3))
        expected = dict(
            zip(photos.keys, photos.embedded(model, tmp_path / "vectors.npy"), strict=True)
        )
        cluster.drain()

        rows = stored(cluster)
        exported = [json.loads(line) for line in cluster.snapmode("export").splitlines()]
        urls = {product["id"]: product["url"] for product in exported}
        assert sorted((urls[row["product_id"]], row["picture"]) for row in rows) == sorted(
            (url, key) for url, keys in photos.products.items() for key in set(keys)
        )
        for row in rows:
            np.testing.assert_allclose(row["vector"], expected[row["picture"]], rtol=0, atol=1e-5)

        with served(*cluster.where(), environ=cluster.environ) as address:
            for url, keys in random.Random(1).sample(sorted(photos.products.items()), SEARCHED):
                first, *_ = search(address, photos.file(keys[0]))
                assert urls[first["product_id"]] == url
                assert first["score"] == pytest.approx(1, abs=1e-4)
