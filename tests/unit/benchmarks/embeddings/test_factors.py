from typing import Any

from benchmarks.embeddings.claims import parted
from benchmarks.embeddings.factors import own_shares


def answer(**shares: dict[str, float] | None) -> dict[str, Any]:
    return {
        "factors": {
            factor: {
                "part": factor if factor != "size" else None,
                "row": {"shares": share and {p: interval(v) for p, v in share.items()}},
                "unit_parts": {"shares": None},
            }
            for factor, share in shares.items()
        }
    }


def interval(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


def test_a_factor_is_looked_for_in_the_part_of_its_name() -> None:
    said = answer(
        shape={"shape": 0.9, "colour": 0.1}, colour={"shape": 0.3, "colour": 0.7}, size={"shape": 1}
    )
    assert dict(own_shares(said)) == {"shape": interval(0.9), "colour": interval(0.7)}
    assert dict(own_shares(said, "unit_parts")) == {"shape": None, "colour": None}


def test_each_factor_has_its_own_verdict() -> None:
    said = answer(shape={"shape": 0.8, "colour": 0.2}, colour={"colour": 0.79}, texture=None)
    claims = parted({"drawn": {"default": said, "other": answer(shape={"shape": 0})}})
    assert [claim.verdict for claim in claims] == ["met", "not met", "not measured"]
    assert claims[0].measured == ".800 [.700, .900]"
    assert parted({"drawn": {"other": said}}) == []
