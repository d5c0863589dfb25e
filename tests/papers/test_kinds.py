"""What kind a paper is said to be; above all, that no paper of an officer is ever called a court's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightline.papers import ADMINISTRATIVE, JUDICIAL, KINDS, Reading
from brightline.papers.open import open_paper
from brightline.papers.paper import Field, Page, Paper
from brightline.papers.understand import understand
from tests.papers import made
from tests.papers.made import Draft, Made, hard_cases, person, text_papers

P = person(3)
OFFICERS = [make(P, n) for make in (made.i247a, made.i200, made.i205, made.i138) for n in (0, 1, 5, 6, 7)]
COURTS = [
    *(make(P, n) for make in (made.judicial_warrant, made.judicial_subpoena, made.court_order) for n in range(3)),
]
COURT_LINES = [
    *sorted({line for draft in COURTS for line in draft.lines if line}),
    "SIGNED BY A FEDERAL JUDGE",
    "THIS IS A JUDICIAL WARRANT",
    "Fed. R. Crim. P. 4, 9, 41",
    "Article III judge of the United States District Court",
]


def reading(data: bytes, name: str = "paper") -> Reading:
    return understand(open_paper(data, name))


def of_text(text: str, *, pictured: bool = False) -> Reading:
    page = Page(1, is_picture=True, seen=text) if pictured else Page(1, text)
    return understand(Paper("paper", "pdf", (page,)))


def test_the_nine_kinds() -> None:
    assert list(KINDS) == [*made.MADE_KINDS, "unknown"]
    assert {name for name, kind in KINDS.items() if kind.judge} == {"judicial_warrant", "court_order"}
    assert KINDS["unknown"].judge is None


@pytest.mark.parametrize("paper", text_papers(), ids=lambda m: m.name)
def test_a_made_paper_is_what_it_is(paper: Made) -> None:
    told = reading(paper.data).foremost()
    assert told.kind == paper.kind
    assert any(r.speaks == "for" and r.kind == paper.kind for r in told.why)
    assert told.issuer == {"judicial_warrant": "judge", "court_order": "judge", "judicial_subpoena": "clerk"}.get(
        paper.kind, "unknown" if paper.kind == "letter" else "officer"
    )


@pytest.mark.parametrize("paper", hard_cases(), ids=lambda m: m.name)
def test_a_hard_case(paper: Made) -> None:
    told = reading(paper.data)
    assert told.kind == paper.expect
    assert tuple(r.kind for r in told.papers) == paper.inside
    assert told.why


def test_an_unsigned_warrant_says_why_it_is_unknown() -> None:
    told = reading(made.as_pdf(made.judicial_warrant(P, 0, signed=False)))
    assert told.kind == "unknown"
    assert "the line for the judge's signature is empty" in [r.words for r in told.why if r.speaks == "against"]


def test_an_unsigned_order_is_unknown() -> None:
    assert reading(made.as_pdf(made.court_order(P, 0, signed=False))).kind == "unknown"


@pytest.mark.parametrize(
    ("lost", "sentence"),
    [
        ("UNITED STATES DISTRICT COURT", "no court is named at its head"),
        ("Hon. ", "no signature line of a judge or magistrate judge is on it"),
        ("ARREST WARRANT", "no title of such a paper is on a line of its own"),
        ("AO 442", "neither the number of a court's form nor a rule of procedure is on it"),
    ],
)
def test_a_warrant_that_lacks_one_thing_is_unknown(lost: str, sentence: str) -> None:
    lines = [line for line in made.judicial_warrant(P, 0).lines if not line.startswith(lost)]
    told = of_text("\n".join(lines))
    assert told.kind == "unknown"
    assert sentence in [r.words for r in told.why if r.speaks == "against"]


def test_a_letter_that_speaks_of_a_warrant_is_noted() -> None:
    claim = next(m for m in hard_cases() if m.name == "letter that claims to be a warrant")
    assert "a letter is no warrant" in reading(claim.data).notes[0]
    assert reading(made.as_pdf(made.letter_text(P, 1))).notes == ()


def test_a_states_court_gives_no_federal_warrant() -> None:
    text = "\n".join(made.judicial_warrant(P, 0).lines).replace(
        "UNITED STATES DISTRICT COURT", "SUPERIOR COURT OF INVENTED COUNTY"
    )
    told = of_text(text)
    assert told.kind == "unknown"
    assert "the court at its head is not a federal one" in [r.words for r in told.why]


def test_an_immigration_judges_signature_is_no_judges() -> None:
    text = "\n".join(made.judicial_warrant(P, 0).lines).replace("United States Magistrate Judge", "Immigration Judge")
    assert of_text(text).kind == "unknown"


def test_a_page_that_was_not_read_makes_no_judges_paper() -> None:
    text = "\n".join(made.judicial_warrant(P, 0).lines)
    told = understand(Paper("paper", "pdf", (Page(1, text), Page(2, is_picture=True))))
    assert told.kind == "unknown"
    assert "page 2 is a picture that could not be read" in told.notes[0]


def test_text_and_picture_that_differ_make_no_judges_paper() -> None:
    text = "\n".join(made.judicial_warrant(P, 0).lines)
    told = understand(Paper("paper", "pdf", (Page(1, text, seen="A recipe for bread: flour, water, salt, time."),)))
    assert told.kind == "unknown"
    same = understand(Paper("paper", "pdf", (Page(1, text, seen=text),)))
    assert (same.kind, same.sure) == ("judicial_warrant", True)


def test_a_picture_hardly_read_makes_no_judges_paper() -> None:
    words = "\n".join(made.judicial_warrant(P, 0).lines)
    assert of_text(words, pictured=True).kind == "judicial_warrant"
    assert of_text(words + "\n" + "\u25af " * 60, pictured=True).kind == "unknown"


def test_a_form_number_in_a_field_makes_no_judges_paper() -> None:
    text = "\n".join(made.judicial_warrant(P, 0).lines)
    paper = Paper("paper", "pdf", (Page(1, text),), (Field("Remarks", "see DHS Form I-200"),))
    assert understand(paper).kind == "unknown"


def test_a_file_with_two_officers_forms_names_both() -> None:
    told = reading(made.as_pdf(made.i247a(P), made.i205(P)))
    assert (told.kind, told.sure) == ("i247a", False)
    assert "the file also holds: Administrative removal warrant (DHS Form I-205)" in told.notes


def test_form_i203_is_none_of_the_kinds() -> None:
    text = "DEPARTMENT OF HOMELAND SECURITY\nORDER TO DETAIN OR RELEASE ALIEN\n(Signature of immigration officer)\nForm I-203 (1/05)"
    told = of_text(text)
    assert (told.kind, told.issuer) == ("unknown", "officer")


@pytest.mark.parametrize(("edition", "n"), [("I-247A", 0), ("I-247D", 5), ("I-247N", 6), ("I-247", 7)])
def test_the_editions_of_the_detainer(edition: str, n: int) -> None:
    assert of_text("\n".join(made.i247a(P, n).lines)).values("edition") == (edition,)


def test_the_foremost_paper_is_never_chosen_across_the_line() -> None:
    warrant, officer = made.as_pdf(made.judicial_warrant(P, 1)), made.as_pdf(made.i200(P))
    told = reading(made.as_email("Please see attached.", [("a.pdf", officer), ("b.pdf", warrant)]))
    assert told.foremost() is told
    both = reading(made.as_email("Please see attached.", [("a.pdf", officer), ("b.pdf", made.as_pdf(made.i247a(P)))]))
    assert both.foremost().kind == "i247a"


# --- whatever is pasted into it ---------------------------------------------------------------------


def spelled(text: str, way: str) -> str:
    """The same words to the eye."""
    return {
        "as it is": text,
        "spaced": text.replace("I-2", "I - 2").replace("WARRANT", "W A R R A N T"),
        "zero width": "\u200b".join(text),
        "look-alikes": text.translate(str.maketrans("AEOPCaeopc", "АЕОРСаеорс")),
        "full width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
        "dashes": text.replace("-", "\u2013").replace(" ", "\u00a0"),
        "small": text.lower(),
    }[way]


WAYS = ("as it is", "spaced", "zero width", "look-alikes", "full width", "dashes", "small")


@settings(max_examples=400, deadline=None)
@given(
    draft=st.sampled_from(OFFICERS),
    pasted=st.lists(st.tuples(st.integers(0, 40), st.sampled_from(COURT_LINES)), max_size=12),
    whole=st.none() | st.tuples(st.integers(0, 40), st.sampled_from(COURTS)),
    lost=st.sets(st.integers(0, 40), max_size=3),
    way=st.sampled_from(WAYS),
    pictured=st.booleans(),
)
def test_no_words_of_a_court_make_an_officers_form_a_judges(
    draft: Draft,
    pasted: list[tuple[int, str]],
    whole: tuple[int, Draft] | None,
    lost: set[int],
    way: str,
    pictured: bool,
) -> None:
    lines = [spelled(line, way) for at, line in enumerate(draft.lines) if at not in lost]
    for at, line in pasted:
        lines.insert(at, line)
    if whole is not None:
        lines[whole[0] : whole[0]] = whole[1].lines
    told = of_text("\n".join(lines), pictured=pictured)
    assert told.kind not in JUDICIAL
    assert told.issuer != "judge"


@settings(max_examples=100, deadline=None)
@given(draft=st.sampled_from(OFFICERS), court=st.sampled_from(COURTS), first=st.booleans(), hidden=st.booleans())
def test_no_page_of_a_court_makes_an_officers_form_a_judges(
    draft: Draft, court: Draft, first: bool, hidden: bool
) -> None:
    a, b = "\n".join(draft.lines), "\n".join(court.lines)
    if hidden:  # one is seen, the other lies under it
        pages = (Page(1, a, is_picture=True, seen=b),) if first else (Page(1, b, is_picture=True, seen=a),)
    else:
        pages = (Page(1, a), Page(2, b)) if first else (Page(1, b), Page(2, a))
    told = understand(Paper("paper", "pdf", pages))
    assert told.kind not in JUDICIAL
    assert told.issuer != "judge"


@settings(max_examples=100, deadline=None)
@given(draft=st.sampled_from(OFFICERS), words=st.text(max_size=300))
def test_an_officers_form_stays_one_whatever_is_added_below(draft: Draft, words: str) -> None:
    told = of_text("\n".join(draft.lines) + "\n\n" + words)
    assert told.kind in {*ADMINISTRATIVE, "unknown"}


@settings(deadline=None)
@given(st.lists(st.sampled_from(COURT_LINES), max_size=8))
def test_an_email_is_never_a_judges_paper(lines: list[str]) -> None:
    assert reading(made.as_email("\n".join(lines))).kind in ("letter", "unknown")
