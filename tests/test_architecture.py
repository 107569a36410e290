"""Walks the imports of the house and names the offender."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HALL = "snapmode"
ROOMS = ("crawler", "embedder", "indexer", "topologies", "api")
GUEST = "demo_shop"
ENGINES = "engines"
"""The other guest: starts real engines for tests and development."""
OURS = {HALL, *ROOMS, GUEST, ENGINES, "tests", "benchmarks"}
HALL_MAY = {"numpy", "pydantic", "prometheus_client"}
COMMAND_LINE = {"typer", "rich"}
HOMES = {
    "torch": "embedder/",
    "torchvision": "embedder/",
    "onnxruntime": "embedder/",
    "scrapy": "crawler/",
    "extruct": "crawler/",
    "streamparse": "topologies/",
    "pystorm": "topologies/",
    "kafka": "topologies/kafka_",
    "fastapi": "api/",
    "starlette": "api/",
    "uvicorn": "api/",
    "pymilvus": "indexer/milvus_vectors.py",
    "pysolr": "indexer/solr_catalog.py",
    "s3fs": "indexer/s3_images.py",
    "fsspec": "indexer/s3_images.py",
    "sqlite3": ("snapmode/sqlite_file.py", "indexer/", "topologies/sqlite_", "crawler/"),
}
FILES = [
    path for folder in (HALL, *ROOMS, GUEST, ENGINES) for path in (ROOT / folder).rglob("*.py")
]


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, at the top and inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def is_command_line(path: Path) -> bool:
    return path.stem in ("command", "options", "children") or path.stem.endswith("_command")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_keep_to_the_house(path: Path) -> None:
    """A room imports the hall and never another room; one technology has one home."""
    where = path.relative_to(ROOT).as_posix()
    room = where.split("/")[0]
    for module in imports(path):
        top = module.split(".")[0]
        if top in OURS:
            assert top in (HALL, room), f"{where} imports {module}: another room"
        if room == GUEST and top == HALL:
            assert module == "snapmode.errors", f"{where} imports {module}: the judge stands apart"
        if room == HALL and top not in sys.stdlib_module_names | {HALL} | HALL_MAY:
            assert top in COMMAND_LINE, (
                f"{where} imports {module}: the hall keeps no client library"
            )
            assert is_command_line(path), f"{where} imports {module} outside the command line"
        homes = HOMES.get(top, "")
        assert where.startswith(homes), f"{where} imports {module}, whose home is {homes}"


def test_every_technology_file_holds_its_class() -> None:
    """`sqlite_log.py` holds `SqliteLog`: who knows the ports can guess the file."""
    ports = ("log", "images", "catalog", "vectors", "embedder", "detector")
    for path in FILES:
        *technology, port = path.stem.split("_")
        if technology and port in ports and path.parts[-2] in ROOMS:
            name = "".join(word.capitalize() for word in path.stem.split("_"))
            classes = {
                n.name for n in ast.parse(path.read_text()).body if isinstance(n, ast.ClassDef)
            }
            assert name in classes, f"{path.relative_to(ROOT)} has no class {name}"


def test_no_attic() -> None:
    for path in FILES:
        assert path.stem not in ("utils", "util", "helpers", "misc", "common"), path


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_outgrows_its_concept(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400, "is it still one concept?"
