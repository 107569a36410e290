import json
import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedder.training.checkpoint import (
    code_version,
    load_resume,
    load_weights,
    read_checkpoint,
    resume_file,
    save_checkpoint,
    save_resume,
    sha256_of,
)
from snapmode.errors import ConfigError
from tests.unit.embedder.checkpoints import HEADER, WEIGHTS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "mine.safetensors"
    save_checkpoint(path, HEADER, WEIGHTS)
    return path


def test_what_was_saved_is_loaded(file: Path) -> None:
    header, weights = load_weights(file)
    assert header == HEADER == read_checkpoint(file)
    assert header.dim == 4
    assert weights.keys() == WEIGHTS.keys()
    for name, array in WEIGHTS.items():
        np.testing.assert_array_equal(weights[name], array)
        assert weights[name].dtype == array.dtype
        assert weights[name].shape == array.shape
    assert [path.name for path in file.parent.iterdir()] == ["mine.safetensors"]


def test_the_hash_is_of_the_content(file: Path, tmp_path: Path) -> None:
    again = save_checkpoint(tmp_path / "again.safetensors", HEADER, WEIGHTS)
    assert again == sha256_of(file)
    other = HEADER.model_copy(update={"step": 8})
    assert save_checkpoint(tmp_path / "other.safetensors", other, WEIGHTS) != again


def test_other_weights_than_expected_are_refused(file: Path) -> None:
    known = sha256_of(file)
    assert read_checkpoint(file, known) == HEADER
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    for read in (read_checkpoint, load_weights):
        with pytest.raises(ConfigError, match=f"its sha256 is .*, not {known}"):
            read(file, known)


def _framed(header: Any, rest: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + rest


def _floats(count: int, end: int) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [count], "data_offsets": [0, end]}


DESCRIBED = {"__metadata__": {"snapmode": HEADER.model_dump_json()}}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04}q\x00.",  # a pickle
        b"PK\x03\x04 torch.save",
        struct.pack("<Q", 1 << 62) + b"{}",
        _framed([]),
        _framed({**DESCRIBED, "a": _floats(1 << 40, end=4)}, b"1234"),
        _framed({**DESCRIBED, "a": _floats(100, end=400)}, b"1234"),
        _framed({**DESCRIBED, "a": {"dtype": "object"}}, b"1234"),
    ],
    ids=[
        "empty",
        "pickle",
        "zip",
        "huge header",
        "a list",
        "huge shape",
        "beyond the end",
        "no numbers",
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"bad\.safetensors"):
        load_weights(path)


def test_a_header_that_does_not_fit_names_the_key(tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    described = {**json.loads(HEADER.model_dump_json()), "step": -1}
    path.write_bytes(_framed({"__metadata__": {"snapmode": json.dumps(described)}}))
    with pytest.raises(ConfigError, match=r"bad.safetensors: step"):
        read_checkpoint(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for read in (read_checkpoint, load_weights, sha256_of, load_resume):
        with pytest.raises(ConfigError, match=r"absent.*can't be read"):
            read(tmp_path / "absent.safetensors")


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
STATES = st.dictionaries(
    st.text() | st.integers(0, 9),
    st.recursive(
        PLAIN,
        lambda x: st.lists(x) | st.tuples(x, x) | st.dictionaries(st.integers() | st.text(), x),
        max_leaves=8,
    ),
    max_size=4,
)


@settings(max_examples=40)  # each is written, synced and read
@given(state=STATES)
def test_any_nested_state_comes_back(tmp_path_factory: pytest.TempPathFactory, state: Any) -> None:
    file = tmp_path_factory.mktemp("run") / "mine.safetensors"
    save_resume(file, state)
    assert load_resume(file) == state


def test_random_numbers_go_on_where_they_were(tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    numbers, plain = np.random.default_rng(3), random.Random(3)
    numbers.normal(size=5)
    save_resume(file, {"numpy": numbers.bit_generator.state, "plain": plain.getstate()})
    assert resume_file(file) == tmp_path / "mine.resume.safetensors"
    state = load_resume(file)
    other = np.random.default_rng()
    other.bit_generator.state = state["numpy"]
    again = random.Random()
    again.setstate(state["plain"])
    assert again.random() == plain.random()
    np.testing.assert_array_equal(other.normal(size=5), numbers.normal(size=5))


def test_arrays_of_a_state_are_its_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    save_resume(file, {"state": {0: {"step": np.array(2.0), "mean": np.ones((2, 2))}}})
    inner = load_resume(file)["state"][0]
    assert inner["step"].shape == ()
    inner["mean"][0, 0] = 5  # writable
    assert inner["mean"].sum() == 8


def test_a_checkpoint_holds_no_state(file: Path) -> None:
    resume_file(file).write_bytes(file.read_bytes())
    with pytest.raises(ConfigError, match="no state to resume"):
        load_resume(file)


def test_the_code_has_a_version() -> None:
    assert len(code_version()) >= 5
