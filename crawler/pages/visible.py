"""The visible page → facts: what a reader sees around the headline."""

from crawler.pages.choices import choices, chosen_color
from crawler.pages.document import hints, text_of
from crawler.pages.facts import Facts
from crawler.pages.gallery import gallery
from crawler.pages.prices import visible_price
from crawler.pages.region import Region
from crawler.pages.specs import specifications
from crawler.pages.stock import visible_availability
from crawler.pages.trail import trail
from crawler.pages.values import gender, gtin, short
from crawler.pages.variants import variants


def visible(region: Region) -> Facts:
    """Everything that can be read without structured data."""
    said = specifications(region)
    offered = choices(region)
    price = visible_price(region)
    amount = price.price if price else None
    currency = price.currency if price else None
    return Facts(
        name=short(region.headline, 500),
        brand=short(said.get("brand"), 100),
        price=amount,
        regularPrice=price.regular if price else None,
        currency=currency,
        availability=visible_availability(region, said.get("availability", "")),
        sku=short(said.get("sku"), 60),
        gtin=gtin(said.get("gtin")) or gtin(said.get("sku")),
        description=_description(region),
        color=short(said.get("color"), 80)
        or chosen_color(region)
        or _only(offered.get("color", ())),
        sizes=offered.get("size", ()),
        material=short(said.get("material")),
        gender=gender(said.get("gender")),
        breadcrumbs=trail(region),
        images=gallery(region),
        variants=variants(region, amount, currency),
    )


def _only(values: tuple[str, ...]) -> str | None:
    return values[0] if len(values) == 1 else None


def _description(region: Region) -> str | None:
    """The longest paragraph that belongs to the product, or one that is called description."""
    best = ""
    for element in region.document.body.iter("p", "div"):
        named = "description" in hints(element)
        plain = element.tag == "p" or len(element) == 0
        if (plain or named) and not region.foreign(element):
            text = text_of(element)
            if len(text) > len(best) and (named or len(element) <= 3) and len(text) < 10_000:
                best = text
    return best if len(best) >= 40 else short(region.document.meta("description"), 10_000)
