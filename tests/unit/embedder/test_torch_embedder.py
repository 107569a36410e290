"""What is known of a checkpoint before torch is loaded; the rest is in tests/models."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embedder.model_file import identity
from embedder.torch_embedder import TorchEmbedder
from embedder.training.checkpoint import save_checkpoint
from snapmode.errors import ConfigError
from snapmode.settings import load_settings
from snapmode.wiring import House
from tests.unit.embedder.checkpoints import HEADER, WEIGHTS
from tests.unit.embedder.conftest import Edit


def test_its_name_is_known_without_torch(tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    sha256 = save_checkpoint(file, HEADER, WEIGHTS)
    embedder = TorchEmbedder(str(file))
    assert embedder.name == identity("mine", sha256, HEADER.preprocessing, HEADER.parts)
    assert embedder.dim == 4
    assert embedder.parts == {"shape": slice(0, 3), "colour": slice(3, 4)}
    code = (
        "import sys; from embedder.torch_embedder import TorchEmbedder;"
        f"TorchEmbedder({str(file)!r}).name; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_settings_can_name_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    save_checkpoint(file, HEADER, WEIGHTS)
    config = tmp_path / "settings.toml"
    config.write_text(
        '[embedder]\nadapter = "embedder.torch_embedder:TorchEmbedder"\n'
        f'model = "{file}"\ndevice = "cpu"\nbatch = 8\n'
    )
    with House(load_settings(config, tmp_path)) as house:
        assert house.embedder.name == TorchEmbedder(str(file)).name
    config.write_text(config.read_text().replace('"cpu"', '"tpu"'))
    with pytest.raises(ConfigError, match=r"\[embedder\] device"):
        House(load_settings(config, tmp_path)).embedder  # noqa: B018 - made when it is asked for


def test_a_model_names_its_checkpoint(edited: Edit) -> None:
    toml = edited('version = "0.1.0"', 'version = "0.1.0"\nfile = "mine.safetensors"')
    assert TorchEmbedder(str(toml)).name.startswith("lite0-")


def test_a_model_without_a_checkpoint_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"source.file: names no checkpoint"):
        TorchEmbedder("lite0")


@pytest.mark.parametrize("wrong", [{"threads": -1}, {"batch": 0}])
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        TorchEmbedder("lite0", **wrong)


def test_weights_of_nothing_known_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    file = tmp_path / "plain.safetensors"
    save_file({"a": np.ones(3, np.float32)}, file)
    with pytest.raises(ConfigError, match="not a checkpoint of SnapMode"):
        TorchEmbedder(str(file))
