"""Files of real sources are counted as their publishers counted them, and bad files are refused in a sentence."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from brightline.watch.problems import WatchError
from brightline.watch.read import Mapping, known, load_mapping, read

DATA = Path(str(files("brightline") / "data"))
SUMMONSES = DATA / "watch-nypd-summonses"
BICYCLE = "^(BICYCLE|BIKE IN PARK)"


def test_it_reads_every_shipped_mapping() -> None:
    assert {"nypd-criminal-summons", "nypd-complaints", "ice-arrests", "ice-detainers", "ice-i213"} <= set(known())


# --- published numbers ------------------------------------------------------------------------


def test_bicycle_criminal_summonses_are_those_that_the_police_reported() -> None:
    table = read(SUMMONSES / "criminal_summonses_by_precinct_2007_2015q1.csv.gz")
    bicycles = table.series(name="b", period="year", offence=BICYCLE)
    assert bicycles.values[6] == 25_082
    assert bicycles.values[7] == 6_070


def test_citywide_and_total_rows_are_not_added_to_their_parts() -> None:
    table = read(SUMMONSES / "criminal_summonses_by_precinct_2007_2015q1.csv.gz")
    city = table.series(name="all", period="year")
    assert (city.values[0], city.values[7]) == (539_800, 359_500)
    parts = table.series(name="all", period="year", level="precinct")
    assert parts.values[:8].tolist() == city.values[:8].tolist()
    one = table.series(name="all", period="year", level="precinct", place="123")
    total = table.series(name="all", period="year", level="precinct", place="123", offence="Total")
    assert one.values.tolist() == total.values.tolist()


def test_a_quarter_among_years_is_the_partial_beginning_of_its_year() -> None:
    series = read(SUMMONSES / "criminal_summonses_by_precinct_2007_2015q1.csv.gz").series(name="all", period="year")
    assert series.days[-1] == date(2015, 1, 1)
    assert series.partial == {8}
    assert series.values[8] == 56_851


def test_the_change_of_form_of_2014_stands_on_cyclists_and_not_on_the_rest() -> None:
    table = read(SUMMONSES / "criminal_summonses_by_precinct_2007_2015q1.csv.gz")
    assert [c.day for c in table.series(name="b", period="year", offence=BICYCLE).definition_changes] == [
        date(2014, 1, 1)
    ]
    assert table.series(name="alcohol", period="year", offence="^CONSUMPTION OF ALCOHOL$").definition_changes == ()


def test_bicycle_traffic_summonses_by_quarter_are_the_published_ones() -> None:
    series = read(SUMMONSES / "bike_b_summonses_daily_2018_2023.csv").series(name="b", period="quarter")
    at = {d: v for d, v in zip(series.days, series.values, strict=True)}
    assert (at[date(2019, 7, 1)], at[date(2020, 4, 1)], at[date(2023, 4, 1)]) == (11_525, 1_125, 4_191)


def test_violations_of_each_month_add_up_to_the_total_of_the_report() -> None:
    table = read(SUMMONSES / "moving_violations_city_by_month_2011_2019.csv.gz")
    parts, total = table.series(name="all"), table.series(name="all", offence="TOTAL Movers")
    assert len(parts) == 100
    assert parts.values.tolist() == total.values.tolist()


def test_arrests_from_california_jails_fell_as_published_and_those_from_texas_jails_did_not() -> None:
    table = read(DATA / "watch-ice-arrests" / "arrests_fy2016_2019.parquet")

    def both(level: str) -> tuple[float, float]:
        jails = table.series(name="j", level=level, place=level, offence="^CAP Local Incarceration$")
        first = jails.index(date(2017, 8, 1))
        return float(jails.values[first : first + 5].sum()), float(jails.values[first + 5 : first + 10].sum())

    assert both("California areas") == (3_700, 2_137)
    before, after = both("Texas areas")
    assert abs(after / before - 1) < 0.005


def test_the_last_month_of_arrests_is_partial_and_not_low() -> None:
    series = read(DATA / "watch-ice-arrests" / "arrests_fy2016_2019.parquet").series(name="all")
    assert series.values[-1] == 4
    assert series.partial == {len(series) - 1}


def test_detainers_by_month_are_those_of_the_release() -> None:
    series = read(DATA / "ice-detainers-fy2015" / "detainers_fy2015.parquet").series(name="d")
    assert series.values.tolist() == [11437, 9657, 8306, 7140, 7079, 8081, 8139, 7638, 7590, 3986]
    assert series.partial == {9}


def test_arrest_forms_in_washington_are_the_published_ones() -> None:
    series = read(DATA / "ice-i213" / "i213_wa_ak_other.parquet").series(name="f", period="year", level="Washington")
    assert dict(zip([d.year for d in series.days], series.values, strict=True))[2024] == 929
    quarters = read(DATA / "ice-i213" / "i213_wa_ak_other.parquet").series(name="f", period="quarter")
    assert quarters.values[-1] == 951


def test_dates_far_outside_the_release_are_left_out_and_told() -> None:
    table = read(DATA / "ice-i213" / "i213_wa_ak_other.parquet")
    assert any("6 rows are dated outside" in note for note in table.notes)
    assert table.first.year == 2021


def test_agreements_in_force_are_those_that_ice_published() -> None:
    daily = read(DATA / "watch-287g" / "counts_by_snapshot.csv").series(name="a", period="day")
    assert daily.values[daily.index(date(2025, 5, 29))] == 635
    assert daily.values[-1] == 1_843


def test_no_agreement_was_signed_in_months_without_a_row_because_the_list_is_complete() -> None:
    signed = read(DATA / "watch-287g" / "agreements.csv.gz").series(name="s")
    assert signed.start == date(2021, 1, 1)
    assert signed.values[signed.index(date(2023, 3, 1))] == 0


def test_calls_of_a_day_without_a_row_are_missing() -> None:
    table = read(DATA / "watch-lapd-calls" / "daily_calls_by_type.csv.gz")
    calls = table.series(name="c", period="day", place="districts with a high Hispanic share", offence="domviol")
    assert np.isnan(calls.values[calls.index(date(2018, 12, 30))])


def test_the_sum_of_call_types_is_not_added_to_the_types() -> None:
    table = read(DATA / "watch-lapd-calls" / "daily_calls_by_type.csv.gz")
    day = dict(period="day", place="districts with a high Hispanic share", name="c")
    parts, total = table.series(**day), table.series(**day, offence="top24_call_types_total")  # type: ignore[arg-type]
    assert parts.values[0] == total.values[0] == 572


# --- layouts as publishers describe them -------------------------------------------------------------

LAYOUTS = {
    "nypd-criminal-summons": (
        "SUMMONS_KEY,SUMMONS_DATE,OFFENSE_DESCRIPTION,LAW_SECTION_NUMBER,LAW_DESCRIPTION,SUMMONS_CATEGORY_TYPE,AGE_GROUP,"
        "SEX,RACE,JURISDICTION_CODE,BORO,PRECINCT_OF_OCCUR,X_COORDINATE_CD,Y_COORDINATE_CD,Latitude,Longitude",
        "{k},{d},BICYCLE ON SIDEWALK,19-176,ADM CODE,BICYCLE,25-44,M,UNKNOWN,0,BROOKLYN,075,1,1,40.6,-73.9",
        "BICYCLE", "borough", "BROOKLYN",
    ),
    "nypd-traffic-summons": (
        "EVNT_KEY,VIOLATION_DATE,VIOLATION_TIME,CHG_LAW_CD,VIOLATION_CODE,VEH_CATEGORY,CITY_NM,RPT_OWNING_CMD,"
        "X_COORD_CD,Y_COORD_CD,Latitude,Longitude",
        "{k},{d},10:00:00,VTL,1111D1,BIKE,BROOKLYN,075,1,1,40.6,-73.9", "^1111D", "borough", "BROOKLYN",
    ),
    "nypd-complaints": (
        "CMPLNT_NUM,CMPLNT_FR_DT,CMPLNT_FR_TM,RPT_DT,KY_CD,OFNS_DESC,LAW_CAT_CD,BORO_NM,ADDR_PCT_CD,VIC_RACE",
        "{k},01/01/1015,10:00:00,{d},344,ASSAULT 3,MISDEMEANOR,BROOKLYN,75,UNKNOWN", "ASSAULT", "precinct", "75",
    ),
    "nypd-arrests": (
        "ARREST_KEY,ARREST_DATE,PD_CD,PD_DESC,KY_CD,OFNS_DESC,LAW_CODE,LAW_CAT_CD,ARREST_BORO,ARREST_PRECINCT,PERP_RACE",
        "{k},{d},101,ASSAULT,344,ASSAULT 3,PL 1200001,M,K,75,UNKNOWN", "ASSAULT", "borough", "Brooklyn",
    ),
    "nypd-calls": (
        "CAD_EVNT_ID,CREATE_DATE,INCIDENT_DATE,INCIDENT_TIME,NYPD_PCT_CD,BORO_NM,RADIO_CODE,TYP_DESC,CIP_JOBS",
        "{k},{d},{d},10:00:00,75,BROOKLYN,10S1,INVESTIGATE: CALLS FOR HELP,Non CIP", "HELP", "precinct", "75",
    ),
    "lapd-calls": (
        "Incident_Number,Area_Occ,Rpt_Dist,Dispatch_Date,Dispatch_Time,Call_Type_Code,Call_Type_Text",
        "{k},Hollenbeck,0411,{d},10:00:00,620,DOM VIOL", "DOM VIOL", "area", "Hollenbeck",
    ),
    "ice-arrests-current": (
        "apprehension_date,apprehension_state,apprehension_county,apprehension_aor,apprehension_method,"
        "apprehension_criminality,unique_identifier",
        "{d},NEW YORK,KINGS,New York City Area of Responsibility,CAP Local Incarceration,2 Pending Criminal Charges,{k}",
        "^CAP", "state", "NEW YORK",
    ),
    "ice-detainers-current": (
        "detainer_prepare_date,facility_state,detention_facility,detainer_lift_reason,unique_identifier",
        "{d},NEW YORK,RIKERS ISLAND,,{k}", "RIKERS", "state", "NEW YORK",
    ),
}  # fmt: skip


@pytest.mark.parametrize("written", ["%m/%d/%Y", "%Y-%m-%dT00:00:00.000"])
@pytest.mark.parametrize("source", LAYOUTS)
def test_a_current_layout_is_recognised_and_counted(source: str, written: str, tmp_path: Path) -> None:
    head, row, offence, level, place = LAYOUTS[source]
    days = [date(2025, 1, 1), date(2025, 1, 31), date(2025, 3, 31)]
    lines = [head, *(row.format(k=1000 + i, d=d.strftime(written)) for i, d in enumerate(days))]
    (tmp_path / "export.csv").write_text("\n".join(lines))
    table = read(tmp_path / "export.csv")
    assert table.mapping.id == source
    series = table.series(name="x", level=level, place=place, offence=offence)
    assert series.start == date(2025, 1, 1)
    assert series.values[[0, 2]].tolist() == [2, 1]
    assert np.isnan(series.values[1])  # the file says nothing at all of February


def test_people_held_are_the_mean_of_the_days_and_never_a_sum(tmp_path: Path) -> None:
    rows = ["detention_facility_code,date,n_detained_at_midnight"]
    rows += [f"{place},2025-0{m}-{d:02d},{held}" for m in (1, 2) for d in range(1, 29)
             for place, held in (("A", 100 + 10 * m), ("B", 50))]  # fmt: skip
    (tmp_path / "held.csv").write_text("\n".join(rows))
    table = read(tmp_path / "held.csv")
    assert table.mapping.id == "ice-detained"
    assert table.series(name="held", level="facility", place="A").values.tolist() == [110, 120]
    assert table.series(name="held").values.tolist() == [160, 170]


def test_a_summons_in_both_the_historic_and_the_current_file_is_counted_once(tmp_path: Path) -> None:
    head, row, *_ = LAYOUTS["nypd-criminal-summons"]
    (tmp_path / "historic.csv").write_text(
        "\n".join([head, row.format(k=1, d="12/30/2024"), row.format(k=2, d="12/31/2024")])
    )
    (tmp_path / "ytd.csv").write_text(
        "\n".join([head, row.format(k=2, d="12/31/2024"), row.format(k=3, d="01/01/2025")])
    )
    table = read([tmp_path / "historic.csv", tmp_path / "ytd.csv"])
    assert table.series(name="x").values.tolist() == [2, 1]
    assert any("1 of 4 rows repeat the key" in note for note in table.notes)


def test_a_month_without_the_offence_is_zero_where_every_event_is_a_row(tmp_path: Path) -> None:
    head, row, *_ = LAYOUTS["nypd-criminal-summons"]
    other = row.replace("BICYCLE ON SIDEWALK", "LITTERING")
    rows = [row.format(k=1, d="01/01/2025"), other.format(k=2, d="02/10/2025"), row.format(k=3, d="03/31/2025")]
    (tmp_path / "a.csv").write_text("\n".join([head, *rows]))
    assert read(tmp_path / "a.csv").series(name="x", offence="BICYCLE").values.tolist() == [1, 0, 1]


def test_a_group_is_chosen_by_its_name(tmp_path: Path) -> None:
    head, row, *_ = LAYOUTS["nypd-criminal-summons"]
    women = row.replace(",M,UNKNOWN", ",F,WHITE")
    (tmp_path / "a.csv").write_text(
        "\n".join([head, row.format(k=1, d="01/01/2025"), women.format(k=2, d="01/31/2025")])
    )
    table = read(tmp_path / "a.csv")
    assert table.series(name="x", group="sex=F").values.tolist() == [1]
    assert table.series(name="x", group="WHITE").values.tolist() == [1]  # race is the first group of this source
    assert table.counts(by=["sex"])["count"].to_list() == [1, 1]


# --- a mapping of one's own -------------------------------------------------------------------

OWN: dict[str, Any] = {
    "id": "own", "about": "counts", "when": {"column": "month", "written": "period"},
    "places": {"town": {"column": "town"}}, "what": {"column": "kind"}, "count": {"column": "n"},
}  # fmt: skip


def own(**other: Any) -> Mapping:
    return Mapping.model_validate({**OWN, **other})


def table_of(tmp_path: Path, *rows: str, mapping: Mapping | None = None, head: str = "town,month,kind,n") -> Any:
    (tmp_path / "own.csv").write_text("\n".join([head, *rows]))
    return read(tmp_path / "own.csv", mapping or own())


def test_an_empty_cell_is_missing_and_so_is_every_sum_with_it(tmp_path: Path) -> None:
    table = table_of(tmp_path, "A,2024-01,stop,4", "A,2024-02,stop,", "A,2024-01,search,1", "A,2024-02,search,2")
    assert np.isnan(table.series(name="x", offence="stop").values[1])
    assert np.isnan(table.series(name="x").values[1])
    assert table.series(name="x", offence="search").values.tolist() == [1, 2]


def test_a_month_without_a_row_is_missing_unless_the_mapping_says_zero(tmp_path: Path) -> None:
    rows = ["A,2024-01,stop,4", "A,2024-03,stop,5", "A,2024-02,search,1"]
    assert np.isnan(table_of(tmp_path, *rows).series(name="x", offence="stop").values[1])
    assert table_of(tmp_path, *rows, mapping=own(absent="zero")).series(name="x", offence="stop").values[1] == 0


def test_months_make_a_quarter_and_a_quarter_that_lacks_one_is_partial(tmp_path: Path) -> None:
    rows = [f"A,2024-{m:02d},stop,{m}" for m in range(1, 6)]
    quarters = table_of(tmp_path, *rows).series(name="x", period="quarter")
    assert quarters.values.tolist() == [6, 9]
    assert quarters.partial == {1}


def test_a_mapping_file_and_an_excel_sheet(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    pl.DataFrame({"Town": ["A", "A"], "Month": ["2024-01", "2024-02"], "Kind": ["x", "x"], "N": [3, 4]}).write_excel(
        tmp_path / "a.xlsx"
    )
    (tmp_path / "own.yaml").write_text(
        "id: own\nabout: counts\nwhen: {column: month, written: period}\nplaces: {town: {column: town}}\n"
        "what: {column: kind}\ncount: {column: n}\n"
    )
    assert read(tmp_path / "a.xlsx", tmp_path / "own.yaml").series(name="x").values.tolist() == [3, 4]


def test_people_held_are_a_mean_of_days_and_not_a_sum(tmp_path: Path) -> None:
    mapping = own(when={"column": "day"}, count={"column": "n", "over_time": "mean"})
    rows = ["A,2024-01-01,x,10", "A,2024-01-02,x,20", "B,2024-01-01,x,1", "B,2024-01-02,x,1"]
    table = table_of(tmp_path, *rows, mapping=mapping, head="town,day,kind,n")
    assert table.series(name="x", place="A").values.tolist() == [15]


def test_parts_that_do_not_add_up_to_their_whole_are_told(tmp_path: Path) -> None:
    mapping = own(
        places={"town": {"column": "town", "matches": "^[AB]$"}, "all": {"column": "town", "matches": "^ALL$"}},
        adds_up=("town", "all"),
    )
    table = table_of(tmp_path, "A,2024-01,x,4", "B,2024-01,x,5", "ALL,2024-01,x,10", mapping=mapping)
    assert any("add up to 9 and the all rows to 10" in note for note in table.notes)


BAD = {
    "negative": (["A,2024-01,stop,-3"], "cannot be negative"),
    "no number": (["A,2024-01,stop,many"], "`many` .* is no number"),
    "twice": (["A,2024-01,stop,3", "A,2024-01,stop,3"], "told twice"),
    "mixed periods": (["A,2024-01,stop,3", "A,2024,stop,30"], "mixes periods of a month and a year"),
    "no day": (["A,January,stop,3"], "cannot be read"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_a_sentence(what: str, tmp_path: Path) -> None:
    rows, sentence = BAD[what]
    with pytest.raises(WatchError, match=sentence):
        table_of(tmp_path, *rows).series(name="x")


def test_rows_that_repeat_a_key_are_refused_where_nobody_said_what_they_are(tmp_path: Path) -> None:
    mapping = Mapping.model_validate(
        {"id": "o", "about": "a", "key": "id", "when": {"column": "day"}, "places": {"town": {"name": "A"}}}
    )
    with pytest.raises(WatchError, match=r"1 rows repeat a `id` \(first: 7\)"):
        table_of(tmp_path, "7,2024-01-01", "7,2024-01-01", "8,2024-01-02", mapping=mapping, head="id,day")


def test_a_finer_period_than_the_file_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match="it counts by month"):
        table_of(tmp_path, "A,2024-01,x,4").series(name="x", period="day")


def test_a_place_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match=r"no rows for the town `C`.*there are A, B"):
        table_of(tmp_path, "A,2024-01,x,4", "B,2024-01,x,4").series(name="x", place="C")


def test_what_cannot_be_read_at_all_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.pdf").write_text("")
    with pytest.raises(WatchError, match="columns of no source that is known"):
        read(tmp_path / "a.csv")
    with pytest.raises(WatchError, match=r"must be \.csv"):
        read(tmp_path / "b.pdf")
    with pytest.raises(WatchError, match="there is no such file"):
        read(tmp_path / "c.csv")
    with pytest.raises(WatchError, match="the column `month` is missing"):
        read(tmp_path / "a.csv", own())
    with pytest.raises(WatchError, match="neither a mapping file nor a known source"):
        load_mapping("nypd-criminal")


def test_a_mistake_in_a_mapping_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("id: a\nabout: b\nwhen: {column: d}\nplaces: {t: {column: t, matches: '('}}\n")
    with pytest.raises(WatchError, match=r"places\.t\.matches: the pattern `\(` is not a regular expression"):
        load_mapping(tmp_path / "m.yaml")


@pytest.mark.slow
def test_millions_of_rows_are_read_without_holding_them(tmp_path: Path) -> None:
    n, rng = 2_000_000, np.random.default_rng(1)
    days = pl.date_range(date(2006, 1, 1), date(2024, 12, 31), eager=True).dt.strftime("%m/%d/%Y").to_numpy()
    pl.DataFrame(
        {
            "SUMMONS_KEY": np.arange(n), "SUMMONS_DATE": days[rng.integers(0, len(days), n)], "BORO": "BRONX",
            "OFFENSE_DESCRIPTION": rng.integers(0, 60, n).astype(str), "PRECINCT_OF_OCCUR": rng.integers(1, 124, n).astype(str),
        }
    ).write_csv(tmp_path / "big.csv")  # fmt: skip
    counts = read(tmp_path / "big.csv").counts(level="precinct", by=["offence"])
    assert counts["count"].sum() == n
