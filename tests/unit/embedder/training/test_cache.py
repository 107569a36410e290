"""Crops are made once, and a run that was killed goes on where it was."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from embedder.training import cache
from embedder.training.cache import Crops, Pixels, on_white, open_crops
from snapmode.errors import ConfigError, RejectedError

SIDE = 4


def crop(number: int) -> Pixels:
    return np.full((SIDE, SIDE, 4), number, np.uint8)


def keys(count: int) -> list[str]:
    return [f"{number}.jpg 10" for number in range(count)]


def test_crops_are_made_once(tmp_path: Path) -> None:
    made: list[int] = []

    def render(number: int) -> Pixels:
        made.append(number)
        return crop(number)

    for _ in range(2):
        crops = open_crops(tmp_path, "shop", keys(5), SIDE, render)
        assert [int(one[0, 0, 0]) for one in crops.pixels] == [0, 1, 2, 3, 4]
    assert made == [0, 1, 2, 3, 4]


def test_other_pictures_or_another_side_are_made_anew(tmp_path: Path) -> None:
    open_crops(tmp_path, "shop", keys(2), SIDE, crop)
    open_crops(tmp_path, "shop", [*keys(1), "1.jpg 11"], SIDE, crop)
    assert len(list(tmp_path.glob("*.u8"))) == 2


def test_after_a_kill_only_what_was_not_noted_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "SAVED_EVERY", 2)
    made: list[int] = []

    def killed(number: int) -> Pixels:
        if number == 3:
            raise KeyboardInterrupt
        made.append(number)
        return crop(number)

    with pytest.raises(KeyboardInterrupt):
        open_crops(tmp_path, "shop", keys(5), SIDE, killed)

    def going_on(number: int) -> Pixels:
        made.append(number)
        return crop(number)

    told: list[int] = []
    crops = open_crops(tmp_path, "shop", keys(5), SIDE, going_on, told.append)
    assert made == [0, 1, 2, 2, 3, 4]
    assert sum(told) == 5
    assert [int(one[0, 0, 0]) for one in crops.pixels] == [0, 1, 2, 3, 4]


def test_a_picture_that_can_not_be_read_is_remembered(tmp_path: Path) -> None:
    def render(number: int) -> Pixels:
        if number == 1:
            raise RejectedError("not a picture")
        return crop(number)

    for _ in range(2):
        crops = open_crops(tmp_path, "shop", keys(3), SIDE, render)
        assert crops.rejected == {1: "not a picture"}


def test_another_process_maps_the_same_file(tmp_path: Path) -> None:
    crops = open_crops(tmp_path, "shop", keys(500), SIDE, lambda _: crop(7))
    sent = pickle.dumps(crops)
    assert len(sent) < 1000
    assert (pickle.loads(sent).pixels == crops.pixels).all()
    in_memory = Crops(np.ones((2, SIDE, SIDE, 4), np.uint8), {0: "bad"})
    again = pickle.loads(pickle.dumps(in_memory))
    assert (again.pixels == 1).all()
    assert again.rejected == {0: "bad"}


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="can't be used as a cache"):
        open_crops(tmp_path / "file" / "crops", "shop", keys(1), SIDE, crop)


def test_what_stands_before_a_white_page_is_found_with_its_white_inside() -> None:
    picture = np.full((9, 9, 3), 255, np.uint8)
    picture[2:7, 2:7] = 30
    picture[4, 4] = 255  # a white button
    mask = on_white(picture)
    assert mask[2:7, 2:7].all()
    assert mask.sum() == 25
