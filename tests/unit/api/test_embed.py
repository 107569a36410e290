import base64

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tests.fakes import FakeEmbedder
from tests.unit.api.conftest import RED


def test_form_and_json_give_the_vector_and_its_parts(client: TestClient) -> None:
    form = client.post("/v1/embed", files={"image": ("a.jpg", RED)}).json()
    as_json = client.post("/v1/embed", json={"image": base64.b64encode(RED).decode()}).json()
    assert form == as_json
    assert list(form) == ["model", "dim", "parts", "vector"]
    assert (form["model"], form["dim"], form["parts"]) == (FakeEmbedder.name, 8, {"all": [0, 8]})
    assert np.allclose(form["vector"], FakeEmbedder.vector(RED))


@pytest.mark.parametrize("body", [{}, {"image": "aGk=", "image_url": "x"}, {"vector": [1]}])
def test_exactly_one_picture(client: TestClient, body: dict[str, object]) -> None:
    answer = client.post("/v1/embed", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_no_picture_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/embed", files={"image": ("a.jpg", b"bad")})
    assert (answer.status_code, answer.json()["detail"]) == (422, "not a picture")
