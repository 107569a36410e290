from pathlib import Path

import pytest

from embedder.evaluation.layouts.files import box_of, find, read_json, read_lines
from snapmode.errors import ConfigError
from tests.unit.embedder.evaluation.layouts.trees import picture, text


def test_the_first_that_is_there(tmp_path: Path) -> None:
    there = text(tmp_path / "b" / "list.txt", "x")
    assert find(tmp_path, "a/list.txt", "b/list.txt") == there
    with pytest.raises(ConfigError, match=r"needs a.txt or c.txt"):
        find(tmp_path, "a.txt", "c.txt")


def test_pixels_become_parts(tmp_path: Path) -> None:
    image = picture(tmp_path / "a.png", (40, 20))
    assert box_of(image, (10, 5, 30, 20)) == (0.25, 0.25, 0.75, 1)
    assert box_of(image, (-10, -5, 60, 20)) == (0, 0, 1, 1)
    assert box_of(image, (50, 5, 60, 20)) is None
    assert box_of(tmp_path / "absent.png", (0, 0, 1, 1)) is None


@pytest.mark.parametrize("read", [read_json, read_lines])
def test_a_file_that_can_not_be_read_is_named(read: object, tmp_path: Path) -> None:
    assert callable(read)
    with pytest.raises(ConfigError, match="absent: can't be read"):
        read(tmp_path / "absent")
    bad = tmp_path / "bad"
    bad.write_bytes(b"\xff{")
    with pytest.raises(ConfigError, match="bad: not"):
        read(bad)
