from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.embeddings.forms import agreement, folder_bytes
from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.rows import Rows
from benchmarks.embeddings.tasks import Task
from embedder.model_file import MODELS, load_model_file


@pytest.fixture
def form(network: Callable[..., Network]) -> Callable[[str], Network]:
    def make(precision: str) -> Network:
        file = load_model_file(MODELS / "lite0" / "model.toml")
        changed = file.model_copy(update={"precision": precision})
        return replace(network(precision, precision), file=changed)

    return make


def test_equal_forms_agree(form: Callable[[str], Network], task: Task, tmp_path: Path) -> None:
    (found,) = agreement([form("int8"), form("f32")], [task], Rows(tmp_path / "rows"))
    assert (found.task, found.loss.value) == ("points", 0)
    assert found.least == pytest.approx(1)
    assert (found.f32.contender, found.int8.contender) == ("f32", "int8")


def test_one_form_has_nothing_to_agree_with(
    form: Callable[[str], Network], task: Task, tmp_path: Path
) -> None:
    assert agreement([form("f32")], [task], Rows(tmp_path)) == []


def test_a_folder_weighs_what_its_files_do(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text("12345")
    (tmp_path / "model.onnx").write_text("123")
    (tmp_path / "folder").mkdir()
    assert folder_bytes(tmp_path / "model.toml") == 8
