"""Real products go the whole way: served as a shop, crawled, ingested, searched over HTTP."""

import csv
import json
from collections import defaultdict
from pathlib import Path

from tests.processes import demo_shop, search, served, snapmode


def main_pictures(luma: Path, target: Path) -> list[dict[str, str]]:
    """A catalogue of luma's `main` pictures, a row a product; returns the rows of `back`."""
    with (luma / "manifest.csv").open() as file:
        rows = list(csv.DictReader(file))
    products: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if row["view"] == "main":
            products[row["sku"]].append(row)
    with target.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["sku", "name", "price", "currency", "breadcrumbs", "images"])
        for sku, views in products.items():
            images = "|".join(str(luma / view["image"]) for view in views)
            crumbs = f"{views[0]['gender']}|{views[0]['category']}"
            out.writerow([sku, views[0]["name"], views[0]["price"], "USD", crumbs, images])
    return [row for row in rows if row["view"] == "back"]


def test_back_views_find_their_product(data_folder: Path, tmp_path: Path) -> None:
    luma, data = data_folder / "luma_products", tmp_path / "var"
    queries = main_pictures(luma, tmp_path / "catalogue.csv")
    with demo_shop(tmp_path / "shop", "--catalogue", tmp_path / "catalogue.csv") as shop:
        snapmode("crawl", shop.url, "--data", data, codes=(0, 3))
        skus = {product["sku"] for product in shop.truth}
    snapmode("ingest", "--until-idle", "--data", data)
    exported = [json.loads(line) for line in snapmode("export", "--data", data).splitlines()]
    assert len(exported) == len(skus) == 100
    assert {product["sku"] for product in exported} == skus

    with served("--data", data) as address:
        found = [
            query["sku"]
            in [hit["product"]["sku"] for hit in search(address, luma / query["image"])]
            for query in queries
        ]
    share = sum(found) / len(found)
    print(f"{len(found)} back views: {share:.3f} have their product among the first ten")
    assert share >= 0.80
