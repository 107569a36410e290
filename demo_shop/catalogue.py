"""What the shop sells."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from demo_shop.drawing import Look

IN_STOCK, OUT_OF_STOCK = "InStock", "OutOfStock"


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A picture the shop draws when somebody asks for it."""

    look: Look
    view: int
    """From 0."""


@dataclass(frozen=True, slots=True)
class FilePicture:
    """A picture that lies in a file and is served as it is."""

    path: Path


Picture = DrawnPicture | FilePicture


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing to put into the cart: a colour in a size."""

    sku: str | None
    color: str | None
    size: str | None
    price: Decimal | None
    availability: str | None
    """InStock or OutOfStock, or as the catalogue file says."""


@dataclass(frozen=True, slots=True)
class ShopProduct:
    """One product page; the fields carry the names of zyte-common-items' ``Product``."""

    number: int
    """Place in the catalogue, from 0; the shop's own key."""
    name: str
    pictures: tuple[Picture, ...]
    brand: str | None = None
    price: Decimal | None = None
    regular_price: Decimal | None = None
    """The old price of a product on sale, else None."""
    currency: str | None = None
    """ISO 4217."""
    availability: str | None = None
    sku: str | None = None
    gtin: str | None = None
    description: str | None = None
    color: str | None = None
    sizes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Names from the broadest to the narrowest, without the product."""
    variants: tuple[Variant, ...] = ()
    material: str | None = None
    garment: str | None = None
    """What is drawn; None in an imported catalogue."""
    texts: tuple[tuple[str, str], ...] = ()
    """Further rows of the specification: (name, value)."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All products, and where their prices are paid."""

    products: tuple[ShopProduct, ...]
    currency: str | None
    """Of generated products; None where each imported product says its own."""
    imported: bool = False
