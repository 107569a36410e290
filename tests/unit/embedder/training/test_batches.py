"""Batches as arrays."""

import numpy as np

from embedder.training.batches import Batches, labels_of, plain_views
from embedder.training.datasets import Dataset
from embedder.training.dyes import print_of
from embedder.training.recipe import Augment, Draw
from embedder.training.samplers import Sampler
from tests.unit.embedder.training.tables import products, table

DATA = table({"a": products(6, 3)})


def batches(recolour: float = 0.0, seed: int = 0, data: Dataset = DATA) -> Batches:
    draws = (Draw(by="identity", p=4, k=4, recolour=recolour),)
    return Batches(data, Sampler(data, draws, seed), Augment(), 24, seed)


def test_a_batch_can_be_made_again() -> None:
    first, again = batches()[3], batches()[3]
    assert first.pixels.shape == (16, 24, 24, 3)
    assert (first.pixels == again.pixels).all()
    assert all((first.labels[name] == again.labels[name]).all() for name in first.labels)
    assert (first.pixels != batches()[4].pixels).any()
    assert (first.pixels != batches(seed=1)[3].pixels).any()


def test_two_views_of_one_crop_differ() -> None:
    """4 views are asked of 3 crops, so some crop is shown twice."""
    pixels = batches()[0].pixels.reshape(4, 4, -1)
    assert all(len({view.tobytes() for view in views}) == 4 for views in pixels)


def test_a_dyed_view_has_a_variant_of_its_own_and_no_named_colour() -> None:
    views = batches(recolour=1.0)[0]
    variant = views.labels["variant"].reshape(4, 4)
    colour = views.labels["colour"].reshape(4, 4)
    identity = views.labels["identity"].reshape(4, 4)
    assert (identity == identity[:, :1]).all()
    assert (variant[:, 0] == variant[:, 2]).all()
    assert (variant[:, 1] == variant[:, 3]).all()
    assert (variant[:, 0] != variant[:, 1]).all()
    assert len(set(variant.ravel().tolist())) == 8
    assert (colour[:, 1::2] == -1).all()
    assert (colour[:, ::2] >= 0).all()


def test_a_print_is_the_texture_of_whoever_wears_it() -> None:
    plan = np.array([1, 2, 3, 4])
    prints = {number: print_of(number) for number in range(1, 400)}
    printed = [number for number, place in prints.items() if place == 0]
    first, second = printed[:2]
    plain = next(number for number, place in prints.items() if place < 0)
    labels = labels_of(DATA, plan, np.array([first, second, plain, 0]))
    texture = labels["texture"]
    assert texture[0] == texture[1] > DATA.labels["texture"].max()
    assert (texture[2:] == DATA.labels["identity"][plan[2:]]).all()
    assert (labels["row"] == plan).all()


def test_views_for_validation_have_no_chance_in_them() -> None:
    rows = np.array([0, 5])
    first = plain_views(DATA, rows, 32)
    assert (first == plain_views(DATA, rows, 32)).all()
    assert (first[0] == DATA.pixels(0)[..., :3]).all()
