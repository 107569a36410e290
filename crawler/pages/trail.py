"""Breadcrumbs in the visible page."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.pages.document import Document, clean, hints, text_of
from crawler.pages.region import Region
from crawler.pages.schema_org import similar
from snapmode.items import Breadcrumb

HOME = re.compile(
    r"^(home( ?page)?|start(seite)?|accueil|inicio|hjem|hem|etusivu|strona główna|главная|"
    r"главная страница|início|anasayfa|domů|خانه|ホーム|首页|shop|⌂|🏠)$",
    re.I,
)
SEPARATOR = re.compile(r"^[\s/›»>→|·•\\:-]+$")
NAMED = re.compile(r"bread-?_?crumb", re.I)
MOST = 10
LONGEST = 250


def trail(region: Region) -> tuple[Breadcrumb, ...]:
    """The best candidate before or around the headline, as written, home and product included."""
    best: tuple[int, tuple[Breadcrumb, ...]] = (0, ())
    for element in region.document.body.iter("nav", "ol", "ul", "div", "p"):
        if next(element.iter("a"), None) is None or len(text_of(element, LONGEST)) > LONGEST:
            continue
        steps = _steps(element, region.document)
        weight = _weight(element, steps, region)
        if weight > best[0]:
            best = (weight, steps)
    return best[1]


def tidied(steps: Sequence[Breadcrumb], name: str, document: Document) -> tuple[Breadcrumb, ...]:
    """Without home in front and without the product itself at the end."""
    found = list(steps)
    while found and (HOME.match(found[0].name) or _is_root(found[0].url, document.url)):
        found.pop(0)
    here = (document.address, document.canonical)
    while found and (similar_step(found[-1].name, name) or found[-1].url in here):
        found.pop()
    return tuple(found)


def similar_step(step: str, name: str) -> bool:
    """Whether the last step of a trail is the product and not the category it is in."""
    short, long = sorted((step.lower().rstrip(" .…"), name.lower()), key=len)
    return short == long or (len(short) >= 0.7 * len(long) and similar(step, name))


def _is_root(url: str | None, root: str) -> bool:
    return (
        bool(url)
        and urlsplit(url or "").path == "/"
        and urlsplit(url or "").netloc == urlsplit(root).netloc
    )


def _steps(element: HtmlElement, document: Document) -> tuple[Breadcrumb, ...]:
    found = []
    for anchor in element.iter("a"):
        name = text_of(anchor) or clean(anchor.get("title") or anchor.get("aria-label"))
        if name:
            found.append(Breadcrumb(name=name, url=document.absolute(anchor.get("href")) or None))
    last = _last_text(element)
    if last and (not found or found[-1].name != last):
        found.append(Breadcrumb(name=last))
    return tuple(found[: MOST + 1])


def _last_text(element: HtmlElement) -> str:
    """The text after the last link: the step one is on."""
    anchors = list(element.iter("a"))
    texts = [clean(text) for text in element.itertext()]
    inside = [clean(text) for text in anchors[-1].itertext() if clean(text)]
    kept = [text for text in texts if text and not SEPARATOR.match(text)]
    return kept[-1] if kept and (not inside or kept[-1] != inside[-1]) else ""


def _weight(element: HtmlElement, steps: tuple[Breadcrumb, ...], region: Region) -> int:
    """How sure it is that these are breadcrumbs; 0: they are not."""
    if not 1 <= len(steps) <= MOST or region.document.order[element] > region.start + 60:
        return 0
    named = bool(NAMED.search(f"{hints(element)} {element.get('itemtype') or ''}"))
    first, last = steps[0], steps[-1]
    home = bool(HOME.match(first.name)) or _is_root(first.url, region.document.url)
    ends_here = similar_step(last.name, region.headline) and len(steps) > 1
    separators = sum(bool(SEPARATOR.match(text)) for text in element.itertext() if text.strip())
    parted = len(steps) > 1 and separators >= len(steps) - 1
    sure = named or (home and (ends_here or parted)) or (ends_here and parted)
    if not sure and not (parted and _leads_in(element, region)):
        return 0
    return 8 * named + 4 * home + 4 * ends_here + 2 * parted


def _leads_in(element: HtmlElement, region: Region) -> bool:
    """Whether it stands right before the headline, outside the page's frame, parted by arrows."""
    frame = any(outer.tag in ("header", "footer", "aside") for outer in element.iterancestors())
    bars = any(text.strip() in ("|", "·", "•", "-") for text in element.itertext())
    return not frame and not bars and 0 < region.start - region.document.order[element] <= 60
