"""What the figures were made of: code, machine, models, data."""

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.tasks import Task
from benchmarks.embeddings.text import table
from embedder.training.checkpoint import code_version, sha256_of

PACKAGES = ("numpy", "onnxruntime", "pillow", "torch", "torchvision")


def head() -> str:
    """A line of when, with what code and on which machine."""
    versions = ", ".join(f"{name} {found}" for name, found in _versions())
    return (
        f"{datetime.now(UTC).date().isoformat()}, code `{code_version()}`, {cpu()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}."
    )


def cpu() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _versions() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "absent"


def hashes(networks: Iterable[Network], tasks: Sequence[Task]) -> str:
    """Two tables: of models and of data."""
    models = [
        [network.name, _hash(network), *_trained_on(network)] for network in networks if network.key
    ]
    data = [
        [task.name, f"`{task.data}`", str(len(task.items)), str(len(task.plan.relevant))]
        for task in tasks
    ]
    return "\n\n".join(
        (
            table(["model", "sha256 of model.toml, or run", "trained on", "by code"], models),
            table(["test set", "hash", "pictures", "queries"], data),
        )
    )


def _hash(network: Network) -> str:
    """Of what says everything of an export; of a run, its checkpoint's name and hash."""
    return f"`{sha256_of(network.toml) if network.toml else network.key}`"


def _trained_on(network: Network) -> tuple[str, str]:
    trained = network.file.trained if network.file else None
    return (f"`{trained.data[:16]}`", f"`{trained.code[:12]}`") if trained else ("-", "-")
