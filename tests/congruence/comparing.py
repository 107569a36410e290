"""The same questions to two houses: what they answer must be the same."""

import numpy as np

from indexer.verify import Stores, check
from snapmode.dead_letters import read
from snapmode.items import FIELDS
from snapmode.ports import VectorHit, VectorRow
from snapmode.wiring import House
from tests.congruence.histories import QUERIES, Shop

FACETS = [field.name for field in FIELDS if field.facet]
SCORE = 1e-4
"""Hits whose scores are nearer than this may change places."""


def assert_same(one: House, other: House, shop: Shop, questions: int) -> None:
    for house in (one, other):
        house.catalog.flush()
        house.vectors.flush()
    _assert_same_contents(one, other, shop)
    for _ in range(questions):
        _assert_same_answers(one, other, shop)
    for text in QUERIES:
        _assert_same_words(one, other, text)


def _assert_same_contents(one: House, other: House, shop: Shop) -> None:
    assert list(one.catalog.scan()) == list(other.catalog.scan())
    assert one.catalog.versions(shop.ids) == other.catalog.versions(shop.ids)
    ids = shop.random.choices(shop.ids, k=10)
    assert one.catalog.get(ids) == other.catalog.get(ids)
    assert sorted(one.images.keys()) == sorted(other.images.keys())
    rows, others = ({row.id: row for row in house.vectors.scan()} for house in (one, other))
    assert rows.keys() == others.keys(), (
        f"only in the one: {[rows[key] for key in rows.keys() - others.keys()]}, "
        f"only in the other: {[others[key] for key in others.keys() - rows.keys()]}"
    )
    assert list(rows) == list(others) == sorted(rows)
    for key, row in rows.items():
        assert _told(row) == _told(others[key]), f"{_told(row)} is not {_told(others[key])}"
        assert np.array_equal(row.vector, others[key].vector), "a vector has changed on its way"
    assert _letters(one) == _letters(other)
    assert _findings(one) == _findings(other)


def _assert_same_answers(one: House, other: House, shop: Shop) -> None:
    asked, query = shop.filter(), shop.query()
    assert one.catalog.count(asked) == other.catalog.count(asked), asked
    assert one.vectors.count(asked) == other.vectors.count(asked), asked
    limit, offset = shop.random.randrange(1, 12), shop.random.randrange(5)
    assert one.catalog.search("", asked, limit, offset) == other.catalog.search(
        "", asked, limit, offset
    ), asked
    few = shop.random.randrange(1, 6)
    assert one.catalog.facets(FACETS, "", asked, few) == other.catalog.facets(
        FACETS, "", asked, few
    ), asked
    k = shop.random.randrange(1, 30)
    ours, theirs = (house.vectors.search(query, k, asked) for house in (one, other))
    assert ours.exact
    assert theirs.exact
    # How many rows were scored is each engine's own affair: some filter first, some after.
    assert min(ours.scanned, theirs.scanned) >= len(ours.hits)
    assert_same_hits(ours.hits, theirs.hits)


def _assert_same_words(one: House, other: House, text: str) -> None:
    ours, theirs = (house.catalog.search(text, limit=1000) for house in (one, other))
    assert ours.total == theirs.total, text
    assert {each.id for each in ours.products} == {each.id for each in theirs.products}, text
    assert one.catalog.facets(FACETS, text) == other.catalog.facets(FACETS, text), text


def assert_same_hits(ours: list[VectorHit], theirs: list[VectorHit]) -> None:
    """The same rows in the same order, but for those whose scores are all but equal."""
    scores = np.array([[hit.score for hit in hits] for hits in (ours, theirs)])
    assert np.allclose(scores[0], scores[1], rtol=0, atol=SCORE)
    # The last may tie with rows that were cut off, differently on either side.
    cut = ours[-1].score + SCORE if ours else 0.0
    known = {hit.id: hit.score for hit in theirs}
    for hit in ours:
        if hit.score > cut:
            assert abs(known[hit.id] - hit.score) <= SCORE, hit.id


def _told(row: VectorRow) -> tuple[object, ...]:
    """All but the vector."""
    return row.product_id, row.picture, row.version, row.attributes


def _letters(house: House) -> list[tuple[str, str, str, bytes | None]]:
    return sorted((one.stage, one.key, one.reason, one.value) for one in read(house.log))


def _findings(house: House) -> set[tuple[str, str]]:
    stores = Stores(house.catalog, house.vectors, house.images, house.log, house.embedder)
    return {(finding.kind, finding.id) for finding in check(stores)}
