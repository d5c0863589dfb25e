"""The command `brightline ask`: an interview at the terminal that ends with the decision, and can be resumed.

The contact is written whole after every answer. What is on the file is all there is: to go on, the same command is
given again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from brightline.contact.schema import Contact
from brightline.law.pack import Law
from brightline.reason.decide import Decision
from brightline.reason.speech import speaking
from brightline.terminal import LawOption, LawsOption, ReadingOption, day, load_law, stop

FILE = Path("contact.yaml")
MOST_CLAUSES = 3  # named beside a question
MOST_NEAREST = 4  # names offered for one that does not exist
DAYS = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%B %d %Y")  # no 5/6/2015: nobody can tell which is the month

Packs = Callable[[Law, str | None], list[str]]
Show = Callable[[Decision], None]


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
        lang: Annotated[str, typer.Option("--lang", help="The language of the interview: en or es.")] = "en",
        laws: LawsOption = None,
    ) -> None:
        """Ask about one contact, only what can still change the verdict, and say the verdict and why.

        Everything answered is saved at once; the same command goes on where the interview stopped. Exit code 130:
        stopped by Ctrl-C.

        Example: `brightline ask --actor nypd --action notify_release --date 2015-01-05`
        """
        loaded = load_law(laws)
        path = to or contact or FILE
        begin = path if path.exists() or contact is None or not contact.exists() else contact
        told = {"date": day(on, "--date"), "actor": actor, "action": action}
        known = from_file(begin, loaded.vocabulary) if begin.exists() else Contact()
        try:
            with speaking(lang):
                known = _with_options(known, told, begin, loaded.vocabulary)
                again = _command(path, law, reading, lang, laws)
                interview = Interview(loaded, law, tuple(reading or ()), path, known, again, packs_of)
                code = interview.run(show)
        except ValueError as error:
            stop(f"--lang {lang}: {error}")
        raise typer.Exit(code)

    return ask
