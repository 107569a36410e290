"""What is searched for: the test sets, none of which was trained on."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from embedder.evaluation.layouts import own
from embedder.evaluation.manifest import Item, Manifest, fingerprint, read_csv
from embedder.evaluation.plan import Plan, in_order, plan
from embedder.training import augment, dyes, street, street_manifest

QUICK = 8
"""With --quick every QUICKth product is left."""


@dataclass(frozen=True, slots=True)
class Task:
    """A test set, what makes a hit in it, and what is told of it."""

    name: str
    heading: str
    metric: str
    items: Sequence[Item]
    """In the order of `in_order`."""
    plan: Plan
    data: str
    """Hash of the items, their labels and the sizes of their pictures."""
    part: str | None = None
    """Judged by this part alone, where a model has it."""

    def label(self, column: str) -> list[str]:
        """Of each query."""
        return [self.items[at].label(column) for at in self.plan.rules.queries]


def tasks(data: Path, work: Path, quick: bool = False) -> list[Task]:
    """All of them; `data`: $SNAPMODE_DATA; `work`: where the street's pictures are written."""
    luma = own.luma(data / "luma_products")
    clothing = own.clothing(data / "clothing_cc0")
    studio = own.studio(data / "studio_catalog")
    street = read_csv(street_pictures(data / "ccp_street", work))
    return [
        _task("luma", "R@1, other view (luma)", "recall@1", luma, quick),
        _task("clothing", "mAP@10, 17 kinds (clothing)", "mAP@10", clothing, quick),
        _task("articleType", "mAP@10, articleType (studio)", "mAP@10", studio, quick),
        _task(
            "baseColour",
            "P@10, baseColour (studio)",
            "precision@10",
            studio,
            quick,
            "baseColour",
            "colour",
        ),
        _task("street", "R@1, street to shop", "recall@1", street, quick),
    ]


def _task(
    name: str,
    heading: str,
    metric: str,
    manifest: Manifest,
    quick: bool,
    relevant: str | None = None,
    part: str | None = None,
) -> Task:
    items = in_order([item for item in manifest.items if not quick or _chosen(item)])
    made = plan(items, relevant or manifest.relevant)
    return Task(name, heading, metric, items, made, fingerprint(items), part)


def _chosen(item: Item) -> bool:
    """Whole products: all pictures of one identity, or none."""
    return zlib.crc32((item.label("identity") or item.id).encode()) % QUICK == 0


def street_pictures(folder: Path, work: Path) -> Path:
    """The manifest; written once for each version of the code that draws its pictures."""
    out = work / f"street-{code_hash(augment, dyes, street, street_manifest)}"
    manifest = out / "manifest.csv"
    return manifest if manifest.exists() else street_manifest.write_street_manifest(folder, out)


def code_hash(*modules: ModuleType) -> str:
    """Of the modules' source: what they draw is drawn anew when they change."""
    digest = hashlib.sha256()
    for module in modules:
        assert module.__file__ is not None
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()[:12]
