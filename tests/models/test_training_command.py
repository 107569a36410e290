"""`snapmode train`, from recipe to checkpoint."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from embedder.training.checkpoint import read_checkpoint
from snapmode.command import build_app
from snapmode.errors import ConfigError
from snapmode.wiring import House
from tests.contract.drawn import encoded, garment
from tests.fakes import product

pytestmark = pytest.mark.models

RECIPE = """
[model]
name = "tiny"
network = "tests.models.tiny_run:Tiny"
licence = "Apache-2.0"

[data]
side = 16

[[data.sources]]
SOURCE
name = "shop"
domain = "shop"

[[sampler]]
by = "identity"
p = 3
k = 2

[losses.near]
kind = "triplet"
label = "identity"

[train]
steps = 4
validate_every = 2
save_every = 2

[[validate]]
name = "product"
label = "identity"
"""
MANIFEST = """kind = "manifest"
manifest = "shop/manifest.csv"
labels = { identity = ["sku"] }
holdout = { column = "sku", share = 0.5 }"""
CATALOG = 'kind = "catalog"\nholdout = 0.5'


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(
        build_app("train"), ["train", *map(str, words)], catch_exceptions=False
    )
    assert result.exit_code == code, result.output
    return result


def recipe(folder: Path, source: str) -> Path:
    file = folder / "tiny.toml"
    file.write_text(RECIPE.replace("SOURCE", source))
    return file


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pictures" / "shop"
    folder.mkdir(parents=True)
    lines = ["image,sku"]
    for number in range(16):
        (folder / f"{number}.png").write_bytes(encoded(garment(number, 30, 40)))
        lines.append(f"{number}.png,{number // 2}")
    (folder / "manifest.csv").write_text("\n".join(lines))
    monkeypatch.setenv("SNAPMODE_DATA", str(folder.parent))
    return folder


def test_a_recipe_becomes_a_checkpoint(shop: Path, tmp_path: Path, config: Path) -> None:
    words = (recipe(tmp_path, MANIFEST), "--data", tmp_path / "var", "--config", config)
    report: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    assert report["steps"] == 4
    assert report["rows"] == 16
    checkpoint = Path(report["checkpoint"])
    assert checkpoint == tmp_path / "var" / "training" / "tiny" / "tiny.safetensors"
    assert read_checkpoint(checkpoint).metrics == pytest.approx(report["metrics"])
    assert read_checkpoint(checkpoint).data == report["data"]
    kept = json.loads((checkpoint.parent / "recipe.json").read_text())
    assert kept["train"]["steps"] == 4
    with pytest.raises(ConfigError, match="a run is here already"):
        run(*words)
    assert "best of step" in run(*words, "--resume").stdout


def test_the_recipes_steps_can_be_overridden(shop: Path, tmp_path: Path, config: Path) -> None:
    out = tmp_path / "out"
    words = (recipe(tmp_path, MANIFEST), "--data", tmp_path / "var", "--config", config)
    run(*words, "--out", out, "--steps", "2", "--threads", "1", "--cpu")
    assert len((out / "curve.jsonl").read_text().splitlines()) == 2


def test_a_picture_that_can_not_be_read_is_named_and_left_out(
    shop: Path, tmp_path: Path, config: Path
) -> None:
    (shop / "3.png").write_bytes(b"no picture")
    words = (recipe(tmp_path, MANIFEST), "--data", tmp_path / "var", "--config", config)
    result = run(*words, "--json")
    assert json.loads(result.stdout)["rejected"] == 1
    assert "3.png" in result.stderr


def test_products_of_a_running_system(house: House, tmp_path: Path, config: Path) -> None:
    for number in range(10):
        pictures = [
            house.images.put(encoded(garment(10 * number + view, 30, 40))) for view in range(2)
        ]
        house.catalog.upsert([product(f"p{number}", 1, pictures)])
    house.catalog.flush()
    file = recipe(tmp_path, CATALOG)
    words = (file, "--data", house.settings.data, "--config", config, "--json")
    with pytest.raises(ConfigError, match="need --from-catalog"):
        run(*words)
    report = json.loads(run(*words, "--from-catalog").stdout)
    assert report["rows"] == 20
    assert report["steps"] == 4


def test_a_shop_with_one_picture_of_each_product_is_trained_on_all_the_same(
    house: House, tmp_path: Path, config: Path
) -> None:
    keys = [house.images.put(encoded(garment(number, 30, 40))) for number in range(12)]
    house.catalog.upsert([product(f"p{number}", 1, [key]) for number, key in enumerate(keys)])
    house.catalog.flush()
    words = (recipe(tmp_path, CATALOG), "--data", house.settings.data, "--config", config, "--json")
    done = run(*words, "--from-catalog")
    assert "validate.product: left out: nothing that is held out has a match" in done.stderr
    report = json.loads(done.stdout)
    assert report["steps"] == 4
    assert read_checkpoint(Path(report["checkpoint"])).step == 4


def test_an_empty_shop_is_told_so(tmp_path: Path, config: Path) -> None:
    words = (recipe(tmp_path, CATALOG), "--data", tmp_path, "--config", config)
    with pytest.raises(ConfigError, match="no pictures in 'shop'"):
        run(*words, "--from-catalog")


def test_a_recipe_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="takes a recipe, or --from-catalog"):
        run("--data", tmp_path)
    with pytest.raises(ConfigError, match="'nothing': no such recipe"):
        run("nothing", "--data", tmp_path)
