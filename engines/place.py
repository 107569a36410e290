"""Where a set of engines lives: its folder, its ports, and the cache that all sets share."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from snapmode.errors import ConfigError

DEFAULT_FOLDER = Path("var/engines")
OPTIONS = ("brokers", "solr_cloud", "isolated")


@dataclass(frozen=True, slots=True)
class Place:
    """One set of engines. The options it was first started with are kept in its folder."""

    folder: Path
    """Absolute. Each server has a folder of its name in it, with its data and its `log`."""
    cache: Path
    """Absolute. What was downloaded and built."""
    brokers: int = 1
    """Kafka brokers: 1 or 3."""
    solr_cloud: bool = False
    """Two Solr nodes on ZooKeeper rather than one alone."""
    isolated: frozenset[str] = frozenset()
    """Modules put into a network namespace of their own, so that its link can be cut."""

    def port(self, name: str, usual: int) -> int:
        """The port of this name: the usual one when it is free at the first asking, else another.

        Remembered in `ports.json`.
        """
        with _locked(self.folder / "ports.lock"):
            file = self.folder / "ports.json"
            ports: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
            if name not in ports:
                ports[name] = _free_port(usual, taken=set(ports.values()))
                file.write_text(json.dumps(ports, indent=2))
        return ports[name]

    def folder_of(self, name: str) -> Path:
        """The folder of a server."""
        return self.folder / name

    @contextmanager
    def once(self, name: str) -> Iterator[Path]:
        """`cache/name`, while no other process has it: for what is downloaded or built once."""
        with _locked(self.cache / f"{name}.lock"):
            yield self.cache / name


def open_place(
    folder: Path,
    brokers: int | None = None,
    solr_cloud: bool | None = None,
    isolated: frozenset[str] | None = None,
) -> Place:
    """The set of engines in a folder; an option that is not given is as it was, or the default.

    `ConfigError` when an option differs from what the folder was made for.
    """
    asked = {
        "brokers": brokers,
        "solr_cloud": solr_cloud,
        "isolated": None if isolated is None else sorted(isolated),
    }
    given = {name: value for name, value in asked.items() if value is not None}
    file = folder / "options.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    for name, value in given.items():
        if kept.get(name, value) != value:
            raise ConfigError(
                f"{folder} was made for {name} = {kept[name]}, asked for was {value}: "
                "use another --folder, or remove it"
            )
    options = {**kept, **given}
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(options))
    return Place(
        folder.absolute(),
        cache_folder(),
        brokers=options.get("brokers", 1),
        solr_cloud=options.get("solr_cloud", False),
        isolated=frozenset(options.get("isolated", ())),
    )


def cache_folder() -> Path:
    """$SNAPMODE_ENGINES_CACHE, else ~/.cache/snapmode/engines."""
    default = Path.home() / ".cache" / "snapmode" / "engines"
    return Path(os.environ.get("SNAPMODE_ENGINES_CACHE", default)).absolute()


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _free_port(usual: int, taken: set[int]) -> int:
    for wanted in (usual, 0):
        if wanted in taken:
            continue
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    raise ConfigError("no free port on 127.0.0.1")
