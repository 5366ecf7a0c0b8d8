"""What mkdocs runs while it builds: the API reference comes from the package, the changelog from the root."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from markdown.extensions.toc import slugify
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from api_pages import pages  # noqa: E402

FOLDER = "api"


def anchor(value: str, separator: str) -> str:
    """The id of a heading. The theme's scripts look ids up as CSS selectors, which no digit may begin."""
    found = slugify(value, separator)
    return f"section{separator}{found}" if found[:1].isdigit() else found


def on_config(config: Any) -> Any:
    """The reference comes last in the navigation."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = anchor
    config.nav = [*config.nav, {"API reference": [f"{FOLDER}/{file}" for file in pages()]}]
    return config


def on_files(files: Any, config: Any) -> Any:
    made = {f"{FOLDER}/{file}": text for file, text in pages().items()}
    made["changelog.md"] = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """A link into the repository becomes the file's path, since the site has only the pages."""

    def shown(link: re.Match[str]) -> str:
        words, path = link.groups()
        if not (ROOT / path).exists():
            raise FileNotFoundError(f"a page links to {path}, which is not in the repository")
        return words if path in words else f"{words} (`{path}`)"

    return re.sub(r"\[([^\]]+)\]\(\.\./([^)#]+)[^)]*\)", shown, markdown)
