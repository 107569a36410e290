"""The measurements, one after the other, and the sections they make."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.embeddings import claims, drawing, forms, networks, origin, page, scores, speed
from benchmarks.embeddings.factors import Factors, Said
from benchmarks.embeddings.networks import DEFAULT, FROZEN, Network
from benchmarks.embeddings.reconstructions import Redrawn, redrawn
from benchmarks.embeddings.rows import Rows
from benchmarks.embeddings.runs import Run, kept_run
from benchmarks.embeddings.scores import Score, Table
from benchmarks.embeddings.tasks import Task
from benchmarks.embeddings.text import section
from embedder.model_file import MODELS

GROUPS = (("clothing", "kids"), ("articleType", "gender"), ("luma", "gender"))
"""Task → label of its queries by which its figures are told apart."""


@dataclass(frozen=True)
class Bench:
    """Who competes in what, and where things are."""

    tasks: Sequence[Task]
    rows: Rows
    factors: Factors
    runs: Path
    """Folder of training runs."""
    kept: Path
    """Folder of thinned curves and their drawings."""
    models: Sequence[Path] = ()
    """Elsewhere than under configs/models."""
    only: Sequence[str] = ()
    """Trained networks; none: all."""
    threads: int = 0
    """That embed; 0 is one per core."""
    rounds: int = 20
    """Of timing."""

    def sections(self) -> Iterator[str]:
        """What the page says."""
        known, curves = self._known, self._curves(self._names)
        dims = {network.name: network.embedder.dim for network in known}
        dims[claims.MIX] = dims[FROZEN] + dims["hsv"]
        changed = self._changed
        yield page.claims(
            [
                *claims.found(self._scores),
                *claims.served(self._served()),
                *claims.parted(self._disentangled),
                *claims.drawn(self._redrawn),
            ]
        )
        yield page.networks(self._scores, self.tasks, dims, self._costs, curves)
        yield page.gains(self._scores, self.tasks)
        yield page.parts(self._parts(), self.tasks)
        yield page.apart(
            {name: scores.scored(self.tasks, each, self.rows) for name, each in changed.items()},
            self.tasks,
            self._curves([network.name for each in changed.values() for network in each]),
        )
        yield page.groups(self._groups())
        yield page.speed(self._costs, self._forms)
        yield page.forms(self._agreement)
        yield page.factors(self._disentangled)
        yield page.reconstructions(self._redrawn, self.kept.name)
        yield page.curves(curves, self.kept.name)
        made = [*known, *self._forms[1:], *(each for runs in changed.values() for each in runs)]
        yield section("Made of", origin.hashes(made, self.tasks))

    @cached_property
    def _known(self) -> list[Network]:
        return self._made(self.threads)

    def _made(self, threads: int) -> list[Network]:
        trained = networks.trained(threads, self.models, self.only)
        return [*trained, *networks.baselines(threads)]

    @property
    def _names(self) -> list[str]:
        return [network.name for network in self._known if network.trained]

    @cached_property
    def _forms(self) -> list[Network]:
        """Of the default, or where there is none of the backbone: the form served, the other."""
        by_name = {network.name: network for network in self._known}
        served = by_name.get(DEFAULT, by_name[FROZEN])
        other = networks.other_form(served, self.threads)
        return [served, *([other] if other else [])]

    # -------------------------------------------------------------- how well

    @cached_property
    def _scores(self) -> Table:
        by_name = {network.name: network for network in self._known}
        single = scores.scored(self.tasks, self._known, self.rows)
        mix = scores.scored_mix(self.tasks, by_name[FROZEN], by_name["hsv"], self.rows)
        first = {name: single[name] for name in self._names}
        return {**first, **mix, **single}

    def _parts(self) -> dict[str, Table]:
        return {
            network.name: scores.scored_parts(self.tasks, network, self.rows)
            for network in self._known
            if network.parts
        }

    @cached_property
    def _changed(self) -> dict[str, list[Network]]:
        return networks.apart(self.runs, self._recipes, self.threads)

    @property
    def _recipes(self) -> Sequence[str]:
        return self.only or sorted(path.stem for path in MODELS.glob("*.toml"))

    def _groups(self) -> dict[str, dict[str, dict[str, Score]]]:
        by_name = {task.name: task for task in self.tasks}
        shown = [name for name in (DEFAULT, claims.MIX, FROZEN) if name in self._scores]
        return {
            f"{task} by {label}": {
                name: scores.by_label(self._scores[name][task], by_name[task].label(label))
                for name in shown
            }
            for task, label in GROUPS
        }

    @cached_property
    def _disentangled(self) -> dict[str, dict[str, Said]]:
        return self.factors.said([network for network in self._known if network.trained])

    @cached_property
    def _redrawn(self) -> list[Redrawn]:
        """By the networks whose run is there: what draws is not exported."""
        found = [
            redrawn(name, self.runs, self.tasks, self.kept / f"{name}-reconstructions.png")
            for name in self._recipes
        ]
        return [each for each in found if each is not None]

    # -------------------------------------------------------------- at what cost

    @cached_property
    def _costs(self) -> dict[str, speed.Cost]:
        forms = [networks.exported(form.toml, 1, form.name) for form in self._forms if form.toml]
        others = [network for network in self._made(threads=1) if network.name != forms[0].name]
        costs = speed.measure(forms, others, self.rounds)
        both = costs[FROZEN].whole + costs["hsv"].whole
        return {**costs, claims.MIX: speed.Cost(both)}

    @cached_property
    def _agreement(self) -> list[forms.Agreement]:
        return forms.agreement(self._forms, self.tasks, self.rows)

    def _served(self) -> dict[str, Any]:
        """Of the default model, for the claims; nothing where there is none."""
        served = self._forms[0]
        if served.name != DEFAULT or served.toml is None:
            return {}
        cost, resnet = self._costs[DEFAULT].network, self._costs[speed.RESNET].network
        losses = {each.task: each.loss for each in self._agreement}
        return {
            "ratio": resnet / cost if resnet and cost else None,
            "int8_loss": losses.get("clothing"),
            "batch": max(forms.batch_difference(form.toml) for form in self._forms if form.toml),
            "dim": served.embedder.dim,
            "bytes": forms.folder_bytes(served.toml),
        }

    def _curves(self, names: Sequence[str]) -> dict[str, Run]:
        """Runs that are there or were kept; each is drawn."""
        found = {name: kept_run(name, self.runs, self.kept) for name in names}
        known = {name: run for name, run in found.items() if run is not None}
        for name, run in known.items():
            drawing.draw(run, self.kept / f"{name}.svg")
        return known
