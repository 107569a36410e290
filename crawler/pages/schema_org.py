"""schema.org nodes → facts: all of its ways of writing a product, its offers and its variants."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from html import unescape
from typing import Any

from lxml import html as lxml_html

from crawler.pages.document import Document, clean
from crawler.pages.facts import Facts
from crawler.pages.labels import field_of
from crawler.pages.nodes import Node, each, nodes_in, text, types, walk
from crawler.pages.offers import Offer, best_offer, offers_of
from crawler.pages.values import gender, gtin, short
from snapmode.items import Breadcrumb, Variant

PRODUCT_TYPES = frozenset(
    [
        "Product",
        "ProductGroup",
        "IndividualProduct",
        "ProductModel",
        "SomeProducts",
        "Book",
        "Vehicle",
    ]
)
OTHERS = frozenset(
    [
        "isRelatedTo",
        "isSimilarTo",
        "isAccessoryOrSparePartFor",
        "isConsumableFor",
        "hasVariant",
        "isVariantOf",
        "itemListElement",
        "review",
        "reviews",
        "makesOffer",
        "hasOfferCatalog",
        "mentions",
        "model",
        "offers",
    ]
)
GTIN_NAMES = ("gtin", "gtin13", "gtin12", "gtin14", "gtin8", "ean", "isbn", "productID")

LONGEST_NAME = 500
ALIKE = 0.8
"""Share of the characters that two names have in common when they mean the same."""


class SchemaOrg:
    """The nodes of one syntax of one page."""

    def __init__(self, nodes: Sequence[Node], document: Document) -> None:
        self._document = document
        self._roots = list(nodes)
        self._by_id: dict[str, Node] = {}
        for node in walk(self._roots):
            if isinstance(node.get("@id"), str) and len(node) > 1:
                self._by_id.setdefault(node["@id"], node)

    @property
    def products(self) -> list[Node]:
        """Top-level products: not the variants, the related ones or the entries of a list."""
        found = walk(self._roots, OTHERS)
        return [node for node in found if types(node) & PRODUCT_TYPES and len(node) > 2]

    @property
    def types(self) -> set[str]:
        """The types of all nodes."""
        return {
            kind
            for node in walk(self._roots, frozenset({"itemListElement"}))
            for kind in types(node)
        }

    def facts(self, headline: str) -> Facts | None:
        """What the page's own product says; None when no product is the page's own."""
        node = self._own(headline)
        if node is None:
            return None
        node = self._with_group(node)
        offers = [offer for value in each(node.get("offers")) for offer in self._offers(value)]
        variants = self._variants(node)
        offer = best_offer(offers or [one[1] for one in variants])
        found = Facts(
            name=_line(node.get("name")),
            brand=self._named(node, "brand", "manufacturer"),
            sku=short(text(node.get("sku")), 80) or offer.sku,
            gtin=self._gtin(node) or offer.gtin,
            description=_prose(text(node.get("description"))),
            color=_line(node.get("color")),
            material=_line(node.get("material")),
            gender=self._gender(node),
            sizes=self._sizes(node, variants),
            images=self._images(node.get("image")),
            breadcrumbs=self._breadcrumbs(),
            variants=tuple(variant for variant, _ in variants),
            price=offer.price,
            regularPrice=offer.regular,
            currency=offer.currency,
            availability=offer.availability,
        )
        self._additional(node, found)
        return found

    def _own(self, headline: str) -> Node | None:
        products = self.products
        named = [one for one in products if similar(text(one.get("name")), headline)]
        addresses = {self._document.address, self._document.canonical}
        linked = [
            one for one in products if self._document.absolute(text(one.get("url"))) in addresses
        ]
        groups = [one for one in products if "ProductGroup" in types(one)]
        for candidates in (
            groups if len(groups) == 1 else [],
            named,
            linked,
            products if len(products) == 1 else [],
        ):
            if candidates:
                return max(candidates, key=lambda one: (bool(one.get("offers")), len(one)))
        return None

    def _with_group(self, node: Node) -> Node:
        """A variant's own values over those of its group."""
        for group in nodes_in(self._resolved(node.get("isVariantOf"))):
            group = self._resolved(group)  # noqa: PLW2901
            return {**group, **node, "@type": node["@type"]}
        return node

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"@id"}:
            return self._by_id.get(value["@id"], value)
        return value

    def _offers(self, value: Any) -> list[Offer]:
        value = self._resolved(value)
        return offers_of(value) if isinstance(value, dict) else []

    def _variants(self, node: Node) -> list[tuple[Variant, Offer]]:
        found = []
        for value in each(node.get("hasVariant")):
            variant = self._resolved(value)
            if isinstance(variant, dict):
                offers = [
                    offer for one in each(variant.get("offers")) for offer in self._offers(one)
                ]
                offer = best_offer(offers)
                found.append((self._variant(variant, offer), offer))
        return found

    def _variant(self, node: Node, offer: Offer) -> Variant:
        return Variant(
            sku=short(text(node.get("sku")), 80) or offer.sku,
            gtin=self._gtin(node) or offer.gtin,
            color=_line(node.get("color")),
            size=_line(node.get("size")),
            price=offer.price,
            regularPrice=offer.regular,
            currency=offer.currency,
            availability="OutOfStock"
            if offer.availability == "OutOfStock"
            else "InStock"
            if offer.availability
            else None,
            url=self._document.absolute(text(node.get("url"))) or None,
        )

    def _named(self, node: Node, *names: str) -> str | None:
        for name in names:
            for value in each(node.get(name)):
                if found := short(unescape(text(self._resolved(value)) or ""), 100):
                    return found
        return None

    def _gtin(self, node: Node) -> str | None:
        for name in GTIN_NAMES:
            value = (text(node.get(name)) or "").rpartition(":")[2]
            if found := gtin(value):
                return found
        return None

    def _gender(self, node: Node) -> str | None:
        for audience in nodes_in(node.get("audience")):
            found = gender(
                text(audience.get("suggestedGender")) or text(audience.get("audienceType"))
            )
            if found:
                return found
        return gender(text(node.get("gender")))

    def _sizes(self, node: Node, variants: list[tuple[Variant, Offer]]) -> tuple[str, ...]:
        own = [_line(value) for value in each(node.get("size"))]
        return tuple(dict.fromkeys(size for size in [*(v.size for v, _ in variants), *own] if size))

    def _images(self, value: Any) -> tuple[str, ...]:
        found = []
        for one in each(value):
            image = self._resolved(one)
            if isinstance(image, dict):
                image = text(image.get("contentUrl")) or text(image.get("url")) or image.get("@id")
            found.append(self._document.absolute(image) if isinstance(image, str) else "")
        return tuple(dict.fromkeys(url for url in found if url))

    def _breadcrumbs(self) -> tuple[Breadcrumb, ...]:
        lists = [node for node in walk(self._roots) if "BreadcrumbList" in types(node)]
        paths = [self._path(node) for node in lists]
        return max(paths, key=len, default=())

    def _path(self, node: Node) -> tuple[Breadcrumb, ...]:
        steps = nodes_in(node.get("itemListElement"))
        steps.sort(key=_position)
        found = []
        for step in steps:
            item = self._resolved(step.get("item"))
            inner = item if isinstance(item, dict) else {}
            name = _line(step.get("name")) or _line(inner.get("name"))
            url = (
                text(inner.get("@id"))
                or text(inner.get("url"))
                or (item if isinstance(item, str) else None)
            )
            if name:
                found.append(
                    Breadcrumb(
                        name=name, url=self._document.absolute(url or text(step.get("url"))) or None
                    )
                )
        return tuple(found)

    def _additional(self, node: Node, found: Facts) -> None:
        for pair in nodes_in(node.get("additionalProperty")):
            name = field_of(_line(pair.get("name")) or "")
            value = _line(pair.get("value"))
            if value and name in ("color", "material") and not getattr(found, name):
                setattr(found, name, value)
            elif name == "gender":
                found.gender = found.gender or gender(value)
            elif name == "gtin":
                found.gtin = found.gtin or gtin(value)


def similar(name: str | None, headline: str) -> bool:
    """Whether two names are meant to be the same."""
    left, right = clean(unescape(name or "")).lower(), headline.lower()
    if not left or not right:
        return False
    if left in right or right in left:
        return True
    matcher = SequenceMatcher(None, left, right)
    # The full comparison may take the square of the lengths; the quick ones are upper bounds.
    return (
        max(len(left), len(right)) <= LONGEST_NAME
        and matcher.real_quick_ratio() > ALIKE
        and matcher.quick_ratio() > ALIKE
        and matcher.ratio() > ALIKE
    )


def _line(value: Any) -> str | None:
    return short(clean(unescape(text(value) or "")), 500)


def _prose(value: str | None) -> str | None:
    if value and "<" in value and ">" in value:
        value = " ".join(lxml_html.fragment_fromstring(value, create_parent="div").itertext())
    return clean(unescape(value or ""))[:10_000] or None


def _position(step: Node) -> float:
    try:
        return float(text(step.get("position")) or 0)
    except ValueError:
        return 0.0
