"""Manifests, street photos and a running catalogue become rows."""

from pathlib import Path

import numpy as np
import pytest

from embedder.training.recipe import CatalogSource, Holdout, Keep, ManifestSource, StreetSource
from embedder.training.sources import in_share, open_catalog, open_manifest, open_street
from embedder.training.street import VALIDATION
from snapmode.errors import ConfigError, RejectedError
from snapmode.items import Breadcrumb
from snapmode.wiring import House
from tests.contract.drawn import encoded, garment
from tests.fakes import FakeImages, product

SHOP = ManifestSource(
    kind="manifest",
    name="shop",
    manifest=Path("shop/manifest.csv"),
    domain="shop",
    labels={"identity": ("sku",), "variant": ("sku", "colour"), "view": ("view",)},
    white=True,
)


def test_a_manifest_gives_rows_with_labels_of_one_or_several_columns(shop: Path) -> None:
    opened = open_manifest(SHOP, shop.parent)
    assert len(opened.rows) == 24
    assert opened.rows[1].labels == {"identity": "S0", "variant": "S0/Red", "view": "back"}
    pixels = opened.render(0, 32)
    assert pixels.shape == (32, 32, 4)
    assert 0 < (pixels[..., 3] == 255).mean() < 1
    assert pixels[..., 3][0, 0] == 0


def test_an_empty_column_is_an_unknown_label(shop: Path) -> None:
    file = shop / "manifest.csv"
    file.write_text(file.read_text().replace(",Red,", ",,"))
    rows = open_manifest(SHOP, shop.parent).rows
    assert "variant" not in rows[0].labels
    assert rows[0].labels["identity"] == "S0"


def test_only_kept_rows_are_read_and_whole_values_are_held_out(shop: Path) -> None:
    odd = SHOP.model_copy(update={"keep": Keep(column="sku", sha1="odd")})
    even = SHOP.model_copy(update={"keep": Keep(column="sku", sha1="even")})
    kept = [
        {row.labels["identity"] for row in open_manifest(source, shop.parent).rows}
        for source in (odd, even)
    ]
    assert kept[0] | kept[1] == {f"S{number}" for number in range(6)}
    assert not kept[0] & kept[1]
    reds = SHOP.model_copy(update={"keep": Keep(column="colour", values=("Red",))})
    assert len(open_manifest(reds, shop.parent).rows) == 12
    held = SHOP.model_copy(update={"holdout": Holdout(column="sku", share=0.5)})
    for row in open_manifest(held, shop.parent).rows:
        assert row.held == in_share(row.labels["identity"], 0.5)


def test_a_share_is_about_that_share_and_grows_with_it() -> None:
    values = [str(number) for number in range(2000)]
    some = [value for value in values if in_share(value, 0.2)]
    assert 300 < len(some) < 500
    assert all(in_share(value, 0.4) for value in some)
    assert not any(in_share(value, 0) for value in values)
    assert all(in_share(value, 1) for value in values)


def test_what_is_wrong_with_a_manifest_is_named(shop: Path) -> None:
    wrong = SHOP.model_copy(update={"labels": {"identity": ("product",)}})
    with pytest.raises(ConfigError, match=r"manifest.csv: no column `product`; it has image, sku"):
        open_manifest(wrong, shop.parent)
    missing = SHOP.model_copy(update={"manifest": Path("mall/manifest.csv")})
    with pytest.raises(ConfigError, match=r"mall.manifest.csv: can't be read"):
        open_manifest(missing, shop.parent)
    (shop / "images" / "0-Red-main.png").unlink()
    with pytest.raises(ConfigError, match=r"0-Red-main.png: can't be read"):
        open_manifest(SHOP, shop.parent)


def test_garments_of_the_street_come_twice_and_never_from_the_evaluated_photos(
    street: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = StreetSource(kind="street", name="street", folder=Path("street"))
    assert VALIDATION >= 6
    assert open_street(source, street.parent).rows == []
    monkeypatch.setattr(
        "embedder.training.sources.validation_photos", lambda photos: {"0.jpg", "1.jpg"}
    )
    opened = open_street(source, street.parent)
    assert len(opened.rows) == 4 * 2 * 2
    crop, cut = opened.rows[:2]
    assert (crop.domain, cut.domain) == ("street", "shop")
    assert crop.labels == cut.labels
    assert (crop.crop, crop.cut, cut.cut) == (cut.crop, False, True)
    assert crop.labels["category"] in ("dress", "jacket")
    pixels = opened.render(0, 48)
    assert 0.2 < (pixels[..., 3] > 127).mean() < 0.9


def test_a_catalogue_gives_its_products_pictures(house: House) -> None:
    images = FakeImages()
    keys = [images.put(encoded(garment(number, 60, 80))) for number in range(3)]
    shared = images.put(encoded(garment(9, 60, 80)))
    house.catalog.upsert(
        [
            product("a", 1, [keys[0], keys[1], shared], color="Red"),
            product("b", 1, [keys[2], shared], breadcrumbs=(Breadcrumb(name="Coats"),)),
        ]
    )
    house.catalog.flush()
    opened = open_catalog(CatalogSource(kind="catalog", name="mine"), house.catalog, images)
    assert [row.labels["identity"] for row in opened.rows] == ["a", "a", "b"]
    assert opened.rows[0].labels["colour"] == "Red"
    assert opened.rows[2].labels["category"] == "Coats"
    assert np.asarray(opened.render(0, 16)).shape == (16, 16, 4)
    images.delete(keys[0])
    with pytest.raises(RejectedError, match="not in the image store"):
        opened.render(0, 16)
