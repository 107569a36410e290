from pathlib import Path

import pytest

from benchmarks.embeddings.networks import (
    apart,
    baselines,
    checkpoint_of,
    exported,
    other_form,
    trained,
)
from embedder.model_file import MODELS
from embedder.training.checkpoint import save_checkpoint, save_resume
from tests.unit.embedder.checkpoints import HEADER, WEIGHTS

TRAINED = """
[trained]
network = "lite"
step = 300
data = "{data}"
code = "abc"
"""


def folder_of(path: Path, name: str, precision: str = "f32") -> Path:
    """A trained model, whose graph is nobody's business here."""
    path.mkdir(parents=True, exist_ok=True)
    text = (MODELS / "lite0" / "model.toml").read_text()
    text = text.replace('name = "lite0"', f'name = "{name}"\nprecision = "{precision}"')
    (path / "model.toml").write_text(text + TRAINED.format(data="0" * 64))
    (path / "model.onnx").touch()
    return path


def test_baselines_are_the_backbone_and_what_needs_no_training() -> None:
    assert [each.name for each in baselines(1)] == ["lite0", "hsv", "raw"]
    assert not any(each.trained for each in baselines(1))


def test_trained_models_are_found_the_default_first(tmp_path: Path) -> None:
    folders = [folder_of(tmp_path / name, name) for name in ("aaa", "default")]
    found = trained(1, folders)
    assert found[0].name == "default"
    assert "aaa" in [each.name for each in found]
    assert "lite0" not in [each.name for each in found]
    assert found[0].step == 300
    assert [each.name for each in trained(1, folders, only=["aaa"])] == ["aaa"]


def test_one_elsewhere_replaces_one_of_its_name(tmp_path: Path) -> None:
    first, second = (folder_of(tmp_path / name, "default") for name in ("first", "second"))
    found = [each for each in trained(1, [first, second]) if each.name == "default"]
    assert [each.toml for each in found] == [second / "model.toml"]


def test_the_other_form_lies_beside(tmp_path: Path) -> None:
    served = exported(folder_of(tmp_path, "mine", "int8") / "model.toml", 1)
    assert other_form(served, 1) is None
    text = (tmp_path / "model.toml").read_text().replace('"int8"', '"f32"')
    (tmp_path / "f32.toml").write_text(text)
    other = other_form(served, 1)
    assert other is not None
    assert other.name == "mine f32"


def test_a_run_is_known_by_its_checkpoint(tmp_path: Path) -> None:
    assert checkpoint_of(tmp_path / "mine") is None
    save_resume(tmp_path / "mine" / "mine.safetensors", {"step": 1})
    assert checkpoint_of(tmp_path / "mine") is None
    save_checkpoint(tmp_path / "mine" / "mine.safetensors", HEADER, WEIGHTS)
    assert checkpoint_of(tmp_path / "mine") == tmp_path / "mine" / "mine.safetensors"


@pytest.mark.parametrize("with_first", [True, False])
def test_runs_with_something_changed_stand_beside_the_unchanged(
    tmp_path: Path, with_first: bool
) -> None:
    names = [*(["mine"] if with_first else []), "mine-a", "mine-b", "other"]
    for name in names:
        save_checkpoint(tmp_path / name / "x.safetensors", HEADER, WEIGHTS)
    (tmp_path / "mine-unfinished").mkdir()
    found = apart(tmp_path, ["mine", "other", "nobody"], 1)
    assert {name: [each.name for each in runs] for name, runs in found.items()} == {
        "mine": names[:-1]
    }
    assert {each.step for each in found["mine"]} == {7}
