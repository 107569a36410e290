import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from embedder.toml_writer import as_toml

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), min_size=1)
VALUES = (
    st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | st.lists(st.integers(0, 255) | WORDS)
)
TABLES = st.recursive(
    st.dictionaries(WORDS, VALUES, max_size=4),
    lambda inner: st.dictionaries(WORDS, VALUES | inner, max_size=4),
    max_leaves=8,
)


@given(table=TABLES)
def test_what_is_written_is_read(table: dict[str, Any]) -> None:
    assert tomllib.loads(as_toml(table)) == table


def test_it_looks_like_toml() -> None:
    table = {"name": "x", "parts": {"all": [0, 3]}, "trained": {"metrics": {"recall@1": 0.5}}}
    assert as_toml(table) == (
        'name = "x"\n\n[parts]\nall = [0, 3]\n\n[trained]\n\n[trained.metrics]\n"recall@1" = 0.5\n'
    )
