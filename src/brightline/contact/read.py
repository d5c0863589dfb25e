"""Records -> contacts: reads a file through its mapping, a column at a time; what cannot be read is listed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from brightline.contact.days import REJECTED, cell_text, with_dates
from brightline.contact.frame import TYPES, join_actions, reserved
from brightline.contact.mapping import (
    UNKNOWN,
    Actions,
    Cell,
    FactFrom,
    Mapping,
    Rule,
    Values,
    check_mapping,
    load_mapping,
    readers,
    shipped,
)
from brightline.contact.problems import ContactError, did_you_mean, listed, nearest
from brightline.contact.states import state_at_the_end, state_code
from brightline.contact.table import ROW, Table, any_header, open_table
from brightline.law.vocabulary import Vocabulary

MEANS = "__means__"  # before the name of a column computed from the source, until the source's own are put beside it
_SHOWN = 8


@dataclass(frozen=True)
class Reading:
    """What was read from a file, what could not be, and what a person should know about it."""

    contacts: pl.DataFrame
    rejected: pl.DataFrame  # row, column, value, reason
    notes: tuple[str, ...]
    reader: str


def read(
    path: Path | str,
    reader: str | Mapping | None,
    vocabulary: Vocabulary,
    *,
    only: Sequence[str] | None = None,
) -> Reading:
    """Read contacts from a file.

    `reader` is the name of a shipped reader, the path of a mapping file, a mapping, or None: then the header
    decides. `only` keeps the contacts of these actors and of every actor that is a kind of one of them.
    """
    path = Path(path)
    if reader is None:
        mapping, table = _recognized(path)
    else:
        mapping = reader if isinstance(reader, Mapping) else _mapping(reader)
        table = open_table(path, lambda cells: _score(mapping, cells))
    wrong = check_mapping(mapping, vocabulary)
    if wrong:
        raise ContactError(*wrong)
    found = _columns(path, mapping, table)
    return _reading(path, mapping, table, found, vocabulary, only)


def write_rejected(reading: Reading, path: Path | str) -> Path:
    """Write the rows that could not be read as CSV: written whole under another name, then renamed."""
    path = Path(path)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        reading.rejected.write_csv(unfinished)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _mapping(reader: str) -> Mapping:
    if reader in readers():
        return shipped(reader)
    if reader.endswith((".yaml", ".yml")) or os.sep in reader:
        return load_mapping(reader)
    return shipped(reader)  # says which readers there are


# --- which column is which ------------------------------------------------------------------------


def _plain(name: str) -> str:
    return "".join(ch for ch in name.lower() if ch.isalnum())


def _match(mapping: Mapping, cells: Sequence[str]) -> dict[str, str]:
    """The mapping's columns that are in this header, with the name that each has there."""
    there = {_plain(c): c for c in reversed(cells) if _plain(c)}
    found: dict[str, str] = {}
    for name, column in mapping.columns.items():
        spelling = next((s for s in (name, *column.spellings) if _plain(s) in there), None)
        if spelling is not None and there[_plain(spelling)] not in found.values():
            found[name] = there[_plain(spelling)]
    return found


def _score(mapping: Mapping, cells: Sequence[str]) -> float:
    found = _match(mapping, cells)
    # A header that lacks every known name still has to be shown to the person, as the row that looks like one.
    return 100.0 * len(found) + any_header(cells) if found else any_header(cells) / 1000


def _missing(mapping: Mapping, found: dict[str, str]) -> list[str]:
    return [n for n, c in mapping.columns.items() if c.required and n not in found]


def _recognized(path: Path) -> tuple[Mapping, Table]:
    """The shipped reader whose required columns are all in the header; the one that knows most of it."""
    mappings = [shipped(name) for name in readers()]
    table = open_table(path, lambda cells: max(_score(m, cells) for m in mappings))
    fitting = [m for m in mappings if not _missing(m, _match(m, table.columns))]
    if not fitting:
        near = max(mappings, key=lambda m: len(_match(m, table.columns)))
        lacks = _missing(near, _match(near, table.columns))
        raise ContactError(
            f"no reader knows the columns of `{path.name}`: {listed(table.columns)}. Nearest is `{near.reader}`, which "
            f"also needs {listed(lacks)}. `brightline contacts map {path.name}` drafts a mapping for this file"
        )
    return max(fitting, key=lambda m: len(_match(m, table.columns))), table


def _columns(path: Path, mapping: Mapping, table: Table) -> dict[str, str]:
    found = _match(mapping, table.columns)
    missing = _missing(mapping, found)
    free = [c for c in table.columns if c not in found.values()]
    if missing:
        raise ContactError(*(_missing_sentence(path, mapping, name, free) for name in missing))
    return found


def _missing_sentence(path: Path, mapping: Mapping, name: str, free: list[str]) -> str:
    column = mapping.columns[name]
    about = f", {column.about}," if column.about else ""
    also = f" It may also be called {listed(column.spellings)}." if column.spellings else ""
    near = nearest(name, free)
    return (
        f"`{path.name}` has no column `{name}`{about} which the reader `{mapping.reader}` needs.{also} "
        f"Columns of the file that the reader does not know: {listed(free) or 'none'}"
        + (f"; `{near}` looks most like it" if near else "")
    )


# --- the contacts ---------------------------------------------------------------------------------


def _reading(
    path: Path,
    mapping: Mapping,
    table: Table,
    found: dict[str, str],
    vocabulary: Vocabulary,
    only: Sequence[str] | None,
) -> Reading:
    renamed = table.frame.select(ROW, *(pl.col(there).alias(name) for name, there in found.items()))
    cells = renamed.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("__contact__"))
    if mapping.row_number in found:
        cells = cells.with_columns(pl.col(mapping.row_number).cast(pl.Int64, strict=False).alias(ROW))
    cells, rejected, doubts = with_dates(cells, mapping)
    cells = _with_actor(cells, mapping, found)
    cells, meanings = _with_meanings(cells, mapping, found, vocabulary)
    frame = cells.select(
        pl.col("__contact__").alias("contact"),
        pl.col("__date__").alias("date"),
        pl.col("__actor__").alias("actor"),
        *(pl.col(MEANS + name).alias(name) for name in meanings if name not in mapping.derived),
        pl.lit(path.name).alias("source_file"),
        pl.col(ROW).alias("source_row"),
        *(pl.col(MEANS + name).alias(name) for name in mapping.derived),
        *_kept(mapping, found, vocabulary),
    )
    if only is not None:
        frame = _only(frame, only, vocabulary)
    broken = pl.DataFrame([(b.row, b.column, b.value, b.reason) for b in table.broken], schema=REJECTED, orient="row")
    rejected = pl.concat([broken, rejected]).sort("row", maintain_order=True)
    notes = [*table.notes, *doubts, *_what_to_know(mapping, table, found, cells, rejected)]
    return Reading(frame, rejected, tuple(notes), mapping.reader)


def _folded(column: str) -> pl.Expr:
    """A cell in capitals and with single spaces, to compare names."""
    return cell_text(column).str.to_uppercase().str.replace_all(r"\s+", " ")


# --- the agency -------------------------------------------------------------------------------------


def _with_actor(cells: pl.DataFrame, mapping: Mapping, found: dict[str, str]) -> pl.DataFrame:
    agency = mapping.agency
    if agency.always:
        return cells.with_columns(pl.lit(agency.always).alias("__actor__"))
    columns = {
        f"__{role}__": column
        for role, column in (("facility", agency.facility), ("city", agency.city), ("state", agency.state))
        if column in found
    }
    raw = list(dict.fromkeys(columns.values()))
    if not raw:
        return cells.with_columns(pl.lit(None, dtype=pl.String).alias("__actor__"))
    # Few places, many rows: the rules are tried once on each distinct place and joined back.
    places = (
        cells.select(raw)
        .unique()
        .with_columns(
            _folded(columns[role]).alias(role) if role in columns else pl.lit(None, dtype=pl.String).alias(role)
            for role in ("__facility__", "__city__", "__state__")
        )
    )
    state = state_code(pl.col("__state__"))
    if agency.state_in_text:
        state = pl.coalesce(state, state_at_the_end(pl.col("__facility__")))
    places = places.with_columns(state.alias("__code__"))
    places = places.select(*raw, _first_rule(mapping.rules()).alias("__actor__"))
    return cells.join(places, on=raw, how="left", nulls_equal=True, maintain_order="left")


def _first_rule(rules: Sequence[Rule]) -> pl.Expr:
    decided = pl.when(pl.lit(False)).then(pl.lit(None, dtype=pl.String))
    for rule in rules:
        actor = None if rule.actor == UNKNOWN else rule.actor
        decided = decided.when(_holds(rule)).then(pl.lit(actor, dtype=pl.String))  # type: ignore[assignment]
    return decided.otherwise(pl.lit(None, dtype=pl.String))


def _holds(rule: Rule) -> pl.Expr:
    tests = [pl.lit(True)]
    if rule.facility:
        tests.append(_cell(pl.col("__facility__"), rule.facility))
    if rule.city:
        tests.append(_cell(pl.col("__city__"), rule.city))
    if rule.state:
        tests.append(pl.col("__code__").is_in(rule.state))
    if rule.not_state:
        tests.append(~pl.col("__code__").is_in(rule.not_state))
    return pl.all_horizontal(tests).fill_null(False)  # of an unknown state nothing holds, not even "another one"


def _cell(cell: pl.Expr, test: Cell) -> pl.Expr:
    holds = pl.lit(True)
    if test.equals:
        holds = holds & cell.is_in([w.upper() for w in test.equals])
    if test.matches:
        holds = holds & cell.str.contains(test.matches)
    if test.but_not:
        holds = holds & ~cell.str.contains(test.but_not)
    return holds


# --- values -----------------------------------------------------------------------------------------


def _with_meanings(
    cells: pl.DataFrame, mapping: Mapping, found: dict[str, str], vocabulary: Vocabulary
) -> tuple[pl.DataFrame, list[str]]:
    """The cells with a column for each action, fact and derived value, and the names of these columns in order."""
    by_column: dict[str | None, list[pl.Expr]] = {}
    for place in ("counterpart", "channel"):
        part: Values | str | None = getattr(mapping, place)
        said = _lookup(part.column, part.values, part.otherwise, found) if isinstance(part, Values) else pl.lit(part)
        column = part.column if isinstance(part, Values) else None
        by_column.setdefault(column, []).append(said.cast(pl.String).alias(place))
    for place in ("asked", "done", "not_done"):
        actions: Actions = getattr(mapping, place)
        by_column.setdefault(actions.column, []).append(_actions(actions, found).alias(place))
    for name, fact in mapping.facts.items():
        by_column.setdefault(fact.column, []).extend(_fact(name, fact, found, vocabulary))
    for name, v in mapping.derived.items():
        by_column.setdefault(v.column, []).append(_lookup(v.column, v.values, v.otherwise, found).alias(name))
    for column, meanings in by_column.items():
        named = [m.name.prefix(MEANS) for m in meanings]
        if column is None or column not in found:
            cells = cells.with_columns(named)
        else:  # few distinct cells, many rows: each is looked up once and joined back
            distinct = cells.select(column).unique().with_columns(named)
            cells = cells.join(distinct, on=column, how="left", nulls_equal=True, maintain_order="left")
    order = ["counterpart", "channel", "asked", "done", "not_done"]
    for name in mapping.facts:
        order += [c for c in (name, f"{name}__basis", f"{name}__shown_by") if MEANS + c in cells.columns]
    return cells, [*order, *mapping.derived]


def _lookup(
    column: str,
    values: dict[str, object],
    otherwise: object,
    found: dict[str, str],
    type: type[pl.DataType] = pl.String,
) -> pl.Expr:
    """What the cells of a column mean by a table; exact words before patterns, null for what it does not know."""
    if column not in found:
        return pl.lit(None, dtype=type)
    cell = _folded(column)
    decided = pl.when(cell.is_null()).then(pl.lit(None, dtype=type))
    for key in sorted(values, key=lambda k: k.startswith("/")):
        decided = decided.when(_is(cell, key)).then(pl.lit(values[key], dtype=type))  # type: ignore[assignment]
    return decided.otherwise(pl.lit(otherwise, dtype=type))


def _is(cell: pl.Expr, key: str) -> pl.Expr:
    if len(key) > 1 and key.startswith("/") and key.endswith("/"):
        return cell.str.contains("(?i)" + key[1:-1])
    return cell == " ".join(key.upper().split())


def _actions(actions: Actions, found: dict[str, str]) -> pl.Expr:
    always = join_actions(actions.always)
    if actions.column is None:
        return pl.lit(always)
    values: dict[str, object] = {k: join_actions([*v, *actions.always]) for k, v in actions.values.items()}
    return _lookup(actions.column, values, always, found).fill_null(always)


def _fact(name: str, fact: FactFrom, found: dict[str, str], vocabulary: Vocabulary) -> list[pl.Expr]:
    declared = vocabulary.facts[name]
    type = TYPES[declared.type]
    if fact.column is None:
        value = pl.lit(fact.always, dtype=type)
    elif fact.values is not None:
        value = _lookup(fact.column, dict(fact.values), None, found, type)
    elif fact.column not in found:
        value = pl.lit(None, dtype=type)
    elif declared.type == "list":
        cell = cell_text(fact.column).str.to_lowercase()
        value = pl.when(cell.is_in(declared.values)).then(cell)
    elif declared.type == "yes/no":
        value = _folded(fact.column).replace_strict(
            {"YES": True, "Y": True, "TRUE": True, "NO": False, "N": False, "FALSE": False},
            default=None,
            return_dtype=pl.Boolean,
        )
    elif declared.type == "date":
        value = pl.coalesce(pl.col(fact.column).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False))
    else:
        value = pl.col(fact.column).cast(pl.Float64, strict=False)
    columns = [value.alias(name), _where_known(value, fact.basis).alias(f"{name}__basis")]
    if fact.shown_by:
        columns.append(_where_known(value, fact.shown_by).alias(f"{name}__shown_by"))
    return columns


def _where_known(value: pl.Expr, text: str) -> pl.Expr:
    return pl.when(value.is_not_null()).then(pl.lit(text))


def _kept(mapping: Mapping, found: dict[str, str], vocabulary: Vocabulary) -> list[pl.Expr]:
    """The source's own columns, word for word, under the mapping's names for them."""
    kept = [name for name in found if mapping.columns[name].keep]
    return [pl.col(n).alias(f"source_{n}" if _taken(n, mapping, vocabulary) else n) for n in kept]


def _taken(name: str, mapping: Mapping, vocabulary: Vocabulary) -> bool:
    return reserved(name, vocabulary) or name in mapping.derived


def _only(frame: pl.DataFrame, only: Sequence[str], vocabulary: Vocabulary) -> pl.DataFrame:
    unknown = [name for name in only if name not in vocabulary.actors]
    if unknown:
        raise ContactError(
            *(f"`{n}` is no actor of the vocabulary{did_you_mean(n, vocabulary.actors)}" for n in unknown)
        )
    actors = [a for a in vocabulary.actors if set(vocabulary.actor_lineage(a)) & set(only)]
    return frame.filter(pl.col("actor").is_in(actors))


# --- notes ------------------------------------------------------------------------------------------


def _what_to_know(
    mapping: Mapping, table: Table, found: dict[str, str], cells: pl.DataFrame, rejected: pl.DataFrame
) -> list[str]:
    notes = list(mapping.notes)
    left = [c for c in table.columns if c not in found.values()]
    if left:
        notes.append(f"columns that are not read: {listed(left)}")
    absent = [c for c in dict.fromkeys(mapping.used_columns()) if c not in found and c != mapping.row_number]
    if absent:
        notes.append(f"columns that the reader knows and this file does not have: {listed(absent)}")
    notes += _unknown_values(mapping, found, cells)
    undated = cells["__date__"].null_count()
    if undated:
        notes.append(f"{undated:,} of {cells.height:,} rows have no date; the date of these contacts is unknown")
    if mapping.agency.facility:
        nobody = cells["__actor__"].null_count()
        notes.append(
            f"{nobody:,} of {cells.height:,} rows name no agency plainly; the agency of these contacts is unknown"
        )
    if rejected.height:
        rows = "1 row" if rejected.height == 1 else f"{rejected.height:,} rows"
        notes.append(f"{rows} could not be read; listed with row, column and reason")
    return notes


def _unknown_values(mapping: Mapping, found: dict[str, str], cells: pl.DataFrame) -> list[str]:
    """Cells that are filled and stand in no table: said out loud, because the fact stays unknown for them."""
    tables: dict[str, list[str]] = {}
    sources: list[Actions | FactFrom | Values] = [
        mapping.asked,
        mapping.done,
        mapping.not_done,
        *mapping.facts.values(),
    ]
    others = [part for part in (mapping.counterpart, mapping.channel) if isinstance(part, Values)]
    for source in [*sources, *others, *mapping.derived.values()]:
        if source.column in found and source.values:
            tables.setdefault(str(source.column), []).extend(source.values)
    notes: list[str] = []
    for column, keys in tables.items():
        cell = _folded(column)
        known = pl.any_horizontal([_is(cell, key) for key in dict.fromkeys(keys)])
        unknown = cells[column].value_counts(sort=True, name="__n__").filter(cell.is_not_null() & ~known)
        if unknown.height:
            shown = ", ".join(f"`{v}` ({n:,})" for v, n in unknown.head(_SHOWN).rows())
            more = f" and {unknown.height - _SHOWN} more" if unknown.height > _SHOWN else ""
            notes.append(f"values of `{column}` that the reader does not know, left unknown: {shown}{more}")
    return notes
