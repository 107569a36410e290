import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from snapmode.command import build_app
from snapmode.errors import ConfigError
from snapmode.wiring import House
from tests.contract.examples import product

# fmt: off
FIELDS = {
    "id", "url", "name", "brand", "price", "regularPrice", "currency", "availability", "sku",
    "gtin", "description", "color", "sizes", "breadcrumbs", "images", "variants", "source",
    "fetched_at",
}
# fmt: on


def command(config: Path, data: Path) -> list[str]:
    return ["export", "--config", str(config), "--data", str(data)]


def test_prints_every_product_in_the_order_of_ids(house: House, config: Path, data: Path) -> None:
    house.catalog.upsert(
        [
            product("b", price="10.50", images=[{"url": "http://x/1.jpg", "key": "ab" * 32}]),
            product("a", name="Käse 北京\n"),
        ]
    )
    done = CliRunner().invoke(build_app("export"), command(config, data), catch_exceptions=False)
    lines = [json.loads(line) for line in done.stdout_bytes.decode().splitlines()]
    assert done.exit_code == 0
    assert [line["id"] for line in lines] == ["a", "b"]
    assert lines[0].keys() >= FIELDS
    assert lines[0]["name"] == "Käse 北京"
    assert lines[1]["price"] == "10.50"
    assert lines[1]["images"] == [{"url": "http://x/1.jpg", "key": "ab" * 32}]
    assert lines[1]["fetched_at"] == "2026-01-02T00:00:00Z"


def test_writes_a_file(house: House, config: Path, data: Path, tmp_path: Path) -> None:
    house.catalog.upsert([product("a")])
    out = tmp_path / "out.jsonl"
    CliRunner().invoke(
        build_app("export"), [*command(config, data), "--out", str(out)], catch_exceptions=False
    )
    assert json.loads(out.read_text())["id"] == "a"
    with pytest.raises(ConfigError, match="nowhere"):
        CliRunner().invoke(
            build_app("export"),
            [*command(config, data), "--out", str(tmp_path / "nowhere" / "out")],
            catch_exceptions=False,
        )


def test_an_absent_data_folder_has_no_products(config: Path, data: Path) -> None:
    done = CliRunner().invoke(build_app("export"), command(config, data), catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (0, "")
    assert not data.exists()


def test_a_reader_that_goes_away_ends_it_quietly(house: House, config: Path, data: Path) -> None:
    house.catalog.upsert([product(f"p{n}", description="long " * 100) for n in range(500)])
    process = subprocess.Popen(
        [sys.executable, "-m", "snapmode", *command(config, data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"{")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 0
    process.stderr.close()
