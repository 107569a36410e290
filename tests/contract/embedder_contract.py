"""What every `Embedder` must do."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from snapmode.errors import RejectedError
from snapmode.ports import Box, Embedder, Picture, Vector
from tests.contract.drawn import encoded, garment

TOLERANCE = 1e-4
BAD = {
    "empty": b"",
    "html": b"<!doctype html><html><body>404</body></html>",
    "truncated jpeg": encoded(garment(), "JPEG")[:1500],
    "truncated png": encoded(garment())[:900],
    "header alone": encoded(garment())[:40],
    "noise": bytes(range(256)) * 8,
}
PICTURES = [Picture(encoded(garment(seed, 120 + 20 * seed, 200))) for seed in range(7)]


class EmbedderContract:
    @pytest.fixture
    def embedder(self) -> Embedder:
        """The adapter under test."""
        raise NotImplementedError

    def one(self, embedder: Embedder, data: bytes, box: Box | None = None) -> Vector:
        (vector,) = embedder.embed([Picture(data, box)])
        return vector

    def test_rows_are_finite_units(self, embedder: Embedder) -> None:
        rows = embedder.embed(PICTURES)
        assert rows.dtype == np.float32
        assert rows.shape == (len(PICTURES), embedder.dim)
        assert np.isfinite(rows).all()
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)

    def test_no_pictures_no_rows(self, embedder: Embedder) -> None:
        assert embedder.embed([]).shape == (0, embedder.dim)

    def test_the_parts_cover_the_vector(self, embedder: Embedder) -> None:
        covered = sorted(i for block in embedder.parts.values() for i in range(embedder.dim)[block])
        assert covered == list(range(embedder.dim))

    def test_the_name_ends_in_a_hash(self, embedder: Embedder) -> None:
        name, _, made_of = embedder.name.rpartition("-")
        assert name
        assert len(made_of) >= 8
        assert int(made_of, 16) >= 0

    @pytest.mark.parametrize("batch", [1, 2, 3, 7])
    def test_a_vector_does_not_depend_on_its_batch(self, embedder: Embedder, batch: int) -> None:
        together = embedder.embed(PICTURES)
        apart = [
            row
            for start in range(0, len(PICTURES), batch)
            for row in embedder.embed(PICTURES[start : start + batch])
        ]
        np.testing.assert_allclose(together, apart, atol=TOLERANCE)
        backwards = embedder.embed(PICTURES[::-1])[::-1]
        np.testing.assert_allclose(together, backwards, atol=TOLERANCE)

    def test_rows_come_in_the_order_of_pictures(self, embedder: Embedder) -> None:
        rows = embedder.embed([*PICTURES, *PICTURES[::-1]])
        similar = rows[: len(PICTURES)] @ rows[len(PICTURES) :][::-1].T
        assert (similar.argmax(axis=1) == np.arange(len(PICTURES))).all()
        np.testing.assert_allclose(similar.diagonal(), 1, atol=TOLERANCE)

    def test_threads_may_share_it(self, embedder: Embedder) -> None:
        expected = embedder.embed(PICTURES)
        with ThreadPoolExecutor(4) as pool:
            for rows in pool.map(lambda _: embedder.embed(PICTURES), range(4)):
                np.testing.assert_allclose(rows, expected, atol=TOLERANCE)

    @pytest.mark.parametrize("data", BAD.values(), ids=BAD)
    def test_what_is_no_picture_is_rejected(self, embedder: Embedder, data: bytes) -> None:
        with pytest.raises(RejectedError):
            embedder.embed([PICTURES[0], Picture(data), PICTURES[1]])
        self.one(embedder, PICTURES[0].data)  # and the embedder goes on

    @pytest.mark.parametrize(
        "box",
        [
            (0.5, 0, 0.5, 1),
            (0.6, 0, 0.4, 1),
            (0, 0.9, 1, 0.1),
            (-0.1, 0, 1, 1),
            (0, 0, 1.01, 1),
            (math.nan, 0, 1, 1),
            (0, 0, math.inf, 1),
        ],
        ids=str,
    )
    def test_a_box_that_is_none_is_rejected(self, embedder: Embedder, box: Box) -> None:
        with pytest.raises(RejectedError, match="box"):
            self.one(embedder, PICTURES[0].data, box)

    def test_a_box_is_a_picture_cut_out(self, embedder: Embedder) -> None:
        image = garment(3, 200, 300)
        boxed = self.one(embedder, encoded(image), (0.25, 0.1, 0.8, 0.9))
        cut = self.one(embedder, encoded(image.crop((50, 30, 160, 270))))
        np.testing.assert_allclose(boxed, cut, atol=TOLERANCE)
        assert boxed @ self.one(embedder, encoded(image)) < 0.999

    def test_the_whole_box_is_the_whole_picture(self, embedder: Embedder) -> None:
        data = PICTURES[0].data
        whole = self.one(embedder, data, (0, 0, 1, 1))
        np.testing.assert_allclose(whole, self.one(embedder, data), atol=TOLERANCE)

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("box", [None, (0.1, 0.0, 0.9, 0.5)], ids=["whole", "box"])
    def test_exif_rotation_is_undone(
        self, embedder: Embedder, orientation: int, box: Box | None
    ) -> None:
        """The box is meant as seen, after the rotation."""
        image = garment(1)
        lying = image.transpose(LAID[orientation]) if orientation in LAID else image
        exif = Image.Exif()
        exif[0x0112] = orientation
        turned = self.one(embedder, encoded(lying, exif=exif), box)
        np.testing.assert_allclose(turned, self.one(embedder, encoded(image), box), atol=TOLERANCE)

    def test_transparent_is_white(self, embedder: Embedder) -> None:
        image = garment(2).convert("RGBA")
        clear = Image.new("L", image.size, 255)
        clear.paste(0, (0, 0, 60, 240))
        clear.paste(128, (60, 0, 90, 240))
        image.putalpha(clear)
        page = Image.new("RGB", image.size, "white")
        page.paste(image, mask=clear)
        seen = self.one(embedder, encoded(image))
        np.testing.assert_allclose(seen, self.one(embedder, encoded(page)), atol=TOLERANCE)


LAID = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""EXIF orientation → how a camera lays an upright picture down."""
