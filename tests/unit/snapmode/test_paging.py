from hypothesis import given
from hypothesis import strategies as st

from snapmode.paging import pages


@given(st.lists(st.integers()), st.integers(1, 9))
def test_pages_hold_every_item_once_and_only_the_last_is_short(items: list[int], size: int) -> None:
    found = list(pages(iter(items), size))
    assert [item for page in found for item in page] == items
    assert all(len(page) == size for page in found[:-1])
    assert all(0 < len(page) <= size for page in found[-1:])
