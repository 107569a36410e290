"""What a shop has before anybody asks: its catalogue, its taste and its quirks."""

from collections import OrderedDict
from functools import lru_cache

from demo_shop.catalogue import Catalogue, DrawnPicture, ShopProduct
from demo_shop.drawing import draw_picture
from demo_shop.grammar import Grammar, draw_grammar
from demo_shop.plan import Plan, draw_plan

Shelves = OrderedDict[tuple[str, ...], list[ShopProduct]]


class Stock:
    """A catalogue with all that *seed* decides about the pages it is shown on."""

    def __init__(self, seed: int, catalogue: Catalogue) -> None:
        self.seed = seed
        self.catalogue = catalogue
        self.grammar: Grammar = draw_grammar(seed, catalogue)
        self.plan: Plan = draw_plan(seed, catalogue)

    @property
    def products(self) -> tuple[ShopProduct, ...]:
        """All products, in the order of the catalogue."""
        return self.catalogue.products

    def shelves(self) -> Shelves:
        """Each category, broad and narrow, with the products its listing shows."""
        shelves: Shelves = OrderedDict({(): []})
        for product in self.products:
            for depth in range(len(product.categories) + 1):
                shelf = shelves.setdefault(product.categories[:depth], [])
                if product.number not in self.plan.unlinked:
                    shelf.append(product)
        return shelves

    def currency_of(self, product: ShopProduct) -> str | None:
        """ISO code of the product's prices."""
        return product.currency or self.catalogue.currency

    def picture(self, product: ShopProduct, view: int) -> bytes:
        """Good picture number *view* (from 0) of *product*, as it is served."""
        picture = product.pictures[view]
        if isinstance(picture, DrawnPicture):
            return _drawn(picture)
        return picture.path.read_bytes()


@lru_cache(maxsize=4096)
def _drawn(picture: DrawnPicture) -> bytes:
    return draw_picture(picture.look, picture.view)
