"""A catalog that can't be made while a file `away` lies in its folder."""

from pathlib import Path

from indexer.sqlite_catalog import SqliteCatalog
from snapmode.errors import TransientError


class LateCatalog(SqliteCatalog):
    def __init__(self, path: Path) -> None:
        if (path.parent / "away").exists():
            raise TransientError("nobody answers on port 8983")
        super().__init__(path)
