"""The `snapmode` command as a user runs it: in processes of its own."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "snapmode"]


def start(
    *arguments: str | Path,
    output: int | None = subprocess.DEVNULL,
    environ: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """`snapmode ARGUMENTS` in the background; `environ` is added to the environment."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=output,
        stderr=subprocess.DEVNULL if output == subprocess.DEVNULL else None,
        text=True,
        env=_environment(environ),
    )


def snapmode(
    *arguments: str | Path,
    codes: tuple[int, ...] = (0,),
    timeout: float = 300,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Standard output of `snapmode ARGUMENTS`; any other exit code fails with its errors."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        env=_environment(environ),
    )
    assert done.returncode in codes, (
        f"{arguments} ended with {done.returncode}:\n{done.stderr[-4000:]}"
    )
    return done.stdout


def _environment(added: Mapping[str, str] | None) -> dict[str, str]:
    """Ours without settings: those of real engines (ENGINES=external) are for who asks for them."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not (name.startswith("SNAPMODE_") and "__" in name)
    }
    return {**plain, "COLUMNS": "200", **(added or {})}


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


@contextmanager
def served(*options: str | Path, environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """`snapmode serve` on a free port until the block ends; yields its address."""
    process = start("serve", "--port", "0", *options, output=subprocess.PIPE, environ=environ)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert "http://" in line, f"the server said {line!r}"
        yield "http" + line.split("http", 1)[1].split()[0].rstrip("/")
    finally:
        process.terminate()
        assert process.wait(20) == 0, "the server did not end cleanly"
        process.stdout.close()


def search(address: str, picture: Path, limit: int = 10) -> list[dict[str, Any]]:
    """The best products for a picture, over HTTP as a client's backend would ask."""
    boundary = "xSNAPx"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="'
    form = f'{part}limit"\r\n\r\n{limit}\r\n{part}image"; filename="q.jpg"\r\n\r\n'
    body = form.encode() + picture.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        f"{address}/v1/search/image",
        data=body,
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    answer = json.load(urllib.request.urlopen(request, timeout=30))
    hits: list[dict[str, Any]] = answer["objects"][0]["hits"]
    return hits
