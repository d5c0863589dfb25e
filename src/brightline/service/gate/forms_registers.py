"""The forms of the registers: what happened, what came of a grant, task forces, record numbers, what was filed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from brightline.reason import say
from brightline.report.statutory import Definition, Event, fields, words
from brightline.report.statutory.event import FOLLOWS, GROUPS
from brightline.service.gate.law import law
from brightline.service.gate.models import Came, Request, TaskForce

SEPARATE = {"detainer_reasons": "person"}  # of the frame, but told where the person is told of
NONE = "none_of_these"
YES_NO = (("yes", _("yes")), ("no", _("no")), ("", _("not known")))
BOOL = {"yes": True, "no": False, "": None}
LOCAL = "%Y-%m-%dT%H:%M"


class YesNo(forms.ChoiceField):
    """Yes, no or not known: three choices, because what nobody knows is not a no. Its value is True, False or None."""

    def __init__(self, **more: Any) -> None:
        super().__init__(choices=YES_NO, widget=forms.RadioSelect, required=False, **more)

    def clean(self, value: Any) -> bool | None:
        return BOOL[super().clean(value)]

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no", None: ""}.get(value, value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != (data or ""))


class LocalTime(forms.Field):
    """A time as the agency's clock shows it. Django's own field would take it by the clock of the installation."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        for form in (LOCAL, f"{LOCAL}:%S"):
            try:
                return datetime.strptime(str(value).strip(), form)
            except ValueError:
                continue
        raise forms.ValidationError(_("This is no time; write it as 2026-11-28T14:30."))


class Lines(forms.CharField):
    """A list, one item a line."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), required=False, **more)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [" ".join(line.split())[:200] for line in str(super().clean(value)).splitlines() if line.strip()]


def day(label: Any, required: bool = True, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, **more)


# --- what happened -----------------------------------------------------------------------------------------------------


def told_fields() -> dict[str, list[str]]:
    """Group -> the fields of an event that are told there."""
    found: dict[str, list[str]] = {"information": [], "person": [], "access": []}
    for name, field in Event.model_fields.items():
        extra = field.json_schema_extra
        group = SEPARATE.get(name) or (str(extra["group"]) if isinstance(extra, dict) else "")
        if group in found and name != "person":
            found[group].append(name)
    return found


class Happened(forms.Form):
    """Made from the fields of an event, so that a new field of the reports is asked for without new code here."""

    def __init__(self, request: Request, data: Any = None) -> None:
        self.zone: ZoneInfo = request.agency.zone()
        initial = {n: _shown(n, v, self.zone) for n, v in request.happened.items() if n in Event.model_fields}
        super().__init__(data, initial=initial)
        for names in told_fields().values():
            for name in names:
                self.fields[name] = _field(name)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Title of a group, and its fields."""
        return [(_now(GROUPS[group]), [self[n] for n in names]) for group, names in told_fields().items()]

    def clean(self) -> dict[str, Any]:
        told = dict(super().clean() or {})
        for name, value in told.items():
            kind = fields.holds(Event, name)
            if kind == "moment" and value is not None:
                told[name] = self._moment(name, value)
            elif fields.many(Event, name):
                if NONE in value and len(value) > 1:
                    self.add_error(name, _("Tick either the kinds, or none of these."))
                told[name] = [] if value == [NONE] else (sorted(value) or None)
            elif kind != "yes_no":
                told[name] = value or None
        return told

    def _moment(self, name: str, value: datetime) -> str:
        """The time by the agency's clock. An hour that the clock skips in spring is no time."""
        moment = value.replace(tzinfo=self.zone)
        if datetime.fromtimestamp(moment.timestamp(), self.zone).replace(tzinfo=None) != value:
            self.add_error(name, _("There was no such time: the clock was put forward. Look at the hour again."))
        return moment.isoformat()

    def changed(self) -> dict[str, Any]:
        """Only what is different from before."""
        return {n: self.cleaned_data[n] for n in self.changed_data}


def _field(name: str) -> forms.Field:
    label = _now(str(Event.model_fields[name].description))
    kind = fields.holds(Event, name)
    choices = [(v, _now(words.word(v))) for v in fields.values(Event, name)]
    follows = FOLLOWS.get(name)
    help_text = _now("Leave it empty where the answer to the question before it is no.") if follows else ""
    if kind == "yes_no":
        return YesNo(label=label)
    if fields.many(Event, name):
        return forms.MultipleChoiceField(
            label=label, choices=[*choices, (NONE, _now("none of these"))], widget=forms.CheckboxSelectMultiple,
            required=False, help_text=_now("“None of these” says that there was none. Tick nothing at all if it is not known."),
        )  # fmt: skip
    if kind == "moment":
        return LocalTime(label=label, required=False, help_text=help_text)
    if kind == "vocabulary":
        actors = sorted(law().vocabulary.actors.values(), key=lambda a: (not a.federal, a.title))
        choices = [(a.name, say.actor(a.name, law().vocabulary)) for a in actors]
    if choices:
        return forms.ChoiceField(
            label=label, choices=[("", _now("not known")), *choices], required=False, help_text=help_text
        )
    return forms.CharField(label=label, required=False, max_length=200, help_text=help_text)


def _shown(name: str, value: Any, zone: ZoneInfo) -> Any:
    if fields.holds(Event, name) == "moment" and isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    if fields.many(Event, name):
        return list(value) or [NONE]
    return value


# --- follow-up ---------------------------------------------------------------------------------------------------------


class CameOf(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        choices=Came.choices,
        widget=forms.RadioSelect,
        help_text=_("“Nothing” is what somebody found out. If nobody found out, it is not known."),
    )
    shown_by = forms.CharField(
        label=_("What shows it?"),
        max_length=300,
        required=False,
        help_text=_("The docket, the court’s answer, the notice. Needed for a charge, a conviction and custody."),
    )


# --- task forces ---------------------------------------------------------------------------------------------------------


class TaskForceForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Short, as in “border-parcels”. It stands in addresses and reports, and stays as it is."),
    )
    agreement = forms.CharField(
        label=_("Agreement"), max_length=500, required=False, help_text=_("Its title, day, and where it can be read.")
    )
    federal_agencies = Lines(label=_("Federal agencies, one a line"))
    state_agencies = Lines(label=_("State agencies, one a line"))
    local_agencies = Lines(label=_("Local agencies, one a line"))
    purpose = forms.CharField(
        label=_("Primary purpose"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It is reported as it is written here: name no person."),
    )
    primarily_immigration = YesNo(label=_("Is immigration enforcement its primary purpose?"))
    certified_by = forms.CharField(
        label=_("Who certified the primary purpose?"),
        max_length=150,
        required=False,
        help_text=_("The role, not the name: “deputy commissioner, legal matters”."),
    )
    certified_on = day(_("On which day?"), required=False)
    certify_every_days = forms.IntegerField(
        label=_("To be certified again after how many days?"), min_value=1, initial=365
    )
    starts = day(_("First day"))
    ends = day(_("Last day"), required=False, help_text=_("Empty while it runs."))
    ongoing_resources = YesNo(label=_("Has the agency agreed to dedicate staff or resources on an ongoing basis?"))
    roles = forms.CharField(
        label=_("Officers assigned, by role"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One role a line, with a number: “detective: 3”. No names."),
    )

    def __init__(self, data: Any = None, known: TaskForce | None = None) -> None:
        initial = None
        if known is not None:
            initial = {n: getattr(known, n) for n in self.base_fields}
            initial["roles"] = "\n".join(f"{role}: {number}" for role, number in known.roles.items())
        super().__init__(data, initial=initial)
        if known is not None:
            del self.fields["code"]

    def clean_roles(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for line in str(self.cleaned_data["roles"]).splitlines():
            if not line.strip():
                continue
            role, colon, number = line.rpartition(":")
            if not colon or not role.strip() or not number.strip().isascii() or not number.strip().isdigit():
                raise forms.ValidationError(
                    _("“%(line)s” is no role with a number; write it as “detective: 3”."), params={"line": line[:60]}
                )
            found[" ".join(role.split())[:80]] = int(number.strip()[:6])
        return found


class ArrestsForm(forms.Form):
    """The yearly figures of Cal. Gov. Code § 7284.6(c)(1)(C)-(D). Empty: not known."""

    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    total = forms.IntegerField(
        label=_("Arrests in all"),
        min_value=0,
        required=False,
        help_text=_("Empty if it is not known; 0 if there was none."),
    )
    immigration = forms.IntegerField(
        label=_("People arrested for immigration enforcement"),
        min_value=0,
        required=False,
        help_text=_("Empty if it is not known; 0 if there was none."),
    )


# --- record numbers --------------------------------------------------------------------------------------------------------


class NumberForm(forms.Form):
    number = forms.CharField(
        label=_("Record number"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class Hashes(forms.Form):
    held = forms.FileField(
        label=_("Hashes of the records that the agency holds"),
        required=False,
        help_text=_("A text file with one hash a line, as “brightline numbers hash” writes it."),
    )
    sealed = forms.FileField(
        label=_("Hashes of those that are sealed"), required=False, help_text=_("A text file of the same kind.")
    )
    held_list = Lines(label=_("Or as a list: held"))
    sealed_list = Lines(label=_("Or as a list: sealed"))

    def lists(self) -> tuple[Iterable[str], Iterable[str]]:
        """Held and sealed, from the files and the lists together."""
        return self._list("held"), self._list("sealed")

    def clean(self) -> dict[str, Any]:
        told = dict(super().clean() or {})
        if not any(told.get(n) for n in self.fields):
            raise forms.ValidationError(_("Give a file, or a list: what is loaded replaces what was there before."))
        return told

    def _list(self, name: str) -> list[str]:
        upload = self.cleaned_data.get(name)
        text = upload.read().decode("ascii", "replace").splitlines() if upload else []
        return [*text, *self.cleaned_data[f"{name}_list"]]


# --- reports -----------------------------------------------------------------------------------------------------------------


class Supplied(forms.Form):
    """The lines of a report that no request can fill."""

    def __init__(self, definition: Definition, data: Any = None, known: dict[str, str] | None = None) -> None:
        super().__init__(data)
        for line in definition.lines:
            if line.count == "supplied":
                self.fields[_key(line.id)] = forms.CharField(
                    label=f"{line.clause}: {line.quote}",
                    max_length=500,
                    required=False,
                    initial=(known or {}).get(line.id),
                )
        self._ids = {_key(line.id): line.id for line in definition.lines}

    def figures(self) -> dict[str, str]:
        return {self._ids[n]: str(v) for n, v in self.cleaned_data.items()}


def _key(id: str) -> str:
    return "line-" + id.replace(".", "-")


class Filed(forms.Form):
    filed_on = day(_("On which day was it filed?"))
