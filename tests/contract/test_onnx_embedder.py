import pytest

from embedder.onnx_embedder import OnnxEmbedder
from snapmode.ports import Embedder
from tests.contract.embedder_contract import EmbedderContract


class TestOnnxEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return OnnxEmbedder(threads=2)
