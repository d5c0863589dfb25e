"""Counts over time -> did practice change, when, and by how much. Knows nothing of law."""

from brightline.watch.problems import WatchError
from brightline.watch.series import Series

__all__ = ["Series", "WatchError"]
