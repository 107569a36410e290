"""From settings to adapters: the one place where a dotted path becomes an object."""

import importlib
import inspect
import threading
import time
from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError

from snapmode.codec import first_problem
from snapmode.errors import ConfigError, TransientError
from snapmode.ports import Catalog, Embedder, ImageStore, Log, VectorIndex
from snapmode.settings import Settings

GIVEN: dict[str, tuple[str, ...]] = {
    "log": (),
    "images": (),
    "catalog": (),
    "embedder": ("limits",),
    "vectors": ("model", "dim"),
}
"""The tables of adapters, and the arguments that a `House` adds to their keys."""


def resolve(path: str) -> Any:
    """What `package.module:name` names; `ConfigError` when there is no such thing."""
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{path}: can't be loaded: {error}") from error


def build(settings: Settings, table: str, **given: Any) -> Any:
    """The adapter a table names, made with the table's keys and with `given`.

    An unknown key or a value of the wrong type is a `ConfigError` that names it.
    """
    adapter, arguments = _bound(settings, table, given)
    known = inspect.signature(adapter).parameters
    passed = {key: value for key, value in given.items() if key in known}
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in {*arguments, *passed}:
            path = getattr(settings, table).adapter
            raise ConfigError(f"{settings.file}: [{table}] {name}: missing; {path} needs it")
    return adapter(**arguments, **passed)


def check(settings: Settings) -> None:
    """Every adapter exists and takes the keys of its table, or a `ConfigError`; none is made.

    A key may be missing: secrets are known only where the adapter is made.
    """
    for table, given in GIVEN.items():
        _bound(settings, table, given)


def _bound(settings: Settings, table: str, given: Collection[str]) -> tuple[Any, dict[str, Any]]:
    """The adapter of a table and its keys, typed; `given` names what is no key of the table."""
    chosen = getattr(settings, table)
    where = f"{settings.file}: [{table}]"
    try:
        adapter = resolve(chosen.adapter)
    except ConfigError as error:
        raise ConfigError(f"{where} adapter: {error}") from error
    known = inspect.signature(adapter).parameters
    hints = get_type_hints(adapter.__init__)
    arguments = {}
    for key, value in chosen.arguments.items():
        if key not in known or key in given:
            raise ConfigError(
                f"{where} {key}: unknown key; {chosen.adapter} takes {_keys(known, given)}"
            )
        arguments[key] = _typed(f"{where} {key}", hints.get(key, Any), value)
    return adapter, arguments


def _keys(known: Any, given: Collection[str]) -> str:
    return ", ".join(name for name in known if name not in given)


def _typed(where: str, hint: Any, value: Any) -> Any:
    try:
        return TypeAdapter(hint).validate_python(value)
    except ValidationError as error:
        raise ConfigError(f"{where}: {first_problem(error)}") from error


T = TypeVar("T")


class _MadeOnce(Generic[T]):
    """An adapter of a `House`: made by one thread, at the first request, and kept.

    Who waited for it meanwhile gets the adapter, or the error: otherwise, while an engine is away,
    each of many requests would wait for all before it. A later request tries again.
    (`functools.cached_property` locks all houses in Python 3.11, and nothing from 3.12 on.)
    """

    def __init__(self, make: Callable[["House"], T]) -> None:
        self._make = make
        self._table = make.__name__

    def __get__(self, house: "House", _owner: type) -> T:
        # Python asks here only while the house has no attribute of this name.
        asked = time.monotonic()
        table, made = self._table, house.__dict__
        with house._locks[table]:  # noqa: SLF001 - a part of the class
            if table in made:
                return cast(T, made[table])
            when, error = house._failed.get(table, (0.0, None))  # noqa: SLF001
            if error and when >= asked:
                raise TransientError(str(error)) from error
            try:
                return cast(T, made.setdefault(table, self._make(house)))
            except TransientError as failure:
                house._failed[table] = (time.monotonic(), failure)  # noqa: SLF001
                raise


class House:
    """The adapters of one settings file, each made when it is first asked for, by any thread.

    An adapter whose engine is away is made at a later request.
    A context manager: leaving it closes what was opened, in the reverse order.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opened: list[Log | VectorIndex | Catalog] = []
        self._locks = {table: threading.Lock() for table in GIVEN}
        self._failed: dict[str, tuple[float, TransientError]] = {}
        """Table → when its adapter last could not be made, and why. See `_MadeOnce`."""

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every adapter that was opened. Calling it twice is harmless."""
        while self._opened:
            self._opened.pop().close()

    def _open(self, table: str, **given: Any) -> Any:
        adapter = build(self.settings, table, **given)
        self._opened.append(adapter)
        return adapter

    @_MadeOnce
    def log(self) -> Log:
        return cast(Log, self._open("log"))

    @_MadeOnce
    def images(self) -> ImageStore:
        return cast(ImageStore, build(self.settings, "images"))

    @_MadeOnce
    def catalog(self) -> Catalog:
        return cast(Catalog, self._open("catalog"))

    @_MadeOnce
    def embedder(self) -> Embedder:
        return cast(Embedder, build(self.settings, "embedder", limits=self.settings.pictures))

    @_MadeOnce
    def vectors(self) -> VectorIndex:
        embedder = self.embedder
        return cast(VectorIndex, self._open("vectors", model=embedder.name, dim=embedder.dim))
