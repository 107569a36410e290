from pathlib import Path

import pytest

from embedder.evaluation.contenders import Contender, Term, parse
from snapmode.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "part", "terms", "weight"),
    [
        ("lite0", None, (Term("lite0"),), None),
        ("lite0", "colour", (Term("lite0", "colour"),), None),
        ("lite0:shape", "colour", (Term("lite0", "shape"),), None),
        ("hsv", "colour", (Term("hsv"),), None),
        ("lite0+hsv", None, (Term("lite0"), Term("hsv")), None),
        ("lite0:shape+hsv@0.45", None, (Term("lite0", "shape"), Term("hsv")), 0.45),
    ],
)
def test_what_a_model_may_be(
    text: str, part: str | None, terms: tuple[Term, ...], weight: float | None
) -> None:
    assert parse(text, part) == Contender(text, terms, weight)


def test_a_path_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a+b@1:c"
    path.mkdir()
    assert parse(str(path)).terms == (Term(str(path)),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a+b+c", "give NAME, NAME:PART"),
        ("a+", "give NAME"),
        ("", "give NAME"),
        ("a@0.5", "give NAME"),
        ("a+b@half", "'half' is not a number"),
        ("a+b@1", "between 0 and 1, not 1"),
        ("a+b@nan", "between 0 and 1, not nan"),
        ("hsv:colour", "hsv has no parts"),
    ],
)
def test_what_it_may_not_be(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        parse(text)


def test_weights_sum_to_one() -> None:
    assert parse("a").weights(0.0) == (1.0,)
    assert parse("a+b@0.25").weights(0.25) == (0.75, 0.25)


def test_a_term_says_what_it_is() -> None:
    assert [str(term) for term in parse("a:b+c").terms] == ["a:b", "c"]
