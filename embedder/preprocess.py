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


def as_input(image: Image.Image, preprocessing: Preprocessing) -> npt.NDArray[np.float32]:
    """float32 (1, 3, size, size) of an RGB picture of any size."""
    mean = np.array(preprocessing.mean, np.float32)
    std = np.array(preprocessing.std, np.float32)
    pixels = np.asarray(letterbox(image, preprocessing), np.float32)  # (size, size, 3)
    normal = pixels * (1 / (255 * std)) - mean / std
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[np.newaxis], np.float32)
