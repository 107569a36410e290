"""Waiting for engines: how long, how often, and who is told."""

import threading
from collections.abc import Callable

import pytest

from snapmode.errors import RejectedError, TransientError
from snapmode.metrics import AWAY_SECONDS, RETRIES, total
from topologies.patience import Patience, backoff


def away(times: int) -> Callable[[], str]:
    """Fails so often, then answers."""
    failures = iter(range(times))

    def call() -> str:
        if next(failures, None) is not None:
            raise TransientError("Milvus is away")
        return "here"

    return call


def test_pauses_double_up_to_the_most_and_jitter() -> None:
    for failures, most in ((1, 0.1), (2, 0.2), (4, 0.8), (9, 5.0), (10_000, 5.0)):
        pauses = [backoff(failures, 5.0) for _ in range(200)]
        assert most / 2 <= min(pauses)
        assert most * 0.9 < max(pauses) <= most


def test_what_comes_back_is_waited_for_and_counted() -> None:
    said: list[str] = []
    before = total(RETRIES, "test-patience")
    assert Patience("test-patience", 0.001, say=said.append)(away(12)) == "here"
    assert len(said) == total(RETRIES, "test-patience") - before == 12
    assert said[0] == "Milvus is away; trying again in 0.0 s"
    assert AWAY_SECONDS.labels("test-patience")._value.get() > 0


def test_retries_may_run_out() -> None:
    patience = Patience("test-patience", 0.001, retries=2)
    assert patience(away(2)) == "here"
    with pytest.raises(TransientError):
        patience(away(3))


def test_a_stop_ends_the_pause_and_the_next_failure_ends_it_all() -> None:
    stop = threading.Event()
    with pytest.raises(TransientError):
        Patience("test-patience", 3600, stop=stop, say=lambda _: stop.set())(away(99))


def test_other_errors_are_not_waited_out() -> None:
    def refuse() -> None:
        raise RejectedError("never")

    with pytest.raises(RejectedError):
        Patience("test-patience", 3600)(refuse)
