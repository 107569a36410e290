import ast
import json
from pathlib import Path

import pytest

from snapmode.errors import ConfigError
from snapmode.settings import load_settings
from topologies.build_folder import write_build_folder

ENVIRON = {"SNAPMODE_LOG__SERVERS": "a:1", "SNAPMODE_IMAGES__SECRET": "hush"}


def test_the_folder_is_what_sparse_wants(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "build"
    withheld = write_build_folder(folder, load_settings(config, environ={}), ENVIRON)
    assert withheld == ["SNAPMODE_IMAGES__SECRET"]
    assert (folder / "src" / "settings.toml").read_bytes() == config.read_bytes()
    assert ast.parse((folder / "topologies" / "ingest.py").read_text())
    assert (folder / "snapmode.jar").read_bytes().startswith(b"PK")
    cluster = json.loads((folder / "config.json").read_text())["envs"]["cluster"]
    assert cluster["nimbus"] == "127.0.0.1:6627"
    assert (cluster["virtualenv_root"], cluster["virtualenv_name"]) == ("/opt", "snapmode")
    assert cluster["options"] == {"topology.environment": {"SNAPMODE_LOG__SERVERS": "a:1"}}
    assert not any("hush" in file.read_text() for file in folder.rglob("*.json"))


def test_a_folder_in_use_is_left_alone(config: Path, tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "mine").touch()
    with pytest.raises(ConfigError, match="build: is there already, and not empty"):
        write_build_folder(tmp_path / "build", load_settings(config, environ={}), {})
    assert [file.name for file in (tmp_path / "build").iterdir()] == ["mine"]
