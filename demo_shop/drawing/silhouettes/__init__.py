"""One function per garment: from a look and a pose to the shapes that draw it, back to front."""

from collections.abc import Callable

from demo_shop.drawing.look import Look
from demo_shop.drawing.shapes import Shape
from demo_shop.drawing.silhouettes.bags import handbag
from demo_shop.drawing.silhouettes.bottoms import jeans, leggings, shorts, trousers
from demo_shop.drawing.silhouettes.extras import hat, scarf
from demo_shop.drawing.silhouettes.outerwear import blazer, coat, hoodie, jacket
from demo_shop.drawing.silhouettes.shoes import boot, sneaker
from demo_shop.drawing.silhouettes.skirts import skirt
from demo_shop.drawing.silhouettes.tops import blouse, cardigan, dress, shirt, sweater, t_shirt

Pose = tuple[float, float]
Silhouette = Callable[[Look, Pose], list[Shape]]

SILHOUETTES: dict[str, Silhouette] = {
    "t-shirt": t_shirt, "shirt": shirt, "blouse": blouse, "sweater": sweater,
    "cardigan": cardigan, "hoodie": hoodie, "jacket": jacket, "coat": coat, "blazer": blazer,
    "dress": dress, "skirt": skirt, "trousers": trousers, "jeans": jeans, "shorts": shorts,
    "leggings": leggings, "sneaker": sneaker, "boot": boot, "handbag": handbag, "hat": hat,
    "scarf": scarf,
}  # fmt: skip


def shapes_of(look: Look, pose: Pose) -> list[Shape]:
    """The shapes of *look*'s garment; *pose* is in degrees, see :class:`View`."""
    return SILHOUETTES[look.garment](look, pose)
