"""The truth about the pages: what a perfect crawler would find, and nothing a page hides."""

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from demo_shop.catalogue import ShopProduct, Variant
from demo_shop.pages.specs import shows_gtin, shows_sku
from demo_shop.pages.storefront import Storefront
from snapmode.errors import ConfigError


def truth_of(front: Storefront, product: ShopProduct) -> dict[str, Any]:
    """One line of the truth: *product* with the names of our Product's fields."""
    return {
        "url": front.absolute(front.urls.product(product)),
        "name": product.name,
        "brand": product.brand,
        "price": decimal_text(product.price),
        "regularPrice": decimal_text(product.regular_price),
        "currency": front.shop.currency_of(product) if product.price is not None else None,
        "availability": product.availability,
        "sku": product.sku if shows_sku(front, product) else None,
        "gtin": product.gtin if shows_gtin(front, product) else None,
        "description": product.description,
        "color": product.color,
        "material": product.material,
        "sizes": list(product.sizes),
        "breadcrumbs": [
            {"name": name, "url": front.absolute(path)}
            for name, path in front.crumbs(product)
            if path != "/"  # home is shown, but it is no category
        ],
        "images": _images(front, product),
        "variants": [_variant(each) for each in product.variants],
        "markup": front.shop.plan.markup[product.number],
        "source": front.base.partition("://")[2],
        "garment": product.garment,
    }


def decimal_text(amount: Decimal | None) -> str | None:
    """A price such as ``49.90``, None where there is none."""
    return None if amount is None else f"{amount:.2f}"


def _images(front: Storefront, product: ShopProduct) -> list[dict[str, str]]:
    good = [slot for slot in front.slots(product) if slot.fault is None]
    return [
        {
            "url": front.absolute(slot.path),
            "sha256": hashlib.sha256(front.shop.picture(product, view)).hexdigest(),
        }
        for view, slot in enumerate(good)
    ]


def _variant(variant: Variant) -> dict[str, str | None]:
    return {
        "sku": variant.sku,
        "color": variant.color,
        "size": variant.size,
        "price": decimal_text(variant.price),
        "availability": variant.availability,
    }


def open_for_lines(path: Path, option: str, append: bool = False) -> TextIO:
    """*path*, given with *option*, opened for writing; refuses before anything is served."""
    try:
        return path.open("a" if append else "w", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{option} {path}: cannot be written: {error.strerror}") from error


def write_lines(out: TextIO, lines: Iterable[dict[str, Any]]) -> None:
    """*lines* as JSONL, then closes *out*."""
    with out:
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
