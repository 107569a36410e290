"""The price a reader sees: beside the headline, neither struck out nor somebody else's."""

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.pages.document import clean, hints, text_of
from crawler.pages.money import Money, currency_of, money_in
from crawler.pages.region import Region

STRUCK_TAGS = frozenset({"del", "s", "strike"})
STRUCK_HINT = re.compile(
    r"(^|[\s_-])(old|was|regular|original|compare|compareat|list|rrp|msrp|uvp|before|strike|striked|strikethrough|"
    r"crossed|previous|retail)([\s_-]|price|$)|(old|was|regular|compare|list|before|crossed|strike)-?_?price|price-?_?(old|was|before|strike)"
)
LINE_THROUGH = re.compile(r"line-through", re.I)
WAS = re.compile(
    r"(\bwas\b|\brrp\b|\bmsrp\b|\buvp\b|\bregular(ly)?\b|\bstatt\b|\bbefore\b|"
    r"\boriginal(ly)?\b|\bold price\b|\blist price\b|"
    r"\binstead of\b|\bvorher\b|\bau lieu de\b|\bavant\b|\bantes\b|\bprezzo precedente\b|"
    r"\bwas:|\bcompare at\b|"
    r"\bvoor\b|\btidigare\b|\bord\.|\bstara cena\b|قبلی)[^\d]{0,25}$",
    re.I,
)
NOT_THE_PRICE = re.compile(
    r"shipping|delivery|postage|versand|liefer|livraison|spedizion|env[ií]o|verzend|bezorg|frakt|dostaw|доставк|"
    r"\bsave\b|saving|you save|sie sparen|gespart|économi|ahorr|risparmi|rabatt|\boff\b|"
    r"voucher|coupon|gift card|"
    r"month|/\s?mo\b|monat|mois|\bmes\b|mese|klarna|afterpay|clearpay|instal|raten|"
    r"\bfree over|orders? over|"
    r"above|spend|minimum|per (100|kg|l|m)\b|/\s?(100|kg|l)\b|\bpoints?\b|deposit|pfand|from only",
    re.I,
)
NEAR = 40
"""Elements between a price and the old price that belongs to it, at most."""
LONGEST = 90


@dataclass(frozen=True, slots=True)
class Seen:
    """An amount in the page."""

    element: HtmlElement
    money: Money
    struck: bool
    distance: int
    ranged: bool
    """It is followed or led by another amount with a dash between: a range."""


@dataclass(frozen=True, slots=True)
class VisiblePrice:
    """What the page shows."""

    price: str
    regular: str | None
    currency: str | None
    element: HtmlElement


def visible_price(region: Region) -> VisiblePrice | None:
    """The product's price; None when no amount can be it."""
    seen = amounts(region)
    current = [one for one in seen if not one.struck]
    if not current:
        return None
    best = min(current, key=lambda one: one.distance)
    order = region.document.order
    near = [one for one in seen if abs(order[one.element] - order[best.element]) <= NEAR]
    old = [one for one in near if one.struck and _value(one) > _value(best)]
    if not old and not best.ranged:
        best, old = _two_prices(best, [one for one in current if _beside(one, best)])
    regular = min(old, key=lambda one: abs(order[one.element] - order[best.element]), default=None)
    return VisiblePrice(
        best.money.amount,
        regular.money.amount if regular else None,
        currency_of(best.money.unit, region.document),
        best.element,
    )


def amounts(region: Region) -> list[Seen]:
    """Every amount that may be the product's, in the order of the page."""
    found: list[Seen] = []
    taken: set[HtmlElement] = set()
    for element in region.document.body.iter():
        if element.tag in ("option", "textarea", "label") or not _has_digit(element):
            continue
        holder = _holder(element)
        if holder is None or holder in taken or region.foreign(holder) or _links(holder, region):
            continue
        taken.add(holder)
        found += _seen(holder, region)
    return found


def _links(element: HtmlElement, region: Region) -> bool:
    """Whether it is inside a link to another page: what costs there is not what costs here."""
    anchors = [element, *element.iterancestors()]
    return any(one.tag == "a" and region.document.leads_away(one) for one in anchors)


def _has_digit(element: HtmlElement) -> bool:
    own = [element.text, *(child.tail for child in element)]
    return any(text and re.search(r"\d", text) for text in own)


def _holder(element: HtmlElement) -> HtmlElement | None:
    """The smallest element around that also holds the currency."""
    for outer in [element, *list(element.iterancestors())[:2]]:
        if len(text_of(outer, LONGEST)) > LONGEST:
            return None
        if money_in(price_text(outer)):
            return outer
    return None


def price_text(element: HtmlElement) -> str:
    """An element's text; cents set in small type ("49<sup>90</sup>") get their decimal point."""
    for small in element.iter("sup"):
        cents = clean(small.text or "")
        previous, parent = small.getprevious(), small.getparent()
        holder = (
            previous.tail if previous is not None else parent.text if parent is not None else ""
        )
        before = clean(holder)
        if re.fullmatch(r"\d\d", cents) and re.search(r"\d$", before):
            return re.sub(rf"(\d)\s+{cents}(?!\d)", rf"\1.{cents}", text_of(element), count=1)
    return text_of(element)


def _seen(holder: HtmlElement, region: Region) -> list[Seen]:
    text = price_text(holder)
    parent = holder.getparent()
    context = text_of(parent, LONGEST) if parent is not None else ""
    if NOT_THE_PRICE.search(context if len(context) <= LONGEST else text):
        return []
    lead = _lead(holder)
    found = []
    moneys = money_in(text)
    for place, money in enumerate(moneys):
        before = (
            lead + text[: money.start] if place == 0 else text[moneys[place - 1].end : money.start]
        )
        after = text[money.end : moneys[place + 1].start] if place + 1 < len(moneys) else ""
        ranged = any(
            re.fullmatch(r"\s*(-|–|—|to|bis|à|a)\s*", part) for part in (before, after) if part
        )
        struck = _struck(holder) or bool(WAS.search(before))
        found.append(Seen(holder, money, struck, region.distance(holder) + place, ranged))
    return found


def _lead(element: HtmlElement) -> str:
    """The short text right before an element."""
    before = element.getprevious()
    parent = element.getparent()
    if before is not None:
        return f"{text_of(before)[-30:]} {clean(before.tail)} "
    return f"{clean(parent.text)[-30:]} " if parent is not None else ""


def _struck(element: HtmlElement) -> bool:
    for outer in [element, *list(element.iterancestors())[:3]]:
        if outer.tag in STRUCK_TAGS or LINE_THROUGH.search(outer.get("style") or ""):
            return True
        if len(money_in(text_of(outer, 300)[:300])) > 1:
            return False  # it also holds the price itself
        if STRUCK_HINT.search(hints(outer)):
            return True
    return False


def _value(one: Seen) -> float:
    return float(one.money.amount)


def _beside(one: Seen, other: Seen) -> bool:
    """Whether two amounts stand in one small block."""
    near = {one.element, one.element.getparent()} & {other.element, other.element.getparent()}
    return not one.ranged and one.money.unit == other.money.unit and bool(near - {None})


def _two_prices(best: Seen, beside: list[Seen]) -> tuple[Seen, list[Seen]]:
    """Two amounts side by side without a mark: the lower is paid, the higher was."""
    if len({one.money.amount for one in beside}) != 2:
        return best, []
    low, high = sorted({one.money.amount: one for one in beside}.values(), key=_value)
    return low, [high]
