"""Who competes: every trained model that was exported, what needs no training, and runs apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embedder.evaluation.baselines import BASELINES
from embedder.model_file import MODELS, ModelFile, find_model, load_model_file
from embedder.onnx_embedder import OnnxEmbedder
from embedder.torch_embedder import TorchEmbedder
from embedder.training.checkpoint import read_checkpoint, sha256_of
from snapmode.ports import Embedder
from snapmode.settings import Pictures

FROZEN = "lite0"
"""The backbone as it was published."""
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Network:
    """An embedder and where it is from."""

    name: str
    embedder: Embedder
    key: str | None = None
    """Of its vectors: another one when weights or preprocessing change; None: they are not kept."""
    toml: Path | None = None
    file: ModelFile | None = None
    step: int | None = None
    """At which the weights were taken."""

    @property
    def trained(self) -> bool:
        """Here, not by others and not at all."""
        return self.step is not None

    @property
    def parts(self) -> list[str]:
        """Names of its parts, when there are several."""
        names = list(self.embedder.parts)
        return names if len(names) > 1 else []


def exported(path: Path, threads: int, name: str | None = None) -> Network:
    """A model.toml, or the f32.toml or int8.toml beside it."""
    file = load_model_file(path)
    key = f"{file.identity}-{file.sha256[:12]}"
    embedder = OnnxEmbedder(str(path), threads=threads)
    step = file.trained.step if file.trained else None
    return Network(name or file.name, embedder, key, path, file, step)


def other_form(served: Network, threads: int) -> Network | None:
    """The same checkpoint in the precision that is not served, if it lies beside."""
    if served.toml is None or served.file is None:
        return None
    precision = "int8" if served.file.precision == "f32" else "f32"
    path = served.toml.with_name(f"{precision}.toml")
    return exported(path, threads, f"{served.name} {precision}") if path.is_file() else None


def baselines(threads: int) -> list[Network]:
    """What a trained model has to beat."""
    return [
        exported(find_model(FROZEN), threads),
        *(Network(name, make(Pictures())) for name, make in BASELINES.items()),
    ]


def trained(threads: int, beside: Sequence[Path] = (), only: Sequence[str] = ()) -> list[Network]:
    """Every exported model that was trained here, the default first.

    `beside`: folders or files of models that are not under configs/models; they take the place
    of one of the same name there. `only`: names; without any, all.
    """
    paths = [*sorted(MODELS.glob("*/model.toml")), *(find_model(str(path)) for path in beside)]
    found = {network.name: network for network in (exported(path, threads) for path in paths)}
    chosen = [
        network
        for network in found.values()
        if network.trained and (not only or network.name in only)
    ]
    return sorted(chosen, key=lambda network: (network.name != DEFAULT, network.name))


def apart(runs: Path, names: Sequence[str], threads: int) -> dict[str, list[Network]]:
    """Name → its runs with something changed: RUNS/NAME-WHAT, by their checkpoints.

    The unchanged one, RUNS/NAME, comes first where it is there.
    """
    found = {}
    for name in names:
        changed = [_run(folder, threads) for folder in sorted(runs.glob(f"{name}-*"))]
        if any(changed):
            all_of_them = [_run(runs / name, threads), *changed]
            found[name] = [network for network in all_of_them if network is not None]
    return found


def _run(folder: Path, threads: int) -> Network | None:
    file = checkpoint_of(folder)
    if file is None:
        return None
    header = read_checkpoint(file)
    key = f"{header.name}-{sha256_of(file)[:24]}"
    embedder = TorchEmbedder(str(file), device="cpu", threads=threads, batch=16)
    return Network(folder.name, embedder, key, step=header.step)


def checkpoint_of(run: Path) -> Path | None:
    """The best network so far of a run; None before its first validation."""
    found = sorted(run.glob("*.safetensors"))
    return next((file for file in found if not file.name.endswith(".resume.safetensors")), None)
