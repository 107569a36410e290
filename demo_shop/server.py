"""HTTP: the standard library's server on this machine only, with an access log."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TextIO

from demo_shop.response import Response
from demo_shop.site import Site
from demo_shop.stock import Stock
from demo_shop.truth import open_for_lines
from snapmode.errors import ConfigError

HOST = "127.0.0.1"
LAST_MODIFIED = formatdate(1_704_103_200, usegmt=True)
"""All pages are of the same day: the shop never changes."""


class ShopServer(ThreadingHTTPServer):
    """*shop* on *port* (0 chooses a free one); each request is a line in *log*."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, shop: Stock, port: int, log: TextIO | None = None) -> None:
        self._log, self._lock = log, threading.Lock()
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            raise ConfigError(f"--port {port}: cannot listen on {HOST}: {error}") from error
        self.base_url = f"http://{HOST}:{self.server_address[1]}"
        self.site = Site(shop, self.base_url)

    def server_close(self) -> None:
        """Stop listening and close the log."""
        super().server_close()
        if self._log:
            self._log.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is the client's business; anything else is a bug and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # typeshed's private aliases

    def write_log(self, line: dict[str, object]) -> None:
        """One line of the access log, on disk at once so that tests can follow it."""
        with self._lock:
            if self._log is None or self._log.closed:
                return
            self._log.write(json.dumps(line) + "\n")
            self._log.flush()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "demo-shop", ""
    server: ShopServer
    # one packet per answer: headers and body are sent together
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    timeout = 30

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        # the body is not read, so the connection cannot be used again
        refused = Response(b"GET only\n", "text/plain", 405, {"Connection": "close"})
        self._send(refused, time.time())

    def _serve(self) -> None:
        started = time.time()
        self._send(self.server.site.respond(self.path), started)

    def _send(self, found: Response, started: float) -> None:
        status = 304 if found.status == 200 and self._has_it(found) else found.status
        body = b"" if status == 304 else found.body
        self.send_response(status)
        self.send_header("Content-Type", found.kind)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        if found.status == 200:
            self.send_header("ETag", found.etag)
            self.send_header("Last-Modified", LAST_MODIFIED)
        for name, value in found.headers.items():
            self.send_header(name, value)
        self.end_headers()
        sent = 0 if self.command == "HEAD" else self.wfile.write(body)
        self._log_access(status, sent, started)

    def _has_it(self, found: Response) -> bool:
        known = self.headers.get("If-None-Match")
        if known is not None:
            return known.strip() in (found.etag, "*")
        return self.headers.get("If-Modified-Since") == LAST_MODIFIED

    def _log_access(self, status: int, sent: int, started: float) -> None:
        self.server.write_log(
            {
                "time": started,
                "method": self.command,
                "path": self.path,
                "status": status,
                "bytes": sent,
                "ms": round((time.time() - started) * 1000, 3),
                "user_agent": self.headers.get("User-Agent", ""),
                "client": self.client_address[0],
            }
        )

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error: the access log is the record."""


@contextmanager
def serving(shop: Stock, port: int = 0, log: Path | None = None) -> Iterator[str]:
    """*shop* served by a thread; gives its base URL, without a slash at the end."""
    out = open_for_lines(log, "--log", append=True) if log else None
    server = ShopServer(shop, port, out)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.base_url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
