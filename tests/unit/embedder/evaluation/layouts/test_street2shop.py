from pathlib import Path
from typing import Any

import pytest

from embedder.evaluation.layouts.street2shop import read
from embedder.evaluation.plan import in_order, plan
from snapmode.errors import ConfigError
from tests.unit.embedder.evaluation.layouts.trees import as_json, by_id, picture

BOX = {"left": 10, "top": 5, "width": 20, "height": 15}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    meta = tmp_path / "meta" / "json"
    street: dict[str, list[dict[str, Any]]] = {
        "dresses": [{"photo": 7, "product": 100, "bbox": BOX}] * 2,
        "bags": [{"photo": 7, "product": 100, "bbox": {**BOX, "left": 0}}],
    }
    shop = {
        "dresses": [{"photo": 8, "product": 100}, {"photo": 9, "product": 101}],
        "bags": [{"photo": 10, "product": 100}],
    }
    for category, pairs in street.items():
        as_json(meta / f"test_pairs_{category}.json", pairs)
        as_json(meta / f"train_pairs_{category}.json", [{"photo": 1, "product": 1, "bbox": BOX}])
        as_json(meta / f"retrieval_{category}.json", shop[category])
    for name in ("000000007.jpg", "000000008.jpeg", "9.png"):
        picture(tmp_path / "images" / name, (40, 20))
    return tmp_path


def test_test_pairs_are_searched_within_their_category(tree: Path) -> None:
    found = read(tree).checked()
    assert found.within == "category"
    items = by_id(found)
    asked = items["dresses/street/000000007/100/10/5/20/15"]
    assert asked.box == (0.25, 0.25, 0.75, 1)
    assert asked.labels == {"identity": "100", "category": "dresses", "domain": "street"}
    assert len([item for item in items.values() if item.query]) == 2, "repeated lines count once"
    made = plan(in_order(found.items), found.relevant, found.within)
    assert made.relevant.tolist() == [1, 1], "product 100 of the bags is no dress"


def test_photos_are_found_by_number(tree: Path) -> None:
    images = {item.image.name for item in read(tree).items}
    assert images == {"000000007.jpg", "000000008.jpeg", "9.png", "000000010.jpg"}, (
        "what was not downloaded is rejected by its name later"
    )


def test_a_bad_entry_is_named(tree: Path) -> None:
    as_json(
        tree / "meta" / "json" / "retrieval_bags.json", [{"photo": 1, "product": 2}, {"photo": 3}]
    )
    with pytest.raises(ConfigError, match=r"retrieval_bags.json: entry 1: not a pair .*product"):
        read(tree)
