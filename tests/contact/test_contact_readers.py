"""What the shipped readers make of the real files, against the counts that the files' READMEs give."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from brightline.contact.frame import from_row
from brightline.contact.mapping import check_mapping, readers, shipped
from brightline.contact.problems import ContactError
from brightline.contact.read import Reading, read
from brightline.contact.samples import SAMPLES, sample
from brightline.law.vocabulary import Vocabulary

ACTOR = pl.col("actor")
FACILITY = pl.col("facility")
BOOKING = [f"{b} CENTRAL BOOKING" for b in ("BRONX", "BROOKLYN", "MANHATTAN", "QUEENS", "RICHMOND")]


def by_month(frame: pl.DataFrame) -> list[int]:
    return frame.group_by(pl.col("date").dt.truncate("1mo")).len().sort("date")["len"].to_list()


def test_every_sample_is_there_with_its_readme() -> None:
    for name in SAMPLES:
        assert sample(name).is_file()
        assert (sample(name).parent / "README.md").is_file()


@pytest.mark.parametrize("reader", readers())
def test_every_shipped_reader_speaks_the_vocabulary(reader: str, vocabulary: Vocabulary) -> None:
    assert check_mapping(shipped(reader), vocabulary) == []


def test_every_detainer_is_kept_and_repeated_rows_too(detainers: Reading) -> None:
    assert detainers.contacts.height == 79_053
    assert detainers.rejected.is_empty()
    source = ["prepare_date", "form", "detainer_type", "facility", "city", "state", "lift_reason"]
    assert detainers.contacts.height - detainers.contacts.select(source).unique().height == 30_128


def test_detainers_by_month(detainers: Reading) -> None:
    expected = [11_437, 9_657, 8_306, 7_140, 7_079, 8_081, 8_139, 7_638, 7_590, 3_986]
    assert by_month(detainers.contacts) == expected


def test_detainers_to_rikers_by_month(detainers: Reading) -> None:
    rikers = detainers.contacts.filter(FACILITY == "RIKERS ISLAND, QUEENS, NY")
    assert by_month(rikers)[:5] == [127, 103, 25, 14, 10]
    assert rikers["actor"].unique().to_list() == ["nyc_doc"]


def test_new_york_state_has_2700_detainers(detainers: Reading) -> None:
    assert detainers.contacts.filter(pl.col("state") == "NEW YORK").height == 2_700


def test_us_citizens_in_the_2015_file(detainers: Reading) -> None:
    assert detainers.contacts.filter(pl.col("outcome_stated") == "us_citizen").height == 55


def test_central_booking_is_the_police(detainers: Reading) -> None:
    police = detainers.contacts.filter(ACTOR == "nypd")
    assert set(police["facility"]) == {*BOOKING, "NYC POLICE DEPARTMENT"}
    assert police.height == 506


def test_the_department_of_correction_is_rikers_and_two_houses_of_detention(detainers: Reading) -> None:
    doc = detainers.contacts.filter(ACTOR == "nyc_doc")
    assert dict(doc.group_by("facility").len().rows()) == {
        "RIKERS ISLAND, QUEENS, NY": 328,
        "MANHATTEN DET COMPLEX, NY": 3,
        "BROOKLYN HOUSE OF DETENT.": 1,
    }


def test_a_borough_name_in_another_state_is_not_new_york_city(detainers: Reading, vocabulary: Vocabulary) -> None:
    elsewhere = detainers.contacts.filter(FACILITY.is_in(["BROOKLYN CORR CENTER", "BROOKLYN PARK POLICE DEPT."]))
    assert elsewhere.height == 5
    city = [a for a in vocabulary.actors if "nyc_agency" in vocabulary.actor_lineage(a)]
    assert not set(elsewhere["actor"]) & set(city)
    outside = detainers.contacts.filter(ACTOR.is_in(city) & (pl.col("state") != "NEW YORK"))
    assert outside.is_empty()


@pytest.mark.parametrize(
    ("facility", "actor"),
    [
        ("BROOKLYN MDC", "us_bureau_of_prisons"),
        ("NEW YORK MCC", "us_bureau_of_prisons"),
        ("RAY BROOK FED.CORR.INST.", "us_bureau_of_prisons"),
        ("LOMPOC USP", "us_bureau_of_prisons"),
        ("US MARSHALS, SDNY", "us_marshals"),
        ("VARICK STREET SPC", "ice"),
        ("AUSTIN DRO HOLD ROOM", "ice"),
        ("SING SING, OSSINING, NY", "ny_state_prison"),
        ("OTISVILLE C.F.(STATE)", "ny_state_prison"),
        ("PUTNAM COUNTY C.F.", "ny_county_jail"),
        ("NASSAU CO CORREC CENTER", "ny_county_jail"),
        ("RENSSALAER COUNTY", "ny_county_jail"),
        ("VILLAGE OF SPRING VALLEY PD", "ny_local_police"),
        ("LOS ANGELES COUNTY JAIL-TWIN TOWER", "ca_law_enforcement"),
        ("CSP-SAN QUENTIN", "ca_state_prison"),
        ("TRAVIS CTY JAIL", "tx_county_jail"),
        ("HOUSTON POLICE DEPT.", "tx_law_enforcement"),
        ("TRAVIS COUNTY STATE JAIL", "state_prison_system"),
        ("MULTNOMAH COUNTY JAIL", "or_law_enforcement"),
        ("ASPC ALHAMBRA", "state_prison_system"),
        ("COOK COUNTY JAIL", "other_local_agency"),
        # Nobody's plain name: a shelter, a contractor, a name with two meanings, no name at all.
        ("ABBOTT HOME", None),
        ("CI EDEN", None),
        ("REEVES COUNTY DET. CENTER", None),
        ("SULLIVAN COUNTY CORR FAC", None),
        ("METROPOLITAN DETENTION CENTER", None),
        ("OTHER-OTHER FACILITY", None),
    ],
)
def test_the_agency_behind_a_facility(detainers: Reading, facility: str, actor: str | None) -> None:
    rows = detainers.contacts.filter(facility == FACILITY)
    assert rows.height
    assert rows["actor"].unique().to_list() == [actor]


def test_federal_prisons_and_marshals_are_no_local_agency(detainers: Reading, vocabulary: Vocabulary) -> None:
    federal = detainers.contacts.filter(
        FACILITY.str.contains(r"\bUS MARSHAL|FED\.CORR|\bUSP\b|\bFCI\b|\bMCC\b|\bMDC\b")
    )
    assert federal.height > 5_000
    assert all(vocabulary.actors[a].federal for a in set(federal["actor"]))


def test_without_facility_or_state_there_is_no_agency(detainers: Reading) -> None:
    nowhere = detainers.contacts.filter(pl.col("state").is_null())
    assert nowhere.height == 9_020
    assert nowhere["actor"].null_count() == 9_020


def test_a_place_text_carries_its_state(vocabulary: Vocabulary, few: pl.DataFrame, tmp_path: object) -> None:
    text = few.head(2).with_columns(
        pl.Series("facility", ["RIKERS ISLAND, QUEENS, NY", "RIKERS ISLAND"]),
        pl.lit(None, pl.String).alias("city"),
        pl.lit(None, pl.String).alias("state"),
    )
    path = f"{tmp_path}/text.csv"
    text.write_csv(path)
    assert read(path, "ice-detainers-fy2015", vocabulary).contacts["actor"].to_list() == ["nyc_doc", None]


def test_the_form_says_what_was_asked(detainers: Reading) -> None:
    asked = detainers.contacts.group_by("form", "asked", "request", "request__basis").len().sort("form")
    assert asked.rows() == [
        ("I-247", "hold_past_release notify_release", "civil_detainer", "verified", 75_696),
        ("I-247D", "hold_past_release notify_release", "civil_detainer", "verified", 2_811),
        ("I-247N", "notify_release", "notification_request", "verified", 546),
    ]


def test_ices_word_on_the_outcome_is_neither_done_nor_not_done(detainers: Reading) -> None:
    declined = detainers.contacts.filter(pl.col("lift_reason") == "Detainer Declined by LEA")
    assert declined.height == 5_501
    assert declined["outcome_stated"].unique().to_list() == ["declined"]
    assert detainers.contacts["done"].unique().to_list() == [""]
    assert detainers.contacts["not_done"].unique().to_list() == [""]


def test_an_empty_lift_reason_is_unknown(detainers: Reading) -> None:
    empty = detainers.contacts.filter(pl.col("lift_reason").is_null())
    assert empty.height == 52_263
    assert empty["outcome_stated"].null_count() == 52_263


def test_a_detainer_file_says_nothing_of_warrants_or_convictions(detainers: Reading, vocabulary: Vocabulary) -> None:
    facts = {c.split("__")[0] for c in detainers.contacts.columns} & set(vocabulary.names)
    assert facts == {"request", "federal_immigration_authority", "issued_by_ice"}


def test_the_row_is_that_of_the_release(detainers: Reading) -> None:
    assert detainers.contacts["source_row"][0] == 2
    assert detainers.contacts["contact"].to_list()[:3] == [1, 2, 3]


def test_only_keeps_an_agency_and_its_kinds(detainers: Reading, vocabulary: Vocabulary) -> None:
    path = sample("ice-detainers-fy2015")
    city = read(path, None, vocabulary, only=["nyc_agency"]).contacts
    assert dict(city.group_by("actor").len().rows()) == {"nypd": 506, "nyc_doc": 332}
    row = city.row(0, named=True)
    assert detainers.contacts.filter(pl.col("contact") == row["contact"]).row(0, named=True) == row
    with pytest.raises(ContactError, match="did you mean `nypd`"):
        read(path, None, vocabulary, only=["nypdd"])


def test_a_row_becomes_a_contact(detainers: Reading, vocabulary: Vocabulary) -> None:
    row = detainers.contacts.filter(FACILITY == "RIKERS ISLAND, QUEENS, NY").sort("date").row(0, named=True)
    contact = from_row(row, vocabulary)
    assert contact.actor == "nyc_doc"
    assert contact.asked == ["hold_past_release", "notify_release"]
    assert contact.facts["request"].shown_by == "the form"
    assert contact.source is not None and contact.source.row == row["source_row"]


# --- the other files --------------------------------------------------------------------------------


def test_the_release_of_2026_reads_with_24_of_its_64_columns(vocabulary: Vocabulary) -> None:
    reading = read(sample("ice-detainers-minnesota"), None, vocabulary)
    assert reading.reader == "ice-detainers-2026"
    assert reading.contacts.height == 22
    assert reading.contacts["actor"].unique().to_list() == ["state_prison_system"]
    assert reading.contacts["asked"].unique().to_list() == ["hold_past_release notify_release"]
    assert reading.contacts["outcome_stated"].unique().to_list() == ["declined"]
    assert not {"felon", "msc_charge_year"} & set(reading.contacts.columns)


def test_every_column_of_the_2026_release_is_read_or_refused_by_name() -> None:
    schema = pl.read_csv(sample("ice-detainers-minnesota").parent / "detainer_release_schema_fy2026.csv")
    mapping = shipped("ice-detainers-2026")
    assert schema.height == 64
    assert set(schema["column"]) <= set(mapping.columns) | set(mapping.not_read)


def test_all_64_columns_read_and_a_ticked_box_is_ices_word(vocabulary: Vocabulary, tmp_path: object) -> None:
    schema = pl.read_csv(sample("ice-detainers-minnesota").parent / "detainer_release_schema_fy2026.csv")
    ours = pl.read_csv(sample("ice-detainers-minnesota"), infer_schema=False).head(3)
    whole = ours.select(
        pl.col(c) if c in ours.columns else pl.lit(None, pl.String).alias(c) for c in schema["column"]
    ).with_columns(pl.Series("illegal_reentry_yes_no", ["YES", "NO", None]))
    whole.write_csv(f"{tmp_path}/whole.csv")
    contacts = read(f"{tmp_path}/whole.csv", None, vocabulary).contacts
    assert contacts["reentered_after_removal"].to_list() == [True, None, None]
    assert contacts["reentered_after_removal__basis"].to_list() == ["stated", None, None]


def test_the_extracts_of_us_citizens_read_as_detainers(vocabulary: Vocabulary) -> None:
    reading = read(sample("ice-detainers-us-citizens"), None, vocabulary)
    assert reading.reader == "ice-detainers-fy2015"
    assert reading.contacts.height == 693
    # Before late 2014 the release does not say which form it was; then nothing is known to have been asked.
    no_form = reading.contacts.filter(pl.col("detainer_type").is_null())
    assert no_form.height and no_form["asked"].unique().to_list() == [""]
    assert no_form["request"].null_count() == no_form.height


def test_an_arrest_at_a_jail_does_not_show_what_the_jail_did(arrests: Reading, i213: Reading) -> None:
    for reading in (arrests, i213):
        for column in ("asked", "done", "not_done"):
            assert reading.contacts[column].unique().to_list() == [""]
        assert not [c for c in reading.contacts.columns if "__" in c]


def test_arrests_are_all_kept_with_their_methods(arrests: Reading) -> None:
    years = arrests.contacts.group_by("fiscal_year").len().sort("fiscal_year")["len"].to_list()
    assert years == [110_104, 143_470, 158_581, 131_904]
    under = arrests.contacts.filter(pl.col("apprehension_method") == "287(g) Program").group_by("fiscal_year").len()
    assert under.sort("fiscal_year")["len"].to_list() == [3_149, 7_164, 10_338, 8_361]
    assert not {"citizenship", "gender"} & set(arrests.contacts.columns)


def test_texas_jails_show_no_change_around_californias_law(arrests: Reading) -> None:
    areas = ["Dallas", "Houston", "San Antonio", "El Paso"]
    jails = arrests.contacts.filter(
        pl.col("area_of_responsibility").is_in(areas), pl.col("apprehension_method") == "CAP Local Incarceration"
    )
    before = jails.filter(pl.col("date").is_between(date(2017, 8, 1), date(2017, 12, 31))).height
    after = jails.filter(pl.col("date").is_between(date(2018, 1, 1), date(2018, 5, 31))).height
    assert round((after / before - 1) * 100, 1) == 0.1


@pytest.mark.parametrize(
    ("landmark", "actor"),
    [
        ("DALLAS COUNTY GENERAL AREA", None),
        ("DENVER COUNTY", None),
        ("FUGITIVE OPERATIONS NY STATE", None),
        ("CAP - ROCKLAND COUNTY PROBATION  NY STATE", None),
        ("CAP - BROOKLYN CRIMINAL COURT NY STATE", None),
        ("CAP - YONKERS CITY POLICE DEPARTMENT NY STATE", "ny_local_police"),
        ("CAP - QUEENS CENTRAL BOOKING NY State", "nypd"),
        ("CAP - AMKC - ANNA M. KROSS CENTER NY STATE", "nyc_doc"),
        ("HARRIS COUNTY JAIL, HOUSTON, TX", "tx_county_jail"),
        ("BEXAR COUNTY JAIL - TX0150000", "tx_county_jail"),
        ("BOP BROOKLYN", "us_bureau_of_prisons"),
    ],
)
def test_only_a_plain_name_in_a_landmark_is_an_agency(arrests: Reading, landmark: str, actor: str | None) -> None:
    rows = arrests.contacts.filter(pl.col("apprehension_landmark") == landmark)
    assert rows.height
    assert rows["actor"].unique().to_list() == [actor]


def test_arrest_forms_are_all_kept(i213: Reading) -> None:
    assert i213.contacts.height == 8_068
    docket = i213.contacts.filter(pl.col("landmark") == "SEATTLE NON-DETAINED DOCKET")
    assert docket["actor"].unique().to_list() == [None]
    assert i213.contacts["date"].dt.year().is_in([2013, 2016]).any()
