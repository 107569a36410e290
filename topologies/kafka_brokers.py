"""The brokers of Kafka: how they are reached, and whose fault it is when they can't be."""

import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import (
    AuthorizationError,
    InvalidReplicationFactorError,
    InvalidSessionTimeoutError,
    KafkaConfigurationError,
    KafkaError,
    RetriableError,
    SaslAuthenticationFailedError,
    UnsupportedVersionError,
)
from kafka.net.compat import KafkaNetClient

from snapmode.errors import ConfigError, TransientError

T = TypeVar("T")
C = TypeVar("C", KafkaAdminClient, KafkaConsumer, KafkaProducer)
SETTINGS = (
    AuthorizationError,
    InvalidReplicationFactorError,
    InvalidSessionTimeoutError,
    KafkaConfigurationError,
    SaslAuthenticationFailedError,
    UnsupportedVersionError,
)
"""What only a change of settings, here or at the brokers, can mend."""
PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MAX_MESSAGE = 8 * 2**20
"""Bytes of a message: a product with its variants may exceed Kafka's usual 1 MB."""
PAUSE = 0.2
"""Seconds between two questions to brokers that do not answer."""


class Secret(str):
    """Text that shows itself to nobody: Kafka's client logs its options when it debugs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


class Brokers:
    """Makes clients for one cluster, and holds the one that asks about topics and offsets."""

    def __init__(self, servers: str, timeout: float, security: dict[str, Any]) -> None:
        self.servers = servers
        self.timeout = timeout
        self._options = {
            "bootstrap_servers": [_address(each) for each in servers.split(",")],
            "bootstrap_timeout_ms": int(timeout * 1000),
            # A broker that hangs is given up early enough to ask another one in time.
            "request_timeout_ms": int(timeout * 1000 / 3),
            "reconnect_backoff_max_ms": 1000,
            "socket_options": _socket_options(timeout),
            **security,
        }
        self._admin: KafkaAdminClient | None = None
        self._asking: Counter[KafkaAdminClient] = Counter()
        """How many threads are asking each: one that was given up is closed after the last."""
        self._lock = threading.Lock()

    def consumer(self, **options: Any) -> KafkaConsumer:
        """A consumer that starts at the oldest record and commits only when told to."""
        return self._made(
            KafkaConsumer,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **options,
        )

    def producer(self, **options: Any) -> KafkaProducer:
        """A producer whose retries neither lose, repeat nor reorder, and end after the timeout."""
        milliseconds = int(self.timeout * 1000)
        return self._made(
            KafkaProducer,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            # Products take 0.37 of the bytes for 0.05 ms each; gzip needs no other library.
            compression_type="gzip",
            max_request_size=MAX_MESSAGE,
            max_block_ms=milliseconds,
            delivery_timeout_ms=milliseconds,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **options,
        )

    def _made(self, kind: Callable[..., C], **options: Any) -> C:
        """A client; one that can't connect leaves no thread and no socket behind."""
        nets: list[KafkaNetClient] = []

        def net(**configs: Any) -> KafkaNetClient:
            nets.append(KafkaNetClient(**configs))
            return nets[-1]

        try:
            return kind(**self._options, kafka_client=net, **options)
        except BaseException:
            for each in nets:
                each.close()
            raise

    def ask(self, question: Callable[[KafkaAdminClient], T]) -> T:
        """The answer; asked again while brokers fail over, for the timeout at most.

        Any thread may ask.
        """
        deadline = time.monotonic() + self.timeout
        with self.errors():
            while True:
                try:
                    return self._ask_once(question)
                except RetriableError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(PAUSE)

    def _ask_once(self, question: Callable[[KafkaAdminClient], T]) -> T:
        with self._lock:
            if self._admin is None:
                # As many questions at once as there are threads.
                self._admin = self._made(
                    KafkaAdminClient, max_in_flight_requests_per_connection=1000
                )
            admin = self._admin
            self._asking[admin] += 1
        try:
            return question(admin)
        except KafkaError:
            # What it believes about the cluster may be out of date: the next one starts anew.
            self.close()
            raise
        finally:
            with self._lock:
                self._asking[admin] -= 1
                self._close_unused()

    def close(self) -> None:
        """Calling it twice is harmless; the next question connects again."""
        with self._lock:
            self._admin = None
            self._close_unused()

    def _close_unused(self) -> None:
        for admin in [each for each, threads in self._asking.items() if threads == 0]:
            if admin is not self._admin:
                del self._asking[admin]
                admin.close()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Kafka's errors in the words of `snapmode.errors`."""
        try:
            yield
        except SETTINGS as error:
            raise ConfigError(self._says(error)) from error
        except KafkaError as error:
            raise TransientError(self._says(error)) from error

    def _says(self, error: KafkaError) -> str:
        return f"Kafka at {self.servers}: {type(error).__name__}: {error}"


def security(
    protocol: str, mechanism: str, username: str, password: str, ca_file: Path | None
) -> dict[str, Any]:
    """Options of a client; `ConfigError` names the key that does not fit."""
    if protocol not in PROTOCOLS:
        raise ConfigError(f"[log] security_protocol {protocol!r}: one of {', '.join(PROTOCOLS)}")
    options: dict[str, Any] = {"security_protocol": protocol}
    if protocol.startswith("SASL"):
        if not (username and password):
            raise ConfigError("[log] username, password: needed by security_protocol SASL_…")
        options["sasl_mechanism"] = mechanism
        options["sasl_plain_username"] = username
        options["sasl_plain_password"] = Secret(password)
    if ca_file is not None:
        if not ca_file.is_file():
            raise ConfigError(f"[log] ca_file {ca_file}: no such file")
        options["ssl_cafile"] = str(ca_file)
    return options


def _socket_options(timeout: float) -> list[tuple[int, int, int]]:
    """Notice a cable that was cut: joining a group may wait minutes for an answer otherwise."""
    options = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    if sys.platform == "linux":
        probe = max(1, int(timeout / 4))
        options += [
            (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, probe),
            (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, probe),
            (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
            (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(timeout * 1000)),
        ]
    return options


def _address(text: str) -> str:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError(f"[log] servers: {text.strip()!r} is not host:port")
    return f"{host}:{port}"
