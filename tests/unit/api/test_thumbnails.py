import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from api.thumbnails import WIDTHS, media_type, offered_width, thumbnail
from snapmode.errors import RejectedError
from snapmode.settings import Pictures
from tests.unit.api.conftest import drawn

LIMITS = Pictures()


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def shown(data: bytes, width: int = 160) -> Image.Image:
    return Image.open(io.BytesIO(thumbnail(data, width, LIMITS)[0]))


def test_every_wish_is_met_from_a_few_widths() -> None:
    assert {offered_width(wish) for wish in range(1, 3000)} == set(WIDTHS)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "I;16"])
def test_every_mode_becomes_something_a_browser_shows(mode: str) -> None:
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG"}.get(mode, "PNG")
    picture = Image.new(mode, (300, 300))
    assert shown(saved(picture, kind)).mode == "RGB"


def test_sixteen_bits_keep_their_tones() -> None:
    grey = Image.fromarray(np.full((200, 200), 32768, np.uint16))
    tone = shown(saved(grey, "PNG")).getpixel((80, 80))
    assert tone == pytest.approx((128, 128, 128), abs=2)


def test_the_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert shown(saved(Image.new("RGB", (400, 200)), "JPEG", exif=exif)).size == (160, 320)


def test_the_first_frame_stands_for_an_animation() -> None:
    frames = [Image.new("RGB", (200, 200), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert shown(data).getpixel((80, 80)) == pytest.approx((255, 0, 0), abs=5)


@pytest.mark.parametrize("data", [b"", b"no picture", drawn("red")[:400]])
def test_what_can_not_be_read_is_rejected(data: bytes) -> None:
    with pytest.raises(RejectedError):
        thumbnail(data, 160, LIMITS)


def bomb(side: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [7_100, 10_000, 60_000])
def test_bombs_are_rejected_before_they_are_decoded(side: int) -> None:
    with pytest.raises(RejectedError, match=r"pixels|too large"):
        thumbnail(bomb(side), 160, LIMITS)


def test_types_are_told_by_content() -> None:
    assert media_type(drawn("red", kind="WEBP")) == "image/webp"
    assert media_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "application/octet-stream"
