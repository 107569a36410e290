from pathlib import Path

import numpy as np
import pytest

from embedder.evaluation.court import blurred, words_of
from embedder.evaluation.interpolation import halves, shown_pairs, walk
from embedder.evaluation.manifest import Item
from embedder.evaluation.painter import between
from tests.unit.embedder.evaluation.points import item


def products(count: int) -> list[Item]:
    return [Item(f"{n}.jpg", Path(), True, True, {"id": str(n)}) for n in range(count)]


def test_halves_share_no_product_and_depend_on_the_id_alone() -> None:
    taught, others = halves(products(400))
    assert 150 < len(taught) < 250
    assert len(taught) + len(others) == 400
    again = halves(products(10)[::-1])
    assert {one.id for one in again[0]} == {one.id for one in taught if int(one.label("id")) < 10}


def test_words_are_those_of_the_manifest_and_the_title() -> None:
    made = item("x", articleType="Shirts", baseColour="Red", title="Men Checked Shirt")
    assert words_of([made, item("y")]) == {
        "shape": ["Shirts", ""],
        "colour": ["Red", ""],
        "texture": ["patterned", ""],
    }


def test_between_two_units_is_a_unit_between_them() -> None:
    first, second = np.eye(2, 4, dtype=np.float32)
    found = [between(first[None], second[None], share)[0] for share in (0, 0.25, 0.5, 1)]
    np.testing.assert_allclose(found[0], first)
    np.testing.assert_allclose(found[2], (first + second) / np.sqrt(2), rtol=1e-6)
    np.testing.assert_allclose(found[3], second)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-6)


def test_between_two_lengths_is_a_length_between_them() -> None:
    first, second = np.array([[3.0, 0]]), np.array([[0, 5.0]])
    assert np.linalg.norm(between(first, second, 0.5)) == pytest.approx(4)


def test_opposite_directions_have_a_middle_that_is_a_number() -> None:
    assert np.isfinite(between(np.array([[1.0, 0]]), np.array([[-1.0, 0]]), 0.5)).all()


def test_a_walk_moves_one_part_and_leaves_the_others() -> None:
    latents = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    pairs = np.array([[0, 1], [3, 2]])
    steps = list(walk(latents, pairs, slice(2, 4), 3))
    assert len(steps) == 3
    np.testing.assert_allclose(steps[0], latents[[0, 3]], rtol=1e-6)
    np.testing.assert_allclose(steps[-1][:, 2:4], latents[[1, 2], 2:4], rtol=1e-6)
    for step in steps:
        np.testing.assert_array_equal(step[:, [0, 1, 4, 5]], latents[[0, 3]][:, [0, 1, 4, 5]])


def test_the_grid_shows_main_pictures_of_products_that_differ() -> None:
    main = [
        item(
            f"m{n}", query=False, colour="red" if n % 2 else "blue", category="T" if n < 6 else "S"
        )
        for n in range(12)
    ]
    other = [item(f"back{n}", gallery=False, colour="green", category="P") for n in range(9)]
    pairs = shown_pairs([*main, *other], seed=0)
    assert len(pairs) == 4
    assert all(one.id.startswith("m") for pair in pairs for one in pair)
    assert all(a.label("colour") != b.label("colour") for a, b in pairs)


def test_blurred_pictures_are_softer_and_no_darker() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
    np.testing.assert_array_equal(blurred(picture, 0), picture)
    soft = blurred(picture, 1)
    assert soft.std() < 0.6 * picture.std()
    assert abs(soft.mean() - picture.mean()) < 2
