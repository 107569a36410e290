import threading
from typing import cast

import pytest

from snapmode.errors import TransientError
from snapmode.readiness import Readiness
from snapmode.wiring import House

HOUSE = cast(House, None)
"""The checks here need none."""


def away(_house: House) -> object:
    raise TransientError("nobody answers")


def test_each_part_answers_or_says_why_not() -> None:
    answers = Readiness(HOUSE, {"a": lambda _: 7, "b": away}).answers(20)
    assert answers["a"] == 7
    assert isinstance(answers["b"], TransientError)


def test_one_that_hangs_is_asked_once_and_holds_up_nobody() -> None:
    go, calls = threading.Event(), []

    def hang(_house: House) -> str:
        calls.append(1)
        assert go.wait(20)
        return "here"

    readiness = Readiness(HOUSE, {"a": lambda _: 7, "b": hang}, fresh=0)
    for _ in range(3):
        answers = readiness.answers(0.05)
        assert answers["a"] == 7
        assert "no answer" in str(answers["b"])
    assert len(calls) == 1
    go.set()
    while readiness.answers(20)["b"] != "here":  # its deadline is counted from its start
        pass


def test_an_answer_is_kept_for_a_while() -> None:
    calls: list[int] = []
    readiness = Readiness(HOUSE, {"a": lambda _: calls.append(1)}, fresh=3600)
    for _ in range(3):
        readiness.answers(20)
    assert len(calls) == 1


def test_a_bug_in_a_check_is_raised() -> None:
    def broken(_house: House) -> object:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Readiness(HOUSE, {"a": broken}).answers(20)
