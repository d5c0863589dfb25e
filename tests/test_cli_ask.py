"""`brightline ask` as a person meets it: the interview at the terminal, what it leaves, and what stops it."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from brightline.cli import app
from brightline.contact.file import read_contact
from brightline.contact.schema import Contact
from brightline.law.pack import Law
from brightline.reason.ask import Question, form, steps
from brightline.reason.decide import Decision, decide
from brightline.reason.reasoner import Reasoner, reasoner
from brightline.reason.speech import speaking
from tests.reason.random_contacts import known_contacts

PACKS = ("us-ny-nyc", "us-ny", "us-ca", "us-or", "us-tx")
RELEASE = ["--actor", "nypd", "--action", "notify_release", "--date", "2015-01-05"]
# Each group answers one question of the interview about RELEASE: a detainer with a warrant, and three judgments.
ANSWERS = [
    ["no; the opinion of the legal office", "2"],
    ["civil_detainer; Form I-247"],
    ["yes; the warrant"],
    ["2; e-Justice", "misdemeanor", "no", "3", "1", "no", "4.5 years", "yes", "1"],
]


def ask(*words: str | Path, lines: Sequence[str] = ()) -> Result:
    told = CliRunner().invoke(app, ["ask", *map(str, words)], input="".join(f"{x}\n" for x in lines))
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return told


def brightline(*words: str, answers: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "brightline.cli", *words]
    done = subprocess.run(command, input=answers, capture_output=True, cwd=cwd, check=False)
    assert b"Traceback" not in done.stderr, done.stderr
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def questions(told: Result) -> list[str]:
    """The questions that were put: each stands after an empty line."""
    after = [part.splitlines()[0] for part in told.stdout.split("\n\n")[1:] if part.strip()]
    return [line for line in after if line.endswith("?")]


def flat(groups: Sequence[Sequence[str]]) -> list[str]:
    return [line for group in groups for line in group]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "contact.yaml"


@pytest.fixture(scope="module")
def nyc(law: Law) -> Reasoner:
    return reasoner(law, ["us-ny-nyc"])


# --- the whole interview --------------------------------------------------------------------------


def typed(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def lines_of(question: Question, after: Contact, law: Law) -> list[str]:
    """What a person types to give the answer that the contact holds."""
    shows = ["1"] if question.stated_by else []
    if question.kind != "record":
        return [typed(after.facts[question.name].value), *shows]
    fields = [f.name for f in law.vocabulary.records[question.name].fields if f.name in question.values]
    entries = after.records[question.name].records
    return [str(len(entries)), *(typed(e[f]) for e in entries for f in fields), "yes", *shows]


def barred(decision: Decision) -> str:
    """The verdict; that an exception holds and that no norm reaches are one, for neither bars."""
    return "not barred" if decision.verdict in ("excepted", "unreached") else decision.verdict


def test_the_interview_ends_with_the_decision_on_the_file_it_leaves(law: Law, tmp_path: Path) -> None:
    judges = [reasoner(law, [pack]) for pack in PACKS]
    seen: set[str] = set()
    whole, generator = 0, random.Random(11)
    for judge, truth in known_contacts(law, judges, 300, seed=11):
        asked = list(steps(truth, judge))
        if any(question.kind == "act" for question, _ in asked) or len(asked) < 2 or generator.random() < 0.5:
            continue
        whole, path = whole + 1, tmp_path / f"{whole}.{'json' if whole % 2 else 'yaml'}"
        assert truth.date and truth.actor
        frame = ["--date", truth.date.isoformat(), "--actor", truth.actor, "--action", truth.asked[0]]
        packs = [x for p in judge.packs for x in ("--law", p)]
        told = ask(path, *frame, *packs, lines=flat([lines_of(q, c, law) for q, c in asked]))
        assert told.exit_code == 0, told.stdout
        assert questions(told) == [q.question for q, _ in asked]
        left, given = read_contact(path, law.vocabulary), asked[-1][1]
        assert {f: e.value for f, e in left.facts.items()} == {f: e.value for f, e in given.facts.items()}
        again = CliRunner().invoke(app, ["decide", str(path), *packs])
        assert again.exit_code == 0 and again.stdout in told.stdout
        decision = decide(left, judge)
        assert decision.sentence in told.stdout and barred(decision) == barred(decide(truth, judge))
        seen.add(decision.verdict)
    assert whole > 20 and {"barred", "excepted"} <= seen


def test_a_settled_contact_gets_no_question_and_its_file_is_left_alone(file: Path) -> None:
    text = "# as the clerk wrote it\ndate: 2015-01-05\nactor: nypd\nasked: [notify_release]\nfacts:\n  required_by_federal_law: yes\n"
    file.write_text(text)
    told = ask(file)
    assert told.exit_code == 0 and questions(told) == []
    assert "Not barred" in told.stdout and file.read_text() == text


def test_a_bare_start_asks_for_the_day_the_agency_and_the_act(
    law: Law, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = ask(lines=["5 January 2015", "nypd", "notify_release", "q"])
    assert questions(told)[:3] == ["On which day was it?", "Which agency was asked?", "What was asked or done?"]
    contact = read_contact(tmp_path / "contact.yaml", law.vocabulary)
    assert (contact.date, contact.actor, contact.asked) == (date(2015, 1, 5), "nypd", ["notify_release"])


def test_records_are_asked_for_field_by_field(law: Law, file: Path) -> None:
    told = ask(*RELEASE, "--out", file, lines=flat(ANSWERS))
    judgments = read_contact(file, law.vocabulary).records["judgment"]
    assert judgments.records == [
        {"offense_class": "misdemeanor", "youthful_or_juvenile": False, "years_before_arrest_without_prison": 3},
        {"offense_class": "violent_or_serious", "youthful_or_juvenile": False, "years_before_arrest_without_prison": 4.5},
    ]  # fmt: skip
    assert judgments.complete and judgments.shown_by == "e-Justice" and judgments.basis == "verified"
    assert told.stdout.count("Number 1: ") == told.stdout.count("Number 2: ") == 3


def test_a_list_of_which_nobody_knows_whether_it_is_whole_is_not_taken_for_whole(law: Law, file: Path) -> None:
    ask(*RELEASE, "--out", file, lines=[*flat(ANSWERS[:3]), "1", "other", "u", "u", "perhaps", "u", "1", "q"])
    judgments = read_contact(file, law.vocabulary).records["judgment"]
    assert judgments.records == [{"offense_class": "other"}] and not judgments.complete


# --- what nobody knows, and what is only stated -----------------------------------------------------


def test_what_nobody_knows_stays_null_and_is_not_asked_again(law: Law, nyc: Reasoner, file: Path) -> None:
    told = ask(*RELEASE, "--out", file, lines=["u"] * 30)
    assert told.exit_code == 0 and "Cannot tell" in told.stdout
    asked = questions(told)
    assert len(asked) == len(set(asked)) > 2
    contact = read_contact(file, law.vocabulary)
    assert contact.facts and {e.value for e in contact.facts.values()} == {None}
    assert set(contact.facts) <= set(form(contact, nyc))
    assert "request: {value: null}" in file.read_text()
    again = ask(file)
    assert again.exit_code == 0 and questions(again) == []


def test_a_day_that_nobody_knows_ends_the_interview_without_a_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = ask(lines=["u"])
    assert told.exit_code == 0 and "Cannot tell" in told.stdout
    assert list(tmp_path.iterdir()) == []


def test_what_is_only_stated_is_kept_as_stated_and_the_decision_rests_on_it(law: Law, file: Path) -> None:
    told = ask(*RELEASE, "--out", file, lines=["no", "stated", "civil_detainer", "no"])
    facts = read_contact(file, law.vocabulary).facts
    assert facts["required_by_federal_law"].basis == "stated"
    assert facts["judicial_warrant_with_detainer"].basis == "verified"
    assert "Barred by N.Y.C. Admin. Code § 14-154(b)(1)." in told.stdout
    assert "It would not hold without what is only stated: required_by_federal_law" in told.stdout


def test_a_fact_that_nobody_may_state_is_not_asked_who_shows_it(file: Path) -> None:
    told = ask(*RELEASE, "--out", file, lines=["no", "1", "civil_detainer", "q"])
    assert told.stdout.count("Who shows it?") == 1


def test_what_shows_an_answer_follows_a_semicolon(law: Law, file: Path) -> None:
    ask(*RELEASE, "--out", file, lines=["no; the opinion: 'none'; dated 3 May", "1", "q"])
    assert read_contact(file, law.vocabulary).facts["required_by_federal_law"].shown_by == (
        "the opinion: 'none'; dated 3 May"
    )


# --- answers that cannot be used ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "answer", "said"),
    [
        ([], "perhaps", "“perhaps” is neither yes nor no; type u when it is not known."),
        ([], "; Form I-247", "“” is neither yes nor no"),
        ([], "", "Answer yes, no, or u when it is not known."),
        (["no"], "3", "“3” is neither 1 nor 2."),
        (["no", "1"], "9", "“9” is none of these."),
        (["no", "1"], "civil_detainr", " Is it civil_detainer?"),
        (["no", "1"], "a", "“a” may be "),
        (flat(ANSWERS[:3]), "some", "“some” is no number in figures"),
        (flat(ANSWERS[:3]), "-1", "“-1” is no number in figures"),
        (flat(ANSWERS[:3]), "1000000000", "“1000000000” is no number in figures"),
        ([*flat(ANSWERS[:3]), "1", "other", "no"], "1,000", "“1,000” is no number in figures"),
        ([*flat(ANSWERS[:3]), "1", "other", "no"], "5 months", "“5 months” is no number in figures"),
        ([*flat(ANSWERS[:3]), "1", "other", "no"], "-2", "“-2” cannot be: a number from 0 up."),
        ([*flat(ANSWERS[:3]), "1", "other", "no"], "nan", "“nan” is no number in figures"),
    ],
)
def test_a_bad_answer_gets_a_sentence_and_the_question_again(
    file: Path, before: list[str], answer: str, said: str
) -> None:
    told = ask(*RELEASE, "--out", file, lines=[*before, answer])
    assert told.exit_code == 0
    assert said in told.stdout
    hints = [line.partition(" > ")[0] for line in told.stdout.splitlines() if line.startswith("[")]
    assert hints[-1] == hints[-2], "asked again"


@pytest.mark.parametrize("answer", ["2014-02-30", "5/6/2015", "soon after Easter", "2015-13-01"])
def test_a_day_that_cannot_be_gets_a_sentence(file: Path, answer: str) -> None:
    told = ask(file, lines=[answer, "2015-01-05", "q"])
    assert f"“{answer}” is no day of the calendar; write it as 2014-12-14." in told.stdout
    assert "date: 2015-01-05" in file.read_text()


def test_a_choice_is_taken_by_its_number_its_name_or_words_that_only_it_has(law: Law, tmp_path: Path) -> None:
    for n, answer in enumerate(("1", "civil_detainer", "Civil Detainer", "a civil det")):
        path = tmp_path / f"{n}.yaml"
        ask(*RELEASE, "--out", path, lines=["no", "1", answer, "q"])
        assert read_contact(path, law.vocabulary).facts["request"].value == "civil_detainer"


def test_bytes_that_are_no_text_are_no_crash(tmp_path: Path) -> None:
    told = brightline(
        "ask", *RELEASE, "--out", "c.yaml", answers=b"\xff\xfe\nno; \xff\x00 \x1b[D\n1\nq\n", cwd=tmp_path
    )
    assert told.returncode == 0, told.stderr
    assert "value: false" in (tmp_path / "c.yaml").read_text(encoding="utf-8")


def test_help_says_what_would_show_it_and_quotes_the_law(file: Path) -> None:
    told = ask(*RELEASE, "--out", file, lines=["?", "q"])
    assert "What would show it: the federal statute, or a court's order" in told.stdout
    assert "N.Y.C. Admin. Code § 14-154(d): “d. No conflict with existing law." in told.stdout
    assert not told.stdout.count("Who shows it?")


# --- back -------------------------------------------------------------------------------------------


def test_back_takes_an_answer_back(law: Law, file: Path) -> None:
    told = ask(*RELEASE, "--out", file, lines=["yes; a mistake", "b", "no", "1", "civil_detainer", "b", "b", "q"])
    first, _, _, third = questions(told)[0], *questions(told)[1:3], questions(told)[-1]
    assert first == third
    assert read_contact(file, law.vocabulary).facts == {}


def test_back_within_an_answer_asks_the_same_question_again(law: Law, file: Path) -> None:
    told = ask(*RELEASE, "--out", file, lines=[*flat(ANSWERS[:3]), "2", "other", "b", "0", "yes", "1", "q"])
    asked = questions(told)
    assert asked[3] == asked[4] and asked[3].startswith("Which judgments")
    contact = read_contact(file, law.vocabulary)
    assert contact.records["judgment"].records == [] and contact.records["judgment"].complete
    assert len(contact.facts) == 3


def test_back_at_the_first_question_says_that_there_is_none_before(file: Path) -> None:
    told = ask(*RELEASE, "--out", file, lines=["b", "q"])
    assert "There is no answer before this one." in told.stdout and len(questions(told)) == 2


def test_back_after_an_unknown_day_asks_for_it_again(file: Path) -> None:
    told = ask(file, "--actor", "nypd", lines=["2015-01-05", "b", "2016-01-05", "q"])
    assert questions(told) == ["On which day was it?", "What was asked or done?"] * 2
    assert "date: 2016-01-05" in file.read_text()


# --- stopped and gone on with -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_stopped_anywhere_and_gone_on_with_leaves_the_same_file(tmp_path: Path, kind: str) -> None:
    """After every line of every answer, by q and by the end of the input."""
    whole = tmp_path / f"whole.{kind}"
    assert ask(*RELEASE, "--out", whole, lines=flat(ANSWERS)).exit_code == 0
    for n, group in enumerate(ANSWERS):
        for k in range(len(group)):
            for end in (["q"], []):
                part = tmp_path / f"part-{n}-{k}-{len(end)}.{kind}"
                told = ask(*RELEASE, "--out", part, lines=[*flat(ANSWERS[:n]), *group[:k], *end])
                assert told.exit_code == 0 and f"To go on: brightline ask {part}" in told.stdout
                assert ("will be asked again" in told.stdout) == (k > 0)
                assert ask(part, lines=flat(ANSWERS[n:])).exit_code == 0
                assert part.read_text() == whole.read_text(), (n, k, end)


def test_the_same_command_goes_on_too(file: Path) -> None:
    for n in range(len(ANSWERS)):
        told = ask(*RELEASE, "--out", file, lines=[*ANSWERS[n], "q"])
        assert (f"Going on with {file}." in told.stdout) == (n > 0)
    assert "Not barred" in told.stdout


def test_ctrl_c_keeps_every_answer(law: Law, tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    heeds = partial(signal.signal, signal.SIGINT, signal.default_int_handler)  # also where the tests run behind
    command = ["-m", "brightline.cli", "ask", *RELEASE, "--out", "c.yaml"]
    child = pexpect.spawn(sys.executable, command, cwd=str(tmp_path), encoding="utf-8", timeout=60, preexec_fn=heeds)
    for hint, line in (("no, u] >", "no"), ("1 or 2] >", "1"), ("name] >", "civil_detainer")):
        child.expect(hint)
        child.sendline(line)
    child.expect("no, u] >")
    child.sendintr()
    child.expect("To go on: brightline ask c.yaml")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130 and "Traceback" not in child.before
    assert list(read_contact(tmp_path / "c.yaml", law.vocabulary).facts) == ["required_by_federal_law", "request"]
    ended = brightline("ask", "c.yaml", answers=b"no\n", cwd=tmp_path)
    assert "Barred by N.Y.C. Admin. Code § 14-154(b)(1)." in ended.stdout


def test_stopped_before_anything_was_known_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for lines in (["q"], ["?", "b"], []):
        told = ask(lines=lines)
        assert told.exit_code == 0 and "nothing was answered, and nothing was written" in told.stdout
        assert list(tmp_path.iterdir()) == []


def test_to_go_on_the_options_are_named_again(tmp_path: Path) -> None:
    path = tmp_path / "my contact.yaml"
    told = ask(*RELEASE, "--out", path, "--law", "us-ny-nyc", "--lang", "es", lines=["q"])
    assert f"brightline ask '{path}' --law us-ny-nyc --lang es" in told.stdout


def test_a_contact_kept_elsewhere_is_left_as_it_is(law: Law, tmp_path: Path) -> None:
    begun, kept = tmp_path / "begun.yaml", tmp_path / "kept.json"
    begun.write_text(text := "date: 2015-01-05\nactor: nypd\nasked: [notify_release]\nchannel: letter\n")
    ask(begun, "--out", kept, lines=["no", "1", "q"])
    ask(begun, "--out", kept, lines=["civil_detainer", "q"])
    assert begun.read_text() == text
    assert list(json.loads(kept.read_text())["facts"]) == ["required_by_federal_law", "request"]
    assert read_contact(kept, law.vocabulary).channel == "letter"


def test_that_a_narrower_act_was_not_meant_is_kept(law: Law, file: Path) -> None:
    frame = ["--actor", "nyc_doc", "--action", "share_information", "--date", "2025-03-14"]
    told = ask(*frame, "--out", file, lines=["no", "1", "no", "q"])
    assert questions(told)[1] == "Was it: tell federal authorities of a person's release?"
    again = ask(file, lines=["q"])
    assert again.exit_code == 0 and questions(again) != questions(told)[:1]
    assert decide(read_contact(file, law.vocabulary), reasoner(law, ["us-ny-nyc"])).verdict


def test_the_narrower_act_that_was_meant_stays_when_the_same_command_goes_on(law: Law, file: Path) -> None:
    frame = ["--actor", "nyc_doc", "--action", "share_information", "--date", "2025-03-14"]
    for lines in (["no", "1", "yes", "q"], ["q"]):
        assert ask(*frame, "--out", file, lines=lines).exit_code == 0
        assert read_contact(file, law.vocabulary).asked == ["notify_release"]


# --- what cannot be asked about ------------------------------------------------------------------------


def test_a_file_with_mistakes_is_refused_with_all_of_them(tmp_path: Path) -> None:
    wrong = Path(__file__).parents[1] / "docs" / "examples" / "wrong.yaml"
    told = brightline("ask", str(wrong), "--out", "c.yaml", answers=b"no\n", cwd=tmp_path)
    assert told.returncode == 2 and told.stdout == ""
    for said in ("line 1", "`notify_relase`", "`detainer` is not in its list", "did you mean `judicial_warrant`?"):
        assert said in told.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--actor", "nydp"], "did you mean `nypd`?"),
        (["--action", "notify_relase"], "did you mean `notify_release`?"),
        (["--date", "2015-02-30"], "this is no day of the calendar"),
        (["--law", "us-ny-nyk"], "did you mean `us-ny-nyc`?"),
        (["--lang", "fr"], "choose en or es"),
        (["--out", "nowhere/c.yaml"], "there is no folder `nowhere`"),
        (["nothere.yaml", "--out", "c.yaml"], "there is no file `nothere.yaml`"),
        (["."], "this is a folder, not a file"),
        (["old.yaml", "--actor", "nyc_doc"], "`old.yaml` holds another contact (nypd)"),
        (["old.yaml", "--action", "share_information"], "`old.yaml` holds another contact (honor_detainer)"),
        (["old.yaml", "--date", "2015-01-06"], "`old.yaml` holds another contact (2015-01-05)"),
        (["broken.json"], "this is not JSON"),
    ],
)
def test_no_input_gets_a_traceback(tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "old.yaml").write_text("date: 2015-01-05\nactor: nypd\nasked: [honor_detainer]\n")
    (tmp_path / "broken.json").write_text("{")
    told = brightline("ask", *words, cwd=tmp_path)
    assert told.returncode == 2 and said in told.stderr, told.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"old.yaml", "broken.json"}


# --- in Spanish ------------------------------------------------------------------------------------------


def test_in_spanish_the_questions_are_spanish(law: Law, nyc: Reasoner, tmp_path: Path) -> None:
    english, spanish = tmp_path / "en.yaml", tmp_path / "es.yaml"
    answers = ["no", "1", "civil_detainer", "sí", "u", "no", "1"]
    first = ask(*RELEASE, "--out", english, lines=answers)
    second = ask(*RELEASE, "--out", spanish, "--lang", "es", lines=answers)
    assert len(questions(first)) == len(questions(second)) > 3
    assert all(q.startswith("¿") for q in questions(second)), questions(second)
    assert english.read_text() == spanish.read_text()
    with speaking("es"):
        assert decide(read_contact(spanish, law.vocabulary), nyc).sentence in second.stdout
