"""The benchmark: the metric is the published one, the bars are reached, and the peers stand beside."""

from __future__ import annotations

import pytest

from brightline.watch.benchmark import benchmark, cover, dataset, f1


def test_the_metric_matches_the_published_scores_of_no_change_at_all() -> None:
    for name, told in dataset().items():
        published = told["published"]
        assert f1(told["annotations"], []) == pytest.approx(published["default_f1"]["zero"], abs=1e-6), name
        assert cover(told["annotations"], [], told["n_obs"]) == pytest.approx(
            published["default_cover"]["zero"], abs=1e-6
        ), name


def test_a_change_near_enough_counts_once() -> None:
    assert f1({"a": [50]}, [55]) == 1
    assert f1({"a": [50]}, [56]) == pytest.approx(0.5)
    assert f1({"a": [50]}, [49, 51]) == pytest.approx(0.8)  # 2 of 3 right, all found
    assert cover({"a": [50]}, [50], 100) == 1
    assert cover({"a": [50]}, [], 100) == pytest.approx(0.5)


def test_the_bars_are_reached_with_one_setting() -> None:
    result = benchmark()
    assert result.f1 >= 0.70 and result.cover >= 0.70 and result.f1_quality_control >= 0.96
    told = result.as_json()
    assert {"f1", "cover", "f1_quality_control", "peers"} <= set(told)
    assert told["peers"]["amoc"]["f1"] == pytest.approx(0.700, abs=0.001)
    assert told["peers"]["binseg"]["f1_quality_control"] == pytest.approx(0.975, abs=0.001)
    assert len(told["series"]) == 19
