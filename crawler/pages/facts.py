"""What one source says about a product, before the sources are merged."""

from dataclasses import dataclass, field, fields

from snapmode.items import Breadcrumb, Variant


@dataclass(slots=True)
class Facts:
    """Fields of `Product` as plain, already normalised values; None or () is "does not say"."""

    name: str | None = None
    brand: str | None = None
    price: str | None = None
    """Decimal string."""
    regularPrice: str | None = None
    currency: str | None = None
    """ISO 4217."""
    availability: str | None = None
    """InStock or OutOfStock."""
    sku: str | None = None
    gtin: str | None = None
    description: str | None = None
    color: str | None = None
    sizes: tuple[str, ...] = ()
    material: str | None = None
    gender: str | None = None
    breadcrumbs: tuple[Breadcrumb, ...] = ()
    images: tuple[str, ...] = ()
    """Absolute addresses, in the gallery's order."""
    variants: tuple[Variant, ...] = ()


FACTS = tuple(one.name for one in fields(Facts))


@dataclass(slots=True)
class Merged:
    """The first value of each field, in the order of the sources, and where it came from."""

    facts: Facts = field(default_factory=Facts)
    provenance: dict[str, str] = field(default_factory=dict)

    def add(self, source: str, facts: Facts) -> None:
        """Take from a source what earlier ones did not say."""
        for name in FACTS:
            value = getattr(facts, name)
            if value and not getattr(self.facts, name):
                setattr(self.facts, name, value)
                self.provenance[name] = source
