import numpy as np
import pytest
from PIL import Image

from embedder.model_file import Preprocessing
from embedder.preprocess import as_input, letterbox, needed_side, square
from tests.contract.drawn import garment

WANTED = Preprocessing(size=64, mean=(0.5, 0.4, 0.3), std=(0.1, 0.2, 0.4), fill=(1, 2, 3))


@pytest.mark.parametrize(
    ("size", "inside", "outside"),
    [
        ((100, 200), (32, 2), (2, 32)),  # tall: bars left and right
        ((200, 100), (2, 32), (32, 2)),  # wide: bars above and below
        ((20, 40), (32, 2), (2, 32)),  # small ones are enlarged
    ],
)
def test_the_whole_picture_is_centred_in_the_square(
    size: tuple[int, int], inside: tuple[int, int], outside: tuple[int, int]
) -> None:
    square = letterbox(Image.new("RGB", size, (200, 100, 50)), WANTED)
    assert square.size == (64, 64)
    assert square.getpixel(inside) == (200, 100, 50)
    assert square.getpixel(outside) == (1, 2, 3)
    assert square.getpixel((63 - outside[0], 63 - outside[1])) == (1, 2, 3)


@pytest.mark.parametrize("size", [(16, 30_000), (30_000, 16)])
def test_a_thread_of_a_picture_keeps_a_pixel(size: tuple[int, int]) -> None:
    colours = letterbox(Image.new("RGB", size, "white"), WANTED).getcolors()
    assert sorted(colours) == [(64, (255, 255, 255)), (64 * 63, (1, 2, 3))]


def test_shrinking_does_not_alias() -> None:
    """A board of one-pixel squares becomes grey, not a pattern of its own."""
    board = np.indices((512, 512)).sum(axis=0) % 2 * 255
    image = Image.fromarray(board.astype(np.uint8)).convert("RGB")
    levels = np.asarray(letterbox(image, WANTED), float)
    assert np.abs(levels - 127.5).max() <= 1


def test_values_are_normalised_channels_first() -> None:
    """Against the slow, obvious loop."""
    pixels = as_input(garment(), WANTED)
    assert pixels.dtype == np.float32
    assert pixels.shape == (1, 3, 64, 64)
    square = letterbox(garment(), WANTED)
    for x, y in [(0, 0), (20, 30), (33, 12), (63, 63)]:
        for channel, level in enumerate(square.getpixel((x, y))):
            value = (level / 255 - WANTED.mean[channel]) / WANTED.std[channel]
            assert pixels[0, channel, y, x] == pytest.approx(value, abs=1e-5)


QUARTERS = np.zeros((40, 80, 3), np.uint8)
QUARTERS[:, :20] = 255  # a white bar at the left quarter


@pytest.mark.parametrize(
    ("fit", "white", "bars"),
    [("letterbox", 16, 32), ("stretch", 16, 0), ("crop", 0, 0)],
)
def test_a_picture_fits_its_square(fit: str, white: int, bars: int) -> None:
    wanted = WANTED.model_copy(update={"fit": fit})
    made = np.asarray(square(Image.fromarray(QUARTERS), wanted))
    assert made.shape == (64, 64, 3)
    assert (made[32] > 127).all(axis=1).sum() == white
    assert (made == WANTED.fill).all(axis=(1, 2)).sum() == bars


def test_only_a_letterbox_may_be_decoded_smaller() -> None:
    """For it the longer side decides; the others need more of the picture than `size`."""
    assert needed_side(WANTED) == 64
    assert needed_side(WANTED.model_copy(update={"fit": "crop"})) is None


def test_channels_last_holds_the_same_values() -> None:
    last = as_input(garment(), WANTED.model_copy(update={"layout": "NHWC"}))
    assert last.shape == (1, 64, 64, 3)
    assert last.flags.c_contiguous
    np.testing.assert_array_equal(last[0].transpose(2, 0, 1), as_input(garment(), WANTED)[0])
