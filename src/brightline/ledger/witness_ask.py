"""A log asks the witnesses of its policy for their cosignatures (C2SP tlog-witness, the client's side).

A witness that does not answer is a gap: it is told, and never stops the log. A witness that knows a larger or another tree
under our key is an alarm: the log was rolled back, or somebody signs beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.fetch import Reply, ask
from brightline.ledger.note import Note, Signature
from brightline.ledger.policy import Policy, PolicyWitness
from brightline.ledger.witness import SIZE_TYPE, Request

SECONDS = 5.0
_MOST = 65_536  # bytes of an answer
Prove = Callable[[int, int], list[bytes]]  # the consistency proof from one size to another


@dataclass(frozen=True, slots=True)
class Asked:
    """What one witness said. Either `signature` and `time` are there, or `gap` says why not.

    `size` is the size that the witness knows now, when it told. `alarm`: this is no gap but a contradiction, so nothing may be
    published before a person has looked: we were rolled back, or somebody signs beside us, or the witness is wrong.
    """

    name: str
    signature: Signature | None = None
    time: int | None = None
    size: int | None = None
    gap: str | None = None
    alarm: bool = False


def ask_witnesses(
    note: Note, policy: Policy, prove: Prove, known: Mapping[str, int] | None = None, seconds: float = SECONDS
) -> tuple[Asked, ...]:
    """Ask every witness of the policy that has an address, all at once. Never raises for what a witness does.

    `known` are the sizes the witnesses knew last, by name: a right guess spares one question.
    """
    checkpoint = Checkpoint.parse(note.text)
    if not policy.witnesses:
        return ()

    def one(witness: PolicyWitness) -> Asked:
        if witness.url is None:
            return Asked(witness.name, gap="the policy has no address for it")
        try:
            return _ask(witness, witness.url, note, checkpoint, prove, (known or {}).get(witness.name, 0), seconds)
        except LedgerError as error:
            return Asked(witness.name, gap=str(error))

    with ThreadPoolExecutor(max_workers=min(16, len(policy.witnesses))) as pool:
        return tuple(pool.map(one, policy.witnesses))


def with_cosignatures(note: Note, asked: tuple[Asked, ...]) -> Note:
    """The note with the cosignatures that came, after the signatures that it has."""
    more = tuple(a.signature for a in asked if a.signature and a.signature not in note.signatures)
    return Note(note.text, (*note.signatures, *more))


def _ask(
    witness: PolicyWitness, url: str, note: Note, checkpoint: Checkpoint, prove: Prove, known: int, seconds: float
) -> Asked:
    old = min(known, checkpoint.size)
    for _ in range(3):  # another process may ask at the same time, and so the size may change once more
        reply = _post(url, Request(old, tuple(_proof(prove, old, checkpoint.size)), note, checkpoint), seconds)
        if reply.status == 200:
            return _signed(witness, note, checkpoint, reply)
        if reply.status != 409:
            return _refused(witness, reply)
        size = _size(reply)
        if size is None:
            return Asked(witness.name, gap="it answered 409 without a size")
        if size > checkpoint.size:
            said = f"it knows {size:,} entries of this log, and here are only {checkpoint.size:,}"
            return Asked(witness.name, size=size, gap=said, alarm=True)
        if size == old:
            said = f"it knows another tree of {size:,} entries under this key"
            return Asked(witness.name, size=size, gap=said, alarm=True)
        old = size
    return Asked(witness.name, size=old, gap="its size changed with every question")


def _post(url: str, request: Request, seconds: float) -> Reply:
    return ask(f"{url.rstrip('/')}/add-checkpoint", _MOST, request.encode(), seconds)


def _proof(prove: Prove, old: int, new: int) -> list[bytes]:
    return prove(old, new) if 0 < old < new else []


def _size(reply: Reply) -> int | None:
    text = reply.body.removesuffix(b"\n")
    if reply.type.split(";")[0].strip() != SIZE_TYPE or not text.isdigit() or len(text) > 19:
        return None
    return int(text)


def _signed(witness: PolicyWitness, note: Note, checkpoint: Checkpoint, reply: Reply) -> Asked:
    """The cosignature of the key in the policy; lines of other keys are ignored, as the specification asks."""
    try:
        answer = Note.parse(note.text.encode() + b"\n" + reply.body)
    except LedgerError:
        return Asked(witness.name, gap="its answer is no cosignature")
    key = witness.key
    for signature in answer.signatures:
        if key.made(signature):
            try:
                moment = key.verify(note.text, signature)
            except LedgerError:
                return Asked(witness.name, gap="its cosignature is wrong")
            return Asked(witness.name, signature, moment, checkpoint.size)
    return Asked(witness.name, gap="it answered with another key than the policy names")


def _refused(witness: PolicyWitness, reply: Reply) -> Asked:
    said = {
        403: "it does not know our key",
        404: "it does not follow this log",
        422: "it says that our proof does not lead from the checkpoint it knows to this one",
    }.get(reply.status, f"it answered with status {reply.status}")
    return Asked(witness.name, gap=said, alarm=reply.status == 422)
