"""Which part of a page is about its own product: the headline, and what belongs to others."""

from functools import cached_property

from lxml.html import HtmlElement

from crawler.pages.document import Document, clean, text_of

HEADINGS = ("h1", "h2")


class Region:
    """The page seen from its headline."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def headline_element(self) -> HtmlElement | None:
        """The h1 (else h2) that is the page's title; the first h1 with a text when none is."""
        title = clean(self.document.meta("og:title") or self.document.title).lower()
        for tag in HEADINGS:
            found = [one for one in self.document.body.iter(tag) if text_of(one)]
            titled = [one for one in found if _in_title(text_of(one).lower(), title)]
            if titled:
                return max(titled, key=lambda one: len(text_of(one)))
            if found and tag == "h1":
                return found[0]
        return None

    @cached_property
    def headline(self) -> str:
        """The headline's text, "" when there is none."""
        return "" if self.headline_element is None else text_of(self.headline_element)

    @cached_property
    def start(self) -> int:
        """The headline's place in the document."""
        found = self.headline_element
        return 0 if found is None else self.document.order[found]

    @cached_property
    def _around(self) -> frozenset[HtmlElement]:
        found = self.headline_element
        return frozenset() if found is None else frozenset([found, *found.iterancestors()])

    @cached_property
    def cards(self) -> dict[HtmlElement, str]:
        """Largest elements that lead to one other page by a picture: products' cards → URL."""
        targets: dict[HtmlElement, str] = {}
        for anchor in self.document.body.iter("a"):
            if self.document.leads_away(anchor):
                targets[anchor] = self.document.absolute(anchor.get("href"))
        several = _leading_to_several(targets)
        found: dict[HtmlElement, str] = {}
        for anchor, target in targets.items():
            if next(anchor.iter("img", "picture"), None) is None:
                continue
            card = anchor
            for outer in anchor.iterancestors():
                if outer in self._around or outer in several or outer.tag in ("body", "main"):
                    break
                card = outer
            found[card] = target
        return found

    @cached_property
    def _foreign(self) -> frozenset[HtmlElement]:
        marked = set(self.cards)
        marked.update(
            one
            for one in self.document.body.iter("header", "footer", "nav")
            if one not in self._around
        )
        return frozenset(one for root in marked for one in root.iter())

    def foreign(self, element: HtmlElement) -> bool:
        """Whether an element belongs to another product or to the page's frame."""
        return element in self._foreign

    def distance(self, element: HtmlElement) -> int:
        """Elements between the headline and this one; what comes before counts three times."""
        steps = self.document.order[element] - self.start
        return steps if steps >= 0 else -3 * steps


def _in_title(text: str, title: str) -> bool:
    return bool(title) and (text in title or title in text)


def _leading_to_several(targets: dict[HtmlElement, str]) -> set[HtmlElement]:
    """Elements that contain links to more than one page."""
    first: dict[HtmlElement, str] = {}
    several: set[HtmlElement] = set()
    for anchor, target in targets.items():
        for outer in anchor.iterancestors():
            if outer in several:
                break
            if first.setdefault(outer, target) != target:
                several.add(outer)
                several.update(outer.iterancestors())
                break
    return several
