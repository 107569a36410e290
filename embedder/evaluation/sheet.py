"""The best and the worst queries with what they found, as a picture and as a page to open.

Figures say how good a model is; these say at what.
"""

import base64
import html
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from embedder.decode import decode
from embedder.evaluation.grid import Cell, grid, thumbnail
from embedder.evaluation.judge import Judged
from embedder.evaluation.manifest import Item
from embedder.evaluation.metrics import METRICS
from embedder.evaluation.plan import Plan
from embedder.evaluation.ranking import NOBODY
from snapmode.ports import Picture
from snapmode.settings import Pictures

QUERIES = 10
"""Best queries shown, and worst."""
FOUND = 10
"""Items shown for each."""
SIDE = 96
BY = "mAP@10"
HIT, MISS = "#2a9d3a", "#c9302c"


@dataclass(frozen=True, slots=True)
class Found:
    """One item in the answer to a query."""

    item: Item
    hit: bool
    score: float


@dataclass(frozen=True, slots=True)
class Line:
    """A query and its answer."""

    query: Item
    value: float
    """Its average precision."""
    found: Sequence[Found]


def best_and_worst(plan: Plan, judged: Judged) -> tuple[list[Line], list[Line]]:
    """QUERIES lines of each, most extreme first; no query is in both."""
    values = judged.values[:, METRICS.index(BY)]
    order = np.argsort(-values, kind="stable")
    shown = min(QUERIES, len(order) // 2 + len(order) % 2)
    lines = [
        _line(plan, judged, row, float(values[row]))
        for row in (*order[:shown].tolist(), *order[shown:][::-1][:shown].tolist())
    ]
    return lines[:shown], lines[shown:]


def _line(plan: Plan, judged: Judged, row: int, value: float) -> Line:
    query = int(plan.rules.queries[row])
    found = [
        Found(plan.items[position], bool(plan.label[position] == plan.label[query]), score)
        for position, score in zip(
            judged.ranking.order[row, :FOUND].tolist(),
            judged.ranking.scores[row, :FOUND].tolist(),
            strict=True,
        )
        if position != NOBODY
    ]
    return Line(plan.items[query], value, found)


def as_picture(best: Sequence[Line], worst: Sequence[Line], limits: Pictures) -> Image.Image:
    """Each line: the query, then what it found, hits framed green and misses red."""
    rows: list[tuple[str, Sequence[Cell]]] = []
    for title, lines in (("best queries", best), ("worst queries", worst)):
        rows.append((title, ()))
        for line in lines:
            cells = [Cell(_seen(line.query, limits))]
            cells += [
                Cell(_seen(each.item, limits), HIT if each.hit else MISS, f"{each.score:.3f}")
                for each in line.found
            ]
            rows.append((f"{BY} {line.value:.3f}  {line.query.id}", cells))
    return grid(rows, SIDE)


def _seen(item: Item, limits: Pictures) -> Image.Image:
    """The part of the picture that was embedded, small."""
    return thumbnail(decode(Picture(item.image.read_bytes(), item.box), limits, SIDE), SIDE)


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:14px sans-serif;margin:2em}}pre{{overflow-x:auto}}
figure{{display:inline-block;margin:2px;width:104px;font-size:11px;overflow-wrap:anywhere;
vertical-align:top}}img{{border:4px solid transparent;display:block}}
.hit img{{border-color:#2a9d3a}}.miss img{{border-color:#c9302c}}</style>
<h1>{title}</h1><pre>{text}</pre>
{body}</html>
"""


def as_page(
    title: str,
    text: str,
    sheets: Iterable[tuple[str, Sequence[Line], Sequence[Line]]],
    limits: Pictures,
    label: str,
) -> str:
    """One self-contained HTML page; `label`: the label that makes a hit, shown with each."""
    body = []
    for name, best, worst in sheets:
        for kind, lines in (("best", best), ("worst", worst)):
            body.append(f"<h2>{html.escape(name)}: {kind} queries</h2>")
            body += [_row(line, limits, label) for line in lines]
    return PAGE.format(title=html.escape(title), text=html.escape(text), body="\n".join(body))


def _row(line: Line, limits: Pictures, label: str) -> str:
    figures = [_figure(line.query, limits, "", f"{BY} {line.value:.3f}", label)]
    figures += [
        _figure(each.item, limits, "hit" if each.hit else "miss", f"{each.score:.3f}", label)
        for each in line.found
    ]
    return f"<div>{''.join(figures)}</div>"


def _figure(item: Item, limits: Pictures, kind: str, says: str, label: str) -> str:
    out = io.BytesIO()
    _seen(item, limits).save(out, "JPEG", quality=80)
    source = base64.b64encode(out.getvalue()).decode()
    caption = html.escape(f"{says} {item.label(label)}")
    name = html.escape(item.id, quote=True)
    return (
        f'<figure class="{kind}"><img src="data:image/jpeg;base64,{source}" alt="{name}" '
        f'title="{name}"><figcaption>{caption}</figcaption></figure>'
    )
