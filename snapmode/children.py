"""Commands run as child processes of `snapmode up` and `snapmode demo`."""

import contextlib
import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from types import FrameType

from snapmode.errors import SnapModeError
from snapmode.options import EXIT_REJECTED

GRACE = 20.0
"""Seconds a child has to finish its batch after SIGTERM before it is killed."""
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Interrupted(Exception):  # noqa: N818 - a request to stop, not an error
    """SIGINT or SIGTERM arrived."""


class Children:
    """Child processes that end with their parent: in order, and even if it is killed."""

    def __init__(self) -> None:
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `snapmode ARGUMENTS` in the background."""
        child = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [sys.executable, "-m", "snapmode", *arguments],
            # Ctrl-C reaches the parent alone, which then stops the children in order.
            start_new_session=True,
            # The parent has no threads of its own when it starts children.
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )
        self._running.append((arguments[0], child))
        return child

    def run(self, *arguments: str) -> None:
        """Run `snapmode ARGUMENTS` to its end; rejected items are fine, failure is an error."""
        code = self.start(*arguments).wait()
        self._running.pop()
        if code not in (0, EXIT_REJECTED):
            raise SnapModeError(f"snapmode {arguments[0]} failed with exit code {code}")

    def wait_for_any(self, seconds: float | None = None) -> None:
        """Sleep until a child ends, which is an error: they are meant to run on."""
        ticks = 0.0
        while seconds is None or ticks < seconds:
            for name, child in self._running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    code = child.wait(timeout=0.5)
                    raise SnapModeError(f"snapmode {name} ended with exit code {code}")
                ticks += 0.5

    def stop(self) -> None:
        """Ask every child to end, the last started first, and wait for it."""
        while self._running:
            _, child = self._running.pop()
            child.terminate()
            try:
                child.wait(timeout=GRACE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextlib.contextmanager
def children() -> Iterator[Children]:
    """Children that are stopped on the way out; Ctrl-C and SIGTERM leave quietly."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    started = Children()
    try:
        yield started
    except Interrupted:
        pass
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        started.stop()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Interrupted


def shared_options(options: Sequence[tuple[str, object]]) -> list[str]:
    """Options handed on to a child; those that were not given are left out."""
    return [part for name, value in options if value is not None for part in (name, str(value))]
