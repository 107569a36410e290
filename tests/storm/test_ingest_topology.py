"""The drawing: who is wired to whom, and in how many tasks."""

from pathlib import Path

import pytest

from snapmode import settings
from topologies.ingest import Ingest, ingest

pytestmark = pytest.mark.cluster


def test_products_go_to_embed_go_to_index_by_product() -> None:
    bolts = Ingest.thrift_bolts
    assert set(Ingest.thrift_spouts) == {"products"}
    wires = {
        (stream.componentId, name, tuple(grouping.fields))
        for name, bolt in bolts.items()
        for stream, grouping in bolt.common.inputs.items()
    }
    assert wires == {
        ("products", "embed", ("product_id",)),
        ("embed", "index", ("product_id",)),
    }


def test_each_component_has_as_many_tasks_as_the_settings_say() -> None:
    drawn = ingest(settings.Topology(spouts=2, embed_bolts=3, index_bolts=4))
    assert drawn.thrift_spouts["products"].common.parallelism_hint == 2
    assert drawn.thrift_bolts["embed"].common.parallelism_hint == 3
    assert drawn.thrift_bolts["index"].common.parallelism_hint == 4


def test_storm_never_has_more_in_the_air_than_a_bolt_can_hold() -> None:
    assert Ingest.config["topology.max.spout.pending"] > 0


def test_sparse_finds_it() -> None:
    """`sparse` takes the first topology of the module, imported from a folder of its own."""
    from topologies import ingest as module

    found = [
        each for each in vars(module).values() if isinstance(each, type(Ingest)) and each.specs
    ]
    assert found == [Ingest]
    assert "from ." not in Path(module.__file__).read_text()
