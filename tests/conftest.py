"""What all suites share: where real data is, and which skips are allowed in CI."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from snapmode.settings import load_settings
from snapmode.wiring import House
from tests.engines import Engines, engines_for

ROOT = Path(__file__).resolve().parent.parent

# Assertions outside of test files tell what they compared as well.
for folder in ("cluster", "congruence", "contract", "faults", "processes", "unit"):
    pytest.register_assert_rewrite(f"tests.{folder}")

# How long an example takes is the machine's affair: no test may fail because others are at work.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ALLOWED_SKIPS = {
    "SNAPMODE_DATA is absent": "real pictures and pages can not be committed",
    "no GPU": "there is none in CI",
}
"""Reason given at the skip → why CI accepts it."""


def real_data() -> Path | None:
    """The folder of real data, or None for those who have only this repository."""
    folder = Path(os.environ.get("SNAPMODE_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


collect_ignore_glob = (
    []
    if find_spec("streamparse")
    else ["cluster/*", "storm/*", "contract/test_kafka_log.py", "contract/test_s3_images.py"]
)
"""Files that can't be imported without the extra `cluster`; its suites install it."""


@pytest.fixture(scope="session")
def data_folder() -> Path:
    folder = real_data()
    if folder is None:
        pytest.skip("SNAPMODE_DATA is absent")
    return folder


@pytest.fixture
def settings_text() -> str:
    """The settings of `house`: what they leave out is as in embedded.toml."""
    return '[embedder]\nadapter = "tests.fakes:FakeEmbedder"\n'


@pytest.fixture
def config(tmp_path: Path, settings_text: str) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(settings_text)
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def house(config: Path, data: Path) -> Iterator[House]:
    """A house on embedded stores, with an embedder that needs no model."""
    with House(load_settings(config, data)) as house:
        yield house


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """Real engines, each started when a test first asks for its settings."""
    with engines_for(ROOT / "var" / "engines-of-tests") as started:
        yield started


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI a skip outside the list is a failure: a suite that quietly stops testing is worse."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason not in ALLOWED_SKIPS:
            report.outcome = "failed"
            report.longrepr = f"skip outside tests/conftest.py ALLOWED_SKIPS: {reason}"
    return report
