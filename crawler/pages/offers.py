"""Offers of schema.org: Offer, AggregateOffer and price specifications → price and availability."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crawler.pages.nodes import Node, each, nodes_in, text, types
from crawler.pages.values import amount, availability, gtin, short
from crawler.pages.values import currency as code_of

REGULAR_TYPES = ("list", "strikethrough", "msrp", "srp", "regular", "suggested")


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer, normalised."""

    price: str | None = None
    regular: str | None = None
    currency: str | None = None
    availability: str | None = None
    sku: str | None = None
    gtin: str | None = None


def offers_of(node: Node, depth: int = 3) -> list[Offer]:
    """The offers a node stands for: itself, or those it gathers, `depth` levels down."""
    gathered = nodes_in(node.get("offers")) if depth else []
    inner = [offer for one in gathered for offer in offers_of(one, depth - 1)]
    price, regular, currency = _prices(node)
    own = Offer(
        price=price,
        regular=regular,
        currency=currency,
        availability=next(filter(None, map(availability, each(node.get("availability")))), None),
        sku=short(text(node.get("sku")), 80),
        gtin=gtin(text(node.get("gtin13")) or text(node.get("gtin"))),
    )
    if not inner:
        return [own]
    # An aggregate's own low price and currency stand for offers that do not say theirs.
    return [
        Offer(
            price=offer.price or own.price,
            regular=offer.regular or own.regular,
            currency=offer.currency or own.currency,
            availability=offer.availability or own.availability,
            sku=offer.sku,
            gtin=offer.gtin,
        )
        for offer in inner
    ]


def best_offer(offers: Sequence[Offer]) -> Offer:
    """What a buyer pays at least now: the cheapest offer in stock; in stock when any offer is."""
    if not offers:
        return Offer()
    stocked = [offer for offer in offers if offer.availability == "InStock"]
    priced = [offer for offer in stocked or offers if offer.price]
    best = min(priced, key=lambda offer: Decimal(offer.price or 0), default=offers[0])
    states = {offer.availability for offer in offers} - {None}
    state = "InStock" if "InStock" in states else next(iter(states), None)
    alone = len(offers) == 1
    return Offer(
        price=best.price,
        regular=best.regular,
        currency=best.currency or next((o.currency for o in offers if o.currency), None),
        availability=state,
        sku=best.sku if alone else None,
        gtin=best.gtin if alone else None,
    )


def _prices(node: Node) -> tuple[str | None, str | None, str | None]:
    """(price, regular price, currency) of one offer node."""
    price = regular = None
    currency = text(node.get("priceCurrency"))
    for specification in nodes_in(node.get("priceSpecification")):
        value = amount(text(specification.get("price")) or text(specification.get("minPrice")))
        kind = (text(specification.get("priceType")) or "").rsplit("/", 1)[-1].lower()
        if "referenceQuantity" in specification and kind == "" and price:
            continue  # a price per litre beside the price
        if any(word in kind for word in REGULAR_TYPES):
            regular = regular or value
        else:
            price = price or value
        currency = currency or text(specification.get("priceCurrency"))
    own = amount(text(node.get("price")))
    if "AggregateOffer" in types(node) or own is None:
        own = amount(text(node.get("lowPrice"))) or own
    price = own or price
    return price, regular, code_of(currency)
