"""A house of fakes with a few products, and the app over it."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.app import create_app
from snapmode.ingest import EmbedStep, IndexStep
from snapmode.settings import load_settings
from snapmode.wiring import House
from tests.fakes import FakeCatalog, FakeEmbedder, FakeImages, FakeVectors, product


def drawn(colour: str, size: tuple[int, int] = (400, 500), kind: str = "JPEG") -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


RED, BLUE, GREEN = (drawn(colour) for colour in ("red", "blue", "green"))


def furnished(data: Path, environ: Mapping[str, str] | None = None) -> House:
    """Three products with pictures, one without; only the log is real."""
    house = House(load_settings(None, data, environ or {}))
    house.embedder, house.images = FakeEmbedder(), FakeImages()
    house.vectors, house.catalog = FakeVectors(), FakeCatalog()
    red, blue, green = (house.images.put(data) for data in (RED, BLUE, GREEN))
    products = [
        product("red", pictures=[red], name="Red shirt", brand="Acme", price="10", currency="EUR"),
        product("blue", pictures=[blue, red], name="Blue coat", brand="Acme", price="90.50"),
        product("green", pictures=[green], name="Green coat", brand="Other", price="40"),
        product("bare", name="Bare idea"),
    ]
    IndexStep(house.catalog, house.vectors)(
        EmbedStep(house.embedder, house.images, house.vectors)(products)
    )
    return house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with furnished(tmp_path) as house:
        yield house


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with TestClient(create_app(house), raise_server_exceptions=False) as client:
        yield client
