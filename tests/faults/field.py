"""A running system under load, in which anything may be killed, and what must hold afterwards."""

import contextlib
import json
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from engines import running
from engines.place import Place
from tests.cluster.running import Cluster
from tests.faults import victims
from tests.faults.oracle import problems
from tests.processes import Shop, demo_shop, start

SETTLED = 300.0
"""Seconds everything may take to be ingested after a fault."""


@dataclass
class Crawl:
    """A crawl in the background; one that was killed is started again."""

    cluster: Cluster
    shop: Shop
    process: Popen[str] | None = None
    kills: int = 0

    def run(self) -> None:
        """Start it, or again if it was killed or has ended; it may not end in any other way."""
        code = self.process.poll() if self.process else -signal.SIGKILL
        if code is not None:
            assert code in (0, 3, -signal.SIGKILL), f"the crawl ended with {code}"
            self.process = self.cluster.start("crawl", self.shop.url)

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.kills += 1

    def wait_for_requests(self, count: int, seconds: float = 120) -> None:
        limit = time.monotonic() + seconds
        while len(self.shop.requests) < count:
            assert time.monotonic() < limit, f"the crawl made only {len(self.shop.requests)}"
            self.run()
            time.sleep(0.1)

    def finish(self) -> None:
        self.run()
        assert self.process is not None
        if self.process.wait(SETTLED) not in (0, 3):
            self.finish()


@dataclass
class Field:
    """The engines, the topology, an API that is asked all the while, and the truth so far."""

    place: Place
    cluster: Cluster
    folder: Path
    truth: list[dict[str, Any]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    """Of the API since the last look, by status: 200, 503 while an engine is away, nothing else."""
    answered: Counter[str] = field(default_factory=Counter)
    """Of the API, before."""
    crawl: Crawl | None = None
    _stack: ExitStack = field(default_factory=ExitStack)
    _api: Popen[str] | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _port: int = 0

    # ------------------------------------------------------------ load

    @contextmanager
    def stream(self, products: int = 24) -> Iterator[Crawl]:
        """A crawl of a shop never seen before, brought to its end and ingested on the way out."""
        seed = random.SystemRandom().randrange(10**6)
        print(f"demo shop of seed {seed}")
        shop = self._stack.enter_context(
            demo_shop(
                self.folder / f"shop-{seed}", "--seed", str(seed), "--products", str(products)
            )
        )
        self.crawl = Crawl(self.cluster, shop)
        self.crawl.run()
        yield self.crawl
        self.crawl.finish()
        self.truth += shop.truth
        self.cluster.drain(SETTLED)

    # ------------------------------------------------------------ faults

    def kill(self, victim: str) -> None:
        """SIGKILL, while the stream flows."""
        if victim == "crawler":
            assert self.crawl is not None
            self.crawl.kill()
        elif victim == "api":
            self._end_api(signal.SIGKILL)
        else:
            environ = self.cluster.environ
            topic = environ["SNAPMODE_LOG__PREFIX"] + "products"
            pids = victims.kill(self.place, victim, environ["SNAPMODE_LOG__SERVERS"], topic)
            assert pids, f"no {victim} to kill"

    def restore(self, victim: str) -> None:
        """Start again what nobody else does: an operator's init system would."""
        if victim == "crawler" and self.crawl:
            self.crawl.run()
        elif victim == "api":
            self._start_api()
        elif engine := victims.engine_of(victim):
            running.up(self.place, [engine])

    # ------------------------------------------------------------ what must hold

    def problems(self) -> list[str]:
        """All that is lost, doubled, misaligned, put aside or unexpected."""
        # The suites without engines collect this file too.
        from tests.faults.cluster_contents import cluster_contents

        report = json.loads(self.cluster.snapmode("verify", "--json", codes=(0, 3)))
        letters = json.loads(self.cluster.snapmode("dead-letters", "list", "--json"))
        unexpected = set(self.answers) - {"200", "503"}
        self.answered += self.answers
        self.answers.clear()  # what was told once is not the next fault's
        return [
            *(f"verify: {finding}" for finding in report["findings"]),
            *(f"lag: {report['lag']}" for _ in range(report["lag"] > 0)),
            *(f"letter: {one}" for one in letters if one["stage"] not in ("crawl",)),
            *(f"the API answered {status}" for status in unexpected),
            *problems(cluster_contents(self.cluster.environ), self.truth),
        ]

    # ------------------------------------------------------------ the API

    @contextmanager
    def asked(self) -> Iterator[None]:
        """The API runs and is asked for products all the while."""
        self._start_api()
        watch = threading.Thread(target=self._ask_on)
        watch.start()
        try:
            yield
        finally:
            self._stop.set()
            watch.join()
            self._end_api(signal.SIGTERM)
            self._stack.close()

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def _start_api(self) -> None:
        options = ("serve", "--port", "0", *self.cluster.where())
        process = start(*options, output=PIPE, environ=self.cluster.environ)
        assert process.stdout is not None
        line = process.stdout.readline()  # from here on it must answer
        self._port = int(line.split("127.0.0.1:", 1)[1].split()[0].rstrip("/"))
        self._api = process

    def _end_api(self, number: int) -> None:
        if self._api and self._api.stdout:
            self._api.send_signal(number)
            self._api.wait(30)
            self._api.stdout.close()

    def _ask_on(self) -> None:
        while not self._stop.wait(0.5):
            url = f"{self.api}/v1/products?limit=1"
            try:
                with urllib.request.urlopen(url, timeout=60) as answer:
                    self.answers[str(answer.status)] += 1
            except urllib.error.HTTPError as error:
                self.answers[str(error.code)] += 1
            except OSError:
                with contextlib.suppress(AttributeError):
                    if self._api and self._api.poll() is None:
                        self.answers["no answer from a living API"] += 1
