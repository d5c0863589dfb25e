"""A scan finds questions in many series: it dates, it tests at one day, and it claims nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from brightline.watch.problems import WatchError
from brightline.watch.result import Scan, read_scan
from brightline.watch.scan import scan
from brightline.watch.series import Series
from tests.watch.invented import loaded

DAY, AT, PERIODS = date(2018, 1, 1), 144, 160
MOVED = 6


def city(n: int = 60) -> list[Series]:
    rng = np.random.default_rng(4)
    mean = rng.uniform(20, 80, n)[:, None] * np.where(
        (np.arange(PERIODS) >= AT) & (np.arange(n) < MOVED)[:, None], 5.0, 1.0
    )
    values = rng.negative_binomial(10, 10 / (10 + mean)).astype(float)
    return [Series(name=f"violation {i}", place="P1", period="month", start=date(2006, 1, 1), values=v)
            for i, v in enumerate(values)]  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Scan:
    return scan(loaded(*city()), day=DAY)


def test_those_that_moved_are_found_and_no_others(found: Scan) -> None:
    assert {r.name for r in found.rows if r.found} == {f"violation {i}" for i in range(MOVED)}
    assert found.found == MOVED and found.tested == 60 and found.by_chance == pytest.approx(3.0)
    for row in found.rows[:MOVED]:
        assert row.changes[-1] == DAY
        assert row.low is not None and row.high is not None and row.low < 5.0 < row.high


def test_a_scan_is_exploratory_and_says_how_many_chance_would_give(found: Scan) -> None:
    assert found.label == "EXPLORATORY"
    assert any("60 series" in s and "about 3 would by chance" in s for s in found.sentences)
    assert not any("caus" in s and "no cause" not in s for s in found.sentences)


def test_a_scan_is_read_back(found: Scan) -> None:
    assert read_scan(found.as_json()) == found


def test_a_list_to_be_published_is_judged_more_strictly(found: Scan) -> None:
    strict = scan(loaded(*city()), day=DAY, method="BY")
    pairs = zip(sorted(found.rows, key=lambda r: r.name), sorted(strict.rows, key=lambda r: r.name), strict=True)
    assert all((b.adjusted or 0) >= (a.adjusted or 0) for a, b in pairs)


def test_without_a_day_nothing_is_tested() -> None:
    made = scan(loaded(*city()))
    assert made.tested == 0 and made.found == 0 and all(r.p is None for r in made.rows)
    assert made.rows[0].changes == (DAY,) and made.rows[0].change_low is not None


def test_missing_and_empty_series_are_said_and_not_zero() -> None:
    told = city(20)
    gap = told[7].values.copy()
    gap[30:34] = np.nan
    told[7] = replace(told[7], values=gap)
    told[8] = replace(told[8], values=np.zeros(PERIODS))
    rows = {r.name: r for r in scan(loaded(*told), day=DAY).rows}
    assert rows["violation 7"].note == "periods missing: 4" and rows["violation 7"].p is not None
    assert rows["violation 8"].note == "nothing counted" and rows["violation 8"].p is None
    assert not rows["violation 8"].found


def test_a_ratio_of_few_events_is_not_told() -> None:
    rng = np.random.default_rng(0)
    few = [replace(s, values=rng.poisson(0.8, PERIODS).astype(float)) for s in city(10)]
    assert all(r.ratio is None and "few" in r.note for r in scan(loaded(*few), day=DAY).rows if r.p is not None)


def test_bad_scans_are_a_sentence() -> None:
    told = city(4)
    with pytest.raises(WatchError, match="outside"):
        scan(loaded(*told), day=date(2030, 1, 1))
    with pytest.raises(WatchError, match="no series"):
        scan(loaded())
    with pytest.raises(WatchError, match="scan them apart"):
        scan(loaded(told[0], replace(told[1], period="quarter")))
    with pytest.raises(WatchError, match="no translation"):
        scan(loaded(*told), language="xx")
