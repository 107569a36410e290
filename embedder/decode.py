"""Bytes from anywhere to an upright RGB picture, within limits, with Pillow.

Shops and people send rotated phone photos, CMYK, palettes, transparency, 16 bits, wide gamuts,
animations, cut-off files and HTML that says it is a JPEG. What can be read is read as a person
would see it on a white page; the rest is a `RejectedError` that says what is wrong.
"""

import io
import math
from functools import lru_cache
from typing import cast

from PIL import Image, ImageCms, UnidentifiedImageError
from PIL.Image import Transpose

from snapmode.errors import RejectedError
from snapmode.ports import Box, Picture
from snapmode.settings import PICTURE_FORMATS, Pictures

MAX_PROFILE = 4_000_000
"""Bytes of an embedded colour profile; printers' profiles reach 3 MB, larger ones are ignored."""
ORIENTATION = 0x0112
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""EXIF orientation → what turns the picture upright; 1 is upright."""
DEEP_GREY = {"I;16", "I;16L", "I;16B", "I;16N"}
PLAIN = {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}
OVERSAMPLE = 2
"""A JPEG is decoded at 1/2, 1/4 or 1/8 while that keeps this many times the wanted pixels."""


def decode(picture: Picture, limits: Pictures, side: int | None = None) -> Image.Image:
    """The part of the picture that is meant: upright, RGB in sRGB, on white.

    `side`: pixels that will be needed at most, so that a large JPEG need not be decoded in full.
    """
    box = _checked_box(picture.box)
    image = _opened(picture.data, limits)
    try:
        if side is not None:
            _shrink_on_load(image, side, box)
        image.load()
        return _rgb(_cropped(_upright(image), box))
    except RejectedError:
        raise
    except Exception as error:  # Pillow's decoders raise anything on crafted files
        raise RejectedError(_reason(error)) from error


def _checked_box(box: Box | None) -> Box | None:
    if box is None:
        return None
    x1, y1, x2, y2 = box
    # NaN fails every comparison, infinity one of them.
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
        raise RejectedError(
            f"box {[x1, y1, x2, y2]}: must be [x1, y1, x2, y2] with 0 <= x1 < x2 <= 1 "
            "and 0 <= y1 < y2 <= 1"
        )
    return box


def _opened(data: bytes, limits: Pictures) -> Image.Image:
    """The header, read and checked; no pixel is decoded yet."""
    if not data:
        raise RejectedError("the picture is empty: 0 bytes")
    if len(data) > limits.max_bytes:
        raise RejectedError(f"the picture has {len(data)} bytes; at most {limits.max_bytes}")
    try:
        image = Image.open(io.BytesIO(data), formats=_formats())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RejectedError(f"the picture has too many pixels: {error}") from error
    except UnidentifiedImageError as error:
        raise RejectedError(
            f"not a picture ({', '.join(PICTURE_FORMATS)}); {_start(data)}"
        ) from error
    except Exception as error:
        raise RejectedError(_reason(error)) from error
    width, height = image.size
    if width * height > limits.max_pixels:
        raise RejectedError(
            f"the picture has {width} × {height} pixels; at most {limits.max_pixels} in all"
        )
    if min(width, height) < limits.min_side:
        raise RejectedError(
            f"the picture has {width} × {height} pixels; each side needs {limits.min_side}"
        )
    return image


@lru_cache(maxsize=1)
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in PICTURE_FORMATS if name in Image.OPEN)


def _start(data: bytes) -> str:
    return f"it starts with {data[:16]!r}"


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "truncated" in text.lower():
        return f"the picture is truncated: {text}"
    return f"the picture can't be decoded: {type(error).__name__}: {text}"


def _shrink_on_load(image: Image.Image, side: int, box: Box | None) -> None:
    x1, y1, x2, y2 = box or (0.0, 0.0, 1.0, 1.0)
    # The box is upright and the file may lie on its side: the smaller extent is safe for both.
    needed = math.ceil(OVERSAMPLE * side / min(x2 - x1, y2 - y1))
    # Not above the picture's own size: draft asks both sides to stay at least this large, and
    # only the longer one must, for it is the one that fills the letterbox.
    scale = needed / max(image.size)
    if scale < 1:
        image.draft(None, (max(1, int(image.width * scale)), max(1, int(image.height * scale))))


def _upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(ORIENTATION)
    except Exception:  # noqa: BLE001 - broken EXIF is common and says nothing about the pixels
        orientation = None
    turn = UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _cropped(image: Image.Image, box: Box | None) -> Image.Image:
    if box is None:
        return image
    left, right = _pixels(box[0], box[2], image.width)
    upper, lower = _pixels(box[1], box[3], image.height)
    return image.crop((left, upper, right, lower))


def _pixels(start: float, stop: float, length: int) -> tuple[int, int]:
    """The nearest whole pixels, at least one."""
    first = min(round(start * length), length - 1)
    return first, max(round(stop * length), first + 1)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in DEEP_GREY:
        image = _eight_bits(image)
    elif image.mode not in PLAIN:
        raise RejectedError(f"the picture has pixels of mode {image.mode}, which is not supported")
    if not image.has_transparency_data:
        return _srgb(image)
    clear = image.convert("RGBA")
    page = Image.new("RGB", image.size, "white")
    page.paste(_srgb(clear.convert("RGB")), mask=clear.getchannel("A"))
    return page


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey to 8 bits by scaling: Pillow's own conversion clips."""
    grey = image.convert("I").point(lambda value: value * (1 / 257) + 0.5, "L")
    grey.info = {"icc_profile": image.info.get("icc_profile")}
    return grey


def _srgb(image: Image.Image) -> Image.Image:
    mode = image.mode if image.mode in {"L", "CMYK"} else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    profile = image.info.get("icc_profile")
    transform = _transform(profile, mode) if profile and len(profile) <= MAX_PROFILE else None
    if transform is None:
        return image.convert("RGB")
    return cast(Image.Image, ImageCms.applyTransform(image, transform))  # None only in place


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From the embedded profile to sRGB; None when it is sRGB, broken, or for other pixels."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            # Several threads share a transform: lcms must not keep the last pixel in it.
            flags=ImageCms.Flags.NOCACHE,
        )
    except (ImageCms.PyCMSError, OSError):
        return None
