"""The mistakes that lawyers make in the norm language: each gets its place, a sentence and a remedy."""

from pathlib import Path

import pytest

from brightline.law.pack import load
from brightline.law.problems import LawError

VOCABULARY = """
```vocabulary
actor nypd "the police" in us-test
action hold_past_release "hold a person"
fact judicial_warrant: yes or no
fact watchlist_match: yes or no
fact years_since_conviction: number of years
fact request: one of detainer, letter
fact arrest_date: date
record judgment
  offense_class: one of violent, other
```
"""
HEAD = """---
id: us-test/one
title: One
citation: Test Code § 1
in_force: 2014-12-14 ..
sources: []
reviewed: not reviewed by counsel
---

### b — a clause

> The text of the clause.

```norm
"""


def problems(tmp_path: Path, norm: str) -> list[str]:
    root = tmp_path / "laws"
    (root / "us-test").mkdir(parents=True)
    (root / "vocabulary.md").write_text(VOCABULARY)
    (root / "us-test" / "pack.md").write_text("---\npack: us-test\ntitle: Test\n---\n")
    (root / "us-test" / "one.md").write_text(HEAD + norm + "\n```\n")
    try:
        load(root)
    except LawError as error:
        return [str(p) for p in error.problems]
    return []


B = "b forbids hold_past_release by nypd\n  "
MISTAKES = {
    "a misspelt fact": (B + "when watchlst_match", "nobody declares the fact `watchlst_match`", "did you mean `watchlist_match`?"),
    "two conditions side by side": (B + "when judicial_warrant watchlist_match", "two conditions stand side by side", "join them with `and` or `or`"),
    "capital letters": (B + "when judicial_warrant AND watchlist_match", "`AND` must be written in small letters", "write `and`"),
    "a sign of programmers": (B + "when judicial_warrant && watchlist_match", "`&&` is no word of this language", "write `and`"),
    "an unclosed bracket": (B + "when (judicial_warrant and watchlist_match", "this bracket is never closed", "add `)`"),
    "a number in words": (B + "when years_since_conviction at most five years", "expected a number in figures, but found `five`", "write `5`"),
    "a number as yes or no": (B + "when years_since_conviction", "is a number, not a yes or no", "`years_since_conviction at most 5 years`"),
    "an impossible date": (B + "when arrest_date before 2014-13-01", "`2014-13-01` is not a day of the calendar: month must be in 1..12", ""),
    "and beside or": (B + "when judicial_warrant and watchlist_match or judicial_warrant", "can be read in two ways", "put brackets round what belongs together"),
    "an exception without a label": (B + "unless judicial_warrant and watchlist_match", "this exception has no label", "name the clause"),
    "an unknown verb": ("b forbid hold_past_release by nypd", "`forbid` is no verb of a norm", "did you mean `forbids`?"),
    "an unknown actor": ("b forbids hold_past_release by nyp", "`nyp` is no declared actor", "did you mean `nypd`?"),
    "nobody named": ("b forbids hold_past_release when judicial_warrant", "who must not do it?", "by nypd"),
    "a value out of its list": (B + "when request is detainr", "`request` is never `detainr`", "did you mean `detainer`?"),
    "no unit": (B + "when years_since_conviction at most 5", "has no unit", "write `5 years`"),
    "the wrong unit": (B + "when years_since_conviction at most 5 days", "counted in years, not in days", "in years"),
    "a label in brackets": ("(b)(1) forbids hold_past_release by nypd", "a label is written with dots", "`b.1.i`"),
    "a record as a fact": (B + "when judgment", "is a list of records", "some judgment with"),
    "a fact of the contact inside a record": (B + "when some judgment with (judicial_warrant)", "not of the record", "outside the brackets"),
    "an undescribed reading": (B + "reading purpose.narrow", "not described in the front matter", "readings"),
    "a norm twice": (B + "when judicial_warrant\n\n" + B + "when watchlist_match", "stands twice, and both are in force", "until"),
    "a condition defined by itself": ("define x means x and judicial_warrant\n\n" + B + "when x", "is defined by itself", "write out"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_gets_a_sentence_and_a_remedy(tmp_path: Path, name: str) -> None:
    norm, message, remedy = MISTAKES[name]
    found = problems(tmp_path, norm)
    assert any(message in p and remedy in p for p in found), found


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_gets_its_line_and_a_caret(tmp_path: Path, name: str) -> None:
    found = problems(tmp_path, MISTAKES[name][0])
    lines = (HEAD + MISTAKES[name][0]).split("\n")
    for problem in found:
        place, shown, caret = problem.split("\n")[:3]
        _, line, column, *_ = place.split(":")
        assert lines[int(line) - 1] in shown
        assert caret.index("^") - shown.index("|") == int(column) + 1


def test_all_mistakes_of_a_file_are_shown_at_once(tmp_path: Path) -> None:
    norm = (
        B
        + "when watchlst_match\n  unless b.1 judicial_warrant AND watchlist_match\n  unless b.2 years_since_conviction"
    )
    found = problems(tmp_path, norm)
    assert len(found) == 3


def test_a_norm_without_mistakes_is_read(tmp_path: Path) -> None:
    assert problems(tmp_path, B + "when judicial_warrant\n  unless b.1 watchlist_match") == []
