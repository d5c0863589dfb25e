"""Do sealed and absent record numbers take the same time to answer? Measured by the page and by the API.

    python bench/gate_timing.py [--times 500]

A fresh application in a folder of its own, with 20,000 held and 2,000 sealed numbers. Each look-up is of another number and
begins from the same state; sealed and absent come in random order. Printed: medians, and the Mann-Whitney rank test of the
two samples (two-sided; a small p says that the times tell them apart). The held ones stand beside them for comparison.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--times", type=int, default=500, help="look-ups of each kind")
    times = told.parse_args().times
    with tempfile.TemporaryDirectory(prefix="brightline-timing-") as folder:
        os.environ["BRIGHTLINE_HOME"] = folder
        os.environ["BRIGHTLINE_DEMO"] = "1"  # sign-in without a second factor; nothing listens anywhere
        os.environ["DJANGO_SETTINGS_MODULE"] = "brightline.service.settings"
        _run(times)


def _run(times: int) -> None:
    from brightline.service.serve import prepare

    prepare()
    from django.test import Client

    from brightline.service.gate import numbers
    from brightline.service.gate.models import Request, State
    from brightline.service.gate.receive import receive
    from brightline.service.people.models import Agency, Person, Token

    agency = Agency.objects.create(name="Timing (invented)", actor="nypd", packs=["us-ny-nyc"], demo=True)
    officer = Person.objects.create_user("officer@example.org", name="Ada Example", agency=agency, role="officer")
    records = Person.objects.create_user("records@example.org", name="Cleo Example", agency=agency, role="records")
    numbers.load(
        agency,
        records,
        (numbers.digest(f"H-{n}") for n in range(20_000)),
        (numbers.digest(f"S-{n}") for n in range(2_000)),
    )
    asked = receive(officer, received_at=datetime(2026, 3, 2, 15, tzinfo=UTC), asked=["share_personal_information"])
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer, "allauth.account.auth_backends.AuthenticationBackend")
    _token, secret = Token.make(officer, "timing", ["read", "decide"])
    bearer = {"Authorization": f"Bearer {secret}"}

    def page(number: str) -> None:
        answer = client.post(f"/requests/{asked.number}/numbers/", {"number": number})
        assert answer.status_code == 302, answer.status_code

    def api(number: str) -> None:
        url = f"/api/requests/{asked.number}/numbers"
        answer = client.post(url, {"number": number}, content_type="application/json", headers=bearer)
        assert answer.status_code == 200, answer.content

    for name, send in (("page", page), ("API", api)):
        order = [kind for kind in ("sealed", "absent", "held") for _ in range(times)]
        random.Random(name).shuffle(order)
        taken: dict[str, list[float]] = {"sealed": [], "absent": [], "held": []}
        for n, kind in enumerate(["absent"] * 20 + order):
            Request.objects.filter(pk=asked.pk).update(state=State.OPEN, stopped=False)
            number = {"sealed": f"S-{n % 2000}", "absent": f"A-{n}", "held": f"H-{n}"}[kind]
            gc.collect(0)
            begun = time.perf_counter()
            send(number)
            if n >= 20:  # the first ones load what is loaded once
                taken[kind].append(time.perf_counter() - begun)
        print(f"{name}, {times} look-ups of each kind, milliseconds:")
        for kind, found in taken.items():
            low, middle, high = statistics.quantiles(found, n=4)
            print(f"  {kind:7} median {1000 * middle:.3f}   quartiles {1000 * low:.3f} to {1000 * high:.3f}")
        p = rank_test(taken["sealed"], taken["absent"])
        print(f"  sealed against absent: Mann-Whitney p = {p:.3f}")


def rank_test(a: list[float], b: list[float]) -> float:
    """The two-sided p of the Mann-Whitney rank test by its normal approximation, for times without ties.

    H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18 (1947), 50-60.
    """
    ranks = {value: rank for rank, value in enumerate(sorted(a + b), start=1)}
    u = sum(ranks[value] for value in a) - len(a) * (len(a) + 1) / 2
    spread = math.sqrt(len(a) * len(b) * (len(a) + len(b) + 1) / 12)
    return 2 * (1 - statistics.NormalDist().cdf(abs(u - len(a) * len(b) / 2) / spread))


if __name__ == "__main__":
    main()
