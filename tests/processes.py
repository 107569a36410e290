"""The `snapmode` command as a user runs it: in processes of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "snapmode"]


def start(*arguments: str | Path, output: int | None = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """`snapmode ARGUMENTS` in the background."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=output,
        stderr=subprocess.DEVNULL if output == subprocess.DEVNULL else None,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    )


def snapmode(*arguments: str | Path, codes: tuple[int, ...] = (0,), timeout: float = 300) -> str:
    """Standard output of `snapmode ARGUMENTS`; any other exit code fails with its errors."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert done.returncode in codes, (
        f"{arguments} ended with {done.returncode}:\n{done.stderr[-4000:]}"
    )
    return done.stdout


@dataclass(frozen=True)
class Shop:
    """A demo shop that is being served."""

    url: str
    truth_file: Path
    log_file: Path

    @property
    def truth(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.truth_file.read_text().splitlines()]

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The shop's own access log."""
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]


@contextmanager
def demo_shop(folder: Path, *options: str | Path) -> Iterator[Shop]:
    """`snapmode demo-shop` on a free port, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    truth, log = folder / "truth.jsonl", folder / "access.jsonl"
    files = ("--truth", truth, "--log", log)
    process = start("demo-shop", "--port", "0", *files, *options, output=subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert "http://" in line, f"the demo shop said {line!r}"
        yield Shop("http" + line.split("http", 1)[1].split()[0], truth, log)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0, "the demo shop did not end cleanly"
        process.stdout.close()
