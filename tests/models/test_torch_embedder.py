"""Checkpoint, torch and ONNX say the same; who has no GPU is told and served."""

import logging
from pathlib import Path

import numpy as np
import pytest

from embedder.onnx_embedder import OnnxEmbedder
from embedder.torch_embedder import CPU_BOUND, CUDA_BOUND, TorchEmbedder
from embedder.training.checkpoint import load_weights, save_checkpoint
from snapmode.errors import ConfigError
from snapmode.ports import Picture
from tests.contract.drawn import encoded, garment
from tests.models.small import checkpoint

pytestmark = pytest.mark.models
PICTURES = [Picture(encoded(garment(seed))) for seed in range(5)]


def gpu() -> bool:
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return False
    import torch

    return bool(torch.cuda.is_available())


@pytest.mark.parametrize("name", ["cbir_gan", "dcgan", "inception_triplet", "lite", "resnet50"])
def test_it_says_what_onnx_says(tmp_path: Path, name: str) -> None:
    from embedder.export import export, from_checkpoint

    file = checkpoint(tmp_path, name)
    (model,) = export(from_checkpoint(file, tmp_path), tmp_path)
    assert model.figures["drift_from_torch"] < CPU_BOUND
    by_torch = TorchEmbedder(str(file), device="cpu")
    by_onnx = OnnxEmbedder(str(tmp_path))
    assert by_torch.name == by_onnx.name == model.identity
    assert by_torch.parts == by_onnx.parts
    rows = by_torch.embed(PICTURES)
    np.testing.assert_allclose(rows, by_onnx.embed(PICTURES), atol=CPU_BOUND)
    named = TorchEmbedder(str(tmp_path), device="cpu")
    np.testing.assert_allclose(named.embed(PICTURES), rows, atol=1e-6)


@pytest.mark.parametrize(("device", "told"), [("cuda", True), ("auto", False), ("cpu", False)])
def test_without_a_gpu_it_goes_on_on_the_cpu(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    device: str,
    told: bool,
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    embedder = TorchEmbedder(str(checkpoint(tmp_path, "dcgan")), device=device)
    with caplog.at_level(logging.WARNING):
        assert embedder.embed(PICTURES).shape == (5, 128)
    assert ("goes on on the CPU" in caplog.text) == told


def no_memory(*_: object) -> None:
    raise RuntimeError("CUDA out of memory")


def test_a_gpu_that_does_not_work_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("embedder.torch_embedder._CudaForward", no_memory)
    embedder = TorchEmbedder(str(checkpoint(tmp_path, "dcgan")), device="auto")
    expected = TorchEmbedder(str(checkpoint(tmp_path, "dcgan")), device="cpu").embed(PICTURES)
    with caplog.at_level(logging.WARNING):
        np.testing.assert_allclose(embedder.embed(PICTURES), expected, atol=CPU_BOUND)
    assert "The GPU can't be used" in caplog.text
    assert "CUDA out of memory" in caplog.text


@pytest.mark.skipif(not gpu(), reason="no GPU")
def test_the_gpu_says_what_the_cpu_says(tmp_path: Path) -> None:
    file = str(checkpoint(tmp_path, "lite"))
    on_gpu = TorchEmbedder(file, device="cuda", batch=4)
    rows = on_gpu.embed(PICTURES)
    products = (rows * TorchEmbedder(file, device="cpu").embed(PICTURES)).sum(axis=1)
    assert products.min() > CUDA_BOUND
    apart = np.concatenate([on_gpu.embed([picture]) for picture in PICTURES])
    np.testing.assert_allclose(apart, rows, atol=1e-4)


def test_weights_that_changed_since_are_refused(tmp_path: Path) -> None:
    from embedder.export import export, from_checkpoint

    file = checkpoint(tmp_path, "dcgan")
    export(from_checkpoint(file, tmp_path), tmp_path)
    header, weights = load_weights(file)
    weights["code.bias"] += 1
    save_checkpoint(file, header, weights)
    with pytest.raises(ConfigError, match="these are other weights"):
        TorchEmbedder(str(tmp_path)).embed(PICTURES)
