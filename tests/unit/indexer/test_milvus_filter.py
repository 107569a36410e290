import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.milvus_filter import (
    EVERYTHING,
    NOTHING,
    expression,
    filterable,
    id_ranges,
    one_of,
)
from snapmode.filters import Filter, Range, parse_filter
from snapmode.items import digest


def test_an_empty_filter_is_met_by_all() -> None:
    assert expression(None) == expression(Filter()) == EVERYTHING


def test_all_conditions_must_hold() -> None:
    asked = parse_filter({"brand": ["b", "a"], "price": {"gte": 10, "lt": 50}, "regularPrice": 5})
    assert expression(asked) == (
        f'(json_contains_any(filters["brand"], ["{digest("a")}", "{digest("b")}"]))'
        ' and (filters["price"] >= 10.0 and filters["price"] < 50.0)'
        ' and (filters["regularPrice"] == 5.0)'
    )


def test_an_empty_list_is_met_by_none() -> None:
    assert expression(Filter(words={"brand": frozenset()})) == f"({NOTHING})"
    assert expression(Filter(numbers={"price": frozenset()})) == f"({NOTHING})"


def test_an_open_range_asks_for_a_value() -> None:
    assert expression(Filter(ranges={"price": Range()})) == '(exists filters["price"])'


def test_no_word_of_a_client_gets_into_an_expression() -> None:
    word = '"] or version >= 0 or id in ["'
    assert "or" not in expression(Filter(words={"brand": frozenset([word])}))
    assert filterable({"brand": word, "price": 9.5}) == {"brand": [digest(word)], "price": 9.5}


def test_texts_are_quoted() -> None:
    assert one_of("id", ['a"b', "c\\d", "e\nf"]) == r'id in ["a\"b", "c\\d", "e\nf"]'


def lies_in(text: str, part: str) -> bool:
    bounds = re.findall(r'id (>=|<) "(\w+)"', part)
    return all(text >= edge if sign == ">=" else text < edge for sign, edge in bounds)


@pytest.mark.parametrize("number", [1, 2, 16, 17, 300])
@given(text=st.text(max_size=5) | st.integers(0).map(lambda n: digest(str(n))))
def test_every_id_lies_in_one_range(number: int, text: str) -> None:
    ranges = id_ranges(number)
    assert number <= len(ranges) <= 16 * number
    assert sum(lies_in(text, part) for part in ranges) == 1


def test_ranges_are_in_the_order_of_ids() -> None:
    ids = sorted(digest(str(n)) for n in range(500))
    ranges = id_ranges(100)
    assert [i for part in ranges for i in ids if lies_in(i, part)] == ids
