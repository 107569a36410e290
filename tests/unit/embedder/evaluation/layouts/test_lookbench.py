import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedder.evaluation.layouts.lookbench import read
from embedder.evaluation.plan import in_order, plan
from snapmode.errors import ConfigError
from tests.contract.drawn import encoded, garment
from tests.unit.embedder.evaluation.layouts.trees import by_id


def row(
    number: int, category: str = "dress", other: Any = ("long", "silk"), **labels: Any
) -> dict[str, Any]:
    image = {"bytes": encoded(garment(number)), "path": f"{number}.png"}
    main = {"category": category, "main_attribute": "red", "other_attributes": other}
    return {
        "image": image,
        "item_ID": str(number),
        **main,
        "task": "single",
        "difficulty": "easy",
        **labels,
    }


def table(path: Path, *rows: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows)), path)


@pytest.fixture
def subset(tmp_path: Path) -> Path:
    folder = tmp_path / "v20251201" / "real_streetlook"
    table(folder / "query.parquet", row(0))
    table(
        folder / "gallery.parquet",
        row(1, other=("silk", "long")),
        row(2, other=("short",)),
        row(3, "coat"),
    )
    table(folder.parent / "noise" / "gallery.parquet", row(4), row(1, "coat"))
    return folder


def test_a_subset_and_the_noise(subset: Path) -> None:
    found = read(subset).checked()
    items = by_id(found)
    assert len([item for item in found.items if item.query]) == 1
    assert len([item for item in found.items if item.gallery]) == 5
    asked = items["real_streetlook/query/000000"]
    assert asked.label("item_ID") == "0"
    assert asked.label("difficulty") == "easy"
    assert asked.image.read_bytes() == encoded(garment(0))
    assert items["noise/gallery/000001"].label("domain") == "noise"


def test_fine_and_coarse(subset: Path) -> None:
    """All attributes in any order, the noise among them; or the category alone."""
    items = in_order(read(subset).items)
    assert plan(items, "identity").relevant.tolist() == [2]
    assert plan(items, "category").relevant.tolist() == [3]


def test_attributes_between_commas(tmp_path: Path) -> None:
    for split, words in (("query", "long, silk"), ("gallery", "silk,long")):
        table(tmp_path / f"{split}.parquet", row(0, other=words))
    assert plan(in_order(read(tmp_path).items), "identity").relevant.tolist() == [1]


def test_pictures_are_unpacked_once(subset: Path) -> None:
    first = read(subset).items[0].image
    before = first.stat().st_mtime_ns
    assert read(subset).items[0].image == first
    assert first.stat().st_mtime_ns == before


def test_bad_files_are_named(subset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(subset / "gallery.parquet", {**row(1), "image": {"bytes": None, "path": "x"}})
    with pytest.raises(
        ConfigError, match=r"gallery.parquet: row 0: column image: holds no picture"
    ):
        read(subset)
    (subset / "query.parquet").write_bytes(b"PAR")
    with pytest.raises(ConfigError, match=r"query.parquet: not a Parquet file"):
        read(subset)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ConfigError, match="pip install pyarrow"):
        read(subset)
