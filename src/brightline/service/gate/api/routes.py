"""The one router: two operations on one address must stand in the same, or the second would never be reached."""

from __future__ import annotations

from ninja import Router

router = Router()
