"""What the watch will not say: ten rules, each with its own exit code (9 + its number), the reason, and what would be needed.

Some are decided by the plan alone, before a number is read; the others by what the data and the results showed. A claim in the
plan's own words is judged by its words, in English and Spanish; a word that is missed here is still held back, because the
sentences of a result are made from what was found and never from the claim.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from brightline.watch.cut import Cut
from brightline.watch.plan import SHARES, Plan
from brightline.watch.result import Refusal
from brightline.watch.words import number, percent, say, when

FEWEST_EVENTS = 20
FEWEST_BEFORE = 24  # periods, for causal words
NEWEY_WEST = 30  # periods after
POISSON = 1.5  # dispersion
CLEAR_OF_DEFINITION = 6  # periods between a change of definition and the date, for a model to tell them apart

_CAUSAL = re.compile(
    r"\b(caus(e|es|ed|ing)\b|because\b|due to\b|led to\b|leads? to\b|result(s|ed)? (of|in|from)\b|as a result\b|thanks to\b"
    r"|driven by\b|drove\b|deterr?(s|ed)?\b|chilling effect|(?<!no )(?<!without )\b(effect|impact) of\b|made (people|them)\b"
    r"|(policy|law|order|operation)s? (raised|lowered|reduced|increased|cut|doubled)\b"
    r"|caus[óa]\w*|debido a|a causa de|por culpa de|provoc\w+|gracias a|(?<!sin )(efecto|impacto) de|hizo (subir|bajar|que))",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(not|no|nor|never|cannot|without|nothing)\b[^.;]{0,40}\b(caus\w+|because|effect of|impact of)", re.IGNORECASE
)
_REPORTING = re.compile(
    r"\breporting\b.{0,40}\b(f[ae]ll\w*|drop\w*|declin\w*|decreas\w*|went down|lower)\b"
    r"|\b(stop(s|ped)?|less likely to|afraid to|no longer|fewer (people|victims|residents))\b.{0,24}\b(report\w*|call(ing|ed|s)?)\b"
    r"|\b(report|call)(ed|ing)? (crimes? )?less\b"
    r"|dej(ó|aron|ar) de (denunciar|llamar)|denunci(an?|aron) menos|menos personas denunci\w+",
    re.IGNORECASE,
)
_NO_EFFECT = re.compile(
    r"\bno (effect|impact|influence)\b|\bno change\b(?! (larger|greater|of more|bigger|by more|could))|\bdid not (change|affect)\b"
    r"(?! by more)|\bunchanged\b|\bhad no\b|sin (efecto|cambio)|ning[úu]n (efecto|impacto|cambio)|no (cambi[óo]|afect[óo])",
    re.IGNORECASE,
)
_PEOPLE = (
    r"(undocumented|unauthorized|illegal|immigrants?|noncitizens?|non-citizens?|migrants?|latinos?|latinas?|hispanics?"
    r"|inmigrantes?|indocumentados?|migrantes?|hispanos?)"
)
_WILL_OF_PEOPLE = rf"\b(willingness|readiness|reluctance|fear|trust|behaviou?r) (of|among|in) {_PEOPLE}\b"
# A name has no verb of its own, and the headline gives it one. It says a cause where a connective leads to what was decided.
_DECIDED = r"\b(order|policy|law|rule|act|ban|raid|operation|sweep|crackdown|enforcement|redada|orden|ley|medida|operativo)s?\b"
_NAMED_CAUSE = re.compile(
    r"\bbecause of (which|that|it|them)\b"
    r"|\b(because of|due to|thanks to|as a result of|caused by|driven by|provoked by|debido a|a causa de|por culpa de|gracias a)\b"
    rf"[^.;]{{0,40}}{_DECIDED}|{_DECIDED}[^.;]{{0,30}}\b(scar|frighten|deter|asust|ahuyent)\w*",
    re.IGNORECASE,
)
_NAMED_REPORTING = re.compile(
    r"\b(willingness|readiness|reluctance|fear|afraid|scared) to (report|call)\b|\bunder-?report\w*"
    r"|\b(disposici[óo]n a|miedo a|temor a) (denunciar|llamar)",
    re.IGNORECASE,
)
_NAMED_PEOPLE = re.compile(
    rf"{_WILL_OF_PEOPLE}|\b(calls|reports|reporting|complaints|llamadas|denuncias) (by|from|de) {_PEOPLE}\b(?! (share|district|area|neighbou?rhood))",
    re.IGNORECASE,
)
_INDIVIDUAL = re.compile(
    rf"\b{_PEOPLE}\b(?! (share|district|area|neighbou?rhood|precinct|population share|residents? share))\s+"
    r"(people |residents |victims |women |men |cyclists )?(\w+ly )?"
    r"(call|report|stop|fear|were|are|was|is|avoid|came|got|did|dejaron|llam|denunci|fueron|son)\w*"
    rf"|\b(calls|reports|complaints|summonses|llamadas|denuncias) (by|from|of|against|to|de) {_PEOPLE}\b"
    r"(?! (share|district|area|neighbou?rhood|precinct))"
    rf"|{_WILL_OF_PEOPLE}"
    rf"|\bdid {_PEOPLE} (?!share|district|area|neighbou?rhood|precinct)"
    r"|\bimmigration status of\b|situaci[óo]n migratoria de",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Turned:
    """What turns the result over: one period or unit, or that there is only one."""

    what: str  # day, week, month, quarter, year, unit
    which: str
    ratio: float | None  # without it
    only: bool = False


@dataclass(frozen=True)
class Facts:
    """What the refusals after a run are decided by."""

    before: int
    after: int
    base_count: float | None  # the smaller of what was expected and what there was before
    dispersion: float | None
    placebo: bool
    controls: tuple[str, ...]
    moved: tuple[str, ...]  # controls that changed at the date
    blunt: tuple[str, ...]  # controls of which it is not known whether they moved as the outcome did
    pretrend: bool
    breakdown: float | None
    planned: bool
    answer: str
    trend_forms_differ: bool
    reporting_free: bool  # a measure that needs no report was estimated beside it
    turned: Turned | None


def by_plan(plan: Plan, language: str = "en") -> list[Refusal]:
    """What the plan alone rules out."""
    found: list[Refusal] = []
    claims = f"{plan.claims.if_significant} {plan.claims.if_not}"
    printed = printed_words(plan)
    if plan.policy.date_chosen_from == "data":
        found.append(found_in_data(language))
    if hidden := next((name for name in _names(plan) if _NAMED_CAUSE.search(name)), None):
        found.append(_refusal(1, language, "r1_name", "n1_name", name=hidden))
    estimators = (plan.primary, *plan.secondary)
    if plan.primary.estimator == "two_counts":
        found.append(_refusal(2, language, "r2_two", "n2_two"))
    if any(
        e.estimator == "twfe" or (e.estimator == "ppml_event_study" and len(set(e.dates.values())) > 1)
        for e in estimators
    ):
        found.append(_refusal(3, language))
    if plan.multiplicity.ranking == "raw":
        found.append(_refusal(6, language, "r6_ranking", "n6_ranking"))
    if _of_reporting(plan, printed) and not any(c.role == "reporting_free" for c in plan.controls):
        found.append(_refusal(4, language))
    areas = any(e.exposure or e.exposed for e in estimators) or plan.data.unit not in ("person", "people")
    asked = f"{plan.question} {claims}"
    if areas and (_INDIVIDUAL.search(asked) or any(_NAMED_PEOPLE.search(name) for name in _names(plan))):
        found.append(_refusal(9, language))
    for estimator in estimators:
        if estimator.estimator == "two_counts" and estimator.before and estimator.after:
            populations = [estimator.before.population, estimator.after.population]
            if plan.data.group and any(populations):
                populations.append(plan.data.group)
            if len(set(populations)) > 1:
                found.append(mixed([p or "?" for p in populations], language))
    if _NO_EFFECT.search(claims) and plan.hypothesis.smallest_effect_of_interest is None:
        found.append(_refusal(5, language, whole=False))
    return found


def printed_words(plan: Plan) -> list[str]:
    """Every text of the plan that a result prints: a claim can hide in what is counted as well as in the question."""
    told = (plan.question, plan.claims.if_significant, plan.claims.if_not, *_names(plan))
    return [words for words in told if words]


def _names(plan: Plan) -> list[str]:
    """What the plan calls things by. Sentences are made with these names, so they may claim nothing themselves."""
    data = plan.data
    named = [name for e in (plan.primary, *plan.secondary) for name in (e.control, e.denominator, e.units)]
    told = (
        data.counted,
        data.series,
        data.place,
        data.group,
        plan.policy.name,
        *(c.series for c in plan.controls),
        *named,
    )
    return [name for name in told if name]


def _of_reporting(plan: Plan, printed: Iterable[str]) -> bool:
    """Whether the plan says or asks that people report less, which reported crime alone cannot show."""
    if plan.data.measures in ("victimisation", "reporting_free"):
        return False
    # of calls it may be asked, and not claimed
    asks = {plan.question} if plan.data.measures == "citizen_calls" else set()
    if any(_NAMED_REPORTING.search(name) for name in _names(plan)):
        return True
    return any(_REPORTING.search(words) for words in printed if words not in asks)


def found_in_data(language: str = "en") -> Refusal:
    return _refusal(10, language)


def mixed(populations: Iterable[str], language: str = "en") -> Refusal:
    return _refusal(7, language, "r7_mixed", "n7_mixed", populations=", ".join(dict.fromkeys(populations)))


def by_data(plan: Plan, part: Cut, before: int, language: str = "en") -> list[Refusal]:
    """What the counts rule out before they are modelled. `before`: periods in front of the date that are compared."""
    found: list[Refusal] = []
    for change in part.changes:
        at = part.series.index(change.day)
        if at < part.at - before:
            continue  # outside of the stretch that is compared
        share = plan.primary.estimator in SHARES  # where no step of a form is modelled
        far = abs(at - part.at) >= CLEAR_OF_DEFINITION
        modelled = plan.data.definition_changes == "model" and far and not share
        if not modelled:
            day = when(change.day, "day", language)
            needed = "n7_same_day" if at == part.at else "n7_break"
            found.append(_refusal(7, language, "r7_break", needed, day=day, what=change.what))
    after = part.used[1]
    if plan.primary.inference == "newey_west":
        key = "r2_newey" if after < NEWEY_WEST else "r2_newey_long"
        found.append(_refusal(2, language, key, "n2", n=after))
    return found


def by_dispersion(plan: Plan, dispersion: float, language: str = "en") -> list[Refusal]:
    if plan.primary.inference == "poisson" and not dispersion <= POISSON:
        return [_refusal(2, language, "r2_poisson", "n2", ratio=number(dispersion, language, 2))]
    return []


def by_result(plan: Plan, facts: Facts, language: str = "en") -> list[Refusal]:
    """What may not be said of the result."""
    found: list[Refusal] = []
    if facts.base_count is not None and facts.base_count < FEWEST_EVENTS:
        found.append(_refusal(6, language, n=number(facts.base_count, language, 2)))
    if facts.turned is not None:
        key = "r8_only" if facts.turned.only else "r8"
        what = say(facts.turned.what, language)
        found.append(_refusal(8, language, key, "n8", whole=False, what=what, which=facts.turned.which))
    if _of_reporting(plan, printed_words(plan)) and not facts.reporting_free:
        found.append(_refusal(4, language))
    if wants_cause(plan):
        missing = lacking(plan, facts, language)
        if missing:
            found.append(_refusal(1, language, whole=False, missing="; ".join(missing)))
    smallest = plan.hypothesis.smallest_effect_of_interest
    if smallest is not None and facts.answer == "could not be told" and _NO_EFFECT.search(plan.claims.if_not):
        limit = say("limit_percent", language, percent=percent(smallest, language))
        found.append(_refusal(5, language, "r5_wide", "n5", whole=False, limit=limit))
    return found


def wants_cause(plan: Plan) -> bool:
    """Whether the plan asks for causal words, by its claim or in the words of its question and claims."""
    words = f"{plan.question} {plan.claims.if_significant}"
    return plan.hypothesis.claim == "causal" or _CAUSAL.search(_DENIED.sub(" ", words)) is not None


def lacking(plan: Plan, facts: Facts, language: str = "en") -> list[str]:
    """What stands between the result and causal words; empty when nothing does."""
    missing = []
    if not plan.policy.source:
        missing.append(say("m_date", language))
    if facts.before < FEWEST_BEFORE:
        missing.append(say("m_periods", language, n=facts.before))
    if not facts.placebo:
        missing.append(say("m_placebo", language))
    if facts.blunt:
        missing.append(say("m_blunt", language, control=", ".join(facts.blunt)))
    if not (facts.controls or facts.blunt or facts.moved):
        missing.append(say("m_control", language))
    if not facts.pretrend or facts.breakdown is None:
        missing.append(say("m_pretrend", language))
    elif not facts.breakdown >= 1:
        missing.append(say("m_bounds", language, mbar=number(facts.breakdown, language, 2)))
    if facts.moved:
        missing.append(say("m_moved", language, control=", ".join(facts.moved)))
    if facts.trend_forms_differ:
        missing.append(say("m_trend", language))
    if not facts.planned:
        missing.append(say("m_plan", language))
    if facts.answer not in ("rose", "fell"):
        missing.append(say("m_significant", language))
    return missing


def code(rule: int) -> int:
    return 9 + rule


def _refusal(
    rule: int, language: str, reason: str = "", needed: str = "", *, whole: bool = True, **parts: object
) -> Refusal:
    return Refusal(
        rule=rule,
        code=code(rule),
        name=say(f"rule_{rule}", language),
        reason=say(reason or f"r{rule}", language, **parts),
        needed=say(needed or f"n{rule}", language, **parts),
        whole=whole,
    )


def finite(value: float) -> float | None:
    """None for what could not be computed."""
    return float(value) if math.isfinite(value) else None
