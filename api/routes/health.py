"""Is it alive, is it ready, how is it doing."""

from collections.abc import Callable
from importlib.metadata import version

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.dependencies import HouseOf
from api.problems import RETRY_AFTER, documented, problem
from api.schemas import Health
from snapmode.errors import SnapModeError, TransientError
from snapmode.ingest import GROUP
from snapmode.metrics import LAG
from snapmode.topics import PRODUCTS
from snapmode.wiring import House

router = APIRouter(tags=["health"])

NO_PICTURE = "0" * 64


@router.get("/livez")
async def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/healthz")
def healthz(house: HouseOf) -> Health:
    """A summary; 200 as long as the process is alive."""
    return _health(house)


@router.get("/readyz", response_model=Health, responses=documented(503))
def readyz(request: Request, house: HouseOf) -> Health | Response:
    """200 when every part answers, else 503 and which one does not."""
    health = _health(house)
    if health.status == "ok":
        return health
    away = ", ".join(name for name, state in health.checks.items() if state != "ok")
    headers = {"Retry-After": str(RETRY_AFTER)}
    detail = f"not ready: {away}"
    return problem(request, 503, detail, "unavailable", headers, checks=health.checks)


@router.get("/metrics", response_class=Response)
def metrics(house: HouseOf) -> Response:
    """Prometheus metrics."""
    try:
        LAG.labels(PRODUCTS, GROUP).set(house.log.lag(PRODUCTS, GROUP))
    except TransientError:
        LAG.labels(PRODUCTS, GROUP).set(float("nan"))  # unknown, and the other metrics still count
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _health(house: House) -> Health:
    checks = {name: _state(check, house) for name, check in CHECKS.items()}
    status = "ok" if set(checks.values()) == {"ok"} else "degraded"
    return Health(status=status, version=version("snapmode"), checks=checks)


def _state(check: Callable[[House], object], house: House) -> str:
    try:
        check(house)
    except SnapModeError as error:
        return str(error)
    return "ok"


CHECKS: dict[str, Callable[[House], object]] = {
    "embedder": lambda house: house.embedder.name,
    "vectors": lambda house: house.vectors.count(),
    "catalog": lambda house: house.catalog.count(),
    "images": lambda house: house.images.exists(NO_PICTURE),
    "log": lambda house: house.log.lag(PRODUCTS, GROUP),
}
