"""The street's troubles, each by itself and all together."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from embedder.training.augment import (
    Look,
    augmented,
    blurred,
    compressed,
    grained,
    occluded,
    plain,
    relit,
    troubled,
    warped,
)
from embedder.training.cache import Pixels, on_white
from embedder.training.recipe import Augment
from tests.contract.drawn import garment

SIDE = 64
NEVER = Augment(flip=0, background=0, warp=0, light=0, blur=0, occlusion=0, jpeg=0, noise=0)
ALWAYS = Augment(flip=1, background=1, warp=1, light=1, blur=1, occlusion=1, jpeg=1, noise=1)


def crop(seed: int = 0) -> Pixels:
    colours = np.asarray(garment(seed, SIDE, SIDE))
    mask = np.where(on_white(colours), 255, 0).astype(np.uint8)
    return np.dstack([colours, mask])


def photo() -> Image.Image:
    return Image.new("RGB", (20, 20), (0, 90, 180))


def view(look: Look, settings: Augment, seed: int = 0) -> Pixels:
    return augmented(crop(), look, settings, np.random.default_rng(seed), photo)


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("white", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_a_view_depends_on_the_generator_alone(cut: bool, white: bool, masked: bool) -> None:
    look = Look(48, cut, white, masked)
    first = view(look, ALWAYS, 1)
    assert first.shape == (48, 48, 3)
    assert first.dtype == np.uint8
    assert (first == view(look, ALWAYS, 1)).all()
    assert (first != view(look, ALWAYS, 2)).any()


def test_without_any_trouble_a_picture_is_as_it_was() -> None:
    assert (view(Look(SIDE), NEVER) == crop()[..., :3]).all()
    assert (plain(crop(), Look(SIDE)) == crop()[..., :3]).all()
    nothing = ALWAYS.model_copy(update={"strength": 0.0, "flip": 0.0})
    assert (view(Look(SIDE), nothing) == crop()[..., :3]).all()


def test_a_photo_comes_behind_a_picture_on_white_and_leaves_the_garment() -> None:
    behind = NEVER.model_copy(update={"background": 1.0})
    shown, before = view(Look(SIDE, white=True), behind), crop()
    page = before[..., 3] == 0
    assert (shown[page] == (0, 90, 180)).all()
    assert (shown[~page] == before[..., :3][~page]).all()
    assert (view(Look(SIDE), behind) == before[..., :3]).all()  # a photo has its own behind


def test_a_cut_out_stands_on_white() -> None:
    shown = plain(crop(), Look(SIDE, cut=True, masked=True))
    assert (shown[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
    assert (shown < 250).any()


@pytest.mark.parametrize("trouble", [relit, blurred, occluded, grained, compressed, warped])
def test_each_trouble_changes_the_picture_and_keeps_its_size(
    trouble: Callable[[Image.Image, np.random.Generator, float], Image.Image],
) -> None:
    picture = garment(1, SIDE, SIDE)
    after = trouble(picture, np.random.default_rng(0), 1.0)
    assert after.size == picture.size
    assert after.mode == "RGB"
    assert (np.asarray(after) != np.asarray(picture)).any()
    assert (np.asarray(picture) == np.asarray(garment(1, SIDE, SIDE))).all()


def test_troubles_come_about_as_often_as_the_settings_say() -> None:
    half = NEVER.model_copy(update={"light": 0.5})
    picture = garment(2, 32, 32)
    changed = sum(
        bool((np.asarray(troubled(picture, half, np.random.default_rng(seed))) != picture).any())
        for seed in range(200)
    )
    assert 70 < changed < 130
