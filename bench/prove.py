"""The prover: loopholes of every act of the New York City packs, what each reform does to them, and z3's share."""

from __future__ import annotations

from datetime import date

from measure import Results, Table, Target, clock, part

from brightline.law.pack import load, shipped_laws
from brightline.law.reform import find_reform, read_reform, shipped_reforms
from brightline.reason.prove.closed import closed
from brightline.reason.prove.loopholes import Loopholes, conditions, loopholes, places, true_purpose
from brightline.reason.prove.prover import Prover

DAY = date(2026, 8, 20)
QUICK = ("place_alert", "share_custody_information")


def main(quick: bool) -> Results:
    law = load(shipped_laws())
    purpose = true_purpose(law.vocabulary, "civil_immigration")
    asked = places(law, ["us-ny-nyc"], DAY, QUICK if quick else ())
    prover = Prover(conditions(asked))
    with clock() as passed:
        found = loopholes(asked, purpose, prover)
        took = passed()
    table = Table(
        "Loopholes of the New York City packs",
        ["acts", "loopholes", "complete", "seconds", "of these z3", "answers given twice"],
    )
    acts = list(dict.fromkeys(x.action for x in found.found))
    table.row(
        len(acts),
        len(found.found),
        found.complete,
        f"{took:.1f}",
        f"{prover.z3_seconds / took:.0%}",
        prover.checked_twice,
    )
    reforms, worst = _reforms(law, purpose, found, acts)
    targets = [
        Target("loopholes of every act of the city packs", took, 60.0, False, "s"),
        Target("`prove closed`, the slowest act of any reform", worst, 2.0, False, "s"),
    ]
    return Results([table, reforms], targets)


def _reforms(law, purpose, found: Loopholes, acts: list[str]) -> tuple[Table, float]:  # type: ignore[no-untyped-def]
    table = Table(
        "What a reform does, act by act (each with a second solver run and 100,000 contacts drawn at random)",
        [
            "reform",
            "closed",
            "moved",
            "open",
            "not shown",
            "slowest act",
            "its loopholes",
            "seconds",
            "all acts, seconds",
        ],
    )
    worst = 0.0
    for name in shipped_reforms(law):
        amended, pack = read_reform(law, find_reform(law, name))
        counts = {"closed": 0, "moved": 0, "open": 0, "unknown": 0}
        times: dict[str, float] = {}
        for act in acts:
            mine = tuple(x for x in found.found if x.action == act)
            settings = tuple(s for s in found.settings if s.action == act)
            one = Loopholes(mine, found.complete, found.why, settings)
            with clock() as passed:
                told = closed(one, amended, pack, purpose)
                times[act] = passed()
            counts = {k: n + told.counts[k] for k, n in counts.items()}
        slow = max(times, key=times.__getitem__)
        worst = max(worst, times[slow])
        table.row(
            name,
            *counts.values(),
            slow,
            sum(x.action == slow for x in found.found),
            f"{times[slow]:.2f}",
            f"{sum(times.values()):.1f}",
        )
    return table, worst


if __name__ == "__main__":
    part(main)
