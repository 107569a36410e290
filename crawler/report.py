"""What a crawl did, counted."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from crawler.addresses import host_of
from crawler.visit import Visit
from snapmode.metrics import PAGES

PAGE_TYPES = ("product", "listing", "other")
PICTURES = ("stored", "known", "kept", "failed", "rejected")
"""known: not downloaded again · kept: the host was away, the earlier copy stays · failed: it was
away and there is no earlier copy."""


@dataclass(slots=True)
class Report:
    """Counters that visits and pipelines add to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    met: set[str] = field(default_factory=set)
    """Ids of the products met by this process."""
    published: dict[str, int] = field(default_factory=dict)
    """Id → version of the products published by this process."""
    duplicates: int = 0
    """Product pages whose product was met before in this crawl."""
    pictures: Counter[str] = field(default_factory=Counter)
    """See `PICTURES`."""
    refused: Counter[str] = field(default_factory=Counter)
    """Links not followed, by reason."""
    failures: Counter[str] = field(default_factory=Counter)
    """Pages that failed or were denied, by reason."""
    rejected: int = 0
    """Products and pictures put aside as dead letters."""
    hosts: dict[str, Counter[str]] = field(default_factory=dict)
    seeds: Counter[str] = field(default_factory=Counter)
    """Seeds visited by this process, by outcome."""
    paused: dict[str, float] = field(default_factory=lambda: {"ingest": 0.0, "engine": 0.0})
    """Seconds in which no new page was taken, by reason; see `Pause`."""
    resumed: bool = False
    finished: bool = False
    """Nothing was left to fetch."""
    started: float = field(default_factory=time.monotonic)

    def add(self, visit: Visit) -> None:
        """Count one visit."""
        self.outcomes[visit.outcome] += 1
        self.refused.update(visit.refused)
        self.hosts.setdefault(host_of(visit.link.url), Counter())[visit.outcome] += 1
        if visit.link.seed:
            self.seeds[visit.outcome] += 1
        if visit.reason:
            self.failures[visit.reason] += 1
        PAGES.labels(visit.outcome).inc()

    @property
    def fetched(self) -> int:
        """Pages that were got, without redirects and sitemaps."""
        return sum(self.outcomes[kind] for kind in PAGE_TYPES)

    @property
    def no_seed_fetched(self) -> bool:
        """Whether every seed failed and nothing else was got."""
        lost = self.seeds["failed"] + self.seeds["denied"]
        return not self.fetched and 0 < lost == self.seeds.total() - self.seeds["redirect"]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON; the first nine keys are a promise."""
        fetched = self.fetched
        return {
            "fetched": fetched,
            "products": len(self.published),
            "listings": self.outcomes["listing"],
            "other": self.outcomes["other"],
            "failed": self.outcomes["failed"],
            "denied": self.outcomes["denied"],
            "duplicates": self.duplicates,
            "harvest_rate": round(len(self.published) / fetched, 4) if fetched else 0.0,
            "seconds": round(time.monotonic() - self.started, 3),
            "paused_seconds": round(self.paused["ingest"], 3),
            "away_seconds": round(self.paused["engine"], 3),
            "redirects": self.outcomes["redirect"],
            "sitemaps": self.outcomes["sitemap"],
            "pictures": {name: self.pictures[name] for name in PICTURES},
            "rejected": self.rejected,
            "refused": dict(self.refused.most_common()),
            "failures": dict(self.failures.most_common()),
            "hosts": {host: dict(counts) for host, counts in sorted(self.hosts.items())},
            "resumed": self.resumed,
            "finished": self.finished,
        }
