import os
import time
from pathlib import Path

import pytest

from indexer.folder_images import STRAY_SECONDS, FolderImages
from snapmode.errors import ConfigError, TransientError
from tests.unit.indexer.conftest import FullDisk


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def set_age(file: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(file, (moment, moment))


def test_a_picture_lies_under_its_hash(tmp_path: Path) -> None:
    key = FolderImages(tmp_path / "a" / "b").put(b"one")
    assert files(tmp_path) == [tmp_path / "a" / "b" / key[:2] / key[2:4] / key]


def test_reading_makes_nothing(tmp_path: Path) -> None:
    store = FolderImages(tmp_path / "absent")
    assert list(store.keys()) == []
    assert not (tmp_path / "absent").exists()


def test_putting_again_makes_it_young_again(tmp_path: Path) -> None:
    store = FolderImages(tmp_path)
    key = store.put(b"one")
    set_age(tmp_path / key[:2] / key[2:4] / key, 5000)
    assert store.age(key) == pytest.approx(5000, abs=60)
    store.put(b"one")
    assert store.age(key) < 60


def test_putting_again_heals_a_truncated_file(tmp_path: Path) -> None:
    store = FolderImages(tmp_path)
    key = store.put(b"whole")
    (tmp_path / key[:2] / key[2:4] / key).write_bytes(b"wh")
    assert store.put(b"whole") == key
    assert store.get(key) == b"whole"


def test_what_a_killed_process_left_is_no_picture_and_is_swept_away(tmp_path: Path) -> None:
    workplace = tmp_path / ".tmp"
    workplace.mkdir()
    old, young = workplace / "old", workplace / "young"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    set_age(old, STRAY_SECONDS + 10)
    store = FolderImages(tmp_path)
    key = store.put(b"one")
    assert list(store.keys()) == [key]
    assert young.exists()
    assert not old.exists()


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, full_disk: FullDisk) -> None:
    store = FolderImages(tmp_path / "images")
    kept = store.put(b"small")
    with full_disk(1000), pytest.raises(TransientError, match=str(tmp_path)):
        store.put(b"x" * 5000)
    assert list(store.keys()) == [kept]
    assert len(files(tmp_path)) == 1
    assert store.exists(store.put(b"x" * 5000))


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("I am a file")
    with pytest.raises(ConfigError, match="images"):
        FolderImages(tmp_path / "images").put(b"one")
