"""A result drawn: the series, the fake dates, the event study, all specifications, the date of the change, the weights.

Every plot is drawn twice, for a page and for a phone, as static SVG, with a sentence for people who do not see it and
a table of its numbers. Dark, middle and light tell apart what colour tells, so grey print still says it.
"""

from __future__ import annotations

from brightline.watch.drawing import FEWEST, Figure
from brightline.watch.plot_bars import tornado, weights
from brightline.watch.plot_chance import placebos, randomised
from brightline.watch.plot_change import nearest, posterior
from brightline.watch.plot_events import event_study, fan
from brightline.watch.plot_forest import forest
from brightline.watch.plot_series import series
from brightline.watch.result import Result


def figures(result: Result) -> list[Figure]:
    """Every figure that the result has numbers for, in the order in which a page shows them."""
    found = [
        series(result),
        forest(result),
        placebos(result.placebos, result) if result.placebos and result.placebos.z else None,
        *_events(result),
        *(
            posterior(n, change, result)
            for n, change in enumerate(nearest(result.changes, result.policy.day))
            if change.days
        ),
        weights(result.weights, result) if result.weights and result.weights.rows else None,
        tornado(result.exposure, result) if result.exposure and result.exposure.tornado else None,
    ]
    return [f for f in found if f is not None]


def _events(result: Result) -> list[Figure]:
    e = result.events
    if e is None:
        return []
    found = []
    if e.points:
        found.append(event_study(e, result))
    if e.fan:
        found.append(fan(e, result))
    if len(e.randomised) >= FEWEST:
        found.append(randomised(e, result))
    return found
