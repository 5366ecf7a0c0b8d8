#!/usr/bin/env python3
"""The Python package imports downwards only, in functions too (but not under TYPE_CHECKING).

python tools/check_imports.py [root]
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

# Bottom-up. A module that is not named stands at the very bottom: it must not know any of these.
ORDER = [
    "activations initializers regularizers constraints",
    "objectives",
    "metrics",
    "layers",
    "_inspect",
    "train",
    "data",
    "io",
    "callbacks",
    "models",
    "__init__ __main__ cli doctor show",
]
RANK = {name: rank for rank, names in enumerate(ORDER, start=1) for name in names.split()}


def is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.stmt) and is_type_checking(node):
            yield from (found for other in node.orelse for found in imports(other))
        else:
            yield from imports(node)


def targets(node: ast.Import | ast.ImportFrom, package: Path, file: Path) -> Iterator[str]:
    """Names of the modules of our package (relative to it, dotted; "__init__" is the package itself)."""
    if isinstance(node, ast.Import):
        full = [alias.name.split(".") for alias in node.names]
    else:
        base = list(file.parent.relative_to(package.parent).parts)
        base = base[: len(base) - node.level + 1] if node.level else []
        module = base + (node.module.split(".") if node.module else [])
        full = [[*module, alias.name] for alias in node.names]
    for parts in full:
        if parts[0] == package.name:
            yield own_module(package, parts[1:])


def own_module(package: Path, parts: list[str]) -> str:
    """`parts` may end in a name inside the module: as far as there are files, it is a module."""
    found: list[str] = []
    for part in parts:
        path = package.joinpath(*found, part)
        here = path.parent
        if not (path.is_dir() or any(here.glob(f"{part}.*"))) and part != "_core":
            break
        found.append(part)
    return ".".join(found) or "__init__"


def rank(module: str) -> int:
    return RANK.get(module.split(".", 1)[0], 0)


def check(root: Path, name: str = "lamina") -> list[str]:
    package = (root / "python" / name).resolve()
    problems = []
    for file in sorted(package.rglob("*.py")):
        module = ".".join(file.relative_to(package).with_suffix("").parts)
        for node in imports(ast.parse(file.read_text(encoding="utf-8"))):
            for target in targets(node, package, file):
                if rank(target) > rank(module):
                    where = f"{file.relative_to(package.parent.parent)}:{node.lineno}"
                    problems.append(f"{where}: {module} must not import {target}, which stands above it")
    return problems


if __name__ == "__main__":
    found = check(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    sys.exit("\n".join(found) or 0)
