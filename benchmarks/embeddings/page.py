"""The sections of docs/results/embeddings.md, each from its figures."""

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.embeddings.claims import BASELINES, Claim
from benchmarks.embeddings.factors import Said
from benchmarks.embeddings.forms import Agreement
from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.reconstructions import Redrawn
from benchmarks.embeddings.runs import Run
from benchmarks.embeddings.scores import Score, Table, best
from benchmarks.embeddings.speed import BATCH, RESNET, Cost
from benchmarks.embeddings.tasks import Task
from benchmarks.embeddings.text import interval, plain, section, table
from embedder.evaluation.bootstrap import Interval

TITLE = """# Embeddings: what was measured

Written by `python -m benchmarks.embeddings`, see [docs/evaluate.md](../evaluate.md); figures in
brackets are 95 % bootstrap intervals over queries, differences are paired."""

ELSEWHERE = """Not measured here: each network as the model of the topology (`tests/cluster`),
pictures between two products (`python -m embedder.evaluation.interpolation`), losses and resumed
training (`tests/models`)."""


def page(head: str, sections: Iterable[str]) -> str:
    """All of it."""
    return "\n\n".join([TITLE, head, *(each for each in sections if each)]) + "\n"


def claims(said: Sequence[Claim]) -> str:
    """Each line of what was asked for, with its verdict."""
    rows = [[claim.what, claim.asked, claim.measured, claim.verdict] for claim in said]
    return section("What was asked for", table(["", "asked", "measured", ""], rows), ELSEWHERE)


def networks(
    scores: Table,
    tasks: Sequence[Task],
    dims: Mapping[str, int],
    costs: Mapping[str, Cost],
    runs: Mapping[str, Run],
) -> str:
    """The table of the papers: every network, every task, and what it costs."""
    head = ["", *(task.heading for task in tasks), "values", "ms", "training, min", "steps"]
    rows = [
        [
            name,
            *(interval(of_one[task.name].interval) for task in tasks),
            str(dims[name]),
            f"{costs[name].whole:.1f}" if name in costs else "-",
            *_training(runs.get(name)),
        ]
        for name, of_one in scores.items()
    ]
    return section("Networks side by side", table(head, rows), _explained(scores, tasks))


def _training(run: Run | None) -> tuple[str, str]:
    if run is None:
        return "-", "-"
    return "?" if run.minutes is None else f"{run.minutes:.0f} {run.clock}", str(run.steps)


def _explained(scores: Table, tasks: Sequence[Task]) -> str:
    weights = [
        f"{score.task} {score.weight:.2f}"
        for of_one in scores.values()
        for score in of_one.values()
        if score.weight is not None
    ]
    alone = ", ".join(task.name for task in tasks if task.part)
    return (
        "ms: CPU of a picture from its bytes to its vector, on one thread. Training: minutes "
        "of CPU (cpu), or where the run has not noted them its steps times the median step (wall). "
        f"{alone}: by the colour part alone where there is one. Weight of hsv beside the frozen "
        f"backbone, the best on the very queries it is judged by: {', '.join(weights)}."
    )


def gains(scores: Table, tasks: Sequence[Task]) -> str:
    """Each trained network above the best of what needs no training."""
    rivals = {task.name: best(scores, BASELINES, task.name) for task in tasks}
    head = ["", *(f"{task.name}, over {rivals[task.name].contender}" for task in tasks)]
    return section(
        "Above the best that needs no training",
        table(head, _differences(scores, tasks, rivals, leave_out=BASELINES)),
    )


def _differences(
    scores: Table, tasks: Sequence[Task], rivals: Mapping[str, Score], leave_out: Sequence[str]
) -> Iterable[list[str]]:
    for name, of_one in scores.items():
        if name not in leave_out:
            yield [
                name,
                *(interval(of_one[task.name].over(rivals[task.name]), sign=True) for task in tasks),
            ]


def parts(by_network: Mapping[str, Table], tasks: Sequence[Task]) -> str:
    """Each part alone."""
    blocks = [
        table([name, *(task.heading for task in tasks)], _rows(scores, tasks))
        for name, scores in by_network.items()
    ]
    return section("Part by part", *blocks)


def _rows(scores: Table, tasks: Sequence[Task]) -> Iterable[list[str]]:
    for name, of_one in scores.items():
        yield [name, *(interval(of_one[task.name].interval) for task in tasks)]


def apart(by_network: Mapping[str, Table], tasks: Sequence[Task], runs: Mapping[str, Run]) -> str:
    """Runs with something changed, beside the unchanged one."""
    blocks = []
    for name, scores in by_network.items():
        head = [name, *(task.heading for task in tasks), "training, min", "steps"]
        rows = [[*row, *_training(runs.get(row[0]))] for row in _rows(scores, tasks)]
        blocks.append(table(head, rows))
        if name in scores:
            head = [f"less {name}", *(task.name for task in tasks)]
            blocks.append(table(head, _differences(scores, tasks, scores[name], (name,))))
    return section("With something changed", *blocks)


def groups(by_task: Mapping[str, Mapping[str, Mapping[str, Score]]]) -> str:
    """Task → contender → group of queries → score: who is found how well."""
    blocks = []
    for title, by_contender in by_task.items():
        first = next(iter(by_contender.values()))
        if not first:
            continue
        head = [title, *(f"{label} ({len(score.values)})" for label, score in first.items())]
        rows = [
            [name, *(interval(score.interval) for score in scores.values())]
            for name, scores in by_contender.items()
        ]
        blocks.append(table(head, rows))
    return section("Who is found how well", *blocks)


def factors(said: Mapping[str, Mapping[str, Said]]) -> str:
    """Into which parts what a factor changes falls, and the usual scores."""
    shares = [
        table(*_shares(f"{title}: {name}", answer))
        for title, by_network in said.items()
        for name, answer in by_network.items()
    ]
    rows = [
        [f"{title}: {name}", *_disentangled(answer["scores"])]
        for title, by_network in said.items()
        for name, answer in by_network.items()
        if answer["scores"] and answer["scores"]["dci"]["parts"]
    ]
    head = ["parts as codes", "DCI disentanglement", "completeness", "informativeness", "MIG"]
    explained = "Share of the squared change that falls into each part; 'unit': each part a unit."
    blocks = [explained, *shares, table(head, rows) if rows else ""]
    return section("Disentanglement", *blocks) if shares else ""


def _shares(title: str, answer: Said) -> tuple[list[str], list[list[str]]]:
    parts = list(answer["parts"])
    rows = []
    for factor, found in answer["factors"].items():
        by_kind = [found[kind]["shares"] or {} for kind in ("row", "unit_parts")]
        cells = [share.get(part) for share in by_kind for part in parts]
        said = ["-" if cell is None else interval(Interval(**cell)) for cell in cells]
        rows.append([f"{factor}, {found['pairs']} pairs", *said])
    return [title, *parts, *(f"{part}, unit" for part in parts)], rows


def _disentangled(scores: Said) -> Iterable[str]:
    dci = scores["dci"]
    known = list(dci["informativeness"].values())
    figures = (
        dci["parts"]["disentanglement"],
        dci["parts"]["completeness"],
        sum(known) / len(known),
        scores["mig"]["value"],
    )
    return ["-" if figure is None else plain(figure) for figure in figures]


def reconstructions(found: Sequence[Redrawn], folder: str) -> str:
    """dB of pictures never trained on, and some of them."""
    if not found:
        return ""
    head = ["PSNR of reconstructions, dB", *found[0].psnr]
    rows = [
        [each.name, *(f"{values.mean():.1f}" for values in each.psnr.values())] for each in found
    ]
    shown = [f"![{each.name}]({folder}/{each.name}-reconstructions.png)" for each in found]
    return section("Reconstructions", table(head, rows), *shown)


def curves(runs: Mapping[str, Run], folder: str) -> str:
    pictures = [f"![{name}]({folder}/{name}.svg)" for name in runs]
    return section("Training", *pictures)


def speed(costs: Mapping[str, Cost], forms: Sequence[Network]) -> str:
    """Beside eager ResNet-50; the first of the forms is the one served."""
    resnet = costs[RESNET]
    assert resnet.network is not None
    assert resnet.batched is not None
    taken = f"{resnet.batched:.1f} ms"
    rows = [[RESNET, f"{resnet.network:.1f}", "1", taken, f"{resnet.whole:.1f}", "1"]]
    for form in forms:
        cost = costs[form.name]
        assert cost.network is not None
        precision = form.file.precision if form.file else ""
        rows.append(
            [
                f"{forms[0].name}, {precision}{', served' if form is forms[0] else ''}",
                f"{cost.network:.1f}",
                f"{resnet.network / cost.network:.1f}",
                f"{resnet.batched / cost.network:.1f}",
                f"{cost.whole:.1f}",
                f"{resnet.whole / cost.whole:.1f}",
            ]
        )
    head = [
        "one thread, CPU time of one picture at a time",
        "network, ms",
        "×",
        f"×, ResNet-50 given {BATCH} at once",
        "with decoding, ms",
        "×",
    ]
    return section("Speed", table(head, rows))


def forms(found: Sequence[Agreement]) -> str:
    head = ["int8 beside f32", "f32", "int8", "f32 less int8", "mean cosine", "least"]
    rows = [
        [
            each.task,
            interval(each.f32.interval),
            interval(each.int8.interval),
            interval(each.loss, sign=True),
            f"{each.cosine:.4f}",
            f"{each.least:.4f}",
        ]
        for each in found
    ]
    return section("Precision", table(head, rows)) if rows else ""
