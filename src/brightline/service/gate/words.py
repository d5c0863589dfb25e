"""The words of the gate's pages: facts, acts, channels and kinds of information, as people say them.

What belongs to the law is said by `brightline.reason` in the language of `speaking`; what belongs to the pages by Django.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.utils.functional import Promise
from django.utils.timezone import override
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from brightline.law.vocabulary import MEANT, Fact, Record
from brightline.papers import KINDS
from brightline.reason import say
from brightline.reason.explain import verdict_words
from brightline.reason.speech import LANGUAGES, speaking
from brightline.reason.speech import _ as spoken_word
from brightline.service.gate.law import law
from brightline.service.people.guard import me

# strictest first, as everywhere in the house
VERDICTS = ("conflict", "barred", "required", "contested", "unsettled", "excepted", "unreached")
CHANNELS: dict[str, Promise] = {
    "email": lazy("e-mail"),
    "letter": lazy("letter"),
    "telephone": lazy("telephone"),
    "fax": lazy("fax"),
    "in_person": lazy("in person"),
    "database": lazy("database"),
    "portal": lazy("portal"),
    "task_force": lazy("task force"),
    "other": lazy("another way"),
}
INFORMATION: dict[str, Promise] = {
    "incarceration_status": lazy("whether the person is in custody"),
    "release_date": lazy("date of release"),
    "court_date": lazy("date in court"),
    "appointment_date": lazy("date of an appointment"),
    "location": lazy("where the person is"),
    "home_address": lazy("home address"),
    "work_address": lazy("work address"),
    "contact_details": lazy("telephone or e-mail"),
    "country_of_birth": lazy("country of birth"),
    "immigration_status": lazy("citizenship or immigration status"),
    "identifying_information": lazy("other identifying information"),
    "photograph": lazy("photograph"),
    "fingerprints": lazy("fingerprints"),
    "criminal_history": lazy("arrests or convictions"),
    "case_information": lazy("about a case"),
    "medical_information": lazy("medical information"),
    "other": lazy("something else"),
}
TITLES = {kind.title for kind in KINDS.values()}
# What a look-up of a record number found: for reviewers and auditors alone.
WHY: dict[str, Promise] = {
    "sealed": lazy("the record is sealed"),
    "absent": lazy("the agency holds no record of this number"),
    "held": lazy("the agency holds the record, and it is not sealed"),
}
# What the record of a step is called in a history. A step that is not here is named by its own word.
STEPS: dict[str, Promise] = {
    "receive": lazy("Received and judged"),
    "amend": lazy("What was entered was put right"),
    "paper": lazy("A paper was kept"),
    "answer": lazy("A question was answered"),
    "number": lazy("A record number was looked up"),
    "waive": lazy("Signed why a statement need not be verified"),
    "propose": lazy("A decision was proposed"),
    "second": lazy("The second person has looked"),
    "review": lazy("The emergency was reviewed"),
    "decide": lazy("Decided"),
    "answer letter": lazy("The letter was signed"),
    "tell": lazy("What happened was noted"),
    "follow up": lazy("What came of it was noted"),
    "view": lazy("The request was opened"),
}


def spoken(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that says the law's words in the reader's language, and times as they are where the agency is."""

    @wraps(view)
    def inside(request: Any, *args: Any, **kwargs: Any) -> Any:
        code = (get_language() or "en")[:2]
        with speaking(code if code in LANGUAGES else "en"), override(me(request).agency.zone()):
            return view(request, *args, **kwargs)

    return inside


def verdict(name: str) -> str:
    """A verdict as people say it; a request that was never judged cannot be told."""
    return verdict_words(name) if name in VERDICTS else verdict_words("unsettled")


def fact(name: str, value: Any) -> str:
    """A fact with its value as a sentence: "The request is for information." An unknown one is named, and said to be so."""
    if value is None:
        return _("Not known: {question}").format(question=question(name))
    if name.startswith(MEANT):
        said = say.action(name.removeprefix(MEANT), law().vocabulary)
        return say.sentence((_("it was: {act}") if value else _("it was not: {act}")).format(act=said))
    return say.sentence(say.value(name, value, law().vocabulary))


def records(name: str, told: dict[str, Any]) -> list[str]:
    """Each record of a list as a sentence, and whether the list is complete."""
    declared = law().vocabulary.records[name]
    said = []
    for one in told.get("records") or []:
        parts = [field_value(declared, field, v) for field, v in one.items() if v is not None]
        said.append(say.sentence("; ".join(parts)) if parts else _("A record of which nothing more is known."))
    if not said:
        said.append(_("No record is listed."))
    said.append(_("The list is complete.") if told.get("complete") else _("The list may not be complete."))
    return said


def field_value(record: Record, name: str, value: Any) -> str:
    """One field of a record with its value."""
    field = record.field(name)
    if field is None:
        return name.replace("_", " ")
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, str):
        return spoken_word(field.said.get(value, value.replace("_", " ")))
    return f"{field_name(field)}: {value:g} {spoken_word(field.unit)}"


def field_name(field: Fact) -> str:
    """What a field of a record is called over its column."""
    return say.sentence(spoken_word(field.question or field.name_said or field.name.replace("_", " "))).rstrip(".")


def question(name: str) -> str:
    """The plain question about a fact."""
    if name.startswith(MEANT):
        return _("Was it: {act}?").format(act=say.action(name.removeprefix(MEANT), law().vocabulary))
    return say.question(name, law().vocabulary)


def choice(name: str, value: str) -> str:
    """A value of a closed list, as a sentence to choose."""
    return say.sentence(say.value(name, value, law().vocabulary))


def information(name: str) -> str:
    return str(INFORMATION.get(name, name.replace("_", " ")))


def channel(name: str) -> str:
    return str(CHANNELS.get(name, name))


def shown_by(told: str) -> str:
    """What shows a fact, as it was written; the title of a kind of paper in the reader's language."""
    return _(told) if told in TITLES else told


def why(found: str) -> str:
    return str(WHY.get(found, found))


def step(what: str) -> str:
    return str(STEPS.get(what, what))


def plain(text: object) -> str:
    """The sentence of a step for a page: a capital letter, a full stop, and plain words for the vocabulary's names."""
    vocabulary = law().vocabulary

    def said(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in vocabulary.facts or name in vocabulary.records:
            return "“" + question(name).rstrip("?") + "”"
        return name.replace("_", " ") if "_" in name else found.group(0)

    return say.sentence(re.sub(r"`?\b([a-z0-9]+(?:_[a-z0-9]+)+)\b`?", said, str(text)))
