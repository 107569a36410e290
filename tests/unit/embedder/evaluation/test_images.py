import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from embedder.evaluation.images import MOST, features, frechet, perceptual, psnr, samples
from tests.unit.embedder.evaluation.points import PointEmbedder


def levels(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), np.uint8)


def test_psnr_is_what_a_loop_says() -> None:
    real, made = levels(0, 2, 3, 4), levels(1, 2, 3, 4)
    for one, other, value in zip(real, made, psnr(real, made), strict=True):
        differences = [int(a) - int(b) for a, b in zip(one.ravel(), other.ravel(), strict=True)]
        error = sum(each**2 for each in differences) / len(differences)
        assert value == pytest.approx(10 * math.log10(255**2 / error))


def test_psnr_at_its_ends() -> None:
    black, white = np.zeros((1, 2, 2, 3), np.uint8), np.full((1, 2, 2, 3), 255, np.uint8)
    assert psnr(black, black) == MOST
    assert psnr(black, white) == 0
    with pytest.raises(ValueError, match="are needed, not"):
        psnr(black, white[0])


def test_the_perceptual_distance_is_of_pairs() -> None:
    real, made = np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[[0, 2, 1]]
    assert perceptual(real, made).tolist() == [0, 1, 1]
    with pytest.raises(ValueError, match="of pairs"):
        perceptual(real, made[:2])


def slow_frechet(real: np.ndarray, made: np.ndarray) -> float:
    """By the formula, the matrix root from the eigenvalues of the product."""
    one, other = np.atleast_2d(np.cov(real.T)), np.atleast_2d(np.cov(made.T))
    roots = np.sqrt(np.maximum(np.linalg.eigvals(one @ other).real, 0)).sum()
    means = ((real.mean(axis=0) - made.mean(axis=0)) ** 2).sum()
    return float(means + np.trace(one) + np.trace(other) - 2 * roots)


@settings(max_examples=40)
@given(st.integers(0, 2**31), st.integers(2, 20), st.integers(2, 20), st.integers(1, 8))
def test_the_frechet_distance_is_the_formula(seed: int, n: int, m: int, dim: int) -> None:
    numbers = np.random.default_rng(seed)
    real, made = numbers.normal(size=(n, dim)), numbers.normal(1, 2, size=(m, dim))
    assert frechet(real, made) == pytest.approx(slow_frechet(real, made), rel=1e-4, abs=1e-4)
    assert frechet(real, real) == pytest.approx(0, abs=1e-9)
    assert frechet(real, made) == pytest.approx(frechet(made, real))


def test_the_frechet_distance_of_known_gaussians() -> None:
    """N(0, 1) and N(3, 2²) in one dimension: 3² + (2 - 1)²."""
    numbers = np.random.default_rng(0)
    real, made = numbers.normal(size=(20000, 1)), numbers.normal(3, 2, size=(20000, 1))
    assert frechet(real, made) == pytest.approx(10, rel=0.03)
    with pytest.raises(ValueError, match="at least 2"):
        frechet(real[:1], made)


def test_pictures_in_memory_are_embedded_as_they_are() -> None:
    class Seen(PointEmbedder):
        def embed(self, pictures: object) -> np.ndarray:
            import io

            opened = [Image.open(io.BytesIO(one.data)) for one in pictures]  # type: ignore[attr-defined]
            return np.stack([np.asarray(one, np.float32).ravel() for one in opened])

    pictures = levels(0, 2, 16, 16)
    np.testing.assert_array_equal(features(Seen(), pictures), pictures.reshape(2, -1))


def test_samples_stand_under_their_titles() -> None:
    images = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    page = samples([("real", images), ("made", images)], side=16)
    assert page.size == (2 * 24, 2 * 24 + 2 * 14)
