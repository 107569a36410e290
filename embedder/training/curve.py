"""The figures of a run: a line of JSON per step, and TensorBoard's scalars."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from embedder.whole_file import whole_file
from snapmode.errors import ConfigError


class Curve:
    """`curve.jsonl` and `tensorboard/` in a run's folder. A context manager.

    Opened at a step it forgets that step and all later ones: they will be made again.
    """

    def __init__(self, folder: Path, start: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._file = folder / "curve.jsonl"
        kept = [line for line in read_curve(folder) if line["step"] < start] if start else []
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(self._file) as part:
            part.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")
        self._out = self._file.open("a", encoding="utf-8")
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=start)

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """The figures of a step; a name such as `validate/score` groups them in TensorBoard."""
        self._out.write(json.dumps({"step": step, **figures}) + "\n")
        self._out.flush()
        for name, value in figures.items():
            self._board.add_scalar(name, value, step)

    def __enter__(self) -> "Curve":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._out.close()
        self._board.close()


def read_curve(folder: Path) -> list[dict[str, float]]:
    """The lines so far, one per step (validations are in their step's line, if any)."""
    file = folder / "curve.jsonl"
    try:
        # What follows the last line's end was cut off by a kill.
        whole = file.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{file}: not a curve: {error}") from error
