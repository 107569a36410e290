import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from snapmode.command import build_app
from snapmode.items import Image, Product
from snapmode.wiring import House
from tests.contract.examples import product
from tests.unit.indexer.conftest import ingest, publish


@pytest.fixture
def shop(house: House) -> Product:
    key = house.images.put(b"front")
    made = product("a", 10, images=(Image(url="http://x/", key=key),))
    publish(house, [made])
    ingest(house)
    return made


def verify(config: Path, data: Path, *options: str) -> tuple[int, str]:
    arguments = ["verify", "--config", str(config), "--data", str(data), *options]
    done = CliRunner().invoke(build_app("verify"), arguments, catch_exceptions=False)
    return done.exit_code, done.stdout


def test_agreeing_stores(shop: Product, config: Path, data: Path) -> None:
    code, output = verify(config, data, "--json")
    assert code == 0
    assert json.loads(output) == {
        "findings": [],
        "counts": {},
        "repaired": 0,
        "left": 0,
        "lag": 0,
    }
    assert "0 findings" in verify(config, data)[1]


def test_an_absent_data_folder_is_an_empty_house(config: Path, data: Path) -> None:
    assert verify(config, data)[0] == 0


def test_repairs_what_it_can(shop: Product, house: House, config: Path, data: Path) -> None:
    row = house.vectors.rows(products=["a"])[0]
    house.vectors.delete([row.id])
    code, output = verify(config, data, "--json")
    assert code == 3
    report = json.loads(output)
    assert report["counts"] == {"missing_vector": 1}
    assert report["findings"][0].keys() == {"kind", "id", "detail"}
    assert report["left"] == 1
    code, output = verify(config, data, "--repair", "--json")
    assert (code, json.loads(output)["repaired"], json.loads(output)["left"]) == (0, 1, 0)
    assert verify(config, data)[0] == 0


def test_says_what_it_can_not_repair(shop: Product, house: House, config: Path, data: Path) -> None:
    house.images.delete(shop.image_keys[0])
    publish(house, [product("waiting", 1)])
    code, output = verify(config, data, "--repair")
    assert code == 3
    assert "missing_picture" in output
    assert "1 findings, 0 repaired, 1 left" in output
    assert "snapmode ingest" in output
