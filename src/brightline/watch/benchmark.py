"""How well the partition finds the changes that people see: the Turing Change Point Dataset, and other methods' scores.

Metrics exactly as van den Burg & Williams (2020, arXiv:2003.06222, section 4) define them. One fixed setting for all
series; the published scores beside it are those of one setting for all series as well ("default").
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from brightline.watch.measures import divide_measure

Floats = NDArray[np.float64]

MARGIN = 5  # periods by which a change may be missed
QUALITY_CONTROL = "quality_control_"  # five series with a known answer
METHODS = ("amoc", "binseg", "pelt", "segneigh", "bocpd", "bocpdms", "cpnp", "ecp", "kcpa", "prophet", "rbocpdms",
           "rfpop", "wbs", "zero")  # fmt: skip


@dataclass(frozen=True)
class Score:
    series: str
    changes: tuple[int, ...]
    f1: float
    cover: float


@dataclass(frozen=True)
class Benchmark:
    """Means over the series, each counting the same; `peers` are published: method -> the same three means."""

    f1: float
    cover: float
    f1_quality_control: float
    cover_quality_control: float
    scores: tuple[Score, ...]
    peers: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, Any]:
        return {
            "f1": round(self.f1, 4),
            "cover": round(self.cover, 4),
            "f1_quality_control": round(self.f1_quality_control, 4),
            "cover_quality_control": round(self.cover_quality_control, 4),
            "peers": {m: {k: round(v, 4) for k, v in told.items()} for m, told in self.peers.items()},
            "series": {
                s.series: {"f1": round(s.f1, 4), "cover": round(s.cover, 4), "changes": list(s.changes)}
                for s in self.scores
            },
        }


def f1(annotations: Mapping[str, Iterable[int]], changes: Iterable[int], margin: int = MARGIN) -> float:
    """F1 of precision over the union of the annotators and recall averaged over them; index 0 is in every set."""
    truth = {who: set(marks) | {0} for who, marks in annotations.items()}
    found = set(changes) | {0}
    union = set().union(*truth.values())
    precision = len(matched(union, found, margin)) / len(found)
    recall = float(np.mean([len(matched(marks, found, margin)) / len(marks) for marks in truth.values()]))
    return 2 * precision * recall / (precision + recall)


def matched(truth: Iterable[int], found: Iterable[int], margin: int = MARGIN) -> set[int]:
    """The true changes that have a found one within the margin; each found one serves for one true change only."""
    left = set(found)
    hits = set()
    for mark in sorted(truth):
        near = sorted((abs(mark - f), f) for f in left if abs(mark - f) <= margin)
        if near:
            hits.add(mark)
            left.discard(near[0][1])
    return hits


def cover(annotations: Mapping[str, Iterable[int]], changes: Iterable[int], periods: int) -> float:
    """How well each annotator's stretches are covered by one found (Jaccard), by length, averaged over annotators."""
    found = _stretches(changes, periods)
    return float(np.mean([_covering(_stretches(marks, periods), found, periods) for marks in annotations.values()]))


def _stretches(changes: Iterable[int], periods: int) -> list[tuple[int, int]]:
    cuts = sorted(set(changes) - {0})
    return list(zip([0, *cuts], [*cuts, periods], strict=True))


def _covering(truth: Sequence[tuple[int, int]], found: Sequence[tuple[int, int]], periods: int) -> float:
    return sum((b - a) * max(_jaccard((a, b), other) for other in found) for a, b in truth) / periods


def _jaccard(one: tuple[int, int], other: tuple[int, int]) -> float:
    both = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return both / (max(one[1], other[1]) - min(one[0], other[0])) if both else 0.0


def dataset() -> dict[str, Any]:
    """The series at hand, with annotations and published scores; see the README beside the file."""
    path = files("brightline") / "data" / "tcpd" / "tcpd.json.gz"
    told: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return told


def detect(values: Floats) -> tuple[int, ...]:
    """The one setting: that of the watch itself for measures, nothing changed."""
    return divide_measure(values).changes


def benchmark(data: Mapping[str, Any] | None = None) -> Benchmark:
    data = dataset() if data is None else data
    scores = []
    for name, told in data.items():
        changes = detect(np.array(told["values"], dtype=np.float64))
        scores.append(
            Score(name, changes, f1(told["annotations"], changes), cover(told["annotations"], changes, told["n_obs"]))
        )
    main = [s for s in scores if not s.series.startswith(QUALITY_CONTROL)]
    control = [s for s in scores if s.series.startswith(QUALITY_CONTROL)]
    return Benchmark(
        f1=float(np.mean([s.f1 for s in main])),
        cover=float(np.mean([s.cover for s in main])),
        f1_quality_control=float(np.mean([s.f1 for s in control])),
        cover_quality_control=float(np.mean([s.cover for s in control])),
        scores=tuple(scores),
        peers=published(data),
    )


def published(data: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Means of the published scores over the same series; only methods with a score for every one of them."""
    peers = {}
    for method in METHODS:
        means = {}
        for key, metric, control in (
            ("f1", "default_f1", False),
            ("cover", "default_cover", False),
            ("f1_quality_control", "default_f1", True),
            ("cover_quality_control", "default_cover", True),
        ):
            told = [
                series["published"][metric].get(method)
                for name, series in data.items()
                if name.startswith(QUALITY_CONTROL) == control
            ]
            if told and all(score is not None for score in told):
                means[key] = float(np.mean(told))
        if len(means) == 4:
            peers[method] = means
    return peers
