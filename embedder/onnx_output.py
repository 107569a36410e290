"""What an ONNX model takes and gives, checked against its `model.toml` before the first picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from embedder.model_file import ModelFile, Output
from snapmode.errors import ConfigError
from snapmode.ports import Vector

if TYPE_CHECKING:
    import onnxruntime

Pixels = npt.NDArray[np.float32]
UNIT = 1e-3
"""How far from 1 the length of a row may be: what an index takes."""


def as_rows(session: "onnxruntime.InferenceSession", pixels: Pixels, model: ModelFile) -> Vector:
    """Run it, pool and normalise as the model's `[output]` says: float32 (n, dim)."""
    output = model.output
    wanted = [output.name] if output and output.name else None
    (given, *_) = session.run(wanted, {session.get_inputs()[0].name: pixels})
    return pooled(given, output, model.preprocessing.layout) if output else given


def pooled(given: Any, output: Output, layout: str) -> Vector:
    """(n, dim), (n, tokens, dim) or a map → (n, dim)."""
    rows = given
    if output.pooling == "cls" and given.ndim == 3:
        rows = given[:, 0]
    elif output.pooling == "mean" and given.ndim == 3:
        rows = given.mean(axis=1)
    elif output.pooling == "mean" and given.ndim == 4:
        rows = given.mean(axis=(2, 3) if layout == "NCHW" else (1, 2))
    if output.normalise:
        rows = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return np.asarray(rows, np.float32)


def check_input(toml: Path, model: ModelFile, session: "onnxruntime.InferenceSession") -> None:
    """One input of pictures, of any number or of one; a size may be left open."""
    size = model.preprocessing.size
    wanted = [3, size, size] if model.preprocessing.layout == "NCHW" else [size, size, 3]
    tensors = session.get_inputs()
    if len(tensors) != 1 or tensors[0].type != "tensor(float)" or not _takes(tensors[0], wanted):
        raise ConfigError(
            f"{toml}: file: the model needs one input of float32 {['n', *wanted]}; it has "
            f"{_described(tensors)}"
        )


def check_rows(toml: Path, model: ModelFile, session: "onnxruntime.InferenceSession") -> None:
    """A picture of noise gives one unit row of `dim` values: run once, for declared shapes may be
    open or wrong.
    """
    preprocessing, output = model.preprocessing, model.output
    names = [tensor.name for tensor in session.get_outputs()]
    if output and output.name and output.name not in names:
        raise ConfigError(f"{toml}: output.name: no output {output.name!r}; it has {names}")
    if len(names) > 1 and not (output and output.name):
        raise ConfigError(f"{toml}: output.name: say which; the model has {names}")
    size = preprocessing.size
    shape = (1, 3, size, size) if preprocessing.layout == "NCHW" else (1, size, size, 3)
    noise = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    try:
        rows = as_rows(session, noise, model)
    except Exception as error:  # ONNX Runtime's errors have no common class that it exports
        raise ConfigError(f"{toml}: file: the model can't be run: {error}") from error
    if rows.dtype != np.float32 or rows.shape != (1, model.dim):
        raise ConfigError(
            f"{toml}: file: the model needs one output of float32 {['n', model.dim]}, before "
            f"or after pooling; it gives {rows.dtype} {list(rows.shape)} of "
            f"{_described(session.get_outputs())}. See dim and output.pooling"
        )
    if not np.isfinite(rows).all():
        raise ConfigError(f"{toml}: file: the model gives values that are no numbers")
    if abs(float(np.linalg.norm(rows)) - 1) > UNIT:
        raise ConfigError(
            f"{toml}: output.normalise: a row has the length {np.linalg.norm(rows):.4g}; set "
            "normalise = true under [output]"
        )


def _takes(tensor: Any, wanted: list[int]) -> bool:
    """Whether one picture fits; a name (or nothing) in place of a size leaves it open."""
    return len(tensor.shape) == 4 and all(
        isinstance(has, str | None) or has == want
        for has, want in zip(tensor.shape, [1, *wanted], strict=True)
    )


def _described(tensors: Any) -> list[tuple[str, str, list[Any]]]:
    return [(tensor.name, tensor.type, tensor.shape) for tensor in tensors]
