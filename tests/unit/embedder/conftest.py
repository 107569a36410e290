import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from embedder.model_file import find_model

Edit = Callable[[str, str], Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """A copy of the default model whose model.toml has one text replaced; gives its path."""

    def edit(old: str, new: str) -> Path:
        folder = shutil.copytree(find_model("lite0").parent, tmp_path / "model")
        toml = folder / "model.toml"
        text = toml.read_text()
        assert old in text
        toml.write_text(text.replace(old, new, 1))
        return toml

    return edit
