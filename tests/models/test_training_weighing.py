"""Weights of parts, chosen on what was held out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snapmode.errors import ConfigError
from tests.models import tiny_run

pytestmark = pytest.mark.models


class Told:
    """A validator that likes one weight of the first block best."""

    def __init__(self, best: float) -> None:
        self.best = best

    def measured(self, vectors: Any) -> dict[str, float]:
        share = float(np.square(vectors[:, :2]).sum(axis=1).mean())
        return {"score": -abs(share - self.best)}


@pytest.mark.parametrize("best", [0.2, 0.5, 0.7])
def test_the_best_weight_is_found_whatever_the_rows_weigh_now(best: float) -> None:
    from embedder.training.weighing import best_weights

    rows = np.random.default_rng(0).normal(size=(5, 6)) * [9, 9, 1, 1, 1, 1]
    blocks = {"one": (0, 2), "two": (2, 4), "three": (4, 6)}
    found = best_weights(Told(best), rows, blocks)  # type: ignore[arg-type] - what it needs of one
    assert found["one"] == pytest.approx(best, abs=0.06)
    assert sum(found.values()) == pytest.approx(1, abs=1e-3)
    assert min(found.values()) > 0


def test_shares_of_the_grid_are_all_there() -> None:
    from embedder.training.weighing import STEPS, grid

    shares = list(grid(3))
    assert len(shares) == len(set(shares)) == (STEPS - 1) * (STEPS - 2) // 2
    assert all(abs(sum(each) - 1) < 1e-9 and min(each) > 0 for each in shares)


def test_a_run_ends_with_the_weights_in_its_checkpoint(tmp_path: Path) -> None:
    from embedder.networks.registry import load_network
    from embedder.training.checkpoint import read_checkpoint

    made = tiny_run.trainer(tmp_path, {"steps": 4, "weigh": True})
    made.start()
    made.run()
    checkpoint = read_checkpoint(made.file)
    assert checkpoint.step == made.progress.best_step
    weights = checkpoint.settings["weights"]
    assert set(weights) == {"first", "second"}
    network, _ = load_network(made.file)
    assert json.loads(json.dumps(network.settings.model_dump()))["weights"] == weights


def test_what_the_checkpoint_is_said_to_score_is_what_it_scores(tmp_path: Path) -> None:
    import torch

    from embedder.networks.registry import load_network
    from embedder.training.checkpoint import read_checkpoint
    from embedder.training.validation import Validator

    made = tiny_run.trainer(tmp_path, {"steps": 4, "weigh": True})
    made.start()
    made.run()
    network, _ = load_network(made.file)
    tasks = tiny_run.recipe({"steps": 4}).validate_
    validator = Validator(made._dataset, tasks, network.parts)
    found = validator.figures(network, torch.device("cpu"))
    assert found == pytest.approx(read_checkpoint(made.file).metrics, abs=1e-6)


def test_a_network_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"train\.weigh"):
        tiny_run.trainer(tmp_path, {"steps": 4, "weigh": True, "network": {"weights": None}})
