"""A small house on real embedded stores, with an embedder that needs no model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from snapmode.settings import load_settings
from snapmode.wiring import House

SETTINGS = """
[log]
adapter = "topologies.sqlite_log:SqliteLog"
path = "{data}/log.sqlite"
[images]
adapter = "indexer.folder_images:FolderImages"
path = "{data}/images"
[catalog]
adapter = "indexer.sqlite_catalog:SqliteCatalog"
path = "{data}/catalog.sqlite"
[vectors]
adapter = "indexer.numpy_vectors:NumpyVectors"
path = "{data}/vectors"
[embedder]
adapter = "tests.fakes:FakeEmbedder"
[ingest]
batch = 4
retries = 2
max_backoff = 0.01
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(SETTINGS)
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def house(config: Path, data: Path) -> Iterator[House]:
    with House(load_settings(config, data)) as house:
        yield house
