"""What the page asks: the loopholes of the law as it is, and what the text of a reform does to them.

One question is answered at a time. A question that its page has replaced by a newer one gives way to it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import Any

from brightline.contact.schema import Contact
from brightline.lab.draft import laid_over
from brightline.law.pack import Law, Pack
from brightline.law.tree import Amendment, FactIs
from brightline.reason import say
from brightline.reason.explain import plain_verdict, verdict_words
from brightline.reason.prove.closed import Closure, Fate, Step, closed
from brightline.reason.prove.loopholes import Loophole, Loopholes, known_action, loopholes, places, true_purpose
from brightline.reason.prove.setting import Setting, settings
from brightline.reason.prove.told import closure_json, loopholes_json, story, title
from brightline.reason.prove.witness import NoContact, as_data, decided
from brightline.reason.speech import _

MOST_KEPT = 64  # loopholes of the law as it is, one entry an act
MOST_PROVEN = 12  # answers about a text: enough for undo and redo, the other language and the brief
MOST_PAGES = 200

Asker = tuple[str, int]  # a page and the number of its question


class Refused(Exception):
    """A question that cannot be answered as it was put; its text says why and what to do."""


class Superseded(Exception):
    """The page has asked something newer meanwhile."""


@dataclass(frozen=True)
class Question:
    """Which act, under which pack, for which true purpose."""

    pack: str
    action: str
    purpose: str


@dataclass(frozen=True)
class Proven:
    """An answer, with the law as amended."""

    closure: Closure
    law: Law
    reform: Pack
    before: Loopholes


class Lab:
    """The law on one day, with what was already found out about it."""

    def __init__(self, law: Law, pack: str, day: date) -> None:
        self.law, self.pack, self.day = law, law.chosen([pack])[0], day
        self._one_at_a_time = Lock()
        self._before: OrderedDict[Question, Loopholes] = OrderedDict()
        self._proven: OrderedDict[tuple[str, Question], Proven] = OrderedDict()
        self._newest: OrderedDict[str, int] = OrderedDict()

    def question(self, asked: dict[str, str]) -> Question:
        """The question in what was sent. Raises LawError with the nearest names."""
        pack = asked.get("law") or self.pack
        self.law.chosen([pack])
        action = known_action(self.law.vocabulary, asked.get("action", ""))
        purpose = asked.get("purpose") or "civil_immigration"
        true_purpose(self.law.vocabulary, purpose)
        return Question(pack, action, purpose)

    def before(self, q: Question, asker: Asker | None = None) -> Loopholes:
        """The loopholes of the law as it is."""
        with self._turn(asker) as still:
            return self._loopholes(q, still)

    def prove(self, text: str, q: Question, asker: Asker | None = None) -> Proven:
        """What the text does to each loophole. Raises LawError for a mistake in it, and Refused for another pack's."""
        law, reform = laid_over(self.law, text)
        if reform.under != q.pack:
            said = _(
                "This reform amends {its}, and the law chosen is {chosen}. Choose {its}, or write `amends: {chosen}`."
            )
            raise Refused(said.format(its=reform.under, chosen=q.pack))
        with self._turn(asker) as still:
            found = self._proven.get((text, q))
            if found is None:
                before = self._loopholes(q, still)
                closure = closed(before, law, reform, self._purpose(q), progress=still)
                found = Proven(_named(closure, law, reform), law, reform, before)
                _keep(self._proven, (text, q), found, MOST_PROVEN)
            return found

    def _loopholes(self, q: Question, still: Callable[[int, int], None]) -> Loopholes:
        found = self._before.get(q)
        if found is None:
            asked = places(self.law, [q.pack], self.day, [q.action])
            found = loopholes(asked, self._purpose(q), progress=still)
            _keep(self._before, q, found, MOST_KEPT)
        return found

    def _purpose(self, q: Question) -> FactIs:
        return true_purpose(self.law.vocabulary, q.purpose)

    @contextmanager
    def _turn(self, asker: Asker | None) -> Iterator[Callable[[int, int], None]]:
        """Wait for one's turn; the callable raises Superseded when the page no longer waits for the answer."""
        page, number = asker or ("", 0)
        if page:
            _keep(self._newest, page, max(number, self._newest.get(page, 0)), MOST_PAGES)

        def still(done: int, total: int) -> None:
            if page and self._newest.get(page, number) > number:
                raise Superseded

        with self._one_at_a_time:
            still(0, 0)
            yield still


def _keep(store: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    """Put it in as the newest; the oldest goes when there are too many."""
    store.pop(key, None)
    store[key] = value
    while len(store) > most:
        store.popitem(last=False)


# --- clauses that closed it by going away ------------------------------------------------------------


def _named(closure: Closure, law: Law, reform: Pack) -> Closure:
    """Every clause that closes something under a name: an exception repealed is found in the old law only."""
    by = repealed(law, reform)
    return replace(closure, fates=tuple(_with_names(f, by) for f in closure.fates)) if by else closure


def repealed(law: Law, reform: Pack) -> tuple[str, ...]:
    """The clauses that the reform repeals, as they are cited."""
    changes = [a for s in reform.sections.values() for a in s.statements if isinstance(a, Amendment)]
    said = _("{clause}, repealed")
    return tuple(dict.fromkeys(said.format(clause=law.cite(a.target)) for a in changes if a.change == "repeal"))


def _with_names(f: Fate, by: tuple[str, ...]) -> Fate:
    def name(step: Step) -> Step:
        return replace(step, clause="; ".join(by)) if step.what == "clause" and not step.clause else step

    clauses = tuple(dict.fromkeys(c for known in f.by for c in ((known,) if known else by)))
    return replace(f, by=clauses, proof=tuple(name(s) for s in f.proof))


# --- as data -----------------------------------------------------------------------------------------


def before_json(found: Loopholes, purpose: str) -> dict[str, Any]:
    """The loopholes of the law as it is, counted, with the agencies as people call them."""
    told = loopholes_json(found, purpose)
    for data, x in zip(told["loopholes"], found.found, strict=True):
        data |= _named_for_people(x)
        del data["witness_file"]
    return {**told, "counts": counts(found)}


def counts(found: Loopholes) -> dict[str, int]:
    """How many there are, and of which kind."""
    kinds = [x.kind for x in found.found]
    return {"all": len(kinds), **{k: kinds.count(k) for k in ("exception", "misstatement")}}


def proven_json(p: Proven) -> dict[str, Any]:
    """The answer about a text: what `prove closed --json` prints, and what the page shows beside it."""
    told = closure_json(p.closure)
    for data, f in zip(told["loopholes"], p.closure.fates, strict=True):
        data |= _named_for_people(f.loophole)
    v = p.law.vocabulary
    for data, o in zip(told["opened"], p.closure.openings, strict=True):
        said = _("{clause} no longer bars {agency} to do this: {act}.")
        data["said"] = said.format(
            clause=o.clause, agency=say.actor(o.setting.actor, v), act=say.action(o.setting.action, v)
        )
    return {**told, "before": counts(p.before), "contacts": contacts(p)}


def _named_for_people(x: Loophole) -> dict[str, Any]:
    v = x.setting.vocabulary
    clauses = [x.clause, *x.through] if x.how == "exception" else [x.clause]
    return {"agencies": [say.actor(a, v) for a in x.actors], "clauses": list(dict.fromkeys(clauses))}


def contacts(p: Proven) -> list[dict[str, Any]]:
    """The contacts that change: those that came through a loophole, and those that the reform bars besides."""
    twins = _Twins(p)
    told: list[dict[str, Any]] = []
    for f in p.closure.fates:
        if f.status in ("closed", "moved") and f.loophole.witness is not None:
            told += twins.compared(f.status, title(f.loophole), f.loophole.witness, f.loophole.setting)
    for c in p.closure.costs:
        told += twins.compared("cost", c.clause, c.witness, c.setting)
    for o in p.closure.openings:
        told += twins.compared("opened", o.clause, o.witness, o.setting)
    return told


class _Twins:
    """Each setting under the law as it is and as it would be: made once, for many contacts."""

    def __init__(self, p: Proven) -> None:
        self.law, self.levels = p.law, p.law.levels(p.reform.id)
        self.packs = p.before.settings[0].packs if p.before.settings else ()
        self._made: dict[tuple[Any, ...], tuple[Setting, Setting] | None] = {}

    def compared(self, why: str, about: str, contact: Contact, setting: Setting) -> list[dict[str, Any]]:
        """One contact with its verdict before and after; nothing where a law cannot judge it."""
        both = self._both(setting)
        if both is None:
            return []
        try:
            verdicts = [_verdict(contact, s) for s in both]
        except NoContact:
            return []
        return [
            {
                "why": why,
                "about": about,
                "contact": as_data(contact),
                "story": story(contact, both[1])[:-1],  # the verdicts stand beside it
                "before": verdicts[0],
                "after": verdicts[1],
            }
        ]

    def _both(self, s: Setting) -> tuple[Setting, Setting] | None:
        key = (s.actor, s.action, s.choice)
        if key not in self._made:
            made = [self._one(packs, s) for packs in (self.packs, self.levels)]
            self._made[key] = (made[0], made[1]) if made[0] and made[1] else None
        return self._made[key]

    def _one(self, packs: Sequence[str], s: Setting) -> Setting | None:
        return next(iter(settings(self.law, packs, s.day, s.actor, s.action, s.choice)), None)


def _verdict(contact: Contact, setting: Setting) -> dict[str, str]:
    d = decided(contact, setting)
    said = plain_verdict(d.verdict, d.deciding, d.findings, d.by_choice)
    return {"verdict": d.verdict, "word": verdict_words(d.verdict), "said": said}
