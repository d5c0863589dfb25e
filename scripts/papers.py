"""Writes the tables of docs/papers.md from the made papers; `--check` fails when they are out of date."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.papers.made import Made, hard_cases, scans, text_papers  # noqa: E402

from brightline.papers import KINDS, can_read_pictures, read_paper  # noqa: E402
from brightline.papers.open import open_paper  # noqa: E402
from brightline.papers.understand import understand  # noqa: E402

PAGE = ROOT / "docs" / "papers.md"
HEADS = {"judicial_warrant": "warrant", "judicial_subpoena": "subpoena", "court_order": "order"}


def main() -> int:
    page = PAGE.read_text(encoding="utf-8")
    written = fill(page, "text", text_part())
    if can_read_pictures() and "--text-only" not in sys.argv:
        written = fill(written, "scans", scan_part())
    if "--check" in sys.argv:
        if written != page:
            print("docs/papers.md is out of date: run `python scripts/papers.py`", file=sys.stderr)
        return int(written != page)
    PAGE.write_text(written, encoding="utf-8")
    return 0


def fill(page: str, part: str, lines: Sequence[str]) -> str:
    """The page with what stands between the two marks of a part replaced."""
    begin, end = f"<!-- {part}: written by scripts/papers.py -->", f"<!-- end of {part} -->"
    text = "\n".join((begin, "", *lines, "", end))
    filled, count = re.subn(re.escape(begin) + ".*?" + re.escape(end), lambda _: text, page, flags=re.S)
    if count != 1:
        raise SystemExit(f"docs/papers.md has to hold the marks of `{part}` once")
    return filled


def text_part() -> list[str]:
    """The table of papers with text, the hard cases, and what scans give without Tesseract."""
    papers = text_papers()
    said = [understand(open_paper(m.data, m.name)).foremost().kind for m in papers]
    blind = [understand(open_paper(m.data, m.name)).kind for m in scans()]
    hard = [(m, understand(open_paper(m.data, m.name))) for m in hard_cases()]
    forms = Counter(m.form for m in papers)
    spread = ", ".join(f"{forms[f]} {name}" for f, name in _FORMS.items() if forms[f])
    return [
        f"**Papers that hold text** ({len(papers)}: {spread}). Of an e-mail the kind of its attachment is counted.",
        "",
        *table(papers, said),
        "",
        f"**Scans, without Tesseract** ({len(blind)}): " + _blind(blind),
        "",
        "**Hard cases**, read without Tesseract:",
        "",
        "| Paper | Said to be | Attached | Why not a judge's, or what else was noted |",
        "| --- | --- | --- | --- |",
        *(
            f"| {m.name} | `{r.kind}` | {', '.join(f'`{p.kind}`' for p in r.papers) or '–'} | {_why(r.why, r.notes)} |"
            for m, r in hard
        ),
    ]


def scan_part() -> list[str]:
    """The table of scans, read by the worker with Tesseract."""
    papers = scans()
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda m: read_paper(m.data, m.name).kind, papers))
    return [
        f"**Scans, with {tesseract()}** ({len(papers)}: turned up to 2 or 5 degrees, with grain, pale, at 150 or 200 dots an inch).",
        "",
        *table(papers, said),
    ]


def tesseract() -> str:
    """`Tesseract 5.3.0`: another version may read other words."""
    told = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
    return "T" + (told.stdout or told.stderr).split("\n")[0].strip()[1:]


_FORMS = {"text": "plain texts", "pdf": "PDFs", "form": "fillable PDFs", "email": "e-mails"}


def table(papers: Iterable[Made], said: Iterable[str]) -> list[str]:
    """Rows are what a paper is, columns what it was said to be."""
    counts = Counter(zip((m.kind for m in papers), said, strict=True))
    kinds = list(KINDS)
    rows = [k for k in kinds if any(true == k for true, _ in counts)]
    lines = ["| It is \\ said to be | " + " | ".join(HEADS.get(k, k) for k in kinds) + " |"]
    lines.append("| --- |" + " ---: |" * len(kinds))
    for true in rows:
        lines.append(
            f"| `{true}` | " + " | ".join(str(counts[true, k]) if counts[true, k] else "·" for k in kinds) + " |"
        )
    return lines


def _blind(said: list[str]) -> str:
    other = sorted(set(said) - {"unknown"})
    return "all are `unknown`, with the note that the page is a picture." if not other else f"some are {other}."


def _why(why: Iterable[object], notes: Iterable[str]) -> str:
    against = [r.words for r in why if r.speaks == "against"]  # type: ignore[attr-defined]
    words = dict.fromkeys(w.removeprefix("no paper of a judge: ") for w in (*notes, *against))
    return "; ".join(list(words)[:3]) or "–"


if __name__ == "__main__":
    raise SystemExit(main())
