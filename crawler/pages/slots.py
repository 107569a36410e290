"""Picture addresses: which of them are versions of one picture."""

import re
from urllib.parse import parse_qsl, urlsplit

IMAGE_FILE = re.compile(r"\.(jpe?g|png|webp|gif|avif|bmp|tiff?)$", re.I)
SIZE_TOKEN = re.compile(
    r"[_-](\d{2,4}x\d{0,4}|x\d{2,4}|\d{2,4}w|\d{2,4}px|thumb(nail)?|small|medium|large|xlarge|grande|compact|master|zoom|full|"
    r"(crop_)?(center|top))(?=[._@-]|$)|/(thumb(nail)?s?|small|medium|large|full|zoom|cache|resize|\d{2,4}x\d{0,4}|w_?\d{2,4}|h_?\d{2,4})(?=/)|@\dx",
    re.I,
)
SIZE_PARAMETER = re.compile(
    r"(s|im|img|max|min|cut)?[_-]?(w|h|wid|hei|width|height)|size|sz|s|q|quality|fit|crop|format|fmt|"
    r"auto|fm|dpr|scale|res|resize|v",
    re.I,
)


def is_picture(url: str) -> bool:
    """Whether the address is that of a picture file."""
    return bool(IMAGE_FILE.search(urlsplit(url).path))


def slot_of(url: str) -> str:
    """What all versions of one picture have in common: the address without sizes and format."""
    parts = urlsplit(url)
    query = sorted(pair for pair in parse_qsl(parts.query) if not SIZE_PARAMETER.fullmatch(pair[0]))
    stem = SIZE_TOKEN.sub("", IMAGE_FILE.sub("", parts.path))
    return f"{parts.hostname}{stem}?{query}"
