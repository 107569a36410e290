"""The loop: it learns, it can be killed and goes on the same way, alone or in company."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from embedder.training.checkpoint import load_weights, read_checkpoint
from embedder.training.curve import read_curve
from snapmode.errors import ConfigError
from tests.models import tiny_run

pytestmark = pytest.mark.models
ROOT = Path(__file__).resolve().parent.parent.parent
STEPS = 12


def started(
    folder: Path, *words: str, env: dict[str, str], **settings: Any
) -> subprocess.Popen[str]:
    """A run of the tiny recipe in a process of its own, so that it can be killed for real."""
    return subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "tests" / "models" / "tiny_run.py"),
            str(folder),
            json.dumps({"steps": STEPS, **settings}),
            *words,
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **env},
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, *words: str, **settings: Any) -> int:
    """Alone; its exit status."""
    process = started(folder, *words, env={}, **settings)
    _, said = process.communicate(timeout=200)
    assert process.returncode in (0, -signal.SIGKILL), said
    return process.returncode


def run_two(folder: Path, *words: str) -> list[int]:
    """Two processes that train together, as torchrun starts them; their exit statuses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    processes = [
        started(
            folder, *words, env={**common, "RANK": str(rank), "LOCAL_RANK": str(rank)}, memory=0
        )
        for rank in range(2)
    ]
    for process in processes:
        process.communicate(timeout=200)
    return [process.returncode for process in processes]


def weights(file: Path) -> dict[str, Any]:
    return load_weights(file)[1]


def same_curve(one: Path, other: Path) -> bool:
    """All but the time it took."""
    curves = [read_curve(folder) for folder in (one, other)]
    for lines in curves:
        spent = [line.pop("cpu_seconds") for line in lines]
        assert spent == sorted(spent)  # a run that goes on does not start to count anew
        assert spent[0] > 0
    return curves[0] == curves[1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run nobody interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    assert run(folder) == 0
    return folder


def test_it_learns_and_says_what_it_made(whole: Path) -> None:
    curve = read_curve(whole)
    assert [line["step"] for line in curve] == list(range(STEPS))
    assert curve[-1]["train/loss"] < curve[0]["train/loss"]
    checkpoint = read_checkpoint(whole / "tiny.safetensors")
    scores = {
        line["step"] + 1: line["validate/score"] for line in curve if "validate/score" in line
    }
    assert list(scores) == [4, 8, 12]
    assert checkpoint.metrics["score"] == max(scores.values())
    assert scores[checkpoint.step] == checkpoint.metrics["score"]
    assert len(checkpoint.data) == 64
    assert (whole / "tensorboard").is_dir()


@pytest.mark.parametrize(("kill", "workers"), [(2, 1), (7, 0)])
def test_killed_and_resumed_it_gives_the_same_curve(
    whole: Path, tmp_path: Path, kill: int, workers: int
) -> None:
    """After 2 steps there is no state yet; after 7 one, and a step more was done."""
    assert run(tmp_path, "--kill", str(kill), workers=workers) == -signal.SIGKILL
    assert len(read_curve(tmp_path)) == kill
    assert run(tmp_path, "--resume", workers=workers) == 0
    assert same_curve(tmp_path, whole)
    made, expected = (weights(folder / "tiny.safetensors") for folder in (tmp_path, whole))
    assert made.keys() == expected.keys()
    assert all((made[name] == expected[name]).all() for name in made)


def test_two_processes_train_together_and_can_be_resumed(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert run_two(whole) == [0, 0]
    assert all(run_two(parts, "--kill", "7"))
    assert run_two(parts, "--resume") == [0, 0]
    assert same_curve(parts, whole)


def test_it_stops_when_it_gets_no_better(tmp_path: Path) -> None:
    trainer = tiny_run.trainer(tmp_path, {"steps": 40, "patience": 2, "rate": 1e-12})
    trainer.start()
    ended = trainer.run()
    assert ended.stopped
    assert ended.step == ended.best_step + 2 * 4 < 40
    assert read_checkpoint(trainer.file).step == ended.best_step


def test_a_folder_is_not_trained_in_twice(whole: Path) -> None:
    with pytest.raises(ConfigError, match="a run is here already: --resume it"):
        tiny_run.trainer(whole, {"steps": STEPS}).start()


def test_another_recipe_or_other_data_can_not_go_on(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="was trained by another recipe"):
        tiny_run.trainer(whole, {"steps": STEPS, "rate": 0.5}).resume()
    with pytest.raises(ConfigError, match="was trained by another data"):
        tiny_run.trainer(whole, {"steps": STEPS, "products": 9}).resume()
    with pytest.raises(ConfigError, match="no run to --resume"):
        tiny_run.trainer(tmp_path, {"steps": STEPS}).resume()


def test_training_starts_from_a_checkpoint(whole: Path, tmp_path: Path) -> None:
    start = whole / "tiny.safetensors"
    trainer = tiny_run.trainer(tmp_path, {"steps": 4, "start": str(start)})
    trainer.start()
    trainer.run()
    first = read_curve(tmp_path)[0]["train/loss"]
    assert first < read_curve(whole)[0]["train/loss"]


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path: Path) -> None:
    trainer = tiny_run.trainer(tmp_path, {"steps": 40, "rate": 1e30, "clip": 0})
    trainer.start()
    with pytest.raises(ConfigError, match="try a lower rate"):
        trainer.run()


def test_losses_belong_to_the_recipe_or_to_the_network(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="losses: none"):
        tiny_run.trainer(tmp_path, {"steps": 4, "losses": {}})
