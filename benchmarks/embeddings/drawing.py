"""Curves as SVG, the same bytes for the same run."""

from pathlib import Path

from benchmarks.embeddings.runs import Points, Run

FEW = 30
"""Points that are marked one by one."""


def draw(run: Run, file: Path) -> None:
    """Losses to the left, what validation says to the right, both against the step."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    loss = {"loss": run.train["loss"]} if "loss" in run.train else run.train
    for axes, title, series in (
        (left, "training loss", loss),
        (right, "validation", run.validate),
    ):
        axes.set_title(f"{run.name}: {title}")
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        for name, points in series.items():
            width, mark = (2.4 if name == "score" else 1.2), ("." if len(points) < FEW else None)
            axes.plot(*_columns(points), label=name, linewidth=width, marker=mark)
        if series:
            axes.legend(fontsize=7)
    if len(loss) > 1:  # of different kinds
        left.set_yscale("log")
    file.parent.mkdir(parents=True, exist_ok=True)
    with rc_context({"svg.hashsalt": "snapmode", "svg.fonttype": "none"}):
        figure.savefig(file, format="svg", metadata={"Date": None})


def _columns(points: Points) -> tuple[list[float], list[float]]:
    return [step for step, _ in points], [value for _, value in points]
