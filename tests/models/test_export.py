"""Needs the train extra: the ONNX file says what torch says."""

from pathlib import Path

import numpy as np
import pytest

from embedder.decode import decode
from embedder.model_file import ModelFile, find_model, load_model_file
from embedder.onnx_embedder import OnnxEmbedder
from embedder.preprocess import as_input
from snapmode.ports import Picture
from snapmode.settings import Pictures
from tests.contract.drawn import encoded, garment

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelFile, Path]:
    from embedder.export import export_lite0

    out = tmp_path_factory.mktemp("lite0")
    return export_lite0(out), out


def test_the_committed_model_says_what_torch_says() -> None:
    import torch

    from embedder.export import lite0

    embedder = OnnxEmbedder()
    preprocessing = load_model_file(find_model("lite0")).preprocessing
    pictures = [Picture(encoded(garment(seed))) for seed in range(5)]
    pixels = [as_input(decode(picture, Pictures()), preprocessing) for picture in pictures]
    with torch.inference_mode():
        expected = lite0()(torch.from_numpy(np.concatenate(pixels))).numpy()
    np.testing.assert_allclose(embedder.embed(pictures), expected, atol=1e-4)


def test_exporting_again_gives_the_same_model(exported: tuple[ModelFile, Path]) -> None:
    model, _ = exported
    committed = load_model_file(find_model("lite0"))
    assert model.identity == committed.identity
    assert model.figures["drift_from_torch"] < 1e-4


def test_what_is_written_can_be_read_and_run(exported: tuple[ModelFile, Path]) -> None:
    model, out = exported
    assert load_model_file(out / "model.toml") == model
    pictures = [Picture(encoded(garment(seed))) for seed in range(2)]
    rows = OnnxEmbedder(str(out)).embed(pictures)
    np.testing.assert_allclose(rows, OnnxEmbedder().embed(pictures), atol=1e-4)


def test_an_unknown_model_is_refused(tmp_path: Path) -> None:
    from embedder.export import main
    from snapmode.errors import ConfigError

    with pytest.raises(ConfigError, match="there is lite0"):
        main("unknown", tmp_path)
