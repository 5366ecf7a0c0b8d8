"""Running a file with `await` at top level, as notebooks allow it."""

from __future__ import annotations

import ast
import sys
from types import ModuleType
from typing import Any

__all__ = ["run_file"]


def run_file(path: str, arguments: list[str]) -> int:
    """Runs the file as __main__ with sys.argv = [path, *arguments]; returns the exit status.

    Statements run on one event loop from the first to the last, so that tasks live across awaits.
    """
    import os

    try:
        with open(path, "rb") as source:
            text = source.read()
    except OSError as error:
        print(f"lamina run: cannot read {path}: {error.strerror}", file=sys.stderr)
        return 2
    module = ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv = [path, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    code = compile(text, path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    from inspect import CO_COROUTINE

    if not code.co_flags & CO_COROUTINE:
        exec(code, module.__dict__)
        return 0

    import asyncio

    async def run() -> None:
        coroutine: Any = eval(code, module.__dict__)
        await coroutine

    asyncio.run(run())
    return 0
