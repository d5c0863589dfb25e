"""The forms about people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from brightline.service.people.models import Person, Role, Scope
from brightline.service.people.tokens import MOST_DAYS


class FirstRun(forms.Form):
    """The agency and its administrator, made once."""

    agency = forms.CharField(label=_("Name of the agency"), max_length=200)
    actor = forms.ChoiceField(label=_("Which kind of agency is it?"))
    time_zone = forms.CharField(label=_("Time zone"), initial="America/New_York", max_length=60)
    address = forms.CharField(
        label=_("Address, as it stands in a letter"), widget=forms.Textarea({"rows": 3}), required=False
    )
    name = forms.CharField(label=_("Your name"), max_length=150)
    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("A password of at least 12 characters"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_time_zone(self) -> str:
        from zoneinfo import available_timezones

        zone = str(self.cleaned_data["time_zone"])
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone; write it as America/New_York."))
        return zone

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, Person(email=self.data.get("email", ""), name=self.data.get("name", "")))
        return password


class Invitation(forms.Form):
    """Somebody new, and their role."""

    name = forms.CharField(label=_("Name"), max_length=150)
    title = forms.CharField(label=_("Title"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class NewRole(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class NewPassword(forms.Form):
    """A password, chosen with the link of an invitation. The second field catches a slip of the hand."""

    password = forms.CharField(
        label=_("A password of at least 12 characters"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self._person)
        return password

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(_("The two passwords differ; write the same one twice."))
        return again


class NewToken(forms.Form):
    """A token for a program, with rights of one's role."""

    label = forms.CharField(label=_("What is it for?"), max_length=80)
    scopes = forms.MultipleChoiceField(label=_("What may it do?"), widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(label=_("For how many days is it valid?"), min_value=1, max_value=MOST_DAYS, initial=90)

    def __init__(self, scopes: Iterable[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = frozenset(scopes)
        self.fields["scopes"].choices = [c for c in Scope.choices if c[0] in held]  # type: ignore[attr-defined]
