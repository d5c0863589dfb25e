"""The command `brightline ask`. The interview itself is in `interview`; it is loaded when somebody asks."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brightline.terminal import LangOption, LawOption, LawsOption, ReadingOption, day, in_language, load_law, out

if TYPE_CHECKING:
    from brightline.interview import Packs, Show


def asking(packs_of: Packs, show: Show) -> Callable[..., None]:
    """The command. How the packs of an agency are chosen and a decision is printed stands above, beside `decide`."""

    def ask(
        contact: Annotated[
            Path | None,
            typer.Argument(help="A contact to go on with, as YAML or JSON; a new file is made.", show_default=False),
        ] = None,
        law: LawOption = None,
        reading: ReadingOption = None,
        actor: Annotated[
            str | None, typer.Option("--actor", help="The agency that was asked, such as nypd.", show_default=False)
        ] = None,
        action: Annotated[
            str | None,
            typer.Option("--action", help="What was asked or done, such as notify_release.", show_default=False),
        ] = None,
        on: Annotated[
            str | None, typer.Option("--date", help="The day of the contact, as 2014-12-14.", show_default=False)
        ] = None,
        to: Annotated[
            Path | None,
            typer.Option("--out", help="Where the contact is kept: CONTACT, or contact.yaml.", show_default=False),
        ] = None,
        lang: LangOption = "en",
        laws: LawsOption = None,
    ) -> None:
        """Ask about one contact, only what can still change the verdict, and say the verdict and why.

        Everything answered is saved at once; the same command goes on where the interview stopped. Exit code 130:
        stopped by Ctrl-C.

        Example: `brightline ask --actor nypd --action notify_release --date 2015-01-05`
        """
        from brightline.contact.file import read_contact
        from brightline.contact.schema import Contact
        from brightline.interview import FILE, Interview, check_place, with_options
        from brightline.reason.prove.loopholes import known_action, known_actor
        from brightline.reason.speech import _

        loaded = load_law(laws)
        v = loaded.vocabulary
        path = to or contact or FILE
        begin = path if contact is None or path.exists() else contact
        begun = begin.exists() or begin != path  # a CONTACT that goes elsewhere has to be there
        new = Contact.model_validate({"basis": "verified"})
        known = read_contact(begin, v) if begun else new
        kept = known if begin == path else new
        check_place(path)
        given = (
            ("date", day(on, "--date")),
            ("actor", known_actor(v, actor) if actor else None),
            ("action", known_action(v, action) if action else None),
        )
        known = with_options(known, given, begin, v)
        options = [("--law", x) for x in law or ()] + [("--reading", x) for x in reading or ()]
        options += [("--lang", lang)] * (lang != "en") + [("--laws", str(laws))] * (laws is not None)
        with in_language(lang):
            interview = Interview(loaded, law, tuple(reading or ()), path, known, kept, packs_of)
            interview.go_on = shlex.join(["brightline", "ask", str(path), *(x for pair in options for x in pair)])
            if begun:
                out.print(_("Going on with {file}.").format(file=begin), markup=False)
            code = interview.run(show)
        raise typer.Exit(code)

    return ask
