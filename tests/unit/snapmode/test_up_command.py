import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from snapmode.errors import SnapModeError
from snapmode.up_command import up


class Shops:
    """Children of which the crawl fails twice; the third wait ends the test."""

    def __init__(self) -> None:
        self.crawls = 0

    def start(self, *arguments: str) -> None:
        pass

    def check(self) -> None:
        pass

    def run(self, *arguments: str) -> None:
        self.crawls += 1
        if self.crawls < 3:
            raise SnapModeError("the shop is away")

    def wait_for_any(self, seconds: float) -> None:
        if self.crawls == 3:
            raise SnapModeError("the end")


def test_a_crawl_that_fails_stops_neither_ingest_nor_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shops = Shops()

    @contextlib.contextmanager
    def children() -> Iterator[Shops]:
        yield shops

    monkeypatch.setattr("snapmode.up_command.children", children)
    with pytest.raises(SnapModeError, match="the end"):
        up(["https://shop.test/"], data=tmp_path)
    assert shops.crawls == 3
