"""DCI and MIG of rows whose answer is known; needs scikit-learn, of the training extra."""

import numpy as np
import pytest

from embedder.evaluation.codes import Scores, scores
from embedder.evaluation.metrics import Floats

pytestmark = pytest.mark.models
PARTS = {"shape": slice(0, 8), "colour": slice(8, 14), "texture": slice(14, 20)}
ITEMS = 280
GROUPS = np.arange(ITEMS) // 7


def made(noise: float) -> tuple[Floats, dict[str, np.ndarray]]:
    """Rows of which each part says its factor, and the factors' values."""
    rng = np.random.default_rng(0)
    values = {name: rng.integers(4, size=ITEMS) for name in PARTS}
    rows = noise * rng.normal(size=(ITEMS, 20))
    for name, block in PARTS.items():
        rows[:, block] += rng.normal(size=(4, block.stop - block.start))[values[name]]
    return rows, values


def scored(rows: Floats, values: dict[str, np.ndarray]) -> Scores:
    return scores(rows.astype(np.float32), PARTS, values, GROUPS, seed=0)


def test_a_part_for_each_factor() -> None:
    found = scored(*made(noise=0.2)).as_dict()
    assert min(found["dci"]["parts"].values()) > 0.95
    assert found["dci"]["dimensions"]["disentanglement"] > 0.95
    assert min(found["dci"]["informativeness"].values()) == 1
    assert found["mig"]["value"] > 0.9
    assert found["mig"]["information"]["shape"]["shape"] == pytest.approx(1)


def test_turned_rows_know_as_much_in_every_part() -> None:
    rows, values = made(noise=0.01)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(20, 20)))
    found = scored(rows @ turn, values).as_dict()
    assert found["mig"]["value"] < 0.4
    assert found["dci"]["dimensions"]["disentanglement"] < 0.8
    assert found["dci"]["parts"]["disentanglement"] < 0.5


def test_noise_knows_nothing() -> None:
    rows, values = made(noise=0.2)
    found = scored(np.random.default_rng(2).normal(size=rows.shape), values).as_dict()
    assert max(map(max, (each.values() for each in found["mig"]["information"].values()))) < 0.1
    assert max(found["dci"]["informativeness"].values()) < 0.5


def test_a_seed_says_it_all() -> None:
    assert scored(*made(0.5)).as_dict() == scored(*made(0.5)).as_dict()


def test_what_a_group_gives_away_is_not_known() -> None:
    """Rows say their group and nothing else: no part tells the factor of a group it never saw."""
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(40, 20))[GROUPS] + 0.01 * rng.normal(size=(ITEMS, 20))
    values = {name: rng.integers(4, size=40)[GROUPS] for name in PARTS}
    found = scored(rows, values).as_dict()
    assert max(found["dci"]["informativeness"].values()) < 0.6
    assert found["mig"]["information"]["shape"]["shape"] < 0.2
