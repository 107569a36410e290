"""Variants read from what a buyer can choose."""

import pytest

from crawler.pages.document import Document
from crawler.pages.region import Region
from crawler.pages.variants import variants

PAGE = '<html><body><h1>Coat</h1><select aria-label="{}">{}</select></body></html>'


def found(options: str, label: str = "Size") -> list[tuple[str | None, ...]]:
    region = Region(Document(PAGE.format(label, options), "http://shop.example/p"))
    return [
        (one.sku, one.color, one.size, one.price, one.availability)
        for one in variants(region, "40.00", "EUR")
    ]


def test_an_option_says_colour_size_and_stock() -> None:
    assert found(
        "<option value=''>Choose a size</option>"
        "<option value='AB-1'>Fuchsia / S</option>"
        "<option value='AB-2' disabled>Fuchsia / M</option>"
        "<option value='AB-3'>Fuchsia / L – Sold out</option>"
    ) == [
        ("AB-1", "Fuchsia", "S", "40.00", "InStock"),
        ("AB-2", "Fuchsia", "M", "40.00", "OutOfStock"),
        ("AB-3", "Fuchsia", "L", "40.00", "OutOfStock"),
    ]


def test_an_option_may_have_its_own_price() -> None:
    assert [one[3] for one in found("<option>S (€45.00)</option><option>M</option>")] == [
        "45.00",
        "40.00",
    ]


@pytest.mark.parametrize("value", ["M", "81723645", "on", "medium size"])
def test_a_value_that_is_no_article_number_is_no_sku(value: str) -> None:
    assert found(f"<option value='{value}'>M</option>")[0][0] is None


def test_a_select_of_something_else_has_no_variants() -> None:
    assert found("<option>1</option><option>2</option><option>3</option>", "Quantity") == []
