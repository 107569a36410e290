"""Real engines for the suites that need them: started here, or already up somewhere.

With ENGINES=external nothing is started: addresses come from the environment, as SNAPMODE_LOG__…,
over those of configs/cluster.toml. `snapmode engines env` prints such an environment.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from engines import running
from engines.place import Place, open_place
from snapmode.settings import CONFIGS, Settings, load_settings

ROOT = Path(__file__).resolve().parent.parent
CLUSTER = CONFIGS / "cluster.toml"


class Engines:
    """Engines by name, each started when a test first asks for it."""

    def __init__(self, place: Place | None) -> None:
        self.place = place
        """None: they are somebody else's."""
        self._up: set[str] = set()

    @property
    def environ(self) -> Mapping[str, str]:
        """SNAPMODE_* variables that point at them."""
        own = running.environment(self.place) if self.place else {}
        return {**os.environ, **own}

    def settings(self, *names: str, data: Path | None = None) -> Settings:
        """The cluster's settings, once the engines of these names serve."""
        if self.place and not self._up.issuperset(names):
            running.up(self.place, names)
            self._up.update(names)
        return load_settings(CLUSTER, data, self.environ)

    def settings_apart(self, *names: str, data: Path | None = None) -> Settings:
        """The same, with topics, a bucket and collections that nobody else has."""
        self.settings(*names)
        return load_settings(CLUSTER, data, {**self.environ, **apart()})


def apart() -> dict[str, str]:
    """Variables that give a test a part of the engines of its own."""
    name = f"t{uuid4().hex[:12]}"
    return {
        "SNAPMODE_LOG__PREFIX": f"{name}-",
        "SNAPMODE_IMAGES__BUCKET": f"snapmode-{name}",
        "SNAPMODE_CATALOG__COLLECTION": name,
        "SNAPMODE_VECTORS__COLLECTION": name,
    }


@contextmanager
def engines_for(folder: Path) -> Iterator[Engines]:
    """Engines in a folder of their own, stopped at the end; their logs stay."""
    if os.environ.get("ENGINES") == "external":
        yield Engines(None)
        return
    with started_in(folder) as place:
        yield Engines(place)


@contextmanager
def started_in(folder: Path, **options: Any) -> Iterator[Place]:
    """A place without a past: ports that are free now, no data. Stopped at the end; logs stay."""
    if folder.exists():
        running.down(open_place(folder))  # what a session that was killed has left
        shutil.rmtree(folder)
    place = open_place(folder, **options)
    try:
        yield place
    finally:
        running.down(place)
