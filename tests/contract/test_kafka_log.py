"""KafkaLog keeps the contract of `Log`."""

from uuid import uuid4

import pytest

from tests.contract.log_contract import LogContract
from tests.engines import Engines

pytestmark = pytest.mark.cluster


@pytest.fixture
def table(engines: Engines) -> dict[str, object]:
    """Topics of this test alone."""
    log = engines.settings("kafka").log
    return {
        "adapter": log.adapter,
        **log.arguments,
        "prefix": f"{uuid4().hex[:8]}-",
        "partitions": 4,
    }


class TestKafkaLog(LogContract):
    """The `table` above."""
