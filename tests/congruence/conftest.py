"""Two houses that should not be told apart: one embedded, one on the real engines."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from snapmode.settings import load_settings
from snapmode.wiring import House
from tests.engines import Engines


class Houses(NamedTuple):
    embedded: House
    cluster: House


@pytest.fixture(scope="module")
def houses(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    data = tmp_path_factory.mktemp("congruence")
    file = data / "embedded.toml"
    file.write_text('[embedder]\nadapter = "tests.fakes:FakeEmbedder"\n')
    cluster = engines.settings_apart("kafka", "s3", "milvus", "solr", data=data / "cluster")
    cluster = cluster.model_copy(update={"embedder": load_settings(file, data, {}).embedder})
    with (
        House(load_settings(file, data / "embedded", {})) as one,
        House(cluster) as other,
    ):
        yield Houses(one, other)
