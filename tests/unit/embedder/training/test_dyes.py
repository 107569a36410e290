"""Dyes and prints."""

import numpy as np
import pytest
from PIL import Image

from embedder.training.cache import Pixels, on_white
from embedder.training.dyes import PRINTS, Dye, Print, dye, dyed, main_colour, print_of
from tests.contract.drawn import garment

SIDE = 64


def crop() -> Pixels:
    colours = np.asarray(garment(0, SIDE, SIDE))
    mask = np.where(on_white(colours), 255, 0).astype(np.uint8)
    return np.dstack([colours, mask])


def test_dyeing_changes_the_garments_main_colour_and_not_the_page() -> None:
    before = crop()
    after = np.asarray(dyed(Image.fromarray(before), Dye((20, 200, 60))))
    page = before[..., 3] == 0
    assert (after[page] == before[page]).all()
    colour = main_colour(after[..., :3].astype(np.float32), ~page)
    assert np.abs(colour - (20, 200, 60)).max() < 25  # it has spots of other colours


def test_the_main_colour_of_nothing_is_grey() -> None:
    nothing = np.zeros((8, 8), bool)
    assert main_colour(np.zeros((8, 8, 3), np.float32), nothing).tolist() == [128, 128, 128]


@pytest.mark.parametrize("which", PRINTS, ids=str)
def test_a_print_is_about_half_of_each_colour_and_all_differ(which: Print) -> None:
    mask = which.mask(128)
    assert mask.shape == (128, 128)
    assert 0 <= mask.min() < 0.1
    assert 0.9 < mask.max() <= 1
    assert 0.3 < mask.mean() < 0.7
    assert all((mask != other.mask(128)).any() for other in PRINTS if other != which)


def test_a_printed_garment_has_both_colours() -> None:
    both = Dye((220, 30, 30), (30, 30, 220), Print("stripes", 6))
    plain = np.full((SIDE, SIDE, 4), (120, 120, 120, 255), np.uint8)
    after = np.asarray(dyed(Image.fromarray(plain), both))[..., :3].reshape(-1, 3)
    for colour in (both.colour, both.second):
        assert (np.abs(after - np.array(colour)).max(axis=1) < 12).mean() > 0.2


def test_a_number_is_always_the_same_dye_and_some_are_prints() -> None:
    dyes = [dye(number) for number in range(1, 201)]
    assert dyes == [dye(number) for number in range(1, 201)]
    assert len({each.colour for each in dyes}) == 200
    assert 60 < sum(each.print is not None for each in dyes) < 140
    for number, each in enumerate(dyes, 1):
        place = print_of(number)
        assert each.print == (None if place < 0 else PRINTS[place])
