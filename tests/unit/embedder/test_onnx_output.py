"""Bring your own: any ONNX file with a small TOML."""

from pathlib import Path

import numpy as np
import pytest

from embedder.model_file import Output
from embedder.onnx_embedder import OnnxEmbedder
from embedder.onnx_output import pooled
from snapmode.errors import ConfigError
from snapmode.ports import Embedder, Picture
from tests.contract.drawn import encoded, garment
from tests.contract.embedder_contract import EmbedderContract
from tests.unit.embedder.onnx_by_hand import PIXELS, onnx_bytes, write_model

PICTURES = [Picture(encoded(garment(seed))) for seed in range(3)]
RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(192, 6)).astype(np.float32)
IMAGES = {"pixels": ["n", 3, 8, 8]}
FLAT = onnx_bytes(
    [("Flatten", ["pixels"], "flat"), ("MatMul", ["flat", "weights"], "rows")],
    IMAGES,
    {"rows": ["n", 6]},
    {"weights": WEIGHTS},
)
"""(n, 6) of any length."""
MEAN = 'dim = 3\n[output]\npooling = "mean"\nnormalise = true\n'
UNITS = "dim = 6\n[output]\nnormalise = true\n"
MAP = onnx_bytes([("Exp", ["pixels"], "map")], IMAGES, {"map": ["n", 3, 8, 8]})
TOKENS = onnx_bytes(
    [("Reshape", ["pixels", "shape"], "tokens")],
    IMAGES,
    {"tokens": ["n", 12, 16]},
    {"shape": np.array([-1, 12, 16])},
)
LAST = onnx_bytes([("Exp", ["pixels"], "map")], {"pixels": ["n", 8, 8, 3]}, {"map": ["n", 8, 8, 3]})


class TestAModelOfOnesOwn(EmbedderContract):
    @pytest.fixture
    def embedder(self, tmp_path: Path) -> Embedder:
        return OnnxEmbedder(str(write_model(tmp_path, FLAT, UNITS)), threads=2)


@pytest.mark.parametrize(
    ("data", "toml"),
    [
        (FLAT, UNITS),
        (MAP, MEAN),
        (TOKENS, 'dim = 16\n[output]\npooling = "cls"\nnormalise = true\n'),
        (TOKENS, 'dim = 16\n[output]\npooling = "mean"\nnormalise = true\n'),
        (
            LAST,
            f'{MEAN}[preprocessing]\n{PIXELS}layout = "NHWC"\n',
        ),
    ],
    ids=["rows", "map", "first token", "mean of tokens", "channels last"],
)
def test_any_shape_of_output_becomes_unit_rows(tmp_path: Path, data: bytes, toml: str) -> None:
    embedder = OnnxEmbedder(str(write_model(tmp_path, data, toml)))
    rows = embedder.embed(PICTURES)
    assert rows.shape == (3, embedder.dim)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert embedder.parts == {"all": slice(0, embedder.dim)}


def test_the_layout_changes_nothing_but_the_layout(tmp_path: Path) -> None:
    first = OnnxEmbedder(str(write_model(tmp_path / "first", MAP, MEAN)))
    toml = f'{MEAN}[preprocessing]\n{PIXELS}layout = "NHWC"\n'
    last = OnnxEmbedder(str(write_model(tmp_path / "last", LAST, toml)))
    np.testing.assert_allclose(first.embed(PICTURES), last.embed(PICTURES), atol=1e-6)
    assert first.name != last.name


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_pooling_against_the_slow_loop(layout: str) -> None:
    maps = RNG.normal(size=(2, 4, 5, 6)).astype(np.float32)
    found = pooled(maps, Output(pooling="mean", normalise=True), layout)
    channels = range(maps.shape[1 if layout == "NCHW" else 3])
    for row, one in zip(found, maps, strict=True):
        means = [float(np.mean(one[c] if layout == "NCHW" else one[..., c])) for c in channels]
        np.testing.assert_allclose(row, means / np.linalg.norm(means), rtol=1e-5)


def test_one_of_several_outputs_is_named(tmp_path: Path) -> None:
    nodes = [("Flatten", ["pixels"], "flat"), ("MatMul", ["flat", "weights"], "rows")]
    shapes = {"flat": ["n", 192], "rows": ["n", 6]}
    data = onnx_bytes(nodes, IMAGES, shapes, {"weights": WEIGHTS})
    named = write_model(tmp_path / "a", data, UNITS + 'name = "rows"\n')
    assert OnnxEmbedder(str(named)).embed(PICTURES).shape == (3, 6)
    with pytest.raises(ConfigError, match=r"output.name: say which; .*'flat', 'rows'"):
        OnnxEmbedder(str(write_model(tmp_path / "b", data, UNITS))).embed(PICTURES)
    wrong = write_model(tmp_path / "c", data, UNITS + 'name = "other"\n')
    with pytest.raises(ConfigError, match=r"output.name: no output 'other'"):
        OnnxEmbedder(str(wrong)).embed(PICTURES)


def test_a_batch_fixed_at_one_is_enough(tmp_path: Path) -> None:
    data = onnx_bytes([("Exp", ["pixels"], "map")], {"pixels": [1, 3, 8, 8]}, {"map": [1, 3, 8, 8]})
    assert OnnxEmbedder(str(write_model(tmp_path, data, MEAN))).embed(PICTURES).shape == (3, 3)


@pytest.mark.parametrize(
    ("data", "toml", "reason"),
    [
        (FLAT, "dim = 6\n", "output.normalise: a row has the length .*normalise = true"),
        (FLAT, "dim = 5\n[output]\nnormalise = true\n", r"one output of float32 \['n', 5\]"),
        (TOKENS, "dim = 16\n[output]\nnormalise = true\n", r"gives float32 \[1, 12, 16\]"),
        (MAP, 'dim = 3\n[output]\npooling = "cls"\n', r"gives float32 \[1, 3, 8, 8\]"),
        (LAST, "dim = 3\n", r"one input of float32 \['n', 3, 8, 8\]; it has .*'n', 8, 8, 3"),
        (
            onnx_bytes([("Log", ["pixels"], "map")], IMAGES, {"map": ["n", 3, 8, 8]}),
            'dim = 3\n[output]\npooling = "mean"\n',
            "values that are no numbers",
        ),
        (
            onnx_bytes([("Exp", ["pixels"], "x")], {"pixels": [4, 3, 8, 8]}, {"x": [4, 3, 8, 8]}),
            "dim = 3\n",
            r"it has .*\[4, 3, 8, 8\]",
        ),
        (
            onnx_bytes(
                [("Add", ["pixels", "text"], "x")],
                {**IMAGES, "text": ["n", 3, 8, 8]},
                {"x": ["n", 3, 8, 8]},
            ),
            "dim = 3\n",
            "one input .*'text'",
        ),
        (
            onnx_bytes(
                [("MatMul", ["pixels", "weights"], "x")],
                {"pixels": ["n", 3, "height", "width"]},
                {"x": ["n", 3, "height", 6]},
                {"weights": WEIGHTS},
            ),
            "dim = 6\n",
            "can't be run",
        ),
    ],
    ids=[
        "no units",
        "another dim",
        "tokens",
        "cls of a map",
        "another layout",
        "not finite",
        "fixed batch",
        "two inputs",
        "does not run",
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(
    tmp_path: Path, data: bytes, toml: str, reason: str
) -> None:
    path = write_model(tmp_path, data, toml)
    with pytest.raises(ConfigError, match=reason) as raised:
        OnnxEmbedder(str(path)).embed(PICTURES)
    assert str(path) in str(raised.value)
