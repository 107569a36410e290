"""`snapmode ingest` as a user runs it."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from snapmode.codec import encode
from snapmode.command import build_app
from snapmode.ingest import GROUP
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.fakes import product
from topologies import local

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _brief_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "IDLE_SECONDS", 0.0)


def publish(house: House, number: int, picture: str) -> None:
    products = [
        product(f"p{n}", pictures=[house.images.put(f"{picture} {n}".encode())])
        for n in range(number)
    ]
    house.log.publish(PRODUCTS, [(each.id, encode(each)) for each in products])


def ingest(config: Path, data: Path, *arguments: str, code: int = 0) -> str:
    words = ["ingest", "--until-idle", "--config", str(config), "--data", str(data), *arguments]
    done = CliRunner().invoke(build_app("ingest"), words)
    assert done.exit_code == code, done.output
    return done.stdout


def report(config: Path, data: Path, code: int = 0) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(ingest(config, data, "--json", code=code))
    return answer


def test_the_report_counts_this_run(house: House, config: Path, data: Path) -> None:
    publish(house, 6, "picture")
    first = report(config, data)
    assert first.pop("seconds") > 0
    assert first.pop("pictures_per_second") > 0
    assert first == {
        "products": 6,
        "removed": 0,
        "stale": 0,
        "pictures_embedded": 6,
        "pictures_reused": 0,
        "rejected": 0,
        "dead_letters": 0,
    }
    publish(house, 3, "picture")
    second = report(config, data)
    assert (second["products"], second["pictures_embedded"], second["pictures_reused"]) == (3, 0, 3)


def test_rejected_pictures_end_with_3(house: House, config: Path, data: Path) -> None:
    publish(house, 2, "bad")
    counts = report(config, data, code=3)
    assert (counts["rejected"], counts["dead_letters"], counts["products"]) == (2, 2, 2)


def test_the_report_reads_as_a_line(house: House, config: Path, data: Path) -> None:
    publish(house, 2, "picture")
    assert ingest(config, data).startswith("products: 2, removed: 0, ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_its_report(
    house: House, config: Path, data: Path, number: signal.Signals
) -> None:
    publish(house, 6, "picture")
    words = ["ingest", "--json", "--config", str(config), "--data", str(data)]
    with subprocess.Popen(
        [sys.executable, "-m", "snapmode", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout
        while house.log.lag(PRODUCTS, GROUP):
            assert process.poll() is None
        process.send_signal(number)
        counts = json.loads(process.stdout.read())
    assert process.returncode == 0
    assert counts["products"] == 6
