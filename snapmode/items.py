"""What flows and what is kept: a `Product`, its removal, and the one table of its fields.

Field names are those of zyte-common-items' `Product` where it has them; the others are ours.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _decimal_string(value: str) -> str:
    number = Decimal(value)
    if not number.is_finite() or number < 0:
        raise ValueError("a price is a finite number that is not negative")
    return value


Price = Annotated[
    str, StringConstraints(pattern=r"^\d{1,12}(\.\d{1,6})?$"), AfterValidator(_decimal_string)
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Availability = Literal["InStock", "OutOfStock"]
ImageKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Item(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Image(Item):
    """One picture of a product."""

    url: Text
    """Where it was found (absolute URL, or a file's path when imported)."""
    key: ImageKey | None = None
    """sha256 of the bytes, in hex: its key in the image store; None until it is stored."""


class Breadcrumb(Item):
    """One step of the path that leads to the product."""

    name: Text
    url: str | None = None


class Variant(Item):
    """One buyable form of a product."""

    sku: str | None = None
    gtin: str | None = None
    color: str | None = None
    size: str | None = None
    price: Price | None = None
    regularPrice: Price | None = None
    currency: Currency | None = None
    availability: Availability | None = None
    url: str | None = None


class Product(Item):
    """One product of one shop, as it was seen at `fetched_at`."""

    id: Text
    """Deterministic: see `product_id`."""
    version: int = Field(ge=0, lt=2**63)
    """Microseconds since the epoch at the fetch, growing per writer; an older one never wins."""
    url: Text
    """Canonical address of the product page."""
    name: Text
    brand: str | None = None
    price: Price | None = None
    """What one pays now, as a decimal string such as "49.90"."""
    regularPrice: Price | None = None
    """The price before a reduction, only when there is one."""
    currency: Currency | None = None
    """ISO 4217."""
    availability: Availability | None = None
    sku: str | None = None
    gtin: str | None = None
    """GTIN-8, -12, -13 or -14 as digits."""
    description: str | None = None
    color: str | None = None
    sizes: tuple[str, ...] = ()
    material: str | None = None
    gender: str | None = None
    breadcrumbs: tuple[Breadcrumb, ...] = ()
    """From the top of the shop down to the category, without home and without the product."""
    images: tuple[Image, ...] = ()
    """In the gallery's order; the first is the main picture."""
    variants: tuple[Variant, ...] = ()
    source: Text
    """The shop's host as host:port (the port only when it is not the scheme's own)."""
    fetched_at: datetime
    """UTC."""
    provenance: Mapping[str, str] = Field(default_factory=dict)
    """Field name → where it came from (json-ld, microdata, opengraph, html, import, …)."""

    @property
    def image_keys(self) -> tuple[str, ...]:
        """Keys of the stored pictures, each once, in the gallery's order."""
        return tuple(dict.fromkeys(image.key for image in self.images if image.key))


class Removal(Item):
    """A product that is no longer sold: a tombstone whose version is kept."""

    id: Text
    version: int = Field(ge=0, lt=2**63)


Kind = Literal["keyword", "number", "text", "stored"]


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """How the stores treat one field of `Product`."""

    name: str
    kind: Kind
    """keyword: exact words · number: ranges · text: full text only · stored: only shown."""
    many: bool = False
    """A product may have several values; a filter matches when any of them does."""
    facet: bool = False
    """Values can be counted."""
    text_weight: float = 0.0
    """Weight of the field in full text search; 0: not searched."""

    @property
    def filterable(self) -> bool:
        """Whether a filter may name it."""
        return self.kind in ("keyword", "number")


FIELDS: tuple[FieldInfo, ...] = (
    FieldInfo("id", "keyword"),
    FieldInfo("url", "keyword"),
    FieldInfo("name", "text", text_weight=4.0),
    FieldInfo("brand", "keyword", facet=True, text_weight=3.0),
    FieldInfo("price", "number"),
    FieldInfo("regularPrice", "number"),
    FieldInfo("currency", "keyword", facet=True),
    FieldInfo("availability", "keyword", facet=True),
    FieldInfo("sku", "keyword", text_weight=1.0),
    FieldInfo("gtin", "keyword", text_weight=1.0),
    FieldInfo("description", "text", text_weight=1.0),
    FieldInfo("color", "keyword", facet=True, text_weight=2.0),
    FieldInfo("sizes", "keyword", many=True, facet=True),
    FieldInfo("material", "keyword", facet=True, text_weight=1.0),
    FieldInfo("gender", "keyword", facet=True, text_weight=1.0),
    FieldInfo("breadcrumbs", "keyword", many=True, facet=True, text_weight=2.0),
    FieldInfo("images", "stored"),
    FieldInfo("variants", "stored"),
    FieldInfo("source", "keyword", facet=True),
    FieldInfo("fetched_at", "stored"),
    FieldInfo("provenance", "stored"),
    FieldInfo("version", "stored"),
)
FIELD = {field.name: field for field in FIELDS}

Value = str | float | tuple[str, ...]


def attributes(product: Product) -> dict[str, Value]:
    """The filterable fields of a product: str or float, a tuple for fields of several values.

    Fields without a value are absent, so a filter on them never matches.
    """
    found: dict[str, Value] = {}
    for field in FIELDS:
        value: Any = getattr(product, field.name) if field.filterable else None
        if field.name == "breadcrumbs":
            value = tuple(crumb.name for crumb in product.breadcrumbs)
        if value is not None and value != ():
            found[field.name] = float(value) if field.kind == "number" else value
    return found


def digest(*parts: str) -> str:
    """128 bits of sha256 over the separated parts, in hex: ("ab", "c") is not ("a", "bc")."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def product_id(source: str, identity: str) -> str:
    """The product's id: made of the shop's host and what identifies the product there.

    Crawled products are identified by their canonical URL, imported ones by id, sku or url.
    """
    return digest(source, identity)


class VersionClock:
    """Versions for one writer: microseconds since the epoch, strictly growing."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: datetime | None = None) -> int:
        """The version of something seen at `now` (default: the present)."""
        moment = now or datetime.now(UTC)
        self._last = max(self._last + 1, int(moment.timestamp() * 1_000_000))
        return self._last
