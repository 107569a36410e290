"""How good made pictures are, beside real ones: PSNR, a perceptual and a Fréchet distance.

Both distances are on the pooled features of the frozen `lite0` model, as unit rows, and are named
after it: they are not LPIPS and not FID, whose networks can't be shipped, and their figures can be
compared with each other only. Heusel et al., "GANs trained by a two time-scale update rule",
NeurIPS 2017, for the Fréchet distance.
"""

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from embedder.evaluation.grid import Cell, grid
from embedder.evaluation.metrics import Floats
from snapmode.ports import Embedder, Picture, Vector

Levels = npt.NDArray[np.uint8]
"""RGB levels 0..255, (n, height, width, 3)."""

MOST = 100.0
"""dB of equal pictures, whose PSNR would be infinite."""


def psnr(real: Levels, made: Levels) -> Floats:
    """(n,) dB: 10 log10(255² / mean squared difference) of each pair; more is better."""
    if real.shape != made.shape or real.ndim != 4 or real.shape[3] != 3:
        raise ValueError(f"two (n, height, width, 3) are needed, not {real.shape}, {made.shape}")
    difference = real.astype(np.float64) - made
    error = (difference**2).mean(axis=(1, 2, 3))
    decibels: Floats = 10 * np.log10(255**2 / np.maximum(error, 1e-12))
    return np.minimum(MOST, decibels)


def perceptual(real: Vector, made: Vector) -> Floats:
    """(n,): 1 - cosine of the unit features of each pair, 0..2; less is better."""
    if real.shape != made.shape:
        raise ValueError(f"features of pairs are needed, not {real.shape} and {made.shape}")
    cosine: Floats = (real.astype(np.float64) * made).sum(axis=1)
    return 1 - cosine


def frechet(real: Vector, made: Vector) -> float:
    """Squared distance of two Gaussians fitted to (n, dim) and (m, dim) features, n, m >= 2.

    |μ - ν|² + tr C + tr D - 2 tr (C D)^½. Of few pictures it is too large: compare equal numbers.
    """
    if len(real) < 2 or len(made) < 2:
        raise ValueError(f"at least 2 pictures of each are needed, not {len(real)}, {len(made)}")
    first, second = _root(real), _root(made)
    means = real.mean(axis=0, dtype=np.float64) - made.mean(axis=0, dtype=np.float64)
    # With C = AᵀA and D = BᵀB, the eigenvalues of C D are the squared singular values of A Bᵀ:
    # exact, also where there are fewer pictures than dimensions, and no matrix root is needed.
    shared = np.linalg.svd(first @ second.T, compute_uv=False).sum()
    return float(max(0.0, means @ means + (first**2).sum() + (second**2).sum() - 2 * shared))


def _root(features: Vector) -> Floats:
    """A, of at most dim rows, with AᵀA the covariance of the features."""
    centred = features.astype(np.float64) - features.mean(axis=0, dtype=np.float64)
    root: Floats = centred / np.sqrt(len(features) - 1)
    if len(root) > root.shape[1]:
        root = np.linalg.qr(root).R
    return root


def features(embedder: Embedder, pictures: Levels) -> Vector:
    """float32 (n, dim), unit rows of pictures in memory; each side needs 16 pixels."""
    return embedder.embed([Picture(_png(Image.fromarray(one))) for one in pictures])


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def samples(rows: Sequence[tuple[str, Sequence[Image.Image]]], side: int = 96) -> Image.Image:
    """Rows of pictures under their titles, such as real ones above what was made of them."""
    return grid([(title, [Cell(image) for image in images]) for title, images in rows], side)
