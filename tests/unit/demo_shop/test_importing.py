"""Any catalogue of ours as a shop: served as it is, refused by file, line and field."""

import csv
import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from demo_shop import DemoShop, serving
from snapmode.errors import ConfigError
from tests.unit.demo_shop.visitor import Visitor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, colour in (("a.png", "red"), ("b.jpg", "blue"), ("c.webp", "green")):
        Image.new("RGB", (60, 80), colour).save(tmp_path / name)
    return tmp_path


def as_jsonl(folder: Path, *rows: object) -> Path:
    path = folder / "catalogue.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


FULL = {
    "id": "x:1",
    "name": "Mantel „Łódź“ <grau>",
    "brand": "A & B",
    "price": "1249.9",
    "regularPrice": "1500.00",
    "currency": "EUR",
    "availability": "OutOfStock",
    "sku": "MH01/é",
    "gtin": "4006381333931",
    "description": "Warm & schön.",
    "color": "grau",
    "sizes": ["S", "M"],
    "breadcrumbs": [{"name": "Männer", "url": "http://x/"}, {"name": "کت"}],
    "images": [{"url": "http://elsewhere/a.png", "key": "a.png"}, "b.jpg"],
    "variants": [{"sku": "MH01-S", "size": "S", "color": "grau", "price": "1249.90"}],
    "source": "somewhere",
    "fetched_at": "2024-01-01T00:00:00Z",
}


def test_jsonl_is_served_with_its_own_pictures_and_fields(folder: Path) -> None:
    path = as_jsonl(folder, FULL, "", {"name": "Bare", "images": ["c.webp"]})
    shop = DemoShop.from_catalogue(path, seed=5)
    with serving(shop) as url:
        full, bare = shop.truth(url)
        with Visitor(url) as visitor:
            page = visitor.get(full["url"])
            pictures = [visitor.get(each["url"]) for each in full["images"] + bare["images"]]
    assert page.tree().xpath("//h1")[0].text_content() == FULL["name"]
    for field in ("name", "brand", "currency", "sku", "gtin", "description", "color", "sizes"):
        assert full[field] == FULL[field]
    assert full["availability"] == "OutOfStock"
    assert (full["price"], full["regularPrice"]) == ("1249.90", "1500.00")
    assert [each["name"] for each in full["breadcrumbs"]] == ["Männer", "کت"]
    assert full["variants"][0]["sku"] == "MH01-S"
    kinds = [each.headers["content-type"] for each in pictures]
    assert kinds == ["image/png", "image/jpeg", "image/webp"]
    assert pictures[0].body == (folder / "a.png").read_bytes()
    assert full["images"][0]["sha256"] == hashlib.sha256(pictures[0].body).hexdigest()
    assert (bare["price"], bare["currency"], bare["sku"]) == (None, None, None)


def test_csv_takes_several_values_with_bars(folder: Path) -> None:
    path = folder / "catalogue.csv"
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["sku", "name", "price", "breadcrumbs", "sizes", "image"])
        writer.writerow(["007", "Hoodie", "52", "Men|Tops", "S|M|L", "a.png|b.jpg"])
    (truth,) = DemoShop.from_catalogue(path).truth("http://127.0.0.1:9")
    assert (truth["sku"], truth["price"], truth["sizes"]) == ("007", "52.00", ["S", "M", "L"])
    assert [each["name"] for each in truth["breadcrumbs"]] == ["Men", "Tops"]
    assert len(truth["images"]) == 2


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"images": ["a.png"]}, "name"),
        ({"name": ["x"], "images": ["a.png"]}, "name"),
        ({"name": "x"}, "images"),
        ({"name": "x", "images": ["none.png"]}, "images"),
        ({"name": "x", "images": ["http://elsewhere/a.png"]}, "images"),
        ({"name": "x", "images": [7]}, "images"),
        ({"name": "x", "images": ["a.png"], "price": "4,50"}, "price"),
        ({"name": "x", "images": ["a.png"], "price": "-4"}, "price"),
        ({"name": "x", "images": ["a.png"], "price": "NaN"}, "price"),
        ({"name": "x", "images": ["a.png"], "sizes": 3}, "sizes"),
        ({"name": "x", "images": ["a.png"], "breadcrumbs": [{"url": "/"}]}, "breadcrumbs"),
        ({"name": "x", "images": ["a.png"], "variants": ["S"]}, "variants"),
        ({"name": "x", "images": ["a.png"], "variants": [{"price": "x"}]}, "price"),
    ],
)
def test_bad_rows_are_refused_by_name(folder: Path, row: dict, field: str) -> None:
    path = as_jsonl(folder, {"name": "Good", "images": ["a.png"]}, row)
    with pytest.raises(ConfigError) as refused:
        DemoShop.from_catalogue(path)
    assert str(path) in str(refused.value)
    assert "line 2" in str(refused.value)
    assert repr(field) in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_files_without_products_are_refused(folder: Path, text: str) -> None:
    path = as_jsonl(folder, text)
    with pytest.raises(ConfigError, match=r"catalogue\.jsonl"):
        DemoShop.from_catalogue(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv"):
        DemoShop.from_catalogue(tmp_path / "none.csv")


def test_a_csv_row_with_too_many_cells_is_refused(folder: Path) -> None:
    path = folder / "catalogue.csv"
    path.write_text("name,image\nHat,a.png,more\n")
    with pytest.raises(ConfigError, match="line 2"):
        DemoShop.from_catalogue(path)
