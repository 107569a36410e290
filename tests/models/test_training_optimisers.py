"""Rates, clipping, and the curve that is written."""

from pathlib import Path
from typing import Any

import pytest
import torch

from embedder.training.curve import Curve, read_curve
from embedder.training.optimisers import make_optimisers, rate_share, set_rates
from embedder.training.recipe import Optimiser
from snapmode.errors import ConfigError

pytestmark = pytest.mark.models


def parameters() -> dict[str, list[Any]]:
    weight, bias = torch.nn.Parameter(torch.ones(2, 2)), torch.nn.Parameter(torch.ones(2))
    return {"backbone": [torch.nn.Parameter(torch.ones(3, 3))], "heads": [weight, bias]}


def test_the_rate_rises_and_falls() -> None:
    settings = Optimiser(warmup=4)
    shares = [rate_share(settings, step, 20) for step in range(20)]
    assert shares[:4] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert shares[4] == 1.0
    assert shares[4:] == sorted(shares[4:], reverse=True)
    assert 0.01 < shares[-1] < 0.03
    assert rate_share(Optimiser(schedule="constant"), 19, 20) == 1.0


def test_a_backbone_has_a_rate_of_its_own() -> None:
    settings = Optimiser(rate=0.1, backbone_rate=0.01, schedule="constant")
    optimisers = make_optimisers(parameters(), settings)
    set_rates(optimisers, settings, 0, 10)
    rates = {name: each.param_groups[0]["lr"] for name, each in optimisers.items()}
    assert rates == {"backbone": 0.01, "heads": 0.1}


def test_biases_and_norms_are_not_pulled_to_zero() -> None:
    optimiser = make_optimisers(parameters(), Optimiser(weight_decay=0.5))["heads"]
    assert [group["weight_decay"] for group in optimiser.param_groups] == [0.5, 0.0]


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
def test_gradients_are_averaged_and_then_clipped(kind: Any) -> None:
    groups = parameters()
    seen: list[int] = []

    def averaged(some: list[Any]) -> None:
        seen.append(len(some))
        for parameter in some:
            parameter.grad.mul_(100)

    optimiser = make_optimisers(groups, Optimiser(kind=kind, clip=2.0), averaged)["heads"]
    for parameter in groups["heads"]:
        parameter.grad = torch.ones_like(parameter)
    optimiser.step()
    norm = torch.cat([parameter.grad.flatten() for parameter in groups["heads"]]).norm()
    assert float(norm) == pytest.approx(2.0, rel=1e-3)
    assert seen == [2]


def test_a_curve_that_goes_on_forgets_what_will_be_made_again(tmp_path: Path) -> None:
    with Curve(tmp_path, 0) as curve:
        for step in range(5):
            curve.add(step, {"train/loss": 1.0 / (step + 1)})
    with (tmp_path / "curve.jsonl").open("a") as file:
        file.write('{"step": 5, "tra')  # cut off by a kill
    with Curve(tmp_path, 3) as curve:
        curve.add(3, {"train/loss": 0.5})
    assert [line["step"] for line in read_curve(tmp_path)] == [0, 1, 2, 3]
    assert read_curve(tmp_path)[3]["train/loss"] == 0.5
    with Curve(tmp_path, 0):
        pass
    assert read_curve(tmp_path) == []


def test_a_curve_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"curve.jsonl: can't be read"):
        read_curve(tmp_path)
    (tmp_path / "curve.jsonl").write_text("step 1\n")
    with pytest.raises(ConfigError, match=r"curve.jsonl: not a curve"):
        read_curve(tmp_path)
