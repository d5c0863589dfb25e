"""The commands `brightline ledger …`: keep a ledger, publish it, show what is in it, let it forget, keep copies of it."""

from __future__ import annotations

import typer

from brightline.cli_ledger_care import (
    clock_command,
    export_command,
    fsck_command,
    import_command,
    migrate_command,
    mirror_command,
    repair_command,
    sequence_command,
)
from brightline.cli_ledger_keep import append, close, init, publish
from brightline.cli_ledger_records import disclose, erase, hold, receipt_command, release

ledger_app = typer.Typer(
    no_args_is_help=True,
    help="A ledger that nobody can rewrite unnoticed, and that can still forget.",
)
ledger_app.command("init")(init)
ledger_app.command("append")(append)
ledger_app.command("publish")(publish)
ledger_app.command("close")(close)
ledger_app.command("receipt")(receipt_command)
ledger_app.command("disclose")(disclose)
ledger_app.command("erase")(erase)
ledger_app.command("hold")(hold)
ledger_app.command("release")(release)
ledger_app.command("fsck")(fsck_command)
ledger_app.command("export")(export_command)
ledger_app.command("import")(import_command)
ledger_app.command("clock")(clock_command)
ledger_app.command("migrate")(migrate_command)
ledger_app.command("sequence")(sequence_command)
ledger_app.command("repair")(repair_command)
ledger_app.command("mirror")(mirror_command)
