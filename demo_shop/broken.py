"""What is wrong in this shop, as in every shop: pages and pictures that fail."""

import random

from demo_shop.pages.storefront import Storefront
from demo_shop.pages.texts import gone_page, legal_page
from demo_shop.response import HTML, Response, html

FAULTS = ("error", "missing", "cut", "garbled", "soft")
"""A 500, a 404, half a page, a page of noise, and a 200 that says "not found"."""


def broken_paths(front: Storefront) -> dict[str, str]:
    """Fault to path."""
    rng = random.Random(f"broken {front.shop.seed}")
    journal = front.urls.static["journal"]
    return {
        fault: f"{journal}/{rng.randrange(16**6):06x}-{rng.choice('abcdef')}" for fault in FAULTS
    }


def broken_page(front: Storefront, fault: str) -> Response:
    """The answer under the path of *fault*."""
    if fault == "error":
        return html("<html><body><h1>Internal error</h1></body></html>", 500)
    if fault == "missing":
        return html(gone_page(front), 404)
    if fault == "soft":
        return html(gone_page(front))
    whole = legal_page(front, "returns").encode()
    if fault == "cut":
        return Response(whole[: len(whole) // 3], HTML)
    return Response(random.Random(front.shop.seed).randbytes(700) + whole[:300], HTML)


def broken_picture(fault: str, good: bytes) -> Response:
    """The answer in a gallery's broken slot; *good* is the product's first picture."""
    if fault == "missing":
        return Response(b"no such picture\n", "text/plain", 404)
    if fault == "truncated":
        return Response(good[: len(good) // 3], "image/jpeg")
    return Response(b"<html><body>Please try again later.</body></html>", "image/jpeg")
