"""Parts of a latent, from one product's to another's, in what a small network draws."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from typer import Typer
from typer.testing import CliRunner

from embedder.evaluation.interpolation import main
from embedder.evaluation.painter import Painter
from snapmode.errors import ConfigError
from snapmode.settings import Pictures
from tests.models.small import checkpoint

pytestmark = pytest.mark.models
COLOURS = {"Red": "#d01010", "Blue": "#1020c0"}
KINDS = ("Tshirts", "Trousers")


def garment(kind: str, colour: str, striped: bool, number: int) -> Image.Image:
    """Wide or narrow, of one colour or with stripes; no two alike."""
    image = Image.new("RGB", (64, 64), "white")
    pen = ImageDraw.Draw(image)
    shift = number % 5
    box = (8, 16, 56, 40 + shift) if kind == "Tshirts" else (24, 6 + shift, 40, 60)
    pen.rectangle(box, COLOURS[colour])
    for y in range(box[1], box[3] if striped else 0, 6):
        pen.line((box[0], y, box[2], y), "white", 2)
    return image


def table(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", newline="") as lines:
        out = csv.DictWriter(lines, rows[0].keys())
        out.writeheader()
        out.writerows(rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """studio_catalog and luma_products, drawn."""
    folder = tmp_path_factory.mktemp("data")
    studio, luma = folder / "studio_catalog", folder / "luma_products"
    studio.mkdir()
    luma.mkdir()
    rows, sold = [], []
    for number in range(120):
        kind, colour, striped = KINDS[number % 2], list(COLOURS)[number // 2 % 2], number % 3 == 0
        garment(kind, colour, striped, number).save(studio / f"{number}.png")
        what = {"articleType": kind, "baseColour": colour}
        title = f"Men {'Striped' if striped else 'Solid'} {kind}"
        rows.append(
            {"image": f"{number}.png", "id": str(number), "split": "val", **what, "title": title}
        )
        if number < 30:
            garment(kind, colour, striped, number).save(luma / f"{number}.png")
            sold.append(
                {"image": f"{number}.png", "sku": str(number), "colour": colour, "view": "main"}
                | {"category": kind}
            )
    table(studio / "manifest.csv", rows)
    table(luma / "manifest.csv", sold)
    return folder


@pytest.fixture(scope="module", params=["dcgan", "cbir_gan"])
def painter(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Painter]:
    file = checkpoint(tmp_path_factory.mktemp("network"), request.param)
    return file, Painter(file)


def test_what_is_painted_is_what_the_network_decodes(painter: tuple[Path, Painter]) -> None:
    import torch

    from embedder.networks.registry import load_network

    file, one = painter
    levels = np.random.default_rng(0).integers(0, 256, (70, 64, 64, 3), np.uint8)
    latents = one.latents(levels)
    network, _ = load_network(file)
    with torch.inference_mode():
        pixels = torch.from_numpy(levels).permute(0, 3, 1, 2) / 127.5 - 1
        expected = network.latent_of(pixels)
        drawn = (network.decode(expected) + 1) * 127.5
    np.testing.assert_allclose(latents, expected, atol=1e-4)
    painted = one.paint(latents).astype(np.float32)
    assert painted.shape == levels.shape
    assert np.abs(painted - drawn.permute(0, 2, 3, 1).numpy()).max() < 1


def test_a_network_that_does_not_decode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"inception_triplet draws no pictures"):
        Painter(checkpoint(tmp_path, "inception_triplet"))


def test_pictures_are_read_as_the_network_takes_them(
    painter: tuple[Path, Painter], data: Path
) -> None:
    _, one = painter
    file = data / "studio_catalog" / "0.png"
    read = one.read([file, file], Pictures())
    with Image.open(file) as picture:
        np.testing.assert_array_equal(read[1], np.asarray(picture))


def run(monkeypatch: pytest.MonkeyPatch, data: Path, *arguments: str | Path) -> Any:
    monkeypatch.setenv("SNAPMODE_DATA", str(data))
    app = Typer()
    app.command()(main)
    done = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_reports_and_draws(
    painter: tuple[Path, Painter], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, one = painter
    options = ("--out", tmp_path, "--pairs", "6", "--steps", "3", "--json")
    report = json.loads(run(monkeypatch, data, file, *options))
    assert json.loads((tmp_path / "report.json").read_text()) == report
    rows = {*one.parts, "all"}
    assert set(report["moved"]) == rows
    assert report["pairs"] == 6
    assert report["judges_trained_on"] + report["interpolated"] == 120
    for factor, judge in report["judges"].items():
        assert judge["real"]["value"] > 0.9, f"drawn garments are easy to judge by {factor}"
    whole = report["moved"]["all"]["colour"]
    assert whole["pairs"] == 6
    assert len(report["curves"]["all"]["colour"]["first"]) == 3
    for part in rows:
        with Image.open(tmp_path / f"{part}.png") as picture:
            assert picture.size == (5 * 72, 4 * 72), "both photos and three steps, of four pairs"
