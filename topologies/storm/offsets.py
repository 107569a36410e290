"""How far a group may commit: everything up to there is done, whatever the order it was done in."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from heapq import heappop, heappush


class Offsets:
    """The records under way, by partition. Offsets may have gaps and may be read again."""

    def __init__(self) -> None:
        self._open: dict[int, list[int]] = defaultdict(list)
        """Partition → heap of the offsets under way and of some that are done."""
        self._done: dict[int, set[int]] = defaultdict(set)
        self._last: dict[int, int] = {}
        """Partition → the greatest offset done with nothing before it under way."""

    def start(self, partition: int, offset: int) -> None:
        """The record is under way."""
        heappush(self._open[partition], offset)

    def done(self, partition: int, offset: int) -> None:
        """The record is done; it was started before."""
        self._done[partition].add(offset)

    def ready(self) -> dict[int, int]:
        """Partition → offset to commit: it is done, nothing before it is under way."""
        for partition, heap in self._open.items():
            done = self._done[partition]
            while heap and heap[0] in done:
                offset = heappop(heap)
                done.remove(offset)
                self._last[partition] = max(offset, self._last.get(partition, offset))
        return {
            partition: last
            for partition, last in self._last.items()
            if not (heap := self._open[partition]) or last < heap[0]
        }

    def committed(self, offsets: Mapping[int, int]) -> None:
        """These need no commit any more."""
        for partition, offset in offsets.items():
            if self._last.get(partition) == offset:
                del self._last[partition]

    def forget(self, partitions: Collection[int]) -> None:
        """Others read these partitions now."""
        for partition in partitions:
            for kept in (self._open, self._done, self._last):
                kept.pop(partition, None)
