"""`snapmode search` and the use case behind it."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import typer

from snapmode import search_command
from snapmode.errors import ConfigError, RejectedError
from snapmode.filters import parse_filter
from snapmode.ingest import EmbedStep, IndexStep
from snapmode.items import Removal
from snapmode.ports import Picture
from snapmode.search import Search
from snapmode.settings import load_settings
from snapmode.wiring import House
from tests.fakes import FakeCatalog, FakeEmbedder, FakeImages, FakeVectors, product

PICTURES = [f"picture {number}".encode() for number in range(40)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Ten products; product n has pictures n, 10+n, 20+n and 30+n."""
    with House(load_settings(None, tmp_path, {})) as house:
        house.embedder, house.images = FakeEmbedder(), FakeImages()
        house.vectors, house.catalog = FakeVectors(), FakeCatalog()
        keys = [house.images.put(data) for data in PICTURES]
        products = [
            product(f"p{n}", pictures=keys[n::10], brand="even" if n % 2 == 0 else "odd")
            for n in range(10)
        ]
        embed = EmbedStep(house.embedder, house.images, house.vectors)
        IndexStep(house.catalog, house.vectors)(embed([*products, product("bare")]))
        yield house


@pytest.fixture
def search(house: House) -> Search:
    return Search(house.embedder, house.vectors, house.catalog)


def best_by_hand(query: bytes, brand: str | None = None) -> list[str]:
    """The products in the order of their best picture, by a loop."""
    vector = FakeEmbedder.vector(query)
    scores = [
        (max(float(FakeEmbedder.vector(each) @ vector) for each in PICTURES[n::10]), f"p{n}")
        for n in range(10)
        if brand is None or (n % 2 == 0) == (brand == "even")
    ]
    return [name for _, name in sorted(scores, reverse=True)]


@pytest.mark.parametrize("query", PICTURES[:3])
def test_products_come_in_the_order_of_their_best_picture(search: Search, query: bytes) -> None:
    answer = search.by_picture(Picture(query), limit=10)
    assert [hit.product.id for hit in answer.hits] == best_by_hand(query)
    assert answer.hits[0].score == pytest.approx(1, abs=1e-5)
    assert (answer.mode, answer.exact, answer.scanned) == ("exact", True, 40)


def test_pages_follow_each_other(search: Search) -> None:
    query = Picture(PICTURES[5])
    pages = [search.by_picture(query, limit=3, offset=at).hits for at in (0, 3, 6, 9)]
    assert [hit.product.id for page in pages for hit in page] == best_by_hand(PICTURES[5])


def test_a_filter_is_applied_before_the_limit(search: Search) -> None:
    answer = search.by_picture(Picture(PICTURES[4]), 5, filter=parse_filter({"brand": "odd"}))
    assert [hit.product.id for hit in answer.hits] == best_by_hand(PICTURES[4], "odd")


def test_a_product_just_removed_does_not_shorten_the_page(house: House, search: Search) -> None:
    house.catalog.delete([Removal(id=best_by_hand(PICTURES[1])[0], version=2)])
    answer = search.by_picture(Picture(PICTURES[1]), limit=3)
    assert [hit.product.id for hit in answer.hits] == best_by_hand(PICTURES[1])[1:4]


def test_similar_goes_by_the_main_picture_and_leaves_itself_out(search: Search) -> None:
    answer = search.similar("p3", limit=10)
    assert [hit.product.id for hit in answer.hits] == best_by_hand(PICTURES[3])[1:]


def test_what_can_not_be_compared_is_refused(search: Search) -> None:
    with pytest.raises(KeyError):
        search.similar("nobody", limit=1)
    with pytest.raises(RejectedError, match="no picture"):
        search.similar("bare", limit=1)
    for vector in ([1.0] * 7, [0.0] * 8, [float("nan")] * 8):
        with pytest.raises(RejectedError, match="vector"):
            search.by_vector(np.array(vector, np.float32), limit=1)


# ---------------------------------------------------------------- the command


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(PICTURES[7])
    return path


@pytest.fixture(autouse=True)
def opened(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_command, "open_house", lambda config, data: house)


def test_json_has_the_hits_and_how_they_were_found(
    photo: Path, house: House, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    search_command.search(photo, k=2, filter='{"brand": "odd"}', json=True)
    report = json.loads(capfdbinary.readouterr().out)
    assert (report["model"], report["mode"], report["exact"]) == (FakeEmbedder.name, "exact", True)
    assert report["took_ms"] >= 0
    assert len(report["hits"]) == 2
    found = report["hits"][0]
    stored = house.catalog.get(["p7"])[0]
    assert found["product_id"] == "p7"
    assert found["score"] == pytest.approx(1, abs=1e-5)
    assert (found["name"], found["url"]) == (stored.name, stored.url)
    assert found["image_url"] == stored.images[0].url


def test_text_is_a_table(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    search_command.search(photo, k=1)
    text = capsys.readouterr().out
    assert "Product p7" in text
    assert "40 pictures scanned" in text


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.jpg"):
        search_command.search(tmp_path / "missing.jpg")
    with pytest.raises(ConfigError, match="directory"):
        search_command.search(tmp_path)


def test_bad_input_is_rejected(photo: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--filter: 'colour' can't be filtered"):
        search_command.search(photo, filter='{"colour": "red"}')
    photo.write_bytes(b"bad")
    with pytest.raises(RejectedError, match=rf"^{photo}: .*not a picture"):
        search_command.search(photo)


def test_the_options_are_those_of_the_table_of_commands() -> None:
    app = typer.Typer()
    app.command()(search_command.search)
    options = {option for each in typer.main.get_command(app).params for option in each.opts}
    assert {"-k", "--filter", "--json", "--data", "--config"} <= options
