"""A batch is narrowed to the item that fails."""

from collections.abc import Sequence

import pytest

from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.ingest import Embedded, RejectedPicture
from snapmode.ports import Record
from snapmode.topics import PRODUCTS
from tests.fakes import product
from topologies.outcomes import Failure, letters, outcomes

RECORD = Record(PRODUCTS, 1, 7, "a", b"value", 3.0)


def read(text: str) -> int:
    if text == "?":
        raise RejectedError("not a number")
    return int(text)


class Step:
    """Doubles numbers; a 13 crashes, a 0 is refused, a 99 is away, a 98 is misconfigured."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def __call__(self, numbers: list[int]) -> Sequence[int]:
        self.batches.append(list(numbers))
        for number, error in (
            (13, ZeroDivisionError("bug")),
            (0, RejectedError("zero")),
            (99, TransientError("away")),
            (98, ConfigError("wrong")),
        ):
            if number in numbers:
                raise error
        return [2 * number for number in numbers]


def test_a_batch_that_succeeds_is_one_call() -> None:
    step = Step()
    assert outcomes(["1", "2", "3"], read, step) == [2, 4, 6]
    assert step.batches == [[1, 2, 3]]


def test_every_failure_stands_alone_and_in_its_place() -> None:
    found = outcomes(["1", "?", "13", "2", "0", "x"], read, Step())
    assert [each for each in found if not isinstance(each, Failure)] == [2, 4]
    failures = {place: each for place, each in enumerate(found) if isinstance(each, Failure)}
    assert {place: (each.stage, each.refused) for place, each in failures.items()} == {
        1: ("decode", True),
        2: ("ingest", False),
        4: ("ingest", True),
        5: ("decode", False),
    }


def test_nothing_to_work_on_is_no_call() -> None:
    step = Step()
    assert len(outcomes(["?"], read, step)) == 1
    assert step.batches == []


@pytest.mark.parametrize(("culprit", "error"), [("99", TransientError), ("98", ConfigError)])
def test_what_is_no_items_fault_is_raised(culprit: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        outcomes(["1", culprit], read, Step())


def test_a_crash_leaves_a_letter_with_its_traceback() -> None:
    (failure,) = outcomes(["13"], read, Step())
    assert isinstance(failure, Failure)
    (one,) = letters(RECORD, failure, attempts=6)
    assert (one.stage, one.topic, one.key, one.value) == ("ingest", PRODUCTS, "a", b"value")
    assert (one.attempts, one.reason) == (6, "crashed: ZeroDivisionError('bug')")
    assert "in __call__" in one.evidence["traceback"]


def test_each_rejected_picture_leaves_a_letter() -> None:
    rejected = (RejectedPicture("a", "k1", "torn"), RejectedPicture("a", "k2", "empty"))
    first, second = letters(RECORD, Embedded(product("a"), rejected=rejected))
    assert (first.stage, first.reason, first.evidence) == ("embed", "torn", {"picture": "k1"})
    assert first.id != second.id
