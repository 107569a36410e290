"""Miniature data sets, laid out as their makers publish them."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

from embedder.evaluation.manifest import Item, Manifest


def picture(path: Path, size: tuple[int, int] = (40, 20)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "red").save(path)
    return path


def text(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def as_json(path: Path, value: Any) -> Path:
    return text(path, json.dumps(value))


def by_id(manifest: Manifest) -> dict[str, Item]:
    found = {item.id: item for item in manifest.items}
    assert len(found) == len(manifest.items), "ids are unique"
    return found
