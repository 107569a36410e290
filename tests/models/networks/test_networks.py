"""What every network of the registry must do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedder.networks.registry import NETWORKS, load_network, make_network
from embedder.training.checkpoint import as_arrays, load_weights, save_checkpoint
from snapmode.errors import ConfigError
from tests.models.small import SMALL, checkpoint, network

pytestmark = pytest.mark.models


@pytest.fixture(scope="module", params=sorted(NETWORKS))
def made(request: pytest.FixtureRequest) -> Any:
    return network(request.param)


def pixels(made: Any, n: int = 3) -> Any:
    import torch

    size = made.preprocessing.size
    fields = torch.rand(n, 3, 6, 6, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return torch.nn.functional.interpolate(fields, size=(size, size), mode="bilinear")


def test_rows_are_units(made: Any) -> None:
    import torch

    rows = made.embed(pixels(made))
    assert rows.shape == (3, made.dim)
    assert rows.dtype == torch.float32
    np.testing.assert_allclose(rows.detach().norm(dim=1), 1, atol=1e-5)


def test_parts_cover_the_row_and_have_the_same_share_in_all(made: Any) -> None:
    rows = made.embed(pixels(made)).detach()
    edges = sorted(made.parts.values())
    assert [start for start, _ in edges] == [0, *(stop for _, stop in edges[:-1])]
    assert edges[-1][1] == made.dim
    shares = np.array([rows[:, a:b].square().sum(dim=1).numpy() for a, b in made.parts.values()])
    np.testing.assert_allclose(shares.sum(axis=0), 1, atol=1e-5)
    np.testing.assert_allclose(shares, shares[:, :1].repeat(3, axis=1), atol=1e-5)


def test_a_row_does_not_depend_on_its_batch(made: Any) -> None:
    import torch

    given = pixels(made)
    with torch.inference_mode():
        alone = torch.cat([made.embed(one[None]) for one in given])
        np.testing.assert_allclose(made.embed(given), alone, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_gradients_are_finite(made: Any, dtype: str) -> None:
    import torch

    made.train().zero_grad(set_to_none=True)
    with torch.autocast("cpu", getattr(torch, dtype), enabled=dtype != "float32"):
        rows = made.embed(pixels(made))
    assert rows.dtype == torch.float32
    (rows @ torch.linspace(-1, 1, made.dim)).sum().backward()
    gradients = [p.grad for p in made.parameters() if p.grad is not None]
    assert gradients
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert any(gradient.abs().max() > 0 for gradient in gradients)
    made.eval()


def test_a_plain_picture_breaks_nothing(made: Any) -> None:
    """White, black and grey: no variance, no colour."""
    import torch

    size = made.preprocessing.size
    levels = torch.tensor([1.0, -1.0, 0.0])[:, None, None, None]
    made.train().zero_grad(set_to_none=True)
    rows = made.embed(levels.expand(3, 3, size, size).contiguous())
    rows.sum().backward()
    assert rows.isfinite().all()
    assert all(p.grad.isfinite().all() for p in made.parameters() if p.grad is not None)
    made.eval()


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_a_checkpoint_brings_it_back(tmp_path: Path, name: str) -> None:
    import torch

    file = checkpoint(tmp_path, name)
    loaded, header = load_network(file)
    assert header.network == name
    assert not loaded.training
    given = pixels(loaded)
    with torch.inference_mode():
        np.testing.assert_array_equal(loaded.embed(given), network(name).embed(given))


def test_a_wrong_hash_is_refused(tmp_path: Path) -> None:
    file = checkpoint(tmp_path, "dcgan")
    with pytest.raises(ConfigError, match="not 0000"):
        load_network(file, "0" * 64)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"parts": {"all": (0, 128)}}, "parts: the checkpoint has"),
        ({"settings": {**SMALL["dcgan"], "width": 16}}, "its weights don't fit dcgan"),
        ({"settings": {"depth": 3}}, "network dcgan: depth"),
        ({"network": "other"}, "no such network"),
    ],
)
def test_a_checkpoint_of_other_code_is_refused(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    header, weights = load_weights(checkpoint(tmp_path, "dcgan"))
    file = tmp_path / "changed.safetensors"
    save_checkpoint(file, header.model_copy(update=change), weights)
    with pytest.raises(ConfigError, match=reason):
        load_network(file)


def test_wrong_settings_name_the_key() -> None:
    with pytest.raises(ConfigError, match="network dcgan: size"):
        make_network("dcgan", {"size": 65})


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize("name", ["resnet50", "inception_triplet"])
def test_published_weights_come_from_a_file(tmp_path: Path, name: str, suffix: str) -> None:
    import torch
    from safetensors.numpy import save_file

    other = network(name, seed=5)
    state = {**other.backbone.state_dict(), "fc.weight": torch.zeros(1000, 8)}
    file = tmp_path / f"weights{suffix}"
    torch.save(state, file) if suffix == ".pth" else save_file(as_arrays(state), file)
    fresh = make_network(name, {**SMALL[name], "weights": str(file)})
    fresh.initialise()
    for key, array in as_arrays(other.backbone.state_dict()).items():
        np.testing.assert_array_equal(fresh.backbone.state_dict()[key], array)


def test_published_weights_that_are_not_there_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"no resnet50|0 files resnet50-\*.pth"):
        make_network("resnet50", {"weights": "cache"}).initialise()
    with pytest.raises(ConfigError, match=r"absent.pth can't be loaded"):
        make_network("resnet50", {"weights": "absent.pth"}).initialise()
    file = tmp_path / "code.pth"
    file.write_bytes(b"cos\nsystem\n(S'true'\ntR.")  # a pickle that runs a command
    with pytest.raises(ConfigError, match=r"code.pth can't be loaded"):
        make_network("resnet50", {"weights": str(file)}).initialise()
