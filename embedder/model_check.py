"""Whether a model is what its `model.toml` says: hashes, shapes, and what it was made from."""

import io
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from embedder.model_file import ModelFile, load_model_file
from embedder.onnx_embedder import OnnxEmbedder
from embedder.torch_embedder import CPU_BOUND, TorchEmbedder
from embedder.training.checkpoint import sha256_of
from snapmode.errors import ConfigError
from snapmode.ports import Picture

INT8_BOUND = 0.98
"""Mean cosine of int8's vectors with the checkpoint's, at least."""
SEED, COUNT = 0, 8


def check_model(toml: Path, checkpoint: Path | None = None) -> dict[str, Any]:
    """A report; `problems` is empty when all is well.

    The checkpoint is that of `source.file`, or the one given. Without one, or without torch, what
    could not be compared is under `left_out`.
    """
    model = load_model_file(toml)
    report: dict[str, Any] = {
        "model": model.identity,
        "file": str(toml.parent / model.file),
        "problems": [],
        "left_out": [],
    }
    pictures = drawn_pictures(model.preprocessing.size)
    try:
        rows = OnnxEmbedder(str(toml), threads=1).embed(pictures)
    except ConfigError as error:
        report["problems"].append(str(error))
        return report
    file = checkpoint or _checkpoint(toml, model)
    if file is None:
        report["left_out"].append("the checkpoint: source.file names none")
        return report
    report["checkpoint"] = str(file)
    if model.source is None or sha256_of(file) != model.source.sha256:
        wanted = model.source.sha256 if model.source else model.sha256
        report["problems"].append(f"{file}: its sha256 is not {wanted}: it is another checkpoint")
        return report
    if find_spec("torch") is None:
        report["left_out"].append("comparison with the checkpoint: torch is not installed")
        return report
    expected = TorchEmbedder(str(file), device="cpu", threads=1).embed(pictures)
    drift, cosine = float(np.abs(rows - expected).max()), float((rows * expected).sum(1).mean())
    report |= {"drift": drift, "cosine": cosine, "bound": _bound(model)}
    if drift > CPU_BOUND if model.precision == "f32" else cosine < INT8_BOUND:
        report["problems"].append(
            f"{toml}: its vectors are not the checkpoint's: drift {drift:.2g}, "
            f"cosine {cosine:.4f}, wanted {report['bound']}"
        )
    return report


def _bound(model: ModelFile) -> str:
    return f"drift <= {CPU_BOUND}" if model.precision == "f32" else f"cosine >= {INT8_BOUND}"


def _checkpoint(toml: Path, model: ModelFile) -> Path | None:
    return toml.parent / model.source.file if model.source and model.source.file else None


def drawn_pictures(size: int) -> list[Picture]:
    """Soft colours with a dark patch on white: the same pictures on every machine."""
    rng = np.random.default_rng(SEED)
    drawn = []
    for _ in range(COUNT):
        fields = Image.fromarray(rng.integers(0, 256, (7, 5, 3), np.uint8))
        page = Image.new("RGB", (size, size), "white")
        width, height = int(size * rng.uniform(0.4, 0.9)), int(size * rng.uniform(0.5, 1))
        garment = fields.resize((width, height), Image.Resampling.BICUBIC)
        page.paste(garment, ((size - width) // 2, (size - height) // 2))
        file = io.BytesIO()
        page.save(file, "PNG")
        drawn.append(Picture(file.getvalue()))
    return drawn
