"""What the pages for signing in ask: is there e-mail, must this person set up a factor, may they have tokens."""

from __future__ import annotations

from typing import Any

from django import template

from brightline.service.people import pages
from brightline.service.people.guard import needs_factor
from brightline.service.people.stage import vouched
from brightline.service.people.tokens import SCOPES

register = template.Library()


@register.simple_tag
def mail_is_set() -> bool:
    return pages.mail_is_set()


@register.simple_tag(takes_context=True)
def must_set_up(context: dict[str, Any]) -> bool:
    request = context["request"]
    return needs_factor(request.user) and not vouched(request, request.user)


@register.simple_tag(takes_context=True)
def may_have_tokens(context: dict[str, Any]) -> bool:
    return bool(SCOPES.get(context["request"].user.role))
