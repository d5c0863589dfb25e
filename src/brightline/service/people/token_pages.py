"""The page of one's own tokens: make, see, revoke."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from brightline.service.people import tokens as steps
from brightline.service.people.errors import PeopleError
from brightline.service.people.forms import NewToken
from brightline.service.people.guard import READERS, me, open_to
from brightline.service.people.models import Role, Scope, Token


@open_to(*READERS)
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """Own tokens, and a form to make one. Its secret stands in the answer to the form, and nowhere else ever."""
    person = me(request)
    form = NewToken(steps.SCOPES[Role(person.role)], request.POST or None)
    problem, secret = "", None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            _made, secret = steps.make(person, told["label"], told["scopes"], told["days"])
            form = NewToken(steps.SCOPES[Role(person.role)])
        except PeopleError as error:
            problem = str(error)
    rows = [
        {"token": t, "scopes": [Scope(s).label for s in t.scopes], "over": t.expires <= timezone.now()}
        for t in Token.objects.filter(person=person).order_by("-made")
    ]
    wrong = problem or form.errors
    told_all = {"rows": rows, "form": form, "problem": problem, "secret": secret}
    return render(request, "people/tokens.html", told_all, status=422 if wrong else 200)


@open_to(*READERS)
@require_POST
def revoke_token(request: HttpRequest, number: int) -> HttpResponse:
    token = get_object_or_404(Token, pk=number, person=me(request))
    steps.revoke(me(request), token)
    messages.success(request, _("The token is revoked; the next call with it is refused."))
    return redirect("tokens")
