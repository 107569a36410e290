"""Every folder of tests/pages: page.html as it was at url.txt, and the product.json expected of it.

product.json is null where there is no product; breadcrumbs are names, images addresses, variants
[sku, size, availability]. A field that is not named must be empty, but for those below.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.pages.product import extract_product
from snapmode.items import Product, product_id

CASES = sorted(path.parent for path in Path("tests/pages").glob("*/page.html"))
FREE = {"id", "version", "fetched_at", "provenance"}
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def extracted(case: Path) -> Product | None:
    url = (case / "url.txt").read_text().strip()
    return extract_product((case / "page.html").read_text("utf-8"), url, NOW, 7)


def compared(product: Product) -> dict[str, Any]:
    found = product.model_dump(mode="json", exclude=FREE)
    found["breadcrumbs"] = [crumb["name"] for crumb in found["breadcrumbs"]]
    found["images"] = [image["url"] for image in found["images"]]
    found["variants"] = [
        [one["sku"], one["size"], one["availability"]] for one in found["variants"]
    ]
    return {name: value for name, value in found.items() if value not in (None, [])}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_page(case: Path) -> None:
    expected = json.loads((case / "product.json").read_text("utf-8"))
    product = extracted(case)
    if expected is None:
        assert product is None
        return
    assert product is not None
    found = compared(product)
    if "description" not in expected:
        found.pop("description", None)
    assert found == expected


def test_provenance_and_identity() -> None:
    product = extracted(Path("tests/pages/json_ld_graph_aggregate"))
    assert product is not None
    assert product.provenance["price"] == "json-ld"
    assert product.provenance["color"] == "html"
    assert product.id == product_id("www.haus.example", "/jacke-4711.html")
    assert (product.version, product.fetched_at) == (7, NOW)


@pytest.mark.parametrize(
    "html", ["", "<", "\0", "<?xml version='1.0' encoding='utf-16'?><p>", "<p>" * 3000]
)
def test_odd_pages_have_no_product(html: str) -> None:
    assert extract_product(html, "http://shop.example/", NOW, 1) is None
