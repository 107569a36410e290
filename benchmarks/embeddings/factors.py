"""Whether shape, colour and texture are where their names say: what `evaluate --factors` measures.

On drawn garments whose factors are known, and on luma's recolours, where colour alone differs.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.scores import SEED
from benchmarks.embeddings.tasks import code_hash
from embedder.evaluation import drawn
from embedder.evaluation.contenders import parse
from embedder.evaluation.factor_report import Question, measure
from embedder.evaluation.layouts import own
from embedder.evaluation.manifest import Manifest, fingerprint, read_csv
from embedder.whole_file import whole_file
from snapmode.settings import load_settings

FAMILIES, FEW = 100, 12
"""Of drawn garments, seven pictures each; the few are for --quick."""
Said = Mapping[str, Any]
"""What `FactorReport.as_dict` says of one model."""


class Factors:
    """Both questions, put to models with parts; answers are kept in a folder."""

    def __init__(self, data: Path, work: Path, quick: bool) -> None:
        self._work = work
        self._quick = quick
        self._data = data

    def said(self, networks: Sequence[Network]) -> dict[str, dict[str, Said]]:
        """Question → name of a network → its answer."""
        asked = {
            "drawn garments": (
                self._drawn(),
                Question(("shape", "colour", "texture"), ("family",)),
            ),
            "luma's recolours": (
                own.luma(self._data / "luma_products"),
                Question(("colour",), ("sku", "view")),
            ),
        }
        return {
            title: {each.name: self._kept(each, *question) for each in networks if each.parts}
            for title, question in asked.items()
        }

    def _drawn(self) -> Manifest:
        """Written once for each version of the code that draws."""
        count = FEW if self._quick else FAMILIES
        out = self._work / f"drawn-{code_hash(drawn)}-{count}"
        manifest = out / "manifest.csv"
        return read_csv(manifest if manifest.exists() else drawn.draw(out, count=count))

    def _kept(self, network: Network, manifest: Manifest, question: Question) -> Said:
        data = fingerprint(manifest.items)[:16]
        file = self._work / "factors" / f"{network.key}-{data}.json"
        if not file.exists():
            contender = parse(str(network.toml))
            report = measure(load_settings(), manifest, question, [contender], SEED)
            with whole_file(file) as part:
                part.write_text(json.dumps(report.as_dict()["models"][0]), encoding="utf-8")
        said: Said = json.loads(file.read_text(encoding="utf-8"))
        return said


def own_shares(said: Said, kind: str = "row") -> Iterator[tuple[str, Mapping[str, float] | None]]:
    """Each factor that a part is named after, and that part's share of what the factor changes.

    `kind`: `row`, as served; `unit_parts`, each part a unit vector. None where nothing changes.
    """
    for factor, found in said["factors"].items():
        if found["part"]:
            shares = found[kind]["shares"]
            yield factor, shares and shares[found["part"]]
