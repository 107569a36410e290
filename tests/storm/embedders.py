"""An embedder with moods, told by the first bytes of a picture."""

import os
import signal
import time
from collections.abc import Sequence

from snapmode.ports import Picture, Vector
from tests.fakes import FakeEmbedder


class TouchyEmbedder(FakeEmbedder):
    """b"bug" crashes, b"slow" takes a second and a half, b"loud" prints, b"kill" kills."""

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        for picture in pictures:
            self._feel(picture.data)
        return super().embed(pictures)

    def _feel(self, data: bytes) -> None:
        if data.startswith(b"bug"):
            raise ZeroDivisionError("a bug")
        if data.startswith(b"slow"):
            time.sleep(1.5)
        if data.startswith(b"loud"):
            print("a library prints")
            os.write(1, b"and so does its C code\n")
        if data.startswith(b"kill"):
            os.kill(os.getpid(), signal.SIGKILL)
