"""An interview at the terminal that ends with the decision, and can be resumed.

The contact is written whole after every answer. What is on the file is all there is: to go on, the same command is
given again.
"""

from __future__ import annotations

import io
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from brightline.contact.schema import Basis, Contact, RecordList
from brightline.contact.write import as_text
from brightline.law.pack import Law
from brightline.law.problems import nearest
from brightline.law.tree import FactIs, OneOf
from brightline.law.vocabulary import Fact, Vocabulary
from brightline.reason import say
from brightline.reason.ask import Question, answered, next_question
from brightline.reason.decide import Decision, decide
from brightline.reason.reasoner import Reasoner, reasoner
from brightline.reason.speech import _, listed
from brightline.terminal import (
    out,
    stop,
    write_whole,
)

FILE = Path("contact.yaml")
MOST_CLAUSES = 3  # named beside a question
MOST_RECORDS = 99  # of one list: nobody types more
DAYS = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%B %d %Y")  # no 5/6/2015: nobody can tell which is the month

Packs = Callable[[Law, str | None], list[str]]
Show = Callable[[Decision], None]


def check_place(path: Path) -> None:
    """Stop before the first question where no answer could be saved."""
    folder = path.absolute().parent
    if not folder.is_dir():
        stop(f"{path}: there is no folder `{path.parent}`")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        stop(f"{path}: it cannot be written: you lack the permission")


def with_options(known: Contact, given: Sequence[tuple[str, Any]], file: Path, v: Vocabulary) -> Contact:
    """The contact with the day, agency and act of the command line; stops at a file that says otherwise."""
    for name, value in given:
        if value is None:
            continue
        if name == "action":
            if not known.actions:
                known = known.model_copy(update={"asked": [value]})
            elif not any(value in v.action_lineage(a) for a in known.actions):  # a narrower act may have been meant
                _stop_at_another(file, "--action", value, ", ".join(known.actions))
        elif (there := getattr(known, name)) is None:
            known = known.model_copy(update={name: value})
        elif there != value:
            _stop_at_another(file, f"--{name}", value, there)
    return known


def _stop_at_another(file: Path, option: str, value: Any, there: Any) -> None:
    stop(f"{option} {value}: `{file}` holds another contact ({there}); name a new file with --out")


class Stop(Exception):
    """The person wants to stop here."""


class Back(Exception):
    """The person wants to answer the last question again."""


class Wrong(Exception):
    """The answer cannot be used; the message says what would be one."""


@dataclass
class Interview:
    """One interview: what is known, where it is kept, and what was known before each answer."""

    law: Law
    packs: list[str] | None
    readings: tuple[str, ...]
    path: Path
    contact: Contact
    kept: Contact  # what the file holds now
    packs_of: Packs
    before: list[tuple[Contact, list[str]]] = field(default_factory=list)
    skip: list[str] = field(default_factory=list)  # of the frame: what nobody knows of it has no place in the file
    go_on: str = ""  # the command that goes on with the interview
    begun: bool = False  # a part of the answer was given: back asks the same question again

    def run(self, show: Show) -> int:
        """Ask until the verdict is settled; print the decision. Returns the exit code."""
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")
        if hasattr(signal, "siginterrupt"):
            signal.siginterrupt(signal.SIGINT, True)  # a library lets reading go on after Ctrl-C
        try:
            question = self._next()
            if question is not None:
                told = _("Type ? for help with a question, u when it is not known, b to go back, q to stop.")
                out.print(told, markup=False)
            while question is not None:
                try:
                    self._take(question)
                except Back:
                    self._back()
                question = self._next()
        except (Stop, EOFError, KeyboardInterrupt) as stopped:
            if not isinstance(stopped, Stop):
                out.print("")
            self._save()
            self._say_stopped()
            return 130 if isinstance(stopped, KeyboardInterrupt) else 0
        self._save()
        out.print("")
        show(decide(self.contact, self._judge()))
        if self.path.exists():
            out.print(_("The contact is in {file}.").format(file=self.path), markup=False)
        return 0

    def _judge(self) -> Reasoner:
        packs = self.packs or self.packs_of(self.law, self.contact.actor)
        return reasoner(self.law, packs, self.readings)

    def _next(self) -> Question | None:
        return next_question(self.contact, self._judge(), self.skip)

    def _take(self, question: Question) -> None:
        """One question, asked until the answer can be used; what is answered is saved at once."""
        value, basis, shown_by = self._whole_answer(question)
        self.before.append((self.contact, list(self.skip)))
        if value is None and question.kind == "frame":
            self.skip.append(question.name)
            return
        self.contact = answered(self.contact, self._judge(), question.name, value, basis, shown_by)
        self._save()

    def _whole_answer(self, question: Question) -> tuple[Any, Basis | None, str | None]:
        """The value, its basis, and what shows it."""
        self._show(question)
        while True:
            self.begun = False
            try:
                value, shown_by = self._answer(question)
                asked = value is not None and question.kind in ("fact", "record")
                basis = self._basis(question) if asked else None
            except Wrong as wrong:
                out.print(str(wrong), markup=False)
            except Back:
                if not self.begun:
                    raise
                self._show(question)
            else:
                self.begun = False
                if isinstance(value, RecordList):
                    value = value.model_copy(update={"basis": basis, "shown_by": shown_by})
                return value, basis, shown_by

    def _back(self) -> None:
        if not self.before:
            out.print(_("There is no answer before this one."), markup=False)
            return
        self.contact, self.skip = self.before.pop()
        self._save()

    def _save(self) -> None:
        """Write what changed. A file to which nothing was added stays as somebody wrote it, with its comments."""
        if self.contact != self.kept:
            write_whole(self.path, as_text(self.contact, self.path))
            self.kept = self.contact

    def _say_stopped(self) -> None:
        if self.begun:
            out.print(_("The answer to the last question was not finished: it will be asked again."), markup=False)
        if not self.path.exists():
            out.print(_("Stopped; nothing was answered, and nothing was written."), markup=False)
            return
        text = _("Stopped; what was answered is in {file}. To go on: {command}")
        out.print(text.format(file=self.path, command=self.go_on), markup=False)

    # --- what is shown ---------------------------------------------------------------------------------

    def _show(self, q: Question) -> None:
        out.print("")
        out.print(q.question, style="bold", markup=False)
        if q.because:
            shown = listed([*q.because[:MOST_CLAUSES], *([_("more")] if len(q.because) > MOST_CLAUSES else [])])
            out.print("  " + _("Asked because {clauses} may turn on it.").format(clauses=shown), markup=False)
        for n, value in enumerate(self._choices(q), 1):
            out.print(f"  {n}  {self._worded(q, value)}", markup=False)

    def _worded(self, q: Question, value: str) -> str:
        v = self.law.vocabulary
        if q.type == "actor":
            return f"{say.actor(value, v)} ({value})"
        if q.type == "action":
            return f"{say.action(value, v)} ({value})"
        return f"{say.condition(OneOf(q.name, (value,)), v)} ({value})"

    def _choices(self, q: Question) -> tuple[str, ...]:
        return q.values if q.type in ("list", "actor", "action") else ()

    def _help(self, q: Question) -> None:
        for text in (q.help, _("What would show it: {proof}").format(proof=q.proof) if q.proof else ""):
            if text:
                out.print(f"  {text}", markup=False)
        for clause, text in q.texts[:MOST_CLAUSES]:
            out.print(f"  {clause}: “{' '.join(text.split())}”", markup=False)
        out.print("  " + _hint(q), markup=False)

    # --- what is answered --------------------------------------------------------------------------------

    def _answer(self, q: Question) -> tuple[Any, str | None]:
        """The value and what shows it; None for what nobody knows. Raises Wrong, Back, Stop."""
        if q.type == "records":
            return self._records(q)
        text = self._line(q, _short_hint(q))
        answer, _mark, shown_by = text.partition(";")
        answer = answer.strip()
        if _unknown(answer):
            return None, None
        value = self._parsed(q, answer)
        self.begun = bool(q.stated_by) and q.kind == "fact"
        return value, shown_by.strip() or None

    def _line(self, q: Question, hint: str) -> str:
        """One line from the person, with the words that always work taken out."""
        while True:
            text = "".join(c for c in input(f"[{hint}] > ") if c.isprintable()).strip()
            if not sys.stdin.isatty():
                out.print(text, markup=False)  # nobody typed it here, so the terminal did not show it
            match text.lower():
                case "?":
                    self._help(q)
                case "q":
                    raise Stop
                case "b":
                    raise Back
                case "" if hint == _short_hint(q):
                    out.print(_hint(q), markup=False)
                case "":
                    continue
                case _:
                    return text

    def _parsed(self, q: Question, text: str) -> Any:
        match q.type:
            case "yes/no":
                return _yes_or_no(text)
            case "number":
                return _number(text, q.unit)
            case "date":
                return _date(text)
            case _:
                return self._chosen(q, text)

    def _chosen(self, q: Question, text: str) -> str:
        """One of a list: its number, its name, or a part of its words that only it has."""
        choices = self._choices(q)
        if text.isdigit() and 0 < int(text) <= len(choices):
            return choices[int(text) - 1]
        low = text.lower().replace(" ", "_")
        if low in choices:
            return low
        matching = [c for c in choices if text.lower() in self._worded(q, c).lower()]
        if len(matching) == 1:
            return matching[0]
        if matching:
            names = listed(matching[:5], "or")
            raise Wrong(_("“{text}” may be {names}: which one?").format(text=text, names=names))
        near = nearest(low, choices)
        hint = _(" Is it {name}?").format(name=near) if near else ""
        raise Wrong(_("“{text}” is none of these.").format(text=text) + hint + " " + _hint(q))

    def _records(self, q: Question) -> tuple[RecordList | None, str | None]:
        """A list of records: how many are known, each field of each, and whether that is all; and what shows it."""
        text, _mark, shown_by = (x.strip() for x in self._line(q, _short_hint(q)).partition(";"))
        if _unknown(text):
            return None, None
        if not text.isdecimal() or int(text) > MOST_RECORDS:
            raise Wrong(_("“{text}” is no number in figures, such as 36.").format(text=text))
        self.begun = True
        record = self.law.vocabulary.records[q.name]
        fields = [f for f in record.fields if not q.values or f.name in q.values]
        entries = [{f.name: self._field(q, record.name, f, n + 1) for f in fields} for n in range(int(text))]
        entries = [{k: x for k, x in e.items() if x is not None} for e in entries]
        return RecordList.model_validate({"records": entries, "complete": self._complete(q)}), shown_by or None

    def _complete(self, q: Question) -> bool:
        """Whether the list is known to hold every record: not, when nobody knows."""
        out.print(_("Is the list complete: are there surely no others?"), markup=False)
        while True:
            text = self._line(q, _("yes or no"))
            try:
                return not _unknown(text) and _yes_or_no(text)
            except Wrong as wrong:
                out.print(str(wrong), markup=False)

    def _field(self, q: Question, record: str, fact: Fact, number: int) -> Any:
        v = self.law.vocabulary
        asked = _(fact.question) if fact.question else _field_words(record, fact, v)
        out.print(_("Number {n}: {question}").format(n=number, question=asked), markup=False)
        one = replace(q, name=fact.name, type=fact.type, values=fact.values, unit=fact.unit)
        for k, value in enumerate(fact.values, 1):
            out.print(f"  {k}  {say.condition(OneOf(fact.name, (value,)), v, record)} ({value})", markup=False)
        while True:
            text = self._line(q, _short_hint(one))
            if _unknown(text):
                return None
            try:
                return self._parsed(one, text)
            except Wrong as wrong:
                out.print(str(wrong), markup=False)

    def _basis(self, q: Question) -> Basis:
        """Whether a record shows it, or somebody only says so."""
        if not q.stated_by:
            return "verified"
        out.print("  " + _("Who shows it?"), markup=False)
        out.print("  1  " + _("a paper or a record shows it (verified)"), markup=False)
        out.print("  2  " + _("only {who} says so (stated)").format(who=_(q.stated_by)), markup=False)
        while True:
            match self._line(q, _("1 or 2")).lower():
                case "1" | "verified":
                    return "verified"
                case "2" | "stated":
                    return "stated"
                case text:
                    out.print(_("“{text}” is neither 1 nor 2.").format(text=text), markup=False)


def _field_words(record: str, fact: Fact, v: Vocabulary) -> str:
    if fact.type == "yes/no":
        return _("Is this so: {condition}?").format(condition=say.condition(FactIs(fact.name), v, record))
    if fact.type == "list" and not fact.name_said:
        return _("Which of these?")
    return _(fact.name_said) or fact.name.replace("_", " ")


def _unknown(text: str) -> bool:
    return text.lower() in ("u", "unknown", "don't know", "not known", "no se sabe", "no sé")


def _yes_or_no(text: str) -> bool:
    if text.lower() in ("y", "yes", "s", "sí", "si", "true"):
        return True
    if text.lower() in ("n", "no", "false"):
        return False
    raise Wrong(_("“{text}” is neither yes nor no; type u when it is not known.").format(text=text))


def _number(text: str, unit: str) -> float:
    """A number in figures, with its unit or without. 1,000 is not taken: it is one thing in English, another in Spanish."""
    figures, _space, rest = text.partition(" ")
    units = {unit, say.amount(1, unit).partition(" ")[2], say.amount(2, unit).partition(" ")[2]}
    if not re.fullmatch(r"-?[0-9]+(?:\.[0-9]+|,[0-9]{1,2})?", figures) or (rest.strip().lower() not in {"", *units}):
        raise Wrong(_("“{text}” is no number in figures, such as 36.").format(text=text))
    value = float(figures.replace(",", "."))
    if not 0 <= value < float("inf"):
        raise Wrong(_("“{text}” cannot be: a number from 0 up.").format(text=text))
    return value


def _date(text: str) -> date:
    for form in DAYS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise Wrong(_("“{text}” is no day of the calendar; write it as 2014-12-14.").format(text=text))


def _short_hint(q: Question) -> str:
    return {
        "yes/no": _("yes, no, u"),
        "number": say.amount(2, q.unit).partition(" ")[2] or _("a number"),
        "date": _("a day, as 2014-12-14"),
        "records": _("how many are known: a number, or u"),
    }.get(q.type, _("a number or a name"))


def _hint(q: Question) -> str:
    told = {
        "yes/no": _("Answer yes, no, or u when it is not known."),
        "number": _("Answer with a number in figures, or u."),
        "date": _("Answer with a day, as 2014-12-14, or u."),
        "records": _("Answer with how many are known, or u; each one is then asked about."),
    }.get(q.type, _("Answer with the number or the name of one of these, or u."))
    also = _("What shows it can follow after a semicolon: yes; Form I-247A.") if q.kind in ("fact", "record") else ""
    return f"{told} {also}".strip()
