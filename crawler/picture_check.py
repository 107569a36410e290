"""Is it a picture, and one of a sensible size? Asked before anything is stored."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

from snapmode.errors import RejectedError
from snapmode.settings import PICTURE_FORMATS, Pictures


def check_picture(data: bytes, limits: Pictures) -> None:
    """`RejectedError` says why these bytes can't be a product's picture.

    The header is read first, so that a decompression bomb is refused before it is unpacked; then
    the whole picture is decoded, so that a truncated file is found here and not by the embedder.
    """
    if len(data) > limits.max_bytes:
        raise RejectedError(f"more than {limits.max_bytes} bytes")
    try:
        with warnings.catch_warnings():
            # Pillow's own bomb warning; our limit is stricter or the operator's choice.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=PICTURE_FORMATS) as picture:
                width, height = picture.size
                _check_size(width, height, limits)
                picture.load()
    except Image.DecompressionBombError as error:
        raise RejectedError(f"its pixels are more than {limits.max_pixels}") from error
    except UnidentifiedImageError as error:
        raise RejectedError("not a picture") from error
    except RejectedError:
        raise
    except Exception as error:  # Pillow's decoders raise anything on crafted files
        raise RejectedError(f"damaged picture: {error}") from error


def _check_size(width: int, height: int, limits: Pictures) -> None:
    if width * height > limits.max_pixels:
        raise RejectedError(f"{width} × {height} pixels are more than {limits.max_pixels}")
    if min(width, height) < limits.min_side:
        raise RejectedError(f"{width} × {height} pixels are too few")
