"""What a run keeps in its folder: how it was started, its state, and its best network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from embedder.model_file import Sha256
from embedder.training.checkpoint import (
    Checkpoint,
    as_arrays,
    code_version,
    load_resume,
    load_weights,
    resume_file,
    save_checkpoint,
    save_resume,
)
from embedder.training.recipe import Recipe
from snapmode.errors import ConfigError


@dataclass
class Progress:
    """How far a run is: saved with its state."""

    step: int = 0
    """Steps done."""
    best: float | None = None
    best_step: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    """Of the best validation."""
    stale: int = 0
    """Validations since the best."""
    stopped: bool = False
    """Early, for want of progress."""
    cpu_seconds: float = 0.0
    """What this process has computed for it, preparations and validations included."""


class RunFiles:
    """The files of one run."""

    def __init__(self, folder: Path, recipe: Recipe, data: str, processes: int) -> None:
        """`data`: hash of what is trained on; `processes`: how many train together."""
        self._folder = folder
        self._recipe = recipe
        self._data = data
        self._processes = processes
        self.checkpoint = folder / f"{recipe.model.name}.safetensors"
        self._begun = folder / "recipe.json"

    @property
    def state(self) -> Path:
        """What a run goes on from; it exists once the first state is saved."""
        return resume_file(self.checkpoint)

    def refuse_another(self) -> None:
        """`ConfigError` when a run has left something here already."""
        if self.checkpoint.exists() or self.state.exists():
            raise ConfigError(
                f"{self._folder}: a run is here already: --resume it, or give another --out"
            )

    def begin(self) -> None:
        """Note what is trained, before the first step."""
        self._folder.mkdir(parents=True, exist_ok=True)
        told = self._recipe.model_dump_json(indent=2, by_alias=True)
        self._begun.write_text(told, encoding="utf-8")

    def load_state(self) -> dict[str, Any] | None:
        """What `save_state` was given, with tensors; None when it was killed before the first.

        `ConfigError` when there is no run, or one of another recipe or other data.
        """
        if not self.state.exists():
            if not self._begun.exists():
                raise ConfigError(f"{self._folder}: no run to --resume")
            return None
        state = load_resume(self.checkpoint)
        for what, value in self._told().items():
            if state["told"].get(what) != value:
                raise ConfigError(
                    f"{self.state}: was trained by another {what}; give another --out to start anew"
                )
        tensors: dict[str, Any] = _as_tensors(state)
        return tensors

    def save_state(self, progress: Progress, modules: Mapping[str, Any]) -> None:
        """Everything a run needs to go on as if nothing had happened, in one file."""
        state = {"told": self._told(), "progress": vars(progress), **modules}
        save_resume(self.checkpoint, state)

    def save_checkpoint(self, network: Any, progress: Progress) -> None:
        """The network as others will use it."""
        model = self._recipe.model
        described = Checkpoint(
            name=model.name,
            network=model.network,
            settings=network.settings.model_dump(mode="json"),
            preprocessing=network.preprocessing,
            parts=network.parts,
            licence=model.licence,
            data=self._data,
            metrics=progress.metrics,
            code=code_version(),
            step=progress.step,
        )
        save_checkpoint(self.checkpoint, described, as_arrays(network.state_dict()))

    def _told(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        of_machine = {"train": {"threads", "workers", "save_every"}}
        return {
            "recipe": self._recipe.model_dump_json(exclude=of_machine),
            "data": self._data,
            "number of processes": self._processes,
        }


def load_into(module: Any, file: Path, sha256: Sha256 | None = None) -> None:
    """Put a checkpoint's weights into a module; `ConfigError` if unfit, or of another hash."""
    put_into(module, _as_tensors(load_weights(file, sha256)[1]), file)


def put_into(module: Any, weights: Mapping[str, Any], file: Path) -> None:
    """Put weights, tensors that were read from the file, into a module; `ConfigError` if unfit."""
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise ConfigError(f"{file}: not the weights of this network: {error}") from error


def _as_tensors(state: Any) -> Any:
    """Nested dicts and lists with tensors in place of arrays."""
    if isinstance(state, np.ndarray):
        return torch.from_numpy(state)
    if isinstance(state, dict):
        return {key: _as_tensors(value) for key, value in state.items()}
    if isinstance(state, list):
        return [_as_tensors(value) for value in state]
    return state
