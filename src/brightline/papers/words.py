"""The words of a paper in a form that rules can be written for: one spelling for dashes, quotes and look-alikes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

UNREAD = "\u25af"  # stands where Tesseract was not sure of a word

_SPELLINGS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-"),
        **dict.fromkeys("\u2018\u2019\u201b\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"),
        **dict.fromkeys("\u2611\u2612\u2714\u2715\u2716\u2717\u2718", "\u2612"),
        # Cyrillic and Greek letters that look like Latin ones: who looks at the paper reads them so.
        **dict(zip("АВЕКМНОРСТХІЈЅаеорсхуіјѕ", "ABEKMHOPCTXIJSaeopcxyijs", strict=True)),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True)),
    }
)


@dataclass(frozen=True)
class Words:
    """The text of one page in one layer: what the file says, or what Tesseract saw."""

    page: int
    text: str  # plain, with its lines
    seen: bool  # read from a picture

    @property
    def lines(self) -> list[str]:
        return [" ".join(line.split()) for line in self.text.split("\n")]

    @property
    def running(self) -> str:
        """In one line, for what a form says across lines."""
        return " ".join(self.text.split())


def plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n"))
    return "".join(c for c in text.translate(_SPELLINGS) if c == "\n" or c == "\t" or unicodedata.category(c)[0] != "C")


def squeezed(text: str) -> tuple[str, list[int]]:
    """Letters and digits only, in lower case, and where each stood: blanks and marks between letters hide nothing."""
    out: list[str] = []
    where: list[int] = []
    for at, c in enumerate(text):
        if c.isalnum():
            low = c.lower()
            out.append(low)
            where += [at] * len(low)
    return "".join(out), where


def quote(text: str, start: int, end: int, around: int = 0) -> str:
    """A few words of the paper, at most eighty characters."""
    return " ".join(text[max(0, start - around) : end + around].split())[:80]


def from_table(table: str) -> str:
    """Lines from the table that Tesseract writes; a word that it was not sure of becomes a mark that fits no value."""
    lines: list[str] = []
    last: tuple[str, ...] = ()
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] != "5" or not cells[11].strip():
            continue
        try:
            sure = float(cells[10])
        except ValueError:
            continue
        word = cells[11].strip() if sure >= 30 else UNREAD
        line = tuple(cells[1:5])
        if line == last:
            lines[-1] += " " + word
        else:
            if last and line[:3] != last[:3]:
                lines.append("")
            lines.append(word)
        last = line
    return "\n".join(lines)
