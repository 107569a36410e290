"""A shop to serve, and to ask for the truth."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from demo_shop.importing import read_catalogue
from demo_shop.make import make_catalogue
from demo_shop.pages.storefront import Storefront
from demo_shop.stock import Stock
from demo_shop.truth import truth_of


class DemoShop(Stock):
    """*products* products drawn from *seed*; the same arguments give the same shop."""

    def __init__(self, seed: int = 0, products: int = 300) -> None:
        super().__init__(seed, make_catalogue(seed, products))

    @classmethod
    def from_catalogue(cls, path: Path, seed: int = 0) -> "DemoShop":
        """A shop that sells the products of a JSONL or CSV file of ours."""
        shop = cls.__new__(cls)
        Stock.__init__(shop, seed, read_catalogue(path))
        return shop

    def truth(self, base_url: str) -> list[dict[str, Any]]:
        """What the pages under *base_url* show, one product each, with our Product's fields."""
        front = Storefront.of(self, base_url)
        # the pictures' checksums need the pictures drawn, which is nearly all of the work
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(partial(truth_of, front), self.products))
