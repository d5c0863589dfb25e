"""Shows docs/notebook.ipynb as a page of the site: its text, code and saved outputs, as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File


def on_files(files: Any, config: Any) -> Any:
    from nbconvert import MarkdownExporter

    body, resources = MarkdownExporter().from_filename(str(Path(config.docs_dir) / "notebook.ipynb"))
    files.append(File.generated(config, "notebook.md", content=body))
    for name, data in resources["outputs"].items():
        files.append(File.generated(config, name, content=data))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Pages link to the notebook itself, which code hosts draw; the site links to its page."""
    return markdown.replace("notebook.ipynb)", "notebook.md)")
