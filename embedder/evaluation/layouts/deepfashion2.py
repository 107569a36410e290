"""DeepFashion2 consumer to shop.

Ge et al., CVPR 2019; github.com/switchablenorms/DeepFashion2, README.md and
deepfashion2_retrieval_test.py. `annos/000001.json`: source (user or shop), pair_id, and item1,
item2, … with category_name, style and bounding_box [x1, y1, x2, y2] in pixels. Queries are the
garments of style > 0 in users' pictures; the gallery is every garment in shops' pictures; a hit has
the same pair_id and the same style > 0, whatever its category, as in their evaluation.

Theirs detects the garments first and counts what is not found as missed; here the boxes are the
annotated ones, so figures are those of retrieval alone, and higher.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embedder.evaluation.layouts.files import box_of, find, read_json
from embedder.evaluation.manifest import Item, Manifest
from snapmode.errors import ConfigError


def read(folder: Path) -> Manifest:
    """The folder is validation/, or holds it: image/ and annos/."""
    annos = find(folder, "annos", "validation/annos")
    pictures = find(annos.parent, "image")
    items = tuple(item for file in sorted(annos.glob("*.json")) for item in _items(file, pictures))
    return Manifest(folder, items)


def _items(file: Path, pictures: Path) -> Iterator[Item]:
    said = read_json(file)
    image = pictures / f"{file.stem}.jpg"
    try:
        source, pair = said["source"], said["pair_id"]
        for name in sorted(key for key in said if key.startswith("item")):
            garment = said[name]
            if source == "shop" or garment["style"] > 0:
                yield _item(image, name, garment, source, pair)
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{file}: not an annotation of DeepFashion2: {error!r}") from error


def _item(image: Path, name: str, garment: dict[str, Any], source: str, pair: int) -> Item:
    labels = {
        "identity": f"{pair}/{garment['style']}" if garment["style"] > 0 else "",
        "category": str(garment["category_name"]),
        "domain": source,
    }
    box = box_of(image, garment["bounding_box"])
    return Item(f"{image.stem}/{name}", image, source == "user", source == "shop", labels, box)
