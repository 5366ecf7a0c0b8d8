#!/usr/bin/env python3
"""Pages of the API reference, in Markdown, from what the public names are at run time.

    python tools/api_pages.py FOLDER      writes them; mkdocs has them made by tools/docs_hook.py

A function stands under the heading that tests/data/surface.json has for it, else under that of its module;
nothing is listed here.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# The checkout's own build, where there is one, before the installed package.
if any((ROOT / "python" / "lamina").glob("_core*.so")):
    sys.path.insert(0, str(ROOT / "python"))

import lamina  # noqa: E402
from lamina import _core  # noqa: E402
from lamina.config import ConfiguredFunction, Factory  # noqa: E402

CONFIG_NOTE = (
    "Options are given as one dict with these keys, or as keywords; what has no default must be given. "
    "None stands for the default. An identifier is a name (`'relu'`, `'l2'`), a config as files hold it, or "
    "an object."
)
# Annotations longer than this say less than they take away.
LONG = 60


# ---- pieces of Markdown ------------------------------------------------------------------------------------


def prose(text: str | None) -> str:
    """A docstring as Markdown: its own code stays code, and what would be markup is shown as it is."""
    lines = []
    for line in inspect.cleandoc(text or "").split("\n"):
        lines.append(line if line.startswith("    ") else _plain(line))
    return "\n".join(lines)


def _plain(line: str) -> str:
    parts = line.split("`")
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"([\\*_\[\]#|])", r"\\\1", parts[i].replace("&", "&amp;").replace("<", "&lt;"))
    return "`".join(parts)


def _cell(text: str) -> str:
    """In a table; between backticks a bar divides no cells, and `prose` has seen to the others."""
    return text.replace("\n", " ")


def options_table(options: Any) -> list[str]:
    rows = ["| option | type | default | |", "|---|---|---|---|"]
    for option in options:
        kind = option.kind.annotation
        shown = f"`{kind}`" if len(kind) <= LONG else ""
        default = "required" if option.required else f"`{option.default!r}`"
        names = ", ".join(f"`{name}`" for name in (option.name, *option.aliases))
        rows.append(f"| {names} | {_cell(shown)} | {_cell(default)} | {_cell(prose(option.doc))} |")
    return rows


def anchor(level: str, name: str) -> list[str]:
    """A heading that links lead to by its name."""
    return [f"{level} {_plain(name)} {{ #{name} }}", ""]


def parameters(value: Any) -> str:
    """The parameters of a function as its call shows them."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return "(...)"
    shown = []
    for p in signature.parameters.values():
        if p.name in ("self", "cls"):
            continue
        stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        shown.append(stars + p.name + ("" if p.default is p.empty else f"={p.default!r}"))
    return f"({', '.join(shown)})"


def leading(made: ConfiguredFunction) -> list[str]:
    return [name for name in list(inspect.signature(made.__wrapped__).parameters)[:-1] if name != "self"]


def entry(name: str, value: Any, level: str = "###") -> list[str]:
    """One public name: heading, call, text, options."""
    head = anchor(level, name)
    if isinstance(value, Factory):
        text = value.cls.__doc__
        call = f"{name}({'config' if value.option_set.options else ''})"
        options = list(value.option_set)
    elif isinstance(value, ConfiguredFunction):
        text, options = value.__wrapped__.__doc__, list(value.option_set)
        call = f"{name}({', '.join([*leading(value), 'config'])})"
    else:
        text, options = value.__doc__, []
        call = f"{name}{parameters(value)}"
    parts = [*head, "```python", call, "```", "", prose(text), ""]
    return parts + ([*options_table(options), ""] if options else [])


# ---- what is public ----------------------------------------------------------------------------------------


def public_names(source: ModuleType) -> list[str]:
    """The functions and classes of a namespace: those it shows, where it says so, else those it exports."""
    names = dir(source) if "__dir__" in vars(source) else source.__all__
    return [name for name in sorted(names) if not name.startswith("_") and callable(getattr(source, name))]


def namespaces() -> dict[str, ModuleType]:
    found = {name: getattr(lamina, name) for name in lamina.__all__}
    return {name: value for name, value in found.items() if isinstance(value, ModuleType)}


def is_type(value: Any) -> bool:
    return isinstance(value, type)


def top_classes() -> dict[str, type]:
    found = {name: getattr(lamina, name) for name in lamina.__all__}
    return {name: value for name, value in found.items() if is_type(value)}


def heading(name: str, value: Any) -> str:
    """Under what a function of `tf` stands."""
    for group, names in _surface().items():
        if name in names:
            return group.removeprefix("ops_").replace("_", " ").capitalize()
    if isinstance(value, _core.Op):
        return "Further operations"
    module = sys.modules[getattr(value, "__module__", None) or "lamina"]
    return (module.__doc__ or "").strip().partition("\n")[0].partition(":")[0].rstrip(
        "."
    ) or "Further functions"


_groups: dict[str, dict[str, Any]] = {}


def _surface() -> dict[str, dict[str, Any]]:
    if not _groups:
        text = (ROOT / "tests" / "data" / "surface.json").read_text(encoding="utf-8")
        _groups.update(json.loads(text)["functions"])
    return _groups


# ---- the pages ---------------------------------------------------------------------------------------------


def functions_page() -> str:
    groups: dict[str, list[str]] = {}
    for name in lamina.__all__:
        value = getattr(lamina, name)
        if not (isinstance(value, ModuleType) or is_type(value)):
            groups.setdefault(heading(name, value), []).extend(entry(f"tf.{name}", value))
    lines = ["# Functions of tf", "", CONFIG_NOTE, ""]
    for title in sorted(groups):
        lines += [f"## {title}", "", *groups[title]]
    return "\n".join(lines)


def namespace_page(name: str, source: ModuleType) -> str:
    first = (source.__doc__ or "").strip().partition("\n\n")[0]
    lines = [f"# tf.{name}", "", prose(first), "", CONFIG_NOTE, ""]
    for each in public_names(source):
        value = getattr(source, each)
        same = next((other for other, cls in top_classes().items() if cls is value), None)
        if same is not None:
            lines += [*anchor("##", f"tf.{name}.{each}"), f"[tf.{same}](classes.md#tf.{same})", ""]
        elif is_type(value):
            lines += class_entry(f"tf.{name}.{each}", value)
        else:
            lines += entry(f"tf.{name}.{each}", value, "##")
    return "\n".join(lines)


def members(cls: type) -> Iterator[tuple[str, Any]]:
    for name in sorted(dir(cls)):
        if not name.startswith("_"):
            yield name, inspect.getattr_static(cls, name)


def class_entry(name: str, cls: type) -> list[str]:
    """A class with its documented methods and properties; operations that are methods are only named."""
    lines = [*anchor("##", name), prose(cls.__doc__), ""]
    bases = [base for base in cls.__mro__[1:] if base in top_classes().values()]
    if bases:
        base = next(other for other, value in top_classes().items() if value is bases[0])
        lines += [f"What [tf.{base}](classes.md#tf.{base}) has, and:", ""]
    operations = []
    for each, value in members(cls):
        if bases and inspect.getattr_static(bases[0], each, None) is value:
            continue
        function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        if isinstance(function, _core.Op):
            operations.append(f"`{each}`")
        elif isinstance(function, ConfiguredFunction) or (callable(function) and function.__doc__):
            lines += entry(f"{name}.{each}", function)
        elif isinstance(function, property) and function.__doc__:
            lines += [*anchor("###", f"{name}.{each}"), prose(function.__doc__), ""]
    if operations:
        lines += ["Operations with this tensor as their first input: " + ", ".join(operations) + ".", ""]
    return lines


def classes_page() -> str:
    lines = ["# Classes", ""]
    seen: dict[type, str] = {}
    for name, cls in top_classes().items():
        first = seen.setdefault(cls, name)
        if first == name:
            lines += class_entry(f"tf.{name}", cls)
        else:
            lines += [
                *anchor("##", f"tf.{name}"),
                f"Another name of [tf.{first}](classes.md#tf.{first}).",
                "",
            ]
    return "\n".join(lines)


def index_page(others: dict[str, str]) -> str:
    """All names, each with a link to its place."""
    lines = [
        "# API reference",
        "",
        f"Lamina {lamina.__version__}, written from the package's own docstrings.",
        "",
    ]
    for file, text in others.items():
        title = text.partition("\n")[0].removeprefix("# ")
        names = re.findall(r"^#{2,3} .* \{ #(\S+) \}$", text, re.MULTILINE)
        lines += [f"## {title}", "", " · ".join(f"[{_plain(name)}]({file}#{name})" for name in names), ""]
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """File names and texts, the index first."""
    found = {"functions.md": functions_page()}
    found |= {f"{name}.md": namespace_page(name, source) for name, source in sorted(namespaces().items())}
    found["classes.md"] = classes_page()
    return {"index.md": index_page(found), **found}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in pages().items():
        (folder / file).write_text(text, encoding="utf-8")
