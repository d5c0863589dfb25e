"""Files as they come: every mistake is a sentence, good rows are read, bad ones are listed."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from brightline.contact.draft import draft
from brightline.contact.mapping import load_mapping, parse_mapping
from brightline.contact.problems import ContactError
from brightline.contact.read import read, write_rejected
from brightline.contact.samples import sample
from brightline.contact.table import open_table
from brightline.law.vocabulary import Vocabulary

FY2015 = "ice-detainers-fy2015"


def sentence(error: pytest.ExceptionInfo[ContactError]) -> str:
    return str(error.value)


def with_days(frame: pl.DataFrame, form: str) -> pl.DataFrame:
    return frame.with_columns(pl.col("prepare_date").dt.strftime(form))


def test_a_missing_column_is_named_with_the_one_that_looks_like_it(
    vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path
) -> None:
    few.drop("lift_reason").rename({"facility": "Facilty"}).write_csv(tmp_path / "sent.csv")
    with pytest.raises(ContactError) as error:
        read(tmp_path / "sent.csv", FY2015, vocabulary)
    assert "`sent.csv` has no column `facility`" in sentence(error)
    assert "`Facilty` looks most like it" in sentence(error)
    assert "no column `lift_reason`" in sentence(error), "every missing column is named at once"


def test_an_unknown_header_names_the_nearest_reader(vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path) -> None:
    few.drop("lift_reason").write_csv(tmp_path / "sent.csv")
    with pytest.raises(ContactError, match="Nearest is `ice-detainers-fy2015`, which also needs `lift_reason`"):
        read(tmp_path / "sent.csv", None, vocabulary)


def test_other_spellings_of_columns_are_known(vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path) -> None:
    names = {"prepare_date": "Prepare Date", "facility": "DETENTION FACILITY", "detainer_type": "Detainer Type"}
    few.rename(names).write_csv(tmp_path / "sent.csv")
    assert read(tmp_path / "sent.csv", None, vocabulary).contacts["facility"].to_list() == few["facility"].to_list()


def test_two_date_formats_in_one_column_are_never_guessed(
    vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path
) -> None:
    both = pl.concat([with_days(few.head(100), "%m/%d/%Y"), with_days(few.tail(100), "%d/%m/%Y")])
    both.write_csv(tmp_path / "two.csv")
    reading = read(tmp_path / "two.csv", FY2015, vocabulary)
    assert reading.contacts.height + reading.rejected.height == 200
    good = reading.contacts["prepare_date"].str.split("/").list.get(1).cast(int)
    same = reading.contacts["prepare_date"].str.split("/").list.get(0).cast(int) == good
    assert ((good > 12) | same).all(), "only days that can be read in one way are read"
    assert any("two date formats" in note for note in reading.notes)
    first = reading.rejected.row(0, named=True)
    assert first["column"] == "prepare_date"
    assert "the file must say which" in first["reason"]


def test_one_slip_among_thousands_does_not_cost_the_others(
    vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path
) -> None:
    many = with_days(pl.concat([few] * 20), "%m/%d/%Y")
    many = many.with_row_index().with_columns(
        pl.when(pl.col("index") == 77).then(pl.lit("26/02/2015")).otherwise("prepare_date").alias("prepare_date")
    )
    many.drop("index").write_csv(tmp_path / "slip.csv")
    reading = read(tmp_path / "slip.csv", FY2015, vocabulary)
    assert reading.rejected.select("row", "column", "value").rows() == [(79, "prepare_date", "26/02/2015")]


def test_a_mapping_with_both_formats_rejects_what_can_be_either(
    vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "m.csv").write_text("day,agency\n05/08/2015,nypd\n26/02/2015,nypd\n03/03/2015,nypd\n,nypd\n")
    mapping = parse_mapping(
        "reader: m\ntitle: m\ncolumns: {day: , agency: }\ndate: {column: day, formats: ['%m/%d/%Y', '%d/%m/%Y']}\n", "m"
    )
    reading = read(tmp_path / "m.csv", mapping, vocabulary)
    assert reading.rejected.rows() == [
        (2, "day", "05/08/2015", "the date can be read as 2015-05-08 or as 2015-08-05; the file must say which")
    ]
    assert [str(d) for d in reading.contacts["date"]] == ["2015-02-26", "2015-03-03", "None"]
    assert any("have no date" in note for note in reading.notes)


def test_an_empty_file_and_an_empty_sheet(vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "header.csv").write_text(",".join(few.columns) + "\n")
    for name, header in (("empty.xlsx", []), ("header.xlsx", few.columns)):
        book = xlsxwriter.Workbook(tmp_path / name)
        book.add_worksheet("Detainers").write_row(0, 0, header)
        book.close()
    expected = {
        "empty.csv": "`empty.csv` is empty",
        "header.csv": "`header.csv` has a header and no rows",
        "empty.xlsx": "no sheet of it has a row",
        "header.xlsx": "the sheet `Detainers` of `header.xlsx` has a header and no rows",
    }
    for name, words in expected.items():
        with pytest.raises(ContactError) as error:
            read(tmp_path / name, None, vocabulary)
        assert words in sentence(error)


def test_a_file_that_is_not_there(vocabulary: Vocabulary, tmp_path: Path) -> None:
    with pytest.raises(ContactError, match="there is no file"):
        read(tmp_path / "nothing.csv", None, vocabulary)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("2015-01-01,I-247,too few", "the row has 3 cells, the header has 7"),
        ('2015-01-01,I-247,"never closed,A,B,C,D', "a quotation mark is opened and not closed"),
        ("2015-13-41,I-247,I247,A,B,C,D", "this is no date written as `%Y-%m-%d` or `%m/%d/%Y`"),
    ],
)
def test_a_million_rows_with_one_broken_row(vocabulary: Vocabulary, tmp_path: Path, broken: str, reason: str) -> None:
    rows = pl.read_parquet(sample("ice-detainers-fy2015")).drop("source_row")
    lines = pl.concat([rows] * 13).head(999_999).write_csv().splitlines()
    lines.insert(500_000, broken)
    (tmp_path / "million.csv").write_text("\n".join(lines) + "\n")
    began = time.monotonic()
    reading = read(tmp_path / "million.csv", FY2015, vocabulary)
    assert reading.contacts.height == 999_999
    assert reading.rejected.select("row", "reason").rows() == [(500_001, reason)]
    assert time.monotonic() - began < 60


def test_two_open_quotation_marks_do_not_hide_the_rows_between(
    vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path
) -> None:
    lines = few.write_csv().splitlines()
    lines[50] = '2015-01-01,"open'
    lines[60] = '2015-01-01,"open'
    (tmp_path / "open.csv").write_text("\n".join(lines))
    reading = read(tmp_path / "open.csv", FY2015, vocabulary)
    assert reading.rejected["row"].to_list()[:1] == [51]
    assert 61 in reading.rejected["row"].to_list()
    # Other rows of these data hold names in quotation marks; they are whole.
    assert reading.contacts.height == 198


def test_a_csv_named_xlsx_is_read_as_what_it_is(vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path) -> None:
    few.write_csv(tmp_path / "sent.xlsx")
    reading = read(tmp_path / "sent.xlsx", None, vocabulary)
    assert reading.contacts.height == 200
    assert any("named as an Excel file, but it is a text table" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "is a PNG picture, not a table"),
        (b"%PDF-1.7 ...", "is a PDF document, not a table"),
        (b"<!DOCTYPE html><html></html>", "is a web page (HTML), not a table"),
        (b"PK\x03\x04 cut off", "is damaged or cut off"),
        (b"PAR1 cut off", "is damaged or cut off"),
        (bytes(range(256)), "is a binary file, not a table"),
        (b"only a few words\n", "has no row that could be the header"),
    ],
)
def test_a_file_that_is_no_table(vocabulary: Vocabulary, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "sent.csv").write_bytes(content)
    with pytest.raises(ContactError) as error:
        read(tmp_path / "sent.csv", None, vocabulary)
    assert words in sentence(error)


def test_a_csv_that_is_not_utf8(vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path) -> None:
    accented = few.with_columns(pl.lit("DOÑA ANA COUNTY JAIL").alias("facility"))
    (tmp_path / "old.csv").write_bytes(accented.write_csv().encode("cp1252"))
    reading = read(tmp_path / "old.csv", None, vocabulary)
    assert reading.contacts["facility"][0] == "DOÑA ANA COUNTY JAIL"
    assert any("not written in UTF-8 (first seen in line 2)" in note for note in reading.notes)
    (tmp_path / "utf16.csv").write_bytes(accented.write_csv().encode("utf-16"))
    assert read(tmp_path / "utf16.csv", None, vocabulary).contacts["facility"][0] == "DOÑA ANA COUNTY JAIL"


def test_the_sheet_with_the_header_is_found_and_rows_keep_their_numbers(
    vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path
) -> None:
    book = xlsxwriter.Workbook(tmp_path / "release.xlsx")
    day = book.add_format({"num_format": "mm/dd/yyyy"})
    book.add_worksheet("Cover").write_column(0, 0, ["Detainers", "For official use", "Page 1"])
    sheet = book.add_worksheet("FY15")
    sheet.write(1, 0, "Report of July 2015")
    sheet.write_row(4, 1, ["Prepare Date", "Detainer Type", "Facility", "City", "State", "Lift Reason"])
    for i, row in enumerate(few.head(10).rows()):
        sheet.write_datetime(5 + i, 1, datetime(row[0].year, row[0].month, row[0].day), day)
        sheet.write_row(5 + i, 2, [cell or "" for cell in row[2:]])
    sheet.write(8, 1, "31/31/2014")
    book.close()
    reading = read(tmp_path / "release.xlsx", None, vocabulary)
    assert reading.contacts["source_row"].to_list() == [6, 7, 8, 10, 11, 12, 13, 14, 15]
    assert reading.rejected["row"].to_list() == [9]
    assert reading.contacts["date"].to_list()[:3] == few["prepare_date"].to_list()[:3]
    assert any("read from the sheet `FY15`, whose row 5 is the header" in note for note in reading.notes)


def test_semicolons_tabs_and_titles_above_the_header(vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path) -> None:
    for separator in (";", "\t", "|"):
        (tmp_path / "sent.csv").write_text("Release\n\n" + few.write_csv(separator=separator))
        reading = read(tmp_path / "sent.csv", None, vocabulary)
        assert reading.contacts.height == 200
        assert reading.contacts["source_row"][0] == 4


def test_a_cell_with_line_ends_stays_one_row(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n"x\ny",1\n2,3,\n\n4,5,6\n7\n8,9\n')
    table = open_table(tmp_path / "t.csv")
    assert table.frame.rows() == [(2, "x\ny", "1"), (3, "2", "3"), (7, "8", "9")]
    assert [(b.row, b.reason) for b in table.broken] == [
        (5, "the row has 3 cells, the header has 2"),
        (6, "the row has 1 cell, the header has 2"),
    ]
    assert table.notes == ("1 empty row was passed over",)


def test_rejected_rows_are_written_whole_or_not_at_all(
    vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = few.with_columns(pl.lit("yesterday").alias("prepare_date"))
    bad.write_csv(tmp_path / "sent.csv")
    reading = read(tmp_path / "sent.csv", None, vocabulary)
    assert reading.contacts.is_empty()
    written = write_rejected(reading, tmp_path / "rejected.csv")
    assert pl.read_csv(written).columns == ["row", "column", "value", "reason"]
    assert pl.read_csv(written).height == 200

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    with pytest.raises(OSError, match="no space"):
        write_rejected(reading, tmp_path / "again.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rejected.csv", "sent.csv"]


def test_a_value_that_the_reader_does_not_know_is_left_unknown_and_said(
    vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path
) -> None:
    few.with_columns(pl.lit("I-999 - something new").alias("detainer_type")).write_csv(tmp_path / "new.csv")
    reading = read(tmp_path / "new.csv", None, vocabulary)
    assert reading.contacts["request"].null_count() == 200
    assert reading.contacts["asked"].unique().to_list() == [""]
    assert any("`I-999 - something new` (200)" in note for note in reading.notes)


def test_source_columns_that_collide_are_renamed(vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("date,actor,request,note\n2020-01-02,clerk,by fax,hello\n")
    mapping = parse_mapping(
        "reader: own\ntitle: own\ncolumns: {date: , actor: , request: , note: }\ndate: {column: date}\n", "own"
    )
    contacts = read(tmp_path / "own.csv", mapping, vocabulary).contacts
    assert contacts.row(0, named=True)["source_request"] == "by fax"
    assert {"source_date", "source_actor", "source_note"} <= set(contacts.columns)
    assert contacts["actor"].to_list() == [None]


# --- mapping files --------------------------------------------------------------------------------------


def test_every_mistake_of_a_mapping_is_a_sentence(vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(
        "reader: m\ntitle: m\ncolumns: {day: }\ndate: {column: day, formats: []}\n"
        "chanel: fax\nagency: {rules: [{actor: nypd, facility: {matches: '('}}]}\n"
    )
    with pytest.raises(ContactError) as error:
        load_mapping(tmp_path / "m.yaml")
    assert "`chanel` is no key here (did you mean `channel`?)" in sentence(error)
    assert "say how the day is written" in sentence(error)
    assert "`(` is not a regular expression" in sentence(error)


def test_a_mapping_may_use_only_words_of_the_vocabulary(vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("day,x\n2020-01-02,1\n")
    mapping = parse_mapping(
        "reader: m\ntitle: m\ncolumns: {day: , x: }\ndate: {column: day}\nagency: {always: nypdd}\n"
        "asked: {always: [notify_relese]}\n"
        "facts: {request: {always: detainer}, judicial_warant: {always: true}, court_order: {always: 3}}\n",
        "m",
    )
    with pytest.raises(ContactError) as error:
        read(tmp_path / "t.csv", mapping, vocabulary)
    assert len(error.value.problems) == 5
    for word in ("`nypd`", "`notify_release`", "`civil_detainer`", "`judicial_warrant`", "yes/no"):
        assert word in sentence(error)


def test_an_unquoted_yes_in_a_mapping_is_named() -> None:
    with pytest.raises(ContactError, match='put the cell in quotation marks: "Yes"'):
        parse_mapping(
            "reader: m\ntitle: m\ncolumns: {day: , w: }\ndate: {column: day}\n"
            "facts: {judicial_warrant: {column: w, values: {Yes: true}}}\n",
            "m",
        )


def test_who_asked_may_stand_in_a_column(vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("day,from\n2020-01-02,ICE ERO\n2020-01-03,CBP\n2020-01-04,somebody\n")
    mapping = parse_mapping(
        "reader: log\ntitle: log\ncolumns: {day: , from: }\ndate: {column: day}\nchannel: letter\n"
        "counterpart: {column: from, values: {ICE ERO: ice_ero, CBP: cbp}}\n",
        "log",
    )
    reading = read(tmp_path / "log.csv", mapping, vocabulary)
    assert reading.contacts["counterpart"].to_list() == ["ice_ero", "cbp", None]
    assert any("`somebody` (1)" in note for note in reading.notes)


def test_an_unknown_reader_names_those_that_are(vocabulary: Vocabulary) -> None:
    with pytest.raises(ContactError, match="did you mean `ice-detainers-fy2015`"):
        read(sample("ice-detainers-fy2015"), "ice-detainer-fy2015", vocabulary)


# --- drafts ---------------------------------------------------------------------------------------------


def test_a_draft_is_a_mapping_that_reads_the_file(vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path) -> None:
    few.write_csv(tmp_path / "requests 2015.csv")
    text = draft(tmp_path / "requests 2015.csv", vocabulary)
    (tmp_path / "m.yaml").write_text(text)
    reading = read(tmp_path / "requests 2015.csv", str(tmp_path / "m.yaml"), vocabulary)
    assert reading.reader == "requests-2015"
    assert reading.contacts.height == 200
    assert reading.contacts["date"].to_list() == few["prepare_date"].to_list()
    assert reading.contacts["asked"].unique().to_list() == [""], "a draft asks nothing of its own"
    assert "ADA COUNTY JAIL: ?  # 89 rows" in text


def test_a_draft_says_that_days_are_ambiguous_and_does_not_choose(vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("asked on,agency\n05/08/2015,NYPD\n03/04/2015,DOC\n")
    text = draft(tmp_path / "t.csv", vocabulary)
    assert "AMBIGUOUS: every one of 2 cells" in text
    with pytest.raises(ContactError, match="nobody guesses it"):
        parse_mapping(text, "t")


def test_a_draft_tells_of_two_date_formats(vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: Path) -> None:
    both = pl.concat([with_days(few.head(100), "%m/%d/%Y"), with_days(few.tail(100), "%d/%m/%Y")])
    both.write_csv(tmp_path / "two.csv")
    assert "TWO FORMS: 46 cells can only be month/day" in draft(tmp_path / "two.csv", vocabulary)


def test_a_draft_proposes_yes_no_facts_and_leaves_people_out(vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "Request Date,Jail,Judicial Warrant,Birth Date,Last Name\n"
        "2020-01-02,X,Yes,1980-01-01,Doe\n2020-01-03,Y,No,,Roe\n"
    )
    text = draft(tmp_path / "t.csv", vocabulary)
    assert "it might be `judicial_warrant`" in text
    assert "#     values: {" in text and "#     basis: stated" in text
    mapping = parse_mapping(text, "t")
    assert mapping.date.column == "Request Date"
    assert set(mapping.not_read) == {"Birth Date", "Last Name"}
    assert mapping.facts == {}, "a proposal is a comment until a person takes it up"


def test_a_draft_of_every_sample_can_be_parsed(vocabulary: Vocabulary) -> None:
    for name in ("ice-detainers-fy2015", "ice-detainers-minnesota", "ice-i213", "ice-detainers-us-citizens"):
        mapping = parse_mapping(draft(sample(name), vocabulary), name)
        assert read(sample(name), mapping, vocabulary).contacts.height
