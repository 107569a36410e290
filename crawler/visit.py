"""A visit: what became of one page of the frontier."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from crawler.frontier import Link
from snapmode.items import Product

Outcome = Literal["product", "listing", "other", "sitemap", "redirect", "failed", "denied"]
"""The first three are fetched pages, by their type; a redirect is a visit with one link."""


@dataclass(slots=True)
class Visit:
    """The one item of the spider: every page taken from the frontier becomes exactly one."""

    link: Link
    outcome: Outcome
    product: Product | None = None
    """Only when the outcome is `product`; its pictures have no keys until they are stored."""
    links: list[Link] = field(default_factory=list)
    """What deserves the next requests."""
    refused: Counter[str] = field(default_factory=Counter)
    """Reason → links that were refused for it."""
    reason: str = ""
    """Why it failed or was denied."""
    evidence: Mapping[str, str] | None = None
    """Given when the page crashed its reader: it is put aside with the reason and this."""
