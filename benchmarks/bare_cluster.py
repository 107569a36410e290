"""What a person writes without us: kafka-python → s3fs → an embedder → pysolr and pymilvus.

One process, one loop, batches: nothing is retried, versioned, removed or put aside.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from kafka import KafkaConsumer
from pymilvus import MilvusClient
from pysolr import Solr
from s3fs import S3FileSystem

from snapmode.settings import Settings
from snapmode.topics import PRODUCTS

BATCH = 16
"""Products read at once, and pictures embedded at once."""

Embed = Callable[[Sequence[bytes]], Any]
"""Pictures → float32 (pictures, dim)."""


class BareCluster:
    """Reads our topic and bucket; writes into a core and a collection of its own."""

    def __init__(self, settings: Settings, name: str, embed: Embed, dim: int) -> None:
        log, images = settings.log.arguments, settings.images.arguments
        catalog, vectors = settings.catalog.arguments, settings.vectors.arguments
        self.embed = embed
        self.name = name
        self.bucket = images["bucket"]
        self.pictures = S3FileSystem(
            key=images["key"], secret=images["secret"], endpoint_url=images["endpoint"]
        )
        made = urlencode({"action": "CREATE", "name": name, "configSet": "products"})
        urlopen(f"{catalog['url']}/admin/cores?{made}").close()
        self.solr = Solr(f"{catalog['url']}/{name}", timeout=30)
        self.milvus = MilvusClient(vectors["uri"])
        self.milvus.create_collection(
            name, dim, id_type="string", max_length=128, metric_type="IP", auto_id=False
        )
        self.consumer = KafkaConsumer(
            f"{log['prefix']}{PRODUCTS}",
            group_id=name,
            bootstrap_servers=log["servers"],
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            max_poll_records=BATCH,
        )

    def run(self, products: int) -> None:
        """Until so many more products are stored and committed."""
        while products > 0:
            found = self.consumer.poll(timeout_ms=1000)
            read = [json.loads(each.value)["body"] for part in found.values() for each in part]
            if read:
                self.store(read)
                self.consumer.commit()
                products -= len(read)

    def store(self, products: list[dict[str, Any]]) -> None:
        owners = {image["key"]: each for each in products for image in each["images"]}
        paths = {key: f"{self.bucket}/{key[:2]}/{key}" for key in owners}
        bodies = self.pictures.cat(list(paths.values()))  # all of them at once
        pictures = [bodies[path] for path in paths.values()]
        vectors = [
            vector
            for start in range(0, len(pictures), BATCH)
            for vector in self.embed(pictures[start : start + BATCH])
        ]
        self.solr.add([document(each) for each in products])
        self.milvus.upsert(
            self.name,
            [
                {"id": key, "product": owner["id"], "vector": vector}
                for (key, owner), vector in zip(owners.items(), vectors, strict=True)
            ],
        )

    def close(self) -> None:
        self.consumer.close()
        self.milvus.close()


def document(product: dict[str, Any]) -> dict[str, Any]:
    """What Solr needs for the facets and the text search that we offer."""
    facets = {name: product[name] for name in ("brand", "price", "currency", "availability")}
    words = {"words_name": product["name"].lower(), "words_brand": product["brand"].lower()}
    return {
        "id": product["id"],
        "alive": True,
        "version": product["version"],
        "body": json.dumps(product),
        **facets,
        **words,
    }
