"""Pages that once took minutes or raised: each is a product's page with something odd in it.

A page is read in the time of a page: without the bounds most of these would run for hours.
"""

from datetime import UTC, datetime

import pytest

from crawler.focus import links_of
from crawler.pages.product import ProductPage
from snapmode.items import Product

MANY = 300_000
PAGE = (
    "<html><head><title>Red shirt</title></head><body><h1>Red shirt</h1><p>EUR 10.00</p>"
    "<button>Add to cart</button>{}</body></html>"
)
JSON_LD = '<script type="application/ld+json">{{"@type":"Product","name":"Red shirt",{}}}</script>'


def read(body: str) -> Product:
    page = ProductPage(PAGE.format(body), "https://shop.example/p/1")
    links_of(page.document, {"shop.example"}, 1)
    product = page.product(datetime(2026, 1, 1, tzinfo=UTC), 1)
    assert product is not None
    assert product.name == "Red shirt"
    return product


@pytest.mark.parametrize(
    "body",
    [
        f"<select><option>x - {'1' * MANY}</option></select>",
        f"<select><option>x - {'111 ' * MANY}</option></select>",
        f"<select><option>{'in stock - ' * MANY}</option></select>",
        f"<dl><dt>Availability</dt><dd>{'1' * MANY}</dd></dl>",
        f"<a href=/x>{'>' * MANY}x</a>",
        "".join(f"<div><b><a>x</a></b><a>y{n}</a></div>" for n in range(10_000)),
        "<table>" + "".join(f"<tr><td>{n}</td><td>v</td></tr>" for n in range(5_000)) + "</table>",
        "<div>" * 10_000 + "x",
    ],
    ids=["digits", "groups", "dashes", "stock", "arrows", "links", "table", "deep"],
)
def test_the_visible_page(body: str) -> None:
    assert read(body).price == "10.00"


@pytest.mark.parametrize("price", ["1e99999999999999999999", "1 " * MANY + "x", "9" * MANY])
def test_a_price_that_is_none(price: str) -> None:
    product = read(JSON_LD.format(f'"sku":"1","offers":{{"price":"{price}"}}'))
    assert product.price == "10.00"
    assert product.provenance["price"] == "html"


def test_offers_in_offers() -> None:
    nested = '{"offers":' * 900 + "1" + "}" * 900
    assert read(JSON_LD.format(f'"sku":"1","offers":{nested}')).sku == "1"
