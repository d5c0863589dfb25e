"""Where two laws differ: the differences found are true, they are all there are, and each has a contact that shows it."""

from __future__ import annotations

from datetime import date
from typing import Any

from brightline.law.pack import Law
from brightline.reason.prove.differ import Differences, differ, sides_settings
from brightline.reason.sides import side

DAY = date(2026, 3, 1)
BEFORE, AFTER = "us-ny-nyc@2014-12-13", "us-ny-nyc@2014-12-14"


def compared(law: Law, a: str, b: str, **options: Any) -> Differences:
    most = options.pop("most", 50)
    return differ(*sides_settings(side(law, a), side(law, b), DAY, **options), most=most)
