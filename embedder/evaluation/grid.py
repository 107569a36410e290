"""Rows of small pictures side by side in one picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

PAGE, INK = "white", "black"
GAP = 4
"""Pixels between two pictures, and of a frame."""
TEXT = 14
"""Pixels of a line of text."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A picture and what is shown with it."""

    image: Image.Image
    frame: str | None = None
    """Colour of the frame."""
    text: str = ""
    """Below the picture, cut to its width."""


def thumbnail(image: Image.Image, side: int) -> Image.Image:
    """The whole picture in a white square of `side` pixels; one that is smaller is enlarged."""
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    square = Image.new("RGB", (side, side), PAGE)
    resample = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BICUBIC
    square.paste(image.resize(size, resample), ((side - size[0]) // 2, (side - size[1]) // 2))
    return square


def grid(rows: Sequence[tuple[str, Sequence[Cell]]], side: int) -> Image.Image:
    """Each row has a title (none: no room is left for it) and pictures of `side` pixels."""
    width = side + 2 * GAP
    heights = [_height(title, cells, side) for title, cells in rows]
    columns = max((len(cells) for _, cells in rows), default=1)
    page = Image.new("RGB", (max(1, columns) * width, max(1, sum(heights))), PAGE)
    pen, top = ImageDraw.Draw(page), 0
    for (title, cells), height in zip(rows, heights, strict=True):
        if title:
            _write(pen, (GAP, top), title, page.width)
        below = top + (TEXT if title else 0)
        for column, cell in enumerate(cells):
            _draw(page, pen, (column * width, below), cell, side)
        top += height
    return page


def _height(title: str, cells: Sequence[Cell], side: int) -> int:
    texts = TEXT * (bool(title) + any(cell.text for cell in cells))
    return texts + (side + 2 * GAP if cells else 0)


def _draw(
    page: Image.Image, pen: ImageDraw.ImageDraw, corner: tuple[int, int], cell: Cell, side: int
) -> None:
    x, y = corner
    if cell.frame:
        pen.rectangle((x + 1, y + 1, x + side + 2 * GAP - 2, y + side + 2 * GAP - 2), cell.frame)
    page.paste(thumbnail(cell.image, side), (x + GAP, y + GAP))
    if cell.text:
        _write(pen, (x + GAP, y + side + 2 * GAP), cell.text, side)


def _write(pen: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, width: int) -> None:
    font = ImageFont.load_default(TEXT - 4)
    while text and pen.textlength(text, font) > width:
        text = text[:-1]
    pen.text(corner, text, INK, font)
