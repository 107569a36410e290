import io
import struct

import pytest
from PIL import Image

from crawler.picture_check import check_picture
from snapmode.errors import RejectedError
from snapmode.settings import Pictures

LIMITS = Pictures(max_bytes=1_000_000, max_pixels=10_000, min_side=16)


def encoded(width: int, height: int, format: str = "PNG", mode: str = "RGB") -> bytes:
    data = io.BytesIO()
    Image.new(mode, (width, height)).save(data, format)
    return data.getvalue()


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("PNG", "RGB"),
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("GIF", "P"),
        ("WEBP", "RGBA"),
        ("PNG", "I;16"),
    ],
)
def test_pictures_pass(format: str, mode: str) -> None:
    check_picture(encoded(100, 100, format, mode), LIMITS)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a picture"),
        (b"<html>not found</html>", "not a picture"),
        (encoded(100, 100)[:60], "damaged"),
        (encoded(101, 100), "pixels are more than"),
        (encoded(100, 15), "too few"),
        (encoded(100, 100, "EPS"), "not a picture"),
        (encoded(100, 100, "PPM"), "not a picture"),
        (b"x" * 1_000_001, "bytes"),
    ],
)
def test_others_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(RejectedError, match=reason):
        check_picture(data, LIMITS)


def test_a_bomb_is_refused_by_its_header() -> None:
    """A BMP of a few kilobytes that says it is 30,000 pixels wide and high."""
    data = bytearray(encoded(10, 10, "BMP"))
    data[18:26] = struct.pack("<ii", 30_000, 30_000)
    with pytest.raises(RejectedError, match="pixels are more than"):
        check_picture(bytes(data), LIMITS)


def test_whatever_a_decoder_raises_is_a_refusal() -> None:
    """Of a damaged AVIF, its decoder raises RuntimeError."""
    whole = encoded(64, 64, "AVIF")
    refused = 0
    for place in range(len(whole)):
        damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            check_picture(damaged, LIMITS)
        except RejectedError:
            refused += 1
    assert refused > 50
