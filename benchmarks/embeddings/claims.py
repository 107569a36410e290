"""What was asked for, what was measured, and whether that is met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.embeddings.factors import Said, own_shares
from benchmarks.embeddings.networks import DEFAULT, FROZEN
from benchmarks.embeddings.reconstructions import Redrawn
from benchmarks.embeddings.scores import Table, best
from benchmarks.embeddings.text import interval, plain
from embedder.evaluation.bootstrap import Interval

MIX = f"{FROZEN}+hsv"
BASELINES = (MIX, FROZEN, "hsv", "raw")
MOST_VALUES = 384
MOST_BYTES = 25_000_000


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of what was asked for."""

    what: str
    asked: str
    measured: str
    met: bool | None
    """None: it was not measured."""

    @property
    def verdict(self) -> str:
        """In words."""
        return {True: "met", False: "not met", None: "not measured"}[self.met]


def found(table: Table) -> list[Claim]:
    """How well the default model finds pictures."""
    if DEFAULT not in table:
        return [Claim("the default model", "all below", "there is none", None)]
    default, mix, frozen = table[DEFAULT], table[MIX], table[FROZEN]
    street = best(table, BASELINES, "street")
    return [
        gain("luma: R@1 over " + MIX, 0.05, default["luma"].over(mix["luma"])),
        reached("clothing: mAP@10", 0.65, default["clothing"].interval),
        gain(
            f"studio: mAP@10 by articleType over {FROZEN}",
            0.10,
            default["articleType"].over(frozen["articleType"]),
        ),
        gain(
            f"studio: P@10 by baseColour, colour part alone, over {FROZEN}",
            0.10,
            default["baseColour"].over(frozen["baseColour"]),
        ),
        gain(
            f"street to shop: R@1 over the best baseline ({street.contender})",
            0.20,
            default["street"].over(street),
        ),
    ]


def reached(what: str, floor: float, value: Interval) -> Claim:
    """A mean that has to be so high."""
    return Claim(what, f"≥ {plain(floor)}", interval(value), value.value >= floor)


def gain(what: str, floor: float, value: Interval) -> Claim:
    """A paired difference that has to be so large; a point is a hundredth."""
    return Claim(
        what, f"≥ {100 * floor:g} points", interval(value, sign=True), value.value >= floor
    )


def served(figures: Mapping[str, Any]) -> list[Claim]:
    """What `forms` and `speed` measured of the default model; what they did not is None."""
    ratio, loss = figures.get("ratio"), figures.get("int8_loss")
    apart, values, size = figures.get("batch"), figures.get("dim"), figures.get("bytes")
    return [
        _at_least("pictures/s, form served, over eager ResNet-50", 10, ratio),
        Claim(
            "clothing: mAP@10 of f32 less that of int8",
            "≤ 0.5 points",
            "-" if loss is None else interval(loss, sign=True),
            None if loss is None else loss.value <= 0.005,
        ),
        _at_most("a picture in a batch and alone, largest difference", 1e-4, apart),
        _at_most("values in a vector", MOST_VALUES, values),
        _at_most("bytes of the model's folder", MOST_BYTES, size),
    ]


def parted(said: Mapping[str, Mapping[str, Said]]) -> list[Claim]:
    """Of what one factor changes in the default's rows, as they are served, its part has most."""
    return [
        _share(f"{title}: of what {factor} changes, in its part", share)
        for title, by_network in said.items()
        for factor, share in own_shares(by_network.get(DEFAULT, {"factors": {}}))
    ]


def _share(what: str, share: Mapping[str, float] | None) -> Claim:
    if share is None:
        return Claim(what, "≥ .800", "-", None)
    return reached(what, 0.8, Interval(share["value"], share["low"], share["high"]))


def drawn(found: Sequence[Redrawn]) -> list[Claim]:
    """How true CBIR-GAN's reconstructions are: the mean over the test sets."""
    what, asked = "CBIR-GAN: PSNR of reconstructions, never trained on", "≥ 20 dB"
    for each in found:
        if each.name == "cbir_gan":
            mean = sum(float(values.mean()) for values in each.psnr.values()) / len(each.psnr)
            return [Claim(what, asked, f"{mean:.1f} dB", mean >= 20)]
    return [Claim(what, asked, "-", None)]


def _at_least(what: str, floor: float, value: float | None) -> Claim:
    said = "-" if value is None else f"{value:.1f} ×"
    return Claim(what, f"≥ {floor:g} ×", said, None if value is None else value >= floor)


def _at_most(what: str, ceiling: float, value: float | None) -> Claim:
    said = "-" if value is None else f"{value:,.3g}" if value < 1 else f"{value:,.0f}"
    asked = f"≤ {ceiling:,g}" if ceiling < 1 else f"≤ {ceiling:,.0f}"
    return Claim(what, asked, said, None if value is None else value <= ceiling)
