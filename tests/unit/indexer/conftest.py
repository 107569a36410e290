"""A disk that is full, and what brings products into a house."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from snapmode.codec import encode
from snapmode.ingest import GROUP, EmbedStep, IndexStep, read_message
from snapmode.items import Product
from snapmode.topics import PRODUCTS
from snapmode.wiring import House

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
