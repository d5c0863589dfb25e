"""Numbers that agencies and press have published, reproduced from the records, or the difference explained.

`docs/published-numbers.md` shows the same table to people; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from brightline.contact.read import Reading, read
from brightline.contact.samples import sample
from brightline.law.vocabulary import Vocabulary

COVERED = {
    "ice-detainers-fy2015",
    "ice-detainers-2007-2015-subsets",
    "ice-arrests-fy2016-2019",
    "ice-i213-washington-2021-2025",
    "ice-detainers-minnesota-2022-2026",
}
PUBLISHED = pl.read_csv(sample("published-totals"), infer_schema=False).filter(pl.col("check_with").is_in(COVERED))
PAGE = Path(__file__).parents[2] / "docs" / "published-numbers.md"
AT_LARGE = ["Located", "Non-Custodial Arrest", "Probation and Parole"]

# (jurisdiction, metric, first day) -> what we count, where it is not the published number. The page says why.
DIFFERENT = {
    ("United States", "detainers_issued", "2015-02-01"): 7_079,
    ("California", "arrests_at_local_jails_change_vs_2017-08_to_2017-12_percent", "2018-01-01"): -42.2,
    ("Washington", "i213_arrests", "2025-01-01"): 2_342,
    ("King County, WA", "i213_arrests", "2025-01-01"): 1_026,
    ("Seattle, WA", "i213_arrests", "2025-01-01"): 463,
    ("Minnesota", "detainers_change_vs_year_before_percent", "2025-01-20"): 32.3,
}


class Records:
    """The contacts that the readers made of the files, and the counts that come as counts."""

    def __init__(self, vocabulary: Vocabulary, detainers: Reading, arrests: Reading, i213: Reading) -> None:
        self.detainers = detainers.contacts
        self.arrests = arrests.contacts
        self.i213 = i213.contacts
        self.citizens = read(sample("ice-detainers-us-citizens"), None, vocabulary).contacts
        self.by_county = pl.read_csv(sample("ice-i213").parent / "quarterly_by_county_wa.csv")
        days = sample("ice-detainers-minnesota").parent / "detainers_by_day.csv"
        self.minnesota = pl.read_csv(days, try_parse_dates=True)


def between(first: date, last: date, column: str = "date") -> pl.Expr:
    return pl.col(column).is_between(first, last)


def _arrests(*tests: pl.Expr) -> Callable[[Records, date, date], float]:
    return lambda r, first, last: r.arrests.filter(between(first, last), *tests).height


def _i213(*tests: pl.Expr) -> Callable[[Records, date, date], float]:
    return lambda r, first, last: r.i213.filter(between(first, last), *tests).height


def _washington(r: Records, first: date, last: date) -> float:
    """Version 1, behind the published numbers; in 2025 with the rows of Vancouver, WA, that it put into Canada."""
    there = pl.col("state_v1") == "WA"
    if first.year == 2025 and first.month == 1:
        there = there | ((pl.col("state_v1") == "BC") & (pl.col("locality") == "Vancouver"))
    return r.i213.filter(between(first, last), there).height


def _per_100k(county: str) -> Callable[[Records, date, date], float]:
    def rate(r: Records, first: date, last: date) -> float:
        arrests = r.i213.filter(between(first, last), pl.col("county") == county, pl.col("state") == "WA").height
        people = r.by_county.filter(pl.col("county") == county, pl.col("cy") == first.year)["pop"][0]
        return round(arrests / people * 100_000)

    return rate


def _california(r: Records, first: date, last: date) -> float:
    jails = r.arrests.filter(
        pl.col("area_of_responsibility").is_in(["Los Angeles", "San Diego", "San Francisco"]),
        pl.col("apprehension_method") == "CAP Local Incarceration",
    )
    before = jails.filter(between(date(2017, 8, 1), date(2017, 12, 31))).height
    return round((jails.filter(between(first, last)).height / before - 1) * 100, 1)


def _minnesota(r: Records, first: date, last: date) -> float:
    def total(first: date, last: date) -> int:
        return int(r.minnesota.filter(between(first, last, "prepare_date"))["detainers"].sum())

    before = total(first.replace(year=2024), last.replace(year=2024))
    return round((total(first, last) / before - 1) * 100, 1)


def _growth(r: Records, first: date, last: date) -> float:
    now, before = (r.arrests.filter(pl.col("fiscal_year") == year).height for year in (2018, 2016))
    return round((now / before - 1) * 100)


OURS: dict[tuple[str, str], Callable[[Records, date, date], float]] = {
    ("United States", "administrative_arrests"): _arrests(),
    ("United States", "at_large_arrests"): _arrests(pl.col("apprehension_method").is_in(AT_LARGE)),
    ("United States", "administrative_arrests_change_vs_FY2016_percent"): _growth,
    ("New Jersey", "administrative_arrests"): _arrests(pl.col("area_of_responsibility") == "Newark"),
    ("California", "arrests_at_local_jails_change_vs_2017-08_to_2017-12_percent"): _california,
    ("United States", "us_citizens_held_on_detainers"): lambda r, first, last: (
        r.citizens.filter(between(first, last), pl.col("outcome_stated") == "us_citizen").height
    ),
    ("United States", "detainers_issued"): lambda r, first, last: r.detainers.filter(between(first, last)).height,
    ("Washington", "i213_arrests"): _washington,
    ("Yakima County, WA", "i213_arrests"): _i213(pl.col("county_v1") == "Yakima County", pl.col("state_v1") == "WA"),
    ("King County, WA", "i213_arrests"): _i213(pl.col("county_v1") == "King County", pl.col("state_v1") == "WA"),
    ("Seattle, WA", "i213_arrests"): _i213(pl.col("locality") == "Seattle", pl.col("state") == "WA"),
    ("Yakima County, WA", "i213_arrests_per_100k"): _per_100k("Yakima County"),
    ("King County, WA", "i213_arrests_per_100k"): _per_100k("King County"),
    ("Minnesota", "detainers_change_vs_year_before_percent"): _minnesota,
}


@pytest.fixture(scope="module")
def records(vocabulary: Vocabulary, detainers: Reading, arrests: Reading, i213: Reading) -> Records:
    return Records(vocabulary, detainers, arrests, i213)


def test_every_covered_row_is_checked() -> None:
    assert PUBLISHED.height == 19
    assert {(r["jurisdiction"], r["metric"]) for r in PUBLISHED.rows(named=True)} == set(OURS)


@pytest.mark.parametrize("row", PUBLISHED.rows(named=True), ids=lambda r: f"{r['jurisdiction']} {r['metric']}")
def test_the_published_number_or_the_explained_difference(records: Records, row: dict[str, str]) -> None:
    first, last = date.fromisoformat(row["period_start"]), date.fromisoformat(row["period_end"])
    ours = OURS[row["jurisdiction"], row["metric"]](records, first, last)
    different = DIFFERENT.get((row["jurisdiction"], row["metric"], row["period_start"]))
    assert ours == (float(row["value"]) if different is None else different)


@pytest.mark.parametrize("row", PUBLISHED.rows(named=True), ids=lambda r: f"{r['jurisdiction']} {r['metric']}")
def test_the_page_shows_the_number_and_explains_the_difference(row: dict[str, str]) -> None:
    different = DIFFERENT.get((row["jurisdiction"], row["metric"], row["period_start"]))
    published = float(row["value"])
    ours = published if different is None else different
    period = f"{row['period_start']} to {row['period_end']}"
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if period in line]
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in lines]
    wanted = [f"{published:,.10g}", f"{ours:,.10g}"]
    found = [c for c in cells if c[0] == row["jurisdiction"] and [c[3].split()[-1], c[4]] == wanted]
    assert len(found) == 1, f"the page lacks {row['jurisdiction']} | … | {period} | {wanted[0]} | {wanted[1]}"
    assert (found[0][5] == "same") == (different is None)


def test_arrests_grew_by_42_percent_after_january_2017(records: Records) -> None:
    after = records.arrests.filter(between(date(2017, 1, 20), date(2017, 9, 30))).height
    before = records.arrests.filter(between(date(2016, 1, 20), date(2016, 9, 30))).height
    assert (after, before, round((after / before - 1) * 100)) == (110_568, 77_806, 42)


def test_newark_grew_by_42_percent(records: Records) -> None:
    newark = records.arrests.filter(pl.col("area_of_responsibility") == "Newark")
    years = newark.group_by("fiscal_year").len().sort("fiscal_year")["len"].to_list()
    assert years[:2] == [2_247, 3_189]


def test_rikers_declined_902_of_16587_decided_detainers() -> None:
    outcomes = pl.read_csv(sample("ice-detainers-facility-outcomes"))
    rikers = outcomes.filter(pl.col("facility").str.contains("RIKERS ISLAND"))
    by_reason = dict(rikers.group_by("lift_reason").agg(pl.col("count").sum()).rows())
    assert by_reason["Detainer Declined by LEA"] == 902
    assert by_reason["Booked into Detention"] == 11_157
    assert sum(by_reason.values()) == 16_587


def test_hennepin_declined_the_most_in_minnesota() -> None:
    surge = pl.read_csv(sample("ice-detainers-minnesota").parent / "surge_by_facility.csv")
    first = surge.sort("declined_by_lea", descending=True).row(0, named=True)
    assert (first["facility"], first["declined_by_lea"], first["total"]) == ("HENNEPIN COUNTY ADC", 119, 186)


def test_the_two_versions_of_washington_are_both_kept(records: Records) -> None:
    last_quarter = records.i213.filter(between(date(2025, 10, 1), date(2025, 12, 31)))
    assert last_quarter.filter(pl.col("state_v1") == "WA").height == 951
    assert last_quarter.filter(pl.col("state") == "WA").height == 961
