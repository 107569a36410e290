"""A disk that fills up: the error says so, nothing is lost, and with room again all goes on."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.embedded_contents import embedded_contents
from tests.faults.oracle import problems
from tests.processes import COMMAND, demo_shop, snapmode

pytestmark = pytest.mark.faults


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own; needs root, as CI has."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=True)
    yield disk
    # Lazily: whatever looks at the mount just now (a scanner of the host's) must not fail the test.
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def failing(*arguments: str | Path) -> str:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | {"SNAPMODE_INGEST__RETRIES": "1", "SNAPMODE_CRAWL__PATIENCE": "1"},
    )
    assert done.returncode == 1, done.stderr
    return done.stderr


def test_a_full_disk_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    data = small_disk / "var"
    with demo_shop(tmp_path / "shop", "--products", "30") as shop:
        assert str(data) in failing("crawl", shop.url, "--data", data)
        resize(small_disk, "64m")
        snapmode("crawl", shop.url, "--data", data, codes=(0, 3))
        used = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
        resize(small_disk, f"{used // 1024 + 200}k")
        said = failing("ingest", "--until-idle", "--data", data)
        assert str(data) in said
        resize(small_disk, "64m")
        snapmode("ingest", "--until-idle", "--data", data, codes=(0, 3))
        report = json.loads(snapmode("verify", "--data", data, "--json"))
        assert report["findings"] == []
        assert problems(embedded_contents(data), shop.truth) == []
