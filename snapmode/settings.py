"""Settings: one TOML file, environment overrides on top, checked before anything starts.

`SNAPMODE_TABLE__KEY=value` overrides a key; the value is read as TOML, else taken as a string.
`{data}` in a string stands for the data folder.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from snapmode.codec import first_problem
from snapmode.errors import ConfigError

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
"""The folder of data files that comes with the program, in a checkout and in the wheel alike."""
DEFAULT_CONFIG = CONFIGS / "embedded.toml"
DEFAULT_DATA = Path("var")

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""What the web serves, by Pillow's names. Its other parsers never see a stranger's bytes: that of
EPS, for one, runs Ghostscript."""

Positive = Annotated[int, Field(gt=0)]
PositiveFloat = Annotated[float, Field(gt=0)]


class Table(BaseModel):
    """A table of the settings file; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Adapter(BaseModel):
    """Which class stands behind a port; the other keys are its constructor's arguments."""

    model_config = ConfigDict(extra="allow", frozen=True)
    adapter: str = Field(pattern=r"^[\w.]+:\w+$")

    @property
    def arguments(self) -> dict[str, Any]:
        """The keys beside `adapter`."""
        return dict(self.model_extra or {})


class Pictures(Table):
    """Limits on any picture that comes in, from a shop, a file or a client."""

    max_bytes: Positive = 20_000_000
    max_pixels: Positive = 50_000_000
    """Width × height after decoding: a guard against decompression bombs."""
    min_side: Positive = 16
    """Pixels; anything smaller is no product picture."""


class Crawl(Table):
    """Manners and limits of the crawler; a site file may override them for its shops."""

    user_agent: str = (
        "SnapMode/0.1 (+https://snapmode.invalid/bot; mailto:crawler@snapmode.invalid)"
    )
    concurrency_per_host: Positive = 8
    delay: Annotated[float, Field(ge=0)] = 0.0
    """Seconds between requests to one host, at least; robots.txt may ask for more."""
    auto_throttle: bool = True
    """Slow down when a host answers slowly."""
    timeout: PositiveFloat = 30.0
    """Seconds for one request."""
    max_page_bytes: Positive = 8_000_000
    max_pages: Positive | None = None
    """Pages fetched per crawl; none is no limit."""
    max_pictures: Positive = 12
    """Pictures kept per product."""
    retries: Annotated[int, Field(ge=0)] = 3
    obey_robots: bool = True
    max_lag: Positive = 10_000
    """Records that may wait for ingest before the crawl pauses."""
    patience: Annotated[float, Field(ge=0)] = 3600.0
    """Seconds an engine may be away before the crawl gives up."""
    max_backoff: PositiveFloat = 30.0
    """Seconds between two tries, at most."""


class Ingest(Table):
    """How the log is read."""

    batch: Positive = 16
    """Products taken from the log at once."""
    retries: Annotated[int, Field(ge=0)] = 8
    """How often a batch is tried again when an engine is away, before the run gives up."""
    max_backoff: PositiveFloat = 30.0
    """Seconds between two tries, at most."""


class Topology(Table):
    """The ingest topology on Storm."""

    nimbus: Annotated[str, Field(pattern=r"^[^:\s]+:\d+$")] = "127.0.0.1:6627"
    """host:port of Nimbus' Thrift server."""
    virtualenv: Path = Path("/opt/snapmode")
    """Where snapmode[cluster] is installed on every supervisor's machine."""
    workers: Positive = 1
    """Worker processes (JVMs)."""
    spouts: Positive = 1
    embed_bolts: Positive = 1
    """One per worker or GPU: each is a process with its own model and its own batches."""
    embed_resources: dict[str, PositiveFloat] = Field(default_factory=dict)
    """What each embed bolt takes of its supervisor's resources, e.g. {"gpu.count" = 1}: Storm's
    ResourceAwareScheduler places it only where there is enough."""
    index_bolts: Positive = 1
    batch_seconds: PositiveFloat = 0.2
    """How long a bolt may wait for a batch (of [ingest] batch) to fill; Storm ticks in seconds."""
    replays: Annotated[int, Field(ge=0)] = 5
    """How often a failed message is emitted again before it becomes a dead letter."""
    max_backoff: PositiveFloat = 30.0
    """Seconds between two tries, at most."""
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Each process serves Prometheus metrics on the first free port from here on; 0: none."""
    options: dict[str, bool | int | float | str] = Field(default_factory=dict)
    """Storm's own options, handed on as they are."""


class Api(Table):
    """The HTTP server."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    image_url: bool = False
    """Whether clients may name a picture by URL for the server to fetch."""
    max_limit: Positive = 200
    """Largest `limit` a client may ask for."""
    fetch_timeout: PositiveFloat = 10.0
    """Seconds for one `image_url`, redirects included."""


class Settings(Table):
    """Everything a command needs to know, checked."""

    log: Adapter
    images: Adapter
    catalog: Adapter
    vectors: Adapter
    embedder: Adapter
    pictures: Pictures = Pictures()
    crawl: Crawl = Crawl()
    ingest: Ingest = Ingest()
    topology: Topology = Topology()
    api: Api = Api()
    data: Path
    """The data folder."""
    file: Path
    """The file these settings were read from, for messages."""


def load_settings(
    file: Path | None = None,
    data: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Read and check; `ConfigError` names the file (or variable), the table and the key.

    A table the file leaves out is that of `DEFAULT_CONFIG`.
    """
    path = file or Path(environ.get("SNAPMODE_CONFIG", DEFAULT_CONFIG))
    folder = (data or Path(environ.get("SNAPMODE_DATA_FOLDER", DEFAULT_DATA))).absolute()
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"--data {folder}: not a folder")
    tables = {**read_toml(DEFAULT_CONFIG), **read_toml(path)}
    names = _override(tables, environ)
    values = {**_with_data(tables, str(folder)), "data": folder, "file": path}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        raise ConfigError(f"{names.get(where, path)}: {first_problem(error)}") from error


T = TypeVar("T", bound=BaseModel)


def checked(model: type[T], values: Mapping[str, Any], file: Path) -> T:
    """The table as `model`; `ConfigError` names file and key when it does not fit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{file}: {first_problem(error)}") from error


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dict; `ConfigError` when it is missing or malformed."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error


def _override(tables: dict[str, Any], environ: Mapping[str, str]) -> dict[tuple[Any, ...], str]:
    """Put the environment's values into the tables; returns which variable set what."""
    names: dict[tuple[Any, ...], str] = {}
    for name, text in environ.items():
        if not name.startswith("SNAPMODE_") or "__" not in name:
            continue
        *path, key = name.removeprefix("SNAPMODE_").lower().split("__")
        table = tables
        for step in path:
            table = table.setdefault(step, {})
            if not isinstance(table, dict):
                raise ConfigError(f"environment variable {name}: {step} is not a table")
        table[key] = _value(text)
        names[(*path, key)] = f"environment variable {name}"
    return names


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _with_data(value: Any, folder: str) -> Any:
    if isinstance(value, dict):
        return {key: _with_data(inner, folder) for key, inner in value.items()}
    return value.replace("{data}", folder) if isinstance(value, str) else value
