"""The workbench answers: mistakes with their places, loopholes before and after, and sentences for what is wrong."""

from __future__ import annotations

import json
import re
import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from brightline.lab.answers import Lab, Question, Superseded
from brightline.lab.app import MOST_BYTES, application
from brightline.lab.serve import address, server
from brightline.law.pack import Law
from brightline.law.reform import shipped_reforms
from brightline.reason.prove import closed
from tests.lab.conftest import DAY, REPEAL, Call, caller

ALERT = {"action": "place_alert", "purpose": "civil_immigration", "lang": "en"}


# --- the page -------------------------------------------------------------------------------------------


def test_the_page_is_one_file_that_fetches_nothing(call: Call) -> None:
    reply = call("GET", "/")
    html = reply.body.decode()
    assert reply.status == 200
    assert not re.search(r'(?:src|href)="(?!#|data:,)', html)
    assert not re.search(r"\son[a-z]+=", html.split("<script")[0])
    policy = reply.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce is not None and html.count(f'nonce="{nonce[1]}"') == 3
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy


def test_every_page_has_its_own_nonce(call: Call) -> None:
    policies = {call("GET", "/").headers["Content-Security-Policy"] for _ in range(2)}
    assert len(policies) == 2


def test_both_languages_have_every_string_and_keep_what_is_filled_in(call: Call) -> None:
    html = call("GET", "/").body.decode()
    data = json.loads(html.split('id="data"')[1].split(">", 1)[1].split("</script>")[0])
    english, spanish = data["words"]["en"], data["words"]["es"]
    assert set(english) == set(spanish)
    for key, said in english.items():
        assert sorted(re.findall(r"\{\w+\}", said)) == sorted(re.findall(r"\{\w+\}", spanish[key])), key
    used = set(re.findall(r"\bw\(\"(\w+)\"", html)) | set(re.findall(r'data-t(?:-label)?="(\w+)"', html))
    assert used <= set(english)


def test_mounted_it_goes_to_the_address_with_a_slash(call: Call) -> None:
    reply = call("GET", "", SCRIPT_NAME="/lab")
    assert reply.status == 301 and reply.headers["Location"] == "/lab/"


# --- the law ----------------------------------------------------------------------------------------------


def test_a_section_comes_with_its_text_its_norms_and_what_can_be_amended(call: Call) -> None:
    told = call("GET", "/api/law", query="section=us-ny-nyc/10-178").json
    clause = next(c for c in told["clauses"] if c["label"] == "e.i")
    assert "cooperative arrangements" in clause["quote"][0]
    assert "e.i excepts c" in clause["norms"][0]
    assert [(t["id"], t["kind"]) for t in clause["targets"]] == [("us-ny-nyc/10-178:e.i", "exception")]


def test_what_is_offered_for_a_change_is_accepted_as_one(call: Call, law: Law) -> None:
    """Every skeleton that the page can insert, with a fact that exists, is a reform without mistakes."""
    empty = call("GET", "/api/start").json["text"]
    wrong = []
    for section in (s for s in law.sections.values() if s.pack == "us-ny-nyc"):
        for clause in call("GET", "/api/law", query=f"section={section.id}").json["clauses"]:
            for t in clause["targets"]:
                change = (
                    f"replace r.1 {t['body']}" if t.get("body") else "add\n  but not if r.1 civil_immigration_purpose"
                )
                text = f"{empty}\n### r.1 — x\n\n> Words.\n\n```norm\namends {t['id']}: {change}\n```\n"
                wrong += [(t["id"], p) for p in call("POST", "/api/check", {"text": text}).json["problems"]]
    assert not wrong


def test_an_unknown_section_names_the_nearest(call: Call) -> None:
    reply = call("GET", "/api/law", query="section=us-ny-nyc/10-187")
    assert reply.status == 400 and "us-ny-nyc/10-178" in reply.json["error"]


# --- the checker ------------------------------------------------------------------------------------------


def test_a_mistake_has_its_line_its_column_and_its_remedy(call: Call) -> None:
    told = call("POST", "/api/check", {"text": REPEAL.replace("e.i:", "e.x:")}).json
    assert [(p["line"], p["column"]) for p in told["problems"]] == [(15, 8)]
    assert "did you mean" in told["problems"][0]["help"]


def test_a_text_without_mistakes_gives_its_title(call: Call) -> None:
    told = call("POST", "/api/check", {"text": REPEAL}).json
    assert told["problems"] == [] and told["title"] == "No task force" and told["changes"] == 1


def test_the_empty_reform_has_no_mistake_and_no_change(call: Call) -> None:
    text = call("GET", "/api/start").json["text"]
    told = call("POST", "/api/check", {"text": text}).json
    assert told["problems"] == [] and told["changes"] == 0


def test_every_shipped_reform_can_be_started_from(call: Call, law: Law) -> None:
    for name in shipped_reforms(law):
        text = call("GET", "/api/start", query=f"name={name}").json["text"]
        assert call("POST", "/api/check", {"text": text}).json["problems"] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---",
        "---\n\x07\n---\n",
        "---\ntitle: [\n---\n",
        "---\nreadings: 5\namends: us-ny-nyc\n---\n",
        "---\nin_force: 2026-13-45 ..\namends: us-ny-nyc\n---\n",
        "---\na: &a [x, x]\nb: [*a, *a]\namends: us-ny-nyc\n---\n",
        REPEAL + "\n```norm\nr.2 forbids place_alert by nypd\n  when " + "(" * 5000 + "\n```\n",
        REPEAL.replace("```norm", "```vocabulary"),
    ],
)
def test_every_half_written_text_gets_an_answer(call: Call, text: str) -> None:
    reply = call("POST", "/api/check", {"text": text})
    assert reply.status == 200
    for p in reply.json["problems"]:
        assert p["line"] >= 1 and p["column"] >= 1 and p["message"]


def test_every_beginning_of_a_reform_gets_an_answer(call: Call) -> None:
    for n in range(0, len(REPEAL), 7):
        assert call("POST", "/api/check", {"text": REPEAL[:n]}).status == 200


# --- loopholes --------------------------------------------------------------------------------------------


def test_a_repeal_closes_the_loopholes_of_what_is_repealed(call: Call) -> None:
    told = call("POST", "/api/prove", {**ALERT, "text": REPEAL}).json
    assert told["before"]["all"] == len(told["loopholes"])
    assert told["counts"]["closed"] > 0 and told["counts"]["open"] > 0
    for x in told["loopholes"]:
        assert x["story"] and x["said"] and all(x["said"])
        if x["status"] == "closed":
            assert x["proof"] and any("10-178(e)(i)" in c for c in x["closed_by"])
            assert not [s for s in (*x["said"], *x["proof"]) if "by ." in s or s.startswith(" ")]


def test_a_contact_that_changes_has_its_verdict_before_and_after(call: Call) -> None:
    told = call("POST", "/api/prove", {**ALERT, "text": REPEAL}).json
    closed_ones = [c for c in told["contacts"] if c["why"] == "closed"]
    assert len(closed_ones) == told["counts"]["closed"]
    assert {c["before"]["verdict"] for c in closed_ones} == {"excepted"}
    costs = [c for c in told["contacts"] if c["why"] == "cost"]
    assert len(costs) == len(told["cost"]) and all(c["after"]["verdict"] == "barred" for c in costs)


def test_the_loopholes_of_the_law_as_it_is_are_those_before_the_reform(call: Call) -> None:
    now = call("POST", "/api/loopholes", ALERT).json
    after = call("POST", "/api/prove", {**ALERT, "text": REPEAL}).json
    assert [x["id"] for x in now["loopholes"]] == [x["id"] for x in after["loopholes"]]
    assert now["counts"] == after["before"]


def test_the_answer_is_in_the_language_asked_for(call: Call) -> None:
    english, spanish = (call("POST", "/api/prove", {**ALERT, "text": REPEAL, "lang": x}).json for x in ("en", "es"))
    assert english["counts"] == spanish["counts"]
    assert english["loopholes"][0]["title"] != spanish["loopholes"][0]["title"]


def test_a_time_out_says_what_is_proven_so_far(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    real = closed._Reform.fate
    done: list[Any] = []

    def tired(self: Any, x: Any) -> Any:
        done.append(x)
        return real(self, x) if len(done) < 3 else closed.Fate(x, "unknown", why="the solver reached its limit")

    monkeypatch.setattr(closed._Reform, "fate", tired)
    told = caller(application(law, "us-ny-nyc", DAY))("POST", "/api/prove", {**ALERT, "text": REPEAL}).json
    assert not told["complete"] and told["why"]
    assert told["counts"]["unknown"] == len(told["loopholes"]) - 2
    assert "limit" in told["loopholes"][-1]["why"] and told["loopholes"][0]["status"] != "unknown"


def test_a_newer_question_takes_the_place_of_an_older_one(law: Law) -> None:
    lab = Lab(law, "us-ny-nyc", DAY)
    q = Question("us-ny-nyc", "place_alert", "civil_immigration")
    lab.before(q, ("page", 2))
    with pytest.raises(Superseded):
        lab.before(q, ("page", 1))
    assert lab.before(q, ("another", 1)).found


# --- what cannot be answered ------------------------------------------------------------------------------


def test_an_unknown_act_names_the_nearest(call: Call) -> None:
    reply = call("POST", "/api/loopholes", {**ALERT, "action": "place_alrt"})
    assert reply.status == 400 and "place_alert" in reply.json["error"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("purpose", "civil_imigration", "civil_immigration"),
        ("law", "us-nyc", "us-ny"),
        ("lang", "fr", "es"),
        ("action", "", "actions"),
    ],
)
def test_an_unknown_name_is_answered_with_those_that_are_known(call: Call, field: str, value: str, said: str) -> None:
    reply = call("POST", "/api/loopholes", {**ALERT, field: value} if value else {"purpose": "civil_immigration"})
    assert reply.status == 400 and said in reply.json["error"].lower()


def test_a_reform_of_another_pack_is_not_proven_here(call: Call) -> None:
    text = REPEAL.replace("amends: us-ny-nyc", "amends: us-ny")
    reply = call("POST", "/api/prove", {**ALERT, "text": text})
    assert reply.status == 400 and "us-ny-nyc" in reply.json["error"]


def test_a_text_with_mistakes_is_not_proven(call: Call) -> None:
    reply = call("POST", "/api/prove", {**ALERT, "text": REPEAL.replace("repeal\n", "remove\n")})
    assert reply.status == 400 and reply.json["problems"][0]["line"] == 15


def test_a_body_that_is_too_large_is_refused(call: Call) -> None:
    reply = call("POST", "/api/check", {"text": "x" * MOST_BYTES})
    assert reply.status == 413 and "200,000" in reply.json["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"text": 1}', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_object_of_texts_is_refused(call: Call, body: bytes) -> None:
    assert call("POST", "/api/check", body).status == 400


def test_the_wrong_method_type_or_length_is_refused(call: Call) -> None:
    assert call("GET", "/api/check").status == 405
    assert call("POST", "/", {}).status == 405
    assert call("POST", "/api/check", {"text": ""}, CONTENT_TYPE="text/plain").status == 415
    assert call("POST", "/api/check", {"text": ""}, CONTENT_LENGTH="").status == 411
    assert call("GET", "/api/elsewhere").status == 404


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "example.org:8377", "", "10.0.0.1"])
def test_only_the_loopback_names_are_served(call: Call, host: str) -> None:
    assert call("GET", "/", HTTP_HOST=host).status == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8377", "[::1]:8377", "LOCALHOST"])
def test_every_loopback_name_is_served(call: Call, host: str) -> None:
    assert call("GET", "/", HTTP_HOST=host).status == 200


def test_a_page_from_elsewhere_may_not_ask(call: Call) -> None:
    body = {"text": REPEAL}
    assert call("POST", "/api/check", body, HTTP_ORIGIN="https://example.org").status == 403
    assert call("POST", "/api/check", body, HTTP_ORIGIN="null").status == 403
    assert call("POST", "/api/check", body, HTTP_ORIGIN="http://127.0.0.1:8377").status == 200


def test_nothing_that_is_sent_is_logged_or_written(
    lab_app: Any, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = server(lab_app)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    secret = REPEAL.replace("No task force", "Zebra crossing")
    for path in ("api/check", "api/prove", "api/brief", "api/nowhere"):
        sent = urllib.request.Request(
            address(made) + path, json.dumps({**ALERT, "text": secret}).encode(), {"Content-Type": "application/json"}
        )
        try:
            urllib.request.urlopen(sent, timeout=60).read()
        except urllib.error.HTTPError as error:
            assert path == "api/nowhere" and error.code == 404
    made.shutdown()
    made.server_close()
    shown = capfd.readouterr()
    assert shown.out + shown.err == ""
    assert not list(tmp_path.rglob("*"))


def test_the_server_answers_on_loopback_only(lab_app: Any) -> None:
    made = server(lab_app)
    assert made.server_address[0] == "127.0.0.1"
    made.server_close()
