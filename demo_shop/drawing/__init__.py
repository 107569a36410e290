"""Drawing garments: a frozen :class:`Look` and a view number give a picture, always the same."""

from demo_shop.drawing.colours import COLOURS
from demo_shop.drawing.look import GARMENTS, PATTERNS, Look
from demo_shop.drawing.picture import HEIGHT, WIDTH, draw_picture, thumbnail

__all__ = [
    "COLOURS",
    "GARMENTS",
    "HEIGHT",
    "PATTERNS",
    "WIDTH",
    "Look",
    "draw_picture",
    "thumbnail",
]
