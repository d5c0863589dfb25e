"""Published results about counts, reproduced: coal mines, the Nile, the two press figures of 2025."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from brightline.watch import WatchError
from brightline.watch.benchmark import dataset
from brightline.watch.measures import divide_measure
from brightline.watch.partition import date_posterior, partition, posteriors
from brightline.watch.ratio import pair

DATA = Path(__file__).parent / "data"


def coal() -> np.ndarray:
    """Disasters a year, 1851 to 1962."""
    with gzip.open(DATA / "coal_disasters" / "coal.csv.gz", "rt") as lines:
        years = [int(float(row["date"])) for row in csv.DictReader(lines)]
    return np.bincount(np.array(years) - 1851, minlength=112).astype(float)


def test_coal_mines_changed_about_1891() -> None:
    found = partition(coal(), cycle=None)[0]
    assert [1850 + change for change in found.changes] == [1891]  # the last year of the old rate
    assert found.levels == pytest.approx((3.1, 0.9), abs=0.05)
    told = posteriors(coal(), found)[0]
    assert 1850 + told.mode == pytest.approx(1891, abs=1)
    assert (1850 + told.low, 1850 + told.high) == pytest.approx((1886, 1896), abs=1)


def test_coal_mines_as_poisson_have_the_published_posterior() -> None:
    told = date_posterior(coal(), np.inf)
    assert 1850 + told.mode == 1891
    assert 1850 + told.mean == pytest.approx(1890.1, abs=0.3)
    assert told.probability.max() == pytest.approx(0.245, abs=0.01)
    assert (1850 + told.low, 1850 + told.high) == (1886, 1896)


def test_the_nile_changed_in_1898() -> None:
    flow = np.array(dataset()["nile"]["values"], dtype=float)
    assert [1870 + change for change in divide_measure(flow).changes] == [1898]
    assert [1870 + change for change in partition(flow, cycle=None)[0].changes] == [1898]


@pytest.mark.parametrize("dispersion, low, high", [(1, 9.8, 11.7), (10, 8.1, 14.1), (20, 7.3, 15.7), (90, 4.7, 24.3)])
def test_two_press_figures_have_a_wide_interval(dispersion: float, low: float, high: float) -> None:
    told = pair(561, 6000, dispersion=dispersion)
    assert told.ratio == pytest.approx(10.7, abs=0.01)
    assert (told.low, told.high) == pytest.approx((low, high), abs=0.05)


def test_a_zero_beside_a_count_has_no_ratio() -> None:
    with pytest.raises(WatchError, match="tell both numbers"):
        pair(0, 40)
