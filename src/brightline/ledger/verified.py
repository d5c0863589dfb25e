"""What a check has shown, what it has not, and what is wrong: sentences, and the facts under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["good", "open", "bad"]

NOT_TRUE = "That the records are true: somebody can record an untruth, and it stays recorded."
NOT_ALL = "That nothing was kept out of the ledger: what was never recorded leaves no trace."
NOT_KEY = "That the key belongs to the agency: compare it with a copy that you got in another way."
NOT_KEY_OWN = "That the key belongs to the agency: it came with what was checked; get it in another way, and give it with `--policy`."
NOT_SAME = "That everybody is shown the same ledger: only enough independent witnesses show that."


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome. `good`: all was shown. `open`: something could not be shown. `bad`: something is wrong."""

    target: str
    subject: Literal["ledger", "receipt"]
    verdict: Verdict
    shown: tuple[str, ...]
    open: tuple[str, ...]
    wrong: tuple[str, ...]
    unproved: tuple[str, ...]
    origin: str | None = None
    size: int | None = None
    root: str | None = None  # hexadecimal
    witnesses: Mapping[str, int] = field(
        default_factory=dict
    )  # name in the policy -> time of its cosignature (POSIX seconds)
    kinds: Mapping[str, int] = field(default_factory=dict)  # of a ledger: how many entries of each kind
    entry: Mapping[str, Any] | None = None  # of a receipt: index, kind, hour
    fields: Mapping[str, Any] | None = None  # of a receipt with a disclosure: what is shown of the content
    hidden: int = 0  # how many fields of the content are not shown
    evidence: tuple[str, ...] = ()  # signed checkpoints that contradict each other, as text

    @property
    def ok(self) -> bool:
        return self.verdict == "good"

    def as_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__slots__}
        return {k: dict(v) if isinstance(v, Mapping) else v for k, v in told.items()}


@dataclass(slots=True)
class Telling:
    """What has been found so far; each check adds its sentence."""

    shown: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    witnesses: dict[str, int] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)
    witnessed: bool = False
    own_key: bool = False  # the key came with what it was to check

    @property
    def verdict(self) -> Verdict:
        return "bad" if self.wrong else "open" if self.open else "good"

    def result(self, target: str, subject: Literal["ledger", "receipt"], **facts: Any) -> Verified:
        unproved = (
            NOT_TRUE,
            NOT_ALL,
            NOT_KEY_OWN if self.own_key else NOT_KEY,
            *(() if self.witnessed else (NOT_SAME,)),
        )
        return Verified(
            target,
            subject,
            self.verdict,
            tuple(self.shown),
            tuple(self.open),
            tuple(self.wrong),
            unproved,
            witnesses=self.witnesses,
            evidence=tuple(dict.fromkeys(self.evidence)),
            **facts,
        )
