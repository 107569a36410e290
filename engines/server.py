"""One process of an engine: how it is started, and how one knows that it serves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


class NotReadyError(Exception):
    """The server does not answer yet, and why."""


def _nothing() -> None:
    pass


def _no_pids() -> list[int]:
    return []


@dataclass(frozen=True, slots=True)
class Server:
    """A process of an engine."""

    name: str
    command: Sequence[str]
    folder: Path
    """Its own; standard output and error go to `log` in it."""
    ready: Callable[[], None]
    """Returns once a real request is answered, else raises `NotReadyError`; takes seconds at most.
    An open port is no answer."""
    before: Callable[[], None] = _nothing
    """Called before every start: writes settings, formats what is empty."""
    after: Callable[[], None] = _nothing
    """Called after every stop that `engines down` asked for."""
    needs: Sequence[str] = ()
    """Servers that must be ready before this one starts."""
    namespace: str | None = None
    """The network namespace it runs in."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the environment."""
    sees_all: bool = False
    """Whether it also gets the variables that point SnapMode at every engine."""
    patience: float = 180.0
    """Seconds it may take to become ready."""
    children: bool = False
    """Whether its whole tree of processes ends with it."""
    strays: Callable[[], list[int]] = _no_pids
    """Process ids left behind by an earlier start that was killed; they end with it."""
