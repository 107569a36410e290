"""The topologies there are."""

from typing import NamedTuple

from snapmode.ingest import GROUP
from snapmode.topics import PRODUCTS


class Drawing(NamedTuple):
    """A topology that can be submitted."""

    factory: str
    """Dotted path of a function from `[topology]` to streamparse's Topology."""
    topic: str
    group: str
    """Whose lag tells how far behind it is."""


DRAWINGS = {"ingest": Drawing("topologies.ingest:ingest", PRODUCTS, GROUP)}
DRAWING_OPTION = "snapmode.topology"
"""Names the drawing among a running topology's options."""
