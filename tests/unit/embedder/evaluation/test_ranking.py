"""Against a slow obvious loop, ties, groups and places included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedder.evaluation import ranking
from embedder.evaluation.metrics import DEPTH
from embedder.evaluation.ranking import NOBODY, Block, Rules, rank


def slow(blocks: list[Block], rules: Rules, query: int) -> list[int]:
    """Every candidate scored in float64, sorted by score and position."""
    scored = []
    for other in range(rules.gallery):
        if other == query:
            continue
        if rules.group[query] != NOBODY and rules.group[other] == rules.group[query]:
            continue
        if rules.within[query] == NOBODY or rules.within[other] != rules.within[query]:
            continue
        score = sum(
            block.weight * float((block.rows[other].astype(float) * block.rows[query]).sum())
            for block in blocks
        )
        scored.append((-score, other))
    return [other for _, other in sorted(scored)[:DEPTH]]


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@st.composite
def searches(draw: st.DrawFn) -> tuple[list[Block], Rules]:
    items = draw(st.integers(1, 60))
    gallery = draw(st.integers(0, items))
    seed = draw(st.integers(0, 2**32 - 1))
    numbers = np.random.default_rng(seed)
    # Few different rows: many ties.
    kinds = unit(numbers.normal(size=(draw(st.integers(1, 12)), 33)))
    rows = kinds[numbers.integers(len(kinds), size=items)]
    blocks = [Block(rows, 0.7), Block(unit(numbers.normal(size=(items, 5)).round() + 0.1), 0.3)]
    queries = np.flatnonzero(numbers.random(items) < 0.5)
    group = numbers.integers(NOBODY, 3, size=items)
    within = (
        numbers.integers(NOBODY, 2, size=items) if draw(st.booleans()) else np.zeros(items, int)
    )
    return blocks[: draw(st.integers(1, 2))], Rules(queries, gallery, group, within)


@settings(max_examples=60)
@given(searches(), st.sampled_from([1, 70, 8_000_000]))
def test_it_finds_what_a_loop_finds(search: tuple[list[Block], Rules], cells: int) -> None:
    """Whatever the size of a block, so that no tie is broken by where a row lies."""
    blocks, rules = search
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "CELLS", cells)
        found = rank(blocks, rules)
    assert found.order.shape == found.scores.shape == (len(rules.queries), DEPTH)
    for query, order, scores in zip(rules.queries, found.order, found.scores, strict=True):
        expected = slow(blocks, rules, int(query))
        assert order[: len(expected)].tolist() == expected
        assert (order[len(expected) :] == NOBODY).all()
        assert (scores[len(expected) :] == -np.inf).all()
        assert (np.diff(scores[: len(expected)]) <= 0).all()


def test_equal_pictures_are_in_the_order_of_positions() -> None:
    """3,000 copies of a row: their products by a matrix differ in the last bit, their order not."""
    row = unit(np.random.default_rng(0).normal(size=(1, 1280)))
    rows = np.repeat(row, 3000, axis=0)
    nothing = np.full(3000, NOBODY)
    found = rank([Block(rows)], Rules(np.array([0, 1500]), 3000, nothing, np.zeros(3000, int)))
    assert found.order[0].tolist() == list(range(1, DEPTH + 1))
    assert found.order[1].tolist() == list(range(DEPTH))


def test_blocks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No block of scores has more than CELLS, but a query has the whole gallery."""
    monkeypatch.setattr(ranking, "CELLS", 100)
    seen = []
    rough = ranking._rough

    def watched(*given: object) -> np.ndarray:
        scores = rough(*given)  # type: ignore[arg-type]  # handed on
        seen.append(scores.shape)
        return scores

    monkeypatch.setattr(ranking, "_rough", watched)
    rows = unit(np.random.default_rng(0).normal(size=(50, 4)))
    nothing = np.full(50, NOBODY)
    rank([Block(rows)], Rules(np.arange(10), 30, nothing, np.zeros(50, int)))
    assert seen == [(3, 30), (3, 30), (3, 30), (1, 30)]
