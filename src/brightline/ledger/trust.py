"""Whether a checkpoint is signed by the log and by the witnesses that a reader trusts (C2SP tlog-policy)."""

from __future__ import annotations

from datetime import UTC, datetime

from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.errors import LedgerError
from brightline.ledger.note import Note, VerifierKey
from brightline.ledger.policy import Policy
from brightline.ledger.verified import Telling


def read_policy(text: str) -> Policy:
    """A policy; or the keys of logs (vkeys), one a line: then no witness is asked for. Raises LedgerError."""
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and all(len(line.split()) == 1 for line in lines):
        text = "".join(f"log {line.strip()}\n" for line in lines) + "quorum none\n"
    return Policy.parse(text)


def signed(note: Note, keys: list[VerifierKey]) -> bool:
    """Did one of these keys of a log sign? A signature of a known key that is wrong spoils the whole note (signed-note)."""
    right = False
    for key in keys:
        for signature in note.signatures:
            if key.made(signature):
                try:
                    key.verify(note.text, signature)
                except LedgerError:
                    return False
                right = True
    return right


def judge_signatures(note: Note, policy: Policy | None, telling: Telling) -> None:
    """Tell who signed this checkpoint, who did not, and whether that is enough."""
    checkpoint = Checkpoint.parse(note.text)
    origin = checkpoint.origin
    if policy is None or not policy.logs:
        telling.open.append("No key was given, so nobody's signature was checked: all of this could be made up.")
        return
    keys = [log.key for log in policy.logs if log.key.name == origin]
    if not keys:
        names = ", ".join(sorted(log.key.name for log in policy.logs))
        telling.wrong.append(f"This is of the ledger `{origin}`, and you trust `{names}`.")
        return
    if not any(key.made(signature) for key in keys for signature in note.signatures):
        telling.wrong.append(f"It names the ledger `{origin}`, but another key than the one you trust signed it.")
        return
    if not signed(note, keys):
        telling.wrong.append(f"The signature of `{origin}` does not fit the text: it is forged or damaged.")
        return
    telling.shown.append(f"`{origin}` signed a tree of {entries(checkpoint.size)}.")
    _judge_witnesses(note, policy, telling)


def _judge_witnesses(note: Note, policy: Policy, telling: Telling) -> None:
    for witness in policy.witnesses:
        key, times, wrong = witness.key, [], False
        for signature in note.signatures:
            if key.made(signature):
                try:
                    times.append(key.verify(note.text, signature) or 0)
                except LedgerError:
                    wrong = True
        if wrong:
            telling.wrong.append(f"The signature of the witness `{witness.name}` is forged or damaged.")
        elif times:
            telling.witnesses[witness.name] = min(times)
            telling.shown.append(f"The witness `{witness.name}` saw this tree on {moment(min(times))}.")
    names = set(telling.witnesses)
    if not policy.satisfied(names):
        missing = ", ".join(f"`{w.name}`" for w in policy.witnesses if w.name not in names)
        telling.open.append(
            f"Too few witnesses have signed: {len(names)} of {len(policy.witnesses)}; the policy asks for more. Missing: {missing}."
        )
    elif names:
        telling.witnessed = True
        telling.shown.append("As many witnesses as the policy asks for have signed.")


def entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"


def moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%-d %B %Y, %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds} since 1970"
