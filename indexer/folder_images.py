"""Pictures as files: `ab/cd/<key>`, where the key `abcd…` is the sha256 of the bytes in hex.

A file appears whole or not at all: it is written in the folder `.tmp`, synced and renamed. What a
killed process left there is no picture; it is swept away after an hour.
"""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from snapmode.errors import ConfigError, TransientError

STRAY_SECONDS = 3600.0
"""A file in `.tmp` of this age belongs to nobody: no write takes so long."""
KEY = re.compile(r"[0-9a-f]{64}")


class FolderImages:
    """Content-addressed pictures in a folder; see `snapmode.ports.ImageStore`.

    Putting a picture again renews its age, and heals a file whose length is wrong.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_swept = False

    def put(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        target = self._file(key)
        try:
            if not _renewed(target, len(data)):
                _make_folder(target.parent)
                _write(self._workplace(), target, data)
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise ConfigError(f"{target}: can't be written: {error}") from error
        except OSError as error:
            raise TransientError(f"{target}: not stored: {error}") from error
        return key

    def get(self, key: str) -> bytes:
        try:
            return self._file(key).read_bytes()
        except FileNotFoundError as error:
            raise KeyError(key) from error
        except OSError as error:
            raise TransientError(f"{self._file(key)}: {error}") from error

    def exists(self, key: str) -> bool:
        return bool(KEY.fullmatch(key)) and self._file(key).is_file()

    def delete(self, key: str) -> None:
        if self.exists(key):
            self._file(key).unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        for file in self._path.glob("??/??/*"):
            if KEY.fullmatch(file.name):
                yield file.name

    def age(self, key: str) -> float:
        try:
            return max(0.0, time.time() - self._file(key).stat().st_mtime)
        except FileNotFoundError as error:
            raise KeyError(key) from error

    def _workplace(self) -> Path:
        """The folder for what is being written, without what killed processes left in it."""
        folder = self._path / ".tmp"
        folder.mkdir(exist_ok=True)
        if not self._is_swept:
            self._is_swept = True
            for stray in folder.iterdir():
                with suppress(FileNotFoundError):  # renamed by its owner, or swept by another
                    if time.time() - stray.stat().st_mtime > STRAY_SECONDS:
                        stray.unlink()
        return folder

    def _file(self, key: str) -> Path:
        # A key comes from outside too: nothing but a hash may become a path.
        if not KEY.fullmatch(key):
            raise KeyError(key)
        return self._path / key[:2] / key[2:4] / key


def _renewed(file: Path, size: int) -> bool:
    """Whether the file was there in its whole length, and is now as good as just written."""
    try:
        if file.stat().st_size != size:
            return False
        os.utime(file)
    except FileNotFoundError:
        return False
    return True


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _write(workplace: Path, target: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=workplace)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync(target.parent)


def _sync(folder: Path) -> None:
    """Make the folder's list of names durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
