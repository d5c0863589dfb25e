"""The forms of one request: what came, the paper that it came on, and the words with which it is decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from brightline.reason import say
from brightline.service.gate import words
from brightline.service.gate.frame import Frame
from brightline.service.gate.law import law
from brightline.service.gate.models import Request, State, TaskForce
from brightline.service.people.models import Agency

LOCAL = "%Y-%m-%dT%H:%M"
# What can be asked of an agency, in groups. An act that is in no group is the agency's own, and is not asked for.
GROUPS = (
    (
        _("Information"),
        (
            "share_information", "share_personal_information", "share_status_information", "share_custody_information",
            "share_criminal_history", "share_sealed_record", "allow_database_access", "place_alert", "inquire_status",
        ),
    ),
    (
        _("A person in custody"),
        (
            "honor_detainer", "hold_past_release", "notify_release", "transfer_custody", "allow_interview",
            "prolong_detention", "arrest_on_civil_grounds",
        ),
    ),
    (_("A place"), ("allow_premises_access", "provide_office")),
    (
        _("Help"),
        (
            "use_resources", "operational_support", "participate_joint_operation", "accept_federal_direction",
            "perform_federal_functions", "enter_287g", "enter_detention_agreement", "use_immigration_interpreters",
        ),
    ),
)  # fmt: skip


class RequestForm(forms.Form):
    """What came: when, how, from whom, for what, and about whom."""

    received_at = forms.DateTimeField(
        label=_("Received"),
        help_text=_("The law of this day judges the request."),
        widget=forms.DateTimeInput({"type": "datetime-local"}, LOCAL),
    )
    channel = forms.ChoiceField(label=_("How it came"), required=False)
    actor = forms.ChoiceField(label=_("Agency that asks"), required=False)
    office = forms.CharField(
        label=_("Its office"),
        help_text=_("Written the same way each time, so that its history is found again."),
        max_length=200,
        required=False,
        widget=forms.TextInput({"list": "offices", "autocomplete": "off"}),
    )
    reference = forms.CharField(label=_("The requester's own number"), max_length=120, required=False)
    asked = forms.MultipleChoiceField(
        label=_("What is asked of your agency?"),
        help_text=_("Tick everything that is asked. A narrower act is asked for in the interview."),
        error_messages={"required": _("Tick at least one thing that is asked.")},
    )
    request = forms.ChoiceField(label=_("The form of the request"), required=False)
    words_asked = forms.CharField(
        label=_("What is asked, in the requester's own words"),
        max_length=8000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    words_purpose = forms.CharField(
        label=_("The purpose, in the requester's own words"),
        max_length=8000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    stated_purpose = forms.ChoiceField(label=_("Which purpose is that?"), required=False)
    task_force = forms.ChoiceField(label=_("Through a task force"), required=False)
    subject_name = forms.CharField(label=_("Name of the person"), max_length=200, required=False)
    subject_born = forms.CharField(
        label=_("Date of birth"), max_length=40, required=False, widget=forms.DateInput({"type": "date"})
    )
    subject_a_number = forms.CharField(label=_("A-number"), max_length=40, required=False)

    def __init__(self, agency: Agency, data: Any = None, kept: Request | None = None) -> None:
        first = initial(kept) if kept else {"received_at": timezone.now().astimezone(agency.zone())}
        super().__init__(data, initial=first)
        self.agency, self.kept = agency, kept
        unknown = [("", now("not known"))]
        self._offer("channel", [*unknown, *((n, str(t)) for n, t in words.CHANNELS.items())])
        self._offer("actor", [*unknown, *_actors()])
        self._offer("asked", [(a, say.action(a, law().vocabulary)) for _title, acts in GROUPS for a in acts])
        for name in ("request", "stated_purpose"):
            values = law().vocabulary.facts[name].values
            self._offer(name, [*unknown, *((v, words.choice(name, v).rstrip(".")) for v in values if v != "none")])
        forces = [(t.code, t.name) for t in TaskForce.objects.filter(agency=agency)]
        self._offer("task_force", [("", now("no")), *forces])
        if not forces:
            del self.fields["task_force"]
        self.offices = agency.offices.values_list("name", flat=True).distinct()[:200]

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """What can be asked, group by group: name, words, and whether it is ticked."""
        ticked = set(self["asked"].value() or [])
        said = dict(self.fields["asked"].choices)  # type: ignore[attr-defined]
        return [(str(title), [(a, said[a], a in ticked) for a in acts]) for title, acts in GROUPS]

    def clean_received_at(self) -> datetime:
        """A time without a zone is the agency's own."""
        told: datetime = self.cleaned_data["received_at"]
        return told.replace(tzinfo=self.agency.zone())

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("office") and not told.get("actor"):
            self.add_error("actor", now("Choose the agency to which the office belongs."))
        return told

    def told(self) -> Frame:
        given = self.cleaned_data
        facts = {
            name: {"value": given[name], "basis": "stated", "shown_by": "the request"}
            for name in ("request", "stated_purpose")
            if given[name] and given[name] != _value(self.kept, name)
        }
        return {
            "received_at": given["received_at"],
            "channel": given["channel"],
            "office": (given["actor"], given["office"]) if given["actor"] else None,
            "reference": given["reference"],
            "asked": given["asked"],
            "words": _filled({"asked": given["words_asked"], "purpose": given["words_purpose"]}),
            "subject": _filled({n: given[f"subject_{n}"] for n in ("name", "born", "a_number")}),
            "facts": facts,
            "task_force": given.get("task_force") or None,
        }


def initial(kept: Request) -> dict[str, Any]:
    """A request as the form shows it again."""
    said, subject = kept.words or {}, kept.subject or {}
    return {
        "received_at": kept.received_at.astimezone(kept.agency.zone()),
        "channel": kept.channel,
        "actor": kept.office.actor if kept.office else "",
        "office": kept.office.name if kept.office else "",
        "reference": kept.reference,
        "asked": kept.asked,
        "request": _value(kept, "request"),
        "stated_purpose": _value(kept, "stated_purpose"),
        "words_asked": said.get("asked", ""),
        "words_purpose": said.get("purpose", ""),
        "task_force": kept.task_force.code if kept.task_force else "",
        **{f"subject_{n}": subject.get(n, "") for n in ("name", "born", "a_number")},
    }


def _value(kept: Request | None, name: str) -> Any:
    return ((kept.facts.get(name) if kept else None) or {}).get("value") or ""


def _filled(told: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in told.items() if value}


def _actors() -> list[Any]:
    known = law().vocabulary.actors.values()
    named = [(a.name, say.sentence(say.actor(a.name, law().vocabulary)).rstrip("."), a.federal) for a in known]
    return [
        (now("Federal"), [(n, t) for n, t, federal in named if federal]),
        (now("State and local"), [(n, t) for n, t, federal in named if not federal]),
    ]


class PaperForm(forms.Form):
    """A paper as it came."""

    paper = forms.FileField(
        label=_("The e-mail (.eml), PDF or scan, as it came"),
        help_text=_("At most 25 MB. It is kept as it is, and what is read in it counts as stated, not as verified."),
        max_length=200,
        widget=forms.ClearableFileInput({"accept": ".eml,.pdf,.png,.jpg,.jpeg,.txt,message/rfc822,application/pdf"}),
        error_messages={"required": _("Choose the file first.")},
    )

    def clean_paper(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["paper"]
        if (file.size or 0) > settings.MOST_UPLOAD:
            raise forms.ValidationError(now("The file is larger than 25 MB: send only the pages of the request."))
        return file


def too_large(request: HttpRequest) -> bool:
    """Whether the upload was cut off at the limit, so that the form is incomplete."""
    return bool(getattr(request, "upload_too_large", False))


class FilterForm(forms.Form):
    """Which requests a list shows. Text is looked for in numbers and references alone: all else is encrypted."""

    q = forms.CharField(label=_("Number or reference"), max_length=60, required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    verdict = forms.ChoiceField(label=_("Verdict"), required=False)
    office = forms.ChoiceField(label=_("Office"), required=False)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, agency: Agency, data: Any) -> None:
        super().__init__(data)
        every = [("", now("all"))]
        self.fields["state"].choices = [*every, *State.choices]  # type: ignore[attr-defined]
        self.fields["verdict"].choices = [*every, *((v, words.verdict(v)) for v in words.VERDICTS)]  # type: ignore[attr-defined]
        offices = [(str(pk), name) for pk, name in agency.offices.values_list("pk", "name")]
        self.fields["office"].choices = [*every, *offices]  # type: ignore[attr-defined]
