"""Writes docs/service/roles.md: every address of the web application, and which role it opens to, found by asking.

    .venv/bin/python scripts/roles.py

It makes an empty installation in a folder of its own, with invented people and one of each thing, and walks it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.service.walk import Walk

ROOT = Path(__file__).parents[1]
DOC = ROOT / "docs" / "service" / "roles.md"
HEAD = """# Which role opens which address

Made by `scripts/roles.py`, which asks for every address as everybody; `tests/service/test_roles.py` asks again and
compares. `yes` means that the page or the operation answers, by whatever it has to say (also that a form is not filled in,
that it leads to another page, or that there is no such thing). `no` means 403, the way to the page for signing in, or from the API 401.
Where only some of the methods open to a role, the cell names them. Within a page, a form that a role may not send is
refused by its step as well.

A role opens an address of the API with a token that has every scope of the role. Nobody but an auditor opens anything
without a second factor, and nobody opens what belongs to another agency.

"""


def table(walked: Walk) -> str:
    """The page, of a walk."""
    from tests.service.walk import WHO

    methods: dict[str, list[str]] = {}
    for route, method in walked:
        methods.setdefault(route, []).append(method)
    lines = [f"| address | methods | {' | '.join(WHO)} |", f"| --- | --- |{' --- |' * len(WHO)}"]
    for route in sorted(methods):
        cells = [_cell([m for m in methods[route] if walked[route, m][who].opened], methods[route]) for who in WHO]
        lines.append(f"| `/{route}` | {', '.join(methods[route])} | {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"


def _cell(opened: list[str], taken: list[str]) -> str:
    return "yes" if opened == taken else ", ".join(opened) or "no"


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.service.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    settings.ALLOWED_HOSTS.append("testserver")
    setup_test_environment()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)

    from tests.service.conftest import person_of
    from tests.service.walk import missing, patterns, stage, walk

    from brightline.service.people.models import Agency, Role

    without = [sentence for pattern in patterns() for sentence in missing(pattern)]
    if without:
        sys.exit("\n".join(without))
    agency = Agency.objects.create(name="Example City Police (invented)", actor="nypd", packs=["us-ny-nyc"])
    walked = walk(stage({str(role): person_of(agency, str(role)) for role in Role}))
    DOC.parent.mkdir(parents=True, exist_ok=True)
    DOC.write_text(table(walked))
    print(f"{DOC.relative_to(ROOT)}: {len({route for route, _ in walked})} addresses")


if __name__ == "__main__":
    main()
