import subprocess
import sys

import pytest

from snapmode.command import COMMANDS, build_app
from snapmode.wiring import resolve


def snapmode(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "snapmode", *arguments], capture_output=True, text=True, check=False
    )


def test_help_lists_every_command() -> None:
    result = snapmode("--help")
    assert result.returncode == 0
    assert all(f" {name} " in result.stdout for name in COMMANDS)


def test_help_imports_no_room() -> None:
    code = "import sys, snapmode.command as c; c.build_app(None); print(sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    for heavy in ("scrapy", "onnxruntime", "fastapi", "torch", "PIL"):
        assert f"'{heavy}'" not in loaded.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_has_its_options(name: str) -> None:
    assert callable(resolve(COMMANDS[name].path))
    build_app(name)


def test_an_unknown_command_is_a_usage_error() -> None:
    assert snapmode("crawll").returncode == 2
    assert snapmode().returncode == 2


def test_a_bad_configuration_is_exit_code_2_and_named() -> None:
    result = snapmode("export", "--config", "nowhere.toml")
    assert result.returncode == 2
    assert result.stderr.startswith("error: nowhere.toml: can't be read")
