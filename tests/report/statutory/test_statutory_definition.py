"""Definitions: those of the law as shipped, and what is said of one with a mistake."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from brightline.law.pack import load
from brightline.report.statutory.definition import DefinitionError, read, read_all
from tests.report.statutory import made

FOLDER = made.LAWS / "reports"
POLICE = (FOLDER / "nyc-14-154-f.toml").read_text(encoding="utf-8")
OREGON = (FOLDER / "or-181a-826-3.toml").read_text(encoding="utf-8")
CITY = (FOLDER / "nyc-10-178-d.toml").read_text(encoding="utf-8")
ILLINOIS = (FOLDER / "il-805-25.toml").read_text(encoding="utf-8")
HELD = "held_past_release = true }"
# The pack quotes the section in part, and leaves this part of the clause out.
SHORT_IN_THE_PACK = {("nyc-23-1202-c4", "clause"), ("ca-7284-6-c1", "c.1")}


def plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split())


def test_the_reports_of_the_law_are_all_there() -> None:
    assert {d.citation for d in made.definitions().values()} == {
        "NYC Admin. Code § 9-131(f)",
        "NYC Admin. Code § 14-154(f)",
        "NYC Admin. Code § 9-205(f)",
        "NYC Admin. Code § 10-178(d)",
        "NYC Admin. Code § 23-1202(c)(4)",
        "ORS 181A.826(3)",
        "5 ILCS 805/25",
        "Cal. Gov. Code § 7284.6(c)(1)",
        "Cal. Gov. Code § 7284.6(c)(2)",
        "D.C. Code § 24-211.07(d)",
    }


def test_every_line_quotes_the_law_as_the_pack_does() -> None:
    law = load(made.LAWS)
    for d in made.definitions().values():
        if not d.source:
            continue
        text = plain(" ".join(c.quote for c in law.sections[d.source].page.clauses))
        for name, quote in [("clause", d.clause), *((line.id, line.quote) for line in d.lines)]:
            if (d.id, name) not in SHORT_IN_THE_PACK:
                assert plain(quote) in text, f"{d.id}, {name}: the pack has no such words"


def test_only_oregon_rests_on_a_summary_and_it_says_so() -> None:
    assert [d.id for d in made.definitions().values() if d.status == "summary"] == ["or-181a-826-3"]
    assert "was not captured" in " ".join(made.definitions()["or-181a-826-3"].about.split()).replace("\n", " ")


@pytest.mark.parametrize("id", sorted(made.definitions()))
def test_every_definition_says_what_the_law_has_on_small_numbers(id: str) -> None:
    definition = made.definitions()[id]
    assert definition.privacy.small_cells is None and not definition.privacy.request_numbers
    assert re.search(r"no rule for small numbers|No rule for small numbers", " ".join(definition.privacy.why.split()))


def test_the_packs_load_beside_the_reports() -> None:
    assert not [p for p in load(made.LAWS).problems if p.level == "error"]


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        (POLICE, 'rule = "report"', 'rule = "raport"', "nil.rule: `raport` is none of 'report', 'certify' or 'none'"),
        (POLICE, 'recipient = "', 'reciever = "', "recipient: is missing"),
        (POLICE, 'recipient = "', 'recipients = "x"\nrecipient = "', "help: did you mean `recipient`?"),
        (POLICE, 'ends = "06-30"', 'end = "06-30"', "period.end: is no key of a definition\n  help: did you mean `ends`?"),
        (POLICE, 'ends = "06-30"', 'ends = "06-31"', "period.ends: "),
        (POLICE, 'month_day = "09-01"', 'month_day = "September"', "due: is no month and day of every year"),
        (POLICE, "first = 2017-07-01", "first = 2017-13-01", "is no TOML: "),
        (POLICE, "America/New_York", "America/NewYork", "time_zone: there is no time zone `America/NewYork`"),
        (POLICE, 'filers = ["nypd"]', 'filers = ["nydp"]', "no actor `nydp`\n  help: did you mean `nypd`?"),
        (POLICE, 'id = "f.2"', 'id = "f.1"', "line: two lines have the same id"),
        (POLICE, HELD, "held_past_relase = true }", "help: did you mean `held_past_release`?"),
        (POLICE, HELD, 'held_past_release = "yes" }', "`held_past_release` is yes or no"),
        (POLICE, HELD, 'hold_ended = "expired" }', "`hold_ended` has no value `expired`"),
        (POLICE, HELD, "note = { some = true } }", "`note` is text about a person or of free form"),
        (POLICE, HELD, 'person = "key-00000001" }', "`person` is text about a person or of free form"),
        (POLICE, HELD, "release_due_at = { from = 2026 } }", "`release_due_at` needs days"),
        (POLICE, HELD, "release_due_at = { since = 2026-01-01 } }", "cannot be filtered by `since`"),
        (POLICE, HELD, "any = { in_custody = true } }", "is no list of filters\n  help: write `any = [{ … }, { … }]`"),
        (POLICE, HELD, "not = [] }", "is no filter\n  help: write `not = { … }`"),
        (POLICE, HELD, "in_custody = { some = true } }", "cannot be filtered by `some`"),
        (POLICE, HELD, "request = { some = true } }", ""),  # TOML: the key stands twice
        (POLICE, HELD, "decision = { some = true } }", "asks whether a list is empty"),
        (POLICE, HELD, "papers = [] }", "`[]` is no value of `papers`"),
        (POLICE, 'dated_by = "release_due_at"', 'dated_by = "release_due"', "did you mean `release_due_at`?"),
        (POLICE, 'count = "persons"', 'count = "people"', "line.2.count: `people` is none of "),
        (POLICE, 'count = "persons"', 'count = "supplied"', "is supplied by the agency, so it has no filter"),
        (POLICE, '"court_date"]', '"court_dates"]', "did you mean `court_date`?"),
        (POLICE, 'fields = ["transfer_facilitated"]', "fields = []", "names no field"),
        (POLICE, 'fields = ["transfer_facilitated"]', 'fields = ["received_at"]', "is a moment, which makes no groups"),
        (POLICE, 'fields = ["transfer_facilitated"]', 'fields = ["requester_office"]', "no report shows it"),
        (POLICE, 'fields = ["transfer_facilitated"]', 'fields = ["offense"]', "the report must identify nobody"),
        (POLICE, 'quote = """\nthe number of civil', 'nil = "x"\nquote = """\nthe number of civil', "asks for none"),
        (OREGON, '"federal_agency"', '"federal_agencies"', "did you mean `federal_agency`?"),
        (OREGON, 'field = "channel"', 'field = "facility"', "`facility` may hold anything"),
        (OREGON, 'field = "channel"', 'field = "number"', "the report must identify nobody"),
        (CITY, 'covers = ["nyc_agency"]', 'covers = ["nyc"]', "covers: the vocabulary has no actor `nyc`"),
        (ILLINOIS, 'rule = "certify"', 'rule = "none"', "nil: is a certificate, and the report asks for none"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence_with_the_file_and_the_key(text: str, old: str, new: str, said: str) -> None:
    assert old in text
    with pytest.raises(DefinitionError) as caught:
        read(text.replace(old, new, 1), "reports/mine.toml", made.vocabulary())
    assert said in str(caught.value)
    assert all(str(p).startswith("reports/mine.toml: error: ") for p in caught.value.problems)


def test_every_mistake_is_told_at_once() -> None:
    broken = POLICE.replace(HELD, "held = true }").replace("America/New_York", "Gotham")
    with pytest.raises(DefinitionError) as caught:
        read(broken, "reports/mine.toml", made.vocabulary())
    assert len(caught.value.problems) == 2


def test_a_folder_with_two_reports_of_one_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(POLICE, encoding="utf-8")
    (tmp_path / "b.toml").write_text(POLICE, encoding="utf-8")
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DefinitionError) as caught:
        read_all(tmp_path, made.vocabulary())
    said = str(caught.value)
    assert "b.toml: error: id: `nyc-14-154-f` is taken" in said and "c.toml: error: is not UTF-8" in said


def test_a_new_report_needs_no_code() -> None:
    """A report that nobody thought of, from text alone."""
    told = (
        POLICE[: POLICE.index("[[line]]")]
        + """
[[line]]
id = "x"
clause = "x"
quote = "subpoenas by letter, or by fax of a day in spring"
where = { request = "subpoena", any = [{ channel = "letter" }, { channel = "fax", received_at = { from = 2026-03-20, to = 2026-06-20 } }] }
"""
    )
    from brightline.report.statutory.make import make
    from brightline.report.statutory.period import Period

    definition = read(told, "reports/mine.toml", made.vocabulary())
    events = [
        made.event("R-1", request="subpoena", channel="letter"),
        made.event("R-2", request="subpoena", channel="fax"),
        made.event("R-3", request="subpoena", channel="fax", received_at="2026-03-20T12:00:00Z"),
        made.event("R-4", request="subpoena"),
        made.event("R-5", channel="telephone"),
    ]
    year = Period(date(2025, 7, 1), date(2026, 6, 30))
    tally = make(definition, events, year, agency="nypd", made=date(2026, 11, 28)).line("x").tally
    assert (tally.counted, tally.cannot_tell) == (("R-1", "R-3"), ("R-4",))
