"""SIGKILL at random moments of crawl and ingest: afterwards everything is there, once, and right.

PROFILE=ci: 20 kills. PROFILE=full: 200, whose dated result is kept in docs/results/faults.json.
"""

import json
import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.embedded_contents import embedded_contents
from tests.faults.oracle import problems
from tests.processes import Shop, demo_shop, snapmode, start

RESULT = Path(__file__).resolve().parents[2] / "docs" / "results" / "faults.json"


class Profile(NamedTuple):
    rounds: int
    kills: int
    """In each round, which starts on an empty data folder."""
    products: int


PROFILES = {"ci": Profile(2, 10, 60), "full": Profile(10, 20, 150)}
pytestmark = pytest.mark.faults


def test_nothing_is_lost_doubled_or_misaligned(tmp_path: Path) -> None:
    name = os.environ.get("PROFILE", "ci")
    profile = PROFILES[name]
    seed = random.SystemRandom().randrange(10**6)
    print(f"profile {name}, seed {seed}")
    rng = random.Random(seed)
    rounds = [_round(tmp_path / str(n), profile, rng) for n in range(profile.rounds)]
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "profile": name,
        "seed": seed,
        "kills": sum(len(one["kills"]) for one in rounds),
        "kills_by_stage": _by_stage(rounds),
        "products_per_round": profile.products,
        "problems": [problem for one in rounds for problem in one["problems"]],
        "moments": [one["kills"] for one in rounds],
    }
    if name == "full":
        RESULT.write_text(json.dumps(result, indent=1) + "\n")
    assert result["problems"] == []


def _by_stage(rounds: list[dict]) -> dict[str, int]:
    stages = [kill["stage"] for one in rounds for kill in one["kills"]]
    return {stage: stages.count(stage) for stage in sorted(set(stages))}


def _round(folder: Path, profile: Profile, rng: random.Random) -> dict:
    options = ("--seed", str(rng.randrange(10**6)), "--products", str(profile.products))
    data = folder / "var"
    with demo_shop(folder / "shop", *options) as shop:
        kills = _kill_at_random(shop, data, profile.kills, rng)
        snapmode("crawl", shop.url, "--data", data, codes=(0, 3))
        snapmode("ingest", "--until-idle", "--data", data, codes=(0, 3))
        report = json.loads(snapmode("verify", "--data", data, "--json", codes=(0, 3)))
        found = [f"verify: {finding}" for finding in report["findings"]]
        return {"kills": kills, "problems": found + problems(embedded_contents(data), shop.truth)}


def _kill_at_random(shop: Shop, data: Path, wanted: int, rng: random.Random) -> list[dict]:
    stages = {"crawl": ("crawl", shop.url), "ingest": ("ingest",)}
    running = {}
    kills: list[dict] = []
    while len(kills) < wanted:
        for stage, arguments in stages.items():
            if stage not in running or running[stage].poll() is not None:
                # A crawl that ended starts over: a second visit must survive kills as well.
                running[stage] = start(*arguments, "--data", data)
        time.sleep(rng.uniform(0.3, 5.0))  # the random moment is what is tested
        for stage in rng.choice((("crawl",), ("ingest",), ("crawl", "ingest"))):
            if running[stage].poll() is None:
                running[stage].kill()
                running[stage].wait()
                kills.append({"stage": stage, "shop_requests": len(shop.requests)})
    for process in running.values():
        process.kill()
        process.wait()
    return kills
