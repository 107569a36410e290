"""Is it alive, is it ready, how is it doing."""

import asyncio
from importlib.metadata import version
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.problems import RETRY_AFTER, documented, problem
from api.schemas import Health
from snapmode.errors import SnapModeError
from snapmode.ingest import GROUP
from snapmode.metrics import ENGINE_UP, LAG
from snapmode.readiness import Check, Readiness
from snapmode.topics import PRODUCTS

router = APIRouter(tags=["health"])

NO_PICTURE = "0" * 64
DEADLINE = 3.0
"""Seconds a part has to answer."""


async def _readiness(request: Request) -> Readiness:
    return cast(Readiness, request.app.state.readiness)


ReadinessOf = Annotated[Readiness, Depends(_readiness)]


@router.get("/livez")
async def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/healthz")
async def healthz(readiness: ReadinessOf) -> Health:
    """A summary; 200 as long as the process is alive."""
    return await _health(readiness)


@router.get("/readyz", response_model=Health, responses=documented(503))
async def readyz(request: Request, readiness: ReadinessOf) -> Health | Response:
    """200 when every part answers, else 503 and which one does not."""
    health = await _health(readiness)
    if health.status == "ok":
        return health
    away = ", ".join(name for name, state in health.checks.items() if state != "ok")
    headers = {"Retry-After": str(RETRY_AFTER)}
    detail = f"not ready: {away}"
    return problem(request, 503, detail, "unavailable", headers, checks=health.checks)


@router.get("/metrics", response_class=Response)
async def metrics(readiness: ReadinessOf) -> Response:
    """Prometheus metrics."""
    await _health(readiness)
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _health(readiness: Readiness) -> Health:
    # Not in the threads of the other routes: those may all be waiting for an engine.
    answers = await asyncio.to_thread(readiness.answers, DEADLINE)
    checks = {name: _state(answer) for name, answer in answers.items()}
    for name, answer in answers.items():
        ENGINE_UP.labels(name).set(not isinstance(answer, SnapModeError))
    lag = answers["log"]
    # NaN: unknown, and the other metrics still count.
    LAG.labels(PRODUCTS, GROUP).set(lag if isinstance(lag, int) else float("nan"))
    status = "ok" if set(checks.values()) == {"ok"} else "degraded"
    return Health(status=status, version=version("snapmode"), checks=checks)


def _state(answer: object) -> str:
    return str(answer) if isinstance(answer, SnapModeError) else "ok"


CHECKS: dict[str, Check] = {
    "embedder": lambda house: house.embedder.name,
    "vectors": lambda house: house.vectors.count(),
    "catalog": lambda house: house.catalog.count(),
    "images": lambda house: house.images.exists(NO_PICTURE),
    "log": lambda house: house.log.lag(PRODUCTS, GROUP),
}
