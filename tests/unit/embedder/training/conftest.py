import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.contract.drawn import garment


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with the manifest of 6 products: 2 views in each of 2 colours."""
    folder = tmp_path / "data" / "shop"
    (folder / "images").mkdir(parents=True)
    rows = [
        (f"images/{sku}-{colour}-{view}.png", f"S{sku}", colour, view, f"sort{sku % 2}")
        for sku in range(6)
        for colour in ("Red", "Grey")
        for view in ("main", "back")
    ]
    for number, row in enumerate(rows):
        garment(number, 60, 80).save(folder / row[0])
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "sku", "colour", "view", "category"))
        writer.writerows(rows)
    return folder


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """Photos with masks: a dress and a jacket each, and a belt that is too small."""
    folder = tmp_path / "data" / "street"
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    labels = ["null", "belt", "dress", "jacket"]
    boxes = {"dress": [20, 60, 70, 140], "jacket": [20, 10, 80, 55], "belt": [30, 143, 60, 148]}
    photos = []
    for number in range(6):
        rng = np.random.default_rng(number)
        photo = Image.fromarray(rng.integers(60, 120, (150, 100, 3)).astype(np.uint8))
        mask = Image.new("L", photo.size)
        objects = []
        for word, box in boxes.items():
            colour = tuple(rng.integers(0, 256, 3).tolist())
            ImageDraw.Draw(photo).rectangle(box, colour)
            ImageDraw.Draw(mask).rectangle(box, labels.index(word))
            area = (box[2] - box[0]) * (box[3] - box[1])
            objects.append({"label": word, "bbox": box, "area": area})
        photo.save(folder / "images" / f"{number}.jpg")
        mask.save(folder / "masks" / f"{number}.png")
        photos.append({"image": f"{number}.jpg", "width": 100, "height": 150, "objects": objects})
    (folder / "annotations.json").write_text(json.dumps({"labels": labels, "images": photos}))
    return folder
