import json

import pytest
from fastapi.testclient import TestClient

from snapmode.codec import exported
from snapmode.wiring import House


def test_one_product_is_what_export_prints(client: TestClient, house: House) -> None:
    answer = client.get("/v1/products/blue")
    assert answer.json() == exported(house.catalog.get(["blue"])[0])
    assert answer.json()["price"] == "90.50"


def test_an_unknown_product_is_404(client: TestClient) -> None:
    for path in ("/v1/products/gone", "/v1/products/gone/similar"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["detail"]) == (404, "no product gone")


def test_similar_answers_like_a_search(client: TestClient) -> None:
    answer = client.get("/v1/products/red/similar", params={"limit": 1}).json()
    hits = answer["objects"][0]["hits"]
    assert [hit["product_id"] for hit in hits] == ["blue"]
    assert answer["objects"][0]["type"] == "whole"


def test_similar_takes_a_filter(client: TestClient) -> None:
    where = {"filter": json.dumps({"brand": "Other"})}
    hits = client.get("/v1/products/red/similar", params=where).json()["objects"][0]["hits"]
    assert [hit["product_id"] for hit in hits] == ["green"]


def test_words_filter_and_page(client: TestClient) -> None:
    answer = client.get("/v1/products", params={"q": "coat", "limit": 1, "offset": 1}).json()
    assert [each["id"] for each in answer["products"]] == ["green"]
    assert (answer["total"], answer["facets"]) == (2, {})
    where = {"filter": json.dumps({"price": {"lt": 50}})}
    assert client.get("/v1/products", params=where).json()["total"] == 2


@pytest.mark.parametrize("query", ["facet=brand&facet=currency", "facet=brand,currency"])
def test_facets_are_counted(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/products?{query}").json()["facets"] == {
        "brand": [{"value": "Acme", "count": 2}, {"value": "Other", "count": 1}],
        "currency": [{"value": "EUR", "count": 1}],
    }


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("facet=price", "price"),
        ("filter=[1]", "JSON object"),
        ("filter={%22name%22:%22x%22}", "'name' can't be filtered on"),
        ("limit=0", "limit"),
        ("limit=1000", "at most 200"),
        ("offset=-1", "offset"),
        ("offset=x", "offset"),
        (f"q={'x' * 501}", "q"),
    ],
)
def test_bad_questions_are_refused_by_name(client: TestClient, query: str, said: str) -> None:
    answer = client.get(f"/v1/products?{query}")
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
