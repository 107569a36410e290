"""The topics of the log, for every adapter."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """How a topic is kept."""

    name: str
    compacted: bool
    """Keep the last value of a key rather than every record."""


PRODUCTS = "products"
DEAD_LETTERS = "dead-letters"
FRONTIER = "frontier"
COMMANDS = "commands"

TOPICS = {
    topic.name: topic
    for topic in (
        # key: product id. Compacted, so the stores can always be rebuilt from it.
        Topic(PRODUCTS, compacted=True),
        # key: the letter's id. A tombstone drops the letter.
        Topic(DEAD_LETTERS, compacted=True),
        # key: a URL's fingerprint. The state of every known URL.
        Topic(FRONTIER, compacted=True),
        # key: the host or job a command is for.
        Topic(COMMANDS, compacted=False),
    )
}
