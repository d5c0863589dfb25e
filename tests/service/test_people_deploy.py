"""The settings as an installation behind TLS has them, and lock-outs that several processes count together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLES = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
"""
# One worker: wrong passwords for one address, each from a fresh client. It prints how many were judged, not locked out.
WORKER = """
import django
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
told = [Client().post("/account/login/", {"login": "Ada@here.example", "password": "wrong"}).content for _ in range(6)]
print(sum(b"are not correct" in t for t in told), sum(b"Too many failed" in t for t in told))
"""


def environment(home: Path, **others: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BRIGHTLINE_", "DJANGO_"))}
    return clean | {"BRIGHTLINE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "brightline.service.settings"} | others


@pytest.mark.long
def test_the_check_for_deployment_is_clean(tmp_path: Path) -> None:
    here = environment(tmp_path, BRIGHTLINE_HTTPS="1", BRIGHTLINE_HOSTS="city.example")
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env=here, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "System check identified no issues (0 silenced)."


def test_the_number_of_proxies(tmp_path: Path) -> None:
    show = """
import importlib, os
from brightline.service import settings
for told in ({}, {"BRIGHTLINE_HTTPS": "1"}, {"BRIGHTLINE_HTTPS": "1", "BRIGHTLINE_PROXIES": "2"}):
    os.environ.update(told)
    print(importlib.reload(settings).ALLAUTH_TRUSTED_PROXY_COUNT)
"""
    done = subprocess.run([sys.executable, "-c", show], env=environment(tmp_path), capture_output=True, text=True)
    assert done.stdout.split() == ["0", "1", "2"], done.stderr


@pytest.mark.long
def test_processes_count_failures_together(tmp_path: Path) -> None:
    here = environment(tmp_path, BRIGHTLINE_HOSTS="testserver")
    subprocess.run([sys.executable, "-c", TABLES], env=here, check=True, cwd=ROOT)
    started = [
        subprocess.Popen([sys.executable, "-c", WORKER], env=here, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(2)
    ]
    told = [[int(n) for n in process.communicate()[0].split()] for process in started]
    assert (sum(t[0] for t in told), sum(t[1] for t in told)) == (5, 7), told
