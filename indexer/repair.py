"""Mend what `indexer.verify` finds, by the steps of ingest: doing it twice is harmless."""

from collections.abc import Iterable, Sequence

from indexer.verify import Finding, Kind, Stores
from snapmode.codec import Message, encode
from snapmode.errors import RejectedError
from snapmode.ingest import EmbedStep, IndexStep, read_message
from snapmode.items import Removal
from snapmode.paging import pages
from snapmode.topics import PRODUCTS

PAGE = 16
"""Products mended together."""


def repair(stores: Stores, findings: Sequence[Finding]) -> None:
    """Do what can be done; check again to see what is left.

    A picture that is lost can't be made again here: a corrupt one is dropped, so that the next
    crawl stores it anew.
    """
    wrong: tuple[Kind, ...] = ("orphan_vector", "duplicate_vector", "damaged_vector")
    stores.vectors.delete(_ids(findings, *wrong))
    stale = _ids(findings, "stale_vector")
    remade = ("missing_vector", "stale_vector", "damaged_vector")
    products = {f.product for f in findings if f.kind in remade}
    for ids in pages(sorted(filter(None, products)), PAGE):
        _ingest(stores, stores.catalog.get(ids), stale)
    _agree_with_log(stores, _ids(findings, "log_mismatch"))
    for key in _ids(findings, "corrupt_picture"):
        stores.images.delete(key)
    for key in _ids(findings, "orphan_picture"):
        if stores.images.exists(key) and stores.images.age(key) > stores.grace:
            stores.images.delete(key)
    stores.vectors.flush()
    stores.catalog.flush()


def _ids(findings: Iterable[Finding], *kinds: Kind) -> set[str]:
    return {finding.id for finding in findings if finding.kind in kinds}


def _ingest(stores: Stores, messages: Sequence[Message], stale: Iterable[str] = ()) -> None:
    """Embed and index; `stale` rows go in between, for one of a later version would stay."""
    embedded = EmbedStep(stores.embedder, stores.images, stores.vectors)(messages)
    kept = {row.id for item in embedded for row in item.rows}
    stores.vectors.delete(kept.intersection(stale))
    IndexStep(stores.catalog, stores.vectors)(embedded)


def _agree_with_log(stores: Stores, ids: set[str]) -> None:
    """The newer side wins: the log's last message is ingested, or the catalog's is published."""
    if not ids:
        return
    # An older record of a key may be no message: only the last one speaks.
    records = {record.key: record for record in stores.log.read_all(PRODUCTS) if record.key in ids}
    last = {key: read_message(record) for key, record in records.items()}
    versions = stores.catalog.versions(ids)
    newer = [said for key, said in last.items() if said.version > versions.get(key, -1)]
    for said in newer:
        try:
            _ingest(stores, [said])
        except RejectedError:
            continue  # still a finding in the next check
    older = sorted(last.keys() - {said.id for said in newer})
    kept = {product.id: product for product in stores.catalog.get(older)}
    messages = [kept.get(key) or Removal(id=key, version=versions[key]) for key in older]
    stores.log.publish(PRODUCTS, [(message.id, encode(message)) for message in messages])
