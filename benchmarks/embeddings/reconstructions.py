"""What networks that draw make of pictures they have never seen: PSNR, and a picture of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.embeddings.networks import checkpoint_of
from benchmarks.embeddings.tasks import Task
from embedder.decode import decode
from embedder.evaluation.images import Levels, psnr, samples
from embedder.evaluation.manifest import Item
from embedder.evaluation.metrics import Floats
from embedder.evaluation.painter import levels
from embedder.model_file import Preprocessing
from embedder.networks.registry import load_network, network_class
from embedder.preprocess import as_input, needed_side
from embedder.training.checkpoint import read_checkpoint
from snapmode.ports import Picture
from snapmode.settings import Pictures

MOST = 200
"""Pictures of a test set, evenly over it."""
SHOWN = ("luma", "clothing")
"""Test sets whose pictures may be shown."""
COLUMNS = 6
"""Pictures shown of each."""


@dataclass(frozen=True, slots=True)
class Redrawn:
    """One network's reconstructions."""

    name: str
    psnr: Mapping[str, Floats]
    """Test set → dB of each picture."""


def redrawn(name: str, runs: Path, tasks: Sequence[Task], picture: Path) -> Redrawn | None:
    """Of the run's checkpoint; None where there is none, or it can't draw.

    `picture`: where real ones above what was made of them are written.
    """
    file = checkpoint_of(runs / name)
    if file is None or not hasattr(network_class(read_checkpoint(file).network), "decode"):
        return None
    network, _ = load_network(file)
    values, shown = dict[str, Floats](), list[tuple[str, list[Image.Image]]]()
    for task in {task.data: task for task in reversed(tasks)}.values():
        real, made = _pairs(network, task.items[:: max(1, len(task.items) // MOST)])
        values[task.name] = psnr(real, made)
        if task.name in SHOWN:
            shown += [(task.name, _some(real)), ("drawn", _some(made))]
    picture.parent.mkdir(parents=True, exist_ok=True)
    samples(shown).save(picture, optimize=True)
    return Redrawn(name, values)


def _some(levels: Levels) -> list[Image.Image]:
    return [Image.fromarray(one) for one in levels[:: max(1, len(levels) // COLUMNS)][:COLUMNS]]


def _pairs(network: Any, items: Sequence[Item]) -> tuple[Levels, Levels]:
    """What the network was shown, and what it drew."""
    import torch

    real = np.concatenate(list(_inputs(items, network.preprocessing)))
    with torch.inference_mode():
        made = network.decode(network.latent_of(torch.from_numpy(real))).float().numpy()
    return levels(real, network.preprocessing), levels(made, network.preprocessing)


def _inputs(items: Sequence[Item], wanted: Preprocessing) -> Iterator[np.ndarray]:
    for item in items:
        image = decode(Picture(item.image.read_bytes(), item.box), Pictures(), needed_side(wanted))
        yield as_input(image, wanted)
