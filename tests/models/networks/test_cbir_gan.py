import math
from typing import Any

import numpy as np
import pytest

from embedder.networks.registry import make_network
from snapmode.errors import ConfigError
from tests.models.networks.test_dcgan import batch, optimisers
from tests.models.small import network

pytestmark = pytest.mark.models
OFF = {"triplet": 0.0, "reconstruction": 0.0, "perceptual": 0.0, "adversarial": 0.0}


def slow_triplets(rows: Any, labels: Any, margin: float) -> float:
    """Word for word, one triplet after the other."""

    def apart(i: int, j: int) -> float:
        return float(((rows[i] - rows[j]) ** 2).sum())

    terms = []
    for a in range(len(rows)):
        others = [n for n in range(len(rows)) if labels[n] != labels[a]]
        for p in range(len(rows)):
            if p == a or labels[p] != labels[a] or labels[a] < 0 or not others:
                continue
            farther = [n for n in others if apart(a, n) > apart(a, p)]
            chosen = min(farther, key=lambda n: apart(a, n)) if farther else None
            chosen = max(others, key=lambda n: apart(a, n)) if chosen is None else chosen
            terms.append(max(0.0, apart(a, p) - apart(a, chosen) + margin))
    return sum(terms) / len(terms) if terms else 0.0


@pytest.mark.parametrize("seed", range(8))
def test_triplets_against_the_slow_loop(seed: int) -> None:
    import torch

    from embedder.networks.cbir_gan_step import triplet_loss

    torch.manual_seed(seed)
    rows = torch.nn.functional.normalize(torch.randn(10, 3))
    labels = torch.randint(-1, 4, (10,))
    found = float(triplet_loss(rows, labels, 0.4))
    assert found == pytest.approx(slow_triplets(rows, labels.tolist(), 0.4), rel=1e-4, abs=1e-6)


def test_no_pairs_no_loss() -> None:
    import torch

    from embedder.networks.cbir_gan_step import triplet_loss

    rows = torch.eye(4, requires_grad=True)
    for labels in (torch.arange(4), torch.zeros(4, dtype=torch.int64), torch.full((4,), -1)):
        loss = triplet_loss(rows, labels, 1.0)
        loss.backward()
        assert loss == 0


@pytest.mark.parametrize("size", [64, 128])
def test_what_is_embedded_is_drawn_again(size: int) -> None:
    made = make_network("cbir_gan", {"width": 8, "latent": 32, "size": size}).eval()
    pixels = batch(size=size).pixels
    latent = made.latent_of(pixels)
    assert made.decode(latent).shape == pixels.shape
    unit = latent / latent.norm(dim=1, keepdim=True)
    np.testing.assert_allclose(made.embed(pixels).detach(), unit.detach(), atol=1e-6)


def test_a_step_trains_all_and_says_each_loss() -> None:
    made = network("cbir_gan").train()
    step = made.training_step(None)
    before = [p.detach().clone() for p in made.parameters()]
    figures = step.step(batch(), optimisers(step))
    assert set(figures) == {
        "real_or_drawn",
        "triplet",
        "reconstruction",
        "perceptual",
        "adversarial",
    }
    assert all(math.isfinite(value) for value in figures.values())
    changed = [(old != new).any() for old, new in zip(before, made.parameters(), strict=True)]
    assert all(changed)


@pytest.mark.parametrize("loss", ["triplet", "reconstruction", "perceptual"])
def test_each_loss_falls_when_it_is_trained_alone(loss: str) -> None:
    import torch

    torch.manual_seed(0)
    made = make_network("cbir_gan", {"width": 8, "latent": 32, **OFF, loss: 1.0}).train()
    step = made.training_step(None)
    chosen = optimisers(step, 2e-3)
    curve = [step.step(batch(), chosen)[loss] for _ in range(25)]
    assert np.mean(curve[-5:]) < 0.9 * np.mean(curve[:3])


@pytest.mark.parametrize("loss", OFF)
def test_a_loss_of_weight_0_is_off(loss: str) -> None:
    made = make_network("cbir_gan", {"width": 8, "latent": 32, loss: 0.0}).train()
    step = made.training_step(None)
    figures = step.step(batch(), optimisers(step))
    assert loss not in figures
    assert ("discriminator" in step.groups) == (loss != "adversarial")
    assert ("real_or_drawn" in figures) == (loss != "adversarial")
    assert (step.perceptual is None) == (loss == "perceptual")


def test_triplets_alone_draw_nothing() -> None:
    made = make_network("cbir_gan", {"width": 8, "latent": 32, **OFF, "triplet": 1.0}).train()
    decoder = [p.detach().clone() for p in made.decoder.parameters()]
    step = made.training_step(None)
    step.step(batch(), optimisers(step))
    for old, new in zip(decoder, made.decoder.parameters(), strict=True):
        np.testing.assert_array_equal(old, new.detach())


def test_mixed_precision_stays_finite() -> None:
    import torch

    made = network("cbir_gan").train()
    step = made.training_step(None)
    with torch.autocast("cpu", torch.bfloat16):
        figures = step.step(batch(), optimisers(step))
    assert all(math.isfinite(value) for value in figures.values())
    assert all(p.isfinite().all() for p in made.parameters())


def test_the_perceptual_network_is_no_part_of_the_checkpoint() -> None:
    made = network("cbir_gan")
    names = set(made.state_dict())
    step = made.training_step(None)
    assert set(made.state_dict()) == names
    assert not any(p.requires_grad for p in step.perceptual.parameters())


def test_a_label_nobody_has_is_named() -> None:
    made = make_network("cbir_gan", {"width": 8, "label": "sku"}).train()
    step = made.training_step(None)
    with pytest.raises(ConfigError, match=r"label: no source has 'sku'; there is"):
        step.step(batch(), optimisers(step))


def test_equal_pictures_look_equal() -> None:
    from embedder.networks.lite0 import Perceptual

    eye = Perceptual()
    pixels = batch().pixels
    same = eye(pixels, pixels)
    assert same.shape == (6,)
    np.testing.assert_allclose(same, 0, atol=1e-6)
    slight, strong = eye(pixels, pixels * 0.9), eye(pixels, pixels.flip(0))
    assert (slight > 0).all()
    assert (strong > slight).all()
