"""The whole command, on drawn pictures; what needs no model takes hsv and raw."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from embedder.evaluation.metrics import METRICS
from embedder.onnx_embedder import OnnxEmbedder
from snapmode.command import build_app
from snapmode.errors import ConfigError
from tests.unit.embedder.evaluation.conftest import Draw


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(
        build_app("evaluate"), ["evaluate", *map(str, words)], catch_exceptions=False
    )
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def shop(tmp_path: Path, draw: Draw) -> Path:
    """Three garments, each with a main picture and one that is cut differently."""
    rows = ["image,split,identity,category,domain"]
    for colour in ("red", "blue", "green"):
        draw(f"{colour}.png", colour)
        draw(f"{colour}-street.png", colour, (60, 40))
        rows.append(f"{colour}.png,gallery,{colour},dress,shop")
        rows.append(f"{colour}-street.png,query,{colour},dress,street")
    manifest = tmp_path / "list.csv"
    manifest.write_text("\n".join(rows) + "\n")
    return manifest


def test_models_side_by_side(shop: Path) -> None:
    said = json.loads(run(shop, "--model", "hsv", "--model", "raw+hsv", "--json").stdout)
    assert (said["queries"], said["gallery"], said["relevant"]) == (3, 3, "identity")
    hsv, mixed = said["models"]
    assert hsv["metrics"]["recall@1"]["value"] == 1
    assert mixed["embedders"] == ["raw", "hsv"]
    assert set(hsv["domains"]) == {"street"}
    assert [each["model"] for each in said["differences"]] == ["raw+hsv"]


def test_text_for_people(shop: Path) -> None:
    lines = run(shop, "--model", "hsv", "--relevant", "category").stdout.splitlines()
    assert lines[0].endswith("a hit has the query's category")
    assert any(line.startswith("precision@10") for line in lines)


def test_the_model_of_the_settings(shop: Path) -> None:
    said = json.loads(run(shop, "--json").stdout)
    (model,) = said["models"]
    assert (model["name"], model["embedders"]) == ("lite0", [OnnxEmbedder().name])
    assert model["dim"] == 1280
    assert model["milliseconds_per_picture"] > 0


def test_a_folder_of_results(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "results"
    shown = json.loads(
        run(shop, "--model", "hsv", "--model", "raw+hsv@0.5", "--out", out, "--json").stdout
    )
    assert json.loads((out / "report.json").read_text()) == shown
    assert {path.name for path in out.iterdir()} == {
        "report.json",
        "report.html",
        "queries.csv",
        "sheet-hsv.png",
        "sheet-raw+hsv@0.5.png",
    }
    rows = list(csv.DictReader((out / "queries.csv").read_text().splitlines()))
    assert len(rows) == 2 * 3
    assert list(rows[0]) == ["query", "model", *METRICS]
    assert rows[0]["query"] == "blue-street.png"


def test_a_broken_picture_is_named_and_left_out(shop: Path) -> None:
    (shop.parent / "red.png").write_bytes(b"<html>")
    (shop.parent / "blue-street.png").unlink()
    result = run(shop, "--model", "hsv", "--json", code=3)
    said = json.loads(result.stdout)
    assert [(Path(e["image"]).name, e["reason"][:13]) for e in said["rejected"]] == [
        ("red.png", "not a picture"),
        ("blue-street.png", "can't be read"),
    ]
    assert (said["gallery"], said["queries"]) == (2, 1)
    assert said["queries_without_relevant"] == ["red-street.png"]
    assert f"{shop.parent / 'red.png'}: not a picture" in result.stderr.replace("\n", "")


def test_pictures_beside_pictures(tmp_path: Path, draw: Draw) -> None:
    for name in "ab":
        draw(f"real/{name}.png", "red")
        draw(f"made/{name}.png", "blue")
    out = tmp_path / "out"
    words = ("--pictures", tmp_path / "real", tmp_path / "made")
    said = json.loads(run(*words, "--out", out, "--json").stdout)
    assert said["features"] == OnnxEmbedder().name
    assert (out / "samples.png").is_file()
    assert "Fréchet distance on lite0 features" in run(*words).stdout
    (tmp_path / "real" / "c.png").write_bytes(b"")
    assert "c.png: the picture is empty" in run(*words, code=3).stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "a manifest, or --pictures"),
        (["list.csv", "--pictures", "a", "b"], "a manifest, or --pictures"),
        (["absent.csv"], "absent.csv: can't be read"),
        (["list.csv", "--model", "unknown"], "there is .*lite0"),
        (["list.csv", "--model", "lite0:sleeves"], "it has all"),
        (["list.csv", "--model", "a+b+c"], "give NAME"),
        (["list.csv", "--best", "recall@3"], "there is recall@1"),
        (["list.csv", "--relevant", "season"], "no column `season`"),
        (["list.csv", "--model", "hsv", "--relevant", "domain"], "no query has anything to find"),
        (["--pictures", "a", "b"], "a: not a folder"),
    ],
)
def test_a_wrong_call_says_what_is_right(
    words: list[str], reason: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.parent)
    with pytest.raises(ConfigError, match=reason):
        run(*words)


@pytest.mark.parametrize("words", [["--mode", "lsh"], ["--layout", "coco"]])
def test_what_is_not_offered(words: list[str], shop: Path) -> None:
    assert "is not one of" in run(shop, *words, code=2).stderr


def test_an_out_that_is_a_file(shop: Path) -> None:
    with pytest.raises(ConfigError, match=r"--out .*list.csv: can't be written"):
        run(shop, "--model", "hsv", "--out", shop)
