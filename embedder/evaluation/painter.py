"""A network that decodes, on pictures in memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embedder.decode import decode
from embedder.evaluation.images import Levels
from embedder.model_file import Preprocessing
from embedder.networks.registry import load_network
from embedder.preprocess import square
from embedder.training.checkpoint import Checkpoint
from snapmode.errors import ConfigError
from snapmode.ports import Picture, Vector
from snapmode.settings import Pictures

BATCH = 64


class Painter:
    """`dcgan`, `cbir_gan`, or any network of a checkpoint that has `decode` and `latent_of`."""

    def __init__(self, file: Path) -> None:
        network, checkpoint = load_network(file)
        if not hasattr(network, "decode"):
            raise ConfigError(f"{file}: {checkpoint.network} draws no pictures: it has no `decode`")
        self._network: Any = network
        self.checkpoint: Checkpoint = checkpoint
        self.parts: dict[str, slice] = {
            name: slice(*block) for name, block in network.latent_parts.items()
        }

    @property
    def size(self) -> int:
        """Pixels of a side."""
        return self.checkpoint.preprocessing.size

    def read(self, files: Sequence[Path], limits: Pictures) -> Levels:
        """(n, size, size, 3), as the network takes them; `RejectedError` when one can't be read."""
        wanted = self.checkpoint.preprocessing
        return np.stack(
            [
                np.asarray(square(decode(Picture(file.read_bytes()), limits), wanted))
                for file in files
            ]
        )

    def latents(self, pictures: Levels) -> Vector:
        """float32 (n, latent) of (n, size, size, 3)."""
        import torch

        from embedder.training.pixels import as_pixels

        wanted = self.checkpoint.preprocessing
        with torch.inference_mode():
            found = [
                self._network.latent_of(as_pixels(some, wanted, torch.device("cpu"))).numpy()
                for some in _batches(pictures)
            ]
        return np.concatenate(found)

    def paint(self, latents: Vector) -> Levels:
        """(n, size, size, 3) of (n, latent)."""
        import torch

        wanted = self.checkpoint.preprocessing
        with torch.inference_mode():
            made = [
                levels(self._network.decode(torch.from_numpy(some)).numpy(), wanted)
                for some in _batches(latents)
            ]
        return np.concatenate(made)


def levels(pixels: npt.NDArray[np.float32], preprocessing: Preprocessing) -> Levels:
    """(n, 3, s, s) as a network takes them → (n, s, s, 3), 0..255."""
    values = pixels.transpose(0, 2, 3, 1) * preprocessing.std + np.array(preprocessing.mean)
    found: Levels = np.clip(np.rint(255 * values), 0, 255).astype(np.uint8)
    return found


def between(first: Vector, second: Vector, share: float) -> Vector:
    """(n, dim) rows from `first` (share 0) to `second` (1): on the arc between their directions,
    of the length between theirs; units stay units.
    """
    lengths = [np.linalg.norm(rows, axis=1, keepdims=True) for rows in (first, second)]
    mixed = (1 - share) * first + share * second
    wanted = (1 - share) * lengths[0] + share * lengths[1]
    found: Vector = mixed * wanted / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-9)
    return found.astype(np.float32)


def _batches(rows: Any) -> Iterator[Any]:
    for start in range(0, len(rows), BATCH):
        yield np.ascontiguousarray(rows[start : start + BATCH])
