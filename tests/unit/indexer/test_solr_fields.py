import xml.etree.ElementTree as ET

import pytest

from indexer.solr_fields import (
    CONFIGSET,
    CUT,
    MAX_TERM,
    NAME,
    NOTHING,
    conditions,
    documents,
    is_id,
    question,
    schema,
    term,
)
from snapmode.errors import RejectedError
from snapmode.filters import Filter, Range, parse_filter
from snapmode.items import FIELDS, Removal
from tests.contract.examples import product


def test_the_committed_schema_is_that_of_the_field_table() -> None:
    committed = (CONFIGSET / "schema.xml").read_text(encoding="utf-8")
    assert committed == schema(), "run: python -m indexer.solr_fields"


def test_the_schema_knows_every_field_that_is_filtered_or_searched() -> None:
    root = ET.fromstring(schema())
    fields = {field.attrib["name"]: field.attrib for field in root.iter("field")}
    assert root.attrib["name"] == NAME
    for info in FIELDS:
        assert (info.name in fields) == (info.filterable or info.name == "version")
        assert (f"words_{info.name}" in fields) == bool(info.text_weight)
        if info.filterable:
            assert fields[info.name]["multiValued"] == str(info.many).lower()
        if info.facet:
            assert fields[info.name]["docValues"] == "true"


def test_the_settings_of_the_collection_are_sound_xml() -> None:
    root = ET.parse(CONFIGSET / "solrconfig.xml").getroot()
    assert root.findtext("updateHandler/updateLog/str") == "FSYNC"


def test_a_document_holds_the_product_its_fields_and_its_words() -> None:
    item = product("p1", 7, name="Käse T-Shirt", brand="", price="9.90", sizes=("M", "S"))
    [document, tombstone] = documents([item, Removal(id="p2", version=8)])
    assert document["body"] == item.model_dump_json()
    assert document["words_name"] == "kase t shirt"
    assert (document["brand"], document["price"]) == ([""], [9.9])
    assert document["sizes"] == ["M", "S"]
    assert "words_brand" not in document
    assert tombstone == {"id": "p2", "version": 8, "alive": False}


def test_of_two_documents_of_one_id_each_has_its_own_words() -> None:
    told = documents([product("p1", 1, name="red"), product("p1", 2, name="blue")])
    assert [document["words_name"] for document in told] == ["red", "blue"]


def test_an_id_solr_can_not_hold_is_refused() -> None:
    with pytest.raises(RejectedError, match="id: Solr takes at most"):
        documents([product("ä" * MAX_TERM)])
    assert not any(map(is_id, ("", " fields", "\ud800", "x" * (MAX_TERM + 1))))
    assert is_id("x" * MAX_TERM)


def test_a_word_longer_than_a_term_is_cut_and_stays_unlike_others() -> None:
    long = "ä" * MAX_TERM
    assert term("ä" * 100) == "ä" * 100
    assert CUT.fullmatch(term(long))
    assert term(long) != term(long + "x")


def test_what_was_removed_is_never_found() -> None:
    assert conditions(None) == conditions(Filter()) == ["alive:true"]


def test_words_are_separated_by_a_sign_none_of_them_holds() -> None:
    [_, asked] = conditions(parse_filter({"brand": ["a,b", "\x01"]}))
    head, _, listed = asked.partition("}")
    assert head == '{!terms f=brand separator="\x02"'
    assert set(listed.split("\x02")) == {"a,b", "\x01"}


def test_an_empty_list_and_half_a_sign_match_nothing() -> None:
    for words in ([], "\ud800"):
        assert conditions(parse_filter({"brand": words})) == ["alive:true", NOTHING]
    assert conditions(parse_filter({"price": []})) == ["alive:true", NOTHING]


@pytest.mark.parametrize(
    ("bounds", "asked"),
    [
        (Range(), "[* TO *]"),
        (Range(gt=1.0), "{1.0 TO *]"),
        (Range(gte=1e-07, lt=2.5), "[1e-07 TO 2.5}"),
        (Range(gt=1.0, gte=1.0, lt=3.0, lte=2.0), "{1.0 TO 2.0]"),
        (Range(gt=1.0, gte=2.0, lt=3.0, lte=3.0), "[2.0 TO 3.0}"),
        (Range(gt=-0.0), "{0.0 TO *]"),
    ],
)
def test_a_range_keeps_its_narrower_bounds(bounds: Range, asked: str) -> None:
    assert conditions(Filter(ranges={"price": bounds}))[1] == f"price:{asked}"


def test_numbers_are_listed_exactly_up_to_a_limit() -> None:
    assert conditions(parse_filter({"price": [-0.0]}))[1] == "{!terms f=price}0.0"
    with pytest.raises(RejectedError, match="at most"):
        conditions(parse_filter({"price": list(range(10_001))}))


def test_every_word_is_asked_for_as_a_phrase_of_its_tokens() -> None:
    asked = question('T-Shirt "rot" rot')
    assert asked["q"] == '"t shirt" "rot" "rot"'
    assert asked["mm"] == "100%"


def test_no_word_is_no_condition() -> None:
    assert question("?!") == question("") == {"q": "*:*", "sort": "id asc"}


def test_many_words_are_spread_over_several_queries() -> None:
    asked = question(" ".join(f"w{number}" for number in range(250)))
    assert len(asked["fq"]) == 2
    assert asked["q"].count('"') == 200
