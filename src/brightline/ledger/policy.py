"""Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them must have signed a checkpoint."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.note import Kind, Note, VerifierKey

MOST_BYTES = 1_000_000
NONE = "none"  # the quorum that asks for no witness

_NOT_ALLOWED = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_COUNT = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log whose checkpoints count. The name of its key is its origin."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness. `name` is its name in this policy, which may be another than that of its key."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """Witnesses and groups, of which at least `least` must have witnessed."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as its file says it. `text` is the file, with bytes that are no UTF-8 as surrogates (surrogateescape)."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[PolicyGroup, ...]
    quorum: str
    text: str

    @classmethod
    def parse(cls, text: str | bytes) -> Policy:
        """Raises LedgerError with the number of the line."""
        data = text if isinstance(text, bytes) else _octets(text)
        if len(data) > MOST_BYTES:
            raise LedgerError(f"the policy has {len(data)} bytes; more than {MOST_BYTES} are not read")
        reading = _Reading()
        for number, line in enumerate(data.split(b"\n"), 1):
            try:
                reading.line(line)
            except LedgerError as error:
                raise LedgerError(f"line {number} of the policy: {error}") from None
        if reading.quorum is None:
            raise LedgerError("the policy has no line `quorum`; add `quorum none`, or the name of a witness or a group")
        return cls(
            tuple(reading.logs),
            tuple(reading.witnesses),
            tuple(reading.groups),
            reading.quorum,
            data.decode("utf-8", "surrogateescape"),
        )

    def encode(self) -> bytes:
        return _octets(self.text)

    def satisfied(self, names: Collection[str]) -> bool:
        """Are these witnesses, by their names in the policy, enough?"""
        if self.quorum == NONE:
            return True
        held = {w.name for w in self.witnesses if w.name in names}
        for group in self.groups:  # a group names only what stands before it
            if sum(member in held for member in group.members) >= group.least:
                held.add(group.name)
        return self.quorum in held

    def check(self, note: Note) -> dict[str, int]:
        """Raise LedgerError unless a log of the policy signed this checkpoint, and enough witnesses cosigned it.

        Gives the witnesses that did, by their names in the policy, with the times (POSIX seconds). A signature of a known
        key that does not fit spoils the note; one of an unknown key is ignored (signed-note).
        """
        origin = Checkpoint.parse(note.text).origin
        keys = [log.key for log in self.logs if log.key.name == origin]
        if not keys:
            raise LedgerError(f"the checkpoint is of the log `{origin}`, which the policy does not name")
        if not sum(len(_verified(key, note)) for key in keys):
            raise LedgerError(f"the checkpoint of `{origin}` is not signed with the key that the policy names for it")
        seen = {w.name: min(times) for w in self.witnesses if (times := _verified(w.key, note))}
        if not self.satisfied(seen):
            missing = ", ".join(f"`{w.name}`" for w in self.witnesses if w.name not in seen)
            raise LedgerError(
                f"too few witnesses have cosigned the checkpoint of `{origin}` for `quorum {self.quorum}`; missing: {missing}"
            )
        return seen


def _verified(key: VerifierKey, note: Note) -> list[int]:
    """The times of all signatures that name this key (0 for a log); every one of them must be right."""
    return [key.verify(note.text, signature) or 0 for signature in note.signatures if key.made(signature)]


def _octets(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise LedgerError("the policy has text that is no proper Unicode (half of a surrogate pair)") from None


class _Reading:
    """What the lines so far have said."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: list[PolicyWitness] = []
        self.groups: list[PolicyGroup] = []
        self.quorum: str | None = None
        self._names: set[str] = set()
        self._members: set[str] = set()  # names that are in a group already: a witness counts in one way only

    def line(self, line: bytes) -> None:
        if line.endswith(b"\r"):
            raise LedgerError("it ends as Windows writes it; save the file with Unix line ends (LF)")
        if _NOT_ALLOWED.search(line):
            raise LedgerError("it has a control character; only tabs and newlines are allowed")
        text = line.decode("utf-8", "surrogateescape").strip(" \t")
        if not text or text.startswith("#"):
            return
        match re.split(r"[ \t]+", text):
            case ["log", vkey, *url] if len(url) < 2:
                key = _key(vkey, "log", [log.key for log in self.logs])
                self.logs.append(PolicyLog(key, *url))
            case ["witness", name, vkey, *url] if len(url) < 2:
                key = _key(vkey, "witness", [w.key for w in self.witnesses])
                self._name(name)
                self.witnesses.append(PolicyWitness(name, key, *url))
            case ["group", name, many, first, *more]:
                self._group(name, many, (first, *more))
            case ["quorum", name]:
                if self.quorum is not None:
                    raise LedgerError("there is a second `quorum`; a policy has one")
                if name != NONE and name not in self._names:
                    raise LedgerError(f"`{name}` is no witness and no group of a line above")
                self.quorum = name
            case [word, *_]:
                raise LedgerError(
                    f"`{word}` is not understood here; a line is `log <vkey> [<url>]`, `witness <name> <vkey> [<url>]`, "
                    "`group <name> all|any|<number> <name>...` or `quorum <name>`"
                )

    def _group(self, name: str, many: str, members: tuple[str, ...]) -> None:
        for at, member in enumerate(members):
            if member not in self._names:
                raise LedgerError(f"`{member}` is no witness and no group of a line above")
            if member in self._members or member in members[:at]:
                raise LedgerError(f"`{member}` is in a group already; each name may be in one group, once")
        if many not in ("all", "any") and not _COUNT.fullmatch(many):
            raise LedgerError(f"`{many}` must be `all`, `any` or a number")
        least = len(members) if many == "all" else 1 if many == "any" else int(many)
        if least > len(members):
            raise LedgerError(f"the group asks for {least} of {len(members)} members; it can never be satisfied")
        self._name(name)
        self._members.update(members)
        self.groups.append(PolicyGroup(name, least, members))

    def _name(self, name: str) -> None:
        if name == NONE:
            raise LedgerError("`none` is no name that can be given; it says that no witness is asked for")
        if name in self._names:
            raise LedgerError(f"the name `{name}` is given twice; witnesses and groups share their names")
        self._names.add(name)


def _key(vkey: str, kind: Kind, others: list[VerifierKey]) -> VerifierKey:
    key = VerifierKey.parse(vkey)
    if key.kind != kind:
        raise LedgerError(
            f"the key of `{key.name}` is that of a {key.kind}, not of a {kind}; each has a key type of its own"
        )
    if any(key.public == other.public for other in others):
        raise LedgerError(f"the key of `{key.name}` is there already; it counts once, under whatever name")
    return key
