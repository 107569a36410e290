from hashlib import sha1
from pathlib import Path

from embedder.evaluation.layouts.own import clothing, luma, studio
from embedder.evaluation.plan import in_order, plan
from tests.unit.embedder.evaluation.layouts.trees import by_id, text


def test_luma_asks_for_other_views_of_test_products(tmp_path: Path) -> None:
    skus = [f"M{number:02d}" for number in range(20)]
    test = {sku for sku in skus if int(sha1(sku.encode()).hexdigest(), 16) % 2 == 0}
    assert 0 < len(test) < 20
    views = ("main", "back", "alt1", "outfit")
    rows = [f"{sku}_{view}.jpg,{sku},{view},Tops,Tops" for sku in skus for view in views]
    text(tmp_path / "manifest.csv", "image,sku,view,category,group", *rows)
    found = luma(tmp_path).checked()
    items = by_id(found)
    assert {item.label("identity") for item in found.items} == test
    some = min(test)
    assert items[f"{some}_main.jpg"].gallery
    assert not items[f"{some}_main.jpg"].query
    assert items[f"{some}_back.jpg"].query
    assert items[f"{some}_alt1.jpg"].query
    assert f"{some}_outfit.jpg" not in items
    assert plan(in_order(found.items), "identity").relevant.tolist() == [1] * 2 * len(test)
    assert items[f"{some}_main.jpg"].image == tmp_path / f"{some}_main.jpg"


def test_clothing_leaves_out_a_senders_own_photos(tmp_path: Path) -> None:
    rows = [
        "a.jpg,1,Hat,False,val",
        "b.jpg,1,Hat,False,val",
        "c.jpg,2,Hat,True,val",
        "d.jpg,3,Hat,False,train",
    ]
    text(tmp_path / "manifest.csv", "image,sender_id,category,kids,split", *rows)
    found = clothing(tmp_path).checked()
    assert set(by_id(found)) == {"a.jpg", "b.jpg", "c.jpg"}
    assert found.relevant == "category"
    assert plan(in_order(found.items), "category").relevant.tolist() == [1, 1, 2]


def test_studio_asks_for_kinds_and_colours(tmp_path: Path) -> None:
    rows = [
        "a.jpg,1,val,Skirts,White",
        "b.jpg,2,val,Skirts,Blue",
        "c.jpg,3,val,Shirts,Blue",
        "d.jpg,4,test,Skirts,Blue",
    ]
    text(tmp_path / "manifest.csv", "image,id,split,articleType,baseColour", *rows)
    found = studio(tmp_path).checked()
    assert len(found.items) == 3
    items = in_order(found.items)
    assert plan(items, found.relevant).relevant.tolist() == [1, 1]
    assert plan(items, "baseColour").relevant.tolist() == [1, 1]
