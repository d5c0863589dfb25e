"""A file as a table of cells, whatever its name says: CSV, Excel or Parquet, with the row numbers that a person sees.

The content decides what a file is, not its name: a CSV called `.xlsx` is read as a CSV (with a note), a
picture called `.csv` is refused by name. Cells of CSV and Excel are text; Parquet keeps its types. The
header need not be the first row: the caller says how well a row would do as the header.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from brightline.contact.problems import ContactError

HEADER_WITHIN = 40  # rows: releases put a title, a date and a disclaimer above the header, never more
ROW = "__row__"

_MAGIC = (
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "an Excel file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a Word document (RTF)"),
)
_NAMES = {".csv": "a text table (CSV)", ".txt": "a text table (CSV)", ".tsv": "a text table (CSV)"}
_NAMES |= {".xlsx": "an Excel file", ".xlsm": "an Excel file", ".xls": "an old Excel file"}
_NAMES |= {".parquet": "a Parquet file", ".gz": "a gzip file"}

Score = Callable[[Sequence[str]], float]  # how well these cells would do as the header; 0: not at all


@dataclass(frozen=True)
class Broken:
    """A row that is no row of this table."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Table:
    """The cells under the header. `frame` has the column `__row__`: the row number in the spreadsheet."""

    frame: pl.DataFrame
    columns: tuple[str, ...]
    kind: str
    sheet: str | None = None
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()


def any_header(cells: Sequence[str]) -> float:
    """How well a row does as a header when nobody knows the columns: many different words, no figures."""
    words = [c for c in cells if c.strip()]
    if len(words) < 2 or len(set(words)) < len(words):
        return 0
    return sum(not any(ch.isdigit() for ch in w[:1]) and len(w) <= 60 for w in words)


def open_table(path: Path | str, score: Score = any_header) -> Table:
    """Read a file as a table, or say in a sentence why it is none."""
    path = Path(path)
    if not path.is_file():
        raise ContactError(f"there is no file `{path}`")
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise ContactError(f"`{path.name}` is empty: there is no row in it")
    kind = _kind(head)
    notes = _misnamed(path, kind)
    match kind:
        case "a Parquet file":
            return _parquet(path, notes)
        case "an Excel file" | "an old Excel file":
            return _excel(path, score, notes)
        case "a text table (CSV)" | "a gzip file":
            data = gzip.decompress(path.read_bytes()) if kind == "a gzip file" else path.read_bytes()
            return _csv(path, data, score, notes)
        case _:
            raise ContactError(
                f"`{path.name}` is {kind}, not a table; ask for the spreadsheet (CSV, XLSX or Parquet) behind it"
            )


def _kind(head: bytes) -> str:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "a binary file"
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "a web page (HTML)"
    return "a text table (CSV)"


def _misnamed(path: Path, kind: str) -> tuple[str, ...]:
    claimed = _NAMES.get(path.suffix.lower())
    if claimed is None or claimed == kind:
        return ()
    return (f"`{path.name}` is named as {claimed}, but it is {kind}; it was read as what it is",)


def _parquet(path: Path, notes: tuple[str, ...]) -> Table:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ContactError(f"`{path.name}` begins like a Parquet file, but it is damaged or cut off") from error
    columns = tuple(frame.columns)
    if frame.is_empty():
        raise ContactError(f"`{path.name}` has a header and no rows")
    # As an exported sheet would show it: the header is row 1.
    return Table(
        frame.with_row_index(ROW, offset=2).with_columns(pl.col(ROW).cast(pl.Int64)),
        columns,
        "Parquet",
        None,
        (),
        notes,
    )


# --- Excel --------------------------------------------------------------------------------------


def _excel(path: Path, score: Score, notes: tuple[str, ...]) -> Table:
    try:
        book = fastexcel.read_excel(path)
        sheets = {name: _sheet(book, name) for name in book.sheet_names}
    except fastexcel.FastExcelError as error:
        raise ContactError(f"`{path.name}` begins like an Excel file, but it is damaged or cut off") from error
    filled = {name: sheet for name, sheet in sheets.items() if not sheet.is_empty()}
    if not filled:
        raise ContactError(f"`{path.name}` is empty: no sheet of it has a row ({', '.join(sheets)})")
    best, sheet_name, header = max(
        ((points, name, row) for name, sheet in filled.items() for points, row in [_best_row(sheet, score)]),
        key=lambda found: found[0],
    )
    if best <= 0:
        where = " or ".join(f"`{n}`" for n in filled)
        raise ContactError(
            f"`{path.name}` has no row that could be the header in the first {HEADER_WITHIN} rows of {where}"
        )
    if len(filled) > 1:
        others = ", ".join(f"`{n}`" for n in filled if n != sheet_name)
        notes += (f"read from the sheet `{sheet_name}`, whose row {header + 1} is the header; not read: {others}",)
    return _cut(path, filled[sheet_name], header, "Excel", sheet_name, notes)


def _sheet(book: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    # skip_rows=0 keeps empty rows on top, so that row numbers stay those of the spreadsheet.
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    return pl.DataFrame(sheet.to_polars())


def _best_row(sheet: pl.DataFrame, score: Score) -> tuple[float, int]:
    rows = sheet.head(HEADER_WITHIN).rows()
    points = [score(["" if cell is None else str(cell) for cell in row]) for row in rows]
    best = max(points, default=0.0)
    return best, points.index(best) if points else 0


def _cut(path: Path, sheet: pl.DataFrame, header: int, kind: str, name: str | None, notes: tuple[str, ...]) -> Table:
    """The rows under the header, without those that are empty from side to side."""
    titles = ["" if cell is None else str(cell).strip() for cell in sheet.row(header)]
    columns = _titles(titles)
    body = sheet.slice(header + 1)
    body.columns = columns
    used = [c for c, title in zip(columns, titles, strict=True) if title or body[c].null_count() < body.height]
    body = body.select(used).with_row_index(ROW, offset=header + 2).with_columns(pl.col(ROW).cast(pl.Int64))
    full = body.filter(pl.any_horizontal(pl.col(used).str.strip_chars().fill_null("") != ""))
    if full.is_empty():
        where = f"the sheet `{name}` of `{path.name}`" if name else f"`{path.name}`"
        raise ContactError(f"{where} has a header and no rows")
    if full.height < body.height:
        notes += (_empty_rows(body.height - full.height),)
    return Table(full, tuple(used), kind, name, (), notes)


def _empty_rows(n: int) -> str:
    return "1 empty row was passed over" if n == 1 else f"{n:,} empty rows were passed over"


def _titles(titles: Sequence[str]) -> list[str]:
    """Every column gets a name of its own: empty ones by their letter, repeated ones by a number."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for i, title in enumerate(titles):
        name = title or f"column {_letter(i)}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _letter(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# --- CSV ----------------------------------------------------------------------------------------


def _csv(path: Path, data: bytes, score: Score, notes: tuple[str, ...]) -> Table:
    text, encoding_note = _decoded(path, data)
    notes += encoding_note
    separator = _separator(text)
    top = _top(text, separator)
    points = [score(cells) for cells in top]
    best = max(points, default=0.0)
    if best <= 0:
        seen = ", ".join(f"`{c}`" for c in top[0][:8]) if top else "nothing"
        raise ContactError(f"`{path.name}` has no row that could be the header; its first row is {seen}")
    header = points.index(best)
    columns = _titles([c.strip() for c in top[header]])
    rows = _rows(text, separator, header, len(columns))
    numbers, broken, empty = rows.numbers, rows.broken, rows.empty
    if numbers.is_empty():
        raise ContactError(f"`{path.name}` has a header and no rows" + (" that can be read" if broken else ""))
    body = pl.read_csv(
        rows.text.encode(),
        separator=separator,
        has_header=False,
        truncate_ragged_lines=True,  # only empty cells after the last column are left to cut
        infer_schema=False,
        schema=dict.fromkeys(columns, pl.String),
    )
    if body.height != len(numbers):
        raise ContactError(f"`{path.name}` has quotation marks in places where its rows can be read in two ways")
    if empty:
        notes += (_empty_rows(empty),)
    return Table(
        body.with_columns(numbers.alias(ROW)).select(ROW, *columns), tuple(columns), "CSV", None, tuple(broken), notes
    )


def _decoded(path: Path, data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text, and a note when it is not the UTF-8 that it should be."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16"), (f"`{path.name}` is written in UTF-16; it was read as that",)
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        note = (
            f"`{path.name}` is not written in UTF-8 (first seen in line {line}); it was read as Windows-1252, "
            f"the usual one of Western spreadsheets: look at the names with accents"
        )
        return data.decode("cp1252", errors="replace"), (note,)


def _separator(text: str) -> str:
    lines = text[:20_000].splitlines()[:HEADER_WITHIN]
    counts = {sep: sorted((line.count(sep) for line in lines), reverse=True) for sep in (",", ";", "\t", "|")}
    # The separator stands in many lines, not only often in one: compare the middle of the counts.
    return max(counts, key=lambda sep: (counts[sep][len(lines) // 2] if lines else 0, counts[sep][:1]))


def _top(text: str, separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append(cells)
            if len(rows) == HEADER_WITHIN:
                break
    except csv.Error:
        pass  # the broken row is found again, and named, when all rows are read
    return rows


@dataclass(frozen=True)
class Rows:
    """The rows of a CSV under its header: the good ones as text with their numbers, and what is wrong with others."""

    text: str
    numbers: pl.Series
    broken: tuple[Broken, ...]
    empty: int


def _rows(text: str, separator: str, header: int, width: int) -> Rows:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if text.count('"') % 2 == 0:
        rows = _checked(lines, [], separator, header, width, alone=False)
        if rows is not None:
            return rows
    # A quotation mark that is opened and not closed swallows the rows after it. The lines that hold one are taken
    # out, and a row is one line again.
    unclosed = [i for i, line in enumerate(lines) if line.count('"') % 2 and i > header]
    rows = _checked(lines, unclosed, separator, header, width, alone=True)
    assert rows is not None, "rows that are read line by line are never given up"
    return rows


def _checked(
    lines: list[str], unclosed: list[int], separator: str, header: int, width: int, *, alone: bool
) -> Rows | None:
    """Every row checked for its number of cells.

    With `alone` a row is one line. Without it, None when a broken row spans lines, so that it may hide good ones.
    """
    out = set(unclosed)
    origin = [i for i in range(len(lines)) if i not in out] if alone else []
    kept = [lines[i] for i in origin] if alone else lines
    broken = [Broken(i + 1, "", lines[i][:200], "a quotation mark is opened and not closed") for i in unclosed]
    reader = csv.reader(kept, delimiter=separator)
    bad: list[int] = []  # lines of `kept` that are not given on
    numbers: list[int] = []
    number = empty = first = 0
    while True:
        first = reader.line_num
        try:
            cells, reason = next(reader), ""
        except StopIteration:
            break
        except csv.Error as error:
            cells, reason = [], f"the row cannot be read as CSV ({error})"
        number += 1
        if number <= header + 1:
            bad.extend(range(first, reader.line_num))
            continue
        here = origin[first] + 1 if alone else number
        if len(cells) == width and (cells[0] or any(cells)):
            numbers.append(here)
            continue
        if reason or any(cell.strip() for cell in cells[width:]) or (len(cells) < width and any(cells)):
            if reader.line_num > first + 1 and not alone:
                return None
            reason = reason or f"the row has {_counted(len(cells))}, the header has {width}"
            broken.append(Broken(here, "", kept[first][:200], reason))
        elif any(cells):
            numbers.append(here)
            continue
        else:
            empty += 1
        bad.extend(range(first, reader.line_num))
    skip = set(bad)
    good = "\n".join(line for i, line in enumerate(kept) if i not in skip)
    return Rows(good, pl.Series(numbers, dtype=pl.Int64), tuple(broken), empty)


def _counted(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"
