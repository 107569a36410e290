"""Label and value side by side: definition lists, tables, and lines like "Colour: red"."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from crawler.pages.document import clean, text_of
from crawler.pages.labels import field_of
from crawler.pages.region import Region

LINE = re.compile(r"^([^:：]{2,40})[:：]\s*(.{1,200})$")

LONGEST = 250
"""Characters of a label and its value; more is no specification."""


def specifications(region: Region) -> dict[str, str]:
    """Field → the first value that a label names."""
    found: dict[str, str] = {}
    for label, value in _pairs(region):
        field = field_of(label)
        if field and value:
            found.setdefault(field, value)
    return found


def _pairs(region: Region) -> Iterator[tuple[str, str]]:
    for element in region.document.body.iter(
        "dt", "th", "td", "li", "p", "div", "span", "strong", "b"
    ):
        pair = _pair(element)
        if pair and field_of(pair[0]) and not region.foreign(element):
            yield pair


def _pair(element: HtmlElement) -> tuple[str, str] | None:
    if element.tag == "dt":
        value = next((one for one in element.itersiblings() if one.tag == "dd"), None)
        return _both(element, value) if value is not None else None
    if element.tag in ("th", "td"):
        value = element.getnext()
        row = element.getparent()
        # A table of two columns; a wide one (a size chart) has its labels on top.
        if value is None or row is None or len(row) != 2 or element.getprevious() is not None:
            return None
        return _both(element, value)
    if len(element) > 4:
        return None
    text = text_of(element, LONGEST)
    if len(text) > LONGEST:
        return None
    if match := LINE.match(text):
        return match[1], match[2]
    return _beside(element, text)


def _both(label: HtmlElement, value: HtmlElement) -> tuple[str, str]:
    return text_of(label, LONGEST), text_of(value, LONGEST)[:LONGEST]


def _beside(element: HtmlElement, text: str) -> tuple[str, str] | None:
    """<b>SKU</b> 1234, or <span>SKU</span><span>1234</span>."""
    after = clean(element.tail) or _short_text(element.getnext())
    alone = len(element) == 0 and 0 < len(text) <= 40 and 0 < len(after) <= 120
    return (
        (text, after.lstrip(":： "))
        if alone and element.tag in ("span", "strong", "b", "div", "p")
        else None
    )


def _short_text(element: HtmlElement | None) -> str:
    """The text of a value: a link or a span around it is fine, a whole block is no value."""
    if element is None or sum(1 for _ in element.iterdescendants()) > 2:
        return ""
    return text_of(element)
