import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from embedder.networks.registry import make_network
from tests.models.small import network

pytestmark = pytest.mark.models
OFF = {
    "adversarial": 0.0,
    "info": 0.0,
    "reconstruction": 0.0,
    "exchange": 0.0,
    "separation": 0.0,
    "supervised": 0.0,
}


def batch(n: int = 6, size: int = 64) -> Any:
    import torch

    torch.manual_seed(1)
    fields = torch.rand(n, 3, 5, 5) * 2 - 1
    pixels = torch.nn.functional.interpolate(fields, size=(size, size), mode="bilinear")
    labels = {"identity": torch.arange(n) // 2, "category": torch.tensor([0, 0, 1, 1, -1, -1])}
    return SimpleNamespace(pixels=pixels, labels=labels)


def optimisers(step: Any, rate: float = 1e-3) -> Any:
    import torch

    return {name: torch.optim.Adam(some, rate, (0.5, 0.999)) for name, some in step.groups.items()}


@pytest.mark.parametrize("size", [64, 128])
def test_what_is_decoded_is_a_picture(size: int) -> None:
    made = make_network("dcgan", {"width": 8, "size": size}).eval()
    latent = made.drawn_latent(3)
    pictures = made.decode(latent)
    assert pictures.shape == (3, 3, size, size)
    assert pictures.abs().max() <= 1
    for start, stop in made.latent_parts.values():
        np.testing.assert_allclose(latent[:, start:stop].norm(dim=1), 1, atol=1e-5)
    assert made.latent_of(pictures).shape == latent.shape


def test_a_row_is_the_latent_without_the_rest() -> None:
    made = network("dcgan")
    latent, rows = made.latent_of(batch().pixels), made.embed(batch().pixels)
    weights = made.settings.weights
    for part, (start, stop) in made.parts.items():
        share = getattr(weights, part) / (weights.shape + weights.colour + weights.texture)
        expected = latent[:, start:stop] * math.sqrt(share)
        np.testing.assert_allclose(rows[:, start:stop].detach(), expected.detach(), atol=1e-6)


def test_a_step_trains_both_and_says_each_loss() -> None:
    made = network("dcgan").train()
    made.settings = made.settings.model_copy(update={"supervision": {"shape": "category"}})
    step = made.training_step(None)
    before = {name: [p.detach().clone() for p in some] for name, some in step.groups.items()}
    figures = step.step(batch(), optimisers(step))
    assert set(figures) == {
        "real_or_drawn",
        "info_read",
        "reconstruction",
        "exchange",
        "separation",
        "supervised",
        "fooled",
        "info_drawn",
    }
    assert all(math.isfinite(value) for value in figures.values())
    for name, some in step.groups.items():
        changed = [(old != new).any() for old, new in zip(before[name], some, strict=True)]
        assert all(changed), name


def test_the_groups_hold_every_weight_once() -> None:
    made = network("dcgan")
    groups = made.training_step(None).groups.values()
    assert sorted(id(p) for some in groups for p in some) == sorted(map(id, made.parameters()))


@pytest.mark.parametrize("loss", ["reconstruction", "exchange", "separation", "info"])
def test_each_loss_falls_when_it_is_trained_alone(loss: str) -> None:
    import torch

    torch.manual_seed(0)
    made = make_network("dcgan", {"width": 8, **OFF, loss: 1.0}).train()
    step = made.training_step(None)
    chosen = optimisers(step, 2e-3)
    name = "info_read" if loss == "info" else loss
    curve = [step.step(batch(), chosen)[name] for _ in range(25)]
    assert np.mean(curve[-5:]) < 0.9 * np.mean(curve[:3])


def test_the_generator_learns_nothing_into_the_discriminator() -> None:
    """What fools the discriminator must not be taught to it."""
    import torch

    made = make_network("dcgan", {"width": 8, **OFF, "adversarial": 1.0}).train()
    step = made.training_step(None)
    drawn = made.decode(made.drawn_latent(4))
    for parameter in made.parameters():
        parameter.grad = None
    step._only_generator(step.generator_losses(made.drawn_latent(4), drawn))
    assert all(p.grad is None for p in step.groups["discriminator"])
    assert all(torch.isfinite(p.grad).all() for p in step.groups["generator"])


def test_mixed_precision_stays_finite() -> None:
    import torch

    made = network("dcgan").train()
    step = made.training_step(None)
    with torch.autocast("cpu", torch.bfloat16):
        figures = step.step(batch(), optimisers(step))
    assert all(math.isfinite(value) for value in figures.values())
    assert all(p.isfinite().all() for p in made.parameters())


def test_recolouring_keeps_white_and_the_order_of_light() -> None:
    import torch

    from embedder.networks.dcgan_step import recolour

    pixels = batch().pixels
    pixels[:, :, :8] = 1
    changed = recolour(pixels)
    assert changed.shape == pixels.shape
    assert changed.abs().max() <= 1
    np.testing.assert_allclose(changed[:, :, :8], 1, atol=1e-5)
    assert (changed - pixels).abs().mean() > 0.1
    grey = torch.linspace(-1, 1, 64).expand(2, 3, 64, 64)
    assert (recolour(grey).diff(dim=3) >= 0).all()


def test_shuffling_moves_blocks_and_changes_none() -> None:
    from embedder.networks.dcgan_step import shuffle

    pixels = batch().pixels
    changed = shuffle(pixels)
    assert (changed != pixels).any()
    for one, other in zip(pixels.numpy(), changed.numpy(), strict=True):
        assert sorted(blocks(one)) == sorted(blocks(other))


def blocks(picture: Any) -> list[bytes]:
    return [
        picture[:, y : y + 16, x : x + 16].tobytes()
        for y in range(0, 64, 16)
        for x in range(0, 64, 16)
    ]


def test_supervised_contrast_against_the_slow_loop() -> None:
    import torch

    from embedder.networks.dcgan_step import supervised_contrastive

    torch.manual_seed(0)
    rows = torch.nn.functional.normalize(torch.randn(9, 4))
    labels = torch.tensor([0, 0, 1, 2, 2, 2, -1, -1, 3])
    terms = []
    for i in range(9):
        same = [j for j in range(9) if j != i and labels[j] == labels[i] >= 0]
        known = [j for j in range(9) if j != i and labels[j] >= 0]
        if same:
            total = sum(math.exp(float(rows[i] @ rows[j]) / 0.2) for j in known)
            logs = [math.log(math.exp(float(rows[i] @ rows[j]) / 0.2) / total) for j in same]
            terms.append(-sum(logs) / len(same))
    found = supervised_contrastive(rows, labels, 0.2)
    assert float(found) == pytest.approx(sum(terms) / len(terms), rel=1e-4)
    assert float(supervised_contrastive(rows, torch.arange(9), 0.2)) == 0
