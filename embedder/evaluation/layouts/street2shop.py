"""Exact Street2Shop.

Kiapour et al., "Where to Buy It", ICCV 2015; their meta.zip and photos.tar. For each of 11
categories `meta/json/retrieval_dresses.json` lists the shop photos, [{photo, product}, …], and
`test_pairs_dresses.json` the street photos, with a box in pixels: [{photo, product, bbox: {left,
top, width, height}}, …]. photos.txt has `photo,url` with 9 digits; downloaded photos are named
after them. A street garment is searched among the shop photos of its category; a hit shows the
same product.

Many of the URLs are dead. What was not downloaded is reported as rejected: say how many with any
figure, since a smaller gallery is an easier one.
"""

from pathlib import Path
from typing import Any

from embedder.evaluation.layouts.files import box_of, find, read_json
from embedder.evaluation.manifest import Item, Manifest
from snapmode.errors import ConfigError

SIDES = ("left", "top", "width", "height")


def read(folder: Path) -> Manifest:
    """The folder holds meta/json/ (or json/) and images/ (or photos/)."""
    meta = find(folder, "meta/json", "meta/meta/json", "json")
    pictures = find(folder, "images", "photos")
    there = {path.stem: path for path in sorted(pictures.iterdir())}
    items: dict[str, Item] = {}
    for file in sorted(meta.glob("test_pairs_*.json")):
        category = file.stem.removeprefix("test_pairs_")
        shop = find(meta, f"retrieval_{category}.json")
        for source, query in ((file, True), (shop, False)):
            for number, entry in enumerate(read_json(source)):
                item = _item(f"{source}: entry {number}", entry, category, query, pictures, there)
                items.setdefault(item.id, item)  # some lines are repeated
    return Manifest(folder, tuple(items.values()), within="category")


def _item(
    where: str,
    entry: dict[str, Any],
    category: str,
    query: bool,
    pictures: Path,
    there: dict[str, Path],
) -> Item:
    domain = "street" if query else "shop"
    try:
        photo, product = f"{int(entry['photo']):09d}", str(entry["product"])
        sides = [float(entry["bbox"][side]) for side in SIDES] if query else []
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{where}: not a pair of Street2Shop: {error!r}") from error
    image = there.get(photo) or there.get(str(int(photo))) or pictures / f"{photo}.jpg"
    labels = {"identity": product, "category": category, "domain": domain}
    box = None
    if query:
        left, top, width, height = sides
        box = box_of(image, (left, top, left + width, top + height))
    name = "/".join([category, domain, photo, product, *(f"{side:g}" for side in sides)])
    return Item(name, image, query, not query, labels, box)
