"""Write docs/ledger-faults.md from a whole run of the tests of faults (the slow ones too): `python scripts/faults.py`."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.ledger.faults import page  # noqa: E402


def main() -> int:
    shutil.rmtree(page.BUILD, ignore_errors=True)
    before = page.PAGE.read_text("utf-8") if page.PAGE.exists() else None
    page.PAGE.unlink(missing_ok=True)  # the run compares with nothing while it is written anew
    failed = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "2",
            "tests/ledger/faults",
            "--deselect",
            "tests/ledger/faults/test_page.py",
        ],
        cwd=ROOT,
    ).returncode
    if failed:
        if before is not None:
            page.PAGE.write_text(before, "utf-8")
        return failed
    page.PAGE.write_text(page.written(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
