import numpy as np
import pytest

from benchmarks.embeddings.claims import BASELINES, Claim, drawn, found, gain, reached, served
from benchmarks.embeddings.reconstructions import Redrawn
from benchmarks.embeddings.scores import Score, Table
from embedder.evaluation.bootstrap import Interval

TASKS = ("luma", "clothing", "articleType", "baseColour", "street")


def table(default: float, **baselines: float) -> Table:
    values = {"default": default, **dict.fromkeys(BASELINES, 0.5), **baselines}
    return {
        name: {task: Score(name, task, np.full(20, value)) for task in TASKS}
        for name, value in values.items()
    }


def test_a_gain_is_counted_in_points() -> None:
    assert gain("x", 0.05, Interval(0.05, -0.1, 0.2)) == Claim(
        "x", "≥ 5 points", "+.050 [-.100, +.200]", True
    )
    assert gain("x", 0.05, Interval(0.049, 0.04, 0.06)).met is False


def test_a_mean_is_reached_or_not() -> None:
    assert reached("x", 0.65, Interval(0.65, 0.6, 0.7)).met
    assert reached("x", 0.65, Interval(0.6499, 0.6, 0.7)).verdict == "not met"


@pytest.mark.parametrize(
    ("default", "met"),
    [
        (0.8, [True, True, True, True, True]),
        (0.66, [True, True, True, True, False]),
        (0.58, [True, False, False, False, False]),
        (0.54, [False, False, False, False, False]),
    ],
)
def test_each_row_has_its_own_floor(default: float, met: list[bool]) -> None:
    assert [claim.met for claim in found(table(default))] == met


def test_the_street_has_to_beat_the_best_of_all_baselines() -> None:
    claim = found(table(0.8, raw=0.7))[-1]
    assert "(raw)" in claim.what
    assert not claim.met
    assert found(table(0.8, raw=0.6))[-1].met


def test_without_a_default_nothing_is_claimed() -> None:
    without = {name: each for name, each in table(0.8).items() if name != "default"}
    assert [claim.verdict for claim in found(without)] == ["not measured"]


def test_what_was_not_measured_is_neither_met_nor_not() -> None:
    assert [claim.met for claim in served({})] == [None] * 5


def test_what_is_served_has_ceilings() -> None:
    good = {
        "ratio": 10.0,
        "int8_loss": Interval(0.005, 0, 0.01),
        "batch": 1e-5,
        "dim": 384,
        "bytes": 25_000_000,
    }
    bad = {
        "ratio": 9.9,
        "int8_loss": Interval(0.006, 0, 0.01),
        "batch": 2e-4,
        "dim": 385,
        "bytes": 25_000_001,
    }
    assert [claim.met for claim in served(good)] == [True] * 5
    assert [claim.met for claim in served(bad)] == [False] * 5


def test_reconstructions_count_test_sets_alike() -> None:
    apart = {"luma": np.full(1, 23.0), "clothing": np.full(99, 18.0)}
    (claim,) = drawn([Redrawn("dcgan", apart), Redrawn("cbir_gan", apart)])
    assert (claim.measured, claim.met) == ("20.5 dB", True)
    assert drawn([Redrawn("dcgan", apart)])[0].met is None
