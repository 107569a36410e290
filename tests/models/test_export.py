"""Needs the train extra: the ONNX file says what torch says."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from embedder.decode import decode
from embedder.model_check import INT8_BOUND
from embedder.model_file import ModelFile, find_model, load_model_file
from embedder.onnx_embedder import OnnxEmbedder
from embedder.preprocess import as_input
from embedder.training.checkpoint import load_weights, save_checkpoint, sha256_of
from snapmode.command import build_app
from snapmode.errors import ConfigError
from snapmode.ports import Picture
from snapmode.settings import Pictures
from tests.contract.drawn import encoded, garment
from tests.models.small import checkpoint, network

pytestmark = pytest.mark.models
PICTURES = [Picture(encoded(garment(seed))) for seed in range(5)]


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(
        build_app("model"), ["model", *map(str, words)], catch_exceptions=False
    )
    assert result.exit_code == code, result.output
    return result


# ------------------------------------------------------------------ lite0, from its package


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelFile, Path]:
    out = tmp_path_factory.mktemp("lite0")
    run("export", "lite0", "--licence", "Apache-2.0", "--out", out)
    return load_model_file(out / "model.toml"), out


def test_the_committed_model_says_what_torch_says() -> None:
    import torch

    preprocessing = load_model_file(find_model("lite0")).preprocessing
    pixels = [as_input(decode(picture, Pictures()), preprocessing) for picture in PICTURES]
    with torch.inference_mode():
        expected = network("lite0").embed(torch.from_numpy(np.concatenate(pixels))).numpy()
    np.testing.assert_allclose(OnnxEmbedder().embed(PICTURES), expected, atol=1e-4)


def test_exporting_again_gives_the_same_model(exported: tuple[ModelFile, Path]) -> None:
    model, out = exported
    committed = load_model_file(find_model("lite0"))
    assert model.identity == committed.identity
    assert model.figures["drift_from_torch"] < 1e-4
    assert sorted(path.name for path in out.iterdir()) == ["card.md", "model.onnx", "model.toml"]
    same = {"sha256", "figures"}  # bytes may differ between versions of the exporter
    assert model.model_dump(exclude=same) == committed.model_dump(exclude=same)


def test_what_is_written_can_be_run(exported: tuple[ModelFile, Path]) -> None:
    _, out = exported
    rows = OnnxEmbedder(str(out)).embed(PICTURES)
    np.testing.assert_allclose(rows, OnnxEmbedder().embed(PICTURES), atol=1e-4)


# ------------------------------------------------------------------ a checkpoint, with int8


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    names = [f"{seed}.png" for seed in range(24)]
    for seed, name in enumerate(names):
        (folder / name).write_bytes(encoded(garment(100 + seed)))
    (folder / "broken.png").write_bytes(b"no picture")
    with (folder / "manifest.csv").open("w", newline="") as lines:
        csv.writer(lines).writerows([["image"], *([name] for name in [*names, "broken.png"])])
    return folder / "manifest.csv"


@pytest.fixture(scope="module")
def folder(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with both forms beside it, int8 served."""
    out = tmp_path_factory.mktemp("lite")
    file = checkpoint(out, "lite")
    run("export", file, "--out", out, "--calibrate", manifest, "--serve", "int8")
    return out


def test_both_forms_have_one_name(folder: Path) -> None:
    served, other = load_model_file(folder / "model.toml"), load_model_file(folder / "f32.toml")
    assert (served.precision, other.precision) == ("int8", "f32")
    assert served.identity == other.identity
    assert served.source == other.source
    assert served.source is not None
    assert served.source.sha256 == sha256_of(folder / "small_lite.safetensors")
    sizes = [(folder / form.file).stat().st_size for form in (served, other)]
    assert sizes[0] < 0.5 * sizes[1]


def test_int8_says_nearly_what_f32_says(folder: Path) -> None:
    f32 = OnnxEmbedder(str(folder / "f32.toml")).embed(PICTURES)
    int8 = OnnxEmbedder(str(folder)).embed(PICTURES)
    assert (f32 * int8).sum(axis=1).min() > INT8_BOUND


def test_colour_statistics_stay_in_float(folder: Path) -> None:
    """Before training, attention is the same everywhere: the colour part is that of f32."""
    colour = load_model_file(folder / "model.toml").slices["colour"]
    f32 = OnnxEmbedder(str(folder / "f32.toml")).embed(PICTURES)[:, colour]
    np.testing.assert_allclose(OnnxEmbedder(str(folder)).embed(PICTURES)[:, colour], f32, atol=1e-3)


def test_where_it_comes_from_is_told(folder: Path) -> None:
    said = json.loads(run("show", folder, "--json").stdout)
    assert said["trained"]["network"] == "lite"
    assert said["trained"]["settings"]["weights"]["colour"] == 0.25
    assert said["source"]["file"] == "small_lite.safetensors"
    card = (folder / "card.md").read_text()
    assert said["identity"] in card
    assert "Apache-2.0" in card


@pytest.mark.parametrize("form", ["model", "f32"])
def test_an_export_is_as_described(folder: Path, form: str) -> None:
    report = json.loads(run("verify", folder / f"{form}.toml", "--json").stdout)
    assert report["problems"] == report["left_out"] == []
    assert report["cosine"] > INT8_BOUND


def test_half_the_bytes_say_the_same(folder: Path, manifest: Path, tmp_path: Path) -> None:
    run(
        *("export", folder / "small_lite.safetensors", "--out", tmp_path),
        *("--calibrate", manifest, "--half"),
    )
    half, whole = load_model_file(tmp_path / "model.toml"), load_model_file(folder / "f32.toml")
    checkpoint_file = "small_lite.safetensors"
    for file, before in ((half.file, whole.file), (checkpoint_file, checkpoint_file)):
        assert (tmp_path / file).stat().st_size < 0.53 * (folder / before).stat().st_size
    report = json.loads(run("verify", tmp_path, "--json").stdout)
    assert report["problems"] == report["left_out"] == []
    rows = OnnxEmbedder(str(tmp_path)).embed(PICTURES)
    full = OnnxEmbedder(str(folder / "f32.toml")).embed(PICTURES)
    assert (rows * full).sum(axis=1).min() > 0.9999
    assert (tmp_path / "int8.onnx").stat().st_size < 0.8 * (tmp_path / half.file).stat().st_size


def test_a_card_somebody_wrote_is_kept(tmp_path: Path) -> None:
    (tmp_path / "card.md").write_text("my words")
    run("export", checkpoint(tmp_path, "dcgan"), "--out", tmp_path)
    assert (tmp_path / "card.md").read_text() == "my words"


def test_an_onnx_file_of_other_weights_is_found_out(tmp_path: Path) -> None:
    """The hashes fit, the vectors do not."""
    out = tmp_path / "out"
    run("export", checkpoint(tmp_path, "dcgan"), "--out", out)
    header, weights = load_weights(tmp_path / "small_dcgan.safetensors")
    weights["code.weight"] = weights["code.weight"][::-1]
    other = tmp_path / "other.safetensors"
    known = save_checkpoint(other, header, weights)
    toml = out / "model.toml"
    old = sha256_of(tmp_path / "small_dcgan.safetensors")
    toml.write_text(toml.read_text().replace(old, known))
    report = json.loads(run("verify", toml, "--checkpoint", other, "--json", code=1).stdout)
    assert "its vectors are not the checkpoint's" in report["problems"][0]


def test_another_checkpoint_is_refused(folder: Path, tmp_path: Path) -> None:
    other = checkpoint(tmp_path, "dcgan")
    report = json.loads(run("verify", folder, "--checkpoint", other, "--json", code=1).stdout)
    assert "it is another checkpoint" in report["problems"][0]


def test_published_weights_become_a_checkpoint(tmp_path: Path) -> None:
    import torch

    file = tmp_path / "resnet.pth"
    torch.save({**network("resnet50").backbone.state_dict()}, file)
    out = tmp_path / "out"
    run("export", "resnet50", "--weights", file, "--licence", "BSD-3-Clause", "--out", out)
    model = load_model_file(out / "model.toml")
    assert model.dim == 2048
    assert model.source is not None
    assert model.source.sha256 == sha256_of(out / "resnet50.safetensors")
    shutil.rmtree(tmp_path)  # 200 MB


def test_what_can_not_be_exported_is_refused(folder: Path, tmp_path: Path) -> None:
    file = folder / "small_lite.safetensors"
    for words, reason in [
        (["nothing", "--licence", "MIT"], "no such network"),
        (["lite0"], "--licence"),
        (["dcgan", "--licence", "MIT"], "no published weights"),
        ([file, "--licence", "MIT"], "a checkpoint has its own"),
        ([file, "--serve", "int8"], "needs a manifest"),
        ([tmp_path / "absent.safetensors"], "can't be read"),
    ]:
        with pytest.raises(ConfigError, match=reason):
            run("export", *words, "--out", tmp_path)


def test_pictures_that_can_not_be_read_calibrate_nothing(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "manifest.csv"
    broken.write_text("image\nabsent.png\n")
    with pytest.raises(ConfigError, match="none of 1 pictures"):
        run("export", folder / "small_lite.safetensors", "--out", tmp_path, "--calibrate", broken)
