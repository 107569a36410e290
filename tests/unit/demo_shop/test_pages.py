"""What a product page shows is what the truth says."""

import json
import re
from collections import Counter

import pytest
from lxml import html

from demo_shop import DemoShop
from demo_shop.plan import MARKUPS
from tests.unit.demo_shop.conftest import Served
from tests.unit.demo_shop.visitor import Visitor


@pytest.fixture(scope="module")
def shown(served: Served) -> list[tuple[dict, bytes]]:
    with Visitor(served.url) as visitor:
        return [(each, visitor.get(each["url"]).body) for each in served.shop.truth(served.url)]


def of_style(shown: list[tuple[dict, bytes]], style: str) -> list[tuple[dict, bytes]]:
    return [(truth, body) for truth, body in shown if truth["markup"] == style]


def json_ld(body: bytes) -> dict:
    """The page's product object."""
    found = []
    for text in html.fromstring(body).xpath("//script[@type='application/ld+json']/text()"):
        data = json.loads(text)
        found += data.get("@graph", [data])
    return next(each for each in found if each["@type"] == "Product")


def test_every_value_of_the_truth_stands_in_the_page(shown) -> None:
    for truth, body in shown:
        text = " ".join(html.fromstring(body.decode()).xpath("//body//text()"))
        source = body.decode()
        for field in ("name", "brand", "description", "color"):
            assert truth[field] in text
        for field in ("sku", "gtin"):
            assert truth[field] is None or truth[field] in source
        for variant in truth["variants"]:
            assert f'value="{variant["sku"]}"' in source
        assert all(size in text for size in truth["sizes"])
        assert all(each["name"] in text for each in truth["breadcrumbs"])
        for image in truth["images"]:
            path = "/" + image["url"].split("/", 3)[3].replace("&", "&amp;")
            assert path in source


def test_what_the_truth_leaves_out_is_not_in_the_page(served, shown) -> None:
    for product, (truth, body) in zip(served.shop.products, shown, strict=True):
        if truth["gtin"] is None:
            assert product.gtin.encode() not in body
        if truth["sku"] is None:
            # variants' numbers begin with the product's
            assert not re.search(rb"\b" + re.escape(product.sku).encode() + rb"(?![-\w])", body)


def test_prices_and_availability_are_printed_in_the_shops_way(served, shown) -> None:
    grammar = served.shop.grammar
    for product, (truth, body) in zip(served.shop.products, shown, strict=True):
        tree = html.fromstring(body.decode())
        price = tree.find_class(grammar.css["price"])[0].text_content()
        assert price == grammar.money.show(product.price, truth["currency"])
        old = tree.find_class(grammar.css["old_price"])
        assert bool(old) == (truth["regularPrice"] is not None)
        stock = tree.find_class(grammar.css["stock"])[0].text_content()
        assert stock == grammar.labels[truth["availability"]]


def test_json_ld_says_the_truth(shown) -> None:
    for truth, body in of_style(shown, "jsonld"):
        found = json_ld(body)
        assert found["name"] == truth["name"]
        assert found["sku"] == truth["sku"]
        assert found["gtin13"] == truth["gtin"]
        assert found["offers"]["price"] == truth["price"]
        assert found["offers"]["priceCurrency"] == truth["currency"]
        assert found["offers"]["availability"].endswith(truth["availability"])
        assert {each["url"] for each in truth["images"]} <= set(found["image"])


def test_microdata_says_the_truth(shown) -> None:
    for truth, body in of_style(shown, "microdata"):
        item = html.fromstring(body.decode()).xpath("//*[contains(@itemtype, 'org/Product')]")[0]
        assert item.xpath(".//h1[@itemprop='name']")[0].text == truth["name"]
        assert item.xpath(".//*[@itemprop='price']/@content") == [truth["price"]]
        assert item.xpath(".//*[@itemprop='priceCurrency']/@content") == [truth["currency"]]
        stock = item.xpath(".//*[@itemprop='availability']/@href")
        assert stock == [f"https://schema.org/{truth['availability']}"]
        gtin = item.xpath(".//*[@itemprop='gtin13']")[0]
        assert (gtin.get("content") or gtin.text) == truth["gtin"]


def test_open_graph_says_the_truth(shown) -> None:
    for truth, body in of_style(shown, "opengraph"):
        tree = html.fromstring(body.decode())
        said = dict(zip(tree.xpath("//meta/@property"), tree.xpath("//meta[@property]/@content")))  # noqa: B905
        assert said["og:title"] == truth["name"]
        assert said["product:price:amount"] == truth["price"]
        assert said["product:retailer_item_id"] == truth["sku"]


def test_plain_pages_have_no_markup(shown) -> None:
    for _, body in of_style(shown, "html"):
        assert b"ld+json" not in body
        assert b"itemprop" not in body
        assert b"og:" not in body


def test_cards_of_other_products_stand_beside_each_product(served, shown) -> None:
    css = served.shop.grammar.css
    for _, body in shown:
        aside = html.fromstring(body).find_class(css["related"])[0]
        cards = aside.find_class(css["card"])
        assert len(cards) == 4
        assert all(each.xpath(".//img/@src") for each in cards)
        assert all(each.find_class(css["card_price"])[0].text_content() for each in cards)


@pytest.mark.parametrize("products", [40, 300])
def test_each_page_style_is_on_many_pages(seed: int, products: int) -> None:
    styles = Counter(DemoShop(seed, products).plan.markup)
    assert set(styles) == set(MARKUPS)
    assert min(styles.values()) >= 0.15 * products
