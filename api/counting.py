"""Counts requests by route and status."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from snapmode.metrics import REQUESTS


class RequestCounter:
    """Counts every answer under its route's template, so that labels stay few."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500  # what a crash is answered with, outside of this

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            REQUESTS.labels(_template(scope), str(status)).inc()


def _template(scope: Scope) -> str:
    path: str | None = getattr(scope.get("route"), "path", None)
    return path or ("/static" if scope["path"].startswith("/static/") else "other")
