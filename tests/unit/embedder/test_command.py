import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from embedder.onnx_embedder import OnnxEmbedder
from snapmode.command import build_app
from snapmode.errors import ConfigError
from snapmode.ports import Picture
from tests.contract.drawn import encoded, garment


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(
        build_app("embed"), ["embed", *map(str, words)], catch_exceptions=False
    )
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.png"
    path.write_bytes(encoded(garment()))
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad[1].png"  # rich would take [1] for a style
    path.write_bytes(b"<html>")
    return path


def test_a_line_for_each_picture(good: Path) -> None:
    lines = run(good, good).stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{good}: {OnnxEmbedder().name}, 1280 values: ")


def test_json_holds_the_vector(good: Path) -> None:
    (entry,) = json.loads(run(good, "--json").stdout)
    embedder = OnnxEmbedder()
    assert entry["image"] == str(good)
    assert entry["model"] == embedder.name
    assert entry["dim"] == 1280
    (expected,) = embedder.embed([Picture(good.read_bytes())])
    np.testing.assert_allclose(entry["vector"], expected, atol=1e-4)


def test_a_bad_picture_is_reported_and_the_others_embedded(good: Path, bad: Path) -> None:
    result = run(good, bad, good, "--json", code=3)
    entries = json.loads(result.stdout)
    assert [entry["dim"] for entry in entries] == [1280, None, 1280]
    assert "not a picture" in entries[1]["reason"]
    assert f"{bad}: not a picture" in result.stderr.replace("\n", "")


def test_a_manifest_becomes_rows_in_its_order(tmp_path: Path, good: Path, bad: Path) -> None:
    manifest, out = tmp_path / "list.csv", tmp_path / "rows.npy"
    manifest.write_text(f"image\n{good.name}\n{bad.name}\nabsent.png\n{good}\n")
    result = run("--manifest", manifest, "--out", out, "--json", code=3)
    rows = np.load(out)
    assert rows.dtype == np.float32
    assert rows.shape == (4, 1280)
    assert np.isnan(rows).all(axis=1).tolist() == [False, True, True, False]
    np.testing.assert_allclose(rows[0], rows[3], atol=1e-4)
    report = json.loads(result.stdout)
    assert report["rows"] == 4
    assert [(item["row"], item["image"]) for item in report["rejected"]] == [
        (1, str(bad)),
        (2, str(tmp_path / "absent.png")),
    ]
    assert report["model"] == OnnxEmbedder().name
    assert report["dim"] == 1280
    assert report["seconds"] > 0
    assert report["pictures_per_second"] > 0
    assert "absent.png: can't be read" in result.stderr.replace("\n", "")


def test_one_part_of_a_manifest(tmp_path: Path, good: Path) -> None:
    manifest, out = tmp_path / "list.csv", tmp_path / "rows.npy"
    manifest.write_text(f"image\n{good.name}\n")
    assert (
        "1 rows of 1280, 0 rejected"
        in run("--manifest", manifest, "--out", out, "--part", "all").stdout
    )
    np.testing.assert_allclose(np.linalg.norm(np.load(out), axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "pictures, or --manifest with --out"),
        (["a.png", "--manifest", "b.csv", "--out", "c.npy"], "pictures, or --manifest"),
        (["--manifest", "b.csv"], "with --out"),
        (["a.png", "--out", "c.npy"], "with --out"),
        (["--manifest", "absent.csv", "--out", "c.npy"], "absent.csv: can't be read"),
        (["a.png", "--model", "unknown"], "there is .*lite0"),
        (["a.png", "--part", "texture"], "it has all"),
    ],
)
def test_a_wrong_call_says_what_is_right(
    words: list[str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=reason):
        run(*words)
    assert list(tmp_path.iterdir()) == []


def test_limits_come_from_the_settings(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAPMODE_PICTURES__MAX_BYTES", "100")
    assert "at most 100" in run(good, code=3).stderr
