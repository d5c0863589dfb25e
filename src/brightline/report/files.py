"""The files of a report, written all or none: to temporary names beside the final ones, renamed when all are whole.

Whoever looks into the folder, or runs out of disk in the middle, sees the old files or the new ones, never a half.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from brightline.law.pack import Law
from brightline.report import html, pdf, tables
from brightline.report.about import About, ReportError
from brightline.report.content import content
from brightline.report.summary import summary

Write = Callable[[Path], None]
FORMULA = r"^[=+\-@\t\r]"  # what makes a spreadsheet run a cell (OWASP, CSV injection)


def write_report(
    findings: pl.DataFrame,
    law: Law,
    packs: Sequence[str],
    about: About,
    out: Path,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Path]:
    """Write report.html, report.pdf, findings.csv, findings.parquet and summary.json into a folder.

    Returns the files by name. Raises ReportError, and leaves the folder as it was, if one cannot be written.
    """
    about = replace(about, packs=tuple(packs), notes=tuple(about.notes))
    tell = progress or (lambda _: None)
    plain = tables.checked(findings)
    tell("counting and drawing")
    told = content(plain, law, about)
    counts = summary(plain, law, about)
    files: dict[str, Write] = {
        "report.html": lambda path: _text(path, html.render(told)),
        "report.pdf": lambda path: _bytes(path, pdf.render(told, about)),
        "findings.csv": lambda path: safe_cells(plain).write_csv(path),
        "findings.parquet": lambda path: plain.write_parquet(path, statistics=True),
        "summary.json": lambda path: _text(path, json.dumps(counts, indent=2, ensure_ascii=False) + "\n"),
    }
    return write_all(out, files, tell)


def safe_cells(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings with an apostrophe before whatever a spreadsheet would run as a formula, cell or head."""
    words = [c for c, t in findings.schema.items() if t == pl.String]
    risky = pl.col(words).str.contains(FORMULA)
    marked = findings.with_columns(
        pl.when(risky).then(pl.lit("'") + pl.col(words)).otherwise(pl.col(words)).name.keep()
    )
    return marked.rename({c: f"'{c}" for c in marked.columns if c[:1] in tuple("=+-@\t\r")})


def write_all(out: Path, files: dict[str, Write], tell: Callable[[str], None] = lambda _: None) -> dict[str, Path]:
    """Write every file under a temporary name, then rename them all; on any error undo everything."""
    made = not out.exists()
    mark = f".{os.getpid()}.part"
    fresh = {name: out / f".{name}{mark}" for name in files}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, write in files.items():
            if (out / name).is_dir():
                raise ReportError(f"{out / name} is a folder: move it away, or choose another folder with --out")
            tell(name)
            write(fresh[name])
            _sync(fresh[name])
        _exchange(out, fresh)
    except BaseException as error:
        for path in fresh.values():
            with contextlib.suppress(OSError):
                path.unlink()
        if made:
            with contextlib.suppress(OSError):
                out.rmdir()
        if isinstance(error, OSError | pl.exceptions.PolarsError):
            raise ReportError(_sentence(error, out)) from error
        raise
    return {name: out / name for name in files}


def _exchange(out: Path, fresh: dict[str, Path]) -> None:
    """Put the new files in the place of the old. The old stay beside them until the last rename has succeeded."""
    kept: dict[str, Path] = {}
    placed: list[str] = []
    try:
        for name, path in fresh.items():
            if (out / name).exists():
                kept[name] = path.with_suffix(".kept")
                _keep(out / name, kept[name])
        for name, path in fresh.items():
            os.replace(path, out / name)
            placed.append(name)
    except BaseException:
        for name in placed:
            if name in kept:
                os.replace(kept[name], out / name)
            else:
                (out / name).unlink(missing_ok=True)
        raise
    finally:
        for path in kept.values():
            path.unlink(missing_ok=True)


def _keep(old: Path, copy: Path) -> None:
    """A second name for a file, or a copy where the file system has no second names."""
    copy.unlink(missing_ok=True)
    try:
        os.link(old, copy)
    except OSError:
        shutil.copy2(old, copy)


def _text(path: Path, text: str) -> None:
    _bytes(path, text.encode("utf-8"))


def _bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _sync(path: Path) -> None:
    """Wait until the disk has the file: a full disk is told only now on some file systems."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sentence(error: Exception, out: Path) -> str:
    """What went wrong, for the person who asked for the report."""
    code = error.errno if isinstance(error, OSError) else None
    told = str(error)
    if code in (errno.ENOSPC, errno.EDQUOT) or "No space left" in told or "os error 28" in told:
        return (
            f"the disk is full: nothing was written to {out}, and what was there is as it was; make room and try again"
        )
    if code in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{out} cannot be written to: choose another folder with --out"
    if code in (errno.ENOTDIR, errno.EEXIST):
        return f"{out} is not a folder: choose another with --out"
    return f"the report could not be written to {out}: {told}; what was there is as it was"
