"""`snapmode serve`: the page and the HTTP API."""

import contextlib
import signal
import socket
from typing import Annotated, Any

import typer
import uvicorn

from api.app import create_app, warm
from snapmode.errors import ConfigError
from snapmode.options import ConfigOption, DataOption, open_house
from snapmode.wiring import House

GRACE = 10
"""Seconds that running requests have after Ctrl-C."""


def serve(
    host: Annotated[
        str | None, typer.Option(help=r"Address to serve on. Default: \[api] host.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help=r"Port to serve on; 0: any. Default: \[api] port."),
    ] = None,
    access_log: Annotated[bool, typer.Option("--access-log", help="A line per request.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Serve the page and the HTTP API until Ctrl-C."""
    with open_house(config, data) as house:
        api = house.settings.api
        with _bound(host or api.host, api.port if port is None else port) as listener:
            warm(house)  # a bad setting ends the command with its message
            listener.listen()  # whoever reads the next line may connect at once
            typer.echo(f"Open {address(listener)} (Ctrl-C ends)")
            _run(house, listener, access_log)


def address(listener: socket.socket) -> str:
    """The URL to open for a bound socket."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - what we print
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as unless_bound:
            listener = unless_bound.enter_context(socket.socket(family, kind))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
            unless_bound.pop_all()
    except OSError as error:
        raise ConfigError(
            f"can't serve on {host} port {port}: {error.strerror}; choose another with --port"
        ) from error
    return listener


def _run(house: House, listener: socket.socket, access_log: bool) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(house),
            log_config=_logging(access_log),
            timeout_graceful_shutdown=GRACE,
            server_header=False,
        )
    )
    # uvicorn finishes what runs and then raises the signal again: both end the command quietly.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _logging(access_log: bool) -> dict[str, Any]:
    level = "INFO" if access_log else "WARNING"
    loggers = {
        "uvicorn": {"handlers": ["default"], "level": "WARNING", "propagate": False},
        "uvicorn.access": {"handlers": ["access"], "level": level, "propagate": False},
        "api": {"handlers": ["default"], "level": "WARNING", "propagate": False},
    }
    return {**uvicorn.config.LOGGING_CONFIG, "loggers": loggers}
