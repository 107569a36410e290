import sqlite3
import threading
from pathlib import Path

import pytest

from snapmode.errors import ConfigError, TransientError
from snapmode.sqlite_file import Mark, SqliteFile

SCHEMA = ("CREATE TABLE words(word TEXT UNIQUE)",)


def open_file(path: Path, model: str = "a") -> SqliteFile:
    return SqliteFile(path, SCHEMA, {"model": Mark(model, "use another folder")})


def words(file: SqliteFile) -> list[str]:
    with file.read() as connection:
        return [word for (word,) in connection.execute("SELECT word FROM words ORDER BY word")]


def add(file: SqliteFile, word: str) -> None:
    with file.write() as connection:
        connection.execute("INSERT INTO words VALUES (?)", (word,))


def test_reading_an_absent_file_is_reading_an_empty_one(tmp_path: Path) -> None:
    file = open_file(tmp_path / "absent" / "it.sqlite")
    assert words(file) == []
    assert not (tmp_path / "absent").exists()
    add(file, "one")
    assert words(file) == ["one"]
    file.close()


def test_what_fails_is_undone(tmp_path: Path) -> None:
    file = open_file(tmp_path / "it.sqlite")
    add(file, "one")
    with pytest.raises(sqlite3.IntegrityError), file.write() as connection:
        connection.executemany("INSERT INTO words VALUES (?)", [("two",), ("one",)])
    with pytest.raises(sqlite3.IntegrityError):
        add(file, "one")
    assert words(file) == ["one"]
    add(file, "three")
    file.close()


def test_a_reader_sees_one_state_to_the_end(tmp_path: Path) -> None:
    file = open_file(tmp_path / "it.sqlite")
    add(file, "one")
    with file.read() as connection:
        count = "SELECT count(*) FROM words"
        assert connection.execute(count).fetchone() == (1,)
        add(file, "two")
        assert connection.execute(count).fetchone() == (1,)
    assert words(file) == ["one", "two"]
    file.close()


def test_is_made_once_whoever_comes_first(tmp_path: Path) -> None:
    files = [open_file(tmp_path / "it.sqlite") for _ in range(8)]
    threads = [threading.Thread(target=add, args=(file, str(n))) for n, file in enumerate(files)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert words(files[0]) == [str(n) for n in range(8)]
    for file in files:
        file.close()


def test_survives_power_cuts_by_its_settings(tmp_path: Path) -> None:
    file = open_file(tmp_path / "it.sqlite")
    with file.write() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    file.close()


def test_a_file_made_for_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "it.sqlite"
    file = open_file(path, "resnet")
    add(file, "one")
    file.close()
    with pytest.raises(ConfigError, match=r"it.sqlite holds model resnet.*lite0: use another"):
        words(open_file(path, "lite0"))


def test_a_file_that_is_not_ours_is_named(tmp_path: Path) -> None:
    text, foreign = tmp_path / "text.sqlite", tmp_path / "foreign.sqlite"
    text.write_text("no database " * 100)
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE theirs(x)")
    connection.close()
    for path in (text, foreign):
        with pytest.raises(ConfigError, match=path.name):
            words(open_file(path))
    with pytest.raises(ConfigError, match="can't be written"):
        add(open_file(text / "below.sqlite"), "one")


def test_a_lock_that_stays_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snapmode.sqlite_file.BUSY_SECONDS", 0.01)
    file, other = open_file(tmp_path / "it.sqlite"), open_file(tmp_path / "it.sqlite")
    with file.write(), pytest.raises(TransientError, match="locked"):
        add(other, "one")
    file.close()
    other.close()
