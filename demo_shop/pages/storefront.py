"""A shop under an address: what all pages need to write themselves."""

from dataclasses import dataclass
from html import escape

from demo_shop.catalogue import ShopProduct
from demo_shop.grammar import Grammar
from demo_shop.stock import Shelves, Stock
from demo_shop.urls import Urls, with_query

THUMB, TILE = 96, 240
"""Widths of small pictures, in pixels."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a product's gallery."""

    path: str
    thumb: str
    fault: str | None = None
    """One of :data:`demo_shop.plan.BROKEN_PICTURES`, or None."""


@dataclass(frozen=True)
class Storefront:
    """*shop* as it is reached under *base*."""

    shop: Stock
    base: str
    """Such as ``http://127.0.0.1:8080``, without a slash at the end."""
    shelves: Shelves

    @classmethod
    def of(cls, shop: Stock, base_url: str) -> "Storefront":
        """*shop* under *base_url*, with or without a slash at its end."""
        return cls(shop, base_url.rstrip("/"), shop.shelves())

    @property
    def grammar(self) -> Grammar:
        """The shop's taste."""
        return self.shop.grammar

    @property
    def urls(self) -> Urls:
        """The shop's paths."""
        return self.shop.grammar.urls

    def css(self, role: str) -> str:
        """A class attribute, with a blank before it."""
        return f' class="{self.grammar.css[role]}"'

    def label(self, role: str) -> str:
        """The shop's word for *role*, escaped."""
        return escape(self.grammar.labels[role])

    def absolute(self, path: str) -> str:
        """*path* with scheme and host."""
        return self.base + path

    def money(self, product: ShopProduct, regular: bool = False) -> str:
        """The price (or the old one) as printed, escaped; empty where there is none."""
        amount = product.regular_price if regular else product.price
        if amount is None:
            return ""
        return escape(self.grammar.money.show(amount, self.shop.currency_of(product)))

    def stock(self, availability: str | None) -> str:
        """The shop's words for InStock and the like, escaped."""
        return escape(self.grammar.labels.get(availability or "", availability or ""))

    def slots(self, product: ShopProduct) -> list[Slot]:
        """The gallery; a broken picture takes an extra slot after the first."""
        count = len(product.pictures)
        slots = [self._slot(product, number) for number in range(count)]
        fault = self.shop.plan.broken_pictures.get(product.number)
        if fault:
            slots.insert(1, self._slot(product, count, fault))
        return slots

    def _slot(self, product: ShopProduct, number: int, fault: str | None = None) -> Slot:
        return Slot(
            self.urls.picture(product, number), self.urls.thumb(product, number, THUMB), fault
        )

    def link_to(self, product: ShopProduct, campaign: str | None = None) -> str:
        """How a page other than a listing links *product*: a second path, or with a campaign."""
        if product.number in self.shop.plan.twins:
            return self.urls.second(product)
        path = self.urls.product(product)
        return with_query(path, self.urls.params["track"], campaign) if campaign else path

    def crumbs(self, product: ShopProduct) -> list[tuple[str, str]]:
        """(name, path) from the broadest category to the narrowest."""
        home = [(self.grammar.labels["home"], "/")] if self.grammar.home_crumb else []
        names = product.categories
        return home + [
            (name, self.urls.listing(names[: depth + 1])) for depth, name in enumerate(names)
        ]

    def linked(self) -> list[ShopProduct]:
        """Products that pages may link to."""
        return self.shelves[()]
