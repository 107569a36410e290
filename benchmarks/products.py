"""Products for the benchmarks."""

from datetime import UTC, datetime

from snapmode.items import Product, product_id

PER_PRODUCT = 3
"""Pictures of each."""


def product(number: int, keys: list[str]) -> Product:
    """A product with these pictures."""
    url = f"https://shop.example/{number}"
    return Product(
        id=product_id("shop.example", url),
        version=1,
        url=url,
        name=f"Dress number {number}",
        brand=f"Brand {number % 50}",
        price=f"{number % 100}.90",
        currency="EUR",
        availability="InStock",
        images=[{"url": f"{url}/{key}", "key": key} for key in keys],
        source="shop.example",
        fetched_at=datetime.now(UTC),
    )
