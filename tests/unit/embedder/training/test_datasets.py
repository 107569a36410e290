"""Several sources as one table."""

from pathlib import Path

import numpy as np
import pytest

from embedder.training.cache import Crops
from embedder.training.datasets import assemble, load_dataset
from embedder.training.recipe import CatalogSource, Data, ManifestSource
from embedder.training.sources import Row
from snapmode.errors import ConfigError
from tests.unit.embedder.training.tables import SIDE, opened, table

SHOP = ManifestSource(
    kind="manifest",
    name="shop",
    manifest=Path("shop/manifest.csv"),
    domain="shop",
    labels={"identity": ("sku",), "colour": ("colour",), "category": ("category",)},
)


def test_words_of_shared_labels_meet_and_the_others_belong_to_their_source() -> None:
    rows = [Row(0, "shop", {"identity": "1", "colour": "Grey", "category": "Tops"})]
    data = table({"a": rows, "b": rows}, shared=("colour",), rename={"colour": {"grey": "gray"}})
    assert data.words["colour"] == ["gray"]
    assert data.labels["colour"].tolist() == [0, 0]
    assert data.words["identity"] == ["a:1", "b:1"]
    assert data.words["category"] == ["a:tops", "b:tops"]
    assert data.separate == {"category"}
    assert data.labels["source"].tolist() == [0, 1]


def test_an_unknown_label_is_minus_one() -> None:
    data = table({"a": [Row(0, "shop", {"identity": "1"}), Row(1, "phone", {"colour": "red"})]})
    assert data.labels["identity"].tolist() == [0, -1]
    assert data.labels["colour"].tolist() == [-1, 0]
    assert data.words["domain"] == ["phone", "shop"]
    assert data.labels["domain"].tolist() == [1, 0]


def test_rows_of_sources_for_training_and_held_out() -> None:
    data = table(
        {
            "a": [Row(0, "shop", {}), Row(1, "shop", {}, held=True)],
            "b": [Row(0, "shop", {})],
        }
    )
    assert data.rows_of((), held=False).tolist() == [0, 2]
    assert data.rows_of((), held=True).tolist() == [1]
    assert data.rows_of(("b",), held=False).tolist() == [2]


def test_rejected_pictures_have_no_rows() -> None:
    one = opened("a", [Row(0, "shop", {}), Row(1, "shop", {})])
    pixels = np.zeros((2, SIDE, SIDE, 4), np.uint8)
    data = assemble(
        Data.model_construct(shared=(), distinct=(), rename={}),
        [one],
        [Crops(pixels, {0: "truncated"})],
    )
    assert len(data) == 1
    assert data.crop.tolist() == [1]
    assert data.rejected == {one.keys[0]: "truncated"}


def test_the_hash_tells_other_pictures_and_other_labels_apart() -> None:
    first = table({"a": [Row(0, "shop", {"identity": "1"})]}).digest
    assert first == table({"a": [Row(0, "shop", {"identity": "1"})]}).digest
    assert first != table({"a": [Row(0, "shop", {"identity": "2"})]}).digest
    assert first != table({"b": [Row(0, "shop", {"identity": "1"})]}).digest


def test_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(ConfigError, match="no pictures in 'a'"):
        table({"a": []})


def test_manifests_are_loaded_with_their_pictures(shop: Path, tmp_path: Path) -> None:
    (shop / "images" / "3-Red-main.png").write_bytes(b"no picture")
    data = Data(sources=(SHOP,), side=24)
    told: list[tuple[int, int]] = []
    dataset = load_dataset(
        data, shop.parent, tmp_path / "crops", None, lambda *done: told.append(done)
    )
    assert len(dataset) == 23
    assert dataset.pixels(0).shape == (24, 24, 4)
    assert sum(done for done, _ in told) == 24
    assert [name.split()[0] for name in dataset.rejected] == ["images/3-Red-main.png"]


def test_a_catalogue_needs_a_running_system(tmp_path: Path) -> None:
    data = Data(sources=(CatalogSource(kind="catalog", name="mine"),))
    with pytest.raises(ConfigError, match=r"'mine': .* need --from-catalog"):
        load_dataset(data, tmp_path, tmp_path)
