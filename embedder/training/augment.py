"""Augmentation that imitates the street: what a view of a product goes through.

Everything is decided by the random generator it is given, so that a batch can be made again.
Pictures are Pillow's: its warping, filters and JPEG are written in C and let other threads run.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter
from PIL.Image import Resampling, Transform

from embedder.training.cache import Pixels
from embedder.training.dyes import Dye, dyed
from embedder.training.recipe import Augment
from embedder.training.street import cut_out, fitted, garment_box

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Look:
    """How a crop is to be shown, apart from chance."""

    side: int
    """Pixels of a side of the view."""
    cut: bool = False
    """Cut out, on white."""
    white: bool = False
    """The crop has a white page behind what belongs to the garment."""
    masked: bool = False
    """The crop is a garment in a photo: the view is framed by its box."""
    dye: Dye | None = None
    """What the garment is dyed in."""


def augmented(
    crop: Pixels, look: Look, settings: Augment, rng: Rng, behind: Callable[[], Image.Image]
) -> Pixels:
    """A crop (s, s, 4) as a view (side, side, 3); `behind` gives a photo to put behind it."""
    picture = Image.fromarray(crop)
    if look.dye is not None:
        picture = dyed(picture, look.dye)
    often = _Chance(settings, rng)
    shown = _framed(picture, look, often)
    if shown.mode == "RGBA":
        shown = _before(shown, behind() if often(settings.background) else None)
    return np.asarray(troubled(shown, settings, rng))


def _before(shown: Image.Image, photo: Image.Image | None) -> Image.Image:
    """RGB: what belongs to the garment, before a photo or a white page."""
    if photo is None:
        page = Image.new("RGB", shown.size, "white")
    else:
        page = photo.resize(shown.size, Resampling.BILINEAR)
    page.paste(shown, mask=shown.getchannel("A"))
    return page


def plain(crop: Pixels, look: Look) -> Pixels:
    """The view without any chance in it, as validation shows it."""
    picture = Image.fromarray(crop)
    if look.cut:
        # Bent, the same way every time: an unbent cut-out would match its crop pixel by pixel.
        return np.asarray(_before(cut_out(picture, look.side, np.random.default_rng(0)), None))
    if look.masked:
        picture = picture.crop(garment_box(picture))
    return np.asarray(fitted(picture, look.side).convert("RGB"))


def troubled(picture: Image.Image, settings: Augment, rng: Rng) -> Image.Image:
    """Light, blur, occlusion, noise and JPEG, each as often as the settings say."""
    often = _Chance(settings, rng)
    strength = settings.strength
    if often(settings.light):
        picture = relit(picture, rng, strength)
    if often(settings.blur):
        picture = blurred(picture, rng, strength)
    if often(settings.occlusion):
        picture = occluded(picture, rng, strength)
    if often(settings.noise):
        picture = grained(picture, rng, strength)
    if often(settings.jpeg):
        picture = compressed(picture, rng, strength)
    return picture


class _Chance:
    def __init__(self, settings: Augment, rng: Rng) -> None:
        self.settings = settings
        self.rng = rng

    def __call__(self, share: float) -> bool:
        """Draws whatever the strength is, so that other draws stay the same."""
        return bool(self.rng.random() < share) and self.settings.strength > 0


# ------------------------------------------------------------------ geometry


def _framed(picture: Image.Image, look: Look, often: _Chance) -> Image.Image:
    """(side, side), cut out, or the garment's box, or the whole; flipped and warped.

    RGBA where what is behind it may be replaced, else RGB.
    """
    rng, settings = often.rng, often.settings
    flip = often(settings.flip)
    if look.cut:
        shown = cut_out(picture, look.side, rng)
    else:
        box = _jittered(garment_box(picture), picture.width, rng) if look.masked else None
        shown = fitted(picture.crop(box), look.side)
        shown = shown if look.white else shown.convert("RGB")
    if flip:
        shown = shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return warped(shown, rng, settings.strength) if often(settings.warp) else shown


def _jittered(box: tuple[int, int, int, int], side: int, rng: Rng) -> tuple[int, int, int, int]:
    """A box as a detector or a hand draws it, within a crop of that side."""
    left, upper, right, lower = box
    by = rng.uniform(-0.06, 0.12, 4) * max(right - left, lower - upper)
    return (
        max(0, round(left - by[0])),
        max(0, round(upper - by[1])),
        min(side, round(right + by[2])),
        min(side, round(lower + by[3])),
    )


def warped(picture: Image.Image, rng: Rng, strength: float) -> Image.Image:
    """Rotated, scaled, shifted, seen from an angle.

    A photo is looked at closer, so that little of its outside shows; a cut-out also from afar.
    """
    side, photo = picture.width, picture.mode == "RGB"
    angle = np.deg2rad(rng.normal(0, 8 * strength))
    zoom = np.exp(rng.uniform(*((-0.25, 0.05) if photo else (-0.1, 0.3))) * strength)
    # Upper left, lower left, lower right, upper right, as x, y.
    corners = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]]) * side / 2 * zoom
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ turn.T + side / 2 + rng.normal(0, 0.04 * strength, 2) * side
    corners += rng.uniform(-0.06, 0.06, (4, 2)) * strength * side
    quad = tuple(float(value) for value in corners.ravel())
    return picture.transform(
        picture.size,
        Transform.QUAD,
        quad,
        Resampling.BILINEAR,
        fillcolor="white" if photo else (0, 0, 0, 0),
    )


# ------------------------------------------------------------------ colour


def relit(picture: Image.Image, rng: Rng, strength: float) -> Image.Image:
    """Other brightness, contrast, gamma, white balance and saturation, and sometimes a shadow."""
    gain = np.exp(rng.normal(0, 0.18 * strength))
    contrast = np.exp(rng.normal(0, 0.15 * strength))
    gamma = np.exp(rng.normal(0, 0.15 * strength))
    warmth = rng.normal(0, 0.06 * strength)
    balance = np.exp([warmth, rng.normal(0, 0.02 * strength), -warmth])  # red, green, blue
    levels = (np.arange(256) / 255) ** gamma  # (256,)
    curves = ((levels - 0.5) * contrast + 0.5)[None, :] * gain * balance[:, None]  # (3, 256)
    table = np.clip(np.rint(curves * 255), 0, 255).astype(int).ravel().tolist()
    picture = ImageEnhance.Color(picture.point(table)).enhance(
        float(np.exp(rng.normal(0, 0.2 * strength)))
    )
    return shaded(picture, rng, strength) if rng.random() < 0.3 else picture


def shaded(picture: Image.Image, rng: Rng, strength: float) -> Image.Image:
    """A soft shadow that grows across the picture."""
    angle, deep = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.5) * strength
    x, y = np.meshgrid(np.linspace(-1, 1, 16), np.linspace(-1, 1, 16))
    ramp = 1 / (1 + np.exp(4 * (x * np.cos(angle) + y * np.sin(angle) + rng.uniform(-0.5, 0.5))))
    small = Image.fromarray(np.rint(255 * (1 - deep * ramp)).astype(np.uint8))
    shadow = small.resize(picture.size, Resampling.BILINEAR)
    return ImageChops.multiply(picture, Image.merge("RGB", (shadow, shadow, shadow)))


# ------------------------------------------------------------------ the camera


def blurred(picture: Image.Image, rng: Rng, strength: float) -> Image.Image:
    """Out of focus, or taken small and made large."""
    amount = rng.uniform(0.2, 1.0) * strength
    if rng.random() < 0.5:
        return picture.filter(ImageFilter.GaussianBlur(amount * picture.width / 90))
    small = max(8, round(picture.width / (1 + 2 * amount)))
    return picture.resize((small, small), Resampling.BOX).resize(picture.size, Resampling.BILINEAR)


def occluded(picture: Image.Image, rng: Rng, strength: float) -> Image.Image:
    """A corner, or a patch anywhere, hidden by one colour of the picture, or by any."""
    side = picture.width
    width, height = rng.uniform(0.15, 0.45, 2) * strength * side
    corner = rng.random() < 0.5
    x, y = rng.choice([0.0, 1.0], 2) if corner else rng.uniform(0, 1, 2)
    left, upper = x * (side - width), y * (side - height)
    at = tuple(int(value) for value in rng.integers(0, side, 2))
    own = picture.getpixel((at[0], at[1]))
    any_colour = tuple(int(value) for value in rng.integers(0, 256, 3))
    colour = own if isinstance(own, tuple) and rng.random() < 0.5 else any_colour
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    shape = draw.rectangle if corner or rng.random() < 0.5 else draw.ellipse
    shape((left, upper, left + width, upper + height), fill=colour)
    return picture


def grained(picture: Image.Image, rng: Rng, strength: float) -> Image.Image:
    """The grain of a small sensor in poor light."""
    values = np.asarray(picture).astype(np.int16)
    noise = rng.normal(0, rng.uniform(2, 10) * strength, (*values.shape[:2], 1))
    return Image.fromarray(np.clip(values + noise, 0, 255).astype(np.uint8))


def compressed(picture: Image.Image, rng: Rng, strength: float) -> Image.Image:
    """As JPEG of quality 30 to 95."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=round(95 - rng.uniform(0, 65) * strength))
    return Image.open(buffer).convert("RGB")
