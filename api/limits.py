"""Bodies are bounded while they are read, announced or chunked."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

SLACK = 256_000
"""Bytes for what surrounds a picture in a request."""


def largest_body(max_bytes: int) -> int:
    """Bytes of the largest body for a picture of `max_bytes`: base64 is a third longer."""
    return max_bytes * 4 // 3 + SLACK


class BodyLimit:
    """Answers 413 when more than `limit` bytes are announced or come."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > self.limit:
            await problem(request, 413, self._detail)(scope, receive, send)
            return
        await self.app(scope, self._counted(receive), send)

    @property
    def _detail(self) -> str:
        return f"a request holds at most {self.limit} bytes"

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise HTTPException(413, self._detail)
            return message

        return counted
