"""Who is relevant, against a slow obvious loop; and what an answer is worth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedder.evaluation.manifest import Item
from embedder.evaluation.metrics import METRICS
from embedder.evaluation.plan import in_order, plan
from embedder.evaluation.ranking import Block, rank
from tests.unit.embedder.evaluation.points import item

WORDS = st.sampled_from(["", "a", "b"])


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    return [
        item(
            f"{number:02d}",
            *draw(st.sampled_from([(True, False), (False, True), (True, True)])),
            identity=draw(WORDS),
            group=draw(WORDS),
            category=draw(WORDS),
        )
        for number in range(draw(st.integers(1, 14)))
    ]


def relevant(query: Item, all_items: list[Item], within: str | None) -> list[str]:
    """By the words of the documentation."""
    return [
        other.id
        for other in all_items
        if other.gallery
        and other.id != query.id
        and other.label("identity") == query.label("identity") != ""
        and not (other.label("group") == query.label("group") != "")
        and (within is None or other.label(within) == query.label(within) != "")
    ]


@given(items(), st.sampled_from([None, "category"]))
def test_the_relevant_are_counted_and_found(given_items: list[Item], within: str | None) -> None:
    """An embedder for which all are alike finds everybody it may: the hits are the relevant."""
    ordered = in_order(given_items)
    made = plan(ordered, "identity", within)
    rows = np.ones((len(ordered), 1), np.float32)
    hits = made.hits(rank([Block(rows)], made.rules))
    answered = {}
    for row, query in enumerate(made.rules.queries):
        asked = ordered[query]
        answered[asked.id] = int(made.relevant[row])
        assert hits[row].sum() == made.relevant[row]
    for asked in (each for each in ordered if each.query):
        expected = len(relevant(asked, ordered, within))
        assert answered.get(asked.id, 0) == expected
        assert (asked in made.hopeless) == (expected == 0)


def test_the_gallery_comes_first_in_the_order_of_ids() -> None:
    found = in_order([item("b"), item("q", gallery=False), item("a"), item("p", gallery=False)])
    assert [each.id for each in found] == ["a", "b", "p", "q"]


def test_ones_own_group_is_neither_hit_nor_miss() -> None:
    """The sender's other photo is nearest; it is passed over, and the next is the first found."""
    ordered = in_order(
        [
            item("1", identity="dress", group="anna"),
            item("2", identity="dress", group="anna", query=False),
            item("3", identity="dress", group="bert", query=False),
            item("4", identity="coat", query=False),
        ]
    )
    rows = np.array([[1, 0], [1, 0], [0.8, 0.6], [0, 1]], np.float32)
    made = plan(ordered, "identity")
    assert made.relevant.tolist() == [1]
    values = dict(zip(METRICS, made.measured(rank([Block(rows)], made.rules))[0], strict=True))
    assert values["recall@1"] == values["mAP@10"] == values["nDCG@5"] == 1
    assert values["precision@10"] == pytest.approx(0.1)


def test_leave_one_out_never_finds_itself() -> None:
    ordered = in_order([item(name, identity=name[0]) for name in ("a1", "a2", "b1", "b2", "c1")])
    rows = np.eye(5, dtype=np.float32)
    made = plan(ordered, "identity")
    found = rank([Block(rows)], made.rules)
    assert [each.id for each in made.hopeless] == ["c1"]
    for query, order in zip(made.rules.queries, found.order, strict=True):
        assert query not in order[:4]
        assert len(set(order[:4].tolist())) == 4
