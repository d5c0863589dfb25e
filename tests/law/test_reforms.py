"""Reforms: what each kind of change does to the law, what is said of a mistaken one, and the ones that are shipped."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightline.law.cursor import Cursor
from brightline.law.format import format_page, format_statement
from brightline.law.pack import Law, Pack, Section, load
from brightline.law.parse import statements
from brightline.law.problems import LawError
from brightline.law.reform import find_reform, lay_over, read_reform, shipped_reforms
from brightline.law.tree import Amendment, Norm, Span
from brightline.reason.lawcheck import problems_of_reform
from brightline.reason.lawtest import LawTest, run, run_with_reforms
from brightline.reason.reasoner import reasoner

from .test_roundtrip import excuses, exprs, labels, norms, spans

FIXTURES = Path(__file__).parent / "reforms"
NAMES = ["int-209-2026", "no-disclosure-without-warrant", "no-ice-task-force", "shown-criminal-purpose"]

# --- a harbor town: one section on holding people, one on a task force -----------------------------

VOCABULARY = """
```vocabulary
actor police "the town's police" in us-harbor
action hold "hold a person"
action tell "tell of a release"
action lend "lend a boat"
fact detainer: yes or no
fact warrant: yes or no
fact conviction: yes or no
fact long_ago: yes or no
fact ordered: yes or no
fact task_force: yes or no
```
"""
SECTION = """---
title: {title}
citation: {title}
in_force: 2015-01-01 ..
sources: ["nowhere"]
reviewed: not reviewed by counsel
---

### a — a clause

> Text of the clause.

```norm
{norms}
```
"""
HOLDING = """b forbids hold, tell by police
  when detainer
  unless b.1 warrant
  unless b.2 conviction
    but not if b.2-old long_ago

d excepts b
  when ordered
"""
BOATS = "c forbids lend by police\n  unless c.1 task_force"
REFORM = """---
title: A reform
citation: "Proposal"
amends: us-harbor
in_force: ..
sources: ["nowhere"]
reviewed: not reviewed by counsel
---

### r.1 — a clause

> Text of the proposal.

```norm
{norms}
```
"""
DAY = date(2020, 6, 1)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Law:
    root = tmp_path_factory.mktemp("town") / "laws"
    (root / "us-harbor").mkdir(parents=True)
    (root / "vocabulary.md").write_text(VOCABULARY)
    (root / "us-harbor" / "pack.md").write_text("---\npack: us-harbor\ntitle: Harbor Town\n---\n")
    (root / "us-harbor" / "1.md").write_text(SECTION.format(title="Code § 1", norms=HOLDING))
    (root / "us-harbor" / "2.md").write_text(SECTION.format(title="Code § 2", norms=BOATS))
    return load(root)


def laid_over(law: Law, norms: str, more: str = "") -> tuple[Law, Pack]:
    return lay_over(law, REFORM.format(norms=norms) + more, "reform.md", "reform")


def judged(law: Law, action: str, day: date = DAY, pack: str = "reform", **facts: Any) -> tuple[str, set[str]]:
    """The verdict, and the clauses that decide it. Facts that are not named are "no"."""
    everything = {name: False for name in law.vocabulary.facts} | facts
    program = reasoner(law, [pack]).program(day, "police", (action,))
    outcome = program.outcome(*program.masks(everything))
    return outcome.verdict, {f.exception or f.norm for f in outcome.deciding}


def said(town: Law, norms: str, action: str, day: date = DAY, **facts: Any) -> str:
    return judged(laid_over(town, norms)[0], action, day, **facts)[0]


# --- what each change does --------------------------------------------------------------------------


def test_before_any_reform_the_town_bars_holds_without_a_warrant(town: Law) -> None:
    assert judged(town, "hold", pack="us-harbor", detainer=True)[0] == "barred"
    assert judged(town, "hold", pack="us-harbor", detainer=True, warrant=True)[0] == "excepted"


def test_a_replaced_norm_loses_its_own_exceptions_and_keeps_those_of_other_clauses(town: Law) -> None:
    new = "amends us-harbor/1:b: replace b forbids hold by police\n  when detainer\n  unless b.1 task_force"
    assert said(town, new, "hold", detainer=True, warrant=True, conviction=True) == "barred"
    assert said(town, new, "hold", detainer=True, task_force=True) == "excepted"
    assert said(town, new, "hold", detainer=True, ordered=True) == "excepted"
    assert said(town, new, "tell", detainer=True) == "unreached"


def test_a_norm_in_the_place_of_another_is_cited_as_the_reform(town: Law) -> None:
    whole, _ = laid_over(town, "amends us-harbor/1:b: replace b forbids hold by police")
    assert judged(whole, "hold") == ("barred", {"reform/proposal:b"})


def test_a_repealed_norm_reaches_nothing(town: Law) -> None:
    assert said(town, "amends us-harbor/1:b: repeal", "hold", detainer=True) == "unreached"
    assert said(town, "amends us-harbor/1:b: repeal", "lend") == "barred"


def test_a_repealed_exception_excuses_nothing_and_the_others_do(town: Law) -> None:
    change = "amends us-harbor/1:b.1: repeal"
    assert said(town, change, "hold", detainer=True, warrant=True) == "barred"
    assert said(town, change, "hold", detainer=True, conviction=True) == "excepted"


def test_an_exception_that_stands_in_another_clause_can_be_repealed(town: Law) -> None:
    assert said(town, "amends us-harbor/1:d: repeal", "hold", detainer=True, ordered=True) == "barred"


def test_an_exception_to_an_exception_can_be_repealed(town: Law) -> None:
    facts: dict[str, Any] = {"detainer": True, "conviction": True, "long_ago": True}
    assert judged(town, "hold", pack="us-harbor", **facts)[0] == "barred"
    assert said(town, "amends us-harbor/1:b.2-old: repeal", "hold", **facts) == "excepted"


def test_an_added_exception_excuses_and_is_cited_as_the_reform(town: Law) -> None:
    whole, _ = laid_over(town, "amends us-harbor/1:b: add unless r.1 task_force\n  but not if r.1-x long_ago")
    assert judged(whole, "hold", detainer=True, task_force=True) == ("excepted", {"Proposal(r)(1)"})
    assert judged(whole, "hold", detainer=True, task_force=True, long_ago=True)[0] == "barred"
    assert judged(whole, "hold", detainer=True)[0] == "barred"


def test_a_narrowed_exception_excuses_no_more_where_the_new_condition_holds(town: Law) -> None:
    change = "amends us-harbor/1:b.1: add but not if r.1 task_force"
    assert said(town, change, "hold", detainer=True, warrant=True, task_force=True) == "barred"
    assert said(town, change, "hold", detainer=True, warrant=True) == "excepted"
    assert said(town, change, "hold", detainer=True, conviction=True, task_force=True) == "excepted"


def test_a_reworded_exception_keeps_what_takes_it_back(town: Law) -> None:
    change = "amends us-harbor/1:b.2: replace with task_force"
    assert said(town, change, "hold", detainer=True, conviction=True) == "barred"
    assert said(town, change, "hold", detainer=True, task_force=True) == "excepted"
    assert said(town, change, "hold", detainer=True, task_force=True, long_ago=True) == "barred"


def test_two_changes_that_can_both_be_made_are_both_made(town: Law) -> None:
    changes = "amends us-harbor/1:b.1: add but not if r.1 task_force\n\namends us-harbor/1:b.1: add but not if r.2 long_ago\n\namends us-harbor/1:b.1: replace with warrant and conviction"
    assert said(town, changes, "tell", detainer=True, warrant=True, conviction=True) == "excepted"
    assert said(town, changes, "tell", detainer=True, warrant=True, conviction=True, long_ago=True) == "barred"
    assert said(town, "amends us-harbor/1:b.2: repeal\n\n" + changes, "tell", detainer=True, warrant=True) == "barred"


def test_a_change_with_a_first_day_leaves_the_days_before_as_they_were(town: Law) -> None:
    change = "amends us-harbor/1:b.1: repeal\n  from 2021-01-01"
    facts = {"detainer": True, "warrant": True}
    assert said(town, change, "hold", date(2020, 12, 31), **facts) == "excepted"
    assert said(town, change, "hold", date(2021, 1, 1), **facts) == "barred"


def test_a_reform_may_bar_something_new_with_a_fact_of_its_own(town: Law) -> None:
    new_fact = '\n```vocabulary\nfact judge_signed: yes or no\n  ask "Did a judge sign?"\n```\n'
    whole, _ = laid_over(town, "r.1 forbids hold by police\n  unless r.1-judge judge_signed", new_fact)
    assert judged(whole, "hold")[0] == "barred"
    assert judged(whole, "hold", judge_signed=True)[0] == "excepted"
    assert "judge_signed" not in town.vocabulary.facts


def test_a_condition_that_the_reform_defines_can_stand_in_a_change_of_another_law(town: Law) -> None:
    text = "define convicted_lately means conviction and not long_ago\n\namends us-harbor/1:b.2: replace with convicted_lately"
    assert said(town, text, "hold", detainer=True, conviction=True) == "excepted"
    assert said(town, text, "hold", detainer=True) == "barred"


def test_the_law_in_force_is_judged_as_before_when_nobody_asks_for_the_reform(town: Law) -> None:
    whole, _ = laid_over(town, "amends us-harbor/1:b: repeal")
    assert judged(whole, "hold", pack="us-harbor", detainer=True)[0] == "barred"


# --- a reform tested by its own cases -----------------------------------------------------------------

TABLE = """
```cases
always: date 2020-06-01, actor police, action hold, detainer yes, conviction no, long_ago no, ordered no, warrant no, task_force no
| contact | warrant | task_force | verdict | by |
| --- | --- | --- | --- | --- |
{rows}
```
"""
BOTH_WAYS = "| with ICE | yes | yes | barred | us-harbor/1:b |\n| without ICE | yes | no | excepted | us-harbor/1:b.1 |"


def by_its_cases(town: Law, norms: str, rows: str) -> LawTest:
    whole, _ = laid_over(town, norms, TABLE.format(rows=rows))
    return run(whole, ("reform",))


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        ("amends us-harbor/1:b.1: add but not if r.1 task_force", BOTH_WAYS),
        ("amends us-harbor/1:b.1: replace with not task_force", "| a | no | no | excepted | us-harbor/1:b.1 |\n| b | yes | yes | barred | us-harbor/1:b |"),
        ("amends us-harbor/1:b: add unless r.1 task_force", "| a | no | yes | excepted | r.1 |\n| b | no | no | barred | us-harbor/1:b |"),
        ("amends us-harbor/1:b.1: repeal", "| a | yes | no | barred | us-harbor/1:b |"),
        ("amends us-harbor/1:b: replace b forbids hold by police\n  unless b.1 task_force", "| a | no | yes | excepted | b.1 |\n| b | no | no | barred | b |"),
    ],
    ids=["narrow", "reword", "add", "repeal", "replace"],
)  # fmt: skip
def test_the_cases_of_a_reform_show_each_kind_of_change(town: Law, change: str, rows: str) -> None:
    told = by_its_cases(town, change, rows).as_json()
    assert not told["failures"]
    assert [c["cases"] > 0 for c in told["clauses"]] == [True]
    assert (told["total"]["mcdc"], told["clauses"][0]["survivors"]) == (100, [])


def test_a_case_that_the_reform_does_not_meet_fails(town: Law) -> None:
    found = by_its_cases(town, "amends us-harbor/1:b.1: repeal", "| a | yes | no | excepted | us-harbor/1:b.1 |")
    assert [str(f).endswith("`a` should be excepted by us-harbor/1:b.1, and is barred by b") for f in found.failures]


def test_a_change_that_no_case_would_miss_is_named(town: Law) -> None:
    rows = "| without ICE | yes | no | excepted | us-harbor/1:b.1 |"
    clause = by_its_cases(town, "amends us-harbor/1:b.1: add but not if r.1 task_force", rows).as_json()["clauses"][0]
    assert any("change not made" in s for s in clause["survivors"])
    assert any("`task_force` true" in m for m in clause["missing"])


# --- doubts --------------------------------------------------------------------------------------------


def doubts(law: Law, path: Path, norms: str) -> list[str]:
    path.write_text(REFORM.format(norms=norms))
    return [p.message for p in problems_of_reform(law, str(path)) if p.level == "warning"]


def test_a_change_of_what_another_change_takes_away_is_doubted(town: Law, tmp_path: Path) -> None:
    norms = "amends us-harbor/1:b: repeal\n\namends us-harbor/1:b.1: replace with ordered"
    assert doubts(town, tmp_path / "reform.md", norms) == [
        "without this change of `us-harbor/1:b.1` the law would be the same"
    ]
    assert doubts(town, tmp_path / "reform.md", "amends us-harbor/1:b.1: replace with ordered") == []


def test_a_change_of_a_law_that_does_not_apply_here_is_an_error(law: Law, tmp_path: Path) -> None:
    path = tmp_path / "reform.md"
    path.write_text(
        REFORM.format(norms="amends us-ca/gov-7284-6:a.1.A: repeal").replace("us-harbor", "us-ny-nyc"), encoding="utf-8"
    )
    assert [(p.level, p.message) for p in problems_of_reform(law, str(path))] == [
        ("error", "`us-ca/gov-7284-6:a.1.A` is no law of the pack that this reform amends")
    ]


def test_a_condition_of_an_amendment_is_refused_and_not_lost(law: Law, tmp_path: Path) -> None:
    path = tmp_path / "reform.md"
    norms = "amends us-ny-nyc/10-178:e.i: repeal\n  when judicial_warrant"
    path.write_text(REFORM.format(norms=norms).replace("us-harbor", "us-ny-nyc"), encoding="utf-8")
    found = [p.message for p in problems_of_reform(law, str(path))]
    assert found == ["an amendment has no conditions of its own: only `from` and `until` may follow it"]


def test_a_reform_that_bars_what_the_law_requires_is_doubted(law: Law, tmp_path: Path) -> None:
    path = tmp_path / "reform.md"
    norms = "r.1 forbids record_request by nyc_agency"
    path.write_text(REFORM.format(norms=norms).replace("us-harbor", "us-ny-nyc"), encoding="utf-8")
    found = [p.message for p in problems_of_reform(law, str(path))]
    assert any("`d` requires `record_request` where `reform/proposal:r.1` bars it" in m for m in found)


# --- mistakes --------------------------------------------------------------------------------------------


def mistakes(law: Law, norms: str, head: tuple[str, str] = ("", "")) -> list[str]:
    try:
        lay_over(law, REFORM.format(norms=norms).replace(*head), "reform.md", "reform")
    except LawError as error:
        return [str(p) for p in error.problems]
    return []


NEW = "replace b forbids hold by police"
MISTAKES = {
    "a clause that is not there": ("amends us-harbor/1:b.11: repeal", "there is no norm or exception `us-harbor/1:b.11` to amend", "did you mean `us-harbor/1:b.1`?"),
    "a section that is not there": ("amends us-harbor/3:b: repeal", "there is no norm or exception `us-harbor/3:b`", "did you mean `us-harbor/1:b`?"),
    "a label without its pack": ("amends 1:b: repeal", "there is no norm or exception `reform/1:b`", "did you mean"),
    "a norm narrowed as if an exception": ("amends us-harbor/1:b: add but not if r.1 warrant", "`us-harbor/1:b` is a norm, not an exception", "write `add unless LABEL …`"),
    "a norm reworded as if an exception": ("amends us-harbor/1:b: replace with warrant", "`us-harbor/1:b` is a norm, not an exception", "`replace LABEL forbids …`"),
    "an exception given an exception as if a norm": ("amends us-harbor/1:b.1: add unless r.1 warrant", "`us-harbor/1:b.1` is an exception, not a norm", "write `add but not if LABEL …`"),
    "a norm in the place of an exception": (f"amends us-harbor/1:b.1: {NEW}", "`us-harbor/1:b.1` is an exception, not a norm", "or `replace with …`"),
    "repealed and replaced": (f"amends us-harbor/1:b: repeal\n\namends us-harbor/1:b: {NEW}", "both cannot be: `repeal` and `replace`", "line 15 changes it first"),
    "repealed and narrowed": ("amends us-harbor/1:b.1: add but not if r.1 warrant\n\namends us-harbor/1:b.1: repeal", "both cannot be: `add but not if` and `repeal`", "keep one of the two"),
    "reworded twice": ("amends us-harbor/1:b.1: replace with warrant\n\namends us-harbor/1:b.1: replace with ordered", "both cannot be: `replace with` and `replace with`", "keep one"),
    "an unknown change": ("amends us-harbor/1:b: repel", "`repel` is no change", "did you mean `repeal`?"),
    "an addition of nothing": ("amends us-harbor/1:b: add", "what is added is an exception", "`add unless LABEL …` to a norm"),
    "no colon": ("amends us-harbor/1:b repeal", "expected `:` after the clause to amend", ""),
    "an exception without a label": ("amends us-harbor/1:b: add unless warrant and ordered", "this exception has no label", "name the clause"),
    "an exception to another pack's norm without `amends`": ("r.1 excepts us-harbor/1:b\n  when warrant", "`us-harbor/1:b` belongs to another pack", "write `amends us-harbor/1:b: add unless r.1 …`"),
    "a fact that nobody declares": ("amends us-harbor/1:b.1: replace with warant", "nobody declares the fact `warant`", "did you mean `warrant`?"),
    "an actor that nobody declares": ("amends us-harbor/1:b: replace b forbids hold by polise", "`polise` is no declared actor", "did you mean `police`?"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistaken_change_is_said_with_its_place_and_its_remedy(town: Law, name: str) -> None:
    norms, message, help = MISTAKES[name]
    found = mistakes(town, norms)
    assert len(found) == 1, found
    assert message in found[0] and help in found[0], found[0]
    assert found[0].startswith("reform.md:1") and "^" in found[0]


def test_changes_on_different_days_do_not_contradict_each_other(town: Law) -> None:
    changes = "amends us-harbor/1:b.1: replace with ordered\n  until 2020-01-01\n\namends us-harbor/1:b.1: repeal\n  from 2020-01-01"
    assert not mistakes(town, changes)


def test_an_unknown_pack_is_said_with_the_nearest_one(town: Law) -> None:
    assert "did you mean `us-harbor`?" in mistakes(town, NEW, ("us-harbor", "us-harbour"))[0]
    assert "does not say which pack it amends" in mistakes(town, NEW, ("amends: us-harbor\n", ""))[0]


def test_every_mistake_of_one_file_is_said_with_its_line_and_a_caret(law: Law) -> None:
    with pytest.raises(LawError) as error:
        read_reform(law, FIXTURES / "many-mistakes.md")
    found = error.value.problems
    lines = (FIXTURES / "many-mistakes.md").read_text(encoding="utf-8").split("\n")
    assert [p.place.line for p in found] == [15, 17, 25, 27, 29, 31, 33, 37, 39, 40, 42]
    for problem in found:
        assert problem.help
        assert problem.source == lines[problem.place.line - 1]
        marked = problem.source[problem.place.column - 1 :][: problem.place.length]
        assert marked and marked.strip() == marked, problem


def test_a_file_that_is_not_in_utf8_is_no_reform(law: Law, tmp_path: Path) -> None:
    path = tmp_path / "latin-1.md"
    path.write_bytes("---\ntitle: § 10-178, détention\namends: us-ny-nyc\n---\n".encode("latin-1"))
    with pytest.raises(LawError, match=r"latin-1\.md: error: this is no text in UTF-8"):
        read_reform(law, path)


def test_a_reform_that_is_not_there_is_said_with_the_nearest_one(law: Law) -> None:
    with pytest.raises(LawError, match="did you mean `no-ice-task-force`"):
        find_reform(law, "no-ice-taskforce")


def test_the_example_of_the_language_reference_is_a_sound_reform(law: Law) -> None:
    page = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
    example = page.partition("## Reforms")[2].split("````")[1].removeprefix("markdown\n")
    head = REFORM.partition("### r.1")[0].replace("us-harbor", "us-ny-nyc")
    whole, reform = lay_over(law, head + example, "reform.md", "reform")
    assert "ice_takes_part" in whole.vocabulary.facts
    assert [s.change for s in whole.statements([reform.id]) if isinstance(s, Amendment)] == ["narrow"]


# --- printed and read back ---------------------------------------------------------------------------------

targets = labels.map(lambda label: f"q/t:{label}")
amendments = st.one_of(
    st.builds(lambda t, s: Amendment(t, "repeal", None, None, "p/s", s), targets, spans),
    st.builds(lambda t, n: Amendment(t, "replace", n, None, "p/s", n.span), targets, norms),
    st.builds(
        lambda t, e, s, c: Amendment(t, c, None, e, "p/s", s),
        targets, excuses, spans, st.sampled_from(["add", "narrow"]),
    ),
    st.builds(lambda t, x, s: Amendment(t, "reword", None, None, "p/s", s, x), targets, exprs, spans),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(amendments)
def test_a_change_that_is_printed_reads_back_as_the_same_change(change: Amendment) -> None:
    text = format_statement(change)
    cursor = Cursor(text, "x.md", 1)
    found = statements(cursor, "p/s", Span())
    assert not cursor.problems, text + "\n" + "\n".join(map(str, cursor.problems))
    assert found == [change], text


# --- the reforms that are shipped -----------------------------------------------------------------------------


def test_four_reforms_are_shipped(law: Law) -> None:
    assert list(shipped_reforms(law)) == NAMES


def sections(law: Law) -> Iterator[Section]:
    for path in shipped_reforms(law).values():
        yield from read_reform(law, path)[1].sections.values()


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_reform_has_no_mistakes_and_no_doubts(law: Law, name: str) -> None:
    assert not [str(p) for p in problems_of_reform(law, name)]


def test_the_cases_of_the_shipped_reforms_hold_and_show_every_condition_and_every_small_change(law: Law) -> None:
    told = run_with_reforms(law, NAMES).as_json()
    assert told["failures"] == []
    assert told["total"]["clauses_without_cases"] == []
    assert (told["total"]["mcdc"], told["total"]["mutation"]) == (100, 100)


def test_every_shipped_reform_says_that_it_is_not_law_and_that_counsel_has_not_reviewed_it(law: Law) -> None:
    for section in sections(law):
        assert "not law" in section.meta["status"], section.id
        assert section.meta["kind"] == "proposal" and section.meta["sources"], section.id
        assert section.meta["reviewed"] == "not reviewed by counsel"


def test_every_change_of_a_shipped_reform_stands_under_the_words_that_make_it(law: Law) -> None:
    for section in sections(law):
        for statement in section.statements:
            clause = section.clause_at(statement.at.line)
            assert clause and len(clause.quote) > 20, (section.id, statement.at)


def test_the_formatter_leaves_the_shipped_reforms_as_they_are(law: Law) -> None:
    for path in shipped_reforms(law).values():
        text = path.read_text(encoding="utf-8")
        assert format_page(text) == text, path.name


def test_the_trust_act_is_said_to_rest_on_a_summary_and_encodes_duties_only(law: Law) -> None:
    path = shipped_reforms(law)["int-209-2026"]
    section = next(iter(read_reform(law, path)[1].sections.values()))
    assert "This file rests on a summary" in path.read_text(encoding="utf-8")
    assert {s.modality for s in section.statements if isinstance(s, Norm)} == {"requires"}
    assert not [s for s in section.statements if isinstance(s, Amendment)]
    sue = next(c for c in section.page.clauses if c.label == "r.1")
    assert "changes no verdict" in sue.reason


def test_no_fact_of_a_shipped_reform_rests_on_the_word_of_the_requester(law: Law) -> None:
    for path in shipped_reforms(law).values():
        whole, _ = read_reform(law, path)
        new = set(whole.vocabulary.facts) - set(law.vocabulary.facts)
        for name in new:
            fact = whole.vocabulary.facts[name]
            assert not fact.stated_by and fact.proof and fact.question, name
            assert set(fact.said) == {"yes", "no"}, name


# --- on the command line ------------------------------------------------------------------------------------------


def brightline(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "brightline.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def test_a_file_with_mistakes_is_checked_alone_and_all_of_them_are_printed(tmp_path: Path) -> None:
    told = brightline("law", "check", str(FIXTURES / "many-mistakes.md"))
    assert told.returncode == 2
    assert told.stderr.count(": error: ") == 11 and told.stderr.count("help: ") == 11
    assert "Traceback" not in told.stderr
    assert told.stdout == "1 reforms: 11 errors, 0 warnings.\n"


def test_a_reform_is_checked_and_tested_by_its_name_or_as_a_file(law: Law) -> None:
    file = str(shipped_reforms(law)["no-ice-task-force"])
    for name in ("no-ice-task-force", file):
        assert brightline("law", "check", name).returncode == 0
        told = json.loads(brightline("law", "test", name, "--json").stdout)
        assert {c["id"].split("/")[0] for c in told["clauses"]} == {"no-ice-task-force"}
        assert told["total"]["failed"] == 0 and told["total"]["cases"] > 20


def test_the_reforms_are_listed_beside_the_packs_with_what_they_amend() -> None:
    rows = {r["pack"]: r["amends"] for r in json.loads(brightline("law", "show", "--json").stdout)}
    assert rows["us-ny-nyc"] is None
    assert {n: rows[n] for n in NAMES} == dict.fromkeys(NAMES, "us-ny-nyc")


def test_a_reform_is_shown_with_its_changes() -> None:
    told = brightline("law", "show", "no-ice-task-force").stdout
    assert "amends us-ny-nyc/10-178:e.i: add" in told and "N.Y.C. Admin. Code § 4-210(b)(4)" in told
