"""Variants as a page without structured data shows them: options of its size or colour select."""

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.pages.choices import field_of_select, options_of
from crawler.pages.document import text_of
from crawler.pages.money import money_in
from crawler.pages.options import SIZE, columns_of, tidy
from crawler.pages.region import Region
from crawler.pages.stock import OUT
from snapmode.items import Variant

ARTICLE = re.compile(r"(?=.*\d)(?=.*[a-z_./-])[a-z0-9][\w./-]{3,39}", re.I)
"""A merchant's own number. Digits alone are as often a row of the shop's database."""


def variants(region: Region, price: str | None, currency: str | None) -> tuple[Variant, ...]:
    """The options of the first select that offers sizes or colours, with the page's price."""
    for select in region.document.body.iter("select"):
        if region.foreign(select):
            continue
        options = options_of(select)
        values = [tidy(text_of(one)) for one in options]
        columns = dict(columns_of(values, field_of_select(select, region.document)))
        if columns:
            return tuple(
                Variant(
                    sku=_sku(option),
                    size=_at(columns.get("size"), place),
                    color=_at(columns.get("color"), place),
                    price=_price(option, price),
                    currency=currency,
                    availability="OutOfStock" if _is_out(option) else "InStock",
                )
                for place, option in enumerate(options)
            )
    return ()


def _at(column: Sequence[str] | None, place: int) -> str | None:
    return column[place] if column else None


def _sku(option: HtmlElement) -> str | None:
    for name in ("data-sku", "value"):
        value = (option.get(name) or "").strip()
        is_text = value.lower() in text_of(option).lower()
        if ARTICLE.fullmatch(value) and not SIZE.fullmatch(value) and not is_text:
            return value
    return None


def _price(option: HtmlElement, price: str | None) -> str | None:
    """The option's own price; a surcharge ("+ 5 €") is not told apart from none."""
    text = text_of(option)
    found = money_in(text)
    own = found and "+" not in text[: found[0].start]
    return found[0].amount if own else price


def _is_out(option: HtmlElement) -> bool:
    return option.get("disabled") is not None or bool(OUT.search(text_of(option)))
