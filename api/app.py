"""The app, made by a factory: nothing is global, nothing connects at import."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from PIL import Image
from starlette.concurrency import run_in_threadpool

from api import problems
from api.answers import search_of
from api.counting import RequestCounter
from api.head import HeadAsGet
from api.headers import SecurityHeaders
from api.limits import BodyLimit, largest_body
from api.routes import embed, health, images, products, search
from api.routes.health import CHECKS
from snapmode.ports import Picture
from snapmode.wiring import House

STATIC = Path(__file__).parent / "static"


def create_app(house: House) -> FastAPI:
    """The API and the page over the adapters of a house; the caller closes the house."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(warm, house)
        yield

    app = FastAPI(
        title="SnapMode",
        summary="Find products with a photo.",
        version=version("snapmode"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.house = house
    problems.install(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, limit=largest_body(house.settings.pictures.max_bytes))
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestCounter)
    for routes in (search, products, images, embed, health):
        app.include_router(routes.router)
    _add_pages(app)
    return app


def warm(house: House) -> None:
    """Open every adapter and search once, so that the first search is as quick as the next."""
    blank = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(blank, "PNG")
    search_of(house).by_picture(Picture(blank.getvalue()), limit=1)
    for check in CHECKS.values():
        check(house)


def _add_pages(app: FastAPI) -> None:
    # Not FastAPI's own /docs: it loads its scripts from another host.
    for path, file in (("/", "index.html"), ("/docs", "docs.html")):
        app.add_api_route(path, _page(file), include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def _page(file: str) -> Callable[[], Awaitable[FileResponse]]:
    async def page() -> FileResponse:
        return FileResponse(STATIC / file, media_type="text/html")

    return page
