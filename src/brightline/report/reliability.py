"""How often a purpose that an office stated came true: what became of the grants to each requesting office."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from brightline.reason.speech import _, several
from brightline.report.about import ReportError

OUTCOMES = ("charge", "conviction", "civil_immigration_custody", "nothing", "unknown")
Z = NormalDist().inv_cdf(0.975)  # of a two-sided interval of 95 %


@dataclass(frozen=True, slots=True)
class Reliability:
    """What became of the grants to one office for a stated crime, as counts."""

    office: str
    charge: int = 0
    conviction: int = 0
    civil_immigration_custody: int = 0
    nothing: int = 0
    unknown: int = 0

    @property
    def criminal(self) -> int:
        """Grants that ended in a charge or a conviction."""
        return self.charge + self.conviction

    @property
    def known(self) -> int:
        return self.criminal + self.civil_immigration_custody + self.nothing

    @property
    def grants(self) -> int:
        return self.known + self.unknown

    @property
    def share(self) -> float | None:
        """Criminal outcomes among the *known* ones, 0 to 1; None where none is known."""
        return self.criminal / self.known if self.known else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval of `share`; None where no outcome is known."""
        return wilson(self.criminal, self.known) if self.known else None

    @property
    def unknown_share(self) -> float | None:
        """Unknown outcomes among all grants, 0 to 1; None without a grant."""
        return self.unknown / self.grants if self.grants else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The share among all grants if no unknown outcome was criminal, and if every one was; None without a grant."""
        if not self.grants:
            return None
        return self.criminal / self.grants, (self.criminal + self.unknown) / self.grants


def reliability(rows: Iterable[tuple[str, str | None]]) -> tuple[Reliability, ...]:
    """Counts by requesting office, sorted by office, from rows of (office, outcome); an outcome of None is unknown.

    Raises ReportError for an outcome that is none of `OUTCOMES`: it is neither counted nor taken for unknown.
    """
    counts: dict[str, dict[str, int]] = {}
    for office, outcome in rows:
        told = "unknown" if outcome is None else outcome
        if told not in OUTCOMES:
            raise ReportError(f"`{told}` is no outcome of a grant; there are {', '.join(OUTCOMES)}")
        mine = counts.setdefault(office.strip(), dict.fromkeys(OUTCOMES, 0))
        mine[told] += 1
    return tuple(Reliability(office, **counts[office]) for office in sorted(counts, key=lambda o: (o.casefold(), o)))


def wilson(found: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a share, 0 to 1, without correction for continuity.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927), 209-212. ValueError unless 0 <= found <= of and of > 0.
    """
    if not 0 <= found <= of or of == 0:
        raise ValueError(f"there is no share of {found} in {of}")
    middle = (found + Z**2 / 2) / (of + Z**2)
    half = Z / (of + Z**2) * sqrt(found * (of - found) / of + Z**2 / 4)
    # At the ends one bound is exactly 0 or 1, which the sum of two floats may miss.
    return 0.0 if found == 0 else middle - half, 1.0 if found == of else middle + half


def sentence(found: Reliability) -> str:
    """What the decision page says of an office, in the language that is spoken now."""
    if not found.grants:
        return _("No grant to this office for a stated crime is recorded.")
    grants = several(
        "Of {count} grant to this office for a stated crime,",
        "Of {count} grants to this office for a stated crime,",
        found.grants,
    )
    if found.share is None or found.interval is None:
        return grants + " " + _("no outcome is known.")
    known = several("{count} outcome is known:", "{count} outcomes are known:", found.known)
    low, high = found.interval
    share = _("({share} %, 95 % interval {low} to {high} %)").format(
        share=_whole(found.share), low=_whole(low), high=_whole(high)
    )
    ended = several(
        "{count} ended in a charge or a conviction", "{count} ended in a charge or a conviction", found.criminal
    )
    custody = several(
        "{count} in civil immigration custody", "{count} in civil immigration custody", found.civil_immigration_custody
    )
    nothing = several("{count} in nothing", "{count} in nothing", found.nothing)
    told = f"{grants} {known} {ended} {share}; {custody}; {nothing}."
    if found.unknown:
        told += " " + several("{count} is not known.", "{count} are not known.", found.unknown)
    return told


def bounds_sentence(found: Reliability) -> str:
    """What the unknown outcomes could change; empty where there is none."""
    if not found.unknown or found.bounds is None:
        return ""
    low, high = found.bounds
    return _(
        "If all unknown outcomes had gone one way, between {low} % and {high} % of the grants would have ended in a "
        "charge or a conviction."
    ).format(low=_whole(low), high=_whole(high))


def _whole(share: float) -> str:
    """A percentage without its sign: 0 or 100 only when it is exactly that."""
    percent = 100 * share
    if 0 < percent < 1:
        return _("under 1")
    if 99 < percent < 100:
        return _("over 99")
    return f"{percent:.0f}"
