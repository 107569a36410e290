"""A house on the embedded stores with an embedder that needs no model, and a disk that is full."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from snapmode.codec import encode
from snapmode.ingest import GROUP, EmbedStep, IndexStep, read_message
from snapmode.items import Product
from snapmode.settings import load_settings
from snapmode.topics import PRODUCTS
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
"""
FullDisk = Callable[[int], AbstractContextManager[None]]


@pytest.fixture
def full_disk() -> FullDisk:
    """Within the block no file can grow beyond so many bytes, as on a full disk."""

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(SETTINGS)
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def house(config: Path, data: Path) -> Iterator[House]:
    with House(load_settings(config, data)) as opened:
        yield opened


def publish(house: House, products: list[Product]) -> None:
    house.log.publish(PRODUCTS, [(product.id, encode(product)) for product in products])


def ingest(house: House) -> None:
    """Everything in the log goes to the stores."""
    embed = EmbedStep(house.embedder, house.images, house.vectors)
    index = IndexStep(house.catalog, house.vectors)
    while records := house.log.poll(PRODUCTS, GROUP, 100):
        index(embed([read_message(record) for record in records]))
        offsets = {record.partition: record.offset for record in records}
        house.log.commit(PRODUCTS, GROUP, offsets)
