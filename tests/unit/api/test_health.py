import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app, warm
from api.routes import health
from api.routes.health import CHECKS
from snapmode.codec import encode
from snapmode.errors import ConfigError, TransientError
from snapmode.filters import Filter
from snapmode.items import Product
from snapmode.readiness import Readiness
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.fakes import FakeCatalog, FakeVectors, product
from tests.unit.api.conftest import RED, furnished


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

    client.app.state.readiness = Readiness(house, CHECKS, fresh=0)  # type: ignore[attr-defined] # an app

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


class HungCatalog(FakeCatalog):
    """Holds every call until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()
        self.calls = 0

    def count(self, filter: Filter | None = None) -> int:
        self.calls += 1
        assert self.released.wait(60)
        return 0

    def get(self, ids: object) -> list[Product]:
        assert self.released.wait(60)
        return []


@pytest.fixture
def hung(house: House) -> Iterator[HungCatalog]:
    catalog = HungCatalog()
    house.catalog = catalog
    yield catalog
    catalog.released.set()


def test_an_engine_that_hangs_hangs_nobody_and_is_asked_once(
    house: House, hung: HungCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "DEADLINE", 0.1)
    app = create_app(house)
    app.state.readiness = Readiness(house, CHECKS, fresh=0)
    with TestClient(app) as client:
        # More than the server has threads wait for the engine.
        waiting = [
            threading.Thread(target=client.get, args=("/v1/products/red",)) for _ in range(50)
        ]
        for thread in waiting:
            thread.start()
        for _ in range(3):
            answer = client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["detail"] == "not ready: catalog"
            assert "no answer" in answer.json()["checks"]["catalog"]
        assert 'snapmode_engine_up{engine="catalog"} 0.0' in client.get("/metrics").text
        assert hung.calls == 1
        hung.released.set()
        while client.get("/readyz").status_code != 200:
            time.sleep(0.01)  # between two looks
        assert 'snapmode_engine_up{engine="catalog"} 1.0' in client.get("/metrics").text
        for thread in waiting:
            thread.join()


def test_an_adapter_that_could_not_be_made_at_the_start_becomes_ready(tmp_path: Path) -> None:
    with furnished(
        tmp_path, {"SNAPMODE_CATALOG__ADAPTER": "tests.unit.api.away:LateCatalog"}
    ) as house:
        del house.catalog
        (tmp_path / "away").touch()
        warm(house)  # says so and goes on
        app = create_app(house)
        app.state.readiness = Readiness(house, CHECKS, fresh=0)
        with TestClient(app) as client:
            assert client.get("/readyz").json()["detail"] == "not ready: catalog"
            for path in ("/v1/products", "/v1/products/red", "/v1/products/red/similar"):
                answer = client.get(path)
                assert answer.status_code == 503, path
                assert int(answer.headers["retry-after"]) > 0
            (tmp_path / "away").unlink()
            assert client.get("/readyz").status_code == 200
            assert client.get("/v1/products").status_code == 200


def test_a_setting_that_can_not_work_stops_the_start(tmp_path: Path) -> None:
    with furnished(tmp_path, {"SNAPMODE_CATALOG__ADAPTER": "no.such:Catalog"}) as house:
        del house.catalog
        with pytest.raises(ConfigError, match=r"no\.such:Catalog"):
            warm(house)


class Away:
    """Every method of every port: nobody answers."""

    def __getattr__(self, name: str) -> object:
        def call(*_: object, **__: object) -> object:
            raise TransientError("nobody answers")

        return call

    def close(self) -> None:
        pass


FILTERED = "/v1/products?q=red&facet=brand"
ROUTES = {
    "catalog": ["/v1/products", FILTERED, "/v1/products/red", "/v1/products/red/similar"],
    "vectors": ["/v1/products/red/similar"],
    "images": [f"/v1/images/{'0' * 64}", f"/v1/images/{'0' * 64}?width=100"],
}


@pytest.mark.parametrize("engine", ["catalog", "vectors", "images", "embedder"])
def test_every_route_answers_503_while_its_engine_is_away(house: House, engine: str) -> None:
    setattr(house, engine, Away())
    client = TestClient(create_app(house), raise_server_exceptions=False)
    answers = [client.get(path) for path in ROUTES.get(engine, [])]
    if engine != "images":
        answers.append(client.post("/v1/search/image", files={"image": RED}))
    if engine == "embedder":
        answers.append(client.post("/v1/embed", files={"image": RED}))
    assert answers
    for answer in answers:
        assert answer.status_code == 503, (answer.url, answer.text)
        assert answer.json()["type"] == "urn:snapmode:problem:unavailable"
        assert int(answer.headers["retry-after"]) > 0
