"""A witness: the protocol, its memory, two requests at once, a forked log, and the log's side of it."""

from __future__ import annotations

import io
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from brightline.ledger.errors import LedgerError
from brightline.ledger.note import Cosigner, Note
from brightline.ledger.policy import Policy
from brightline.ledger.witness import MOST_BYTES, Answer, Witness
from brightline.ledger.witness_ask import ask_witnesses, with_cosignatures
from brightline.ledger.witness_serve import address, application, server
from tests.ledger.outside import CITY, ORIGIN, TIME, WITNESSES, Key, b64, checkpoint, consistency, entry, policy, root

LEAVES = [entry(i) for i in range(40)]
FORK = [*LEAVES[:5], entry(999), *LEAVES[6:]]
SIZE_TYPE = "text/x.tlog.size"


class Clock:
    now: float = TIME

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def witness(tmp_path: Path, clock: Clock) -> Iterator[Witness]:
    made = made_witness(tmp_path / "witness.db", clock)
    yield made
    made.close()


def made_witness(store: Path, clock: Callable[[], float] = Clock(), key: Key = WITNESSES[0]) -> Witness:  # noqa: B008
    return Witness(Cosigner(key.name, key.private), Policy.parse(policy(CITY, ())), store, clock)


def request(old: int, size: int, leaves: list[bytes] = LEAVES, proof: list[bytes] | None = None, **more: Any) -> bytes:
    """The body of `add-checkpoint`, made by hand."""
    made = proof if proof is not None else consistency(old, leaves[:size]) if 0 < old < size else []
    lines = "".join(f"{b64(h)}\n" for h in made)
    return f"old {old}\n{lines}\n{checkpoint(leaves[:size], **more)}".encode()


def cosigned(answer: Answer, leaves: list[bytes], key: Key = WITNESSES[0], time: int = TIME) -> bool:
    text = checkpoint(leaves).partition("\n\n")[0] + "\n"
    return answer.status == 200 and answer.body == key.line(text, time)


# --- the protocol --------------------------------------------------------------------------------------------


def test_a_log_that_grows_is_cosigned_each_time(witness: Witness, clock: Clock) -> None:
    assert cosigned(witness.add_checkpoint(request(0, 3)), LEAVES[:3])
    clock.now += 60
    assert cosigned(witness.add_checkpoint(request(3, 8)), LEAVES[:8], time=TIME + 60)
    assert cosigned(witness.add_checkpoint(request(8, 40)), LEAVES, time=TIME + 60)
    assert [(s.origin, s.size) for s in witness.seen()] == [(ORIGIN, 40)]


def test_the_same_tree_again_is_cosigned_again(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8))
    assert cosigned(witness.add_checkpoint(request(8, 8)), LEAVES[:8])


def test_an_empty_log_is_cosigned(witness: Witness) -> None:
    assert cosigned(witness.add_checkpoint(request(0, 0)), [])
    assert cosigned(witness.add_checkpoint(request(0, 5)), LEAVES[:5])


@pytest.mark.parametrize("old", range(1, 40))
def test_every_old_size_can_be_caught_up(tmp_path: Path, old: int) -> None:
    made = made_witness(tmp_path / "w.db")
    made.add_checkpoint(request(0, old))
    assert cosigned(made.add_checkpoint(request(old, 40)), LEAVES)
    made.close()


def test_a_wrong_old_size_is_told_the_right_one(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8))
    for body in (request(0, 8), request(0, 20), request(5, 20), request(3, 5)):
        assert witness.add_checkpoint(body) == Answer(409, "8\n", SIZE_TYPE)
    assert witness.evidence() == []


def test_an_unknown_log_is_not_found_and_a_wrong_key_forbidden(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, 3, log=Key("log.elsewhere.example/x", "x"))).status == 404
    assert witness.add_checkpoint(request(0, 3, log=Key(ORIGIN, "somebody else"))).status == 403
    body = request(0, 3)
    assert (
        witness.add_checkpoint(body.replace(b64(root(LEAVES[:3])).encode(), b64(root(FORK[:4])).encode())).status == 403
    )
    assert witness.seen() == []


def test_signatures_of_unknown_keys_are_ignored(witness: Witness) -> None:
    assert cosigned(witness.add_checkpoint(request(0, 3, witnesses=WITNESSES)), LEAVES[:3])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old 0\n\n",
        request(0, 3).replace(b"old 0", b"old 00"),
        request(0, 3).replace(b"old 0", b"old -1"),
        request(0, 3).replace(b"old 0\n", b"old 0 \n"),
        request(0, 3).replace(b"old 0\n", b"Old 0\n"),
        request(0, 3).replace(b"old 0\n", b"old 99999999999999999999\n"),
        request(0, 3).replace(b"old 0\n\n", b"old 0\n"),
        request(0, 3)[:-1],
        request(0, 3).replace(b"\n", b"\r\n"),
        request(0, 3, proof=[b"\0" * 31]),
        request(0, 3, proof=[b"\0" * 32] * 64),
        request(5, 3),
        b"\xff\xfe" + request(0, 3),
    ],
)
def test_a_request_of_the_wrong_form_is_a_bad_request(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400
    assert witness.seen() == []


def test_a_proof_that_does_not_verify_is_unprocessable(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, 3, proof=[bytes(32)])).status == 422
    witness.add_checkpoint(request(0, 6))
    right = consistency(6, LEAVES)
    for wrong in ([], right[:-1], [*right, bytes(32)], [bytes(32), *right[1:]], right[::-1]):
        assert witness.add_checkpoint(request(6, 40, proof=wrong)).status == 422
    assert witness.add_checkpoint(request(6, 6, proof=[bytes(32)])).status == 422
    assert witness.seen()[0].size == 6


# --- a fork ----------------------------------------------------------------------------------------------------


def test_a_second_tree_of_one_size_is_a_conflict_and_both_are_kept(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8))
    for old in (8, 0, 3):
        assert witness.add_checkpoint(request(old, 8, FORK, proof=[])) == Answer(409, "8\n", SIZE_TYPE)
    (kept,) = witness.evidence()
    assert kept.certain
    assert kept.ours.text.split("\n")[2] == b64(root(LEAVES[:8]))
    assert kept.theirs.text.split("\n")[2] == b64(root(FORK[:8]))
    for note in (kept.ours, kept.theirs):
        assert CITY.line(note.text).strip() in note.encode().decode()


def test_a_second_tree_that_has_grown_is_unprocessable_and_both_are_kept(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8))
    assert witness.add_checkpoint(request(8, 20, FORK)).status == 422
    (kept,) = witness.evidence()
    assert not kept.certain
    assert kept.theirs.text.split("\n")[1:3] == ["20", b64(root(FORK[:20]))]
    assert witness.seen()[0].size == 8


def test_what_was_seen_and_the_evidence_survive_a_new_start(tmp_path: Path) -> None:
    first = made_witness(tmp_path / "w.db")
    first.add_checkpoint(request(0, 8))
    first.add_checkpoint(request(8, 8, FORK))
    first.close()
    second = made_witness(tmp_path / "w.db")
    assert second.add_checkpoint(request(0, 8, FORK)).status == 409
    assert second.seen()[0].size == 8 and len(second.evidence()) == 1
    second.close()


def test_the_memory_refuses_to_forget(witness: Witness, tmp_path: Path) -> None:
    witness.add_checkpoint(request(0, 8))
    witness.add_checkpoint(request(8, 8, FORK))
    with sqlite3.connect(tmp_path / "witness.db") as db:
        for statement in ("DELETE FROM newest", "UPDATE newest SET size = 3", "DELETE FROM evidence"):
            with pytest.raises(sqlite3.IntegrityError):
                db.execute(statement)
    db.close()


# --- time, and two at once --------------------------------------------------------------------------------------


def test_a_clock_that_goes_back_does_not_make_a_larger_tree_older(witness: Witness, clock: Clock) -> None:
    witness.add_checkpoint(request(0, 8))
    clock.now -= 3600
    assert cosigned(witness.add_checkpoint(request(8, 20)), LEAVES[:20], time=TIME)


def test_of_two_histories_at_once_only_one_is_ever_cosigned(tmp_path: Path) -> None:
    """Two processes' worth of witnesses on one file, many threads, two branches: one root for each size."""
    made = [made_witness(tmp_path / "w.db") for _ in range(2)]
    made[0].add_checkpoint(request(0, 4))
    bodies = [request(4, size, leaves) for size in range(5, 13) for leaves in (LEAVES, FORK)] * 3
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: made[i % 2].add_checkpoint(bodies[i]), range(len(bodies))))
    good = [body for body, answer in zip(bodies, answers, strict=True) if answer.status == 200]
    assert len(good) == 1  # all came from size 4, and only one of them found it
    assert {a.status for a in answers} <= {200, 409, 422}
    for w in made:
        w.close()


def test_when_the_memory_fails_nothing_is_cosigned_and_it_recovers(
    witness: Witness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    witness.add_checkpoint(request(0, 8))
    real = witness._db()

    class Broken:
        def execute(self, statement: str, *given: Any) -> Any:
            if statement == "COMMIT":
                raise sqlite3.OperationalError("disk I/O error")
            return real.execute(statement, *given)

        def close(self) -> None:
            real.close()

    witness._open = Broken()  # type: ignore[assignment]
    assert post(application(witness), request(8, 20)).status == 500
    assert cosigned(witness.add_checkpoint(request(8, 20)), LEAVES[:20])


# --- as an application ------------------------------------------------------------------------------------------


class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


def post(app: Any, body: bytes, **more: Any) -> Reply:
    reply = Reply()

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        reply.status, reply.headers = int(status[:3]), dict(headers)

    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/add-checkpoint",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    reply.body = b"".join(app(environ | more, start))
    return reply


def test_the_application_answers_only_where_it_is_asked_right(witness: Witness) -> None:
    app = application(witness)
    assert post(app, request(0, 3)).status == 200
    conflict = post(app, request(0, 8))
    assert (conflict.status, conflict.body, conflict.headers["Content-Type"]) == (409, b"3\n", SIZE_TYPE)
    assert post(app, b"", PATH_INFO="/").status == 404
    assert post(app, b"", REQUEST_METHOD="GET").headers["Allow"] == "POST"
    assert post(app, b"", CONTENT_LENGTH="").status == 411
    assert post(app, b"", CONTENT_LENGTH="²").status == 411
    assert post(app, b"x" * (MOST_BYTES + 1)).status == 413
    assert post(app, request(3, 8), CONTENT_LENGTH="9999").status == 400


# --- the log's side ---------------------------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path: Path) -> Iterator[list[str]]:
    """Three witnesses that answer, each with its own memory."""
    witnesses = [made_witness(tmp_path / f"{i}.db", key=key) for i, key in enumerate(WITNESSES)]
    servers = [server(w) for w in witnesses]
    for made in servers:
        threading.Thread(target=made.serve_forever, daemon=True).start()
    yield [address(made) for made in servers]
    for made in servers:
        made.shutdown()
        made.server_close()
    for w in witnesses:
        w.close()


def note(size: int, leaves: list[bytes] = LEAVES) -> Note:
    return Note.parse(checkpoint(leaves[:size]).encode())


def prover(leaves: list[bytes] = LEAVES) -> Callable[[int, int], list[bytes]]:
    return lambda old, new: consistency(old, leaves[:new])


def told(urls: list[str]) -> Policy:
    return Policy.parse(policy(urls=urls))


def test_the_cosignatures_of_all_witnesses_are_gathered(served: list[str]) -> None:
    asked = ask_witnesses(note(8), told(served), prover())
    assert [(a.name, a.time, a.gap) for a in asked] == [("w0", TIME, None), ("w1", TIME, None), ("w2", TIME, None)]
    full = with_cosignatures(note(8), asked)
    assert told(served).check(full) == {"w0": TIME, "w1": TIME, "w2": TIME}
    assert with_cosignatures(full, asked) == full
    again = ask_witnesses(note(20), told(served), prover())  # it must find out the size they know
    assert all(a.signature and a.size == 20 for a in again)
    assert all(a.signature for a in ask_witnesses(note(40), told(served), prover(), {"w0": 20, "w1": 20, "w2": 3}))


def test_a_witness_that_does_not_answer_is_a_gap(served: list[str]) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers here
        taken.bind(("127.0.0.1", 0))
        silent = f"http://127.0.0.1:{taken.getsockname()[1]}"
        asked = ask_witnesses(note(8), told([served[0], silent, served[2]]), prover(), seconds=2)
    assert [bool(a.signature) for a in asked] == [True, False, True]
    assert asked[1].gap and "there is no answer" in asked[1].gap and not asked[1].alarm
    assert told(served).satisfied([a.name for a in asked if a.signature])


def test_a_witness_that_knows_more_or_another_tree_is_an_alarm(served: list[str]) -> None:
    ask_witnesses(note(20), told(served), prover())
    rolled_back = ask_witnesses(note(8), told(served), prover())
    assert all(a.alarm and a.size == 20 and "only 8" in (a.gap or "") for a in rolled_back)
    forked = ask_witnesses(note(20, FORK), told(served), prover(FORK))
    assert all(a.alarm and "another tree" in (a.gap or "") for a in forked)
    grown = ask_witnesses(note(30, FORK), told(served), prover(FORK))
    assert all(a.alarm and "does not lead" in (a.gap or "") for a in grown)


ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "no cosignature": (200, "text/plain", b"thank you\n"),
    "another key": (200, "text/plain", WITNESSES[2].line("x", TIME).encode()),
    "a wrong cosignature": (200, "text/plain", WITNESSES[0].line("another text\n", TIME).encode()),
    "an endless answer": (200, "text/plain", b"x" * 1_000_000),
    "a size without its type": (409, "text/plain", b"5\n"),
    "a size that is no number": (409, SIZE_TYPE, b"five\n"),
    "a redirection": (302, "text/plain", b""),
    "not found": (404, "text/plain", b""),
    "a fault": (500, "text/plain", b"oops"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_a_strange_answer_is_a_gap_and_nothing_of_it_is_kept(case: str) -> None:
    status, kind, body = ANSWERS[case]

    class Strange(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    made = HTTPServer(("127.0.0.1", 0), Strange)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    (asked,) = ask_witnesses(
        note(8),
        Policy.parse(policy(witnesses=WITNESSES[:1], least=1, urls=[f"http://127.0.0.1:{made.server_port}"])),
        prover(),
    )
    made.shutdown()
    made.server_close()
    assert asked.signature is None and asked.gap
    assert not asked.alarm


def test_an_address_that_is_none_is_a_gap() -> None:
    for url in (
        "ftp://witness.example",
        "file:///etc/passwd",
        "http://",
        "http://a:b@127.0.0.1/",
        "http://127.0.0.1:99999/",
    ):
        (asked,) = ask_witnesses(note(8), Policy.parse(policy(witnesses=WITNESSES[:1], least=1, urls=[url])), prover())
        assert asked.gap and "is no address" in asked.gap, url
    (asked,) = ask_witnesses(note(8), Policy.parse(policy(witnesses=WITNESSES[:1], least=1)), prover())
    assert asked.gap == "the policy has no address for it"


def test_a_witness_is_refused_a_name_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(LedgerError):
        Cosigner("two words", WITNESSES[0].private)
