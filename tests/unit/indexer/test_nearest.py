import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import nearest as module
from indexer.nearest import nearest
from tests.contract.examples import UNITS, many_units

NONE = np.empty(0, np.int64)


@given(
    places=st.lists(st.integers(0, len(UNITS) - 1), max_size=30),
    query=st.sampled_from(UNITS),
    k=st.integers(0, 35),
    data=st.data(),
)
def test_agrees_with_a_loop(
    places: list[int], query: np.ndarray, k: int, data: st.DataObject
) -> None:
    matrix = np.array([UNITS[place] for place in places], np.float32).reshape(-1, 4)
    everywhere = range(len(places))
    dead = data.draw(st.sets(st.sampled_from(everywhere)) if places else st.just(set()))
    alive = sorted(set(everywhere) - dead)
    among = data.draw(st.none() | (st.sets(st.sampled_from(alive)) if alive else st.just(set())))
    scores = {row: float(sum(matrix[row] * query)) for row in (alive if among is None else among)}
    ordered = sorted(scores.values(), reverse=True)
    cut = ordered[min(k, len(ordered)) - 1] if k and ordered else np.inf
    found = nearest(
        matrix,
        query,
        k,
        np.array(sorted(dead), np.int64),
        None if among is None else np.array(sorted(among), np.int64),
    )
    best = dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
    assert best == {row: score for row, score in scores.items() if score >= cut}


@pytest.mark.parametrize("dim", [3, 128, 1283])
def test_equal_rows_have_equal_scores_wherever_they_lie(dim: int) -> None:
    same, *others = many_units(1000, dim)
    matrix = np.array([*others, *[same] * 500])
    order = np.random.default_rng(1).permutation(len(matrix))
    matrix = matrix[order]
    twins = set(np.flatnonzero(order >= 999).tolist())
    for among in (None, np.flatnonzero(order % 2)):
        found = nearest(matrix, same, 1, NONE, among)
        expected = twins if among is None else twins & set(among.tolist())
        assert set(found.rows.tolist()) == expected
        assert len(set(found.scores.tolist())) == 1


def test_rows_too_near_for_float32_are_told_apart() -> None:
    base, query = many_units(2, 512)
    noise = np.random.default_rng(3).standard_normal((4000, 512)) * 2e-8
    matrix = (base + noise).astype(np.float32)
    scores = matrix.astype(np.float64) @ query.astype(np.float64)
    best = np.argsort(-scores)[:10].tolist()
    assert set(nearest(matrix, query, 10, NONE).rows.tolist()) == set(best)
    assert set(np.argsort(-(matrix @ query))[:10].tolist()) != set(best), "float32 is not enough"


def test_gathers_few_rows_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 7)
    matrix = many_units(200, 16)
    among = np.arange(3, 43)
    found = nearest(matrix, matrix[20], 40, NONE, among)
    assert found.scanned == 40
    assert np.allclose(found.scores, matrix[found.rows].astype(np.float64) @ matrix[20])
    assert set(found.rows.tolist()) == set(among.tolist())


def test_a_huge_query_does_not_overflow() -> None:
    matrix = many_units(50, 8)
    found = nearest(matrix, (matrix[3] * 1e38).astype(np.float32), 1, NONE)
    assert found.rows.tolist() == [3]
    assert found.scores[0] == pytest.approx(1e38, rel=1e-3)
