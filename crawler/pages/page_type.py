"""Product page, listing, or something else?"""

import re
from dataclasses import dataclass
from typing import Literal

from crawler.pages.document import text_of
from crawler.pages.money import money_in
from crawler.pages.region import Region

PageType = Literal["product", "listing", "other"]
LOST = re.compile(
    r"\b404\b|not found|page (doesn.t|does not) exist|nicht gefunden|introuvable|"
    r"no encontrad|non trovata|niet gevonden|no longer (available|exists)|"
    r"hittades inte|nie znaleziono|не найдена|یافت نشد",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a product page."""

    structured: bool
    """Structured data says that the page is about one product."""
    listed: bool
    """Structured data says that it is a list."""
    price: bool
    """A price beside the headline that is no other product's."""
    buy: bool
    """A control that puts it in a cart."""
    pictures: bool
    """Pictures that are no other product's."""
    choices: bool
    """Sizes to choose from, or an article number."""


def page_type(region: Region, evidence: Evidence) -> PageType:
    """Structured data first, then the visible page; other products with a price are a listing."""
    if is_lost(region):
        return "other"
    if evidence.structured:
        return "product"
    cards = priced_cards(region)
    own = evidence.buy or (evidence.pictures and (evidence.choices or cards < 2))
    if own and evidence.price and region.headline and not evidence.listed:
        return "product"
    return "listing" if evidence.listed or cards >= 2 else "other"


def priced_cards(region: Region) -> int:
    """How many other products are shown with a price."""
    return sum(1 for card in region.cards if money_in(text_of(card, 400)[:400]))


def is_lost(region: Region) -> bool:
    """A page that says there is nothing here, though the server said 200."""
    words = f"{region.headline} {region.document.title}"
    return bool(LOST.search(words)) and len(text_of(region.document.body, 3_000)) < 3_000
