"""`law check` doubts what can never apply, never matters, or contradicts itself."""

from pathlib import Path

from brightline.law.pack import load
from brightline.reason.lawcheck import doubts_of_meaning, inexact

VOCABULARY = """
```vocabulary
actor nypd "the police" in us-test
action hold "hold a person"
fact warrant: yes or no
fact request: one of detainer, letter
fact hours: number of hours
constraint a_letter_has_no_warrant "a letter comes without a warrant": not (request is letter and warrant)
```
"""
HEAD = "---\ntitle: T\ncitation: C\nin_force: 2014-12-14 ..\nsources: []\nreviewed: no\n---\n### a\n\n> Text of the law.\n\n```norm\n"


def messages(tmp_path: Path, norms: str) -> list[str]:
    (tmp_path / "laws" / "us-test").mkdir(parents=True)
    (tmp_path / "laws" / "vocabulary.md").write_text(VOCABULARY)
    (tmp_path / "laws" / "us-test" / "pack.md").write_text("---\npack: us-test\ntitle: Test\n---\n")
    (tmp_path / "laws" / "us-test" / "1.md").write_text(HEAD + norms + "\n```\n")
    law = load(tmp_path / "laws")
    return [p.message for p in doubts_of_meaning(law)] + [f"inexact {n.label}" for n in inexact(law)]


def test_a_norm_that_can_never_apply(tmp_path: Path) -> None:
    found = messages(tmp_path, "a forbids hold by nypd\n  when request is letter and warrant")
    assert "the norm `a` can never apply: its `when` cannot hold" in found


def test_a_norm_whose_thresholds_exclude_each_other_can_never_apply(tmp_path: Path) -> None:
    found = messages(tmp_path, "a forbids hold by nypd\n  when hours more than 48 hours and hours less than 24 hours")
    assert "the norm `a` can never apply: its `when` cannot hold" in found


def test_an_exception_that_another_covers_is_never_needed(tmp_path: Path) -> None:
    found = messages(
        tmp_path, "a forbids hold by nypd\n  unless a.1 warrant\n  unless a.2 warrant and hours at most 48 hours"
    )
    assert "the exception `a.2` of `a` is never needed" in found
    assert "the exception `a.1` of `a` is never needed" not in found


def test_two_norms_that_bar_and_require_the_same_act(tmp_path: Path) -> None:
    found = messages(
        tmp_path, "a forbids hold by nypd\n  unless a.1 warrant\n\nb requires hold by nypd\n  when request is letter"
    )
    assert any("`b` requires `hold` where" in m for m in found)


def test_a_norm_that_yields_contradicts_nothing(tmp_path: Path) -> None:
    found = messages(
        tmp_path, "a forbids hold by nypd\n\nb requires hold by nypd\n  when hours at most 1 hours\n  yields to a"
    )
    assert not any("requires" in m for m in found)


def test_the_norms_are_named_for_which_kleene_would_say_less(tmp_path: Path) -> None:
    found = messages(
        tmp_path, "a forbids hold by nypd\n  unless a.1 hours at most 5 hours\n  unless a.2 hours more than 10 hours"
    )
    assert "inexact a" in found
