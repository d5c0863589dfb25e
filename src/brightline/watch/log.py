"""The log of plans and runs in a plain file: what was planned, when, every run, also those abandoned or refused, and every scan.

One JSON object a line, each with the SHA-256 of its plan, the time and the version. It proves less than a ledger, and says so
in its first line: whoever may write the file can rewrite it. A ledger that the caller has may take the same records.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from brightline.watch.plan import Plan, differences
from brightline.watch.problems import WatchError

NOTE = (
    "Plans, runs and scans of `brightline watch`, in the order in which they were written. This file proves less than a ledger: "
    "whoever can write it can also change it. Give `--ledger` to have the same records where nobody can rewrite them."
)
Record = Mapping[str, Any]
Ledger = Callable[[dict[str, Any]], str]  # records one object, and says where: `city/2026, entry 17`


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Log:
    """A file of records; `ledger` takes each as well when there is one."""

    path: Path
    ledger: Ledger | None = None
    _known: list[Record] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self._known = _read(self.path)

    def records(self, what: str | None = None) -> list[Record]:
        return [r for r in self._known if what is None or r["what"] == what]

    # --- plans

    def register(self, plan: Plan, version: str) -> Record:
        """Log the plan, once; a changed plan of the same id is a new entry that says what is different."""
        known = self.plan_of(plan.sha256)
        if known is not None:
            return known
        earlier = [r for r in self.records("plan") if r["id"] == plan.id]
        record: dict[str, Any] = {
            "what": "plan",
            "plan_sha256": plan.sha256,
            "id": plan.id,
            "series": series_of(plan),
            "outcome_seen": plan.data.outcome_seen,
            "snapshot_sha256_seen": plan.data.snapshot_sha256_seen,
            "loaded_before": sorted({r["data_sha256"] for r in self.records() if r.get("data_sha256")}),
            "author": plan.author,
            "time": now(),
            "version": version,
            "plan": plan.written,
        }
        if earlier:
            record["changes"] = differences(earlier[-1]["plan"], plan.written)
            record["replaces"] = earlier[-1]["plan_sha256"]
        return self._write(record)

    def plan_of(self, sha256: str) -> Record | None:
        return next((r for r in self.records("plan") if r["plan_sha256"] == sha256), None)

    def earlier(self, plan_id: str) -> Record | None:
        """The newest logged plan of this id."""
        return next((r for r in reversed(self.records("plan")) if r["id"] == plan_id), None)

    # --- runs

    def begin(self, plan: Plan, version: str) -> str:
        """Log that a run begins, before anything is read, and return its number. One that never ends was abandoned."""
        # Two runs that begin at the same time count alike; the last part tells them apart
        number = f"run-{sum(r['what'] == 'begin' for r in self._known) + 1}-{token_hex(3)}"
        self._write(
            {"what": "begin", "run": number, "plan_sha256": plan.sha256, "id": plan.id, "series": series_of(plan),
             "rows": rows_of(plan), "time": now(), "version": version}
        )  # fmt: skip
        return number

    def end(self, run: str, plan: Plan, version: str, outcome: str, **facts: Any) -> Record:
        """Log how a run ended: `done`, `refused` or `abandoned`, with its answer, hashes of data and files, seed, reason."""
        return self._write(
            {"what": "end", "run": run, "plan_sha256": plan.sha256, "id": plan.id, "series": series_of(plan),
             "outcome": outcome, "time": now(), "version": version, **facts}
        )  # fmt: skip

    def runs_on(self, series: str) -> int:
        """Runs begun on this series so far, whatever became of them and of which plan."""
        return sum(r["what"] == "begin" and r["series"] == series for r in self._known)

    def abandoned(self) -> list[Record]:
        ended = {r["run"] for r in self.records("end")}
        return [r for r in self.records("begin") if r["run"] not in ended]

    # --- scans

    def scanned(self, files: Iterable[str], version: str, **facts: Any) -> Record:
        """Log that every series of the files with these SHA-256 was looked through."""
        return self._write({"what": "scan", "files_sha256": sorted(files), "time": now(), "version": version, **facts})

    def seen_before(self, plan: Plan, files: Iterable[str] = (), outcome: frozenset[str] = frozenset()) -> str:
        """The key of the sentence why the outcome counts as seen although the plan says otherwise; "" when nothing does.

        `files` are the SHA-256 of the files that the plan reads, `outcome` those of the counts that it asks about.
        A run that began and never ended counts: nobody can say
        what it showed before it was stopped.
        """
        mine = self.plan_of(plan.sha256)
        if mine is None:
            return "why_no_log"
        earlier = self._known[: self._known.index(mine)]
        blind = {r["run"] for r in earlier if r["what"] == "end" and not r.get("data_sha256")}  # ended before it read
        if any(r["what"] == "begin" and r["series"] == series_of(plan) and r["run"] not in blind for r in earlier):
            return "why_analysed"
        told = set(files)
        if outcome and any(r["what"] == "end" and outcome & set(r.get("outcome_sha256", ())) for r in earlier):
            return "why_analysed"
        read = {r["run"] for r in earlier if r["what"] == "end" and told & set(r.get("files_sha256", ()))}
        if any(
            r["what"] == "begin" and r["run"] in read and _same_rows(r.get("rows", {}), rows_of(plan)) for r in earlier
        ):
            return "why_analysed"
        if any(r["what"] == "scan" and told & set(r["files_sha256"]) for r in earlier):
            return "why_scanned"
        return ""

    def _write(self, record: dict[str, Any]) -> Record:
        if self.ledger is not None:
            told = {
                k: v for k, v in record.items() if k != "plan"
            }  # the plan stands in the file, its hash in the ledger
            record["ledger"] = self.ledger(told)
        try:
            self._append(record)
        except OSError as error:
            raise WatchError(
                f"{self.path}: the log cannot be written ({error.strerror or error}); give a place for it with --log."
            ) from None
        self._known.append(record)
        return record

    def _append(self, record: Mapping[str, Any]) -> None:
        lines: list[Record] = []
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lines.append({"what": "note", "says": NOTE})
        lines.append(record)
        body = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines).encode()
        # One write to a file opened for appending: two runs at the same time do not mix their lines
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            before = os.fstat(handle).st_size
            written = os.write(handle, body)
            if written < len(body):  # the disk is full: half a record would damage the log
                if os.fstat(handle).st_size == before + written:
                    os.ftruncate(handle, before)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        finally:
            os.close(handle)


def series_of(plan: Plan) -> str:
    return " · ".join(part for part in (plan.data.series, plan.data.group, plan.data.place) if part)


def rows_of(plan: Plan) -> dict[str, str]:
    """Which rows of its files the plan's series is made of. Under `sources` its name is a label that anybody may change."""
    where = plan.sources.get(plan.data.series)
    return {
        "name": "" if where else plan.data.series,
        "mapping": where.mapping if where else "",
        "offence": where.offence.casefold() if where else "",
        "group": plan.data.group or (where.group if where else ""),
        "place": plan.data.place or (where.place if where else ""),
    }


def _same_rows(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two choices of rows overlap: what names nothing is the whole, and holds every part."""
    return all(one.get(key, "") in ("", told) or not told for key, told in other.items())


def _read(path: Path) -> list[Record]:
    if not path.exists():
        return []
    records = []
    for number, line in enumerate(_text(path), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if record["what"] not in ("note", "plan", "begin", "end", "scan"):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise WatchError(
                f"{path}, line {number}: this is no record of the watch, so the log was damaged or changed. "
                "Restore it from a copy, or begin another with --log; an analysis without its log is EXPLORATORY."
            ) from None
        if record["what"] != "note":
            records.append(record)
    return records


def _text(path: Path) -> Iterable[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise WatchError(f"{path}: the log cannot be read.") from None
