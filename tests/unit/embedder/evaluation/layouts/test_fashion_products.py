from pathlib import Path

import pytest

from embedder.evaluation.layouts.fashion_products import read
from snapmode.errors import ConfigError
from tests.unit.embedder.evaluation.layouts.trees import by_id, picture, text

HEAD = (
    "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,"
    "productDisplayName"
)
ROWS = (
    "15970,Men,Apparel,Topwear,Shirts,Navy Blue,Fall,2011,Casual,Turtle Check Men Navy Blue Shirt",
    "6394,Men,Apparel,Topwear,Shirts,Blue,Summer,2012,Casual,Locomotive Men Shirt, Blue, Slim",
)


def test_every_product_is_asked_for_and_may_be_found(tmp_path: Path) -> None:
    text(tmp_path / "styles.csv", HEAD, *ROWS)
    picture(tmp_path / "images" / "15970.jpg")
    found = read(tmp_path).checked()
    items = by_id(found)
    assert all(item.query and item.gallery for item in found.items)
    assert found.relevant == "category"
    second = items["6394.jpg"]
    assert second.image == tmp_path / "images" / "6394.jpg"
    assert second.label("category") == "Shirts"
    assert second.label("baseColour") == "Blue"
    assert second.label("productDisplayName") == "Locomotive Men Shirt, Blue, Slim"


def test_a_table_of_something_else(tmp_path: Path) -> None:
    text(tmp_path / "styles.csv", "id,name", "1,x")
    picture(tmp_path / "images" / "1.jpg")
    with pytest.raises(ConfigError, match=r"styles.csv: no column `articleType`"):
        read(tmp_path)
