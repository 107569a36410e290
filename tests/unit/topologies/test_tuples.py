"""What travels arrives as it was sent, bit for bit."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from snapmode.ingest import Embedded
from snapmode.items import Removal, attributes
from snapmode.ports import Record, VectorRow
from snapmode.topics import PRODUCTS
from tests.fakes import product
from topologies.storm.tuples import (
    EMBEDDED_FIELDS,
    RECORD_FIELDS,
    UnknownTupleError,
    embedded_text,
    message_id,
    parcel,
    read_embedded,
    record_values,
)

records = st.builds(
    Record,
    topic=st.just(PRODUCTS),
    partition=st.integers(0, 2**31),
    offset=st.integers(0, 2**63),
    key=st.text(),
    value=st.none() | st.binary(),
    timestamp=st.floats(0, 1e11),
)
fractions = st.floats(0, 1)
RECORD = Record(PRODUCTS, 2, 7, "a", b"\x00\xff", 1.5)


@given(records, st.integers(0, 9))
def test_records_arrive_as_they_were_sent(record: Record, attempts: int) -> None:
    values = json.loads(json.dumps(record_values(record, attempts)))
    assert values[:2] == [record.key, message_id(record)]
    arrived = parcel(values)
    assert (arrived.record, arrived.attempts, arrived.embedded) == (record, attempts, None)
    assert arrived.id == message_id(record)


@given(
    vectors=st.lists(arrays(np.float32, 8), max_size=3),
    box=st.none() | st.tuples(fractions, fractions, fractions, fractions),
)
def test_vectors_arrive_bit_for_bit(
    vectors: list[np.ndarray], box: tuple[float, float, float, float] | None
) -> None:
    message = product("a", 7, brand="Übergröße", price="9.90", currency="EUR", sizes=("S", "M"))
    sent = Embedded(
        message,
        tuple(
            VectorRow(f"row {n}", "a", f"{n:064}", box, 7, vector, attributes(message))
            for n, vector in enumerate(vectors)
        ),
    )
    arrived = read_embedded(json.loads(json.dumps(embedded_text(sent))), message)
    assert arrived.message == message
    for row, before in zip(arrived.rows, sent.rows, strict=True):
        assert row.vector.dtype == np.float32
        assert row.vector.tobytes() == before.vector.tobytes()
        assert row.vector.flags.writeable
        for name in ("id", "product_id", "picture", "box", "version", "attributes"):
            assert getattr(row, name) == getattr(before, name)


def test_a_removal_travels_without_rows() -> None:
    removal = Removal(id="a", version=3)
    assert read_embedded(embedded_text(Embedded(removal)), removal) == Embedded(removal)


def test_fields_and_values_go_together() -> None:
    values = record_values(RECORD, 0)
    assert len(values) == len(RECORD_FIELDS)
    assert parcel([*values, "x"]).embedded == "x"
    assert EMBEDDED_FIELDS[:-1] == RECORD_FIELDS
    assert EMBEDDED_FIELDS[0] == "product_id"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"v": 2}', '{"v": 1}', "\ud800"])
def test_what_another_version_sent_is_named(text: str) -> None:
    with pytest.raises(UnknownTupleError):
        parcel(["a", "2:7", text])
    with pytest.raises(UnknownTupleError):
        read_embedded(text, product("a"))
