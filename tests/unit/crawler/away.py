"""A log and a picture store that are away while a file `away` lies beside them."""

from collections.abc import Iterable
from pathlib import Path

from indexer.folder_images import FolderImages
from snapmode.errors import TransientError
from topologies.sqlite_log import SqliteLog


def _check(folder: Path) -> None:
    if (folder / "away").exists():
        raise TransientError("nobody answers")


class AwayLog(SqliteLog):
    def publish(self, topic: str, messages: Iterable[tuple[str, bytes | None]]) -> None:
        _check(self._file.path.parent)
        super().publish(topic, messages)


class AwayImages(FolderImages):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._data = path.parent

    def put(self, data: bytes) -> str:
        _check(self._data)
        return super().put(data)
