"""The page object: HTML and a URL in, a `Product` with the provenance of its fields out."""

from datetime import datetime
from decimal import Decimal
from functools import cached_property

from crawler.addresses import host_of, identity
from crawler.pages.document import Document
from crawler.pages.facts import Facts, Merged
from crawler.pages.nodes import json_ld, microdata
from crawler.pages.opengraph import opengraph, says_product
from crawler.pages.page_type import Evidence, PageType, page_type
from crawler.pages.region import Region
from crawler.pages.schema_org import SchemaOrg
from crawler.pages.slots import slot_of
from crawler.pages.stock import buy_button
from crawler.pages.trail import tidied
from crawler.pages.visible import visible
from snapmode.items import Image, Product, product_id

LISTS = frozenset({"ItemList", "CollectionPage", "SearchResultsPage", "OfferCatalog"})


class ProductPage:
    """One page. Knows nothing of how it was fetched.

    Sources in order of trust: JSON-LD, microdata, OpenGraph, the visible page. Each field is taken
    from the first source that has it.
    """

    def __init__(self, html: str, url: str) -> None:
        self.document = Document(html, url)
        self.region = Region(self.document)

    @cached_property
    def _structured(self) -> list[tuple[str, SchemaOrg]]:
        sources = (("json-ld", json_ld), ("microdata", microdata))
        return [(name, SchemaOrg(read(self.document), self.document)) for name, read in sources]

    @cached_property
    def _own_facts(self) -> list[tuple[str, Facts]]:
        headline = self.region.headline or self.document.title
        read = [(name, source.facts(headline)) for name, source in self._structured]
        return [(name, facts) for name, facts in read if facts]

    @cached_property
    def _seen(self) -> Facts:
        return visible(self.region)

    @cached_property
    def type(self) -> PageType:
        """Product page, listing or other."""
        kinds = {kind for _, source in self._structured for kind in source.types}
        many = any(len(source.products) > 2 for _, source in self._structured)
        evidence = Evidence(
            structured=bool(self._own_facts) or says_product(self.document),
            listed=bool(kinds & LISTS) or many,
            price=self._seen.price is not None,
            buy=buy_button(self.region) is not None,
            pictures=bool(self._seen.images),
            choices=bool(self._seen.sizes or self._seen.sku or self._seen.gtin),
        )
        return page_type(self.region, evidence)

    def product(self, fetched_at: datetime, version: int) -> Product | None:
        """The page's product; None when it has none, or not even a name."""
        if self.type != "product":
            return None
        merged = Merged()
        for source, facts in self._own_facts:
            merged.add(source, facts)
        seen = self._seen
        shared = opengraph(self.document)
        if seen.name:
            shared.name = None  # og:title often carries the shop's name, too
        merged.add("opengraph", shared)
        merged.add("html", seen)
        facts = merged.facts
        if not facts.name:
            return None
        self._settle(merged, seen)
        return self._product(merged, fetched_at, version)

    def _settle(self, merged: Merged, seen: Facts) -> None:
        """What takes more than one source to decide."""
        facts = merged.facts
        facts.images = with_gallery(facts.images, seen.images)
        facts.breadcrumbs = tidied(facts.breadcrumbs, facts.name or "", self.document)
        if not facts.regularPrice and seen.price == facts.price:
            facts.regularPrice = seen.regularPrice
            merged.provenance["regularPrice"] = "html"
        regular, price = facts.regularPrice, facts.price
        if regular and (not price or Decimal(regular) <= Decimal(price)):
            facts.regularPrice = None
        if not facts.price:
            facts.currency = None
        elif not facts.availability:
            # A price and no word against it: it is for sale.
            facts.availability = "InStock"
            merged.provenance["availability"] = "html"

    def _product(self, merged: Merged, fetched_at: datetime, version: int) -> Product:
        facts, url = merged.facts, self.document.canonical
        source = host_of(url)
        values = {name: getattr(facts, name) for name in merged.provenance}
        kept = {name: value for name, value in values.items() if value}
        images = tuple(Image(url=address) for address in facts.images)
        return Product.model_validate(
            {
                **kept,
                "id": product_id(source, identity(url)),
                "version": version,
                "url": url,
                "images": images,
                "source": source,
                "fetched_at": fetched_at,
                "provenance": {name: merged.provenance[name] for name in kept},
            }
        )


def with_gallery(stated: tuple[str, ...], seen: tuple[str, ...]) -> tuple[str, ...]:
    """The stated pictures, and the rest of the gallery when it shows one of them, too."""
    slots = {slot_of(url) for url in stated}
    if not slots & {slot_of(url) for url in seen}:
        return stated or seen
    return stated + tuple(url for url in seen if slot_of(url) not in slots)


def extract_product(html: str, url: str, fetched_at: datetime, version: int) -> Product | None:
    """The product of a page, or None: `ProductPage` in one call."""
    return ProductPage(html, url).product(fetched_at, version)
