"""What becomes of a batch, item by item, and the dead letters of what was refused."""

import traceback
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from snapmode.dead_letters import DeadLetter, letter
from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.ingest import Embedded
from snapmode.ports import Record

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class Failure(NamedTuple):
    """An item that can't be processed, and at which stage that showed."""

    stage: str
    error: Exception

    @property
    def refused(self) -> bool:
        """Refused for good, rather than crashed."""
        return isinstance(self.error, RejectedError)


def outcomes(
    items: Sequence[A], read: Callable[[A], B], step: Callable[[list[B]], Sequence[C]]
) -> list[C | Failure]:
    """For each item what the step made of it, or how it failed alone.

    A `TransientError` is no item's fault and is raised, to repeat the whole batch; a `ConfigError`
    too.
    """
    inputs = [_narrowed("decode", lambda alone: [read(alone[0])], [item])[0] for item in items]
    readable = [each for each in inputs if not isinstance(each, Failure)]
    made = iter(_narrowed("ingest", step, readable) if readable else [])
    return [each if isinstance(each, Failure) else next(made) for each in inputs]


def _narrowed(
    stage: str, step: Callable[[list[A]], Sequence[B]], items: list[A]
) -> list[B | Failure]:
    try:
        return list(step(items))
    except (TransientError, ConfigError):
        raise  # not the item's fault
    except Exception as error:  # noqa: BLE001 - a poison item may crash anything: it is put aside
        if len(items) == 1:
            return [Failure(stage, error)]
    half = len(items) // 2
    return _narrowed(stage, step, items[:half]) + _narrowed(stage, step, items[half:])


def letters(record: Record, outcome: Embedded | Failure, attempts: int = 1) -> list[DeadLetter]:
    """The letters of a record: one for its failure, or one for each of its rejected pictures."""
    if isinstance(outcome, Failure):
        return [_of_failure(record, outcome, attempts)]
    return [
        letter(
            "embed",
            record.topic,
            record.key,
            record.value,
            reason=picture.reason,
            part=picture.key,
            evidence={"picture": picture.key},
        )
        for picture in outcome.rejected
    ]


def _of_failure(record: Record, failure: Failure, attempts: int) -> DeadLetter:
    reason, evidence = str(failure.error), {}
    if not failure.refused:
        reason = f"crashed: {failure.error!r}"
        evidence = {"traceback": "".join(traceback.format_exception(failure.error))}
    return letter(
        failure.stage,
        record.topic,
        record.key,
        record.value,
        reason=reason,
        evidence=evidence,
        attempts=attempts,
    )
