"""The product's pictures: the largest version of each slot of its gallery."""

import re

from lxml.html import HtmlElement

from crawler.pages.document import Document, hints
from crawler.pages.region import Region
from crawler.pages.slots import slot_of

ZOOM = [
    "data-zoom-image",
    "data-zoom",
    "data-large_image",
    "data-large-image",
    "data-large",
    "data-full",
    "data-full-src",
    "data-image-large",
    "data-hires",
    "data-highres",
    "data-old-hires",
    "data-magnify-src",
    "data-zoom-src",
    "data-original-src",
]
LAZY = ["data-src", "data-lazy-src", "data-lazy", "data-original", "data-image", "src"]
SETS = ("srcset", "data-srcset", "data-lazy-srcset")
DECORATION = re.compile(
    r"logo|icon|sprite|placeholder|spinner|loading|badge|flag|payment|rating|star|avatar|swatch|banner|pixel|blank|spacer"
    r"|trust|social|size-?(guide|chart)",
)
TINY = 90
"""Pixels; a picture that is declared smaller is a thumbnail or an ornament."""


def gallery(region: Region) -> tuple[str, ...]:
    """Absolute addresses in the page's order, one per slot."""
    slots: dict[str, list[tuple[float, str]]] = {}
    for image in region.document.body.iter("img", "a", "source"):
        found = [] if region.foreign(image) else _versions(image, region.document)
        if found:
            slots.setdefault(slot_of(found[0][1]), []).extend(found)
    kept = [versions for versions in slots.values() if max(size for size, _ in versions) >= TINY]
    return tuple(dict.fromkeys(max(found, key=lambda one: one[0])[1] for found in kept))


def _versions(element: HtmlElement, document: Document) -> list[tuple[float, str]]:
    if element.tag == "a":
        return _linked(element, document)
    if element.tag == "source":
        return (
            _of_set(element, document)
            if next(element.iterancestors("picture"), None) is not None
            else []
        )
    return [] if _ornament(element) else versions(element, document)


def versions(image: HtmlElement, document: Document) -> list[tuple[float, str]]:
    """(width in pixels, as far as it is known or guessed, address) of every version of an image."""
    declared = _number(image.get("width"))
    found = [
        (2_000.0, document.absolute(image.get(name)))
        for name in ZOOM
        if "/" in (image.get(name) or "")
    ]
    found += _of_set(image, document)
    plain = next((image.get(name) for name in LAZY if _address(image.get(name))), None)
    found.append((float(declared or _width_in(plain) or 300), document.absolute(plain)))
    return [one for one in found if one[1]]


def _linked(anchor: HtmlElement, document: Document) -> list[tuple[float, str]]:
    """A picture that a thumbnail links to."""
    linked = anchor.find(".//img") is not None and document.leads_to_picture(anchor)
    return [(1_500.0, document.absolute(anchor.get("href")))] if linked else []


def _of_set(element: HtmlElement, document: Document) -> list[tuple[float, str]]:
    found = []
    for name in SETS:
        for entry in re.split(r",\s+|,(?=https?:|/)", element.get(name) or ""):
            address, _, size = entry.strip().partition(" ")
            number = _number(size.strip()) or 1.0
            width = number * 600 if size.strip().endswith("x") or not size else number
            found.append((width, document.absolute(address) if _address(address) else ""))
    return [one for one in found if one[1]]


def _ornament(image: HtmlElement) -> bool:
    file = (image.get("src") or "").rsplit("/", 1)[-1]
    words = f"{hints(image)} {image.get('alt') or ''} {file}".lower()
    if DECORATION.search(words) or ".svg" in words:
        return True
    sides = [_number(image.get(name)) for name in ("width", "height")]
    return any(side is not None and side < 40 for side in sides)


def _address(value: str | None) -> bool:
    return bool(value) and not value.strip().startswith(("data:", "{", "#"))  # type: ignore[union-attr] # bool() checks it


def _number(text: str | None) -> float | None:
    match = re.match(r"\d+(\.\d+)?", (text or "").strip())
    return float(match[0]) if match else None


def _width_in(address: str | None) -> float | None:
    """A width that the address itself names."""
    match = re.search(
        r"[?&](?:w|width|wid|sw|imwidth)=(\d{2,4})\b|[_-](\d{2,4})x\d{0,4}\b", address or ""
    )
    return float(match[1] or match[2]) if match else None
