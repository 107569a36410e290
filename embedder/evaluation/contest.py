"""From settings and a manifest to a report: whom to ask, what to leave out, who sees progress."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from embedder.evaluation.baselines import BASELINES
from embedder.evaluation.contenders import Contender
from embedder.evaluation.folders import Comparison, Gallery, gallery, pictures_of
from embedder.evaluation.judge import Embedded, embed_items, judge, part_of
from embedder.evaluation.manifest import Item, Manifest
from embedder.evaluation.plan import Plan, in_order, plan
from embedder.evaluation.report import Rejected, Report
from embedder.files import choose_part
from snapmode.errors import ConfigError
from snapmode.options import progress, stderr
from snapmode.ports import Embedder
from snapmode.settings import Settings
from snapmode.wiring import House

FEATURES = "lite0"
"""The model whose features say how far apart pictures are."""


def embedder_of(settings: Settings, model: str) -> Embedder:
    """A baseline, or a model on the adapter of the settings."""
    if model in BASELINES:
        return BASELINES[model](settings.pictures)
    chosen = settings.embedder.model_copy(update={"model": model})
    return House(settings.model_copy(update={"embedder": chosen})).embedder


def contest(
    settings: Settings, manifest: Manifest, contenders: Sequence[Contender], best: str, seed: int
) -> Report:
    """Embed, search and measure; what one model can't read is left out for all of them."""
    terms = dict.fromkeys(term for each in contenders for term in each.terms)
    embedders = {model: embedder_of(settings, model) for model in {t.model: None for t in terms}}
    for term in terms:
        choose_part(embedders[term.model], term.part)  # a part that is not there: before the work
    items = in_order(manifest.items)
    left, whole, rejected = embed_all(embedders, items)
    search = _searchable(manifest, plan(left, manifest.relevant, manifest.within))
    rows = {term: part_of(whole[term.model], embedders[term.model], term.part) for term in terms}
    judged = [judge(each, rows, search, best) for each in contenders]
    return Report(manifest, search, judged, rejected, best, seed)


def embed_all(
    embedders: Mapping[str, Embedder], items: Sequence[Item]
) -> tuple[list[Item], dict[str, Embedded], list[Rejected]]:
    """The items that all of them can read, their rows, and the others, which it names."""
    whole = _embedded(embedders, items)
    rejected = sorted({row for each in whole.values() for row in each.rejected})
    left = [item for row, item in enumerate(items) if row not in set(rejected)]
    rows = {model: each.without(rejected) for model, each in whole.items()}
    return left, rows, _reasons(items, whole, rejected)


def _embedded(embedders: Mapping[str, Embedder], items: Sequence[Item]) -> dict[str, Embedded]:
    found = {}
    with progress() as display:
        for model, embedder in embedders.items():
            task = display.add_task("embed", total=len(items), note=model)
            found[model] = embed_items(embedder, items, partial(display.advance, task))
    return found


def _searchable(manifest: Manifest, search: Plan) -> Plan:
    if not len(search.relevant):
        raise ConfigError(
            f"{manifest.source}: no query has anything to find: none shares its "
            f"{manifest.relevant} with a picture of the gallery, of another group, that can be read"
        )
    return search


def _reasons(
    items: Sequence[Item], whole: Mapping[str, Embedded], rejected: Sequence[int]
) -> list[Rejected]:
    """The rejected items with the first model's reason, each said on standard error."""
    found = []
    for row in rejected:
        reason = next(each.rejected[row] for each in whole.values() if row in each.rejected)
        found.append(Rejected(str(items[row].image), reason))
    say(found)
    return found


def say(rejected: Sequence[Rejected]) -> None:
    """Name what can't be read."""
    for each in rejected:
        stderr.print(f"{each.image}: {each.reason}", markup=False, highlight=False, soft_wrap=True)


def compare(settings: Settings, real: Path, made: Path, seed: int) -> Comparison:
    """Two folders of pictures, on the features of FEATURES."""
    embedder = embedder_of(settings, FEATURES)
    with progress() as display:

        def embedded(folder: Path) -> Gallery:
            task = display.add_task("embed", total=len(pictures_of(folder)), note=str(folder))
            return gallery(folder, embedder, partial(display.advance, task))

        found = Comparison(embedded(real), embedded(made), embedder.name, settings.pictures, seed)
    say(found.rejected)
    return found
