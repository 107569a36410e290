"""The `snapmode` command: a list of names; a room is imported only when its command is called.

Exit codes: 0 done · 1 failed · 2 usage or configuration · 3 finished with rejected items ·
130 interrupted.
"""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import typer

from snapmode.errors import SnapModeError
from snapmode.wiring import resolve


class Command(NamedTuple):
    """Where a command lives and what it does, in one line."""

    path: str
    help: str


COMMANDS = {
    "crawl": Command("crawler.command:crawl", "Fetch shops and publish their products to the log."),
    "import": Command(
        "crawler.import_command:import_", "Publish products from JSONL or CSV files."
    ),
    "extract": Command(
        "crawler.extract_command:extract", "Print the product found in a saved page."
    ),
    "ingest": Command("topologies.command:ingest", "Read the log: embed pictures, index products."),
    "serve": Command("api.command:serve", "Serve the page and the HTTP API."),
    "up": Command("snapmode.up_command:up", "Crawl, ingest and serve together, continuously."),
    "search": Command("snapmode.search_command:search", "Find products with a picture."),
    "embed": Command("embedder.command:embed", "Print or save the vectors of pictures."),
    "evaluate": Command(
        "embedder.evaluation.command:evaluate", "Measure how well models find pictures."
    ),
    "model": Command(
        "embedder.model_command:app", "List, show, export and verify embedding models."
    ),
    "train": Command("embedder.training.command:train", "Train a model from a recipe."),
    "export": Command("indexer.export_command:export", "Print every product as JSONL."),
    "verify": Command(
        "indexer.verify_command:verify", "Check that the stores agree, and repair them."
    ),
    "topology": Command(
        "topologies.topology_command:app", "Submit, list, watch and kill topologies on Storm."
    ),
    "dead-letters": Command(
        "topologies.dead_letters_command:app", "Show and replay rejected items."
    ),
    "doctor": Command(
        "snapmode.doctor_command:doctor", "Check settings, adapters and data folder."
    ),
    "engines": Command(
        "engines.command:app", "Start and stop real engines for tests and development."
    ),
    "demo": Command("snapmode.up_command:demo", "Crawl the demo shop and serve the search page."),
    "demo-shop": Command("demo_shop.command:demo_shop", "Serve a made-up shop worth crawling."),
}


def _stub() -> None:
    """Stands for a command that was not called, so that its room need not be imported."""


def build_app(called: str | None) -> typer.Typer:
    """The command line; only the command named `called` is real, the others are names and help."""
    app = typer.Typer(
        name="snapmode",
        help="Crawl shops, embed their pictures, find products with a photo.\n\n"
        "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 finished with rejected items.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name, command in COMMANDS.items():
        target: Callable[..., Any] | typer.Typer = (
            resolve(command.path) if name == called else _stub
        )
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name, help=command.help)
        else:
            app.command(name, help=command.help if target is _stub else None)(target)
    return app


def main() -> None:
    """Entry point of the `snapmode` command."""
    called = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    try:
        build_app(called)()
    except SnapModeError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
