import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.sqlite_fields import (
    COLUMNS,
    MAX_NUMBERS,
    NAMES,
    SCHEMA,
    condition,
    delete_fields,
    read_fields,
    write_fields,
)
from snapmode.errors import RejectedError
from snapmode.filters import Filter, Range, matches
from snapmode.items import FIELDS, Value

single = [field.name for field in COLUMNS if field.kind == "keyword" and not field.many]
several = [field.name for field in COLUMNS if field.many]
numbers = [field.name for field in COLUMNS if field.kind == "number"]
text = st.text(max_size=5)
number = st.floats(allow_nan=False, allow_infinity=False)
attributes = st.tuples(
    st.dictionaries(st.sampled_from(single), text),
    st.dictionaries(st.sampled_from(several), st.lists(text, min_size=1, max_size=3).map(tuple)),
    st.dictionaries(st.sampled_from(numbers), number),
).map(lambda parts: parts[0] | parts[1] | parts[2])


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    for statement in SCHEMA:
        made.execute(statement)
    yield made
    made.close()


def found(connection: sqlite3.Connection, filter: Filter) -> set[int]:
    met = condition(filter)
    rows = connection.execute(f"SELECT row FROM fields WHERE {met.sql}", met.parameters)
    return {row for (row,) in rows}


def test_every_filterable_field_has_a_column() -> None:
    assert [field.name for field in COLUMNS] == [f.name for f in FIELDS if f.filterable]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=attributes)
def test_attributes_come_back_as_they_were(
    connection: sqlite3.Connection, kept: dict[str, Value]
) -> None:
    write_fields(connection, 1, {"brand": "overwritten", "sizes": ("XXL",)})
    write_fields(connection, 1, kept)
    assert read_fields(connection.execute(f"SELECT {NAMES} FROM fields").fetchone()) == kept
    delete_fields(connection, 1)
    assert connection.execute("SELECT count(*) FROM words").fetchone() == (0,)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=st.lists(attributes, max_size=5), data=st.data())
def test_a_filter_in_sql_is_the_filter(
    connection: sqlite3.Connection, kept: list[dict[str, Value]], data: st.DataObject
) -> None:
    connection.execute("DELETE FROM fields")
    connection.execute("DELETE FROM words")
    for row, each in enumerate(kept):
        write_fields(connection, row, each)
    strings = [v for each in kept for v in each.values() if isinstance(v, str)]
    strings += [w for each in kept for v in each.values() if isinstance(v, tuple) for w in v]
    floats = [v for each in kept for v in each.values() if isinstance(v, float)]
    word = st.sampled_from(strings) | text if strings else text
    size = st.sampled_from(floats) | number if floats else number
    bound = st.none() | size
    wanted = data.draw(
        st.builds(
            Filter,
            st.dictionaries(st.sampled_from(single + several), st.frozensets(word), max_size=2),
            st.dictionaries(
                st.sampled_from(numbers), st.builds(Range, bound, bound, bound, bound), max_size=1
            ),
            st.dictionaries(st.sampled_from(numbers), st.frozensets(size), max_size=1),
        )
    )
    expected = {row for row, each in enumerate(kept) if matches(each, wanted)}
    assert found(connection, wanted) == expected


def test_a_long_list_of_words_is_no_problem(connection: sqlite3.Connection) -> None:
    write_fields(connection, 7, {"brand": "b99999"})
    wanted = Filter(words={"brand": frozenset(f"b{n}" for n in range(100_000))})
    assert found(connection, wanted) == {7}


def test_a_word_that_is_no_unicode_matches_nothing(connection: sqlite3.Connection) -> None:
    write_fields(connection, 7, {"brand": "Acme"})
    for half in ("\ud800", "Acme\udfff"):
        assert found(connection, Filter(words={"brand": frozenset([half])})) == set()


def test_too_many_numbers_are_refused(connection: sqlite3.Connection) -> None:
    few = frozenset(float(n) for n in range(MAX_NUMBERS))
    assert found(connection, Filter(numbers={"price": few})) == set()
    with pytest.raises(RejectedError, match="price"):
        condition(Filter(numbers={"price": few | {-1.0}}))
