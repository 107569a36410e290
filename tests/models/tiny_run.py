"""A run that takes a second: `python tests/models/tiny_run.py FOLDER SETTINGS [--kill STEP]`."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from embedder.model_file import Preprocessing
from embedder.networks.parts import weighted_row
from embedder.training.processes import Processes, joined
from embedder.training.recipe import Recipe
from embedder.training.trainer import Trainer
from snapmode.settings import Table
from tests.unit.embedder.training.tables import products, table


class Maps(NamedTuple):
    """After the first convolution."""

    maps: Tensor


class Weights(Table):
    """Of the parts."""

    first: float = 0.5
    second: float = 0.5


class Tiny(nn.Module):
    """Two convolutions, a norm and dropout: whatever a state must hold."""

    class Settings(Table):
        """Blocks that are not trained, and weights of the parts."""

        frozen: int = 1
        weights: Weights | None = Weights()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.preprocessing = Preprocessing(size=16, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
        self.parts = {"first": (0, 8), "second": (8, 12)}
        self.dim = 12
        self.start = nn.Conv2d(3, 8, 3, 2).requires_grad_(requires_grad=False)
        self.layers = nn.Sequential(
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Conv2d(8, 12, 3, 2),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )

    def prepare(self, pixels: Tensor) -> Maps:
        return Maps(self.start(pixels))

    def heads(self, prepared: Maps) -> dict[str, Tensor]:
        rows = self.layers(prepared.maps)
        cut = {name: rows[:, start:stop] for name, (start, stop) in self.parts.items()}
        return {name: nn.functional.normalize(part) for name, part in cut.items()}

    def row(self, heads: dict[str, Tensor]) -> Tensor:
        weights = self.settings.weights or Weights()
        return weighted_row(heads, weights.model_dump())

    def embed(self, pixels: Tensor) -> Tensor:
        return self.row(self.heads(self.prepare(pixels)))


def recipe(settings: Mapping[str, Any]) -> Recipe:
    losses = {
        "near": {"kind": "triplet", "label": "identity", "memory": settings.get("memory", 24)},
        "sort": {"kind": "cross_entropy", "label": "category", "part": "second"},
    }
    return Recipe.model_validate(
        {
            "model": {
                "name": "tiny",
                "network": "tests.models.tiny_run:Tiny",
                "licence": "Apache-2.0",
                "start": settings.get("start"),
            },
            "network": settings.get("network", {}),
            "data": {
                "sources": [
                    {
                        "kind": "manifest",
                        "name": "a",
                        "manifest": "unused",
                        "domain": "shop",
                        "labels": {"identity": ["id"]},
                    }
                ]
            },
            "sampler": [{"by": "identity", "p": 6, "k": 3, "recolour": 0.3}],
            "losses": settings.get("losses", losses),
            "optimiser": {
                "rate": settings.get("rate", 0.02),
                "clip": settings.get("clip", 5.0),
                "warmup": 2,
            },
            "train": {
                "steps": settings["steps"],
                "seed": 4,
                "workers": settings.get("workers", 0),
                "views": settings.get("views", 0),
                "validate_every": 4,
                "save_every": 3,
                "patience": settings.get("patience", 0),
                "weigh": settings.get("weigh", False),
            },
            "validate": [{"name": "product", "label": "identity", "part": "first"}],
        }
    )


def trainer(
    folder: Path, settings: Mapping[str, Any], processes: Processes | None = None
) -> Trainer:
    alone = Processes(0, 1, torch.device("cpu"))
    dataset = table({"a": products(settings.get("products", 12), 3, held=4)})
    return Trainer(recipe(settings), dataset, folder, processes or alone)


def main(folder: Path, settings: Mapping[str, Any], *words: str) -> None:
    torch.set_num_threads(1)
    kill = int(words[1]) if words[:1] == ("--kill",) else None

    def notify(step: int, _figures: Mapping[str, float]) -> None:
        if step == kill:
            os.kill(os.getpid(), signal.SIGKILL)

    with joined(cpu=True) as processes:
        made = trainer(folder, settings, processes)
        if "--resume" in words:
            made.resume()
        else:
            made.start()
        made.run(notify)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), *sys.argv[3:])
