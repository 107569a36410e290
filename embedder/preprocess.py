"""An RGB picture to a model's input: letterboxed, resampled without aliasing, normalised."""

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.Image import Resampling

from embedder.model_file import Preprocessing

RESAMPLING = {"bilinear": Resampling.BILINEAR, "bicubic": Resampling.BICUBIC}


def letterbox(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """The whole picture in a square of `size`, centred, its proportions kept."""
    size = preprocessing.size
    scale = size / max(image.size)
    fitted = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    # Pillow widens the kernel when it shrinks (no aliasing); the gap lets it average whole pixels
    # first while the picture is more than 3 times too large.
    small = image.resize(fitted, RESAMPLING[preprocessing.resample], reducing_gap=3.0)
    square = Image.new("RGB", (size, size), preprocessing.fill)
    square.paste(small, ((size - fitted[0]) // 2, (size - fitted[1]) // 2))
    return square


def square(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """The picture as a square of `size`, in the way `fit` says."""
    if preprocessing.fit == "letterbox":
        return letterbox(image, preprocessing)
    size = preprocessing.size
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    middle = (left, top, left + side, top + side) if preprocessing.fit == "crop" else None
    return image.resize(
        (size, size), RESAMPLING[preprocessing.resample], box=middle, reducing_gap=3.0
    )


def as_input(image: Image.Image, preprocessing: Preprocessing) -> npt.NDArray[np.float32]:
    """float32 of an RGB picture of any size: (1, 3, size, size), or (1, size, size, 3) for NHWC."""
    size = preprocessing.size
    pixels = np.empty((1, 3, size, size), np.float32)
    bands = square(image, preprocessing).split()
    # Band by band: numpy is 10 times slower at broadcasting over a last axis of 3.
    for plane, band, mean, std in zip(
        pixels[0], bands, preprocessing.mean, preprocessing.std, strict=True
    ):
        np.multiply(np.asarray(band), np.float32(1 / (255 * std)), out=plane)
        np.subtract(plane, np.float32(mean / std), out=plane)
    if preprocessing.layout == "NHWC":
        return np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))
    return pixels


def needed_side(preprocessing: Preprocessing) -> int | None:
    """Pixels the longer side must keep when a JPEG is decoded smaller; None: decode it in full."""
    return preprocessing.size if preprocessing.fit == "letterbox" else None
