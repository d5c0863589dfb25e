"""The application in Spanish: the steps' own sentences, days, the clock of the agency, and letters in their own language."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils.translation import override, trans_real

from brightline.papers import KINDS
from brightline.report.statutory import Event
from brightline.service.gate import decide, follow, letters, numbers
from brightline.service.gate.errors import GateError
from brightline.service.gate.forms_registers import told_fields
from brightline.service.gate.models import Request
from brightline.service.gate.receive import receive
from brightline.service.home import home
from brightline.service.look.catalogue import compile_words
from tests.service.conftest import STATED_CRIME, People
from tests.service.test_steps import verified

Browser = Callable[[str], Client]


@pytest.fixture(scope="module", autouse=True)
def catalogue() -> Iterator[None]:
    """The Spanish catalogue, compiled as `serve` does; Django reads it once and keeps it."""
    compile_words()
    trans_real._translations.clear()
    yield
    shutil.rmtree(home().words)
    trans_real._translations.clear()


@pytest.fixture
def spanish(browser: Browser) -> Browser:
    def signed_in(role: str) -> Client:
        client = browser(role)
        client.cookies["django_language"] = "es"
        return client

    return signed_in


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_step_says_in_spanish_why_it_cannot_be_taken(request_made: Request, people: People) -> None:
    with override("es"):
        with pytest.raises(GateError, match="esto no se puede conceder: el resultado se apoya en declaraciones"):
            decide.propose(request_made, people["officer"], "granted", "a reason")
        decide.propose(request_made, people["officer"], "refused", "a reason")
        with pytest.raises(GateError, match="“decidida, por responder”; no se puede decidir otra vez"):
            decide.propose(request_made, people["officer"], "refused", "a reason")
        with pytest.raises(GateError, match="tiene letras o cifras"):
            numbers.digest("--")
    with pytest.raises(GateError, match="decided, to be answered; it cannot be decided again"):
        decide.propose(request_made, people["officer"], "refused", "a reason")


def test_a_contradiction_in_what_happened_is_said_in_spanish(request_made: Request, people: People) -> None:
    with override("es"), pytest.raises(GateError, match="lo que pasó: en `released` dice no"):
        decide.tell(request_made, people["officer"], {"released": False, "released_at": "2025-03-14T15:00:00+00:00"})


@pytest.mark.parametrize("page_of", ["", "decision/"])
def test_sealed_and_absent_have_one_sentence_in_spanish(
    request_made: Request, people: People, spanish: Browser, page_of: str
) -> None:
    numbers.load(request_made.agency, people["records"], [], [numbers.digest("S-1")])
    shown = []
    for number in ("S-1", "S-2"):
        asked = receive(
            people["officer"], received_at=datetime(2025, 3, 14, 15, tzinfo=UTC), asked=["share_personal_information"],
            facts=STATED_CRIME,
        )  # fmt: skip
        numbers.look_up(asked, people["officer"], number)
        address = f"/requests/{asked.number}/{page_of}"
        shown += re.findall(r"<strong>Ning[^<]*expediente[^<]*</strong>", page(spanish("officer"), address))
        told = page(spanish("reviewer"), address)
        assert {"S-1": "el expediente está sellado", "S-2": "la agencia no tiene ningún expediente"}[number] in told
    assert shown == ["<strong>Ningún expediente que se pueda divulgar.</strong>"] * 2


@pytest.mark.parametrize("reader", ["en", "es"])
def test_who_signs_is_named_in_the_language_of_the_letter(request_made: Request, people: People, reader: str) -> None:
    verified(request_made, people)
    made = decide.propose(request_made, people["officer"], "partly", "a criminal case", release={"Case": "INVENTED-7"})
    decide.second(made, people["reviewer"], True)
    with override(reader):
        drafts = {language: letters.draft(request_made, people["officer"], language) for language in ("en", "es")}
    titles = {language: (d.signed.title, d.second and d.second.title) for language, d in drafts.items()}
    assert titles == {"en": ("officer", "reviewer"), "es": ("trámite", "revisión")}


def test_a_day_is_written_as_the_reader_writes_it(request_made: Request, spanish: Browser, browser: Browser) -> None:
    address = f"/requests/{request_made.number}/"
    assert "14 de marzo de 2025, 11:00" in page(spanish("officer"), address)
    client = browser("officer")
    client.cookies["django_language"] = "en"
    assert "14 March 2025, 11:00" in page(client, address)


def test_times_are_by_the_clock_of_the_agency(people: People, browser: Browser) -> None:
    """At 05:00 UTC it is the fifteenth in New York, by whose clock the installation runs, and the fourteenth in Honolulu."""
    agency = people["officer"].agency
    agency.time_zone = "Pacific/Honolulu"
    agency.save()
    asked = receive(
        people["officer"], received_at=datetime(2025, 3, 15, 5, tzinfo=UTC), asked=["share_personal_information"],
        office=("ice_hsi", "HSI Example Office"), facts=STATED_CRIME,
    )  # fmt: skip
    assert asked.office is not None
    told = page(browser("officer"), f"/offices/{asked.office.pk}/")
    assert "2025-03-14" in told and "2025-03-15" not in told


def test_what_happened_is_asked_in_spanish(request_made: Request, spanish: Browser) -> None:
    told = page(spanish("officer"), f"/requests/{request_made.number}/happened/")
    questions = [str(Event.model_fields[name].description) for names in told_fields().values() for name in names]
    assert len(questions) > 20
    assert not [q for q in questions if q in told]
    assert "¿Qué permitió el traslado?" in told and "Operaciones de Detención y Deportación" in told


def test_a_kind_of_paper_is_named_in_spanish(request_made: Request, people: People, spanish: Browser) -> None:
    request_made.facts["request"]["shown_by"] = KINDS["i247a"].title  # as a paper that was read has filled it in
    request_made.save()
    told = page(spanish("officer"), f"/requests/{request_made.number}/")
    assert "Detainer o retención migratoria" in told and KINDS["i247a"].title not in told


def test_an_outcome_that_is_none_is_refused_in_spanish(request_made: Request, people: People) -> None:
    verified(request_made, people)
    made = decide.propose(request_made, people["officer"], "granted", "a criminal case")
    decide.second(made, people["reviewer"], True)
    with override("es"), pytest.raises(GateError, match="diga qué lo muestra"):
        follow.came(request_made.follow_up, people["officer"], "charge")
