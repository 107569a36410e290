"""What a product page tells machines: JSON-LD, microdata, OpenGraph, or nothing."""

import json
from html import escape
from typing import Any

from demo_shop.catalogue import ShopProduct, Variant
from demo_shop.pages.storefront import Storefront

SCHEMA = "https://schema.org/"


def head_of(front: Storefront, product: ShopProduct, style: str) -> str:
    """Elements for the page's head, by the page's *style*."""
    if style == "jsonld":
        return _json_ld(front, product)
    if style == "opengraph":
        return _open_graph(front, product)
    return ""


def _script(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


def _json_ld(front: Storefront, product: ShopProduct) -> str:
    objects = [_breadcrumb_list(front, product), _product_object(front, product)]
    if front.grammar.graph:
        return _script({"@context": SCHEMA, "@graph": objects})
    return "\n".join(_script({"@context": SCHEMA, **each}) for each in objects)


def _breadcrumb_list(front: Storefront, product: ShopProduct) -> dict[str, Any]:
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": front.absolute(path)}
        for place, (name, path) in enumerate(front.crumbs(product), 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _product_object(front: Storefront, product: ShopProduct) -> dict[str, Any]:
    found = {
        "@type": "Product",
        "name": product.name,
        "url": front.absolute(front.urls.product(product)),
        "image": [front.absolute(slot.path) for slot in front.slots(product)],
        "description": product.description,
        "sku": product.sku,
        "gtin13": product.gtin,
        "color": product.color,
        "material": product.material,
        "brand": {"@type": "Brand", "name": product.brand} if product.brand else None,
        "offers": _offer(front, product, product),
        "isVariantOf": _group(front, product) if product.variants else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _group(front: Storefront, product: ShopProduct) -> dict[str, Any]:
    variants = [_variant_object(front, product, each) for each in product.variants]
    return {"@type": "ProductGroup", "name": product.name, "hasVariant": variants}


def _offer(front: Storefront, product: ShopProduct, sold: ShopProduct | Variant) -> dict[str, Any]:
    found = {
        "@type": "Offer",
        "price": None if sold.price is None else f"{sold.price:.2f}",
        "priceCurrency": front.shop.currency_of(product),
        "availability": SCHEMA + sold.availability if sold.availability else None,
        "url": front.absolute(front.urls.product(product)),
    }
    return {key: value for key, value in found.items() if value is not None}


def _variant_object(front: Storefront, product: ShopProduct, variant: Variant) -> dict[str, Any]:
    found = {
        "@type": "Product",
        "sku": variant.sku,
        "color": variant.color,
        "size": variant.size,
        "offers": _offer(front, product, variant),
    }
    return {key: value for key, value in found.items() if value is not None}


def _open_graph(front: Storefront, product: ShopProduct) -> str:
    stock = {"InStock": "in stock", "OutOfStock": "out of stock"}
    amount = None if product.price is None else f"{product.price:.2f}"
    pairs = [
        ("og:type", "product"),
        ("og:title", product.name),
        ("og:site_name", front.grammar.shop_name),
        ("og:url", front.absolute(front.urls.product(product))),
        ("og:description", product.description),
        *(("og:image", front.absolute(slot.path)) for slot in front.slots(product)),
        ("product:price:amount", amount),
        ("product:price:currency", front.shop.currency_of(product)),
        ("product:availability", stock.get(product.availability or "", product.availability)),
        ("product:brand", product.brand),
        ("product:retailer_item_id", product.sku),
        ("product:color", product.color),
    ]
    return "\n".join(
        f'<meta property="{name}" content="{escape(value)}">' for name, value in pairs if value
    )


class Props:
    """Microdata attributes, empty unless the page's style is microdata."""

    def __init__(self, style: str) -> None:
        self.on = style == "microdata"

    def prop(self, name: str, content: str | None = None) -> str:
        """``itemprop``, with a value that differs from the text shown."""
        if not self.on:
            return ""
        value = "" if content is None else f' content="{escape(content)}"'
        return f' itemprop="{name}"{value}'

    def scope(self, kind: str, name: str = "") -> str:
        """The beginning of an item of type *kind*, as property *name* of the one around it."""
        if not self.on:
            return ""
        return self.prop(name) * bool(name) + f' itemscope itemtype="{SCHEMA}{kind}"'

    def hidden(self, name: str, value: str | None, link: bool = False) -> str:
        """A value for machines only."""
        if not self.on or value is None:
            return ""
        tag, attribute = ("link", "href") if link else ("meta", "content")
        return f'<{tag} itemprop="{name}" {attribute}="{escape(value)}">'
