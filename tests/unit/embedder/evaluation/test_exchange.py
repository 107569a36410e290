from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedder.evaluation.exchange import FACTORS, WHOLE, Exchange, both_ways, choose_pairs
from embedder.evaluation.interpolation_text import as_text

NAN = float("nan")
words = st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=12, max_size=12)


@given(st.fixed_dictionaries(dict.fromkeys(FACTORS, words)), st.integers(0, 99), st.integers(1, 9))
def test_pairs_differ_and_share_no_product(
    known: Mapping[str, list[str]], seed: int, most: int
) -> None:
    pairs = choose_pairs(known, most, seed)
    assert pairs.shape[0] <= most
    assert len(set(pairs.ravel().tolist())) == pairs.size
    for first, second in pairs:
        differ = {
            f for f in FACTORS if known[f][first] and known[f][second] not in ("", known[f][first])
        }
        assert "texture" in differ or differ == {"shape", "colour"}
    np.testing.assert_array_equal(pairs, choose_pairs(known, most, seed))


def test_pairs_that_differ_in_texture_come_first() -> None:
    known = {
        "shape": ["shirt", "shoe"] * 20,
        "colour": ["red", "blue"] * 20,
        "texture": ["plain", "patterned", *[""] * 38],
    }
    for seed in range(5):
        assert sorted(choose_pairs(known, 1, seed)[0]) == [0, 1]
        assert len(choose_pairs(known, 99, seed)) == 20


def steady(first: list[float], second: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Three pairs that are judged alike, but that the last has no words."""
    return tuple(np.array([values, values, [NAN] * len(values)]) for values in (first, second))  # type: ignore[return-value]


@pytest.fixture
def exchange() -> Exchange:
    """Each part moves its own factor by .6, and colour moves shape by .2; rest moves nothing."""
    still, own, little = (
        steady([0.8, 0.8], [0.1, 0.1]),
        steady([0.8, 0.3], [0.1, 0.8]),
        steady([0.8, 0.7], [0.1, 0.4]),
    )
    moves = {part: {f: own if f == part else still for f in FACTORS} for part in (*FACTORS, "rest")}
    moves["colour"]["shape"] = little
    moves[WHOLE] = dict.fromkeys(FACTORS, own)
    return Exchange(
        *({p: {f: m[k] for f, m in fs.items()} for p, fs in moves.items()} for k in (0, 1))
    )


def test_what_moved_is_what_fell_and_rose(exchange: Exchange) -> None:
    np.testing.assert_allclose(exchange.moved("colour", "colour"), [0.6, 0.6, NAN])
    np.testing.assert_allclose(exchange.moved("colour", "shape"), [0.2, 0.2, NAN])
    said = exchange.as_dict(seed=0)
    entry = said["moved"]["colour"]["colour"]
    assert entry == pytest.approx(
        {"value": 0.6, "low": 0.6, "high": 0.6, "fell": 0.5, "rose": 0.7, "pairs": 2}
    )
    assert said["curves"]["shape"]["shape"] == {"first": [0.8, 0.3], "second": [0.1, 0.8]}


def test_leads_are_over_other_parts_and_other_factors(exchange: Exchange) -> None:
    leads = exchange.as_dict(seed=0)["leads"]
    assert leads["shape"]["over_other_parts"]["value"] == pytest.approx(0.4)  # less colour's .2
    assert leads["colour"]["over_other_parts"]["value"] == pytest.approx(0.6)
    assert leads["colour"]["over_other_factors"]["value"] == pytest.approx(0.5)  # less (.2 + 0) / 2
    assert leads["texture"]["over_other_factors"]["value"] == pytest.approx(0.6)


def test_a_network_without_parts_leads_nothing(exchange: Exchange) -> None:
    alone = Exchange({WHOLE: exchange.fall[WHOLE]}, {WHOLE: exchange.rise[WHOLE]})
    said = alone.as_dict(seed=0)
    assert said["leads"] == {}
    assert list(said["moved"]) == [WHOLE]


def test_a_factor_without_words_is_said_to_be_unknown(exchange: Exchange) -> None:
    nothing = np.full((3, 2), NAN)
    fall = {part: {**factors, "texture": nothing} for part, factors in exchange.fall.items()}
    said = Exchange(fall, exchange.rise).as_dict(seed=0)
    assert said["moved"]["shape"]["texture"]["pairs"] == 0
    assert said["leads"]["texture"]["over_other_parts"] is None
    assert said["leads"]["shape"]["over_other_factors"]["value"] == pytest.approx(0.6)


def test_both_ways_of_a_pair_are_one_figure() -> None:
    values = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]])
    assert both_ways(values).tolist() == [[2, 3], [4, 5]]


def test_the_text_has_judges_moves_and_leads(exchange: Exchange) -> None:
    right = {"value": 0.8, "low": 0.7, "high": 0.9}
    judge = {"words": ["a", "b"], "pictures": 9, "commonest_word": 0.5, "real": right}
    text = as_text(
        {
            "checkpoint": "x.safetensors",
            "network": "dcgan",
            "step": 7,
            "pairs": 3,
            "steps": 2,
            "judges": {factor: {**judge, "drawn_again": right} for factor in FACTORS},
            **exchange.as_dict(seed=0),
        }
    )
    assert "x.safetensors (dcgan, step 7): 3 pairs of products, 2 steps" in text
    assert "+0.600 [+0.600, +0.600] of 2" in text
    assert "+0.400 [+0.400, +0.400]" in text
