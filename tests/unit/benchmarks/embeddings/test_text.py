import pytest

from benchmarks.embeddings.text import interval, plain, section, table
from embedder.evaluation.bootstrap import Interval


@pytest.mark.parametrize(
    ("value", "sign", "said"),
    [
        (0.6534, False, ".653"),
        (1, False, "1.000"),
        (0.9996, False, "1.000"),
        (0, False, ".000"),
        (-0.05, True, "-.050"),
        (0.05, True, "+.050"),
        (10.05, False, "10.050"),
        (-0.0, True, "+.000"),
    ],
)
def test_figures_have_three_decimals(value: float, sign: bool, said: str) -> None:
    assert plain(value, sign) == said


def test_an_interval_stands_in_brackets() -> None:
    assert interval(Interval(0.5, 0.4, 0.6)) == ".500 [.400, .600]"
    assert interval(Interval(0, -0.1, 0.1), sign=True) == "+.000 [-.100, +.100]"


def test_a_table_has_as_many_cells_in_each_line() -> None:
    lines = table(["", "a", "b"], [["x", "1", "2"]]).splitlines()
    assert lines == ["|  | a | b |", "| --- | ---: | ---: |", "| x | 1 | 2 |"]


def test_a_section_of_nothing_is_nothing() -> None:
    assert section("Title", "", "") == ""
    assert section("Title", "", "text") == "## Title\n\ntext"
