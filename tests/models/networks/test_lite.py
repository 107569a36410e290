from typing import Any

import numpy as np
import pytest

from embedder.networks.registry import make_network
from snapmode.errors import ConfigError
from tests.models.small import network

pytestmark = pytest.mark.models


def pixels(n: int = 2, size: int = 96) -> Any:
    import torch

    torch.manual_seed(2)
    fields = torch.rand(n, 3, 5, 5) * 2 - 1
    return torch.nn.functional.interpolate(fields, size=(size, size), mode="bilinear")


def test_the_default_has_three_parts_and_at_most_384_values() -> None:
    made = make_network("lite", {})
    assert made.parts == {"shape": (0, 224), "colour": (224, 320), "texture": (320, 384)}
    assert made.blocks["kind"] == (0, 64)
    assert made.blocks["form"] == (64, 224)
    assert made.dim == 384


def test_parts_weigh_as_the_settings_say() -> None:
    import torch

    weights = {"kind": 0.5, "form": 1.5, "colour": 1.0, "texture": 1.0}
    made = make_network("lite", {"size": 96, "weights": weights}).eval()
    rows = made.embed(pixels()).detach()
    shares = {name: rows[:, a:b].square().sum(dim=1) for name, (a, b) in made.parts.items()}
    for name, share in {"shape": 0.5, "colour": 0.25, "texture": 0.25}.items():
        np.testing.assert_allclose(shares[name], share, atol=1e-5)
    kind = torch.linalg.vector_norm(rows[:, slice(*made.blocks["kind"])], dim=1) ** 2
    np.testing.assert_allclose(kind, 0.125, atol=1e-5)


@pytest.mark.parametrize("frozen", [0, 4, 11])
def test_it_is_the_same_network_however_much_is_frozen(frozen: int) -> None:
    whole = network("lite")
    made = make_network("lite", {"size": 96, "frozen": frozen})
    made.load_state_dict(whole.state_dict())
    rows = made.eval().embed(pixels()).detach()
    np.testing.assert_allclose(rows, whole.embed(pixels()).detach(), atol=1e-5)


def test_frozen_blocks_learn_nothing() -> None:
    import torch

    made = make_network("lite", {"size": 96, "frozen": 5}).train()
    known = {name: tensor.clone() for name, tensor in made.state_dict().items()}
    optimiser = torch.optim.SGD([p for p in made.parameters() if p.requires_grad], 0.1)
    (made.embed(pixels()) @ torch.linspace(-1, 1, made.dim)).sum().backward()
    optimiser.step()
    frozen = ("_conv_stem", "_bn0.", *(f"_blocks.{at}." for at in range(5)))
    for name, tensor in made.state_dict().items():
        same = bool((tensor == known[name]).all())
        if name.startswith(tuple(f"backbone.{part}" for part in frozen)):
            assert same, name
        elif "_blocks.5." in name and "num_batches" not in name:
            assert not same, name
    assert not made.backbone._blocks[4].training
    assert made.backbone._blocks[5].training


def test_the_colour_part_knows_colours_before_training() -> None:
    """On drawn garments: a hue of another shape is nearer than another hue of the same shape."""
    import torch

    made = network("lite")

    def drawn(colour: tuple[float, float, float], wide: int) -> Any:
        picture = torch.ones(3, 96, 96)
        picture[:, 10:90, 48 - wide : 48 + wide] = torch.tensor(colour)[:, None, None] * 2 - 1
        return picture

    red, blue = (0.8, 0.1, 0.1), (0.1, 0.1, 0.8)
    given = torch.stack([drawn(red, 20), drawn(red, 40), drawn(blue, 20), drawn(blue, 40)])
    rows = made.embed(given)[:, slice(*made.parts["colour"])].detach()
    alike = (rows @ rows.T / rows[0].square().sum()).numpy()
    assert alike[0, 1] > alike[0, 2] + 0.2
    assert alike[2, 3] > alike[2, 0] + 0.2


def test_fitted_heads_keep_what_is_alike_and_are_centred() -> None:
    """As many components as pictures lose nothing: cosines are those of the centred features."""
    import torch

    made = network("lite")
    given = made.prepare(pixels(6))
    seen = {name: features.detach() for name, features in made._seen(given).items()}
    made.fit([made.prepare(pixels(6))])
    heads = made.heads(given)
    for name in ("form", "colour", "texture"):
        rows = heads[name]
        centred = seen[name].double() - seen[name].double().mean(dim=0)
        expected = torch.nn.functional.normalize(centred)
        np.testing.assert_allclose(
            (rows @ rows.T).detach(), expected @ expected.T, atol=0.02, err_msg=name
        )


def test_heads_can_be_trained_from_what_was_prepared() -> None:
    made = make_network("lite", {"size": 96, "frozen": 11}).eval()
    prepared = made.prepare(pixels())
    assert prepared.maps.shape == (2, 112, 6, 6)
    assert prepared.cells.shape == (2, 3, 24, 24)
    assert 0 <= prepared.cells.min() <= prepared.cells.max() <= 1
    rows = made.row(made.heads(prepared)).detach()
    np.testing.assert_allclose(rows, made.embed(pixels()).detach(), atol=1e-6)


@pytest.mark.parametrize(
    "wrong", [{"size": 100}, {"frozen": 12}, {"weights": {"form": 0.0}}, {"weights": {"cut": 1}}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"network lite: {next(iter(wrong))}"):
        make_network("lite", wrong)
