"""What every page may use: the links of the banner, bars, and the address of a list with one thing changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

register = template.Library()

# Name of an address and its title. An address that does not exist, or is not open to the reader, is left out.
PLACES = (
    ("home", _("Desk")),
    ("requests", _("Requests")),
    ("follow_ups", _("Follow-up")),
    ("task_forces", _("Task forces")),
    ("reports", _("Reports")),
    ("calendar", _("Calendar")),
    ("offices", _("Offices")),
    ("numbers", _("Record numbers")),
    ("audit", _("Audit")),
    ("people", _("People")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the banner."""

    href: str
    title: str
    here: bool


@register.simple_tag
def links(request: HttpRequest) -> list[Place]:
    """The pages that are open to the reader, in the order of the banner."""
    role = getattr(request.user, "role", "")
    found = []
    for name, title in PLACES:
        try:
            href = reverse(name)
        except NoReverseMatch:
            continue
        if name == "audit" and not settings.AUDIT:
            continue
        roles: frozenset[str] | None = getattr(resolve(href).func, "open_to", frozenset())
        if roles is None or role in roles:
            here = request.path == href or (href != "/" and request.path.startswith(href))
            found.append(Place(href, str(title), here))
    # a page stands under one place alone: the most exact one
    longest = max((len(p.href) for p in found if p.here), default=0)
    return [Place(p.href, p.title, p.here and len(p.href) == longest) for p in found]


@register.simple_tag
def bar(parts: Iterable[tuple[str, int]], most: int) -> SafeString:
    """A bar of several parts, (class, count) each, `most` being what the full width stands for.

    It says nothing that the figures beside it do not say, so that it is hidden from a screen reader.
    """
    drawn, at = [], 0.0
    for name, count in parts:
        width = 100 * count / most if most else 0
        if count:
            drawn.append((name, f"{at:.2f}", f"{max(width, 0.4):.2f}"))
        at += width
    rects = format_html_join("", '<rect class="{}" x="{}" width="{}" height="10"/>', drawn)
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100" height="10"/>{}</svg>',
        rects,
    )


@register.simple_tag
def swatch(name: str) -> SafeString:
    """A small square in the colour of a class, beside its word."""
    return format_html(
        '<svg class="bar swatch" viewBox="0 0 10 10" aria-hidden="true" focusable="false">'
        '<rect class="{}" width="10" height="10"/></svg>',
        name,
    )


@register.simple_tag(takes_context=True)
def with_page(context: template.Context, number: int) -> str:
    """The query of this list with another page number."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"
