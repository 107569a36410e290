from pathlib import Path

import pytest

from indexer.folder_images import FolderImages
from tests.contract.image_store_contract import ImageStoreContract, Open


class TestFolderImages(ImageStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Open:
        return lambda: FolderImages(tmp_path / "absent" / "images")
