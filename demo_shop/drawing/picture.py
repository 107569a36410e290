"""From a look to a JPEG: place the shapes, fill them with cloth, shade them."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from demo_shop.drawing import light
from demo_shop.drawing.cloth import SIDE, UNIT, cloth_of, flat_paint
from demo_shop.drawing.look import Look, View, view_of
from demo_shop.drawing.shapes import Line, Part, Points, Shape
from demo_shop.drawing.silhouettes import shapes_of

WIDTH, HEIGHT = 480, 600
FINE = 2
"""Masks are drawn this much larger and reduced, for smooth edges."""
MARGIN = 32
"""Pixels around a part, so that blurs run out."""

Canvas = NDArray[np.float32]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Camera:
    """Places garment units on pixels, as *view* asks."""

    view: View
    middle: tuple[float, float] = (0.0, 0.0)
    """The garment's middle, in garment units, which is put in the middle of the picture."""
    zoom: float = 1.0
    """Enlargement of small garments."""

    @classmethod
    def facing(cls, shapes: Sequence[Shape], view: View) -> "Camera":
        """A camera that has all of *shapes* well in the frame."""
        corners = np.vstack([s.outline if isinstance(s, Part) else s.points for s in shapes])
        low, high = corners.min(0), corners.max(0)
        half = (high - low) / 2
        zoom = float(np.clip(min(0.86 / half[0], 1.1 / half[1]), 0.9, 1.3))
        middle = (low + high) / 2
        return cls(view, (float(middle[0]), float(middle[1])), zoom)

    def scale(self) -> float:
        """Pixels of a garment unit."""
        return self.view.scale * self.zoom * UNIT

    def matrix(self) -> NDArray[np.float64]:
        """The linear part: turn, lean and scale, in pixels per unit."""
        angle = math.radians(self.view.turn)
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        body = np.array([[self.view.slim, self.view.lean], [0.0, 1.0]])
        return np.asarray(turn @ body * self.scale())

    def origin(self) -> tuple[float, float]:
        """Pixel of the garment's zero point."""
        right, down = np.array(self.view.shift) * UNIT - self.matrix() @ np.array(self.middle)
        return WIDTH / 2 + float(right), HEIGHT / 2 + float(down)

    def place(self, points: Points) -> Points:
        """*points* in pixels."""
        stretched = points * np.stack(
            [1 + self.view.keystone * points[:, 1], np.ones(len(points))], axis=1
        )
        return np.asarray(stretched @ self.matrix().T + self.origin())


def box_around(pixels: Points, margin: int = MARGIN) -> Box | None:
    """The pixels a shape can change, cut at the picture's edge and even in size; None if none."""
    left, top = np.floor(pixels.min(0) - margin).astype(int) // 4 * 4
    right, bottom = np.ceil((pixels.max(0) + margin) / 4).astype(int) * 4
    box = max(0, left), max(0, top), min(WIDTH, right), min(HEIGHT, bottom)
    return box if box[0] < box[2] and box[1] < box[3] else None


def mask_of(pixels: Points, box: Box, width: float = 0.0, dash: float = 0.0) -> Image.Image:
    """Coverage (mode L) of a closed outline, or of a line of *width* pixels, inside *box*."""
    mask = Image.new("L", ((box[2] - box[0]) * FINE, (box[3] - box[1]) * FINE))
    pencil = ImageDraw.Draw(mask)
    corners = [(float(x), float(y)) for x, y in (pixels - box[:2]) * FINE]
    if not width:
        pencil.polygon(corners, fill=255)
        return mask.reduce(FINE)
    thick = max(1, round(width * FINE))
    for stitch in _stitches(corners, dash * FINE) if dash else [corners]:
        pencil.line(stitch, fill=255, width=thick, joint="curve")
    return mask.reduce(FINE)


def _stitches(
    line: Sequence[tuple[float, float]], length: float
) -> list[list[tuple[float, float]]]:
    places = np.array(line)
    steps = np.hypot(*np.diff(places, axis=0).T)
    along = np.concatenate([[0], np.cumsum(steps)])
    starts = np.arange(0, along[-1], length * 1.6)
    ends = np.minimum(starts + length, along[-1])
    ends_of = [np.interp(at, along, places[:, i]) for at in (starts, ends) for i in (0, 1)]
    return [[(a, b), (c, d)] for a, b, c, d in zip(*ends_of, strict=True)]


def cut_cloth(look: Look, camera: Camera, grain: float, box: Box) -> Canvas:
    """The cloth as it lies on the pixels of *box*, turned by *grain* degrees."""
    angle = math.radians(-grain)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    back = turn @ np.linalg.inv(camera.matrix()) * UNIT
    right, down = camera.origin()
    start = back @ np.array([box[0] - right, box[1] - down]) + SIDE / 2
    data = (back[0, 0], back[0, 1], start[0], back[1, 0], back[1, 1], start[1])
    size = box[2] - box[0], box[3] - box[1]
    cut = cloth_of(look).transform(size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
    return np.array(cut, dtype=np.float32)


class Easel:
    """A picture being drawn: shapes are laid on it one over the other."""

    def __init__(self, look: Look, view: View, camera: Camera) -> None:
        self.look, self.view, self.camera = look, view, camera
        self.canvas = light.backdrop(view, WIDTH, HEIGHT)
        self.folds = light.folds(look, view, WIDTH, HEIGHT)

    def cast_shadow(self, shapes: Sequence[Shape]) -> None:
        """The whole garment's shadow on the wall behind it."""
        whole = Image.new("L", (WIDTH // 4, HEIGHT // 4))
        pencil = ImageDraw.Draw(whole)
        shift = np.array(self.view.light) * -16 + (0, 4)
        for part in shapes:
            if isinstance(part, Part) and not part.soft:
                placed = (self.camera.place(part.outline) + shift) / 4
                pencil.polygon([(float(x), float(y)) for x, y in placed], fill=255)
        shade = light.enlarged(light.blurred(whole, 5), WIDTH, HEIGHT)
        self.canvas *= 1 - 0.26 * shade[..., None]

    def lay(self, shape: Shape) -> None:
        """Draw *shape* over what is there."""
        if isinstance(shape, Line):
            self._lay_line(shape)
        else:
            self._lay_part(shape)

    def _lay_line(self, line: Line) -> None:
        pixels = self.camera.place(line.points)
        box = box_around(pixels, 6)
        if box is None:
            return
        scale = self.camera.scale()
        mask = mask_of(pixels, box, line.width * scale, line.dash * scale)
        cover = np.asarray(mask, dtype=np.float32)[..., None] * (line.strength / 255)
        patch = self._patch(box)
        patch += (np.array(flat_paint(self.look, line.paint), np.float32) - patch) * cover

    def _lay_part(self, part: Part) -> None:
        pixels = self.camera.place(part.outline)
        # blurs need room around the part, but only what it covers is filled
        box, core = box_around(pixels), box_around(pixels, 4 + round(2 * part.soft * UNIT))
        if box is None or core is None:
            return
        mask = mask_of(pixels, box)
        if part.soft:
            mask = mask.filter(ImageFilter.GaussianBlur(part.soft * UNIT))
        coarse = mask.reduce(light.COARSE)
        if part.lift:
            self._cast_on_parts(coarse, box, part.lift)
        left, top, right, bottom = (
            core[0] - box[0], core[1] - box[1], core[2] - box[0], core[3] - box[1],
        )  # fmt: skip
        n = light.COARSE
        shade = self._shading(part, coarse, box)[top // n : bottom // n, left // n : right // n]
        fill = self._filling(part, core)
        fill *= light.enlarged(shade, right - left, bottom - top)[..., None]
        cover = np.asarray(mask.crop((left, top, right, bottom)), dtype=np.float32)[..., None]
        patch = self._patch(core)
        patch += (fill - patch) * (cover * np.float32(part.cover / 255))

    def _cast_on_parts(self, coarse: Image.Image, box: Box, lift: float) -> None:
        patch = self._patch(box)
        height, width = patch.shape[:2]
        shade = light.enlarged(light.blurred(coarse, 1.6), width, height)
        patch *= 1 - 0.42 * lift * shade[..., None]

    def _patch(self, box: Box) -> Canvas:
        return self.canvas[box[1] : box[3], box[0] : box[2]]

    def _filling(self, part: Part, box: Box) -> Canvas:
        if part.paint == "cloth":
            return cut_cloth(self.look, self.camera, part.grain, box)
        colour = np.array(flat_paint(self.look, part.paint), np.float32)
        return np.tile(colour, (box[3] - box[1], box[2] - box[0], 1))

    def _shading(self, part: Part, coarse: Image.Image, box: Box) -> Canvas:
        if part.soft or not part.relief:
            return np.full((coarse.height, coarse.width), part.tone, np.float32)
        left, top, right, bottom = (edge // light.COARSE for edge in box)
        shade = light.roundness(coarse, self.view.light, part.relief)
        if part.paint in ("cloth", "base"):
            shade = shade + self.folds[top:bottom, left:right] * part.relief
        return shade * np.float32(part.tone)

    def finished(self) -> Image.Image:
        """The picture, under the view's light."""
        lit = self.canvas * light.warmth_of(self.view)
        return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def draw_picture(look: Look, number: int) -> bytes:
    """View *number* (from 0) of *look* as a JPEG of 480 × 600 pixels."""
    view = view_of(look, number)
    shapes = shapes_of(look, view.pose)
    easel = Easel(look, view, Camera.facing(shapes, view))
    easel.cast_shadow(shapes)
    for shape in shapes:
        easel.lay(shape)
    return jpeg(easel.finished())


def jpeg(picture: Image.Image) -> bytes:
    """*picture* as JPEG, fit for the web."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=86)
    return out.getvalue()


def thumbnail(data: bytes, width: int) -> bytes:
    """The picture in *data* made *width* pixels wide, as JPEG."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", (width, width))
        small = picture.convert("RGB")
    small.thumbnail((width, width * 2))
    return jpeg(small)
