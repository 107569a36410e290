"""Writes products and their vectors into the stores."""

from collections.abc import Callable, Sequence

from snapmode.ingest import Embedded, IndexStep, read_message
from topologies.storm.batch_bolt import BatchBolt
from topologies.storm.tuples import Parcel, read_embedded


class IndexBolt(BatchBolt):
    """`IndexStep` on Storm. A product's messages meet one task: one writer per product."""

    stage = "index"
    batches = 4
    """Stores take as long for many as for few: what comes while they write goes in one go."""

    def read(self, parcel: Parcel) -> Embedded:
        """The record's message, with its rows."""
        return read_embedded(parcel.embedded or "", read_message(parcel.record))

    def step(self) -> Callable[[Sequence[Embedded]], Sequence[Embedded]]:
        """See `BatchBolt.step`."""
        index = IndexStep(self.house.catalog, self.house.vectors)

        def write(batch: Sequence[Embedded]) -> Sequence[Embedded]:
            index(batch)
            return batch

        return write
