"""How many people may newly be exposed: a chain of factors, each with its range and its source.

Excess summonses x people per summons x share of noncitizens x the steps by which a summons becomes visible to federal
officers (a fingerprint, a warrant, a missed court date). The chain counts people who are exposed to a contact. It says
nothing of what is done with the contact, and nothing of any one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from brightline.watch.distributions import beta_quantile, normal_quantile
from brightline.watch.panel import Floats
from brightline.watch.problems import WatchError
from brightline.watch.words import number, say

Shape = Literal["fixed", "uniform", "triangular", "interval"]
Kind = Literal["count", "share"]
Overlap = Literal["independent", "nested", "disjoint"]
_Z = float(normal_quantile(0.975))
_DRAWS = 100_000


@dataclass(frozen=True)
class Factor:
    """One factor of the chain, from `low` to `high`, with `middle` in between.

    `shape` says what the range is: all values alike (`uniform`), most likely in the middle (`triangular`), a 95 %
    interval around an estimate (`interval`: log-normal for a positive count, normal where the range reaches zero, beta
    for a share), or one number (`fixed`). `kind` is `count` (any size) or `share` (0 to 1). The source is obligatory.
    """

    name: str
    low: float
    middle: float
    high: float
    source: str
    shape: Shape = "triangular"
    kind: Kind = "share"

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise WatchError("A factor of the chain has no name.")
        if not self.source.strip():
            raise WatchError(
                f"The factor `{self.name}` has no source. Name the publication, the table and the date it was read; "
                "a number that nobody stands behind cannot enter the chain."
            )
        if self.shape not in ("fixed", "uniform", "triangular", "interval") or self.kind not in ("count", "share"):
            raise WatchError(
                f"The factor `{self.name}`: the shape is fixed, uniform, triangular or interval, "
                "and the kind is count or share."
            )
        ends = (self.low, self.middle, self.high)
        if not np.isfinite(ends).all() or not self.low <= self.middle <= self.high:
            raise WatchError(
                f"The factor `{self.name}` needs a range: low, middle and high in this order "
                f"(it has {self.low:g}, {self.middle:g}, {self.high:g})."
            )
        if self.kind == "share" and not (self.low >= 0 and self.high <= 1):
            raise WatchError(
                f"The factor `{self.name}` is a share, from 0 to 1; its range is {self.low:g} to {self.high:g}."
            )
        if (self.shape == "fixed") != (self.low == self.high):
            raise WatchError(
                f"The factor `{self.name}`: a fixed factor is one number, and any other needs a range; "
                f"it is {self.shape} from {self.low:g} to {self.high:g}."
            )

    def at(self, u: Floats) -> Floats:
        """The quantile of the factor at each u in (0, 1)."""
        match self.shape:
            case "fixed":
                return np.full_like(u, self.middle)
            case "uniform":
                return self.low + (self.high - self.low) * u
            case "triangular":
                width, left = self.high - self.low, self.middle - self.low
                turn = left / width
                rising = self.low + np.sqrt(u * width * left)
                falling = self.high - np.sqrt((1 - u) * width * (self.high - self.middle))
                return np.where(u < turn, rising, falling)
            case "interval":
                return self._interval(u)

    def _interval(self, u: Floats) -> Floats:
        z = normal_quantile(u)
        if self.kind == "share":
            # The beta with this mean and the standard deviation of the interval
            mean = min(max(self.middle, 1e-9), 1 - 1e-9)
            spread = (self.high - self.low) / (2 * _Z)
            size = max(mean * (1 - mean) / spread**2 - 1, 1e-3)
            grid = np.linspace(0.0005, 0.9995, 1000)
            return np.interp(u, grid, beta_quantile(grid, mean * size, (1 - mean) * size))
        if self.low > 0:
            # Two halves, so that both ends and the middle are met
            down, up = np.log(self.middle / self.low) / _Z, np.log(self.high / self.middle) / _Z
            return np.asarray(self.middle * np.exp(np.where(z < 0, down, up) * z))
        down, up = (self.middle - self.low) / _Z, (self.high - self.middle) / _Z
        return np.asarray(self.middle + np.where(z < 0, down, up) * z)


@dataclass(frozen=True)
class Bar:
    """One bar of the tornado: people exposed with this factor at its 5 % and 95 % point and the others in the middle."""

    factor: str
    at_low: float
    at_high: float
    low: float  # the factor itself
    high: float
    source: str

    @property
    def width(self) -> float:
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Exposure:
    """People newly exposed in the period that the first factor is of."""

    middle: float  # median
    low: float
    high: float
    level: float
    could_be_none: bool  # the interval reaches zero
    tornado: tuple[Bar, ...]  # widest first
    factors: tuple[Factor, ...]
    overlap: Overlap
    draws: Floats

    def sentence(self, language: str = "en") -> str:
        """What was found, in words for a reader, with two leading digits: more would be false precision."""
        low = say("none_at_all", language) if self.could_be_none else number(self.low, language, 2)
        told = say(
            "exposed", language, low=low, high=number(self.high, language, 2), middle=number(self.middle, language, 2),
            percent=f"{100 * self.level:.0f}",
        )  # fmt: skip
        widest = say("exposed_widest", language, factor=self.tornado[0].factor) if self.tornado else ""
        return " ".join(part for part in (told, widest, say("exposed_means", language)) if part)


def excess(
    before: float,
    ratio: float,
    low: float,
    high: float,
    source: str,
    name: str = "excess summonses",
    level: float = 0.95,
) -> Factor:
    """The first factor from an interrupted series: `before` expected events, and the rate ratio with its interval.

    A factor's interval is one of 95 %; an interval of another `level` is stretched to that, by the normal on the log scale.
    """
    if not before > 0 or not 0 < low <= ratio <= high:
        raise WatchError(
            f"The excess needs a count above zero without the change, and a ratio inside its interval; they are "
            f"{before:g}, {ratio:g} and {low:g} to {high:g}."
        )
    shape: Shape = "fixed" if low == high else "interval"
    stretch = _Z / float(normal_quantile(0.5 + level / 2))
    low, high = ratio * (low / ratio) ** stretch, ratio * (high / ratio) ** stretch
    return Factor(name, before * (low - 1), before * (ratio - 1), before * (high - 1), source, shape, "count")


def chain(
    factors: Sequence[Factor],
    routes: Sequence[Sequence[Factor]] = (),
    *,
    overlap: Overlap = "independent",
    draws: int = _DRAWS,
    seed: int = 0,
    level: float = 0.95,
) -> Exposure:
    """Multiply the factors; then the share who are exposed by at least one route, each route the product of its steps.

    `overlap` of the routes is not known from their shares: `independent`, `nested` (the smaller within the larger, the
    fewest people) or `disjoint` (the most). Monte Carlo with `draws` runs; factors are drawn independently.
    Raises WatchError for a factor without a source or a range, a factor twice, and a chain without a count.
    """
    told = (*factors, *(step for route in routes for step in route))
    if not factors or factors[0].kind != "count":
        raise WatchError("The chain begins with a count: the excess summonses, with their interval.")
    if any(not route for route in routes):
        raise WatchError("A route of the chain has no steps.")
    if any(step.kind != "share" for route in routes for step in route):
        raise WatchError("Each step of a route is a share of people, from 0 to 1.")
    names = [f.name for f in told]
    twice = {n for n in names if names.count(n) > 1}
    for name in sorted(twice):
        if len({f for f in told if f.name == name}) > 1:
            raise WatchError(f"Two factors are called `{name}` and differ; give each its own name.")
    if overlap not in ("independent", "nested", "disjoint"):
        raise WatchError("Routes overlap as `independent`, `nested` or `disjoint`.")
    if draws < 1000:
        raise WatchError(f"{draws} runs are too few for an interval; use at least 1,000.")
    unique = tuple(dict.fromkeys(told))  # a factor that stands on two routes is drawn once
    uniform = np.random.default_rng(seed).uniform(size=(len(unique), draws))
    values = {f: f.at(u) for f, u in zip(unique, uniform, strict=True)}
    people = np.maximum(_product(factors, routes, values, overlap), 0)
    tail = (1 - level) / 2
    low, middle, high = (float(v) for v in np.quantile(people, [tail, 0.5, 1 - tail]))
    ends = np.array([0.05, 0.5, 0.95])
    points = {f: f.at(ends) for f in unique}
    bars = []
    for f in unique:
        if f.shape == "fixed":
            continue
        at = {g: points[g][[0, 2]] if g is f else points[g][[1, 1]] for g in unique}
        one = np.maximum(_product(factors, routes, at, overlap), 0)
        bars.append(Bar(f.name, float(one[0]), float(one[1]), float(points[f][0]), float(points[f][2]), f.source))
    return Exposure(
        middle=middle,
        low=low,
        high=high,
        level=level,
        could_be_none=low <= 0,
        tornado=tuple(sorted(bars, key=lambda b: -b.width)),
        factors=unique,
        overlap=overlap,
        draws=people,
    )


def _product(
    factors: Sequence[Factor], routes: Sequence[Sequence[Factor]], values: dict[Factor, Floats], overlap: Overlap
) -> Floats:
    size = len(values[factors[0]])
    people = np.ones(size)
    for f in factors:
        people = people * values[f]
    if not routes:
        return people
    shares: NDArray[np.float64] = np.stack([np.prod([values[step] for step in route], axis=0) for route in routes])
    match overlap:
        case "independent":
            reached = 1 - np.prod(1 - shares, axis=0)
        case "nested":
            reached = shares.max(axis=0)
        case "disjoint":
            reached = np.minimum(shares.sum(axis=0), 1)
    return np.asarray(people * reached)
