"""What `--out FOLDER` holds: the report, contact sheets, and every query's figures."""

import csv
import json
import re
from pathlib import Path
from typing import Any

from embedder.evaluation.folders import Comparison
from embedder.evaluation.metrics import METRICS
from embedder.evaluation.report import Report
from embedder.evaluation.sheet import as_page, as_picture, best_and_worst
from embedder.evaluation.text import as_text
from snapmode.errors import ConfigError
from snapmode.settings import Pictures


def write_contest(out: Path, report: Report, said: dict[str, Any], limits: Pictures) -> None:
    """report.json, report.html, queries.csv and a sheet-MODEL.png for each."""
    sheets = [(each.name, *best_and_worst(report.plan, each)) for each in report.judged]
    try:
        _write_json(out, said)
        for name, best, worst in sheets:
            as_picture(best, worst, limits).save(out / f"sheet-{_plain(name)}.png")
        page = as_page(
            f"Evaluation of {said['manifest']}",
            as_text(said),
            sheets,
            limits,
            report.manifest.relevant,
        )
        (out / "report.html").write_text(page, encoding="utf-8")
        _write_queries(out / "queries.csv", report)
    except OSError as error:
        raise ConfigError(f"--out {out}: can't be written: {error}") from error


def write_grid(out: Path, comparison: Comparison, said: dict[str, Any]) -> None:
    """report.json and samples.png."""
    try:
        _write_json(out, said)
        comparison.grid().save(out / "samples.png")
    except OSError as error:
        raise ConfigError(f"--out {out}: can't be written: {error}") from error


def write_factors(out: Path, said: dict[str, Any]) -> None:
    """report.json."""
    try:
        _write_json(out, said)
    except OSError as error:
        raise ConfigError(f"--out {out}: can't be written: {error}") from error


def _write_json(out: Path, said: dict[str, Any]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(said, ensure_ascii=False, indent=2)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")


def _write_queries(file: Path, report: Report) -> None:
    """A row for each query and model."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(["query", "model", *METRICS])
        for each in report.judged:
            for query, values in zip(report.plan.rules.queries, each.values, strict=True):
                figures = [f"{value:.6g}" for value in values]
                table.writerow([report.plan.items[query].id, each.name, *figures])


def _plain(name: str) -> str:
    """A name for a file, of a model that may be given by its path."""
    return re.sub(r"[^\w.+@-]+", "_", name).strip("_")
