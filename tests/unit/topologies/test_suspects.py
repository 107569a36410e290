"""Who was at hand when a process was killed is tried alone; who kills it alone is guilty."""

from pathlib import Path

import pytest

from snapmode.errors import TransientError
from topologies.storm.suspects import KILLS, Suspects


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "storm" / "embed-3.json"


def killed_over(file: Path, *ids: str) -> None:
    """Leave the file as a process does that is killed while it works on these."""
    with Suspects(file).trying(ids):
        left = file.read_text()
    file.write_text(left)


def test_a_first_process_suspects_nobody(file: Path) -> None:
    suspects = Suspects(file)
    with suspects.trying(["1:1", "1:2"]):
        pass
    assert "1:1" not in suspects
    assert "1:1" not in Suspects(file)


def test_all_who_were_at_hand_are_suspects_and_none_is_guilty(file: Path) -> None:
    killed_over(file, "1:1", "1:2")
    suspects = Suspects(file)
    assert ["1:1" in suspects, "1:2" in suspects, "1:3" in suspects] == [True, True, False]
    for _ in range(KILLS):
        killed_over(file, "1:1", "1:2")
    assert not Suspects(file).guilty("1:1")


def test_who_kills_it_alone_again_and_again_is_guilty(file: Path) -> None:
    killed_over(file, "1:1", "1:2")
    for _ in range(KILLS):
        assert not Suspects(file).guilty("1:1")
        killed_over(file, "1:1")
    suspects = Suspects(file)
    assert suspects.guilty("1:1")
    assert not suspects.guilty("1:2")
    suspects.clear(["1:1"])
    assert not suspects.guilty("1:1")


def test_success_clears(file: Path) -> None:
    killed_over(file, "1:1")
    suspects = Suspects(file)
    with suspects.trying(["1:1"]):
        pass
    assert "1:1" not in suspects
    assert "1:1" not in Suspects(file)


def test_an_exception_is_no_kill_and_no_proof_of_innocence(file: Path) -> None:
    killed_over(file, "1:1")
    suspects = Suspects(file)
    with pytest.raises(TransientError), suspects.trying(["1:1"]):
        raise TransientError("away")
    assert "1:1" in suspects
    killed_while_idle = Suspects(file)
    assert not killed_while_idle.guilty("1:1")


def test_a_start_that_does_nothing_changes_nothing(file: Path) -> None:
    killed_over(file, "1:1")
    for _ in range(KILLS + 1):
        assert not Suspects(file).guilty("1:1")


def test_a_damaged_note_accuses_nobody(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"trying": ["1:')
    suspects = Suspects(file)
    with suspects.trying(["1:1"]):
        assert "1:1" not in suspects


def test_a_folder_that_can_not_be_written_is_waited_for(file: Path) -> None:
    file.parent.write_text("no folder")
    with pytest.raises(TransientError, match="embed-3"), Suspects(file).trying(["1:1"]):
        pass


def test_old_suspects_are_forgotten(file: Path) -> None:
    for batch in range(30):
        killed_over(file, *(f"{batch}:{n}" for n in range(16)))
    suspects = Suspects(file)
    assert "29:15" in suspects
    assert "0:0" not in suspects
    assert file.stat().st_size < 20_000
