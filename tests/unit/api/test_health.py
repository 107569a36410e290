from fastapi.testclient import TestClient

from api.app import create_app
from snapmode.codec import encode
from snapmode.errors import TransientError
from snapmode.filters import Filter
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.fakes import FakeCatalog, FakeVectors, product


class AwayCatalog(FakeCatalog):
    def count(self, filter: Filter | None = None) -> int:
        raise TransientError("nobody answers on port 8983")


class AwayVectors(FakeVectors):
    def count(self, filter: Filter | None = None) -> int:
        raise TransientError("nobody answers on port 19530")


def test_all_is_well(client: TestClient) -> None:
    assert client.get("/livez").json() == {"status": "ok"}
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.json()["status"] == "ok"
        assert set(answer.json()["checks"]) == {"embedder", "vectors", "catalog", "images", "log"}


def test_readiness_names_what_is_away_while_the_process_lives_on(house: House) -> None:
    house.catalog, house.vectors = AwayCatalog(), AwayVectors()
    client = TestClient(create_app(house))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json()["detail"] == "not ready: vectors, catalog"
    assert "8983" in answer.json()["checks"]["catalog"]
    assert client.get("/livez").status_code == 200
    health = client.get("/healthz")
    assert (health.status_code, health.json()["status"]) == (200, "degraded")


def test_metrics_count_requests_by_route_and_tell_the_lag(client: TestClient, house: House) -> None:
    counted = 'snapmode_http_requests_total{route="/v1/products/{id}",status="404"}'

    def value(name: str) -> float:
        lines = client.get("/metrics").text.splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(name)), 0)

    before = value(counted)
    client.get("/v1/products/some-other-id")
    assert value(counted) == before + 1
    lag = 'snapmode_log_lag_records{group="ingest",topic="products"}'
    before = value(lag)
    house.log.publish(PRODUCTS, [("red", encode(product("red")))])
    assert value(lag) == before + 1


def test_metrics_still_come_when_the_log_is_away(house: House) -> None:
    class AwayLog:
        def lag(self, topic: str, group: str) -> int:
            raise TransientError("nobody answers on port 9092")

        def close(self) -> None:
            pass

    house.log = AwayLog()  # type: ignore[assignment]  # only what the route needs
    answer = TestClient(create_app(house)).get("/metrics")
    assert answer.status_code == 200
    assert "NaN" in answer.text
