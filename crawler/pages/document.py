"""A parsed page and the few questions every reader of it asks."""

import re
from functools import cached_property
from urllib.parse import urlsplit

from lxml import etree, html
from lxml.html import HtmlElement

from crawler.addresses import host_of, normalised
from crawler.pages.slots import is_picture, slot_of

UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe")
MAX_CHARACTERS = 8_000_000
SPACE = re.compile(r"\s+")
LONGEST_HINT = 500
"""Characters of an attribute that are looked at."""


class Document:
    """HTML as a tree. `url` is the address it was fetched from."""

    def __init__(self, text: str, url: str) -> None:
        self.url = url
        self.address = normalised(url)
        self._absolute: dict[str, str] = {}
        # Encoded, because lxml refuses strings with an encoding declaration; NULs end its parsing.
        data = text[:MAX_CHARACTERS].replace("\0", "").encode("utf-8", "replace")
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        try:
            self.tree: HtmlElement = html.document_fromstring(data or b"<html/>", parser=parser)
        except (ValueError, etree.ParserError):
            self.tree = html.document_fromstring("<html><body></body></html>")
        self.scripts = [
            script.text or ""
            for script in self.tree.iter("script")
            if "ld+json" in (script.get("type") or "").lower()
        ]
        """The text of every JSON-LD script."""
        etree.strip_elements(self.tree, *UNSEEN, with_tail=False)

    @cached_property
    def base(self) -> str:
        """What relative addresses start from."""
        found = self.tree.xpath("//base/@href")
        return normalised(found[0], self.url) or self.url if found else self.url

    @cached_property
    def body(self) -> HtmlElement:
        """The body, or the root where there is none."""
        found = self.tree.find("body")
        return self.tree if found is None else found

    @cached_property
    def language(self) -> str:
        """The page's language tag in lower case (e.g. "de-at"), "" when it does not say."""
        return str(self.tree.get("lang") or self.meta("og:locale") or "").lower().replace("_", "-")

    @cached_property
    def title(self) -> str:
        """The text of <title>."""
        return clean(self.tree.findtext(".//title") or "")

    @cached_property
    def order(self) -> dict[HtmlElement, int]:
        """Element → its place in the document."""
        return {element: place for place, element in enumerate(self.tree.iter())}

    @cached_property
    def labels(self) -> dict[str, HtmlElement]:
        """Id of a form control → its label."""
        found = {label.get("for") or "": label for label in self.tree.iter("label")}
        found.pop("", None)
        return found

    @cached_property
    def legends(self) -> dict[HtmlElement, HtmlElement]:
        """Element → the first legend in it."""
        found: dict[HtmlElement, HtmlElement] = {}
        for legend in self.tree.iter("legend"):
            for outer in legend.iterancestors():
                found.setdefault(outer, legend)
        return found

    @cached_property
    def _metas(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for meta in self.tree.iter("meta"):
            name = meta.get("property") or meta.get("name")
            content = meta.get("content")
            if name and content:
                found.setdefault(name.strip().lower(), []).append(content.strip())
        return found

    def meta(self, *names: str) -> str:
        """The content of the first of these meta elements that has one."""
        return next((self._metas[name][0] for name in names if name in self._metas), "")

    def metas(self, name: str) -> list[str]:
        """The contents of all meta elements of this name."""
        return self._metas.get(name, [])

    def absolute(self, address: str | None) -> str:
        """A normalised absolute address, "" when it is none."""
        if not address:
            return ""
        if address not in self._absolute:
            self._absolute[address] = normalised(address, self.base)
        return self._absolute[address]

    def leads_away(self, anchor: HtmlElement) -> bool:
        """Whether a link leads to another page, rather than to a picture or a place on this one."""
        href = (anchor.get("href") or "").strip()
        if not href or href.startswith(("#", "javascript:", "data:", "mailto:", "tel:")):
            return False
        target = self.absolute(href)
        return bool(target) and target != self.address and not self.leads_to_picture(anchor)

    def leads_to_picture(self, anchor: HtmlElement) -> bool:
        """Whether a link leads to a picture file, or to a larger version of the picture in it."""
        target = self.absolute(anchor.get("href"))
        shown = anchor.find(".//img")
        source = "" if shown is None else self.absolute(shown.get("src"))
        return is_picture(target) or (bool(source) and slot_of(source) == slot_of(target))

    @cached_property
    def canonical(self) -> str:
        """The page's own address: rel=canonical or og:url on the same host, else its URL."""
        links = [
            link.get("href")
            for link in self.tree.iter("link")
            if "canonical" in (link.get("rel") or "").lower().split()
        ]
        here = urlsplit(self.address)
        for address in [*links, self.meta("og:url")]:
            target = self.absolute(address)
            # Some shops name their start page as the canonical address of everything.
            lost = urlsplit(target).path == "/" and (here.path != "/" or here.query)
            if target and not lost and host_of(target) == host_of(self.address):
                return target
        return self.address


def clean(text: str | None) -> str:
    """White space as single spaces, without invisible characters."""
    return SPACE.sub(" ", (text or "").replace("\u200b", "").replace("\ufeff", "")).strip()


def text_of(element: HtmlElement, enough: int | None = None) -> str:
    """What a reader sees of an element, as one line.

    With `enough`, reading stops soon after so many characters: who asks whether a text is short
    must not read the whole page for each of its elements.
    """
    if enough is None:
        return clean(" ".join(element.itertext()))
    found, size = [], 0
    for piece in element.itertext():
        if text := clean(piece):
            found.append(text)
            size += len(text) + 1
        if size > enough + 1:
            break
    return " ".join(found)


def hints(element: HtmlElement) -> str:
    """The words an element carries in its attributes, in lower case: a hint, never a proof."""
    names = ("class", "id", "itemprop", "name", "data-testid", "data-test", "aria-label", "data-qa")
    return " ".join((element.get(name) or "")[:LONGEST_HINT] for name in names).lower()
