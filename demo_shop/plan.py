"""Which product gets which page style and which quirk, drawn from the seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from demo_shop.catalogue import Catalogue

MARKUPS = ("jsonld", "microdata", "opengraph", "html")
BROKEN_PICTURES = ("missing", "truncated", "page")
"""An address without a picture, half a JPEG, and an HTML page that calls itself a JPEG."""
REDIRECTS = (301, 302, 308)


@dataclass(frozen=True, slots=True)
class Plan:
    """Sets of product numbers, and what happens to them."""

    markup: tuple[str, ...]
    """Page style of each product, one of :data:`MARKUPS`."""
    unmapped: frozenset[int]
    """In no sitemap."""
    unlinked: frozenset[int]
    """In the sitemap only."""
    twins: frozenset[int]
    """Linked under a second path as well."""
    redirects: Mapping[int, int]
    """Products with an old address, and its status code."""
    broken_pictures: Mapping[int, str]
    """Products with one more slot in their gallery, and what is wrong with it."""
    sku_hidden: frozenset[int]
    """No row for the article number in the specification."""
    gtin_hidden: frozenset[int]
    """No row for the GTIN."""


def draw_plan(seed: int, catalogue: Catalogue) -> Plan:
    """The plan of shop number *seed*."""
    rng = random.Random(f"plan {seed}")
    count = len(catalogue.products)
    order = rng.sample(range(count), count)
    unmapped, unlinked = max(1, count // 10), count // 20
    hidden = not catalogue.imported
    linked = order[:unmapped] + order[unmapped + unlinked :]
    redirected, broken = _some(rng, linked, 0.05), _some(rng, order, 0.05)
    return Plan(
        markup=_markups(rng, count),
        unmapped=frozenset(order[:unmapped]),
        unlinked=frozenset(order[unmapped : unmapped + unlinked]),
        twins=frozenset(_some(rng, linked, 0.1)),
        redirects={number: REDIRECTS[i % 3] for i, number in enumerate(redirected)},
        broken_pictures={number: BROKEN_PICTURES[i % 3] for i, number in enumerate(broken)},
        sku_hidden=frozenset(_some(rng, order, 0.15) if hidden else ()),
        gtin_hidden=frozenset(_some(rng, order, 0.5) if hidden else ()),
    )


def _some(rng: random.Random, numbers: list[int], share: float) -> list[int]:
    """A *share* of *numbers*, at least three if there are three."""
    return rng.sample(numbers, min(len(numbers), max(3, round(len(numbers) * share))))


def _markups(rng: random.Random, count: int) -> tuple[str, ...]:
    """Each style on at least 16 % of the products (as far as whole products allow)."""
    shares = [0.16 + rng.random() * 0.1 for _ in MARKUPS]
    wanted = [int(share * count) + 1 for share in shares]
    first = [style for style, times in zip(MARKUPS, wanted, strict=True) for _ in range(times)]
    rest = rng.choices(MARKUPS, k=max(0, count - len(first)))
    styles = rng.sample([*first, *rest], len(first) + len(rest))
    return tuple(styles[:count])
