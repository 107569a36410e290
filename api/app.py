"""The app, made by a factory: nothing is global, nothing connects at import."""

import io
import logging
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from PIL import Image

from api import problems
from api.answers import search_of
from api.counting import RequestCounter
from api.head import HeadAsGet
from api.headers import SecurityHeaders
from api.limits import BodyLimit, largest_body
from api.routes import embed, health, images, products, search
from api.routes.health import CHECKS
from snapmode.errors import ConfigError, SnapModeError, TransientError
from snapmode.ports import Picture
from snapmode.readiness import Readiness
from snapmode.wiring import House, check

STATIC = Path(__file__).parent / "static"
START_SECONDS = 10.0
"""How long the start waits for a part; it may become ready later."""
logger = logging.getLogger(__name__)


def create_app(house: House) -> FastAPI:
    """The API and the page over the adapters of a house; the caller closes the house."""
    app = FastAPI(
        title="SnapMode",
        summary="Find products with a photo.",
        version=version("snapmode"),
        docs_url=None,
        redoc_url=None,
    )
    app.state.house = house
    app.state.readiness = Readiness(house, CHECKS)
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
    """Open every adapter and search once, so that the first search is as quick as the next.

    Engines that are away are left for later, and said; a `ConfigError` is raised.
    """
    check(house.settings)  # at once, whatever is away
    answers = Readiness(house, CHECKS).answers(START_SECONDS)
    wrong = {name: one for name, one in answers.items() if isinstance(one, SnapModeError)}
    for name, error in wrong.items():
        if isinstance(error, ConfigError):
            raise error
        logger.warning("not ready yet: %s: %s", name, error)
    if wrong:
        return
    blank = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(blank, "PNG")
    try:
        search_of(house).by_picture(Picture(blank.getvalue()), limit=1)
    except TransientError as error:
        logger.warning("not ready yet: %s", error)


def _add_pages(app: FastAPI) -> None:
    # Not FastAPI's own /docs: it loads its scripts from another host.
    for path, file in (("/", "index.html"), ("/docs", "docs.html")):
        app.add_api_route(path, _page(file), include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def _page(file: str) -> Callable[[], Awaitable[FileResponse]]:
    async def page() -> FileResponse:
        return FileResponse(STATIC / file, media_type="text/html")

    return page
