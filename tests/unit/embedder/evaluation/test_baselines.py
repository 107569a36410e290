import io

import numpy as np
import pytest
from PIL import Image

from embedder.evaluation.baselines import BASELINES, HsvHistogram, RawPixels, garment
from snapmode.errors import RejectedError
from snapmode.ports import Picture, Vector
from snapmode.settings import Pictures
from tests.contract.drawn import encoded
from tests.contract.drawn import garment as drawn

LIMITS = Pictures()


def picture(colour: str, page: str = "white", size: tuple[int, int] = (60, 60)) -> Picture:
    image = Image.new("RGB", size, page)
    image.paste(colour, (size[0] // 4, size[1] // 4, size[0] // 2, size[1]))
    return Picture(encoded(image))


def similar(rows: Vector, first: int, second: int) -> float:
    return float(rows[first] @ rows[second])


@pytest.mark.parametrize("name", BASELINES)
def test_unit_rows_that_do_not_depend_on_the_batch(name: str) -> None:
    embedder = BASELINES[name](LIMITS)
    pictures = [Picture(encoded(drawn(seed))) for seed in range(4)]
    rows = embedder.embed(pictures)
    assert rows.dtype == np.float32
    assert rows.shape == (4, embedder.dim)
    assert embedder.parts == {"all": slice(0, embedder.dim)}
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(rows[2], embedder.embed([pictures[2]])[0])
    assert similar(rows, 0, 1) < 0.99


@pytest.mark.parametrize("name", BASELINES)
def test_one_colour_all_over_is_a_unit_row_too(name: str) -> None:
    pages = [Picture(encoded(Image.new("RGB", (40, 40), colour))) for colour in ("white", "red")]
    rows = BASELINES[name](LIMITS).embed(pages)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", BASELINES)
def test_what_is_no_picture_is_refused(name: str) -> None:
    with pytest.raises(RejectedError, match="not a picture"):
        BASELINES[name](LIMITS).embed([picture("red"), Picture(b"<html>")])


def test_the_histogram_sees_colours_and_no_white_page() -> None:
    embedder = HsvHistogram(LIMITS)
    rows = embedder.embed(
        [picture("red"), picture("red", size=(120, 60)), picture("blue"), picture("red", "gray")]
    )
    assert similar(rows, 0, 1) == pytest.approx(1, abs=0.01), "less garment, more page: the same"
    assert similar(rows, 0, 2) < 0.05
    assert similar(rows, 0, 3) < 0.9, "a grey page is no white page"


def test_the_histogram_counts_what_a_loop_counts() -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8))
    embedder = HsvHistogram(LIMITS)
    (row,) = embedder.embed([Picture(encoded(image))])
    counts = np.zeros((embedder.hues, embedder.saturations, embedder.values))
    levels = [tuple(level) for level in np.asarray(image.convert("HSV")).reshape(-1, 3).tolist()]
    for hue, saturation, value in levels:
        if not garment(np.array([[hue, saturation, value]])).all():
            continue
        if saturation <= 20 and value >= 235:
            continue
        counts[
            hue * embedder.hues // 256,
            saturation * embedder.saturations // 256,
            value * embedder.values // 256,
        ] += 1
    np.testing.assert_allclose(row, np.sqrt(counts / counts.sum()).ravel(), atol=1e-6)


def test_raw_pixels_see_where_things_are() -> None:
    image = Image.new("RGB", (64, 64), "white")
    image.paste("red", (0, 0, 32, 64))
    turned = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    brighter = image.point(lambda level: level // 2)
    rows = RawPixels(LIMITS).embed([Picture(encoded(one)) for one in (image, turned, brighter)])
    assert similar(rows, 0, 1) < 0
    assert similar(rows, 0, 2) > 0.98


def test_the_box_is_what_is_meant() -> None:
    whole = Image.new("RGB", (80, 40), "white")
    whole.paste("blue", (0, 0, 40, 40))
    whole.paste("red", (40, 0, 80, 40))
    out = io.BytesIO()
    whole.save(out, "PNG")
    half = Picture(out.getvalue(), (0.0, 0.0, 0.5, 1.0))
    blue = Picture(encoded(Image.new("RGB", (40, 40), "blue")))
    rows = HsvHistogram(LIMITS).embed([half, blue])
    assert similar(rows, 0, 1) == pytest.approx(1)
