"""The generated pages say what the prover finds today."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_pages_of_loopholes_and_reforms_are_what_the_prover_finds() -> None:
    pytest.importorskip("z3", reason="the extra `prove` (z3) is not installed")
    done = subprocess.run(
        [sys.executable, "scripts/loopholes.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
