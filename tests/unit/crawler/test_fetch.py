"""`snapmode.fetch` against a small server on this machine."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from snapmode.errors import RejectedError, TransientError
from snapmode.fetch import fetch, is_public


class Answers(BaseHTTPRequestHandler):
    """Paths say what happens."""

    released = threading.Event()

    def do_GET(self) -> None:
        path = self.path.strip("/")
        if path == "drip":
            self._drip()
        elif path.startswith("to?"):
            self._answer(302, b"", Location=path.removeprefix("to?"))
        elif path == "loop":
            self._answer(302, b"", Location="/loop")
        elif path == "short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"too little")
        elif path.isdigit():
            self._answer(int(path), b"status")
        else:
            self._answer(200, b"x" * 1000)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        """A byte of a header now and then, each well within any single read's timeout."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not self.released.wait(0.05):
            try:
                self.wfile.write(b"y")
                self.wfile.flush()
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Answers.released.clear()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    Answers.released.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def test_gives_the_body(server: str) -> None:
    assert fetch(f"{server}/ok", 1000, 5, allow_private=True) == b"x" * 1000


def test_follows_redirects(server: str) -> None:
    assert len(fetch(f"{server}/to?/ok", 1000, 5, allow_private=True)) == 1000


def test_refuses_more_bytes_than_allowed(server: str) -> None:
    with pytest.raises(RejectedError, match="more than 999 bytes"):
        fetch(f"{server}/ok", 999, 5, allow_private=True)


def test_refuses_a_private_address(server: str) -> None:
    with pytest.raises(RejectedError, match="private"):
        fetch(f"{server}/ok", 1000, 5)


def test_refuses_a_redirect_to_a_private_address(server: str) -> None:
    """The first host passes for public; the address it redirects to does not."""
    port = int(server.rpartition(":")[2])

    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "shop.test" else ["10.0.0.1"]

    seen: list[str] = []

    def looked_up(host: str, port: int) -> list[str]:
        seen.append(host)
        return resolve(host, port)

    with pytest.raises(RejectedError, match=r"shop\.test: a private address"):
        fetch(f"http://shop.test:{port}/to?http://inner.test/", 1000, 5, resolve=looked_up)
    assert seen == ["shop.test"]


def test_checks_every_hop(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(server.rpartition(":")[2])
    monkeypatch.setattr("snapmode.fetch.is_public", lambda address: address == "127.0.0.1")
    addresses = {"shop.test": ["127.0.0.1"], "inner.test": ["10.0.0.1"]}
    with pytest.raises(RejectedError, match=r"inner\.test: a private address"):
        fetch(
            f"http://shop.test:{port}/to?http://inner.test/",
            1000,
            5,
            resolve=lambda host, _: addresses[host],
        )


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(RejectedError, match="private"):
        fetch("http://shop.test/", 10, 5, resolve=lambda *_: ["93.184.216.34", "192.168.0.1"])


def test_ends_redirect_loops(server: str) -> None:
    with pytest.raises(RejectedError, match="more than 5 redirects"):
        fetch(f"{server}/loop", 10, 5, allow_private=True)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_ailing_host_is_tried_again_later(server: str, status: int) -> None:
    with pytest.raises(TransientError, match=str(status)):
        fetch(f"{server}/{status}", 10, 5, allow_private=True)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_final(server: str, status: int) -> None:
    with pytest.raises(RejectedError, match=str(status)):
        fetch(f"{server}/{status}", 10, 5, allow_private=True)


def test_a_body_cut_short_is_no_body(server: str) -> None:
    with pytest.raises(TransientError, match="IncompleteRead"):
        fetch(f"{server}/short", 1000, 5, allow_private=True)


def test_the_time_limit_is_for_everything_together(server: str) -> None:
    begun = time.monotonic()
    with pytest.raises(TransientError, match="in time"):
        fetch(f"{server}/drip", 1000, 0.3, allow_private=True)
    assert time.monotonic() - begun < 3


def test_nobody_listening() -> None:
    with pytest.raises(TransientError, match="refused"):
        fetch("http://127.0.0.1:1/", 10, 5, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.test/",
        "file:///etc/passwd",
        "nonsense",
        "http://",
        "http://me:secret@a.test/",
        "http://a.test:99999/",
        "http://a.test/a b",
        "http://a.test/ü",
    ],
)
def test_refuses_other_addresses(url: str) -> None:
    with pytest.raises(RejectedError) as error:
        fetch(url, 10, 5, resolve=lambda *_: pytest.fail("looked up"))
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "100.64.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "fec0::1",
        "::127.0.0.1",
    ],
)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", ["http://[::1", "http://[shop]/", "http://shop.test:port/"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(RejectedError, match=r"address|port"):
        fetch(url, 10, 5, resolve=lambda *_: ["127.0.0.1"])


def test_a_redirect_to_no_address_is_refused(server: str) -> None:
    with pytest.raises(RejectedError, match="redirects to no address"):
        fetch(f"{server}/to?http://[::1", 10, 5, allow_private=True)


def test_a_handshake_that_drips_ends_at_the_deadline() -> None:
    """A record of TLS that never ends, a byte now and then: no single read waits for long."""
    ended = threading.Event()

    def drip(listener: socket.socket) -> None:
        connected, _ = listener.accept()
        with connected:
            connected.sendall(b"\x16\x03\x03\x40\x00")
            while not ended.wait(0.05):
                try:
                    connected.sendall(b"\0")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        started = time.monotonic()
        with pytest.raises(TransientError, match="in time"):
            fetch(f"https://127.0.0.1:{listener.getsockname()[1]}/", 10, 0.3, allow_private=True)
        took = time.monotonic() - started
        ended.set()
        thread.join()
    assert took < 10
