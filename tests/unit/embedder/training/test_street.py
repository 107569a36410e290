"""Garments of photos with masks, as crops and cut out."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedder.training.street import (
    bent,
    crop_of,
    cut_out,
    fitted,
    garment_box,
    read_garments,
    validation_photos,
)
from snapmode.errors import ConfigError, RejectedError


def test_small_things_and_accessories_are_left_out(street: Path) -> None:
    words = [garment.word for garment in read_garments(street)]
    assert words == ["dress", "jacket"] * 6


def test_the_validation_photos_are_those_of_the_smallest_sha1() -> None:
    names = [f"{number:04}.jpg" for number in range(20)]
    chosen = validation_photos(names, 5)
    digest = {name: hashlib.sha1(name.encode()).hexdigest() for name in names}
    assert max(digest[name] for name in chosen) < min(digest[name] for name in set(names) - chosen)
    assert len(chosen) == 5


def test_a_crop_shows_the_surroundings_and_knows_the_garment(street: Path) -> None:
    garment = read_garments(street)[0]
    crop = Image.fromarray(crop_of(street, garment, 96))
    left, upper, right, lower = garment_box(crop)
    assert left > 5
    assert right < 91
    colours, alpha = np.asarray(crop)[..., :3], np.asarray(crop)[..., 3]
    inside = colours[alpha == 255].astype(int)
    far = np.abs(inside - np.median(inside, axis=0)).max(axis=1)
    assert (far < 30).mean() > 0.9  # one colour, but for JPEG
    assert colours[(upper + lower) // 2, left - 4].tolist() != [255, 255, 255]  # the street


def test_a_cut_out_is_the_garment_alone_on_white(street: Path) -> None:
    crop = Image.fromarray(crop_of(street, read_garments(street)[0], 96))
    shown = np.asarray(cut_out(crop, 64, np.random.default_rng(0)))
    assert shown.shape == (64, 64, 4)
    assert shown[..., 3][[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0
    assert (shown[..., 3] > 200).mean() > 0.2
    again = np.asarray(cut_out(crop, 64, np.random.default_rng(0)))
    other = np.asarray(cut_out(crop, 64, np.random.default_rng(1)))
    assert (shown == again).all()
    assert (shown != other).any()


def test_what_is_bent_by_nothing_stays_as_it_is() -> None:
    square = np.zeros((30, 30, 4), np.uint8)
    square[8:20, 5:25] = (200, 30, 40, 255)
    same = bent(Image.fromarray(square), np.random.default_rng(0), 0.0)
    assert np.abs(np.asarray(same).astype(int) - square).max() <= 1


def test_a_fitted_picture_keeps_its_proportions_and_its_surroundings() -> None:
    tall = np.full((40, 20, 4), (10, 20, 30, 0), np.uint8)
    square = np.asarray(fitted(Image.fromarray(tall), 20))
    assert square[10, 10].tolist() == [10, 20, 30, 0]
    assert square[10, 1].tolist() == [255, 255, 255, 0]


def test_what_is_wrong_with_a_folder_is_named(street: Path) -> None:
    garment = read_garments(street)[0]
    (street / "images" / garment.photo).write_bytes(b"no picture")
    with pytest.raises(RejectedError, match=r"0.jpg: can't be read"):
        crop_of(street, garment, 32)
    (street / "annotations.json").write_text('{"labels": []}')
    with pytest.raises(ConfigError, match="not annotations of street photos: KeyError"):
        read_garments(street)
    (street / "annotations.json").unlink()
    with pytest.raises(ConfigError, match=r"annotations.json: can't be read"):
        read_garments(street)
