"""Kaggle Fashion Product Images (Myntra): kaggle.com/paramaggarwal/fashion-product-images-dataset.

`styles.csv` has id, gender, masterCategory, subCategory, articleType, baseColour, season, year,
usage and productDisplayName, whose commas are not quoted; the picture is images/ID.jpg. There is no
official split and one picture for each product, so every picture is searched for among all others
and a hit is of the same articleType; `--relevant baseColour` asks for colours.
"""

from pathlib import Path

from embedder.evaluation.layouts.files import find
from embedder.evaluation.manifest import Item, Manifest, read_table


def read(folder: Path) -> Manifest:
    """The folder holds styles.csv and images/."""
    file, pictures = find(folder, "styles.csv"), find(folder, "images")
    rows = read_table(file, ("id", "articleType"), rest="productDisplayName")
    items = []
    for _, row in rows:
        labels = {**row, "identity": row["id"], "category": row["articleType"]}
        name = f"{row['id']}.jpg"
        items.append(Item(name, pictures / name, True, True, labels))
    return Manifest(folder, tuple(items), relevant="category")
