"""`snapmode evaluate --factors`, on pictures that say their factors."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from snapmode.command import build_app
from snapmode.errors import ConfigError
from tests.unit.embedder.evaluation.points import garments

Said = dict[str, Any]
ALL = ("--factors", "shape,colour,texture", "--same", "family")


@pytest.fixture
def settings_text() -> str:
    return '[embedder]\nadapter = "tests.unit.embedder.evaluation.points:PartsEmbedder"\n'


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return garments(tmp_path)


def run(config: Path, *words: object, code: int = 0) -> Result:
    every = ["evaluate", *map(str, words), "--config", str(config)]
    result = CliRunner().invoke(build_app("evaluate"), every, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def said(config: Path, *words: object, code: int = 0) -> Said:
    found: Said = json.loads(run(config, *words, "--json", code=code).stdout)
    return found


def test_models_side_by_side(config: Path, manifest: Path) -> None:
    found = said(config, manifest, *ALL, "--model", "clean", "--model", "mixed")
    assert (found["pictures"], found["factors"], found["same"]) == (
        24,
        ["shape", "colour", "texture"],
        ["family"],
    )
    clean, mixed = found["models"]
    assert clean["embedder"] == "clean-00000000"
    assert clean["parts"] == {"shape": [0, 3], "colour": [3, 6], "finish": [6, 9]}
    colour = clean["factors"]["colour"]
    assert (colour["part"], colour["pairs"], colour["groups"]) == ("colour", 6, 6)
    assert colour["row"]["squared_change"] == pytest.approx(2 / 3)
    assert colour["unit_parts"]["squared_change"] == pytest.approx(2)
    assert colour["row"]["shares"]["colour"] == {"value": 1, "low": 1, "high": 1}
    entangled = mixed["factors"]["colour"]["row"]["shares"]
    assert 0.3 < entangled["shape"]["value"] < 0.7
    assert entangled["shape"]["low"] <= entangled["shape"]["value"] <= entangled["shape"]["high"]
    assert mixed["factors"]["shape"]["row"]["shares"]["shape"]["value"] > 0.9


def test_a_factor_without_a_part_of_its_name(config: Path, manifest: Path) -> None:
    texture = said(config, manifest, *ALL, "--model", "clean")["models"][0]["factors"]["texture"]
    assert texture["part"] is None
    assert texture["row"]["shares"]["finish"]["value"] == 1
    lines = run(config, manifest, *ALL, "--model", "clean").stdout.splitlines()
    assert any(line.startswith("texture (6 pairs; no part of its name)  0.667") for line in lines)
    assert any(line.startswith("colour (6 pairs)  ") for line in lines)


def test_one_factor_and_what_else_is_shared(config: Path, manifest: Path) -> None:
    """As for recolours of one photo: other factors are nothing but columns."""
    words = ("--factors", "colour", "--same", "family,shape,texture", "--model", "clean")
    found = said(config, manifest, *words)
    assert found["models"][0]["factors"]["colour"]["pairs"] == 6
    assert found["no_scores"]
    lines = run(config, manifest, *words).stdout.splitlines()
    assert lines[0].endswith(
        "24 pictures; pairs differ in one of colour, of one family and shape and texture"
    )
    assert any(line.startswith("No DCI or MIG: ") for line in lines)


def test_a_model_that_sees_nothing(config: Path, manifest: Path) -> None:
    """A column that no part of the model looks at."""
    rows = list(csv.DictReader(manifest.read_text().splitlines()))
    with manifest.open("w", newline="") as file:
        table = csv.DictWriter(file, [*rows[0], "season"])
        table.writeheader()
        for row in rows:
            for season in ("summer", "winter"):
                image = f"{row['image']}-{season}"
                (manifest.parent / image).write_bytes((manifest.parent / row["image"]).read_bytes())
                table.writerow({**row, "image": image, "season": season})
    words = ("--factors", "season", "--same", "family,shape,colour,texture", "--model", "clean")
    found = said(config, manifest, *words)["models"][0]["factors"]["season"]["row"]
    assert found == {"squared_change": 0, "shares": None}
    lines = run(config, manifest, *words).stdout.splitlines()
    shown = next(line for line in lines if line.startswith("season"))
    assert shown.endswith(" 0")


def test_the_report_is_kept(config: Path, manifest: Path, tmp_path: Path) -> None:
    shown = said(config, manifest, *ALL, "--model", "clean", "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == shown
    with pytest.raises(ConfigError, match=r"--out .*garments.csv: can't be written"):
        run(config, manifest, *ALL, "--model", "clean", "--out", manifest)


def test_a_broken_picture_is_named_and_left_out(config: Path, manifest: Path) -> None:
    (manifest.parent / "0-2").write_text("<html>")
    found = said(config, manifest, *ALL, "--model", "clean", code=3)
    assert [each["reason"] for each in found["rejected"]] == ["not a garment"]
    assert found["pictures"] == 23
    assert found["models"][0]["factors"]["colour"]["pairs"] == 5
    text = run(config, manifest, *ALL, "--model", "clean", code=3).stdout
    assert "1 pictures can't be read and are left out" in text


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--factors", "shape"], "one column needs --same"),
        (["--factors", "shape,,colour"], "--factors shape,,colour: give columns"),
        (["--factors", "shape,season"], "no column `season`"),
        (["--factors", "shape", "--same", "sku"], "no column `sku`"),
        (["--factors", "shape", "--same", "shape"], "shape can't differ and be the same"),
        (
            ["--factors", "shape", "--same", "image"],
            "no two pictures differ in shape and share image",
        ),
        (["--same", "family"], "--same is for --factors"),
        ([*ALL, "--relevant", "shape"], "--factors goes without"),
        ([*ALL, "--part", "shape"], "--factors goes without"),
        ([*ALL, "--model", "clean:shape"], "clean:shape: --factors compares"),
        ([*ALL, "--model", "clean+mixed"], "the parts of whole models"),
    ],
)
def test_a_wrong_call_says_what_is_right(
    words: list[str], reason: str, config: Path, manifest: Path
) -> None:
    with pytest.raises(ConfigError, match=reason):
        run(config, manifest, *words)
