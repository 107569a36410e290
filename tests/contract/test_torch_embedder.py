import pytest

from snapmode.ports import Embedder
from tests.contract.embedder_contract import EmbedderContract

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    from embedder.torch_embedder import TorchEmbedder
    from tests.models.small import checkpoint

    file = checkpoint(tmp_path_factory.mktemp("torch"), "lite")
    return TorchEmbedder(str(file), device="cpu", threads=2, batch=3)


class TestTorchEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, loaded: Embedder) -> Embedder:
        return loaded
