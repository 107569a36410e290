"""What the shop answers."""

import hashlib
from dataclasses import dataclass, field

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Response:
    """A status with a body; ``headers`` come on top of the usual ones."""

    body: bytes
    kind: str = HTML
    """Content-Type."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """A mark of the body's content."""
        return f'"{hashlib.sha1(self.body, usedforsecurity=False).hexdigest()[:20]}"'


def html(text: str, status: int = 200) -> Response:
    """A page."""
    return Response(text.encode(), status=status)


def redirect(status: int, location: str) -> Response:
    """Go there instead."""
    return Response(b"", "text/plain", status, {"Location": location})


_KINDS = (
    (b"\xff\xd8", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)


def picture(data: bytes) -> Response:
    """A picture, with the type its first bytes show."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Response(data, "image/webp")
    kinds = [kind for start, kind in _KINDS if data.startswith(start)]
    return Response(data, kinds[0] if kinds else "application/octet-stream")
