from pathlib import Path
from typing import Any

import pytest

from embedder.evaluation.layouts.deepfashion2 import read
from embedder.evaluation.plan import in_order, plan
from snapmode.errors import ConfigError
from tests.unit.embedder.evaluation.layouts.trees import as_json, by_id, picture


def garment(
    style: int, category: str = "skirt", box: tuple[int, ...] = (10, 5, 30, 20)
) -> dict[str, Any]:
    return {"style": style, "category_name": category, "category_id": 9, "bounding_box": box}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "validation"
    annos = {
        "000001": {
            "source": "user",
            "pair_id": 5,
            "item1": garment(1),
            "item2": garment(0, "vest"),
        },
        "000002": {
            "source": "shop",
            "pair_id": 5,
            "item1": garment(1),
            "item2": garment(2, "vest"),
        },
        "000003": {
            "source": "shop",
            "pair_id": 6,
            "item1": garment(0),
            "item2": garment(1, "shorts"),
        },
    }
    for name, said in annos.items():
        picture(folder / "image" / f"{name}.jpg", (40, 20))
        as_json(folder / "annos" / f"{name}.json", said)
    return tmp_path


@pytest.mark.parametrize("inside", ["", "validation"])
def test_users_garments_are_searched_among_all_of_shops(tree: Path, inside: str) -> None:
    found = read(tree / inside).checked()
    items = by_id(found)
    assert {name for name, item in items.items() if item.query} == {"000001/item1"}
    assert {name for name, item in items.items() if item.gallery} == {
        "000002/item1",
        "000002/item2",
        "000003/item1",
        "000003/item2",
    }
    asked = items["000001/item1"]
    assert asked.labels == {"identity": "5/1", "category": "skirt", "domain": "user"}
    assert asked.box == (0.25, 0.25, 0.75, 1)
    assert asked.image == tree / "validation" / "image" / "000001.jpg"


def test_only_style_and_pair_make_a_hit(tree: Path) -> None:
    """Style 0 is nobody's, and the same style of another pair is another garment."""
    made = plan(in_order(read(tree).items), "identity")
    assert made.relevant.tolist() == [1]


def test_a_bad_annotation_is_named(tree: Path) -> None:
    as_json(tree / "validation" / "annos" / "000004.json", {"source": "user"})
    with pytest.raises(
        ConfigError, match=r"000004.json: not an annotation of DeepFashion2: .*pair_id"
    ):
        read(tree)
