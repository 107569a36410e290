"""A checkpoint, or a network with published weights, as a folder to serve: `snapmode model export`.

Writes `model.onnx` and `model.toml`, a stub of `card.md` where there is none, and with pictures to
calibrate on also int8. Needs the `train` extra; what it writes needs only ONNX Runtime.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch import nn

from embedder.decode import decode
from embedder.halve import halve_checkpoint, halve_onnx
from embedder.model_file import ModelFile, Preprocessing, Source, Trained
from embedder.networks.registry import load_network, make_network
from embedder.preprocess import as_input, needed_side
from embedder.quantise import write_int8
from embedder.toml_writer import as_toml
from embedder.training.checkpoint import (
    Checkpoint,
    as_arrays,
    code_version,
    save_checkpoint,
    sha256_of,
)
from snapmode.errors import ConfigError, RejectedError
from snapmode.ports import Picture, Vector
from snapmode.settings import Pictures

OPSET = 17
CALIBRATION = 200
"""Pictures int8 is calibrated on, at most, evenly over the list."""
BATCH = 8
HEAD = "# Written by `snapmode model export`. The model card is card.md.\n"
Precision = Literal["f32", "int8"]
Pixels = npt.NDArray[np.float32]


class Exportable(NamedTuple):
    """A network with its weights, and what is said of it."""

    network: Any
    name: str
    licence: str
    source: Source
    trained: Trained | None


# ------------------------------------------------------------------ what is exported


def from_checkpoint(file: Path, out: Path, half: bool = False) -> Exportable:
    """A checkpoint; the model.toml names its file when it lies in `out`, where `half` puts it."""
    if half:
        halved = out / file.name
        halve_checkpoint(file, halved)
        file = halved
    sha256 = sha256_of(file)
    network, header = load_network(file, sha256)
    inside = file.name if file.parent.resolve() == out.resolve() else None
    source = Source(
        package="snapmode", version=header.code or "unknown", sha256=sha256, file=inside
    )
    trained = Trained(
        network=header.network,
        step=header.step,
        data=header.data,
        code=header.code,
        settings=header.settings,
        metrics=header.metrics,
    )
    return Exportable(network, header.name, header.licence, source, trained)


def from_published(name: str, settings: Mapping[str, Any], licence: str, out: Path) -> Exportable:
    """A network with the published weights it loads itself.

    Where a package holds them they are the source; else a checkpoint is written into `out`.
    """
    network = make_network(name, settings)
    if not hasattr(network, "initialise"):
        raise ConfigError(f"network {name}: has no published weights; train it, give a checkpoint")
    network.initialise()
    network.eval()
    if hasattr(network, "published"):
        return Exportable(network, name, licence, network.published(), None)
    header = Checkpoint(
        name=name,
        network=name,
        settings=network.settings.model_dump(mode="json"),
        preprocessing=network.preprocessing,
        parts=network.parts,
        licence=licence,
        code=code_version(),
    )
    file = out / f"{name}.safetensors"
    save_checkpoint(file, header, as_arrays(network.state_dict()))
    return from_checkpoint(file, out)


# ------------------------------------------------------------------ what is written


def export(
    model: Exportable,
    out: Path,
    calibration: Sequence[Path] = (),
    serve: Precision = "f32",
    half: bool = False,
) -> list[ModelFile]:
    """Write the folder; returns the forms, the served one first, which is `model.toml`.

    Without pictures for calibration there is no int8. The form that is not served is
    `f32.toml` or `int8.toml`. `half` stores weights in float as 16-bit ones.
    """
    if serve == "int8" and not calibration:
        raise ConfigError("int8: needs a manifest of pictures to calibrate on")
    pictures = calibration_pictures(calibration, model.network.preprocessing)
    out.mkdir(parents=True, exist_ok=True)
    stem = {"f32": "f32", "int8": "int8", serve: "model"}
    f32, int8 = out / f"{stem['f32']}.onnx", out / f"{stem['int8']}.onnx"
    network = model.network
    write_onnx(network, f32)
    if pictures:
        write_int8(f32, int8, pictures, getattr(network, "float_modules", ()))
    if half:
        write_onnx(network, f32, fold=False)
        for file in (f32, int8) if pictures else (f32,):
            halve_onnx(file)
    figures = {"drift_from_torch": drift(network, f32)}
    forms = {"f32": _described(model, f32, "f32", figures)}
    if pictures:
        figures = {"cosine_with_torch": cosine(network, int8, pictures)}
        forms["int8"] = _described(model, int8, "int8", figures)
    for precision, form in forms.items():
        text = HEAD + as_toml(form.model_dump(mode="json", exclude_none=True))
        (out / f"{stem[precision]}.toml").write_text(text, "utf-8")
    _write_card(forms[serve], out / "card.md")
    return sorted(forms.values(), key=lambda form: form.precision != serve)


def _described(
    model: Exportable, file: Path, precision: Precision, figures: dict[str, float]
) -> ModelFile:
    return ModelFile(
        name=model.name,
        file=file.name,
        sha256=sha256_of(file),
        precision=precision,
        dim=model.network.dim,
        licence=model.licence,
        parts=model.network.parts,
        preprocessing=model.network.preprocessing,
        source=model.source,
        trained=model.trained,
        figures=figures,
    )


def _write_card(model: ModelFile, file: Path) -> None:
    if file.exists():
        return  # somebody's words
    stub = resources.files("embedder").joinpath("card.md").read_text("utf-8")
    trained = model.trained
    values = {
        "NAME": model.name,
        "IDENTITY": model.identity,
        "LICENCE": model.licence,
        "NETWORK": trained.network if trained else model.name,
        "PARTS": ", ".join(f"{name} {stop - start}" for name, (start, stop) in model.parts.items()),
        "DATA": (trained and trained.data) or "none of ours",
        "CODE": (trained and trained.code) or "unknown",
    }
    for key, value in values.items():
        stub = stub.replace(f"{{{key}}}", value)
    file.write_text(stub, "utf-8")


def write_onnx(network: nn.Module, file: Path, fold: bool = True) -> None:
    """Trace the network, the batch is free; batch norms are folded into their convolutions, or left
    to ONNX Runtime, so that the file holds the checkpoint's own weights.
    """
    mode = torch.onnx.TrainingMode
    size = network.preprocessing.size
    with warnings.catch_warnings():
        # The newer exporter fails on models whose shapes depend on their data (SSDLite), so all
        # models go through the older one, which warns that it is old.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (torch.zeros(2, 3, size, size),),
            str(file),
            dynamo=False,
            opset_version=OPSET,
            training=mode.EVAL if fold else mode.PRESERVE,
            input_names=["pixels"],
            output_names=["vectors"],
            dynamic_axes={"pixels": {0: "n"}, "vectors": {0: "n"}},
        )


# ------------------------------------------------------------------ how true it is


def drift(network: nn.Module, file: Path) -> float:
    """Largest difference of a value between torch and ONNX Runtime on seeded noise."""
    size = network.preprocessing.size
    pixels = np.random.default_rng(0).normal(size=(8, 3, size, size)).astype(np.float32)
    difference = np.abs(_by_onnx(file, pixels) - _by_torch(network, pixels)).max()
    return float(f"{difference:.1e}")


def cosine(network: nn.Module, file: Path, pictures: Sequence[Pixels]) -> float:
    """Mean inner product of torch's and ONNX Runtime's rows of real inputs."""
    products = [
        np.sum(_by_onnx(file, pixels) * _by_torch(network, pixels), axis=1) for pixels in pictures
    ]
    return round(float(np.concatenate(products).mean()), 4)


def _by_onnx(file: Path, pixels: Pixels) -> Vector:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    rows: Vector = session.run(None, {"pixels": pixels})[0]
    return rows


def _by_torch(network: nn.Module, pixels: Pixels) -> Vector:
    with torch.inference_mode():
        rows: Vector = network.embed(torch.from_numpy(pixels)).numpy()
    return rows


def calibration_pictures(files: Sequence[Path], preprocessing: Preprocessing) -> list[Pixels]:
    """Inputs (n ≤ 8, 3, s, s) of pictures evenly over the list; those that can't be read are left
    out, and a `ConfigError` says so when none can.
    """
    step = max(1, len(files) // CALIBRATION)
    inputs = list(_inputs(files[::step][:CALIBRATION], preprocessing))
    if files and not inputs:
        raise ConfigError(f"int8: none of {len(files)} pictures to calibrate on can be read")
    return [np.concatenate(inputs[at : at + BATCH]) for at in range(0, len(inputs), BATCH)]


def _inputs(files: Sequence[Path], preprocessing: Preprocessing) -> Iterator[Pixels]:
    for file in files:
        try:
            image = decode(Picture(file.read_bytes()), Pictures(), needed_side(preprocessing))
        except (OSError, RejectedError):
            continue
        yield as_input(image, preprocessing)
