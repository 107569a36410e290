"""The ingest topology, as a drawing: products → embed → index.

A product's messages meet one task of each bolt, in their order: both streams are grouped by its id.
"""

from streamparse import Grouping, Topology

from snapmode import settings
from topologies.storm.embed_bolt import EmbedBolt
from topologies.storm.index_bolt import IndexBolt
from topologies.storm.product_spout import ProductSpout

OPTIONS = {
    "topology.max.spout.pending": 128,
    "topology.message.timeout.secs": 120,
    "topology.subprocess.timeout.secs": 60,
    # A product takes tens of milliseconds: threads need not look for the next every millisecond,
    # and the JVM between the processes has too little to do for its second compiler to pay.
    "topology.bolt.wait.progressive.level3.sleep.millis": 5,
    "topology.spout.wait.progressive.level3.sleep.millis": 5,
    "topology.backpressure.wait.progressive.level3.sleep.millis": 5,
    "topology.worker.childopts": "-XX:TieredStopAtLevel=1",
}
"""What Storm is told unless `[topology.options]` says otherwise."""


def ingest(par: settings.Topology) -> type[Topology]:
    """The topology, each component in as many tasks as the settings ask for."""
    by_product = Grouping.fields("product_id")

    class Ingest(Topology):
        config = OPTIONS
        products = ProductSpout.spec(par=par.spouts)
        embed = EmbedBolt.spec(inputs={products: by_product}, par=par.embed_bolts)
        index = IndexBolt.spec(inputs={embed: by_product}, par=par.index_bolts)

    return Ingest


Ingest = ingest(settings.Topology())
"""One task each: what `sparse submit` finds."""
