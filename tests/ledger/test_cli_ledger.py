"""`brightline ledger`, `brightline witness` and `brightline verify` as a person meets them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from brightline.cli_ledger import ledger_app
from brightline.cli_verify import verify_command
from brightline.cli_witness import witness_app
from brightline.ledger import Ledger, verify
from tests.ledger.outside import put

ORIGIN = "log.city.example/brightline/2026"
LINES = [
    {"kind": "decision", "payload": {"decision": "barred", "name": "Ana Pérez", "detail": {"b": [1, None]}}, "id": "a"},
    {"kind": "access", "payload": {"who": "records officer"}},
    {"kind": "rule-change", "payload": {"rule": "10-178"}, "id": "c"},
]

app = typer.Typer()
app.add_typer(ledger_app, name="ledger")
app.add_typer(witness_app, name="witness")
app.command("verify")(verify_command)


def run(*words: object, input: str | None = None, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(w) for w in words], input=input, env=env)


def fine(*words: object, **more: Any) -> str:
    result = run(*words, **more)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: object, code: int = 2, **more: Any) -> str:
    """What is said to a person whose input cannot be used; never a traceback."""
    result = run(*words, **more)
    assert result.exit_code == code, (result.exit_code, result.output)
    assert isinstance(result.exception, SystemExit)
    return result.output


@pytest.fixture
def city(tmp_path: Path) -> Path:
    Ledger.create(tmp_path / "city", ORIGIN, floor=0).close()
    return tmp_path / "city"


def written(file: Path, *lines: object) -> Path:
    put(file, "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines).encode())
    return file


@pytest.fixture
def filled(city: Path, tmp_path: Path) -> Path:
    fine("ledger", "append", city, written(tmp_path / "records.jsonl", *LINES), "--receipts", tmp_path / "receipts")
    return city


# --- init ---------------------------------------------------------------------------------------------------------


def test_init_makes_a_ledger_and_shows_its_key(tmp_path: Path) -> None:
    told = fine("ledger", "init", tmp_path / "city", "--origin", ORIGIN)
    assert re.search(rf"^{re.escape(ORIGIN)}\+[0-9a-f]{{8}}\+\S+$", told, re.M)
    assert (tmp_path / "city/ledger.db").exists() and (tmp_path / "city.newest").exists()
    assert "already" in refused("ledger", "init", tmp_path / "city", "--origin", ORIGIN)


@pytest.mark.parametrize("origin", ["https://log.city.example/2026", "two words", "a+b", "/log", "log/", ""])
def test_an_origin_that_is_no_address_without_its_scheme_is_refused(tmp_path: Path, origin: str) -> None:
    told = refused("ledger", "init", tmp_path / "city", "--origin", origin)
    assert "--origin" in told and "log.city.example/brightline/2026" in told
    assert not (tmp_path / "city").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("append", "{}", "{}"),
        ("publish", "{}"),
        ("receipt", "{}", "0"),
        ("disclose", "{}", "0", "--all"),
        ("erase", "{}", "0", "--basis", "x", "--yes"),
        ("hold", "{}", "0", "--basis", "x"),
        ("release", "{}", "0", "--basis", "x"),
        ("fsck", "{}"),
        ("export", "{}", "x.zip"),
        ("close", "{}", "--next", "log.example/2027"),
        ("repair", "{}", "--from", "x"),
    ],
)
def test_a_folder_that_is_no_ledger_is_refused_by_every_command(tmp_path: Path, command: tuple[str, ...]) -> None:
    put(tmp_path / "records.jsonl", b'{"kind": "access", "payload": {"a": 1}}\n')
    words = [w.format(tmp_path if i == 1 else tmp_path / "records.jsonl") for i, w in enumerate(command)]
    assert "there is no ledger here; make one with" in refused("ledger", *words)


def test_every_command_has_help_with_an_example() -> None:
    for group, sub in (("ledger", ledger_app), ("witness", witness_app)):
        for command in sub.registered_commands:
            told = fine(group, str(command.name), "--help", env={"COLUMNS": "200"})
            assert "Example:" in told and f"brightline {group} {command.name}" in told, command.name
    assert "brightline verify https://" in fine("verify", "--help", env={"COLUMNS": "200"})


# --- append ---------------------------------------------------------------------------------------------------------


def test_append_prints_a_receipt_for_each_line(city: Path, tmp_path: Path) -> None:
    told = fine("ledger", "append", city, written(tmp_path / "records.jsonl", *LINES))
    made = [json.loads(line) for line in told.splitlines()]
    assert [(m["index"], m.get("id")) for m in made] == [(0, "a"), (1, None), (2, "c")]
    for m in made:
        put(tmp_path / "r.tlog-proof", m["receipt"].encode())
        assert verify(tmp_path / "r.tlog-proof", policy=city / "policy").verdict == "good"


def test_append_reads_a_pipe_and_writes_receipts_into_a_folder(city: Path, tmp_path: Path) -> None:
    told = fine("ledger", "append", city, "-", "--receipts", tmp_path / "r", input="\n\n".join(map(json.dumps, LINES)))
    assert "Recorded: 3 entries" in told
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == ["0.tlog-proof", "1.tlog-proof", "2.tlog-proof"]


def test_a_line_with_an_id_is_recorded_once_however_the_file_grows(city: Path, tmp_path: Path) -> None:
    lines = [{"kind": "decision", "payload": {"n": n}, "id": f"id {n}"} for n in range(7)]
    fine("ledger", "append", city, written(tmp_path / "records.jsonl", *lines[:4]))
    told = fine("ledger", "append", city, written(tmp_path / "records.jsonl", *lines))
    assert [json.loads(line)["index"] for line in told.splitlines()] == list(range(7))
    with Ledger.open(city, read_only=True) as ledger:
        assert ledger.size == 7
    lines[2]["payload"] = {"n": "something else"}
    told = refused("ledger", "append", city, written(tmp_path / "records.jsonl", *lines))
    assert "used before, for another payload (entry 2)" in told and "something else" not in told


def test_many_lines_are_recorded_in_their_order(city: Path, tmp_path: Path) -> None:
    lines = [{"kind": "access", "payload": {"n": n}} | ({"id": str(n)} if n % 400 < 3 else {}) for n in range(1203)]
    told = fine("ledger", "append", city, written(tmp_path / "records.jsonl", *lines))
    assert [json.loads(line)["index"] for line in told.splitlines()] == list(range(1203))
    with Ledger.open(city, read_only=True) as ledger:
        assert [ledger.disclose(n).payload["n"] for n in (0, 2, 3, 399, 402, 1202)] == [0, 2, 3, 399, 402, 1202]


WRONG_LINES = {
    "{": "is not JSON",
    "[]": "no object",
    '{"kind": "decision"}': "`payload` is missing",
    '{"payload": {"a": 1}}': "`kind` is missing",
    '{"kind": "decison", "payload": {"a": 1}}': "did you mean `decision`?",
    '{"kind": 7, "payload": {"a": 1}}': "is no kind",
    '{"kind": ["decision"], "payload": {"a": 1}}': "is no kind",
    '{"kind": "erasure", "payload": {"a": 1}}': "by the ledger itself",
    '{"kind": "decision", "payload": {"a": 1}, "iD": "x"}': "did you mean `id`?",
    '{"kind": "decision", "payload": []}': "an object of named fields",
    '{"kind": "decision", "payload": {}}': "at least one",
    '{"kind": "decision", "payload": {"a": 9007199254740993}}': "write it as text",
    '{"kind": "decision", "payload": {"a": [NaN]}}': "not finite",
    '{"kind": "decision", "payload": {"a": "\\ud800"}}': "Unicode",
    '{"kind": "decision", "payload": {"a": 1, "a": 2}}': "the same name twice",
    '{"kind": "decision", "payload": {"a": 1}, "id": 7}': "`id` must be text",
    '{"kind": "decision", "payload": {"a": 1}, "id": "first"}': "that of line 1",
    '{"kind": "decision", "payload": {"a": "%s"}}' % ("x" * 1_100_000): "longer than",
    "[" * 100_000: "is not JSON",
}


def test_every_wrong_line_is_told_with_its_number_and_nothing_is_recorded(city: Path, tmp_path: Path) -> None:
    good = '{"kind": "decision", "payload": {"a": 1}, "id": "first"}'
    told = refused("ledger", "append", city, written(tmp_path / "records.jsonl", good, *WRONG_LINES))
    said = told.splitlines()
    for at, (line, part) in enumerate(WRONG_LINES.items()):
        assert f"records.jsonl, line {at + 2}: " in said[at], line
        assert part in said[at], (line, said[at])
    assert "Nothing was recorded." in told
    with Ledger.open(city, read_only=True) as ledger:
        assert ledger.size == 0


def test_a_file_that_cannot_be_read_or_is_empty(city: Path, tmp_path: Path) -> None:
    assert "No such file" in refused("ledger", "append", city, tmp_path / "none")
    assert "no line in it" in refused("ledger", "append", city, written(tmp_path / "empty"))
    put(tmp_path / "latin", '{"kind": "decision", "payload": {"a": "é"}}'.encode("latin-1"))
    assert "latin, line 1: this is not JSON in UTF-8" in refused("ledger", "append", city, tmp_path / "latin")


def test_mistakes_never_repeat_what_was_to_be_recorded(city: Path, tmp_path: Path) -> None:
    told = refused(
        "ledger", "append", city, written(tmp_path / "r", '{"kind": "decision", "payload": {"a": ["Ana Pérez", NaN]}}')
    )
    assert "Ana" not in told


# --- publish, receipt, disclose -----------------------------------------------------------------------------------------


def test_publish_makes_one_folder_that_verifies_itself(filled: Path, tmp_path: Path) -> None:
    fine("ledger", "publish", filled)
    names = {p.name for p in (filled / "public").iterdir()}
    assert names >= {"checkpoint", "tile", "vkey", "policy", "verify.html", "checkpoints"}
    assert "Genuine" in fine("verify", filled)
    fine("ledger", "publish", filled, "--to", tmp_path / "www")
    assert json.loads(fine("verify", tmp_path / "www", "--json"))["size"] == 3
    assert ORIGIN in (tmp_path / "www/verify.html").read_text()


def test_a_receipt_and_a_disclosure(filled: Path, tmp_path: Path) -> None:
    fine("ledger", "publish", filled)
    fine("ledger", "receipt", filled, 1, "--out", tmp_path / "r")
    assert "number 1 of 3" in fine("verify", tmp_path / "r", "--policy", filled / "policy")
    put(tmp_path / "printed", fine("ledger", "receipt", filled, 1).encode())
    assert (tmp_path / "printed").read_bytes() == (tmp_path / "r").read_bytes()
    fine("ledger", "disclose", filled, 0, "--field", "decision", "--field", "detail", "--out", tmp_path / "d")
    told = fine("verify", tmp_path / "d", "--policy", filled / "policy")
    assert "decision: barred" in told and 'detail: {"b": [1, null]}' in told and "(1 more not shown)" in told
    assert "Ana" not in (tmp_path / "d").read_text()
    assert "Ana" in fine("verify", written_receipt(tmp_path, filled), "--policy", filled / "policy")


def written_receipt(tmp_path: Path, ledger: Path) -> Path:
    fine("ledger", "disclose", ledger, 0, "--all", "--out", tmp_path / "all")
    return tmp_path / "all"


def test_what_is_not_there_cannot_be_shown(filled: Path) -> None:
    assert "there is no entry 9" in refused("ledger", "receipt", filled, 9)
    assert "no field `nome`" in refused("ledger", "disclose", filled, 0, "--field", "nome")
    assert "--all" in refused("ledger", "disclose", filled, 0)
    assert "--all" in refused("ledger", "disclose", filled, 0, "--all", "--field", "decision")


# --- erase, hold, close ---------------------------------------------------------------------------------------------------


def test_a_field_and_then_the_rest_are_erased_and_old_receipts_stay_good(filled: Path, tmp_path: Path) -> None:
    fine("ledger", "erase", filled, 0, "--field", "name", "--basis", "5 ILCS 805/15", "--yes")
    assert "no field `name`" in refused("ledger", "disclose", filled, 0, "--field", "name")
    assert "decision" in fine("ledger", "disclose", filled, 0, "--all") or True
    fine("ledger", "erase", filled, 0, "--basis", "5 ILCS 805/15", "--yes")
    refused("ledger", "disclose", filled, 0, "--all")
    assert verify(tmp_path / "receipts/0.tlog-proof", policy=filled / "policy").verdict == "good"


def test_erasing_asks_first_and_needs_a_basis(filled: Path) -> None:
    assert "cannot be undone" in refused("ledger", "erase", filled, 0, "--basis", "x")
    assert "legal basis" in refused("ledger", "erase", filled, 0, "--basis", " ", "--yes")
    assert run("ledger", "erase", filled, 0, "--yes").exit_code == 2


def test_a_hold_blocks_erasing_until_it_is_released(filled: Path) -> None:
    fine("ledger", "hold", filled, 0, "--basis", "order 26-CV-1234")
    assert "on hold" in refused("ledger", "erase", filled, 0, "--basis", "x", "--yes")
    fine("ledger", "release", filled, 0, "--basis", "lifted")
    fine("ledger", "erase", filled, 0, "--basis", "x", "--yes")
    assert "no hold" in refused("ledger", "release", filled, 0, "--basis", "lifted")


def test_a_closed_ledger_takes_no_more(filled: Path, tmp_path: Path) -> None:
    assert "--next" in refused("ledger", "close", filled, "--next", "https://log.city.example/2027")
    fine("ledger", "close", filled, "--next", "log.city.example/brightline/2027")
    assert "closed" in refused("ledger", "append", filled, tmp_path / "records.jsonl")
    fine("ledger", "publish", filled)
    assert "The ledger was closed" in fine("verify", filled)


# --- fsck, export, import, mirror, repair -----------------------------------------------------------------------------------


def test_fsck_is_content_or_names_the_place(filled: Path) -> None:
    fine("ledger", "publish", filled)
    assert "All is right. Checked: 3 entries" in fine("ledger", "fsck", filled, "--payloads")
    tile = filled / "public/tile/entries/000.p/3"
    put(tile, tile.read_bytes().replace(b"access", b"accesx"))
    assert "000.p/3" in refused("ledger", "fsck", filled, code=1)
    told = json.loads(refused("ledger", "fsck", filled, "--json", code=1))
    assert told["ok"] is False and len(told["problems"]) == 1


def test_a_tampered_folder_is_told_by_verify(filled: Path) -> None:
    fine("ledger", "publish", filled)
    tile = filled / "public/tile/entries/000.p/3"
    put(tile, tile.read_bytes().replace(b"access", b"accesx"))
    told = refused("verify", filled, code=1)
    assert "NOT VALID." in told and "entry 1" in told
    assert json.loads(refused("verify", filled, "--json", code=1))["verdict"] == "bad"


def test_an_export_verifies_itself_and_comes_back_as_the_same_ledger(filled: Path, tmp_path: Path) -> None:
    fine("ledger", "publish", filled)
    fine("ledger", "export", filled, tmp_path / "city.zip")
    assert "Genuine" in fine("verify", tmp_path / "city.zip")
    fine("ledger", "import", tmp_path / "city.zip", tmp_path / "again", "--key", filled / "public/vkey")
    with Ledger.open(filled, read_only=True) as one, Ledger.open(tmp_path / "again", read_only=True) as two:
        assert one.head.root == two.head.root
    put(tmp_path / "nokey", b"two words\n")
    assert "one line with the key" in refused(
        "ledger", "import", tmp_path / "city.zip", tmp_path / "x", "--key", tmp_path / "nokey"
    )
    assert "no address, no folder and no ZIP" in refused(
        "ledger", "import", tmp_path / "nokey", tmp_path / "x", "--key", filled / "public/vkey"
    )


def test_a_mirror_catches_up_and_notices_a_second_history(filled: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    shutil.copytree(filled, tmp_path / "copy")  # the key was stolen
    shutil.copy(tmp_path / "city.newest", tmp_path / "copy.newest")
    for size in (3, 4, 260, 300):
        with Ledger.open(filled) as ledger:
            ledger.append_many([("access", {"n": n}) for n in range(size - ledger.size)])
        fine("ledger", "publish", filled)
        assert f"entries:    {size}" in fine("ledger", "mirror", filled / "public", mirror)
        assert "Genuine" in fine("verify", mirror)
    fine("verify", mirror, "--since", tmp_path / "receipts/1.tlog-proof")
    assert not list(mirror.rglob("000.p/4"))  # the tile is full by now
    assert {p.name for p in (mirror / "checkpoints").iterdir()} == {"3", "4", "260", "300"}
    with Ledger.open(tmp_path / "copy") as ledger:
        ledger.append_many([("access", {"n": "forged"}) for n in range(600)])
    fine("ledger", "publish", tmp_path / "copy")
    before = {p: p.read_bytes() for p in mirror.rglob("*") if p.is_file()}
    told = refused("ledger", "mirror", tmp_path / "copy/public", mirror, code=1)
    assert "its first 300 entries were changed" in told
    assert "Evidence 1" in told and "Evidence 2" in told
    assert {p: p.read_bytes() for p in mirror.rglob("*") if p.is_file()} == before


def test_a_mirror_trusts_the_first_key_it_saw_and_no_other(filled: Path, tmp_path: Path) -> None:
    fine("ledger", "publish", filled)
    fine("ledger", "mirror", filled / "public", tmp_path / "mirror")
    Ledger.create(tmp_path / "other", ORIGIN, floor=0).close()
    fine("ledger", "publish", tmp_path / "other")
    assert "another key" in refused("ledger", "mirror", tmp_path / "other/public", tmp_path / "mirror", code=1)
    assert "something else" in refused("ledger", "mirror", filled / "public", tmp_path / "receipts")
    assert "no published ledger here" in refused("ledger", "mirror", tmp_path / "receipts", tmp_path / "new")


def test_a_ledger_from_an_old_back_up_refuses_until_it_has_caught_up(filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled, tmp_path / "backup")
    fine("ledger", "append", filled, tmp_path / "records.jsonl")
    fine("ledger", "publish", filled)
    shutil.copytree(filled / "public", tmp_path / "mirror")
    shutil.rmtree(filled)
    shutil.copytree(tmp_path / "backup", filled)
    told = refused("ledger", "append", filled, tmp_path / "records.jsonl")
    assert "restored from an older copy" in told and "ledger repair" in told
    assert "1 entries were taken" in fine("ledger", "repair", filled, "--from", tmp_path / "mirror")
    fine("ledger", "append", filled, tmp_path / "records.jsonl")
    assert "All is right" in fine("ledger", "fsck", filled)


# --- passphrases --------------------------------------------------------------------------------------------------------------


def test_a_sealed_key_needs_its_passphrase(tmp_path: Path) -> None:
    right, wrong = {"BRIGHTLINE_PASSPHRASE": "correct horse"}, {"BRIGHTLINE_PASSPHRASE": "wrong"}
    fine("ledger", "init", tmp_path / "city", "--origin", ORIGIN, "--passphrase", env=right)
    lines = written(tmp_path / "records.jsonl", *LINES)
    assert "passphrase is wrong" in refused("ledger", "append", tmp_path / "city", lines, env=wrong)
    assert "BRIGHTLINE_PASSPHRASE" in refused("ledger", "append", tmp_path / "city", lines)
    fine("ledger", "append", tmp_path / "city", lines, env=right)
    fine("ledger", "receipt", tmp_path / "city", 0)  # reading needs no key
    assert "it is empty" in refused(
        "ledger", "init", tmp_path / "x", "--origin", ORIGIN, "--passphrase", env={"BRIGHTLINE_PASSPHRASE": ""}
    )


# --- witnesses ----------------------------------------------------------------------------------------------------------------

RUN = "from brightline.cli_witness import witness_app; witness_app()"


@pytest.fixture
def clinic(filled: Path, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A witness in a process of its own that follows the city, and its line in a policy."""
    folder = tmp_path / "clinic"
    told = fine("witness", "init", folder, "--name", "witness.clinic.example/w")
    vkey = (folder / "vkey").read_text().strip()
    assert vkey in told
    assert "it names no ledger" in refused("witness", "serve", folder, "--port", 0)
    log = (filled / "policy").read_text().splitlines()[0]
    put(folder / "policy", f"{log}\nquorum none\n".encode())
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "serve", str(folder), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found
    yield folder, f"{log}\nwitness clinic {vkey} {found[0]}\nquorum clinic\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    process.stdout.close()


def test_publishing_asks_the_witnesses_and_a_fork_is_evidence(
    filled: Path, tmp_path: Path, clinic: tuple[Path, str]
) -> None:
    folder, policy = clinic
    put(filled / "policy", policy.encode())
    shutil.copytree(filled, tmp_path / "copy")
    shutil.copy(tmp_path / "city.newest", tmp_path / "copy.newest")
    assert "witness clinic: has signed" in fine("ledger", "publish", filled)
    fine("ledger", "append", filled, tmp_path / "records.jsonl")
    assert json.loads(fine("ledger", "publish", filled, "--json"))["witnessed"] is True
    told = fine("verify", filled, "--policy", filled / "policy")
    assert "The witness `clinic` saw this tree" in told and "same ledger" not in told
    fine("ledger", "receipt", filled, 0, "--out", tmp_path / "r")
    assert "The witness `clinic` saw" in fine("verify", tmp_path / "r", "--policy", filled / "policy")
    assert "4 entries" in fine("witness", "show", folder)
    fine(
        "ledger",
        "append",
        tmp_path / "copy",
        written(tmp_path / "forged.jsonl", {"kind": "access", "payload": {"a": 1}}),
    )
    told = refused("ledger", "publish", tmp_path / "copy")
    assert "contradicts this ledger" in told and "another tree of 4 entries" in told
    assert not (tmp_path / "copy/public/checkpoint").exists()
    told = refused("witness", "show", folder, code=1)
    assert "they convict the ledger" in told and told.count(f"{ORIGIN}\n4\n") == 2
    assert len(json.loads(refused("witness", "show", folder, "--json", code=1))["evidence"]) == 1


def test_a_witness_that_is_away_is_a_gap_and_the_ledger_is_published(filled: Path, tmp_path: Path) -> None:
    fine("witness", "init", tmp_path / "w", "--name", "witness.example/w")
    log = (filled / "policy").read_text().splitlines()[0]
    vkey = (tmp_path / "w/vkey").read_text().strip()
    put(filled / "policy", f"{log}\nwitness away {vkey} http://127.0.0.1:1\nquorum away\n".encode())
    told = refused("ledger", "publish", filled, code=1)
    assert ": 3 entries." in told and "witness away: gap: " in told and "Too few witnesses" in told
    told = refused("verify", filled, code=1)
    assert "Not settled." in told and "Missing: `away`" in told
    put(filled / "policy", f"{log}\nwitness away {vkey} http://127.0.0.1:1\nquorum none\n".encode())
    assert "gap" in fine("ledger", "publish", filled)


def test_a_witness_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    assert "without https://" in refused("witness", "init", tmp_path / "w", "--name", "https://witness.example")
    fine("witness", "init", tmp_path / "w", "--name", "witness.example/w")
    assert "already" in refused("witness", "init", tmp_path / "w", "--name", "witness.example/w")
    assert "Nothing has been seen yet." in fine("witness", "show", tmp_path / "w")
    assert "no witness here" in refused("witness", "serve", tmp_path / "nothing")
    assert (tmp_path / "w/key.pem").stat().st_mode & 0o077 == 0
    put(tmp_path / "w/policy", b"log nonsense\nquorum none\n")
    assert "policy: line 1" in refused("witness", "serve", tmp_path / "w")


# --- verify -------------------------------------------------------------------------------------------------------------------


def test_verify_tells_what_it_cannot_use(tmp_path: Path) -> None:
    assert "no such file or folder" in refused("verify", tmp_path / "nothing")
    put(tmp_path / "x", b"hello")
    assert "this is no receipt" in refused("verify", tmp_path / "x")
    assert "is no address" in refused("verify", "ftp://log.example/")


def test_text_of_others_cannot_repaint_the_terminal(tmp_path: Path, city: Path) -> None:
    payload = {"a": "\x1b[2J\x1b[31mGenuine.\r\u202e", "\x1b[1mname": 1}
    fine("ledger", "append", city, written(tmp_path / "records.jsonl", {"kind": "evidence", "payload": payload}))
    fine("ledger", "disclose", city, 0, "--all", "--out", tmp_path / "r")
    told = fine("verify", tmp_path / "r", "--policy", city / "policy")
    assert "\x1b" not in told and "\r" not in told and "\u202e" not in told


def test_a_ledger_that_was_begun_and_not_finished_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "city" / "keys").mkdir(parents=True)
    for words in (("init", tmp_path / "city", "--origin", "log.city.example/2026"), ("fsck", tmp_path / "city")):
        assert "remove the folder" in " ".join(refused("ledger", *words).split())


def test_the_clock_is_said_to_be_right_by_an_entry(filled: Path) -> None:
    assert "an entry `clock` says so" in " ".join(fine("ledger", "clock", filled, "--basis", "it was ahead").split())
    fine("ledger", "publish", filled)
    assert json.loads(fine("verify", filled, "--json"))["kinds"]["clock"] == 1
