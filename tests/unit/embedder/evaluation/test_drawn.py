import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from embedder.evaluation.drawn import (
    COLOURS,
    FACTORS,
    FINE,
    SHAPES,
    SIDE,
    TEXTURES,
    Garment,
    Scene,
    accent,
    draw,
    family,
    picture,
    silhouette,
)
from embedder.evaluation.factors import alike
from embedder.evaluation.manifest import read_csv

SCENE = Scene.drawn(np.random.default_rng(4))
FIRST = Garment("t-shirt", "red and yellow", "dots")


def files(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_enough_of_each_factor() -> None:
    assert len(SHAPES) >= 8
    assert len(COLOURS) >= 10
    assert len(TEXTURES) >= 8


@pytest.mark.parametrize("shape", SHAPES)
def test_a_silhouette_is_on_the_page_and_like_no_other(shape: str) -> None:
    inside = silhouette(shape, SCENE)
    assert inside.shape == (SIDE * FINE, SIDE * FINE)
    assert 0.05 < inside.mean() < 0.5
    for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
        assert not edge.any()
    for other in SHAPES.keys() - {shape}:
        both = inside | silhouette(other, SCENE)
        assert (inside & silhouette(other, SCENE)).sum() < 0.85 * both.sum()


@pytest.mark.parametrize("texture", TEXTURES)
def test_every_texture_covers_half_of_the_garment(texture: str) -> None:
    for shape in ("coat", "hat"):
        inside = silhouette(shape, SCENE)
        second = accent(texture, inside, SCENE)
        assert not second[~inside].any()
        assert second.sum() / inside.sum() == pytest.approx(0.5, abs=0.01)


def test_textures_are_laid_differently() -> None:
    inside = silhouette("dress", SCENE)
    laid = [accent(texture, inside, SCENE)[inside] for texture in TEXTURES]
    for place, one in enumerate(laid):
        assert all(np.mean(one != other) > 0.2 for other in laid[:place])


def test_a_colour_is_a_pair_of_its_own() -> None:
    pairs = np.array(list(COLOURS.values()), float)  # (pairs, 2, 3)
    assert np.linalg.norm(pairs[:, 0] - pairs[:, 1], axis=1).min() > 100
    flat = pairs.reshape(len(pairs), 6)
    apart = np.linalg.norm(flat[:, None] - flat, axis=2) + 999 * np.eye(len(flat))
    assert apart.min() > 70


def test_one_factor_changes_nothing_else() -> None:
    """A recolour keeps the edges; another texture keeps how much there is of either colour."""
    first = np.asarray(picture(FIRST, SCENE), int)
    page = first[0, 0]
    other = np.asarray(picture(Garment("t-shirt", "navy and pink", "dots"), SCENE), int)
    inside = (first != other).any(axis=2)
    whole = silhouette("t-shirt", SCENE).mean()
    assert inside.mean() == pytest.approx(whole, abs=0.02)  # and the edges' mixed pixels
    laid = np.asarray(picture(Garment("t-shirt", FIRST.colour, "checks"), SCENE), int)
    assert (laid[~inside] == first[~inside]).all()
    assert laid[inside].mean(axis=0) == pytest.approx(first[inside].mean(axis=0), abs=2)
    assert (laid[0, 0] == page).all()


def test_a_family_changes_one_factor_at_a_time() -> None:
    first, *others = family(np.random.default_rng(0))
    changed = [
        [name for name in FACTORS if getattr(first, name) != getattr(one, name)] for one in others
    ]
    assert changed == [["shape"], ["shape"], ["colour"], ["colour"], ["texture"], ["texture"]]
    assert len(set(others)) == 6


def test_the_manifest_is_one_that_factors_can_be_read_from(tmp_path: Path) -> None:
    manifest = read_csv(draw(tmp_path, seed=3, count=2))
    assert len(manifest.items) == 14
    for factor in FACTORS:
        others = [name for name in FACTORS if name != factor]
        sets = alike(manifest.items, factor, ("family", *others))
        assert sum(each.pairs for each in sets) == 2 * 3
    assert all(item.image.is_file() for item in manifest.items)


def test_a_seed_says_it_all(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        draw(tmp_path / name, seed, count=1)
    one, again, other = (files(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert all(one[name] != other[name] for name in one)
    rows = list(csv.DictReader(one["manifest.csv"].decode().splitlines()))
    assert [row["image"] for row in rows] == sorted(one.keys() - {"manifest.csv"})
