"""What leaves the house: JSON, CSV and PDF, filed and internal."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from functools import cache

import pypdf
import pytest

from brightline.report.statutory.definition import DefinitionError, read
from brightline.report.statutory.make import Report, make
from brightline.report.statutory.pdf import as_pdf
from brightline.report.statutory.period import Period, period_of
from brightline.report.statutory.told import Version, told
from brightline.report.statutory.write import as_csv, as_json
from tests.report.statutory import made
from tests.report.statutory.test_statutory_make import AGENCIES

MADE = date(2026, 11, 28)
IDS = sorted(made.definitions())


@cache
def report(id: str) -> Report:
    definition = made.definitions()[id]
    period = period_of(definition, date(2026, 2, 3))
    agency = AGENCIES.get(id, "nypd")
    events, forces = made.many(), made.task_forces()
    # An actor that an agency made up itself could hold a name: what is filed does not repeat it.
    sly = made.event("R-sly", agency=agency, requester="zebulon_quillfeather", receiving_agency="zebulon_quillfeather",
                     transferred=True, transferred_at=datetime(2026, 2, 1, 15, tzinfo=UTC), request="civil_detainer",
                     nonlocal_law_enforcement=True, civil_immigration_purpose=True, papers=("i200",))  # fmt: skip
    return make(definition, [*events, sly], period, agency=agency, task_forces=forces, made=MADE)


@cache
def pdf(id: str, version: Version) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(as_pdf(report(id), version)))


def text_of(reader: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def everything(id: str, version: Version) -> str:
    return as_json(report(id), version) + "".join(as_csv(report(id), version).values()) + text_of(pdf(id, version))


# --- what is filed identifies nobody


@pytest.mark.parametrize("id", IDS)
def test_no_name_key_or_request_number_is_filed(id: str) -> None:
    filed = everything(id, "filed")
    assert made.NAME.lower() not in filed.lower()
    assert made.KEY not in filed
    assert not re.search(r"\bR-(\d{4}|sly)\b", filed)


@pytest.mark.parametrize("id", IDS)
def test_the_internal_version_names_the_requests_but_no_person(id: str) -> None:
    internal = everything(id, "internal")
    assert re.search(r"\b(R-\d{4}|TF-1)\b", internal)
    assert made.NAME not in internal and made.KEY not in internal


@pytest.mark.parametrize("id", IDS)
def test_each_line_of_the_internal_version_is_traced(id: str) -> None:
    for line, made_ in zip(told(report(id), "internal")["lines"], report(id).lines, strict=True):
        if line["counts"] != "supplied":
            assert len(line["requests"]["counted"]) == line["records"]
            assert sorted(n for numbers in line["requests"].values() for n in numbers) == list(made_.traced)


# --- JSON and CSV


@pytest.mark.parametrize("id", IDS)
def test_json_and_csv_give_the_figures_of_the_report(id: str) -> None:
    content = json.loads(as_json(report(id), "filed"))
    rows = list(csv.DictReader(io.StringIO(as_csv(report(id), "filed")["figures.csv"])))
    for line, made_ in zip(content["lines"], report(id).lines, strict=True):
        if line["counts"] == "supplied":
            continue
        tally = made_.tally
        assert (line["count"], line["open"], line["unknown"]) == (tally.count, tally.open, tally.unknown)
        (row,) = [r for r in rows if r["line"] == line["id"] and not r["by"]]
        assert (row["count"], row["still open"], row["cannot tell"]) == tuple(
            map(str, (tally.count, tally.open, tally.unknown))
        )
        if "rows" in line:
            listed = list(
                csv.reader(io.StringIO(as_csv(report(id), "filed")[f"list-{line['id'].replace('.', '-')}.csv"]))
            )
            assert len(listed) == len(line["rows"]) + 1 == len(made_.rows) + 1


def test_no_cell_runs_as_a_formula() -> None:
    """A task force whose purpose is `=1+1`: OWASP, CSV injection."""
    text = as_csv(report("ca-7284-6-c1"), "filed")["list-c-1.csv"]
    assert "'=1+1" in text
    for id in IDS:
        for version in ("filed", "internal"):
            for table in as_csv(report(id), version).values():  # type: ignore[arg-type]
                assert not [c for row in csv.reader(io.StringIO(table)) for c in row if re.match(r"[=+\-@\t\r]", c)]


def test_the_same_report_gives_the_same_bytes() -> None:
    id = "nyc-14-154-f"
    assert as_pdf(report(id), "filed") == as_pdf(report(id), "filed")
    assert as_json(report(id), "filed") == as_json(report(id), "filed")


# --- PDF


@pytest.mark.parametrize("id", IDS)
def test_the_pdf_is_tagged_titled_and_has_the_laws_words(id: str) -> None:
    reader, r = pdf(id, "filed"), report(id)
    assert reader.metadata is not None and reader.metadata.title == f"{r.definition.title}, {r.period.name}"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in reader.trailer["/Root"]
    assert str(reader.trailer["/Root"]["/Lang"]).startswith("en")
    squeezed = re.sub(r"\W", "", text_of(reader))
    for line in r.lines:
        assert re.sub(r"\W", "", line.line.quote)[:60] in squeezed
    assert "cannot tell" in text_of(reader) and "still open" in text_of(reader)


def test_the_annex_is_in_the_internal_version_alone() -> None:
    internal, filed = text_of(pdf("nyc-14-154-f", "internal")), text_of(pdf("nyc-14-154-f", "filed"))
    assert "Annex: the requests behind each line" in internal and "not to be filed" in internal.lower()
    assert "Annex" not in filed and "not to be filed" not in filed.lower()
    assert set(report("nyc-14-154-f").line("f.1").traced) <= set(re.findall(r"R-\w+", internal))


def test_a_nil_report_says_so_in_words() -> None:
    definition = made.definitions()["nyc-14-154-f"]
    empty = make(definition, [], Period(date(2025, 7, 1), date(2026, 6, 30)), agency="nypd", made=MADE)
    text = text_of(pypdf.PdfReader(io.BytesIO(as_pdf(empty, "filed"))))
    assert "Nil: nothing that this report counts is on record for the period (year to 30 June 2026)." in text
    assert "Nil: there was nothing to count in this line." in text


def test_the_letterhead_is_the_agencys_own_name() -> None:
    text = text_of(
        pypdf.PdfReader(io.BytesIO(as_pdf(report("il-805-25"), "filed", letterhead="Invented County Sheriff")))
    )
    assert "Invented County Sheriff" in text


def test_oregon_says_on_its_first_page_that_it_rests_on_a_summary() -> None:
    assert "Not from the full text of the statute." in " ".join(
        pdf("or-181a-826-3", "filed").pages[0].extract_text().split()
    )


# --- a law with a rule on small numbers


SMALL = (
    (made.LAWS / "reports" / "dc-24-211-07-d.toml")
    .read_text(encoding="utf-8")
    .partition("[[line]]")[0]
    .replace(
        "request_numbers = false\n", 'request_numbers = false\nsmall_cells = { below = 5, why = "An invented rule." }\n'
    )
    + """
[[line]]
id = "x"
clause = "x"
quote = "requests by the charges on which the person was held"
where = { request = "civil_detainer" }
[[line.by]]
fields = ["custody_basis"]
"""
)


def test_small_counts_are_hidden_where_a_law_says_so_and_cannot_be_worked_out() -> None:
    """An invented rule: counts below five. One hidden group alone could be had from the total, so a second goes."""
    asked = {"agency": "law_enforcement_agency", "request": "civil_detainer"}
    local = [made.event(f"R-{n}", **asked, custody_basis="local") for n in range(12)]
    federal = [made.event(f"R-f{n}", **asked, custody_basis="federal") for n in range(2)]
    unsure = [made.event("R-u", agency="law_enforcement_agency", custody_basis="local")]
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    definition = read(SMALL, "x", made.vocabulary())
    whole = make(definition, [*local, *federal, *unsure], year, agency="law_enforcement_agency", made=MADE)
    filed, internal = told(whole, "filed")["lines"][0], told(whole, "internal")["lines"][0]
    shown = {g["labels"][0]: g["count"] for g in filed["breakdowns"][0]["groups"]}
    assert (filed["count"], filed["unknown"]) == (14, "fewer than 5")
    assert filed["said"] == "14 requests; for fewer than 5 requests it cannot be told."
    assert shown == {"local": "not shown", "federal": "fewer than 5"}
    assert {g["labels"][0]: g["count"] for g in internal["breakdowns"][0]["groups"]} == {"local": 12, "federal": 2}
    assert "fewer than 5" in text_of(pypdf.PdfReader(io.BytesIO(as_pdf(whole, "filed"))))


def test_a_rule_on_small_numbers_allows_no_second_view_of_the_same_records() -> None:
    with pytest.raises(DefinitionError, match="a small number could be worked out"):
        read(SMALL + '[[line.by]]\nfields = ["judicial_warrant"]\n', "x", made.vocabulary())
