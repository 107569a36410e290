import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer
from PIL import Image

from crawler.import_command import import_
from snapmode import dead_letters
from snapmode.codec import decode, exported
from snapmode.errors import ConfigError
from snapmode.items import Product
from snapmode.settings import load_settings
from snapmode.topics import PRODUCTS
from snapmode.wiring import House


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, colour in (("a.jpg", "red"), ("b.png", "blue")):
        Image.new("RGB", (40, 50), colour).save(tmp_path / name)
    (tmp_path / "bad.jpg").write_text("no picture")
    return tmp_path


def house(folder: Path) -> House:
    return House(load_settings(data=folder / "data", environ={}))


def imported(folder: Path, name: str, text: str) -> dict[str, Product]:
    (folder / name).write_text(text, "utf-8")
    import_([folder / name], data=folder / "data")
    return products(folder)


def products(folder: Path) -> dict[str, Product]:
    with house(folder) as opened:
        values = [record.value for record in opened.log.read_all(PRODUCTS)]
    found = [decode(value) for value in values if value]
    return {product.name: product for product in found if isinstance(product, Product)}


def reasons(folder: Path) -> list[str]:
    with house(folder) as opened:
        return [letter.reason for letter in dead_letters.read(opened.log)]


def test_csv(folder: Path) -> None:
    found = imported(
        folder,
        "c.csv",
        "sku,name,price,currency,image,sizes,breadcrumbs,availability,url\n"
        'A1,Red shirt,"1.049,90",eur,a.jpg|b.png,S|M,Women|Shirts,in stock,https://shop.test/a1\n',
    )
    shirt = found["Red shirt"]
    assert (shirt.price, shirt.currency, shirt.availability) == ("1049.90", "EUR", "InStock")
    assert (shirt.sizes, shirt.source) == (("S", "M"), "shop.test")
    assert [crumb.name for crumb in shirt.breadcrumbs] == ["Women", "Shirts"]
    assert [image.url for image in shirt.images] == ["a.jpg", "b.png"]
    assert len(shirt.image_keys) == 2
    assert shirt.provenance["price"] == "import"


def test_what_export_printed_comes_back_as_it_was(folder: Path) -> None:
    first = imported(folder, "c.csv", "sku,name,price,sizes,image\nA1,Shirt,9,S|M,a.jpg\n")["Shirt"]
    row = exported(first) | {"name": "Shirt again"}
    again = imported(folder, "e.jsonl", json.dumps(row) + "\n")["Shirt again"]
    assert again.id == first.id
    assert again.version > first.version
    assert (again.sizes, again.image_keys) == (first.sizes, first.image_keys)


def test_a_bad_row_is_put_aside_and_the_rest_goes_on(folder: Path) -> None:
    rows = [
        {"sku": "1", "name": "good", "images": ["a.jpg"]},
        {"sku": "2"},
        {"name": "nameless"},
        {"sku": "4", "name": "x", "price": "free"},
        {"sku": "5", "name": "x", "colour": "red"},
        {"sku": "6", "name": "good pictures are kept", "images": "bad.jpg|missing.jpg|b.png"},
    ]
    odd = ['{"sku": "\\ud800", "name": "half a pair"}', "[" * 100_000]
    odd.append('{"sku": "11", "name": "good, too", "images": "http://[bad"}')
    text = "\n".join([*map(json.dumps, rows), "{broken", "[1]", *odd])
    with pytest.raises(typer.Exit) as ended:
        imported(folder, "rows.jsonl", text)
    assert ended.value.exit_code == 3
    assert sorted(products(folder)) == ["good", "good pictures are kept", "good, too"]
    assert len(products(folder)["good pictures are kept"].images) == 1
    said = "\n".join(reasons(folder))
    for part in (
        "rows.jsonl:2: name: Field required",
        "rows.jsonl:3: id: one of id, sku or url is needed",
        "rows.jsonl:4: price: 'free'",
        "rows.jsonl:5: colour: ",
        "rows.jsonl:6: images: bad.jpg: not a picture",
        "rows.jsonl:6: images: missing.jpg: can't be read",
        "rows.jsonl:7: not JSON",
        "rows.jsonl:8: not a JSON object",
        "rows.jsonl:9: not JSON",
        "rows.jsonl:10: not JSON",
        "rows.jsonl:11: images: http://[bad: ",
    ):
        assert part in said


class Host(BaseHTTPRequestHandler):
    """One picture, now and then away."""

    is_away = False

    def do_GET(self) -> None:
        self.send_response(503 if Host.is_away else 200)
        self.end_headers()
        if not Host.is_away:
            self.wfile.write(picture())

    def log_message(self, format: str, *args: object) -> None:
        pass


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 50), "green").save(data, "PNG")
    return data.getvalue()


def test_a_host_that_is_away_takes_no_picture_from_a_product(folder: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        text = f"sku,name,image\nA1,Shirt,http://127.0.0.1:{server.server_port}/a.png\n"
        Host.is_away = False
        first = imported(folder, "c.csv", text)["Shirt"]
        with house(folder) as opened:
            opened.catalog.upsert([first])
        Host.is_away = True
        second = imported(folder, "c.csv", text)["Shirt"]
        with pytest.raises(typer.Exit):
            imported(folder, "new.csv", text.replace("A1", "A2").replace("Shirt", "Skirt"))
        server.shutdown()
        thread.join()
    assert second.version > first.version
    assert second.images == first.images
    assert products(folder)["Skirt"].images == ()


def test_importing_twice_changes_nothing_but_the_version(folder: Path) -> None:
    text = "sku,name,image\nA1,Shirt,a.jpg\n"
    first = imported(folder, "c.csv", text)
    second = imported(folder, "c.csv", text)
    assert list(first) == list(second) == ["Shirt"]
    assert first["Shirt"].id == second["Shirt"].id


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b""])
def test_files_that_can_not_be_read(folder: Path, data: bytes) -> None:
    (folder / "c.csv").write_bytes(data)
    with pytest.raises(ConfigError, match=r"c\.csv"):
        import_([folder / "c.csv"], data=folder / "data")
    with pytest.raises(ConfigError, match="no such file"):
        import_([folder / "missing.csv"], data=folder / "data")


def test_an_unknown_column_is_named_before_any_row(folder: Path) -> None:
    (folder / "c.csv").write_text("sku,name,colour,image\nA1,Shirt,red,a.jpg\n")
    with pytest.raises(ConfigError, match=r"c\.csv: column 'colour' is unknown; did you mean 'col"):
        import_([folder / "c.csv"], data=folder / "data")
    assert products(folder) == {}
