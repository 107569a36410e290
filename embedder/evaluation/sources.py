"""`--layout`: who reads what people have."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

from embedder.evaluation.layouts import (
    deepfashion2,
    fashion_products,
    in_shop,
    lookbench,
    own,
    street2shop,
)
from embedder.evaluation.manifest import Manifest, read_csv


class Layout(StrEnum):
    """What the manifest is: a CSV of our own, or a folder as its makers publish it."""

    CSV = "csv"
    IN_SHOP = "deepfashion-inshop"
    DEEPFASHION2 = "deepfashion2"
    STREET2SHOP = "street2shop"
    LOOKBENCH = "lookbench"
    FASHION_PRODUCTS = "fashion-products"
    LUMA = "luma"
    CLOTHING = "clothing"
    STUDIO = "studio"


READERS: Mapping[Layout, Callable[[Path], Manifest]] = {
    Layout.CSV: read_csv,
    Layout.IN_SHOP: in_shop.read,
    Layout.DEEPFASHION2: deepfashion2.read,
    Layout.STREET2SHOP: street2shop.read,
    Layout.LOOKBENCH: lookbench.read,
    Layout.FASHION_PRODUCTS: fashion_products.read,
    Layout.LUMA: own.luma,
    Layout.CLOTHING: own.clothing,
    Layout.STUDIO: own.studio,
}
