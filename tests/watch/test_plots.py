"""Plots draw what a result says, tell it in words and numbers too, and draw nothing that would mislead."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from brightline.drawing import EDGE
from brightline.watch import plot_change, plot_events, plot_forest, plot_series
from brightline.watch.drawing import AFTER, LIGHT, MIDDLE, MODEL, Figure
from brightline.watch.plots import figures
from brightline.watch.result import Point
from brightline.watch.words_page import named, ratio
from tests.watch.results import invented, month

ALL = ["series", "forest", "placebos", "events", "fan", "randomised", "date-1", "weights", "tornado"]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Figure]:
    return {f.name: f for f in figures(invented())}


def test_every_part_of_a_result_has_its_figure(drawn: dict[str, Figure]) -> None:
    assert list(drawn) == ALL


@pytest.mark.parametrize("name", ALL)
def test_a_figure_is_drawn_twice_told_in_words_and_in_numbers(drawn: dict[str, Figure], name: str) -> None:
    figure = drawn[name]
    assert figure.plot is not None
    assert figure.plot.wide.startswith("<svg") and figure.plot.narrow.startswith("<svg")
    width = [int(re.search(r'width="(\d+)"', svg)[1]) for svg in (figure.plot.wide, figure.plot.narrow)]  # type: ignore[index]
    assert width[0] > 600 and width[1] < 390
    assert len(figure.alt) > 30
    assert figure.grid.rows and all(len(row) == len(figure.grid.columns) for row in figure.grid.rows)


@pytest.mark.parametrize("name", ALL)
def test_a_plot_fetches_nothing(drawn: dict[str, Figure], name: str) -> None:
    plot = drawn[name].plot
    assert plot is not None
    assert not re.search(r"(href|src|url)\s*[=(]\s*[\"']?https?:", plot.wide + plot.narrow)


def test_colours_that_tell_things_apart_differ_in_grey_too() -> None:
    def grey(colour: str) -> float:
        r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    for one, other in ((AFTER, MIDDLE), (MODEL, LIGHT), (EDGE, LIGHT), (AFTER, MODEL)):
        assert abs(grey(one) - grey(other)) > 25


def test_two_quarters_alone_are_never_drawn() -> None:
    two = (Point(date(2025, 1, 1), 561.0, False), Point(date(2025, 4, 1), 6000.0, True))
    figure = plot_series.series(invented(points=two, period="quarter"))
    assert figure is not None
    assert figure.plot is None
    assert "Too few periods to draw" in figure.note
    assert [row[1] for row in figure.grid.rows] == ["561", "6,000"]


def test_no_line_is_drawn_over_a_missing_period() -> None:
    result = invented()
    assert [len(s) for s in plot_series._stretches(result.points)] == [40, 55]


def test_missing_counts_are_empty_in_the_table_and_never_zero(drawn: dict[str, Figure]) -> None:
    row = next(r for r in drawn["series"].grid.rows if r[0] == "2021-05-01")
    assert row[1] == "–" and row[5] == "missing"


def test_a_change_of_definition_is_drawn_and_told(drawn: dict[str, Figure]) -> None:
    figure = drawn["series"]
    assert "Counted in another way from 1 January 2020 (e-bikes are counted too)." in figure.note
    assert figure.plot is not None and "counted in another way" in figure.plot.wide


def test_an_interval_beyond_the_drawing_ends_in_an_arrow_and_is_told_in_full(drawn: dict[str, Figure]) -> None:
    figure = drawn["forest"]
    assert figure.plot is not None and "0.01 to 400" in figure.plot.wide
    assert "An arrow" in figure.note
    calm = tuple(e for e in invented().forest if e.name != "local_level")
    shown = plot_forest.forest(invented(forest=calm))
    assert shown is not None and shown.note == ""


def test_what_could_not_be_estimated_stands_in_the_table_and_not_in_the_drawing(drawn: dict[str, Figure]) -> None:
    figure = drawn["forest"]
    assert any(row[0] == "could not be estimated" and row[2] == "–" for row in figure.grid.rows)
    assert figure.plot is not None and "could not be estimated" not in figure.plot.wide


def test_the_real_date_is_marked_among_the_fake_ones(drawn: dict[str, Figure]) -> None:
    figure = drawn["placebos"]
    assert figure.plot is not None and "real date: 9.4" in figure.plot.wide
    assert figure.grid.rows[-1] == ("May 2025 (real)", "9.40")
    assert "it should do so at 5\N{NO-BREAK SPACE}%" in figure.note


def test_draws_without_dates_are_not_called_dates() -> None:
    result = invented()
    assert result.placebos is not None
    names = {f.name: f for f in figures(replace(result, placebos=replace(result.placebos, days=())))}
    assert "chance ones" in names["placebos"].title
    assert "randomised" in names  # those are of the event study, and other draws


def test_dots_off_one_before_the_event_are_said() -> None:
    result = invented()
    assert result.events is not None
    off = replace(result.events.points[0], ratio=2.0, band_low=1.6, band_high=2.5)
    figure = plot_events.event_study(replace(result.events, points=(off, *result.events.points[1:])), result)
    assert "something moved before it" in figure.note
    assert "no proof" in plot_events.event_study(result.events, result).note


def test_the_breakdown_is_said_in_words() -> None:
    result = invented()
    assert result.events is not None
    assert plot_events.fan(result.events, result).note == "From 1.1 on, the direction is no longer sure."
    assert "holds 1, no change" in plot_events.fan(replace(result.events, breakdown=0), result).note


def test_of_many_changes_those_nearest_to_the_policy_are_drawn() -> None:
    change = invented().changes[0]
    changes = [replace(change, mode=month(n)) for n in (5, 30, 80, 90)]
    assert [c.mode for c in plot_change.nearest(changes, date(2025, 4, 28))] == [month(80), month(90)]


def test_periods_are_called_by_their_names() -> None:
    day = date(2025, 4, 1)
    assert [named(day, p, "en") for p in ("year", "quarter", "month", "week", "day")] == [
        "2025", "April to June 2025", "April 2025", "the week of 1 April 2025", "1 April 2025",
    ]  # fmt: skip


def test_ratios_are_written_with_the_digits_that_they_bear() -> None:
    assert [ratio(v, "en") for v in (0.2418, 3.4, 10.69, 400.0, float("inf"), None)] == [
        "0.24", "3.40", "10.7", "400", "without end", "–",
    ]  # fmt: skip


def test_a_result_with_nothing_but_a_series_draws_just_that() -> None:
    bare = invented(
        primary=None, forest=(), placebos=None, events=None, weights=None, exposure=None, changes=(), gates=()
    )
    assert [f.name for f in figures(bare)] == ["series"]


@pytest.mark.parametrize("period", ["day", "week", "quarter", "year"])
def test_every_length_of_period_can_be_drawn(period: str) -> None:
    assert plot_series.series(invented(period=period)) is not None
