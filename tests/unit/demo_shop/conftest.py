"""A small shop from a seed drawn now, and a visitor that knows nothing of it but its address."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo_shop import DemoShop, serving

PRODUCTS = 40


@dataclass(frozen=True)
class Served:
    shop: DemoShop
    url: str
    log: Path
    seed: int


@pytest.fixture(scope="session")
def seed() -> int:
    drawn = random.SystemRandom().randrange(10**6)
    print(f"seed of the demo shop: {drawn}")
    return drawn


@pytest.fixture(scope="session")
def served(seed: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    shop = DemoShop(seed, PRODUCTS)
    log = tmp_path_factory.mktemp("demo_shop") / "access.jsonl"
    with serving(shop, log=log) as url:
        yield Served(shop, url, log, seed)
