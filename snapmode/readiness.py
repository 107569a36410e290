"""Asking every part of the house at once whether it answers, within bounded time."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass

from snapmode.errors import SnapModeError, TransientError
from snapmode.wiring import House

Check = Callable[[House], object]
"""Asks one part; a `SnapModeError` says what is wrong."""


@dataclass(frozen=True, slots=True)
class _Asked:
    at: float
    answer: Future[object]


class Readiness:
    """Runs each check in a thread of its own, so that one that hangs holds up nobody.

    A check is not begun again before it has ended, nor sooner than `fresh` seconds after it began:
    however often one asks, each part is asked by one thread at most. May be called from any thread.
    """

    def __init__(self, house: House, checks: Mapping[str, Check], fresh: float = 1.0) -> None:
        self._house = house
        self._checks = checks
        self._fresh = fresh
        self._lock = threading.Lock()
        self._asked: dict[str, _Asked] = {}

    def answers(self, deadline: float) -> dict[str, object | SnapModeError]:
        """What each check returned, or the error why not, within `deadline` seconds of its start.

        A part that has not answered by then is a `TransientError`. A bug in a check is raised.
        """
        with self._lock:
            asked = {name: self._ask(name) for name in self._checks}
        for one in asked.values():
            wait([one.answer], timeout=max(0.0, one.at + deadline - time.monotonic()))
        return {name: _answer(one) for name, one in asked.items()}

    def _ask(self, name: str) -> _Asked:
        last, now = self._asked.get(name), time.monotonic()
        if last is None or (last.answer.done() and now - last.at >= self._fresh):
            last = self._asked[name] = _Asked(now, Future())
            # A daemon: a part that hangs must not keep the program from ending.
            threading.Thread(
                target=self._run, args=(self._checks[name], last.answer), daemon=True
            ).start()
        return last

    def _run(self, check: Check, answer: Future[object]) -> None:
        try:
            answer.set_result(check(self._house))
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is read
            answer.set_exception(error)


def _answer(asked: _Asked) -> object | SnapModeError:
    if not asked.answer.done():
        return TransientError(f"no answer for {time.monotonic() - asked.at:.0f} seconds")
    try:
        return asked.answer.result()
    except SnapModeError as error:
        return error
