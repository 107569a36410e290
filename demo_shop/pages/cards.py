"""Small pictures with name and price that lead to products: in listings and beside products."""

from collections.abc import Iterable
from html import escape

from demo_shop.catalogue import ShopProduct
from demo_shop.pages.storefront import TILE, Storefront


def grid(front: Storefront, products: Iterable[ShopProduct], campaign: str | None = None) -> str:
    """Cards side by side; *campaign* None links the canonical addresses."""
    cards = "\n".join(_card(front, each, campaign) for each in products)
    return f"<div{front.css('grid')}>\n{cards}\n</div>"


def _card(front: Storefront, product: ShopProduct, campaign: str | None) -> str:
    href = escape(front.link_to(product, campaign) if campaign else front.urls.product(product))
    picture = escape(front.urls.thumb(product, 0, TILE))
    old = front.money(product, regular=True)
    crossed = (
        f" <{front.grammar.old_price_tag}>{old}</{front.grammar.old_price_tag}>" if old else ""
    )
    return (
        f'<div{front.css("card")}><a href="{href}">'
        f'<img src="{picture}" alt="{escape(product.name)}" width="{TILE}" loading="lazy">'
        f"<span{front.css('card_name')}>{escape(product.name)}</span></a>"
        f"<span{front.css('card_price')}>{front.money(product)}{crossed}</span></div>"
    )
