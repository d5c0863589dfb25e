"""The lines of every report once more, as SQL written from the text of the law over a table of the events.

Nothing of `brightline.report.statutory.make` or of the definitions is used here. SQL's own three-valued logic keeps
what is unknown (NULL) apart. `base` is what a line asks for besides the decision, `decided` what it asks of the
decision, `day` the local day that must lie in the period.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from brightline.report.statutory.event import Event

NEW_YORK, CHICAGO, LOS_ANGELES = "America/New_York", "America/Chicago", "America/Los_Angeles"


@dataclass(frozen=True)
class Query:
    base: str
    decided: str = "true"
    day: str = "received_at"
    persons: bool = False


@dataclass(frozen=True)
class Asked:
    """One report: whose events, by which clock, its lines, and what the law wants split."""

    agency: str  # the filer, or "" for every agency of New York City
    zone: str
    lines: dict[str, Query]
    by: dict[str, list[str]]  # line -> SQL of the groups of each breakdown


def split(column: str, named: tuple[str, ...] = ()) -> str:
    """SQL: the groups of a list; values that the law does not name go together as "rest"."""
    words = ", ".join(f"'{n}'" for n in named)
    each = f"case when x in ({words}) then x else 'rest' end" if named else "x"
    return (
        f"unnest(case when {column} is null then ['unknown'] when len({column}) = 0 then ['nothing'] "
        f"else list_distinct(list_transform({column}, lambda x: {each})) end)"
    )


def yes_no(column: str) -> str:
    return f"case {column} when true then 'yes' when false then 'no' else 'unknown' end"


def word(column: str) -> str:
    return f"coalesce({column}, '{'open' if column == 'decision' else 'unknown'}')"


FEDERAL = "federal_immigration_authority"
DETAINER = f"request = 'civil_detainer' and {FEDERAL}"
HANDED = "transferred and receiving_agency in ('ice', 'ice_ero', 'ice_hsi', 'cbp', 'uscis')"
ABOUT = f"request in ('information_request', 'notification_request') and {FEDERAL}"
HONORED = "decision in ('granted', 'partly')"
SERIOUS, MATCH = "violent_or_serious_conviction", "terrorist_screening_match"


def detainer_report(
    agency: str, first: tuple[str, str, str, str], n: str, about: str, kinds: tuple[str, ...]
) -> tuple[dict[str, Query], dict[str, list[str]]]:
    received, held, transferred, refused = first
    lines = {
        received: Query(DETAINER),
        held: Query(f"{DETAINER} and held_past_release", day="release_due_at", persons=True),
        transferred: Query(f"{DETAINER} and {HANDED}", day="transferred_at", persons=True),
        refused: Query(DETAINER, "decision = 'refused'", persons=True),
        n: Query(about),
        f"{n}.responses": Query(about, HONORED),
        f"{n}.i": Query(f"{about} and not {SERIOUS}", HONORED),
        f"{n}.ii": Query(f"{about} and {SERIOUS}", HONORED),
        f"{n}.iii": Query(f"{about} and not {SERIOUS} and {MATCH}", HONORED),
    }
    groups = [split("information_released", kinds), yes_no("transfer_facilitated")]
    return lines, {f"{n}.{roman}": groups for roman in ("i", "ii", "iii")}


KINDS = ("incarceration_status", "release_date", "court_date")
DOC, DOC_BY = detainer_report("nyc_doc", ("f.1", "f.2", "f.3", "f.7"), "f.9", f"{ABOUT} and in_custody", KINDS)
REASONS = [split("detainer_reasons", ("removable", "proceedings_initiated", "warrant_served", "removal_order"))]
DOC |= {
    "f.4": Query(f"{DETAINER} and {HANDED} and {SERIOUS}", day="transferred_at", persons=True),
    "f.5": Query(f"{DETAINER} and {HANDED} and not {SERIOUS} and {MATCH}", day="transferred_at", persons=True),
    "f.8": Query(
        f"{DETAINER} and held_past_release and (hold_ended = 'expired_48_hours' or hold_ended = 'disavowed')",
        day="release_due_at",
        persons=True,
    ),
}
DOC_BY |= {"f.1": REASONS, "f.2": REASONS}
POLICE, POLICE_BY = detainer_report("nypd", ("f.1", "f.2", "f.3", "f.4"), "f.5", f"{ABOUT} and in_custody", KINDS)
PROBATION, PROBATION_BY = detainer_report(
    "nyc_probation", ("f.1", "f.2", "f.3", "f.4"), "f.5", ABOUT, (*KINDS, "appointment_date")
)
HELP = """nonlocal_law_enforcement and request <> 'none' and (
  civil_immigration_purpose or offense_enforced = 'ina_presence_offense'
  or (offense_enforced in ('other_presence_offense', 'registration_offense', 'mayor_proxy_law')
      and received_at >= date '2026-01-29'))"""
SOMETHING = "len(information_released) > 0"

REPORTS: dict[str, Asked] = {
    "nyc-9-131-f": Asked("nyc_doc", NEW_YORK, DOC, DOC_BY),
    "nyc-14-154-f": Asked("nypd", NEW_YORK, POLICE, POLICE_BY),
    "nyc-9-205-f": Asked("nyc_probation", NEW_YORK, PROBATION, PROBATION_BY),
    "nyc-10-178-d": Asked(
        "",
        NEW_YORK,
        {"d": Query(HELP), "d.released": Query(f"{HELP} and {SOMETHING}")},
        {
            "d": [
                f"{word('requester')}, agency",
                f"{word('requester')}, agency, {word('decision')}",
                word("request"),
                word("stated_purpose"),
            ],
            "d.released": [split("information_released")],
        },
    ),
    "nyc-23-1202-c4": Asked(
        "",
        NEW_YORK,
        {"c.4": Query("identifying_information and disclosed_in_violation", day="disclosed_at")},
        {"c.4": ["agency", word("requester"), split("information_released"), yes_no("person_notified")]},
    ),
    "or-181a-826-3": Asked(
        "or_public_body",
        LOS_ANGELES,
        {
            "3.a": Query(
                """requester in ('ice', 'ice_ero', 'ice_hsi', 'cbp', 'uscis', 'us_marshals', 'other_federal')
                and not list_contains(papers, 'judicial_subpoena') and request <> 'none' and (
                civil_immigration_purpose or offense_enforced in ('ina_presence_offense', 'other_presence_offense'))"""
            )
        },
        {"3.a": [word("decision")]},
    ),
    "il-805-25": Asked(
        "law_enforcement_agency",
        CHICAGO,
        {
            "a.1": Query(
                """requester in ('ice', 'ice_ero', 'ice_hsi', 'cbp', 'uscis') and civil_immigration_purpose
                and request not in ('civil_detainer', 'none') and not list_has_any(papers, ['i247a', 'i200', 'i205'])"""
            ),
            "a.2": Query("request = 'civil_detainer' or list_has_any(papers, ['i247a', 'i200', 'i205'])"),
        },
        {"a.1": [word("decision")]},
    ),
    "ca-7284-6-c2": Asked(
        "ca_law_enforcement",
        LOS_ANGELES,
        {"c.2": Query(HANDED, day="transferred_at")},
        {"c.2": [word("offense"), word("transfer_ground")]},
    ),
    "dc-24-211-07-d": Asked(
        "law_enforcement_agency",
        NEW_YORK,
        {
            "d.1": Query(f"{FEDERAL} and request in ('civil_detainer', 'information_request', 'notification_request')"),
            "d.2": Query(HANDED, day="transferred_at", persons=True),
            "d.3.requested": Query(f"{FEDERAL} and {SOMETHING} and request <> 'none'", day="disclosed_at"),
            "d.3.unrequested": Query(f"{FEDERAL} and {SOMETHING} and request = 'none'", day="disclosed_at"),
        },
        {
            "d.1": [
                word("request"),
                word("custody_basis"),
                yes_no("judicial_warrant"),
                word("decision"),
                f"{word('custody_basis')}, {yes_no('judicial_warrant')}, {word('decision')}",
            ],
            "d.3.requested": [split("information_released")],
            "d.3.unrequested": [split("information_released")],
        },
    ),
}
CITY = "('nyc_agency', 'nyc_law_enforcement', 'nypd', 'nyc_doc', 'nyc_probation', 'nyc_other_agency')"
MOMENTS = ("received_at", "release_due_at", "transferred_at", "disclosed_at")


def table(events: list[Event], zone: str) -> duckdb.DuckDBPyConnection:
    """The events as a table whose moments are days by the clock of the agency."""
    told = [e.model_dump() for e in events]
    columns = {f: [list(v) if isinstance(v := row[f], tuple) else v for row in told] for f in Event.model_fields}
    for f in MOMENTS:
        columns[f] = [None if v is None else v.astimezone(ZoneInfo(zone)).date() for v in columns[f]]
    frame = pl.DataFrame({f: v for f, v in columns.items() if not f.endswith("_at") or f in MOMENTS}, strict=False)
    found = duckdb.connect()
    found.register("frame", frame.to_arrow())
    found.execute("create table events as select * from frame")
    return found


def counted(
    database: duckdb.DuckDBPyConnection, asked: Asked, query: Query, first: date, last: date
) -> dict[str, set[str]]:
    """The numbers of the records in each place of a line, and the persons counted."""
    rows = database.execute(
        f"""with placed as (select *, ({query.base}) as base, ({query.decided}) as decided from events
          where {f"agency = '{asked.agency}'" if asked.agency else f"agency in {CITY}"}
            and coalesce({query.day}, received_at) between ? and ?),
        judged as (select number, person, case
            when base and decided and {query.day} is not null
              then {"case when person is null then 'unknown' else 'counted' end" if query.persons else "'counted'"}
            when base and decided is null and {query.day} is not null then 'open'
            when coalesce(base and decided, true) then 'unknown' else 'out' end as place from placed)
        select place, number, person from judged where place <> 'out'""",
        [first, last],
    ).fetchall()
    found: dict[str, set[str]] = {"counted": set(), "open": set(), "unknown": set(), "persons": set()}
    for place, number, person in rows:
        found[place].add(number)
        if place == "counted":
            found["persons"].add(person)
    return found


def grouped(
    database: duckdb.DuckDBPyConnection, sql: str, numbers: set[str], persons: bool
) -> Counter[tuple[str, ...]]:
    """How many of these records (or persons) are in each group."""
    heads = ", ".join(f"g{n}" for n in range(sql_width(sql)))
    parts = ", ".join(f"{part} as g{n}" for n, part in enumerate(top_level(sql)))
    what = "count(distinct person)" if persons else "count(*)"
    rows = database.execute(
        f"select {heads}, {what} from (select number, person, {parts} from events where number in "
        f"(select unnest(?))) group by all",
        [sorted(numbers)],
    ).fetchall()
    return Counter({tuple(row[:-1]): row[-1] for row in rows})


def top_level(sql: str) -> list[str]:
    """The parts of a list of SQL expressions."""
    parts, depth = [""], 0
    for letter in sql:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def sql_width(sql: str) -> int:
    return len(top_level(sql))
