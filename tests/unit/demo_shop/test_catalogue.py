"""The generated catalogue: big enough, varied, and the same for the same seed."""

import dataclasses

from demo_shop import DemoShop
from demo_shop.drawing import GARMENTS, PATTERNS, Look, draw_picture
from demo_shop.make import make_catalogue
from demo_shop.site import Site

BASE = "http://127.0.0.1:1"


def test_the_same_seed_gives_the_same_bytes(seed: int) -> None:
    first, second = DemoShop(seed, 24), DemoShop(seed, 24)
    assert first.products == second.products
    assert first.grammar == second.grammar
    one, two = Site(first, BASE), Site(second, BASE)
    for product in first.products:
        path = first.grammar.urls.product(product)
        assert one.respond(path).body == two.respond(path).body


def test_another_seed_gives_other_classes_and_addresses(seed: int) -> None:
    first, second = DemoShop(seed, 24), DemoShop(seed + 1, 24)
    assert first.grammar.css != second.grammar.css
    assert first.grammar.urls != second.grammar.urls
    paths = {first.grammar.urls.product(each) for each in first.products}
    assert paths.isdisjoint(second.grammar.urls.product(each) for each in second.products)


def test_seeds_differ_in_grammar_and_layout(seed: int) -> None:
    shops = [DemoShop(seed + step, 1).grammar for step in range(40)]
    for field in ("spec_layout", "gallery_style", "money", "page_size"):
        assert len({getattr(each, field) for each in shops}) > 1
    assert len({each.urls.product_form for each in shops}) > 3
    assert len({each.css["price"] for each in shops}) > 10


def test_three_hundred_products_of_many_types(seed: int) -> None:
    products = make_catalogue(seed, 300).products
    assert {each.garment for each in products} == set(GARMENTS)
    assert all(2 <= len(each.pictures) <= 4 for each in products)
    assert any(each.regular_price for each in products)
    assert {each.availability for each in products} == {"InStock", "OutOfStock"}
    assert all(each.regular_price is None or each.regular_price > each.price for each in products)
    skus = [each.sku for each in products]
    skus += [variant.sku for each in products for variant in each.variants]
    assert len(set(skus)) == len(skus)


def test_check_digits_are_right(seed: int) -> None:
    for product in make_catalogue(seed, 50).products:
        digits = [int(digit) for digit in product.gtin]
        assert len(digits) == 13
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_products_of_one_type_and_colour_differ_in_pattern(seed: int) -> None:
    looks = [each.pictures[0].look for each in make_catalogue(seed, 300).products]
    keys = {(look.garment, look.colour, look.pattern) for look in looks}
    assert len(keys) == 300


def test_each_garment_and_pattern_can_be_drawn(seed: int) -> None:
    for number, garment in enumerate(GARMENTS):
        pattern = PATTERNS[number % len(PATTERNS)]
        look = Look(garment, "Teal", pattern, "Cream", cut=number, seed=seed)
        assert draw_picture(look, number % 4)[:2] == b"\xff\xd8"


def test_a_picture_is_always_the_same_and_views_differ(seed: int) -> None:
    look = Look("coat", "Navy", "tartan", "Red", seed=seed)
    assert draw_picture(look, 1) == draw_picture(dataclasses.replace(look), 1)
    assert draw_picture(look, 0) != draw_picture(look, 1)
