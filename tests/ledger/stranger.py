"""A second reader of a ledger, written from the format pages (docs/ledger) alone; it shares no line with the first.

A function that returns has found everything right; otherwise it raises one of REFUSALS.
"""

import base64
import datetime
import hashlib
import hmac
import json
import re
from collections import namedtuple
from decimal import Decimal
from pathlib import Path

from nacl.bindings import crypto_core_ed25519_add
from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey

REFUSALS = (ValueError, CryptoError, OSError, RecursionError)
KINDS = {"decision", "access", "evidence", "rule-change", "erasure", "key", "clock", "close"}
ENTRY = r'\{"c":"([A-Za-z0-9+/]{43}=)","k":"([a-z-]+)","t":"(([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3])Z)","v":1\}'
WIDTH = r"([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
TILE = rf"(entries|[0-9]|[1-5][0-9]|6[0-3])/((?!x000/)(?:x[0-9]{{3}}/)*[0-9]{{3}})(?:\.p/{WIDTH})?"
Checkpoint = namedtuple("Checkpoint", "origin size root witnessed")  # witnessed: name in the policy -> earliest time


def need(good, why):
    if not good:
        raise ValueError(why)
    return good


def unbase(text, length=None):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text and length in (None, len(data)), "base64")
    return data


# The tree (checkpoint.md, receipt.md)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def node(left, right):
    return sha(b"\1", left, right)


def half(n):
    return 1 << (n - 1).bit_length() - 1  # the largest power of two below n


def mth(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha()
    return node(mth(leaves[: half(len(leaves))]), mth(leaves[half(len(leaves)) :]))


def climb(leaf, index, size, path):
    """The root to which a path leads: the definition of PATH(index, 0, size), read from its end."""
    need((size == 1) == (not path), "the length of the path")
    if size == 1:
        return leaf
    k = half(size)
    if index < k:
        return node(climb(leaf, index, k, path[:-1]), path[-1])
    return node(path[-1], climb(leaf, index - k, size - k, path[:-1]))


def grow(m, n, proof, old=None):
    """Both roots to which a proof leads: SUB(m, 0, n), read from its end; `old` is given while the part is whole."""
    if m == n:
        need(len(proof) == (old is None), "the length of the proof")
        return (old or proof[0],) * 2
    k, last = half(n), need(proof, "the proof is too short")[-1]
    if m <= k:
        first, second = grow(m, k, proof[:-1], old)
        return first, node(second, last)
    first, second = grow(m - k, n - k, proof[:-1])
    return node(last, first), node(last, second)


def check_consistency(m, old, n, new, proof):
    need(0 <= m <= n and len(proof) <= 128, "the sizes or the proof")
    roots = grow(m, n, proof, old) if m else (sha(), sha() if n == 0 else new)
    need(roots == (old, new) and (m or not proof), "the proof does not join these roots")


# Keys, notes, policies, checkpoints (note.md, policy.md, checkpoint.md)


def read_vkey(vkey, kind):
    name, number, rest = need(re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+(\S+)", vkey), "no vkey").groups()
    data = unbase(rest, 33)
    need(data[0] == kind and sha(name.encode(), b"\n", data)[:4].hex() == number, "the type or the id of a key")
    point = data[1:]
    need(int.from_bytes(point, "little") % 2**255 < 2**255 - 19, "a key that is no point")
    for _ in range(3):
        point = crypto_core_ed25519_add(point, point)
    need(point != b"\1" + bytes(31), "a key of small order")
    return name, bytes.fromhex(number), kind, data[1:]


def read_note(data):
    whole = data.decode()
    need(len(data) <= 1_000_000 and whole[-1:] == "\n" and not re.search(r"[\0-\x09\x0b-\x1f]", whole), "no note")
    text, gap, below = whole.rpartition("\n\n")
    lines = [need(re.fullmatch(r"— ([^+\s]+) (\S+)", line), "a signature line") for line in below.split("\n")[:-1]]
    signatures = [(line[1], unbase(line[2])) for line in lines]
    need(gap and 0 < len(lines) <= 64 and all(len(rest) > 4 for _, rest in signatures), "the signatures")
    return text + "\n", signatures


def times(note, key):
    """When this key has signed (0 where a signature tells no time). A wrong line under its name and id is refused."""
    (text, signatures), (name, number, kind, public), found = note, key, []
    for _, rest in (one for one in signatures if (one[0], one[1][:4]) == (name, number)):
        time = int.from_bytes(rest[4:12], "big") if kind == 4 else 0
        need(len(rest) == {1: 68, 4: 76}[kind] and time < 2**63, "the form of a signature")
        front = f"cosignature/v1\ntime {time}\n" if kind == 4 else ""
        VerifyKey(public).verify((front + text).encode(), rest[-64:])
        found.append(time)
    return found


def read_policy(data):
    need(not re.search(rb"[\0-\x08\x0b-\x1f\x7f]", data), "a byte of the policy")
    logs, witnesses, groups, quorums, free, names = [], {}, {}, [], set(), {"none"}
    for line in data.decode(errors="surrogateescape").split("\n"):
        match re.split("[ \t]+", line.strip(" \t")):
            case ["log", vkey] | ["log", vkey, _]:
                logs.append(read_vkey(vkey, 1))
            case ["witness", name, vkey] | ["witness", name, vkey, _] if name not in names:
                witnesses[name] = read_vkey(vkey, 4)
                names, free = names | {name}, free | {name}
            case ["group", name, many, *members] if name not in names:
                n = len(members)
                count = {"any": 1, "all": n}.get(many) or int(need(re.fullmatch("[1-9][0-9]*", many), "how many")[0])
                need(1 <= count <= n and len(set(members)) == n and free.issuperset(members), "the members of a group")
                groups[name] = count, members
                names, free = names | {name}, free - set(members) | {name}
            case ["quorum", name] if name in names:
                quorums.append(name)
            case [first, *_]:
                need(not first or first[0] == "#", "a line of the policy")
    keys = [(key[2], key[3]) for key in [*logs, *witnesses.values()]]
    need(len(quorums) == 1 and len(set(keys)) == len(keys), "not one quorum, or one key twice")
    return logs, witnesses, groups, quorums[0]


def read_checkpoint(data, policy):
    (logs, witnesses, groups, quorum), note = read_policy(policy), read_note(data)
    origin, size, root, *more = need(note[0].count("\n") > 2 and note[0].split("\n")[:-1], "fewer than three lines")
    need(origin and all(more) and re.fullmatch("0|[1-9][0-9]{0,18}", size) and int(size) < 2**63, "the three lines")
    signed = [times(note, key) for key in logs if key[0] == origin]
    cosigned = {name: min(found) for name, key in witnesses.items() if (found := times(note, key))}
    good = {"none", *cosigned}
    for name, (count, members) in groups.items():
        if len(good.intersection(members)) >= count:
            good.add(name)
    need(any(signed) and quorum in good, "the ledger has not signed, or too few witnesses")
    return Checkpoint(origin, int(size), unbase(root, 32), cosigned)


def only(vkey):
    """The policy of somebody who knows one ledger and asks for no witness."""
    return f"log {vkey}\nquorum none\n".encode()


# Entries, and what is shown of them (entry.md)


def read_entry(entry):
    commitment, kind, hour, day, _ = need(re.fullmatch(ENTRY, entry.decode()), "the form of an entry").groups()
    need(kind in KINDS and datetime.date.fromisoformat(day), "the kind")
    return unbase(commitment, 32), kind, hour


def canonical(value, depth=64):
    need(depth or not isinstance(value, dict | list), "too deep")
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name], depth - 1) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(inside, depth - 1) for inside in value) + "]"
    if value is None or isinstance(value, str | bool):
        return json.dumps(value, ensure_ascii=False)
    need(abs(value) < 2**53, "a number that is too large")
    if value == int(value):
        return str(int(value))
    return repr(value).replace("e-0", "e-") if abs(value) < 1e-6 else format(Decimal(repr(value)), "f")


def once(pairs):
    need(len(dict(pairs)) == len(pairs), "a name twice")
    return dict(pairs)


def members(value, *names):
    need(isinstance(value, dict) and set(value) == set(names), "the members of a disclosure")
    return [value[name] for name in names]


def check_disclosure(entry, disclosure):
    """The fields that are shown, if the entry commits to them."""
    salt, fields, hidden = members(json.loads(disclosure.decode(), object_pairs_hook=once), "salt", "fields", "hidden")
    need(isinstance(fields, list) and isinstance(hidden, list), "the lists of a disclosure")
    shown, digests = {}, [unbase(need(isinstance(text, str) and text, "a digest"), 32) for text in hidden]
    for name, value, own in (members(field, "name", "value", "salt") for field in fields):
        need(isinstance(name, str) and name and isinstance(own, str) and name not in shown, "a name or a salt")
        shown[name] = value
        digests.append(hmac.digest(unbase(own, 32), f"[{canonical(name)},{canonical(value)}]".encode(), "sha256"))
    message = b"brightline/commit/v1\n" + b"".join(sorted(digests))
    commitment = hmac.digest(unbase(need(isinstance(salt, str) and salt, "the salt"), 32), message, "sha256")
    need(digests and commitment == read_entry(entry)[0], "the entry commits to something else")
    return shown


# A receipt, and a whole ledger (receipt.md, tiles.md)


def check_receipt(data, policy, entry=None):
    """The checkpoint, the index, the entry, and the fields that are shown (None without a disclosure)."""
    head, gap, note = data.partition(b"\n\n")
    first, *lines = head.decode("ascii").split("\n")
    need(len(data) <= 1_000_000 and gap and first == "c2sp.org/tlog-proof@v1" and lines, "no receipt")
    inside, *disclosure = [entry]
    if lines[0].startswith("extra "):
        inside, *disclosure = need(unbase(lines.pop(0)[6:]), "extra is empty").split(b"\n")
        disclosure, keys = [d for d in disclosure if d[:1] == b"{"], [d for d in disclosure if d[:1] != b"{"]
        need(len(keys) < 2, "extra has too many lines")
        [read_vkey(key.decode(), 1) for key in keys]  # it must be a key, and is not the one that is trusted
    need(inside and entry in (None, inside) and len(disclosure) < 2 and lines, "the entry, or the lines of the receipt")
    index = int(need(re.fullmatch("index (0|[1-9][0-9]{0,18})", lines[0]), "the index")[1])
    path = [unbase(line, 32) for line in lines[1:]]
    end = read_checkpoint(note, policy)
    need(index < end.size and len(path) <= 63, "the index or the path")
    need(climb(sha(b"\0", inside), index, end.size, path) == end.root, "the entry is not there")
    read_entry(inside)
    return end, index, inside, check_disclosure(inside, disclosure[0]) if disclosure else None


def unbundle(data):
    entries = []
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        entries.append(need(2 <= end <= len(data), "the bundle ends too early") and data[2:end])
        data = data[end:]
    return entries


def check_folder(folder, vkey=None, policy=None):
    """The newest checkpoint, the leaves, and the kept checkpoints, of a ledger in which all fits together."""
    folder = Path(folder)
    trust = only(vkey or (folder / "vkey").read_bytes().decode().removesuffix("\n"))
    end = read_checkpoint((folder / "checkpoint").read_bytes(), trust)
    read_checkpoint((folder / "checkpoint").read_bytes(), policy or (folder / "policy").read_bytes())

    files, leaves, kind, hour = {}, [], "", ""
    for path in (path for path in folder.glob("tile/**/*") if path.is_file()):
        name = path.relative_to(folder / "tile").as_posix()
        level, n, width = need(re.fullmatch(TILE, name), f"{name} is no tile").groups()
        files[level, int(re.sub("[x/]", "", n)), int(width or 256)] = path.read_bytes()
    for start in range(0, end.size, 256):
        width = min(256, end.size - start)
        data = files.get(("entries", start // 256, width)) or files.get(("entries", start // 256, 256))
        for entry in unbundle(need(data, f"no entries from {start} on"))[:width]:
            need(kind != "close", "something after a close")
            before, (_, kind, hour) = hour, read_entry(entry)
            need(before <= hour, "the hours go back")
            leaves.append(sha(b"\0", entry))
    need(len(leaves) == end.size and mth(leaves) == end.root, "the entries do not give the root")

    rows, row = {"entries": leaves}, leaves
    while row:
        rows[str(len(rows) - 1)] = row
        row = [mth(row[i : i + 256]) for i in range(0, len(row) - 255, 256)]
    for level, row in rows.items():
        for start in range(0, len(row), 256):
            widths = {256, min(256, len(row) - start)}
            need(any((level, start // 256, width) in files for width in widths), f"no tile {level}, {start // 256}")
    for (level, n, width), data in files.items():
        parts = [data[i : i + 32] for i in range(0, len(data), 32)]
        hashes = [sha(b"\0", entry) for entry in unbundle(data)] if level == "entries" else parts
        known = rows.get(level, [])[256 * n : 256 * n + width]  # what lies beyond the checkpoint is not known
        need(len(hashes) == width and len(hashes[-1]) == 32 and hashes[: len(known)] == known, f"tile {level}, {n}")

    kept = {path.name: read_checkpoint(path.read_bytes(), trust) for path in folder.glob("checkpoints/*")}
    for name, old in kept.items():
        need(str(old.size) == name and old.origin == end.origin and old.size <= end.size, f"the checkpoint {name}")
        need(mth(leaves[: old.size]) == old.root, f"the checkpoint {name} is of another ledger")
    return end, leaves, sorted(kept.values(), key=lambda old: old.size)
