"""Stored pictures for the page: what they are, and smaller copies of them."""

import io
import warnings

from PIL import Image, ImageOps

from snapmode.errors import RejectedError
from snapmode.settings import PICTURE_FORMATS, Pictures

WIDTHS = (160, 320, 480, 640, 960, 1280)
"""Pixels; a wish is rounded up to one of these, so that caches stay small."""
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
}
QUALITY = 85


def offered_width(wanted: int) -> int:
    """The smallest offered width that is not below `wanted`."""
    return next((width for width in WIDTHS if width >= wanted), WIDTHS[-1])


def media_type(data: bytes) -> str:
    """The picture's type by its content; anything else is only a download."""
    try:
        return MEDIA_TYPES.get(_opened(data).format or "", "application/octet-stream")
    except RejectedError:
        return "application/octet-stream"


def thumbnail(data: bytes, width: int, limits: Pictures) -> tuple[bytes, str]:
    """The picture upright and at most `width` pixels wide, and its media type.

    JPEG, or WebP where something is transparent. `RejectedError` when it can't be read.
    """
    picture = _opened(data)
    if picture.width * picture.height > limits.max_pixels:
        raise RejectedError(f"picture has more than {limits.max_pixels} pixels")
    try:
        # JPEG decoders can shrink while they read: ask for no less than twice the width.
        picture.draft(None, (2 * width, 2 * width))
        upright = ImageOps.exif_transpose(picture)
        return _encoded(_shrunk(_eight_bits(upright), width))
    except Exception as error:  # Pillow's decoders raise anything on crafted files
        raise RejectedError(f"picture can't be read: {error}") from error


def _opened(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=PICTURE_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RejectedError(f"picture is too large: {error}") from error
    except Exception as error:  # see `thumbnail`
        raise RejectedError("not a picture") from error


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _shrunk(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _encoded(picture: Image.Image) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(buffer, "WEBP", quality=QUALITY)
        return buffer.getvalue(), "image/webp"
    picture.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue(), "image/jpeg"
