import hashlib
import io

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from snapmode.wiring import House
from tests.unit.api.conftest import RED, drawn

KEY = hashlib.sha256(RED).hexdigest()


def test_the_stored_bytes_come_with_their_type_and_stay_forever(client: TestClient) -> None:
    answer = client.get(f"/v1/images/{KEY}")
    assert answer.content == RED
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("wish", "width"), [(1, 160), (160, 160), (161, 320), (5000, 400)])
def test_widths_are_rounded_up_and_never_enlarge(client: TestClient, wish: int, width: int) -> None:
    answer = client.get(f"/v1/images/{KEY}", params={"width": wish})
    assert Image.open(io.BytesIO(answer.content)).size == (width, width * 5 // 4)


def test_a_client_that_has_it_gets_304(client: TestClient) -> None:
    tags = {client.get(f"/v1/images/{KEY}{q}").headers["etag"] for q in ("", "?width=320")}
    assert len(tags) == 2
    for tag in (f'"{KEY}"', f'"other", W/"{KEY}"', "*"):
        answer = client.get(f"/v1/images/{KEY}", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
    assert client.get(f"/v1/images/{KEY}", headers={"If-None-Match": '"x"'}).status_code == 200


def test_what_is_not_a_picture_is_only_a_download(client: TestClient, house: House) -> None:
    key = house.images.put(b"<script>alert(1)</script>")
    answer = client.get(f"/v1/images/{key}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert client.get(f"/v1/images/{key}?width=320").status_code == 422


def test_unknown_keys_are_404_and_other_words_are_no_keys(client: TestClient) -> None:
    assert client.get(f"/v1/images/{'0' * 64}").status_code == 404
    for word in ("x", "..%2f..%2fetc", "0" * 63, "A" * 64):
        assert client.get(f"/v1/images/{word}").status_code in (404, 422)


def test_transparency_is_kept(client: TestClient, house: House) -> None:
    key = house.images.put(drawn("#ff000080", (800, 800), "PNG"))
    answer = client.get(f"/v1/images/{key}?width=320")
    assert answer.headers["content-type"] == "image/webp"
