"""Figures and tables in Markdown."""

from collections.abc import Iterable, Sequence

from embedder.evaluation.bootstrap import Interval


def plain(value: float, sign: bool = False) -> str:
    """Three decimals, without a zero in front: .653, with `sign` +.053."""
    text = f"{value + 0.0:{'+' if sign else ''}.3f}"
    return text.replace("0.", ".", 1) if abs(value) < 0.9995 else text


def interval(value: Interval, sign: bool = False) -> str:
    """The mean and its interval."""
    low, high = plain(value.low, sign), plain(value.high, sign)
    return f"{plain(value.value, sign)} [{low}, {high}]"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column is words, the others are figures."""
    lines = [head, ["---", *(["---:"] * (len(head) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def section(title: str, *blocks: str) -> str:
    """A heading and what stands under it; nothing where there is nothing."""
    said = [block for block in blocks if block]
    return "\n\n".join([f"## {title}", *said]) if said else ""
