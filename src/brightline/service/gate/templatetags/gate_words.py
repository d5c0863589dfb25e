"""Words of the law for templates: a verdict and a basis as marks, facts and acts as people say them."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from brightline.reason import say
from brightline.reason.speech import _ as spoken_word
from brightline.service.gate import words
from brightline.service.gate.law import law
from brightline.service.gate.models import Came

register = template.Library()


@register.simple_tag
def verdict(name: str) -> SafeString:
    """A verdict in its colour, with its word."""
    known = name if name in words.VERDICTS else "unsettled"
    return format_html('<span class="mark v-{}">{}</span>', known, words.verdict(known))


@register.simple_tag
def basis(name: str | None) -> SafeString:
    """Whether a fact is verified, only stated, or not known."""
    said = {"verified": _("verified"), "stated": _("only stated")}.get(name or "", _("not known"))
    return format_html('<span class="mark basis-{}">{}</span>', name or "unknown", said)


@register.simple_tag
def truth(name: str) -> SafeString:
    """Whether a condition holds."""
    said = {"true": _("yes"), "false": _("no")}.get(name, _("not known"))
    return format_html('<span class="truth {}">{}</span>', name, said)


@register.filter
def verdict_word(name: str) -> str:
    return words.verdict(name)


@register.filter
def act(name: str) -> str:
    """An act as people say it."""
    return say.action(name, law().vocabulary)


@register.filter
def actor(name: str) -> str:
    """An agency as people write it."""
    return say.actor(name, law().vocabulary)


@register.filter
def channel(name: str) -> str:
    return words.channel(name)


@register.filter
def information(name: str) -> str:
    return words.information(name)


@register.filter
def step(what: str) -> str:
    return words.step(what)


@register.filter
def why(told: str) -> str:
    """Why a request was stopped, for those who may see it."""
    return words.why(told)


@register.filter
def law_name(name: str) -> str:
    """A law that is not encoded, as people call it."""
    return spoken_word(name)


@register.filter
def sentence(text: Any) -> str:
    """A phrase with a capital letter and a full stop."""
    return say.sentence(str(text)) if text else ""


@register.filter
def plain(text: Any) -> str:
    """The sentence of a step, without the names of the vocabulary."""
    return words.plain(text)


@register.filter
def came(outcome: str) -> str:
    """What came of a grant."""
    return str(Came(outcome).label) if outcome in Came.values else outcome


@register.filter
def reading(choice: str) -> str:
    """A reading of an ambiguous clause, by the words of its name."""
    return "“" + spoken_word(choice.partition(".")[2].replace("_", " ")) + "”"
