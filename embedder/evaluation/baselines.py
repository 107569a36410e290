"""What needs no training: a histogram of colours and the pixels themselves, as embedders.

A model that does not beat them, or itself mixed with them, has learnt nothing that they don't know.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from embedder.decode import decode
from embedder.evaluation.grid import thumbnail
from snapmode.ports import Picture, Vector
from snapmode.settings import Pictures


class HsvHistogram:
    """How much of a picture has which colour, its white background left out.

    Square roots of the frequencies of HUES × SATURATIONS × VALUES bins: a unit row, whose inner
    products are Bhattacharyya coefficients. Swain and Ballard, "Color indexing", IJCV 7 (1991).
    """

    name = "hsv"
    hues, saturations, values = 12, 4, 4
    side = 96
    """Pixels of the longer side that are counted."""

    @property
    def dim(self) -> int:
        """Number of bins."""
        return self.hues * self.saturations * self.values

    @property
    def parts(self) -> Mapping[str, slice]:
        """A histogram is all one part."""
        return {"all": slice(0, self.dim)}

    def __init__(self, limits: Pictures) -> None:
        self._limits = limits

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        """float32 (n, dim), unit rows; `RejectedError` when a picture can't be read."""
        rows = np.empty((len(pictures), self.dim), np.float32)
        for row, picture in zip(rows, pictures, strict=True):
            image = decode(picture, self._limits, self.side)
            image.thumbnail((self.side, self.side))
            row[:] = self._histogram(np.asarray(image.convert("HSV")))
        return rows

    def _histogram(self, pixels: npt.NDArray[np.uint8]) -> Vector:
        """(dim,) of (height, width, 3) levels of hue, saturation and value."""
        levels = pixels.reshape(-1, 3).astype(np.int64)
        levels = levels[garment(levels)]
        hue, saturation, value = (
            levels[:, channel] * bins // 256
            for channel, bins in enumerate((self.hues, self.saturations, self.values))
        )
        bins = (hue * self.saturations + saturation) * self.values + value
        counts = np.bincount(bins, minlength=self.dim)
        row: Vector = np.sqrt(counts / counts.sum()).astype(np.float32)
        return row


def garment(levels: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(pixels,): which of the HSV levels are not a white background; all, when all are white."""
    coloured = (levels[:, 1] > 20) | (levels[:, 2] < 235)
    return coloured if coloured.any() else np.ones(len(levels), np.bool_)


class RawPixels:
    """A small copy of the picture, letterboxed on white, less its mean colour, as a unit row."""

    name = "raw"
    side = 16
    dim = 3 * side * side
    parts: Mapping[str, slice] = {"all": slice(0, 3 * 16 * 16)}

    def __init__(self, limits: Pictures) -> None:
        self._limits = limits

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        """float32 (n, dim), unit rows; `RejectedError` when a picture can't be read."""
        return np.stack([self._row(decode(one, self._limits, self.side)) for one in pictures])

    def _row(self, image: Image.Image) -> Vector:
        values = np.asarray(thumbnail(image, self.side), np.float32)  # (side, side, 3)
        row: Vector = (values - values.mean(axis=(0, 1))).ravel()
        length = float(np.linalg.norm(row))
        if length < 1:  # one colour all over: nothing but the mean, which is no direction
            row, length = np.ones_like(row), float(np.sqrt(self.dim))
        return row / np.float32(length)


BASELINES: Mapping[str, Callable[[Pictures], HsvHistogram | RawPixels]] = {
    "hsv": HsvHistogram,
    "raw": RawPixels,
}
"""Name for `--model` → what makes the embedder."""
