from uuid import uuid4

import pytest

from tests.contract.image_store_contract import ImageStoreContract, Open
from tests.engines import Engines

pytestmark = pytest.mark.cluster


class TestS3Images(ImageStoreContract):
    @pytest.fixture
    def open_store(self, engines: Engines) -> Open:
        from indexer.s3_images import S3Images

        table = engines.settings("s3").images.arguments
        bucket = f"snapmode-t{uuid4().hex[:12]}"
        return lambda: S3Images(**{**table, "bucket": bucket})
