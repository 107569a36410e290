import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from snapmode.codec import exported
from snapmode.errors import TransientError
from snapmode.wiring import House
from tests.fakes import FakeEmbedder
from tests.unit.api.conftest import BLUE, GREEN, RED, furnished

ADDRESS = "/v1/search/image"


def sent(client: TestClient, data: bytes = RED, **fields: str) -> Any:
    answer = client.post(ADDRESS, files={"image": ("photo.jpg", data)}, data=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: Any) -> list[str]:
    return [hit["product_id"] for hit in answer["objects"][0]["hits"]]


def refused(answer: Any, status: int = 422) -> str:
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["instance"] == ADDRESS
    return str(problem["detail"])


def test_a_picture_finds_its_product_first_and_every_product_once(client: TestClient) -> None:
    found = ids(sent(client, GREEN))
    assert found[0] == "green"
    assert sorted(found) == ["blue", "green", "red"]


def test_the_answer_has_the_shape_that_stays(client: TestClient, house: House) -> None:
    answer = sent(client)
    assert list(answer) == [
        *("query_id", "model", "mode", "exact", "scanned", "index_time", "took_ms", "objects")
    ]
    assert (answer["model"], answer["mode"], answer["exact"]) == (FakeEmbedder.name, "exact", True)
    seen = answer["objects"][0]
    assert (seen["box"], seen["type"], seen["score"]) == ([0, 0, 1, 1], "whole", 1)
    # Two products share the red picture: both are a perfect match.
    hit = next(hit for hit in seen["hits"] if hit["product_id"] == "red")
    assert hit == {
        "product_id": "red",
        "score": pytest.approx(1, abs=1e-5),
        "image": f"/v1/images/{hashlib.sha256(RED).hexdigest()}",
        "product": exported(house.catalog.get(["red"])[0]),
    }


def test_every_way_to_name_the_picture_gives_the_same_products(client: TestClient) -> None:
    ways: list[dict[str, Any]] = [
        {"image": base64.b64encode(BLUE).decode()},
        {"vector": FakeEmbedder.vector(BLUE).tolist()},
    ]
    for body in ways:
        assert ids(client.post(ADDRESS, json=body).json()) == ids(sent(client, BLUE))


def test_a_known_product_finds_the_others(client: TestClient) -> None:
    assert ids(client.post(ADDRESS, json={"product_id": "blue"}).json())[0] in ("red", "green")
    assert "blue" not in ids(client.post(ADDRESS, json={"product_id": "blue"}).json())


def test_limit_and_offset_walk_through_the_same_order(client: TestClient) -> None:
    whole = ids(sent(client))
    assert [ids(sent(client, limit="1", offset=str(at)))[0] for at in range(3)] == whole


@pytest.mark.parametrize("filter", ['{"brand": "Other"}', '{"price": {"gte": 20, "lt": 50}}'])
def test_filters_apply_to_forms_and_json(client: TestClient, filter: str) -> None:
    assert ids(sent(client, filter=filter)) == ["green"]
    body = {"vector": FakeEmbedder.vector(RED).tolist(), "filter": json.loads(filter)}
    assert ids(client.post(ADDRESS, json=body).json()) == ["green"]


@pytest.mark.parametrize("text", ["[0.1, 0, 0.5, 1]", "0.1,0,0.5,1"])
def test_a_box_is_told_to_the_embedder_and_named_in_the_answer(
    client: TestClient, text: str
) -> None:
    seen = sent(client, box=text)["objects"][0]
    assert (seen["box"], seen["type"]) == ([0.1, 0, 0.5, 1], "box")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "exactly one of image, image_url, product_id, vector; got none"),
        ({"image": "aGk=", "vector": [1]}, "got image and vector"),
        ({"image": "%%%"}, "image: not base64"),
        ({"image": base64.b64encode(b"bad").decode()}, "not a picture"),
        ({"image_url": "https://shop.example/a.jpg"}, "image_url is off"),
        ({"vector": [1, 2]}, "vector has 2 values"),
        ({"vector": [0] * 8}, "not all zero"),
        ({"product_id": "bare"}, "no picture"),
        ({"product_id": "red", "box": [0, 0, 1, 1]}, "box goes with"),
        ({"image": "aGk=", "box": [0.5, 0, 0.5, 1]}, "x1 < x2"),
        ({"image": "aGk=", "box": [0, 0, 1]}, "box"),
        ({"product_id": "red", "limit": 0}, "limit"),
        ({"product_id": "red", "limit": 201}, "limit is at most 200"),
        ({"product_id": "red", "offset": -1}, "offset"),
        ({"product_id": "red", "filter": {"colour": "red"}}, "did you mean 'color'"),
        ({"product_id": "red", "filter": "{"}, "filter is not JSON"),
        ({"product_id": "red", "colour": "red"}, "colour"),
    ],
)
def test_bad_json_is_refused_by_name(client: TestClient, body: dict[str, Any], said: str) -> None:
    assert said in refused(client.post(ADDRESS, json=body))


@pytest.mark.parametrize("vector", ["[NaN, 1, 1, 1, 1, 1, 1, 1]", "[1e999, 1, 1, 1, 1, 1, 1, 1]"])
def test_a_vector_that_is_not_finite_is_refused(client: TestClient, vector: str) -> None:
    headers = {"Content-Type": "application/json"}
    refused(client.post(ADDRESS, content=f'{{"vector": {vector}}}', headers=headers))


def test_what_is_not_json_is_refused(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert "JSON" in refused(client.post(ADDRESS, content=b"\xff{", headers=headers))


def test_a_form_needs_a_file_called_image(client: TestClient) -> None:
    answer = client.post(ADDRESS, data={"image": "aGk="}, files={"other": ("x", b"x")})
    assert "image: a form needs a file here" in refused(answer)
    refused(client.post(ADDRESS, files={"image": ("a", RED)}, data={"box": "left"}))
    refused(client.post(ADDRESS, files={"image": ("a", RED)}, data={"limit": "many"}))


def test_other_bodies_are_415(client: TestClient) -> None:
    refused(client.post(ADDRESS, content=RED, headers={"Content-Type": "image/jpeg"}), 415)
    refused(client.post(ADDRESS), 415)


def test_unknown_products_are_404(client: TestClient) -> None:
    assert "no product" in refused(client.post(ADDRESS, json={"product_id": "gone"}), 404)


def test_a_picture_over_the_limit_is_413(tmp_path: Path) -> None:
    with furnished(tmp_path, {"SNAPMODE_PICTURES__MAX_BYTES": "1000"}) as house:
        client = TestClient(create_app(house))
        answer = client.post(ADDRESS, files={"image": ("photo.jpg", RED)})
        assert "at most 1000" in refused(answer, 413)


def test_image_url_is_fetched_within_the_limits_when_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fetch(url: str, max_bytes: int, timeout: float) -> bytes:
        asked.append((url, max_bytes, timeout))
        return GREEN

    monkeypatch.setattr("api.pictures.fetch", fetch)
    with furnished(tmp_path, {"SNAPMODE_API__IMAGE_URL": "true"}) as house:
        answer = TestClient(create_app(house)).post(ADDRESS, json={"image_url": "https://a.b/c"})
    assert ids(answer.json())[0] == "green"
    assert asked == [("https://a.b/c", 20_000_000, 10.0)]


def test_a_host_that_is_away_is_the_fault_of_neither_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(url: str, max_bytes: int, timeout: float) -> bytes:
        raise TransientError("a.b does not answer")

    monkeypatch.setattr("api.pictures.fetch", fetch)
    with furnished(tmp_path, {"SNAPMODE_API__IMAGE_URL": "true"}) as house:
        answer = TestClient(create_app(house)).post(ADDRESS, json={"image_url": "https://a.b/c"})
    assert "a.b does not answer" in refused(answer, 502)


def test_image_url_never_reaches_private_addresses(tmp_path: Path) -> None:
    with furnished(tmp_path, {"SNAPMODE_API__IMAGE_URL": "true"}) as house:
        client = TestClient(create_app(house))
        refused(client.post(ADDRESS, json={"image_url": "http://127.0.0.1:1/a.jpg"}))
        refused(client.post(ADDRESS, json={"image_url": "file:///etc/hostname"}))
