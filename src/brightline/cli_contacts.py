"""The commands `brightline contacts …`, and how any command reads a file of contacts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from brightline.law.pack import Law
from brightline.terminal import (
    AgencyOption,
    DataArgument,
    JsonOption,
    LawsOption,
    ReaderOption,
    err,
    load_law,
    out,
    print_json,
    progress,
    stop,
    write_whole,
)

contacts_app = typer.Typer(
    no_args_is_help=True, help="Records of contacts: read them, or draft a mapping for a new kind of file."
)


def data_file(data: str) -> Path:
    """A path, or the path of a sample."""
    from brightline.contact.samples import sample

    return sample(data.removeprefix("sample:")) if data.startswith("sample:") else Path(data)


def read_contacts(data: str, reader: str | None, agencies: list[str] | None, law: Law) -> Any:
    from brightline.contact.read import read

    path = data_file(data)
    if not path.exists():
        stop(f"{path}: there is no such file")
    if reader is None and path.suffix == ".parquet":
        known = _contacts_already(path)
        if known is not None:
            return known
    return read(path, reader, law.vocabulary, only=agencies or None)


def _contacts_already(path: Path) -> Any:
    """The contacts that `brightline contacts read` wrote, or None when the file is another kind."""
    import polars as pl

    from brightline.contact.read import Reading
    from brightline.reason.audit import FRAME

    try:
        names = pl.read_parquet_schema(path)
    except pl.exceptions.PolarsError:
        return None  # the reader says what is wrong with it
    if not {*FRAME, "contact"} <= set(names):
        return None
    rejected = pl.DataFrame(schema={"row": pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String})
    return Reading(pl.read_parquet(path), rejected, (), "contacts")


@contacts_app.command("read")
def contacts_read(
    data: DataArgument,
    reader: ReaderOption = None,
    agency: AgencyOption = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write the contacts here (.parquet or .csv).", show_default=False)
    ] = None,
    laws: LawsOption = None,
    json_: JsonOption = False,
) -> None:
    """Read a file of records into contacts, and say what could not be read. Exit code 1: some rows were rejected.

    Example: `brightline contacts read detainers.xlsx --reader ice-detainers-2026 --to contacts.parquet`
    """
    with progress("reading") as _:
        reading = read_contacts(data, reader, agency, load_law(laws))
    if to is not None:
        _write_frame(reading.contacts, to)
    rejected = _write_rejected(reading, to)
    told = {
        "reader": reading.reader,
        "contacts": reading.contacts.height,
        "rejected": reading.rejected.height,
        "rejected_file": rejected,
        "notes": list(reading.notes),
    }
    if json_:
        print_json(told)
    else:
        out.print(
            f"{reading.contacts.height:,} contacts read by {reading.reader}; {reading.rejected.height:,} rows could not be read"
            + (f" (see {rejected})" if rejected else "")
            + "."
        )
        for note in reading.notes:
            out.print(f"- {note}", markup=False)
        for row in reading.rejected.head(10).iter_rows(named=True) if rejected is None else ():
            err.print(f"row {row['row']}, column {row['column']}: {row['reason']}", markup=False)
    if reading.rejected.height:
        raise typer.Exit(1)


def _write_rejected(reading: Any, beside: Path | None) -> str | None:
    from brightline.contact.read import write_rejected

    if not reading.rejected.height or beside is None:
        return None
    return str(write_rejected(reading, beside.with_name(beside.stem + ".rejected.csv")))


def _write_frame(frame: Any, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    beside = to.with_name(to.name + ".part")
    try:
        frame.write_csv(beside) if to.suffix == ".csv" else frame.write_parquet(beside)
        beside.replace(to)
    finally:
        beside.unlink(missing_ok=True)


@contacts_app.command("map")
def contacts_map(
    file: Annotated[Path, typer.Argument(help="A table of records of a kind that no reader knows.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="Write the draft here; without it, print it.", show_default=False)
    ] = None,
    laws: LawsOption = None,
) -> None:
    """Draft and explain a mapping for a file: what each column seems to hold, for a person to complete.

    Example: `brightline contacts map requests.csv --to requests.yaml`
    """
    from brightline.contact.draft import draft

    text = draft(file, load_law(laws).vocabulary)
    if to is None:
        print(text)
    else:
        write_whole(to, text)
        out.print(f"{to}: a draft; complete it, then `brightline contacts read {file} --reader {to}`.", markup=False)
