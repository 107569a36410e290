import dataclasses
from typing import Any

import pytest
from hypothesis import given

from indexer.milvus_rows import FOUND, TEXTS, WHOLE, entity, row_of
from snapmode.errors import RejectedError
from snapmode.ports import VectorRow
from tests.contract.examples import DIM, row, rows
from tests.contract.vector_index_machine import same


@given(written=rows)
def test_a_row_comes_back_as_it_was(written: VectorRow) -> None:
    kept = entity(written, DIM)
    assert same(row_of({field: kept[field] for field in WHOLE}), written)
    assert set(FOUND) < set(WHOLE) < set(kept)


@pytest.mark.parametrize("field", ["id", "product_id", "picture"])
def test_a_text_that_milvus_can_not_hold_is_refused_by_name(field: str) -> None:
    longest: dict[str, Any] = {field: "ä" * (TEXTS[field] // 2)}
    entity(dataclasses.replace(row(), **longest), DIM)
    longer = {field: longest[field] + "a"}
    with pytest.raises(RejectedError, match=f"{field} is longer than {TEXTS[field]} bytes"):
        entity(dataclasses.replace(row(), **longer), DIM)
