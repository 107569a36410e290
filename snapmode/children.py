"""Commands run as child processes of `snapmode up` and `snapmode demo`."""

import contextlib
import ctypes
import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from types import FrameType

from snapmode.errors import ConfigError, SnapModeError
from snapmode.options import EXIT_REJECTED

GRACE = 20.0
"""Seconds a child has to finish its batch after SIGTERM before it is killed."""
TICK = 0.5
"""Seconds between two looks at the children."""
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Interrupted(Exception):  # noqa: N818 - a request to stop, not an error
    """SIGINT or SIGTERM arrived."""


class Children:
    """Child processes that end with their parent: in order, and even if it is killed."""

    def __init__(self) -> None:
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, *arguments: str, quiet: bool = False) -> subprocess.Popen[bytes]:
        """Start `snapmode ARGUMENTS` in the background, `quiet` without its standard output."""
        child = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [sys.executable, "-m", "snapmode", *arguments],
            stdout=subprocess.DEVNULL if quiet else None,
            # Ctrl-C reaches the parent alone, which then stops the children in order.
            start_new_session=True,
            # The parent has no threads of its own when it starts children.
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )
        self._running.append((arguments[0], child))
        return child

    def run(self, *arguments: str) -> None:
        """Run `snapmode ARGUMENTS` to its end; rejected items are fine, failure is an error.

        `ConfigError` when the child says so, by its exit code.
        """
        child = self.start(*arguments)
        while (code := child.poll()) is None:
            self.check(but=child)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=TICK)
        self._running.pop()
        if code not in (0, EXIT_REJECTED):
            error = ConfigError if code == ConfigError.exit_code else SnapModeError
            raise error(f"snapmode {arguments[0]} failed with exit code {code}")

    def wait_for_any(self, seconds: float | None = None) -> None:
        """Sleep until a child ends, which is an error: they are meant to run on."""
        end = math.inf if seconds is None else time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(TICK, left))

    def check(self, but: "subprocess.Popen[bytes] | None" = None) -> None:
        """`SnapModeError` when a child has ended."""
        for name, child in self._running:
            if child is not but and (code := child.poll()) is not None:
                raise SnapModeError(f"snapmode {name} ended with exit code {code}")

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
