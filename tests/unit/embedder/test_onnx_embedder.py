import hashlib
import subprocess
import sys

import numpy as np
import pytest

from embedder.model_file import load_model_file
from embedder.onnx_embedder import OnnxEmbedder
from snapmode.errors import ConfigError, RejectedError
from snapmode.ports import Picture
from snapmode.settings import Pictures, load_settings
from snapmode.wiring import House
from tests.contract.drawn import encoded, garment
from tests.unit.embedder.conftest import Edit

PARTS = {"dim = 640": "all = [0, 640]"}
PICTURES = [Picture(encoded(garment(seed))) for seed in range(3)]


def test_the_default_settings_wire_it() -> None:
    embedder = House(load_settings()).embedder
    assert isinstance(embedder, OnnxEmbedder)
    assert embedder.name.startswith("lite0-")
    assert embedder.dim == 1280
    assert embedder.parts == {"all": slice(0, 1280)}


def test_its_name_is_known_without_onnx_runtime() -> None:
    """Whoever only opens an index waits for no model."""
    code = (
        "import sys; from embedder.onnx_embedder import OnnxEmbedder; OnnxEmbedder().name;"
        "sys.exit('onnxruntime' in sys.modules or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_limits_are_kept() -> None:
    embedder = OnnxEmbedder(limits=Pictures(max_pixels=1000))
    with pytest.raises(RejectedError, match="at most 1000 in all"):
        embedder.embed(PICTURES)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_nothing(threads: int) -> None:
    expected = OnnxEmbedder(threads=2).embed(PICTURES)
    np.testing.assert_allclose(OnnxEmbedder(threads=threads).embed(PICTURES), expected, atol=1e-4)


def test_a_negative_number_of_threads_is_refused() -> None:
    with pytest.raises(ConfigError, match="threads"):
        OnnxEmbedder(threads=-1)


def test_a_model_without_its_file_is_refused_at_once(edited: Edit) -> None:
    path = edited('file = "model.onnx"', 'file = "absent.onnx"')
    with pytest.raises(ConfigError, match=r"model.toml: file: .*absent.onnx does not exist"):
        OnnxEmbedder(str(path))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('sha256 = "fc', 'sha256 = "00', "sha256: .* has fc"),
        ("size = 224", "size = 192", r"one input of float32 \['n', 3, 192, 192\]"),
        ("dim = 1280", "dim = 640", r"one output of float32 \['n', 640\]"),
    ],
)
def test_a_model_unlike_its_toml_is_refused(edited: Edit, old: str, new: str, reason: str) -> None:
    path = edited(old, new)
    path.write_text(path.read_text().replace("all = [0, 1280]", PARTS.get(new, "all = [0, 1280]")))
    with pytest.raises(ConfigError, match=reason) as raised:
        OnnxEmbedder(str(path)).embed(PICTURES)
    assert str(path) in str(raised.value)


def test_a_file_that_is_no_model_is_refused(edited: Edit) -> None:
    path = edited('file = "model.onnx"', 'file = "text.onnx"')
    path.with_name("text.onnx").write_bytes(b"no model")
    known = load_model_file(path).sha256
    path.write_text(path.read_text().replace(known, hashlib.sha256(b"no model").hexdigest()))
    with pytest.raises(ConfigError, match="ONNX Runtime can load"):
        OnnxEmbedder(str(path)).embed(PICTURES)
