"""Doubts about what a pack means: norms that can never apply, exceptions that can never matter."""

from __future__ import annotations

from brightline.law.pack import Law
from brightline.law.problems import Problem


def doubts_of_meaning(law: Law) -> list[Problem]:
    return []
