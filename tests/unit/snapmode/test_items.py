from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from snapmode.items import Product, VersionClock, attributes, digest, product_id

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def product(**fields: object) -> Product:
    return Product.model_validate(
        {"id": "p", "version": 1, "url": "u", "name": "n", "source": "s", "fetched_at": NOW}
        | fields
    )


@pytest.mark.parametrize("price", ["-1", "1,50", "NaN", "", "1e3", " 5", "1.1234567", "Infinity"])
def test_a_price_is_a_plain_decimal_string(price: str) -> None:
    with pytest.raises(ValidationError, match="price"):
        product(price=price)


@pytest.mark.parametrize(
    "wrong",
    [
        {"currency": "usd"},
        {"availability": "maybe"},
        {"name": "  "},
        {"colour": "red"},
        {"version": -1},
        {"images": [{"url": "x", "key": "short"}]},
    ],
)
def test_a_bad_field_is_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        product(**wrong)


def test_attributes_hold_what_filters_ask_for() -> None:
    found = attributes(
        product(
            price="12.50", brand="B", sizes=["S"], breadcrumbs=[{"name": "Dresses", "url": "/d"}]
        )
    )
    assert found == {
        "id": "p",
        "url": "u",
        "price": 12.5,
        "brand": "B",
        "sizes": ("S",),
        "breadcrumbs": ("Dresses",),
        "source": "s",
    }


def test_image_keys_are_the_stored_ones_once_each_in_order() -> None:
    images = [{"url": "1", "key": "b" * 64}, {"url": "2"}, {"url": "3", "key": "a" * 64}]
    assert product(images=[*images, images[0]]).image_keys == ("b" * 64, "a" * 64)


def test_digest_separates_its_parts() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert product_id("shop:80", "/p/1") == product_id("shop:80", "/p/1")
    assert len(product_id("shop", "x")) == 32


def test_versions_grow_even_when_the_clock_does_not() -> None:
    clock = VersionClock()
    versions = [clock.next(NOW), clock.next(NOW), clock.next(NOW.replace(year=2020)), clock.next()]
    assert versions == sorted(set(versions))
    assert versions[0] == 1_767_323_045_000_000
