"""What a network knows before it is trained: the start of its heads, and what losses keep of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from embedder.training.batches import plain_views
from embedder.training.datasets import Codes, Dataset
from embedder.training.pixels import as_pixels
from embedder.whole_file import whole_file

SAMPLE = 2000
"""Pictures that heads are fitted to."""
BATCH = 32


def fit_heads(network: Any, dataset: Dataset, seed: int, device: torch.device) -> None:
    """Fit the heads of a network that can (`fit`) to pictures it will be trained on."""
    rows = dataset.rows_of((), held=False)
    chosen = np.random.default_rng([seed, 8]).permutation(rows)[:SAMPLE]
    network.eval()
    with torch.no_grad():
        network.fit(network.prepare(pixels) for pixels in _plain(network, dataset, chosen, device))
    network.train()


def taught(
    network: Any,
    dataset: Dataset,
    file: Path,
    device: torch.device,
    advance: Callable[[int], None] = lambda _: None,
) -> Tensor:
    """(rows, dim): the network's vector of each row it is trained on, shown plainly; 0 for what is
    held out. Kept in the file, for by the time a run is resumed the network has changed.
    """
    if not file.exists():
        rows = dataset.rows_of((), held=False)
        found = np.zeros((len(dataset), network.dim), np.float32)
        network.eval()
        with torch.inference_mode():
            for start, pixels in enumerate(_plain(network, dataset, rows, device)):
                chosen = rows[start * BATCH : (start + 1) * BATCH]
                found[chosen] = network.embed(pixels).float().cpu().numpy()
                advance(len(chosen))
        network.train()
        with whole_file(file) as part, part.open("wb") as out:
            np.save(out, found)
    return torch.from_numpy(np.load(file)).to(device)


def _plain(network: Any, dataset: Dataset, rows: Codes, device: torch.device) -> Iterator[Tensor]:
    preprocessing = network.preprocessing
    for start in range(0, len(rows), BATCH):
        views = plain_views(dataset, rows[start : start + BATCH], preprocessing.size)
        yield as_pixels(views, preprocessing, device)
