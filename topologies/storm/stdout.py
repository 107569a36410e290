"""stdout is Storm's: one stray line on it, from any library, and the worker is killed."""

import os
import sys
from typing import BinaryIO


def take_stdout() -> BinaryIO:
    """The process' stdout, for the protocol alone; whoever else prints, in C or Python, to stderr.

    To be called before anything heavy is imported. Storm puts stderr into the worker's log.
    """
    sys.stdout.flush()
    protocol = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return protocol
