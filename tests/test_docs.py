"""Every setting, command, metric and export field is documented, or the suite fails."""

import ast
import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

import snapmode.metrics  # noqa: F401 - registers the metrics
from snapmode.command import COMMANDS
from snapmode.settings import Settings, Table

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
TABLES = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Table)
}


@pytest.mark.parametrize("table", TABLES)
def test_every_setting_is_documented_with_its_table(table: str) -> None:
    section = (DOCS / "settings.md").read_text().split(f"## `[{table}]`", 1)[1].split("\n## ")[0]
    for key in TABLES[table].model_fields:
        assert f"`{key}`" in section, f"[{table}] {key} is not in docs/settings.md"


def test_every_command_is_documented() -> None:
    text = (DOCS / "commands.md").read_text()
    for name in COMMANDS:
        assert f"`snapmode {name}" in text, f"{name} is not in docs/commands.md"


def test_every_metric_is_documented() -> None:
    text = (DOCS / "metrics.md").read_text()
    ours = [metric for metric in REGISTRY.collect() if metric.name.startswith("snapmode_")]
    assert ours
    for metric in ours:
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        assert f"`{name}`" in text, f"{name} is not in docs/metrics.md"


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]:
        for target in LINK.findall(page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "snapmode").glob("*.py")), ids=lambda path: path.stem
)
def test_public_names_of_the_hall_have_docstrings(path: Path) -> None:
    module = ast.parse(path.read_text())
    assert ast.get_docstring(module), f"{path.name} has no docstring"
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name}: {node.name} has no docstring"
