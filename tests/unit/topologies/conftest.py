"""Small batches, little patience."""

import pytest


@pytest.fixture
def settings_text() -> str:
    return """
[embedder]
adapter = "tests.fakes:FakeEmbedder"
[ingest]
batch = 4
retries = 2
max_backoff = 0.01
"""
