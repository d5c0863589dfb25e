"""The command `brightline serve`: the web application, on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from brightline.terminal import out, stop

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve_command(
    data: Annotated[
        Path, typer.Option("--data", help="The folder in which everything is kept; it is made when it is not there.")
    ] = Path("brightline-data"),
    host: Annotated[str, typer.Option("--host", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="The port to listen at.", min=0, max=65535)] = 8000,
    demo: Annotated[
        bool, typer.Option("--demo", help="With invented people and requests; sign-in without a password.")
    ] = False,
    audit: Annotated[
        Path | None,
        typer.Option("--audit", help="A folder made by `brightline audit`, to be shown.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", help="Processes; 1 with SQLite, 4 with PostgreSQL.", min=1, show_default=False),
    ] = None,
) -> None:
    """Serve the web application: receive, decide, answer and report requests.

    Rows are kept in SQLite in the data folder, or in PostgreSQL when DATABASE_URL names a database.

    Example: `brightline serve --demo --port 8000 --data /tmp/demo`
    """
    if demo and host not in LOOPBACK:
        stop("--demo lets anybody sign in, so it is served on this machine alone; leave out --host")
    if audit is not None and not audit.is_dir():
        stop(f"--audit {audit}: there is no such folder; make one with `brightline audit … --out {audit}`")
    try:
        from brightline.service import serve
        from brightline.service.home import Home
    except ImportError as error:
        stop(f"the web application is not installed ({error.name}); run `pip install 'brightline[serve]'`")
    home = Home(data.absolute())
    serve.environment(home, demo, audit)
    try:
        serve.prepare(demo)
        out.print(f"Brightline is at http://{host}:{port}/  (Ctrl-C stops it; its data are in {data})", markup=False)
        serve.serve(home, host, port, workers or (4 if os.environ.get("DATABASE_URL") else 1))
    except serve.ServeError as error:
        stop(str(error))
