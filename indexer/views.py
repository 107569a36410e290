"""Committed states of `indexer.numpy_vectors`, ready to be searched, kept up to date cheaply."""

import sqlite3
import threading
from dataclasses import dataclass

import numpy as np

from indexer.nearest import Matrix, Rows
from indexer.row_files import RowFiles
from indexer.vector_table import State, dead_since, read_state
from snapmode.errors import ConfigError


@dataclass(frozen=True, slots=True)
class View:
    """One committed state."""

    state: State
    matrix: Matrix
    """(state.rows, dim), living and dead."""
    dead: Rows


class Switched(Exception):  # noqa: N818 -- no error: the reader tries again
    """The row file of this generation has just been replaced by the next one's."""

    def __init__(self, generation: int) -> None:
        self.generation = generation


class Views:
    """The last view, from which the next is made: what died since, and rarely a new map."""

    def __init__(self, files: RowFiles, dim: int) -> None:
        self._files = files
        self._nothing = np.empty((0, dim), np.float32)
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Let go of the row file."""
        self._mapped = (-1, self._nothing)
        self._last: View | None = None

    def of(self, connection: sqlite3.Connection) -> View:
        """The state that this transaction sees; may raise `Switched`."""
        state = read_state(connection)
        with self._lock:
            last = self._last
        if last and last.state.sequence == state.sequence:
            return last
        dead, since = np.empty(0, np.int64), -1
        if last and last.state.generation == state.generation and last.state < state:
            dead, since = last.dead, last.state.sequence
        died = dead_since(connection, since)
        view = View(state, self.matrix(state), np.concatenate([dead, died]))
        with self._lock:
            if self._last is None or self._last.state < state:
                self._last = view
        return view

    def matrix(self, state: State) -> Matrix:
        """The committed rows, mapped anew only when the file was replaced or outgrew the map."""
        with self._lock:
            generation, matrix = self._mapped
        if state.rows and (generation != state.generation or len(matrix) < state.rows):
            try:
                matrix = self._files.map(state.generation)
            except FileNotFoundError as error:
                raise Switched(state.generation) from error
            if len(matrix) < state.rows:
                file = self._files.path(state.generation)
                raise ConfigError(
                    f"{file} was cut off: {len(matrix)} of {state.rows} rows; restore the folder"
                )
            with self._lock:
                self._mapped = (state.generation, matrix)
        return matrix[: state.rows]
