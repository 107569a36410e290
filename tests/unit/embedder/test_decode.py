import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, TiffImagePlugin

from embedder.decode import _formats, decode
from snapmode.errors import RejectedError
from snapmode.ports import Box, Picture
from snapmode.settings import Pictures
from tests.contract.drawn import encoded, garment
from tests.unit.embedder.profiles import cyan_is_red, red_and_blue_swapped

LIMITS = Pictures()


def read(data: bytes, box: Box | None = None, side: int | None = None) -> Image.Image:
    return decode(Picture(data, box), LIMITS, side)


def difference(image: Image.Image, expected: Image.Image) -> float:
    """Largest difference of a level, 0..255."""
    assert image.mode == "RGB"
    assert image.size == expected.size
    extrema = ImageChops.difference(image, expected.convert("RGB")).getextrema()
    return max(float(high) for _, high in extrema)


def png(width: int, height: int) -> bytes:
    """A file that claims this size and holds one pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("format", "how"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_lossless_formats_come_back_exactly(format: str, how: dict[str, object]) -> None:
    assert difference(read(encoded(garment(), format, **how)), garment()) == 0


@pytest.mark.parametrize("format", ["JPEG", "WEBP", *(["AVIF"] if "AVIF" in _formats() else [])])
def test_lossy_formats_come_back_nearly(format: str) -> None:
    found = np.asarray(read(encoded(garment(), format, quality=95)), float)
    assert np.abs(found - np.asarray(garment(), float)).mean() < 4


@pytest.mark.parametrize("format", ["ICO", "PPM", "TGA", "PCX", "EPS"])
def test_what_the_web_does_not_serve_is_no_picture(format: str) -> None:
    with pytest.raises(RejectedError, match="not a picture"):
        read(encoded(garment(), format))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty: 0 bytes"),
        (b"<!doctype html><title>404</title>", "not a picture .* starts with b'<!doctype html><'"),
        (b"GIF89a", "."),
        (encoded(garment(), "JPEG")[:2000], "truncated"),
        (encoded(garment())[:700], "truncated"),
        (png(300, 300), "truncated|decoded"),
        (encoded(garment(), "WEBP")[:300], "decoded|not a picture"),
        (encoded(garment(), "TIFF")[:300], "."),
        (png(100_000, 100_000), "too many pixels"),
        (png(8000, 7000), "8000 × 7000 pixels; at most 50000000"),
        (png(15, 4000), "15 × 4000 pixels; each side needs 16"),
        (png(0, 0), "."),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_the_reason_is_precise(data: bytes, reason: str) -> None:
    with pytest.raises(RejectedError, match=reason):
        read(data)


def test_too_many_bytes_are_not_even_opened() -> None:
    data = encoded(garment())
    with pytest.raises(RejectedError, match=f"{len(data)} bytes; at most 1000"):
        decode(Picture(data), Pictures(max_bytes=1000))


def test_the_pixel_limit_is_checked_before_decoding() -> None:
    """A bomb of this size would need 30 GB: the test would not survive it."""
    with pytest.raises(RejectedError, match="too many pixels"):
        read(png(100_000, 100_000))
    assert Image.MAX_IMAGE_PIXELS == 1024 * 1024 * 1024 // 4 // 3, "Pillow's own limit is untouched"


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_file_is_read_or_rejected(data: st.DataObject) -> None:
    """Any bytes changed, anywhere: never another error."""
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"]))
    file = bytearray(encoded(garment(0, 40, 50), kind))
    places = st.integers(0, len(file) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        file[place] = value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata, and goes on
        try:
            image = read(bytes(file[: data.draw(places)] if data.draw(st.booleans()) else file))
        except RejectedError:
            return
    assert image.mode == "RGB"


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_few_colours(mode: str) -> None:
    image = garment().convert(mode)
    assert difference(read(encoded(image)), image) == 0


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_clear_is_white(mode: str) -> None:
    image = garment().convert(mode)
    alpha = Image.linear_gradient("L").resize(image.size)
    image.putalpha(alpha)
    expected = Image.composite(
        garment().convert(mode[:-1]), Image.new(mode[:-1], image.size, "white"), alpha
    )
    assert difference(read(encoded(image)), expected) <= 1


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_a_clear_palette_entry_is_white(format: str) -> None:
    image = Image.new("P", (40, 40), 1)
    image.putpalette([0, 0, 0, 200, 30, 30])
    image.paste(0, (0, 0, 20, 40))
    found = read(encoded(image, format, transparency=0))
    assert found.getpixel((5, 5)) == (255, 255, 255)
    assert found.getpixel((30, 5)) == (200, 30, 30)


def test_a_clear_colour_is_white() -> None:
    image = Image.new("RGB", (40, 40), (200, 30, 30))
    image.paste((1, 2, 3), (0, 0, 20, 40))
    found = read(encoded(image, transparency=(1, 2, 3)))
    assert found.getpixel((5, 5)) == (255, 255, 255)
    assert found.getpixel((30, 5)) == (200, 30, 30)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bits_are_scaled_not_clipped(format: str) -> None:
    levels = np.linspace(0, 65535, 64 * 64).round().astype(np.uint16).reshape(64, 64)
    found = np.asarray(read(encoded(Image.fromarray(levels), format)))
    assert np.abs(found[..., 0] - levels / 257).max() <= 1
    assert (found[..., 0] == found[..., 2]).all()


@pytest.mark.parametrize("mode", ["F", "I", "LAB"])
def test_pixels_that_are_no_colours_are_rejected(mode: str) -> None:
    with pytest.raises(RejectedError, match=f"mode {mode}"):
        read(encoded(Image.new(mode, (32, 32)), "TIFF"))


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_counts(format: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "lime", "blue")]
    how = {"lossless": True} if format == "WEBP" else {}
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:], **how)
    assert Image.open(io.BytesIO(data)).n_frames == 3
    assert difference(read(data), frames[0]) == 0


def test_cmyk_without_a_profile() -> None:
    image = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    found = read(encoded(image, "JPEG", quality=100)).getpixel((5, 5))
    assert found == pytest.approx((255, 0, 0), abs=3)


def test_cmyk_with_a_profile() -> None:
    image = Image.new("CMYK", (32, 32), (255, 0, 0, 0))
    red, green, blue = read(encoded(image, "TIFF", icc_profile=cyan_is_red())).getpixel((5, 5))
    assert red > 200 > 100 > max(green, blue)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_an_embedded_profile_is_followed(format: str) -> None:
    image = Image.new("RGB", (32, 32), (250, 0, 0))
    red, green, blue = read(encoded(image, format, icc_profile=red_and_blue_swapped())).getpixel(
        (5, 5)
    )
    assert blue > 240
    assert max(red, green) < 40


@pytest.mark.parametrize(
    "profile",
    [b"no profile", red_and_blue_swapped()[:200], cyan_is_red(), bytes(5_000_000)],
    ids=["noise", "cut off", "of other pixels", "huge"],
)
def test_a_profile_that_can_not_be_used_is_ignored(profile: bytes) -> None:
    data = encoded(garment(), "TIFF", icc_profile=profile)
    assert difference(read(data), garment()) == 0


def test_broken_exif_is_ignored() -> None:
    data = encoded(garment(), "WEBP", lossless=True, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert difference(read(data), garment()) == 0


def test_a_tiff_that_lies_on_its_side() -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[0x0112] = 6
    data = encoded(garment().transpose(Image.Transpose.ROTATE_90), "TIFF", tiffinfo=tags)
    assert difference(read(data), garment()) == 0


@settings(max_examples=50)
@given(
    st.tuples(*[st.floats(0, 1)] * 4).filter(lambda box: box[0] < box[2] and box[1] < box[3]),
    st.tuples(st.integers(16, 90), st.integers(16, 90)),
)
def test_every_box_holds_pixels(box: Box, size: tuple[int, int]) -> None:
    found = read(encoded(Image.new("RGB", size), "BMP"), box)
    for got, length, start, stop in zip(found.size, size, box[:2], box[2:], strict=True):
        assert 1 <= got <= length
        assert abs(got - (stop - start) * length) <= 1


@pytest.mark.parametrize("box", [None, (0.2, 0.1, 0.9, 0.8)], ids=["whole", "box"])
@pytest.mark.parametrize("lying", [False, True])
def test_a_large_jpeg_is_not_decoded_in_full(box: Box | None, lying: bool) -> None:
    """Less is decoded than the file holds, more than is needed, and it looks the same."""
    image = garment(0, 1800, 2400)
    exif = Image.Exif()
    exif[0x0112] = 6 if lying else 1
    kept = image.transpose(Image.Transpose.ROTATE_90) if lying else image
    data = encoded(kept, "JPEG", quality=95, exif=exif)
    small, full = read(data, box, side=224), read(data, box)
    assert max(small.size) < max(full.size) / 1.9
    assert max(small.size) >= 448
    again = full.resize(small.size, Image.Resampling.BOX)
    drift = np.abs(np.asarray(small, float) - np.asarray(again, float))
    assert drift.mean() < 2


def test_a_long_thin_jpeg() -> None:
    assert read(encoded(Image.new("RGB", (16, 20_000)), "JPEG"), side=224).size[1] >= 448
