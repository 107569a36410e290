"""``snapmode demo-shop`` as a process."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from demo_shop import DemoShop
from demo_shop.command import write_pictures
from demo_shop.server import ShopServer
from demo_shop.truth import open_for_lines
from snapmode.errors import ConfigError

PROGRAM = "import typer; from demo_shop.command import demo_shop; typer.run(demo_shop)"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_cleanly(tmp_path: Path, ending: signal.Signals) -> None:
    truth, log = tmp_path / "truth.jsonl", tmp_path / "log.jsonl"
    root = Path(__file__).parents[3]
    arguments = ["--seed", "3", "--port", "0", "--products", "3"]
    files = ["--truth", str(truth), "--log", str(log)]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments, *files],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    with process:
        line = process.stdout.readline()
        found = re.fullmatch(
            r"demo shop of 3 products on (http://127\.0\.0\.1:\d+/) \(seed 3\)\n", line
        )
        assert found, line
        with urlopen(found[1]) as answer:
            assert answer.status == 200
        process.send_signal(ending)
        assert process.wait(timeout=10) == 0
    lines = [json.loads(each) for each in truth.read_text().splitlines()]
    assert len(lines) == 3
    assert all(each["url"].startswith(found[1]) for each in lines)
    assert [json.loads(each)["path"] for each in log.read_text().splitlines()] == ["/"]


def test_a_port_in_use_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=str(port)):
            ShopServer(DemoShop(1, 1), port)


def test_files_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--truth"):
        open_for_lines(tmp_path / "no" / "truth.jsonl", "--truth")


def test_pictures_are_written_by_sku_and_view(tmp_path: Path) -> None:
    shop = DemoShop(2, 2)
    write_pictures(shop, tmp_path / "pictures")
    names = {each.name for each in (tmp_path / "pictures").iterdir()}
    assert names == {
        f"{each.sku}_{view}.jpg" for each in shop.products for view in range(len(each.pictures))
    }
