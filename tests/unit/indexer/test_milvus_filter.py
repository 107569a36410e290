from indexer.milvus_filter import EVERYTHING, NOTHING, expression, filterable, one_of
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
