"""Commits never pass a record that is under way, and reach everything that is done."""

from hypothesis import given
from hypothesis import strategies as st

from topologies.storm.offsets import Offsets


def test_the_lowest_record_under_way_holds_the_commit() -> None:
    offsets = Offsets()
    for offset in (3, 5, 9):
        offsets.start(0, offset)
    offsets.done(0, 5)
    assert offsets.ready() == {}
    offsets.done(0, 3)
    assert offsets.ready() == {0: 5}
    offsets.committed({0: 5})
    assert offsets.ready() == {}
    offsets.done(0, 9)
    assert offsets.ready() == {0: 9}


def test_a_commit_that_was_refused_is_still_due() -> None:
    offsets = Offsets()
    offsets.start(0, 1)
    offsets.done(0, 1)
    assert offsets.ready() == offsets.ready() == {0: 1}


def test_what_was_done_while_a_commit_was_under_way_is_due_after_it() -> None:
    offsets = Offsets()
    for offset in (1, 2):
        offsets.start(0, offset)
        offsets.done(0, offset)
    offsets.committed({0: 1})
    assert offsets.ready() == {0: 2}


def test_offsets_read_again_hold_the_commit_again() -> None:
    offsets = Offsets()
    for offset in (5, 6):
        offsets.start(0, offset)
        offsets.done(0, offset)
    offsets.start(0, 4)
    assert offsets.ready() == {}
    offsets.done(0, 4)
    assert offsets.ready() == {0: 6}


def test_other_readers_partitions_are_forgotten() -> None:
    offsets = Offsets()
    for partition in (0, 1):
        offsets.start(partition, 1)
        offsets.done(partition, 1)
    offsets.forget([0])
    assert offsets.ready() == {1: 1}


@given(st.data())
def test_any_history_commits_all_that_is_done_before_the_first_that_is_not(
    data: st.DataObject,
) -> None:
    offsets = Offsets()
    under_way: dict[int, set[int]] = {0: set(), 1: set()}
    finished: dict[int, set[int]] = {0: set(), 1: set()}
    upto = {0: 0, 1: 0}
    for _ in range(data.draw(st.integers(0, 40))):
        partition = data.draw(st.sampled_from([0, 1]))
        if under_way[partition] and data.draw(st.booleans()):
            offset = data.draw(st.sampled_from(sorted(under_way[partition])))
            under_way[partition].remove(offset)
            finished[partition].add(offset)
            offsets.done(partition, offset)
        else:
            upto[partition] += data.draw(st.integers(1, 5))
            under_way[partition].add(upto[partition])
            offsets.start(partition, upto[partition])
        ready = offsets.ready()
        for each in (0, 1):
            lowest = min(under_way[each], default=10**9)
            done = [offset for offset in finished[each] if offset < lowest]
            assert ready.get(each) == (max(done) if done else None)
