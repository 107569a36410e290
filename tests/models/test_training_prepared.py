"""Views kept as maps of a network's frozen blocks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from embedder.training.batches import Batches
from embedder.training.pixels import as_pixels
from embedder.training.prepared import dye_of, prepared
from embedder.training.recipe import Draw
from embedder.training.samplers import Sampler
from snapmode.errors import ConfigError
from tests.models import tiny_run
from tests.unit.embedder.training.tables import products, table

pytestmark = pytest.mark.models
DATA = table({"a": products(6, 3, held=1)})
VIEWS = 2


def made(
    folder: Path, recolour: float = 0.0, told: list[int] | None = None
) -> tuple[Any, Any, Any]:
    recipe = tiny_run.recipe({"steps": 4, "views": VIEWS})
    draw = Draw(by="identity", p=4, k=4, recolour=recolour)
    recipe = recipe.model_copy(update={"sampler": (draw,)})
    torch.manual_seed(0)
    network = tiny_run.Tiny(tiny_run.Tiny.Settings()).train()
    batches = Batches(DATA, Sampler(DATA, recipe.sampler, 3), recipe.augment, 16, 3)
    kept = prepared(
        DATA, batches, recipe, network, folder, (told if told is not None else []).append
    )
    return kept, batches, network


def test_kept_maps_are_what_the_network_makes_of_the_view(tmp_path: Path) -> None:
    kept, batches, network = made(tmp_path)
    views = kept[0]
    plan = batches.sampler.plan(0)
    assert (views.labels["identity"] == DATA.labels["identity"][plan.rows]).all()
    for row, maps in zip(plan.rows, views.maps[0], strict=True):
        candidates = []
        for slot in range(VIEWS):
            rng = np.random.default_rng([3, 6, int(row), slot])
            view = np.array([batches.view(int(row), 0, rng)])
            pixels = as_pixels(view, network.preprocessing, torch.device("cpu"))
            candidates.append(network.prepare(pixels).maps[0].detach().half().numpy())
        assert min(np.abs(maps - one).max() for one in candidates) < 2e-3


def test_they_are_made_once_and_after_a_kill_only_the_rest(tmp_path: Path) -> None:
    told: list[int] = []
    first = made(tmp_path, told=told)[0][5]
    assert sum(told) == len(DATA)
    again: list[int] = []
    second = made(tmp_path, told=again)[0][5]
    assert again == [len(DATA)]
    assert (first.maps[0] == second.maps[0]).all()
    (state,) = tmp_path.glob("*.json")
    state.write_text('{"rows": 8}')
    third = made(tmp_path, told=(rest := []))[0][5]
    assert rest == [8, 8, 2]
    assert (first.maps[0] == third.maps[0]).all()


def test_dyed_views_of_one_product_share_their_dye(tmp_path: Path) -> None:
    views = made(tmp_path, recolour=1.0)[0][1]
    variant = views.labels["variant"].reshape(4, 4)
    assert (variant[:, 1] == variant[:, 3]).all()
    assert (variant[:, 0] != variant[:, 1]).all()
    assert (views.labels["colour"].reshape(4, 4)[:, 1::2] == -1).all()
    assert dye_of(3, 1, 2) == 0
    assert dye_of(3, 2, 2) == dye_of(3, 2, 2) > 0


def test_training_learns_from_them(tmp_path: Path) -> None:
    trainer = tiny_run.trainer(tmp_path, {"steps": 12, "views": VIEWS})
    trainer.start()
    losses: list[float] = []
    trainer.run(lambda _step, figures: losses.append(figures["train/loss"]))
    assert losses[-1] < losses[0]


def test_a_network_without_frozen_blocks_is_refused(tmp_path: Path) -> None:
    settings = {"steps": 4, "views": VIEWS, "network": {"frozen": 0}}
    trainer = tiny_run.trainer(tmp_path, settings)
    trainer.start()
    with pytest.raises(ConfigError, match=r"train.views: 2 views can be kept only by"):
        trainer.run()
