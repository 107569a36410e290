import gzip
import json
from pathlib import Path

import pytest
import typer

from crawler.extract_command import extract
from snapmode.errors import ConfigError

CASE = Path("tests/pages/opengraph_only")


def test_the_product_of_a_saved_page(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    packed = tmp_path / "page.html.gz"
    packed.write_bytes(gzip.compress((CASE / "page.html").read_bytes()))
    for file in (CASE / "page.html", packed):
        extract(file, url="https://shop.example/p/wool-scarf")
        found = json.loads(capfd.readouterr().out)
        assert (found["name"], found["price"]) == ("Wool scarf", "25.50")
        assert "version" not in found


def test_no_product(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        extract(Path("tests/pages/journal/page.html"), url="https://shop.example/journal")
    assert ended.value.exit_code == 3
    assert json.loads(capfd.readouterr().out) is None


def test_bad_arguments(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--url"):
        extract(CASE / "page.html", url="nonsense")
    with pytest.raises(ConfigError, match="can't be read"):
        extract(tmp_path / "missing.html", url="https://shop.example/")
    broken = tmp_path / "broken.html.gz"
    broken.write_bytes(b"\x1f\x8b broken")
    with pytest.raises(ConfigError, match="can't be read"):
        extract(broken, url="https://shop.example/")
