"""Pictures for the benchmarks: drawn by the demo shop."""

from demo_shop.shop import DemoShop


def drawn(count: int, seed: int = 1) -> list[bytes]:
    """This many different product pictures as JPEG."""
    shop = DemoShop(seed, products=count // 2 + 1)
    pictures = (
        shop.picture(product, view)
        for product in shop.products
        for view in range(len(product.pictures))
    )
    return [next(pictures) for _ in range(count)]
