"""The command `brightline lab`: the reform workbench in the browser, served to this computer only."""

from __future__ import annotations

import webbrowser
from datetime import date
from typing import Annotated

import typer

from brightline.terminal import LawsOption, day, load_law, out, stop


def lab(
    law: Annotated[str, typer.Option("--law", help="The pack that is shown first, such as us-ny-nyc.")] = "us-ny-nyc",
    on: Annotated[
        str | None, typer.Option("--date", help="The law in force on this day (2026-08-20); today, without it.")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes any free one.")] = 8377,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
    laws: LawsOption = None,
) -> None:
    """Write a reform in the browser and see at once which loopholes it closes, moves, and leaves open.

    The page is served to this computer only, and fetches nothing from elsewhere. Ctrl-C ends it.

    Example: `brightline lab --law us-ny-nyc --date 2026-08-20`
    """
    from brightline.lab.app import application
    from brightline.lab.serve import address, server

    app = application(load_law(laws), law, day(on, "--date") or date.today())
    try:
        made = server(app, port)
    except OSError:
        stop(f"--port {port}: another program uses this port; give another one, or --port 0 for any that is free")
        raise
    out.print(f"The workbench is at {address(made)}", markup=False)
    out.print("It answers this computer only. Ctrl-C ends it.", markup=False)
    if not no_open:
        webbrowser.open(address(made))
    try:
        made.serve_forever()
    except KeyboardInterrupt:
        out.print("")
    finally:
        made.server_close()
