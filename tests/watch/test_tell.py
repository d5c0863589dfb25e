"""What is said: the words depend on what was shown, in English and Spanish, for a reader of sixteen."""

from __future__ import annotations

import re
from datetime import date
from string import Formatter
from typing import Any

import pytest

from brightline.watch.result import Result
from brightline.watch.run import UNLOGGED, Standing, run
from brightline.watch.words import SENTENCES, number, percent, say, signed_percent, when
from tests.law.test_vocabulary_words import ease, grade
from tests.watch.invented import counts, loaded, plan, series
from tests.watch.reading import age

PLANNED = Standing(True, "", 2)
OTHERS = ("other",)


def ran(ratio: float, language: str = "en", standing: Standing = PLANNED, seed: int = 1, **changes: Any) -> Result:
    other = series(counts(seed=5), name="other")
    changes = {"controls": [{"series": "other"}], **changes}
    return run(plan(changes), loaded(series(counts(ratio, seed=seed)), other), language=language, standing=standing)


def test_a_rise_coincides() -> None:
    result = ran(10.7)
    assert result.sentences[0] == result.headline
    assert re.match(
        r"Summonses in Exampleville rose after 28 April 2025, to 1\d(\.\d)? times what was expected\.", result.headline
    )
    assert "coincides with an invented order" in result.headline
    assert "This does not show a cause. Other things may have changed at the same time." in result.sentences
    assert not re.search(r"\b(because|caused|led to|raised)\b", " ".join(result.sentences))


def test_a_fall_is_told_in_percent() -> None:
    headline = ran(0.3).headline
    assert re.match(
        r"Summonses in Exampleville fell after 28 April 2025, to (6|7)\d percent below what was expected\.", headline
    )


def test_what_could_not_be_told_says_what_would_have_been_seen() -> None:
    result = run(plan(), loaded(series(counts(mean=30, size=3.0))), standing=PLANNED)
    assert result.answer == "could not be told" and result.headline.startswith("It could not be told whether")
    assert any("was likely to be seen" in s for s in result.sentences)
    assert not re.search(r"\b(rose|fell|no effect|no change)\b", result.headline)


def test_a_planned_result_says_so_and_an_unplanned_one_says_why() -> None:
    assert say("planned", "en") in ran(3.0).sentences
    unplanned = ran(3.0, standing=UNLOGGED)
    assert say("planned", "en") not in unplanned.sentences
    assert any(s.startswith("EXPLORATORY") and "no plan was logged" in s for s in unplanned.sentences)


def test_only_a_shown_cause_is_called_one() -> None:
    result = ran(10.7, hypothesis__claim="causal")
    assert result.words == "causal" and "raised" in result.headline and "coincides" not in result.headline


def test_spanish_says_the_same() -> None:
    english, spanish = ran(10.7), ran(10.7, "es")
    assert len(english.sentences) == len(spanish.sentences)
    assert "Esto coincide con" in spanish.headline and "28 de abril de 2025" in spanish.headline
    assert re.search(r"a 1\d(,\d)? veces", spanish.headline)
    left = [s for s in spanish.sentences if re.search(r"\b(the|and|was|of|this)\b", s.replace("an invented order", ""))]
    assert left == []


def test_both_languages_have_the_same_parts() -> None:
    def parts(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    optional = {"what"}  # Spanish says `dato` where English names the period
    wrong = [k for k, (en, es) in SENTENCES.items() if (parts(en) - optional) != (parts(es) - optional)]
    assert wrong == []


@pytest.mark.parametrize("ratio, changes", [(10.7, {}), (1.0, {}), (0.4, {}), (10.7, {"policy__date_chosen_from": "data"}),
                                            (10.7, {"hypothesis__claim": "causal"})])  # fmt: skip
def test_a_reader_of_sixteen_understands_it(ratio: float, changes: dict[str, Any]) -> None:
    told = ran(ratio, **changes).sentences
    assert age(told) <= 16, told


def test_refusals_and_flags_are_readable_too() -> None:
    """Each sentence of the table by itself, with short words for its parts; one alone may be a little harder than all."""
    hard = []
    for key, (english, _) in SENTENCES.items():
        parts = {name: "ten" for _, name, _, _ in Formatter().parse(english) if name}
        texts = [t for t in re.split(r"(?<=[.:;]) ", english.format(**parts)) if t]
        if len(english.split()) >= 8 and grade(*texts) > 13:
            hard.append((key, grade(*texts)))
    assert hard == []


def test_spanish_is_as_easy() -> None:
    assert ease(*ran(10.7, "es").sentences) >= 60


@pytest.mark.parametrize(
    "value, english, spanish",
    [(10.66, "10.7", "10,7"), (6000, "6,000", "6.000"), (0.0341, "0.0341", "0,0341"), (1, "1", "1"), (0, "0", "0")],
)
def test_numbers_are_written_as_readers_write_them(value: float, english: str, spanish: str) -> None:
    assert (number(value, "en"), number(value, "es")) == (english, spanish)


def test_percentages_and_days() -> None:
    assert (percent(1.3, "en"), percent(0.7, "en"), signed_percent(0.7, "en")) == ("30", "30", "−30")
    assert when(date(2025, 5, 1), "month", "es") == "mayo de 2025"
    assert when(date(2025, 4, 1), "quarter", "en") == "quarter 2 of 2025"


def test_many_controls_are_one_sentence() -> None:
    others = [series(counts(seed=20 + i), name=f"other {i}") for i in range(6)]
    controls = [{"series": o.name} for o in others]
    result = run(plan(controls=controls), loaded(series(counts(10.7)), *others), standing=PLANNED)
    said = [s for s in result.sentences if "should not touch" in s]
    assert len(said) == 1 and "(6)" in said[0]
