"""Complete or not at all."""

from pathlib import Path

import pytest

from embedder.whole_file import whole_file


def test_what_is_complete_takes_the_place(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.txt"
    for text in ("one", "two"):
        with whole_file(file) as part:
            part.write_text(text)
            assert not file.exists() or file.read_text() == "one"
        assert file.read_text() == text
    assert list(file.parent.iterdir()) == [file]


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("before")
    with pytest.raises(IsADirectoryError), whole_file(file) as part:
        (part.write_text("half"), tmp_path.read_bytes())
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]
