"""Fetching a URL that somebody else chose, without letting it reach into the house.

The name is looked up once, every address it stands for must be public, and the connection goes to
the address that was checked, so a second look-up can't change it (DNS rebinding). Redirects are
followed by hand and checked alike.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urljoin, urlsplit

from snapmode.errors import RejectedError, TransientError

REDIRECTS = (301, 302, 303, 307, 308)
MAX_REDIRECTS = 5
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
USER_AGENT = "SnapMode/0.1"
Resolve = Callable[[str, int], list[str]]


def fetch(
    url: str,
    max_bytes: int,
    timeout: float,
    *,
    allow_private: bool = False,
    user_agent: str = USER_AGENT,
    resolve: Resolve | None = None,
) -> bytes:
    """The body of an http(s) URL, after at most five redirects.

    `timeout` is seconds for everything together. `RejectedError` when the address, the answer or
    its size is refused; `TransientError` when the host is away, slow or answers 429 or 5xx.
    `resolve` (host, port) → addresses stands for DNS in tests.
    """
    deadline = time.monotonic() + timeout
    for _ in range(MAX_REDIRECTS + 1):
        connection = _connection(url, deadline, allow_private, resolve or addresses_of)
        try:
            connection.connect()
            with _until(deadline, connection.sock):
                answer = _asked(connection, url, user_agent)
                if answer.status not in REDIRECTS:
                    return _body(answer, url, max_bytes)
            url = _target(url, answer.headers.get("Location") or "")
        except (OSError, http.client.HTTPException) as error:
            late = isinstance(error, TimeoutError) or time.monotonic() >= deadline
            reason = "no answer in time" if late else f"{type(error).__name__}: {error}"
            raise TransientError(f"{url}: {reason}") from error
        finally:
            connection.close()
    raise RejectedError(f"{url}: more than {MAX_REDIRECTS} redirects")


def _target(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise RejectedError(f"{url}: redirects to no address: {error}") from error


@contextmanager
def _until(deadline: float, connected: socket.socket) -> Iterator[None]:
    """Cut the connection at the deadline, however slowly the bytes drip in."""
    timer = threading.Timer(seconds_left(deadline), _cut, [connected])
    timer.daemon = True
    timer.start()
    try:
        yield
        if time.monotonic() >= deadline:
            raise TimeoutError
    finally:
        timer.cancel()


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):  # it may be closed already
        connected.shutdown(socket.SHUT_RDWR)


def addresses_of(host: str, port: int) -> list[str]:
    """Every address a name stands for."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TransientError(f"{host}: the name can't be resolved") from error
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Whether an address is of the public internet, seen through IPv6's ways of writing IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):  # NAT64: IPv4 in the last 32 bits
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in GLOBAL_UNICAST:  # site-local, IPv4-compatible and what is not assigned
            return False
    return ip.is_global and not ip.is_multicast


def _connection(
    url: str, deadline: float, allow_private: bool, resolve: Resolve
) -> http.client.HTTPConnection:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise RejectedError(f"{url[:200]!r} is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RejectedError(f"{url[:200]!r} is no http(s) address")
    if parts.username is not None or parts.password is not None:
        raise RejectedError(f"{parts.hostname}: an address with a user name is refused")
    if any(ord(letter) <= 32 or ord(letter) >= 127 for letter in parts.path + parts.query):
        raise RejectedError(f"{parts.hostname}: the address must be percent-encoded")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise RejectedError(f"{parts.hostname}: bad port") from error
    addresses = resolve(parts.hostname, port)
    if not addresses:
        raise TransientError(f"{parts.hostname}: the name has no address")
    if not allow_private and not all(map(is_public, addresses)):
        raise RejectedError(f"{parts.hostname}: a private address is refused")
    pinned = _PinnedTls if parts.scheme == "https" else _Pinned
    return pinned(parts.hostname, port, addresses, deadline)


class _Pinned(http.client.HTTPConnection):
    """Connects to addresses that were checked; the Host header and TLS still carry the name."""

    def __init__(self, host: str, port: int, addresses: list[str], deadline: float) -> None:
        super().__init__(host, port)
        self._addresses = addresses
        self._deadline = deadline

    def connect(self) -> None:
        """To the first address that answers."""
        problem: OSError = OSError("no address")
        for address in self._addresses:
            try:
                left = seconds_left(self._deadline)
                self.sock = socket.create_connection((address, self.port), left)
            except OSError as error:
                problem = error
            else:
                return
        raise problem


class _PinnedTls(_Pinned):
    def connect(self) -> None:
        """As `_Pinned`, then TLS, whose certificate must be the name's."""
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        with _until(self._deadline, self.sock):
            self.sock.do_handshake()


def seconds_left(deadline: float) -> float:
    """Until the deadline; `TimeoutError` when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _asked(
    connection: http.client.HTTPConnection, url: str, user_agent: str
) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", path, headers={"User-Agent": user_agent, "Accept": "*/*"})
    return connection.getresponse()


def _body(answer: http.client.HTTPResponse, url: str, max_bytes: int) -> bytes:
    if answer.status == 429 or answer.status >= 500:
        raise TransientError(f"{url}: HTTP {answer.status}")
    if answer.status != 200:
        raise RejectedError(f"{url}: HTTP {answer.status}")
    data = answer.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise RejectedError(f"{url}: more than {max_bytes} bytes")
    if answer.length:
        raise http.client.IncompleteRead(data, answer.length)
    return data
