"""The brokers of Kafka: how they are reached, and whose fault it is when they can't be."""

import threading
import time
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

from snapmode.errors import ConfigError, TransientError

T = TypeVar("T")
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
            **security,
        }
        self._admin: KafkaAdminClient | None = None
        self._lock = threading.Lock()

    def consumer(self, **options: Any) -> KafkaConsumer:
        """A consumer that starts at the oldest record and commits only when told to."""
        return KafkaConsumer(
            **self._options,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **options,
        )

    def producer(self, **options: Any) -> KafkaProducer:
        """A producer whose retries neither lose, repeat nor reorder, and end after the timeout."""
        milliseconds = int(self.timeout * 1000)
        return KafkaProducer(
            **self._options,
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

    def ask(self, question: Callable[[KafkaAdminClient], T]) -> T:
        """The answer; asked again while brokers fail over, for the timeout at most."""
        deadline = time.monotonic() + self.timeout
        with self.errors():
            while True:
                admin = self._connected()
                try:
                    return question(admin)
                except KafkaError as error:
                    self._forget(admin)
                    if not isinstance(error, RetriableError) or time.monotonic() > deadline:
                        raise
                    time.sleep(PAUSE)

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

    def _connected(self) -> KafkaAdminClient:
        with self._lock:
            if self._admin is None:
                self._admin = KafkaAdminClient(**self._options)
            return self._admin

    def _forget(self, admin: KafkaAdminClient) -> None:
        """What it believes about the cluster may be out of date: the next question starts anew."""
        with self._lock:
            if self._admin is admin:
                self._admin = None
        admin.close()

    def close(self) -> None:
        """Calling it twice is harmless."""
        if self._admin:
            self._forget(self._admin)


def security(
    protocol: str, mechanism: str, username: str, password: str, ca_file: Path | None
) -> dict[str, Any]:
    """Options of a client; `ConfigError` names the key that does not fit. Never logged."""
    if protocol not in PROTOCOLS:
        raise ConfigError(f"[log] security_protocol {protocol!r}: one of {', '.join(PROTOCOLS)}")
    options: dict[str, Any] = {"security_protocol": protocol}
    if protocol.startswith("SASL"):
        if not (username and password):
            raise ConfigError("[log] username, password: needed by security_protocol SASL_…")
        options["sasl_mechanism"] = mechanism
        options["sasl_plain_username"] = username
        options["sasl_plain_password"] = password
    if ca_file is not None:
        if not ca_file.is_file():
            raise ConfigError(f"[log] ca_file {ca_file}: no such file")
        options["ssl_cafile"] = str(ca_file)
    return options


def _address(text: str) -> str:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError(f"[log] servers: {text.strip()!r} is not host:port")
    return f"{host}:{port}"
