from pathlib import Path

import numpy as np
import pytest

from indexer.row_files import RowFiles
from tests.contract.examples import many_units


def test_rows_are_plain_float32_in_their_order(tmp_path: Path) -> None:
    files, rows = RowFiles(tmp_path, 5), many_units(30, 5)
    files.write(0, 0, [rows[:10], rows[10:20]])
    files.write(0, 20, rows[20:])
    plain = np.fromfile(tmp_path / "rows-0.f32", "<f4")[: 30 * 5].reshape(30, 5)
    assert np.array_equal(plain, rows)
    assert np.array_equal(files.map(0)[:30], rows)


def test_a_map_sees_what_is_appended_later(tmp_path: Path) -> None:
    files, rows = RowFiles(tmp_path, 5), many_units(30, 5)
    files.write(0, 0, [rows[:10]])
    mapped = files.map(0)
    files.write(0, 10, [rows[10:]])
    assert len(mapped) >= 30
    assert np.array_equal(mapped[:30], rows)
    with pytest.raises(ValueError, match="read-only"):
        mapped[0, 0] = 1


def test_generations_are_apart(tmp_path: Path) -> None:
    files, rows = RowFiles(tmp_path, 5), many_units(3, 5)
    for generation in range(12):
        files.write(generation, 0, [rows])
    mapped = files.map(9)
    files.remove_before(10)
    files.remove(11)
    files.remove(11)
    assert [path.name for path in tmp_path.iterdir()] == ["rows-10.f32"]
    assert np.array_equal(mapped[:3], rows), "who has mapped a file keeps it"
    with pytest.raises(FileNotFoundError):
        files.map(9)


def test_an_empty_generation_can_be_mapped(tmp_path: Path) -> None:
    files = RowFiles(tmp_path, 5)
    files.write(1, 0, [])
    assert files.map(1).shape == (0, 5)
