"""OpenGraph and product:* meta elements → facts."""

from crawler.pages.document import Document
from crawler.pages.facts import Facts
from crawler.pages.values import amount, availability, currency, gender, gtin, short


def opengraph(document: Document) -> Facts:
    """What the head's meta elements say. og:title often carries the shop's name, too."""
    meta = document.meta
    # og:image:url may repeat og:image; both are absolute by the protocol, in practice not always.
    images = [
        document.absolute(url)
        for url in document.metas("og:image") or document.metas("og:image:url")
    ]
    sale, price = (
        amount(meta("product:sale_price:amount")),
        amount(meta("product:price:amount", "og:price:amount", "product:price")),
    )
    regular = amount(meta("product:original_price:amount", "og:price:standard_amount"))
    code = meta("product:price:currency", "og:price:currency", "product:sale_price:currency")
    return Facts(
        name=short(meta("og:title"), 500),
        brand=short(meta("product:brand", "og:brand"), 100),
        price=sale or price,
        regularPrice=regular or (price if sale else None),
        currency=currency(code),
        availability=availability(meta("product:availability", "og:availability")),
        sku=short(meta("product:retailer_item_id"), 80),
        gtin=gtin(meta("product:ean", "product:gtin", "product:upc", "product:isbn")),
        description=short(meta("og:description"), 10_000),
        color=short(meta("product:color")),
        sizes=tuple(dict.fromkeys(document.metas("product:size"))),
        material=short(meta("product:material")),
        gender=gender(meta("product:target_gender", "product:gender")),
        images=tuple(dict.fromkeys(url for url in images if url)),
    )


def says_product(document: Document) -> bool:
    """Whether og:type is a product's, or a product price is given."""
    kind = document.meta("og:type").lower().rpartition(":")[2]
    return kind in ("product", "product.item") or bool(document.meta("product:price:amount"))
