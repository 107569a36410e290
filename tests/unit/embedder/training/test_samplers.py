"""Batches are decided by the seed and their number alone."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedder.training.recipe import Draw
from embedder.training.samplers import Sampler
from embedder.training.sources import Row
from snapmode.errors import ConfigError
from tests.unit.embedder.training.tables import products, table

DATA = table({"a": products(7, 3, held=1), "b": products(5, 4)})


@settings(max_examples=60)
@given(
    p=st.integers(1, 9),
    k=st.integers(1, 6),
    across=st.booleans(),
    seed=st.integers(0, 5),
    number=st.integers(0, 40),
)
def test_a_batch_is_p_values_of_k_rows(
    p: int, k: int, across: bool, seed: int, number: int
) -> None:
    draws = (Draw(by="identity", p=p, k=k, across=across),)
    plan = Sampler(DATA, draws, seed).plan(number)
    codes = DATA.labels["identity"][plan.rows].reshape(p, k)
    assert (codes == codes[:, :1]).all()
    assert not DATA.held[plan.rows].any()
    for rows in plan.rows.reshape(p, k):
        of_it = np.flatnonzero(DATA.labels["identity"] == DATA.labels["identity"][rows[0]])
        counted = Counter(rows.tolist())
        assert set(counted) <= set(of_it.tolist())
        assert max(counted.values()) <= -(-k // len(of_it))  # none twice before all
    again = Sampler(DATA, draws, seed)
    again.plan(number + 11)
    assert (again.plan(number).rows == plan.rows).all()


def test_every_value_comes_once_before_any_comes_again() -> None:
    sampler = Sampler(DATA, (Draw(by="identity", p=4, k=1),), seed=3)
    rows = np.concatenate([sampler.plan(number).rows for number in range(11)])
    counts = Counter(DATA.labels["identity"][rows].tolist())
    assert len(counts) == 11  # 7 - 1 held + 5
    assert set(counts.values()) == {4}


def test_another_seed_is_another_order() -> None:
    draws = (Draw(by="identity", p=4, k=2),)
    first, other = (Sampler(DATA, draws, seed).plan(0).rows for seed in (0, 1))
    assert first.tolist() != other.tolist()


def test_across_takes_each_domain_in_turn() -> None:
    draws = (Draw(by="identity", p=5, k=2, across=True),)
    for number in range(8):
        rows = Sampler(DATA, draws, 0).plan(number).rows
        domains = DATA.labels["domain"][rows].reshape(5, 2)
        assert (domains[:, 0] != domains[:, 1]).all()


def test_draws_follow_one_another_and_keep_to_their_sources() -> None:
    draws = (
        Draw(by="identity", p=2, k=2, sources=("b",)),
        Draw(by="category", p=2, k=3, sources=("a",)),
    )
    plan = Sampler(DATA, draws, 0).plan(5)
    assert DATA.labels["source"][plan.rows].tolist() == [1] * 4 + [0] * 6


def test_half_the_views_of_some_values_are_dyed_each_value_in_a_colour_of_its_own() -> None:
    sampler = Sampler(DATA, (Draw(by="identity", p=11, k=4, recolour=0.5),), 0)
    dyes = np.concatenate([sampler.plan(number).dyes.reshape(11, 4) for number in range(40)])
    assert (dyes[:, ::2] == 0).all()
    assert (dyes[:, 1] == dyes[:, 3]).all()
    dyed = dyes[:, 1] > 0
    assert 0.4 < dyed.mean() < 0.6
    assert len(set(dyes[dyed, 1].tolist())) == dyed.sum()


def test_what_can_not_be_drawn_is_named() -> None:
    with pytest.raises(ConfigError, match=r"sampler.0.by: no source has a label 'sort'"):
        Sampler(DATA, (Draw(by="sort", p=1, k=1),), 0)
    held = table({"a": [Row(0, "shop", {"identity": "1"}, held=True)]})
    with pytest.raises(ConfigError, match=r"sampler.0: no picture to train on has 'identity'"):
        Sampler(held, (Draw(by="identity", p=1, k=1),), 0)
