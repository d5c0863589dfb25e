"""Results that draw themselves in a notebook: wrap one in `Shown`, or call `install()` once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from brightline.watch.page import content, drawing, html
from brightline.watch.plots import figures
from brightline.watch.result import Result
from brightline.watch.words_page import say

_STYLE = (
    "<style>.bl-watch{font:15px/1.5 system-ui,sans-serif;max-width:860px}.bl-watch .plot{width:100%;height:auto;background:#fff}"
    ".bl-watch .word{font-weight:800;font-size:1.5em;letter-spacing:.05em}.bl-watch h3{margin:1.2em 0 .2em}</style>"
)


@dataclass(frozen=True)
class Shown:
    """A result as a notebook's cell shows it: label, summary and plots; `page` is the whole page."""

    result: Result

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return mimebundle(self.result)

    @property
    def page(self) -> str:
        return html(self.result)


def mimebundle(result: Result) -> dict[str, str]:
    """What Jupyter asks for: HTML with the plots, and plain text for who has none."""
    told = content(result)
    parts = [Markup('<div class="bl-watch">'), Markup(_STYLE)]
    parts.append(Markup('<p class="word">{}</p><p>{}</p>').format(told["label"], told["label_means"]))
    parts.append(Markup("<h2>{}</h2>").format(result.headline))
    parts += [Markup("<p>{}</p>").format(s) for s in told["sentences"]]
    parts += [Markup("<p>{}</p>").format(f) for f in told["flags"]]
    for figure in figures(result):
        parts.append(Markup("<h3>{}</h3><p>{}</p>").format(figure.title, figure.subtitle))
        if figure.plot is not None:
            parts.append(drawing(figure.plot.wide, figure.alt, "wide"))
        if figure.note:
            parts.append(Markup("<p><small>{}</small></p>").format(figure.note))
    none = say("none", result.language)
    plan, counts = (sha256[:12] or none for sha256 in (result.plan_sha256, result.data_sha256))
    hashes = say("plan_and_counts", result.language, plan=plan, counts=counts)
    parts.append(Markup("<p><small>{}</small></p></div>").format(hashes))
    plain = [told["label"], result.headline, *told["sentences"], *told["flags"]]
    return {"text/html": "\n".join(str(p) for p in parts), "text/plain": "\n".join(plain)}


def install() -> None:
    """Let every Result draw itself in this notebook."""
    Result._repr_mimebundle_ = lambda self, include=None, exclude=None: mimebundle(self)  # type: ignore[attr-defined]
