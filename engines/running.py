"""Start, watch and stop the servers of a place, each by its pid."""

import os
import subprocess
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from engines.place import Place
from engines.process import Process, load, process_of, reap, save
from engines.server import NotReadyError, Server
from snapmode.errors import ConfigError, SnapModeError

MODULES = ("zookeeper", "kafka", "s3", "milvus", "solr", "storm")
"""In the order of starting; they stop in the reverse order."""
TICK = 0.3
GRACE = 15.0
"""Seconds a server has to end after SIGTERM."""


class Module(Protocol):
    """What each technology's module offers."""

    def prepare(self, place: Place) -> None:
        """Download and build into `place.cache`; done before is done."""

    def servers(self, place: Place) -> list[Server]:
        """Its processes."""

    def environment(self, place: Place) -> dict[str, str]:
        """Variables that point SnapMode at it."""


def modules(names: Collection[str] = ()) -> dict[str, Module]:
    """The modules of these names, or all; `ConfigError` names one that does not exist."""
    for name in names:
        if name not in MODULES:
            raise ConfigError(f"engine {name!r}: there are {', '.join(MODULES)}")
    return {
        name: import_module(f"engines.{name}") for name in MODULES if not names or name in names
    }


def environment(place: Place) -> dict[str, str]:
    """Variables that point SnapMode at every engine of the place."""
    return {
        key: value
        for module in modules().values()
        for key, value in module.environment(place).items()
    }


@dataclass(frozen=True, slots=True)
class State:
    """How one server is doing."""

    server: Server
    process: Process | None
    problem: str
    """Empty: it serves."""


def up(
    place: Place, names: Collection[str] = (), tell: Callable[[str], None] = lambda _: None
) -> None:
    """Start what does not run, wait until all of it serves; `tell` hears each step."""
    chosen = modules(names)
    with ThreadPoolExecutor() as pool:
        tell("downloading and building what is missing")
        list(pool.map(lambda module: module.prepare(place), chosen.values()))
    servers = [server for module in chosen.values() for server in module.servers(place)]
    since: dict[str, float] = {}
    ready: set[str] = set()
    while len(ready) < len(servers):
        for server in servers:
            if server.name not in since and _may_start(server, servers, ready):
                if find(server) is None:
                    tell(f"starting {server.name}")
                    start(place, server)
                since[server.name] = time.monotonic()
            elif server.name in since.keys() - ready and _serves(server, since[server.name]):
                tell(f"{server.name} serves")
                ready.add(server.name)
        time.sleep(TICK)


def _may_start(server: Server, asked: Collection[Server], ready: Collection[str]) -> bool:
    """Whether what it needs is ready, or not asked for and so the caller's business."""
    missing = {other.name for other in asked} - set(ready)
    return missing.isdisjoint(server.needs)


def start(place: Place, server: Server) -> Process:
    """Start one server, apart from this process; its output is added to its log."""
    server.folder.mkdir(parents=True, exist_ok=True)
    server.before()
    known = environment(place) if server.sees_all else {}
    inside = ["ip", "netns", "exec", server.namespace] if server.namespace else []
    with log_of(server).open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
            [*inside, *server.command],
            cwd=server.folder,
            env={**os.environ, **known, **server.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    child.returncode = 0  # it outlives this object, which would warn of that; `reap` waits for it
    process = process_of(child.pid)
    if process is None:
        raise SnapModeError(f"{server.name} ended at once: see {log_of(server)}")
    save(process, _pid_file(server))
    return process


def find(server: Server) -> Process | None:
    """The server's process, if it runs."""
    process = load(_pid_file(server))
    if process:
        reap(process.pid)
    return process if process and process.alive else None


def down(
    place: Place, names: Collection[str] = (), tell: Callable[[str], None] = lambda _: None
) -> None:
    """Stop servers in the reverse order of starting, and what they have left behind."""
    for module in reversed(list(modules(names).values())):
        for server in reversed(module.servers(place)):
            if find(server) or server.strays():
                tell(f"stopping {server.name}")
            stop(server)
            server.after()


def stop(server: Server) -> None:
    """End the server, then its tree and its strays."""
    process = find(server)
    family: Iterable[Process] = process.descendants() if process and server.children else ()
    if process:
        process.end(GRACE)
    strays = [found for pid in server.strays() if (found := process_of(pid))]
    left = [*family, *strays]
    for each in [*left, *(child for stray in strays for child in stray.descendants())]:
        each.end(GRACE)
    _pid_file(server).unlink(missing_ok=True)


def states(place: Place, names: Collection[str] = ()) -> list[State]:
    """How every server is doing now, by a real request to each."""
    servers = [server for module in modules(names).values() for server in module.servers(place)]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_state, servers))


def log_of(server: Server) -> Path:
    """The server's log."""
    return server.folder / "log"


def _state(server: Server) -> State:
    process = find(server)
    if process is None:
        return State(server, None, "not running")
    try:
        server.ready()
    except NotReadyError as error:
        return State(server, process, str(error))
    return State(server, process, "")


def _serves(server: Server, since: float) -> bool:
    state, waited = _state(server), time.monotonic() - since
    if state.process is None:
        raise SnapModeError(f"{server.name} ended:\n{_tail(log_of(server))}")
    if state.problem and waited > server.patience:
        raise SnapModeError(
            f"{server.name} is not ready after {waited:.0f} s: {state.problem}; "
            f"see {log_of(server)}"
        )
    return not state.problem


def _pid_file(server: Server) -> Path:
    return server.folder / "pid"


def _tail(file: Path) -> str:
    return file.read_text(errors="replace")[-2000:] if file.exists() else ""
