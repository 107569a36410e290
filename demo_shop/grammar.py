"""Everything about a shop's pages that is a matter of taste, drawn from its seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from demo_shop.catalogue import Catalogue
from demo_shop.money import MoneyStyle, draw_money_style
from demo_shop.naming import class_names
from demo_shop.urls import Urls, draw_urls

LABELS: dict[str, tuple[str, ...]] = {
    "InStock": ("In stock", "Available now", "Ready to ship", "Available"),
    "OutOfStock": ("Sold out", "Out of stock", "Currently unavailable"),
    "buy": ("Add to cart", "Add to bag", "Buy now", "Put into basket"),
    "sku": ("SKU", "Article no.", "Item number", "Style code"),
    "brand": ("Brand", "Made by", "Label", "Designer"),
    "material": ("Material", "Fabric", "Composition"),
    "color": ("Color", "Colour", "Shade"),
    "gtin": ("EAN", "GTIN", "Barcode"),
    "size": ("Size", "Choose a size", "Your size"),
    "related": ("You may also like", "Goes well with", "Others looked at", "More to discover"),
    "next": ("Next", "Next page", "Older ›", "More"),
    "previous": ("Previous", "Back", "‹ Newer"),
    "home": ("Home", "Start", "Shop"),
    "cart": ("Cart", "Bag", "Basket"),
    "account": ("My account", "Account", "Profile"),
    "login": ("Log in", "Sign in"),
    "wishlist": ("Wishlist", "Saved items"),
    "journal": ("Journal", "Stories", "Magazine"),
    "imprint": ("Imprint", "Company", "Legal notice"),
    "terms": ("Terms", "Terms & conditions"),
    "privacy": ("Privacy", "Data protection"),
    "returns": ("Returns", "Shipping & returns"),
    "private": ("Staff sale", "Preview"),
    "loop": ("Offers", "Deals of the week"),
    "search": ("Search", "Find"),
    "sale": ("Sale", "Reduced", "Now less"),
    "description": ("Description", "About this piece", "Details"),
    "cheapest": ("Price, low to high", "Cheapest first"),
    "was": ("", "was", "instead of", "RRP"),
}

SHOP_NAMES = (
    ("Wool", "Linen", "Harbour", "Linden", "Copper", "Paper", "North", "Velvet", "Salt", "Garden"),
    ("& Thread", "House", "Row", "Atelier", "Store", "Works", "& Daughters", "Supply", "Studio"),
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The taste of one shop."""

    shop_name: str
    urls: Urls
    css: Mapping[str, str]
    """Role to class name."""
    labels: Mapping[str, str]
    money: MoneyStyle
    accent: str
    """The colour of buttons and links, as ``#rrggbb``."""
    serif: bool
    spec_layout: str
    """dl, table, ul or div."""
    gallery_style: str
    """links, zoom, srcset or plain: where a page says the full pictures' addresses."""
    old_price_tag: str
    home_crumb: bool
    """Whether breadcrumbs begin with the home page."""
    graph: bool
    """JSON-LD as one @graph rather than one object a script."""
    page_size: int
    """Products on a listing page."""


def draw_grammar(seed: int, catalogue: Catalogue) -> Grammar:
    """The taste of shop number *seed*."""
    rng = random.Random(f"grammar {seed}")
    return Grammar(
        shop_name=" ".join(rng.choice(part) for part in SHOP_NAMES),
        urls=draw_urls(rng, len(catalogue.products)),
        css=class_names(rng),
        labels={role: rng.choice(words) for role, words in LABELS.items()},
        money=draw_money_style(rng, catalogue.currency),
        accent=rng.choice(("#7a3b2e", "#1f4e5f", "#3c5a3e", "#5b3a6b", "#8a6d1f", "#22304a")),
        serif=rng.random() < 0.5,
        spec_layout=rng.choice(("dl", "table", "ul", "div")),
        gallery_style=rng.choice(("links", "zoom", "srcset", "plain")),
        old_price_tag=rng.choice(("del", "s", "span")),
        # an imported catalogue's breadcrumbs are shown as they are
        home_crumb=rng.random() < 0.5 and not catalogue.imported,
        graph=rng.random() < 0.5,
        page_size=rng.choice((16, 20, 24)),
    )
