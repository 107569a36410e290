import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from snapmode.errors import ConfigError, SnapModeError
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
    monkeypatch.setenv("SNAPMODE_API__PORT", "0")  # any free one: other programs run here, too
    with pytest.raises(SnapModeError, match="the end"):
        up(["https://shop.test/"], data=tmp_path)
    assert shops.crawls == 3


def test_what_is_wrong_is_said_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="notaurl: the address of a shop begins with"):
        up(["notaurl"], data=tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} is in use"):
            up(["https://shop.test/"], port=port, data=tmp_path)
