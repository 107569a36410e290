from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.sqlite_catalog import SqliteCatalog
from indexer.words import TEXT, asked_words, field_text, tokens
from snapmode.items import FIELD, Breadcrumb
from tests.contract.examples import product


def test_letters_digits_and_private_signs_are_words_without_case_and_accents() -> None:
    assert tokens(['Käsekleid "北京" t-shirt', "", "e\u0301a \ue000x ß\0İ"]) == [
        ["kasekleid", "北京", "t", "shirt"],
        [],
        ["ea", "\ue000x", "ß", "i"],
    ]


def test_what_is_asked_for_is_split_at_spaces_and_holds_a_letter_or_digit() -> None:
    assert asked_words(" t-shirt  AND ?! 42\0x \ud800") == ["t-shirt", "AND", "42", "x"]


def test_texts_are_those_of_the_searched_fields() -> None:
    crumbs = (Breadcrumb(name="Women"), Breadcrumb(name="Shoes"))
    item = product(name="A", breadcrumbs=crumbs)
    texts = {field.name: field_text(item, field) for field in TEXT}
    assert texts["name"] == "A"
    assert texts["breadcrumbs"] == "Women\nShoes"
    assert texts["brand"] is None
    assert FIELD["price"] not in TEXT


def test_the_embedded_catalog_finds_a_product_by_each_of_its_tokens(tmp_path: Path) -> None:
    catalog = SqliteCatalog(tmp_path / "catalog.sqlite")

    @settings(max_examples=30)
    @given(st.text(min_size=1, max_size=20))
    def finds(text: str) -> None:
        catalog.upsert([product(description=text)])
        [found] = tokens([text])
        for token in found:
            if asked_words(token):
                assert catalog.search(token).total == 1

    finds()
    catalog.close()
