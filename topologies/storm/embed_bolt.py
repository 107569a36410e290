"""Turns the pictures of products into vectors."""

from collections.abc import Sequence

from pystorm.component import Tuple

from snapmode.codec import Message
from snapmode.ingest import Embedded, EmbedStep, read_message
from topologies.storm.batch_bolt import BatchBolt
from topologies.storm.tuples import EMBEDDED_FIELDS, Parcel, embedded_text, record_values


class EmbedBolt(BatchBolt):
    """`EmbedStep` on Storm. Each task is a process with its own model and its own batches."""

    outputs = EMBEDDED_FIELDS
    stage = "embed"

    def read(self, parcel: Parcel) -> Message:
        """The record's message."""
        return read_message(parcel.record)

    def step(self) -> EmbedStep:
        """See `BatchBolt.step`."""
        return EmbedStep(self.house.embedder, self.house.images, self.house.vectors)

    def pass_on(self, parcel: Parcel, embedded: Embedded, anchors: Sequence[Tuple]) -> None:
        """The record as it came, and its vectors."""
        values = record_values(parcel.record, parcel.attempts)
        self.emit([*values, embedded_text(embedded)], anchors=anchors)
