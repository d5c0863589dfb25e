"""The docs are run: commands print what the pages show, Python examples work, links resolve, lists are complete."""

from __future__ import annotations

import doctest
import json
import re
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from . import blocks as b

ROOT = b.ROOT
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(p for p in DOCS.rglob("*.md") if b.EXAMPLES not in p.parents)]
BLOCKS = {page: list(b.blocks(page)) for page in PAGES}
OWN_TEST = {DOCS / "service" / "api.md"}  # its calls go to a live server: tests/service/test_api_client.py
RUN = [p for p in PAGES if p not in OWN_TEST and any(x.language in ("console", "python", "pycon") for x in BLOCKS[p])]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


# --- what runs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", RUN, ids=_name)
def test_what_the_page_shows_is_what_happens(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands and the Python examples of a page, from its top, in one folder with the examples."""
    monkeypatch.chdir(b.kitchen(tmp_path))
    names: dict[str, Any] = {"__name__": "__main__"}
    code = 0
    for block in BLOCKS[page]:
        match block.language:
            case "console":
                for command, shown in b.steps(block):
                    real, code = b.run(command, tmp_path, code)
                    assert b.alike(shown, real), (
                        f"{block.name}: `{command}` prints\n\n{real}\n\nand the page shows\n\n{shown}"
                    )
            case "python":
                exec(compile(block.text, block.name, "exec"), names)
            case "pycon":
                wrong = _doctest(block, names)
                assert not wrong, wrong


def _doctest(block: b.Block, names: dict[str, Any]) -> str:
    """What goes wrong in a block with `>>>`; nothing if it gives what it shows. `…` stands for any text."""
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    test = doctest.DocTestParser().get_doctest(
        block.text.replace("…", "..."), names, block.name, str(block.page), block.line
    )
    told: list[str] = []
    runner.run(test, out=told.append, clear_globs=False)
    names.update(test.globs)
    return "".join(told)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_files_shown_are_the_files_that_run(page: Path) -> None:
    for block in BLOCKS[page]:
        if block.title and (b.EXAMPLES / block.title).is_file():
            real = (b.EXAMPLES / block.title).read_text(encoding="utf-8")
            assert b.alike(block.text, real), f"{block.name}: this is not docs/examples/{block.title}"


@pytest.mark.slow
def test_the_notebook_runs_without_an_error(tmp_path: Path) -> None:
    missing = [m for m in ("nbclient", "nbformat", "ipykernel") if find_spec(m) is None]
    if missing:
        reason = f"the notebook was not run: {', '.join(missing)} not installed (uv sync --group docs)"
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(DOCS / "notebook.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()


# --- what is linked and listed ------------------------------------------------------------------


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as MkDocs and GitHub make them."""
    prose = re.sub(r"^( *)(`{3,}).*?^\1\2 *$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = set()
    for heading in re.findall(r"^#{1,6} +(.+)$", prose, flags=re.M):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        found.add(re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower()))
    return found


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_internal_link_resolves(page: Path) -> None:
    prose = re.sub(r"^( *)(`{3,}).*?^\1\2 *$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if not path.exists():
            broken.append(f"{target}: there is no such file")
        elif anchor and path.suffix == ".md" and anchor not in _anchors(path):
            broken.append(f"{target}: there is no such heading")
    assert not broken, f"{_name(page)}: " + "; ".join(broken)


def test_the_site_loads_nothing_from_elsewhere() -> None:
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert "font: false" in settings
    assert not re.findall(r"extra_(?:javascript|css).*https?:", settings)
    assert "http" not in re.sub(r"^(site_url|repo_url):.*$", "", settings, flags=re.M)


def test_every_page_is_in_the_menu() -> None:
    menu = json.dumps(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    missing = [_name(p) for p in PAGES[1:] if f'"{p.relative_to(DOCS).as_posix()}"' not in menu]
    assert not missing


def test_the_reference_names_every_command_and_option() -> None:
    import typer

    from brightline.cli import app

    text = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `(brightline[^`]*)`\n(.*?)(?=^## |\Z)", text, flags=re.M | re.S))
    commands: dict[str, set[str]] = {}

    def walk(command: Any, name: str) -> None:
        if hasattr(command, "commands"):
            for inner, found in command.commands.items():
                walk(found, f"{name} {inner}")
        else:
            options = {o for p in command.params for o in p.opts if o.startswith("--")}
            commands[name] = options - {"--help"}

    walk(typer.main.get_command(app), "brightline")
    assert set(sections) == set(commands)
    for name, options in commands.items():
        told = set(re.findall(r"^\| `(--[a-z-]+)", sections[name], flags=re.M))
        assert told == options, f"docs/reference/cli.md, {name}"


def test_the_reference_names_every_name_of_the_api() -> None:
    import brightline

    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    missing = [n for n in brightline.__all__ if f"`{n}" not in text]
    assert not missing


def _listed(heading: str) -> set[str]:
    text = (DOCS / "reference" / "findings.md").read_text(encoding="utf-8")
    part = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {
        name for cell in re.findall(r"^\| (`[^|]+) \|", part, flags=re.M) for name in re.findall(r"`([^`]+)`", cell)
    }


def test_the_reference_names_every_column_of_the_findings(tmp_path: Path) -> None:
    import polars as pl

    b.kitchen(tmp_path)
    b.run("brightline audit requests.csv --reader requests.yaml --out report", tmp_path)
    from brightline.api import load_law

    words = load_law().vocabulary.names
    source = pl.read_csv(b.EXAMPLES / "requests.csv").columns
    own = pl.read_parquet(tmp_path / "report" / "findings.parquet").columns
    ours = {c for c in own if "__" not in c and c not in words and c.removeprefix("source_") not in source}
    assert ours <= _listed("The columns of `findings.parquet`")
    summary = json.loads((tmp_path / "report" / "summary.json").read_text(encoding="utf-8"))
    assert set(summary) == _listed("The keys of `summary.json`")


def test_the_reference_names_every_key_of_decide(tmp_path: Path) -> None:
    b.kitchen(tmp_path)
    told, _ = b.run("brightline decide detainer.yaml --json", tmp_path)
    decision = json.loads(told)
    keys = set(decision) | {k for f in decision["findings"] for k in f}
    assert keys == _listed("The keys of `decide --json`")


def test_the_lesson_speaks_one_vocabulary() -> None:
    told = {p.read_text(encoding="utf-8") for p in b.EXAMPLES.glob("*/vocabulary.md")}
    assert len(told) == 1
