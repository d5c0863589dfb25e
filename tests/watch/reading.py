"""How old one must be to read a text: the mean of two measures that need no dictionary from the net."""

from __future__ import annotations

from collections.abc import Sequence

import textstat

from tests.law.test_vocabulary_words import grade


def age(sentences: Sequence[str]) -> float:
    """Years: grade plus six. Flesch-Kincaid counts syllables, the Automated Readability Index letters."""
    told = [s.strip() for s in sentences if s.strip()]
    textstat.set_lang("en_US")
    letters = textstat.automated_readability_index(" ".join(s if s[-1] in ".?!" else f"{s}." for s in told))
    return (grade(*told) + letters) / 2 + 6
