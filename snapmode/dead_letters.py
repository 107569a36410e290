"""Dead letters: what could not be processed, with the evidence, kept until replayed or dropped.

They live on the compacted topic `dead-letters`, keyed by the letter's id, so putting the same
letter again replaces it and a tombstone drops it.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from pydantic import ConfigDict, Field, ValidationError

from snapmode.codec import first_problem
from snapmode.errors import RejectedError
from snapmode.items import Item, Text, digest
from snapmode.metrics import DEAD_LETTERS as PUT
from snapmode.ports import Log
from snapmode.topics import DEAD_LETTERS, TOPICS


class DeadLetter(Item):
    """One input that was put aside. In JSON the bytes are base64."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    id: Text
    """See `letter`."""
    stage: Text
    """Who refused it: crawl, import, decode, embed, index."""
    topic: str | None
    """Where `replay` publishes the original; None: it cannot be replayed."""
    key: str
    """Key of the original message; a URL when it never became one."""
    value: bytes | None
    """The original message."""
    reason: str
    """One line for a person."""
    evidence: Mapping[str, str] = Field(default_factory=dict)
    """Whatever helps to find the cause: picture, traceback, status, …"""
    at: datetime
    """When it was put aside, UTC."""
    attempts: int = Field(default=1, ge=1)
    """How often it was tried before."""


def letter(
    stage: str,
    topic: str | None,
    key: str,
    value: bytes | None,
    *,
    reason: str,
    part: str = "",
    evidence: Mapping[str, str] | None = None,
    attempts: int = 1,
) -> DeadLetter:
    """A letter whose id is made of stage, topic, key and the `part` of the message that failed.

    A message has several letters only when several of its parts failed (say, two pictures).
    """
    return DeadLetter(
        id=digest(stage, topic or "", key, part),
        stage=stage,
        topic=topic,
        key=key,
        value=value,
        reason=reason,
        evidence=evidence or {},
        at=datetime.now(UTC),
        attempts=attempts,
    )


def message(letter: DeadLetter) -> tuple[str, bytes]:
    """The letter as a message of its topic, for those who publish in their own way."""
    return letter.id, letter.model_dump_json().encode()


def put(log: Log, letters: Collection[DeadLetter]) -> None:
    """Keep the letters durably; one with an id that is already there replaces it."""
    if not letters:
        return
    log.publish(DEAD_LETTERS, [message(one) for one in letters])
    for one in letters:
        PUT.labels(one.stage).inc()


def read(log: Log) -> list[DeadLetter]:
    """The letters kept now, oldest first; `RejectedError` names one that is not a letter."""
    values = {record.key: record.value for record in log.read_all(DEAD_LETTERS)}
    letters = [_decoded(key, value) for key, value in values.items() if value is not None]
    return sorted(letters, key=lambda one: (one.at, one.id))


def _decoded(key: str, value: bytes) -> DeadLetter:
    try:
        return DeadLetter.model_validate_json(value)
    except ValidationError as error:
        raise RejectedError(f"dead letter {key}: {first_problem(error)}") from error


def drop(log: Log, ids: Collection[str]) -> None:
    """Forget letters by id; unknown ids are fine."""
    if ids:
        log.publish(DEAD_LETTERS, [(each, None) for each in ids])


def replay(log: Log, letters: Collection[DeadLetter]) -> None:
    """Publish the originals to their topics, then drop the letters.

    A compacted topic may hold a newer message of the same key by now: then that one is published
    again, for an old one would take its place. `RejectedError` when a letter has no topic.
    """
    for one in letters:
        if one.topic is None:
            raise RejectedError(f"dead letter {one.id}: cannot be replayed, only dropped")
    for topic in dict.fromkeys(one.topic for one in letters if one.topic):
        messages = {one.key: one.value for one in letters if one.topic == topic}
        if topic in TOPICS and TOPICS[topic].compacted:
            kept = log.read_all(topic)
            messages |= {record.key: record.value for record in kept if record.key in messages}
        log.publish(topic, list(messages.items()))
    drop(log, [one.id for one in letters])
