"""The one small ledger of the format pages (docs/ledger/*.md): its keys, its five entries, and all bytes shown there.

`python -m tests.ledger.example` writes the bytes into the pages; a test compares them, so that the pages cannot be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brightline.ledger.base64text import encode64
from brightline.ledger.canonical import Json, canonical
from brightline.ledger.checkpoint import Checkpoint
from brightline.ledger.entry import Disclosure, Shown, commitment, entry_bytes, field_digest
from brightline.ledger.merkle import consistency_proof, inclusion_proof, leaf_hash, root_at
from brightline.ledger.note import Cosigner, Note, Signer, cosigned_message
from brightline.ledger.policy import Policy
from brightline.ledger.receipt import Receipt
from brightline.ledger.tiles import Tile, encode_entries, entries_path, tile_bytes, tiles_of
from tests.ledger.definition import Tree

PAGES = Path(__file__).parents[2] / "docs" / "ledger"
PAGE_NAMES = ("entry", "note", "checkpoint", "tiles", "policy", "receipt")

# --- the keys ----------------------------------------------------------------------------------------------------


def private(number: int) -> Ed25519PrivateKey:
    """RFC 8032: the private key is 32 bytes, here all the same."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


ORIGIN = "log.city.example/brightline/2026"
LOG = Signer(ORIGIN, private(1))
WITNESSES = (
    Cosigner("witness.auditor.example/w1", private(2)),
    Cosigner("witness.clinic.example/w2", private(3)),
    Cosigner("witness.press.example/w3", private(4)),
)
SEEN = 1_795_462_200  # 2026-11-23, 19:30:00 UTC

# --- the record --------------------------------------------------------------------------------------------------

PAYLOAD: dict[str, Json] = {"ground": "§ 14-154(b)(1)", "name": "Jane Doe", "persons": 2}
SALT = bytes(range(32))
SALTS = {name: bytes(range(32 * n, 32 * n + 32)) for n, name in enumerate(PAYLOAD, 1)}
DIGESTS = {name: field_digest(SALTS[name], name, value) for name, value in PAYLOAD.items()}
SEALED = commitment(SALT, DIGESTS.values())
INDEX = 2
SHOWN = Disclosure(SALT, tuple(Shown(n, PAYLOAD[n], SALTS[n]) for n in ("ground", "persons")), (DIGESTS["name"],))

# --- the ledger --------------------------------------------------------------------------------------------------

KINDS = ("rule-change", "access", "decision", "evidence", "erasure")
HOURS = ("2026-11-23T17Z", "2026-11-23T18Z", "2026-11-23T19Z", "2026-11-23T19Z", "2026-11-23T19Z")
ENTRIES = [
    entry_bytes(kind, hour, SEALED if index == INDEX else bytes([index]) * 32)
    for index, (kind, hour) in enumerate(zip(KINDS, HOURS, strict=True))
]
tree = Tree(lambda i: leaf_hash(ENTRIES[i]))


def signed(size: int, witnesses: tuple[Cosigner, ...] = ()) -> Note:
    text = Checkpoint(ORIGIN, size, root_at(size, tree.read)).text
    return Note(text, (LOG.sign(text), *(w.cosign(text, SEEN + i) for i, w in enumerate(witnesses))))


OLD = signed(3)
NOTE = signed(5, WITNESSES[:2])
POLICY = Policy.parse(f"""# the checkpoint is good with two of the three
log {LOG.vkey} https://log.city.example/brightline/2026/
witness auditor {WITNESSES[0].vkey} https://witness.auditor.example/
witness clinic {WITNESSES[1].vkey}
witness press {WITNESSES[2].vkey}
group two-of-three 2 auditor clinic press
quorum two-of-three
""")
RECEIPT = Receipt(INDEX, tuple(inclusion_proof(INDEX, 5, tree.read)), NOTE, ENTRIES[INDEX] + b"\n" + SHOWN.encode())

# --- what the pages show -----------------------------------------------------------------------------------------


def keys() -> str:
    rows = [("the log", LOG, 1, 1), *((f"witness {i}", w, i + 1, 4) for i, w in enumerate(WITNESSES, 1))]
    made = []
    for what, key, number, kind in rows:
        made += [
            f"{what}: {key.name}",
            f"  private key  32 bytes 0x{number:02x}",
            f"  public key   {key.verifier.public.hex()}",
            f"  type         0x{kind:02x}",
            f"  key id       {key.key_hash.hex()}",
            f"  vkey         {key.vkey}",
        ]
    return "\n".join(made)


def wrapped(text: str, width: int = 96) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def digests() -> str:
    made = [f"salt of the record  {SALT.hex()}"]
    for name, value in PAYLOAD.items():
        text = canonical(name, value)
        made += ["", f"field {text.decode()}", f"  as bytes  {text.hex()}"]
        made += [f"  salt      {SALTS[name].hex()}", f"  digest    {DIGESTS[name].hex()}"]
    return "\n".join(made)


def sealing() -> str:
    message = b"brightline/commit/v1\n" + b"".join(sorted(DIGESTS.values()))
    return f"message     ({len(message)} bytes)\n{wrapped(message.hex())}\ncommitment  {SEALED.hex()}\nin base64   {encode64(SEALED)}"


def signature() -> str:
    made, text = NOTE.signatures[0], NOTE.text
    return f"message    {len(text.encode())} bytes: the text above, with its last newline\nsignature  {made.raw.hex()}"


def cosignature() -> str:
    made = NOTE.signatures[1]
    return f"timestamp  {SEEN}, as 8 bytes {made.raw[:8].hex()}\nsignature  {made.raw[8:].hex()}"


def nodes() -> str:
    made = [f"leaf {i}      {tree.leaf(i).hex()}" for i in range(5)]
    for start, end in ((0, 2), (2, 4), (0, 4), (0, 3), (0, 5)):
        made.append(f"MTH({start}, {end})   {tree.mth(start, end).hex()}")
    return "\n".join(made)


def hashes(made: list[bytes]) -> str:
    return "\n".join(h.hex() for h in made)


def bundle() -> str:
    data = encode_entries(ENTRIES)
    return f"{entries_path(0, 5)}  ({len(data)} bytes, as hexadecimal)\n{wrapped(data.hex())}"


def tile() -> str:
    data = tile_bytes(Tile(0, 0, 5), tree.read)
    return f"{Tile(0, 0, 5).path}  ({len(data)} bytes, as hexadecimal)\n{wrapped(data.hex(), 64)}"


def paths() -> str:
    tiles = list(tiles_of(70_000))
    shown = [*tiles[:2], None, *tiles[271:]]
    return "\n".join(t.path if t else "…" for t in shown)


def quorums() -> str:
    rows = [(), ("auditor",), ("auditor", "press"), ("auditor", "clinic", "press")]
    return "\n".join(
        f"{', '.join(row) or 'nobody':28} {'enough' if POLICY.satisfied(row) else 'too few'}" for row in rows
    )


def climb() -> str:
    path, at = RECEIPT.path, tree.leaf(INDEX).hex()
    return "\n".join(
        [
            f"fn=2 sn=4  leaf                      {at}",
            f"fn=2 sn=4  node(leaf, {path[0].hex()[:8]}…)     {tree.mth(2, 4).hex()}",
            f"fn=1 sn=2  node({path[1].hex()[:8]}…, result)   {tree.mth(0, 4).hex()}",
            f"fn=0 sn=1  node(result, {path[2].hex()[:8]}…)   {tree.mth(0, 5).hex()}",
            "fn=0 sn=0  the root of the checkpoint",
        ]
    )


EXAMPLES: dict[str, Callable[[], str]] = {
    "entry/digests": digests,
    "entry/commitment": sealing,
    "entry/bytes": lambda: f"{ENTRIES[INDEX].decode()}\n\n{wrapped(ENTRIES[INDEX].hex())}",
    "entry/leaf": lambda: tree.leaf(INDEX).hex(),
    "entry/disclosure": lambda: SHOWN.encode().decode(),
    "note/keys": keys,
    "note/note": lambda: NOTE.encode().decode(),
    "note/signature": signature,
    "note/message": lambda: cosigned_message(NOTE.text, SEEN).decode(),
    "note/cosignature": cosignature,
    "checkpoint/entries": lambda: "\n".join(e.decode() for e in ENTRIES),
    "checkpoint/nodes": nodes,
    "checkpoint/text": lambda: NOTE.text,
    "checkpoint/old": lambda: OLD.encode().decode(),
    "checkpoint/consistency": lambda: hashes(consistency_proof(3, 5, tree.read)),
    "tiles/bundle": bundle,
    "tiles/tile": tile,
    "tiles/paths": paths,
    "policy/policy": lambda: POLICY.text,
    "policy/quorums": quorums,
    "receipt/receipt": lambda: RECEIPT.encode().decode(),
    "receipt/climb": climb,
}
BLOCK = re.compile(r"(<!-- example: ([a-z/]+) -->\n```text\n)(.*?)(\n```\n)", re.DOTALL)


def write() -> None:
    """Put the bytes into the pages."""
    for name in PAGE_NAMES:
        page = PAGES / f"{name}.md"
        page.write_text(
            BLOCK.sub(lambda found: found[1] + EXAMPLES[found[2]]().rstrip("\n") + found[4], page.read_text("utf-8")),
            "utf-8",
        )


if __name__ == "__main__":
    write()
