"""stdout belongs to the protocol, whoever prints."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import ctypes, os, subprocess, sys
print("before, in a buffer", end="")
from topologies.storm.stdout import take_stdout
protocol = take_stdout()
print("python")
os.write(1, b"descriptor\\n")
ctypes.CDLL(None).puts(b"libc")
ctypes.CDLL(None).fflush(None)
sys.__stdout__.write("original\\n")
sys.__stdout__.flush()
subprocess.run(["echo", "child"], check=True)
protocol.write(b"frame\\n")
protocol.flush()
"""


def test_only_frames_reach_stdout() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, check=True
    )
    assert done.stdout == b"before, in a bufferframe\n"
    for printed in (b"python", b"descriptor", b"libc", b"original", b"child"):
        assert printed in done.stderr
