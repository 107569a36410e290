"""Against slow obvious loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedder.evaluation.metrics import DEPTH, METRICS, measure


def slow(hits: list[bool], relevant: int) -> dict[str, float]:
    """One query, by the definitions."""
    values = {f"recall@{k}": float(any(hits[:k])) for k in (1, 5, 10, 20)}
    values["precision@10"] = sum(hits[:10]) / 10
    total, found = 0.0, 0
    for rank, hit in enumerate(hits[:10], 1):
        if hit:
            found += 1
            total += found / rank
    values["mAP@10"] = total / min(10, relevant)
    gained = sum(1 / math.log2(rank + 1) for rank, hit in enumerate(hits[:5], 1) if hit)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(5, relevant) + 1))
    values["nDCG@5"] = gained / best
    return values


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[bool], int]:
    hits = draw(st.lists(st.booleans(), min_size=DEPTH, max_size=DEPTH))
    return hits, draw(st.integers(max(1, sum(hits)), 60))


@given(st.lists(answers(), min_size=1, max_size=6))
def test_every_metric_is_what_its_definition_says(some: list[tuple[list[bool], int]]) -> None:
    found = measure(np.array([hits for hits, _ in some]), np.array([count for _, count in some]))
    assert tuple(found) == METRICS
    for row, (hits, relevant) in enumerate(some):
        for name, value in slow(hits, relevant).items():
            assert found[name][row] == pytest.approx(value, abs=1e-12)
            assert 0 <= found[name][row] <= 1 + 1e-12


@pytest.mark.parametrize("relevant", [1, 3, 10, 15, 100])
def test_the_best_order_has_average_precision_one(relevant: int) -> None:
    hits = np.arange(DEPTH)[None] < relevant
    found = measure(hits, np.array([relevant]))
    assert found["mAP@10"][0] == pytest.approx(1)
    assert found["nDCG@5"][0] == pytest.approx(1)
    assert found["precision@10"][0] == min(10, relevant) / 10


def test_what_can_not_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="without a relevant item"):
        measure(np.zeros((1, DEPTH), bool), np.array([0]))
    with pytest.raises(ValueError, match=r"must be \(2, 20\), not \(2, 5\)"):
        measure(np.zeros((2, 5), bool), np.array([1, 1]))
