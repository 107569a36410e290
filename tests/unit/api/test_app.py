import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import STATIC, create_app
from api.limits import largest_body
from snapmode.errors import TransientError
from snapmode.items import Product
from snapmode.wiring import House
from tests.fakes import FakeCatalog
from tests.unit.api.conftest import furnished

DOCS = Path(__file__).resolve().parents[3] / "docs" / "api.md"


class BrokenCatalog(FakeCatalog):
    def get(self, ids: object) -> list[Product]:
        raise RuntimeError("secret detail")


class AwayCatalog(FakeCatalog):
    def get(self, ids: object) -> list[Product]:
        raise TransientError("nobody answers on 10.0.0.7")


def test_every_error_is_a_problem_document(client: TestClient) -> None:
    cases = [("GET", "/nowhere", 404), ("POST", "/livez", 405), ("GET", "/static/no.js", 404)]
    for method, path, status in cases:
        answer = client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json().keys() >= {"type", "title", "status", "detail", "instance"}
        assert answer.json()["instance"] == path


@pytest.mark.parametrize("path", ["/", "/livez", "/v1/products", "/static/app.css", "/nowhere"])
def test_head_is_get_without_its_body(client: TestClient, path: str) -> None:
    head, got = client.head(path), client.get(path)
    assert head.content == b""
    assert head.status_code == got.status_code
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["content-type"] == got.headers["content-type"]


def test_a_bug_says_nothing_about_itself(house: House) -> None:
    house.catalog = BrokenCatalog()
    client = TestClient(create_app(house), raise_server_exceptions=False)
    answer = client.get("/v1/products/red")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text


def test_an_engine_that_is_away_is_503_with_a_time_to_come_back(house: House) -> None:
    house.catalog = AwayCatalog()
    answer = TestClient(create_app(house)).get("/v1/products/red")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "10.0.0.7" not in answer.text


def test_bodies_are_bounded_whether_announced_or_chunked(tmp_path: Path) -> None:
    limit = largest_body(1000)
    form_start = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'

    def chunked() -> Iterator[bytes]:
        yield form_start
        yield from [b"x" * 10_000] * (limit // 10_000 + 1)

    with furnished(tmp_path, {"SNAPMODE_PICTURES__MAX_BYTES": "1000"}) as house:
        client = TestClient(create_app(house))
        for kind in ("application/json", "multipart/form-data; boundary=x"):
            for content in (b"x" * (limit + 1), chunked()):
                answer = client.post("/v1/embed", content=content, headers={"Content-Type": kind})
                assert answer.status_code == 413, answer.text
                assert answer.headers["content-type"] == "application/problem+json"


def test_answers_carry_security_headers_and_no_cors(client: TestClient) -> None:
    for path in ("/", "/v1/products", "/nowhere", "/static/app.js"):
        headers = client.get(path, headers={"Origin": "https://other.example"}).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "img-src 'self' data: blob:" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_and_all_they_load_come_from_here(client: TestClient, path: str) -> None:
    page = client.get(path)
    assert page.headers["content-type"].startswith("text/html")
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        if not address.startswith("#"):
            assert client.get(address).status_code == 200, address


def test_no_file_of_the_page_names_another_host_or_writes_markup() -> None:
    allowed = {"http://www.w3.org/2000/svg"}
    for file in STATIC.iterdir():
        text = file.read_text()
        assert set(re.findall(r"https?://[\w.][^\s\"')]*", text)) <= allowed, file.name
        assert "innerHTML" not in text, file.name
        assert "style=" not in text, f"{file.name}: the policy forbids inline styles"


def test_openapi_is_complete(client: TestClient) -> None:
    spec = client.get("/openapi.json").json()
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation.get("description") or operation.get("summary"), where
            for parameter in operation.get("parameters", []):
                assert parameter.get("description"), f"{where}: {parameter['name']}"
            if method == "post":
                assert set(operation["requestBody"]["content"]) == {
                    "application/json",
                    "multipart/form-data",
                }
                assert "application/problem+json" in operation["responses"]["422"]["content"]
    found = spec["components"]["schemas"]["ProductDocument"]["properties"]
    assert {"id", "regularPrice", "fetched_at"} < found.keys()
    assert not {"version", "provenance"} & found.keys()


def test_every_route_is_in_the_docs(client: TestClient) -> None:
    text = DOCS.read_text()
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}" in text, f"{method} {path} is not in docs/api.md"
