"""`snapmode up`: crawl, ingest and serve together; `snapmode demo`: the same on the demo shop."""

import socket
import time
from typing import Annotated

import typer

from snapmode.children import Children, children, shared_options
from snapmode.errors import ConfigError, SnapModeError
from snapmode.options import ConfigOption, DataOption, stderr
from snapmode.settings import load_settings

HostOption = Annotated[str | None, typer.Option(help=r"Address to serve on. Default: \[api] host.")]
PortOption = Annotated[
    int | None,
    typer.Option(min=1, max=65535, help=r"Port to serve on. Default: \[api] port."),
]


def up(
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Shops to crawl.")],
    every: Annotated[float, typer.Option(help="Hours between two crawls.")] = 24.0,
    host: HostOption = None,
    port: PortOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Crawl, ingest and serve together, continuously, until Ctrl-C."""
    # What is wrong stops here, before three processes have started.
    settings = load_settings(config, data)
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f"{url}: the address of a shop begins with http:// or https://")
    _check_free(port or settings.api.port)
    where = shared_options([("--data", data), ("--config", config)])
    with children() as running:
        running.start("serve", *where, *shared_options([("--host", host), ("--port", port)]))
        running.start("ingest", *where)
        while True:
            try:
                running.run("crawl", *urls, *where)
            except ConfigError:
                raise
            except SnapModeError as error:
                running.check()  # whether it was the crawl
                # A shop that is away is no reason to stop serving: the next crawl may reach it.
                stderr.print(f"{error}; the next crawl begins in {every:g} hours", markup=False)
            running.wait_for_any(every * 3600)


def demo(
    products: Annotated[int, typer.Option(help="Products in the demo shop.")] = 300,
    seed: Annotated[int, typer.Option(help="Which shop is drawn.")] = 7,
    shop_port: Annotated[int, typer.Option(help="Port of the demo shop.")] = 8001,
    host: HostOption = None,
    port: PortOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Crawl the demo shop, ingest it, and serve the search page until Ctrl-C."""
    settings = load_settings(config, data)
    if products > settings.crawl.max_lag:
        raise ConfigError(
            f"--products {products}: the demo crawls before it ingests, so at most "
            f"[crawl] max_lag ({settings.crawl.max_lag})"
        )
    for wanted in (shop_port, port or settings.api.port):
        _check_free(wanted)
    where = shared_options([("--data", data), ("--config", config)])
    shop = f"http://127.0.0.1:{shop_port}/"
    with children() as running:
        stderr.print("[bold]1/3[/] the demo shop opens and is crawled")
        _open_shop(running, shop_port, seed, products)
        running.run("crawl", shop, *where)
        stderr.print("[bold]2/3[/] pictures become vectors")
        running.run("ingest", "--until-idle", *where)
        stderr.print("[bold]3/3[/] the search page opens")
        serve = ("serve", *where, *shared_options([("--host", host), ("--port", port)]))
        running.start(*serve, quiet=True)
        address = f"http://{host or settings.api.host}:{port or settings.api.port}"
        _wait_for(address.rsplit("/", 1)[-1], running)
        stderr.print(f"\nOpen [bold]{address}[/]\nThe shop itself: {shop}\nCtrl-C ends both.\n")
        running.wait_for_any()


def _open_shop(running: Children, port: int, seed: int, products: int) -> None:
    options = {"--port": port, "--seed": seed, "--products": products}
    running.start("demo-shop", *shared_options(list(options.items())))
    _wait_for(f"127.0.0.1:{port}", running)


def _wait_for(address: str, running: Children, seconds: float = 120) -> None:
    host, _, port = address.rpartition(":")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            running.wait_for_any(0.5)
        else:
            return
    raise SnapModeError(f"nothing answers on {address} after {seconds:.0f} seconds")


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(
                f"port {port} is in use: choose another with --port or --shop-port"
            ) from error
