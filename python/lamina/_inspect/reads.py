"""What a code object reads and writes, from its instructions alone."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

from .opcodes import ALLOWED

__all__ = ["Reads", "reads_of"]

Chain = tuple[str, ...]

_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR")
_CELLS = ("LOAD_DEREF", "LOAD_CLOSURE")
_CELL_STORES = ("STORE_DEREF", "DELETE_DEREF")
_SILENT = ("EXTENDED_ARG", "CACHE", "NOP")

# Names with underscores that lead to nothing but the object itself.
_PLAIN_DUNDERS = frozenset(
    "__init__ __call__ __name__ __qualname__ __doc__ __len__ __iter__ __next__ __enter__ __exit__".split()
)
# What changes a layer, a model or the outside where it is called in a step.
_IMPURE = frozenset(
    "print addWeight addVariable addLoss setWeights loadWeights setCallHook clearCallHook compile fit "
    "fitDataset trainOnBatch resetStates minimize applyGradients".split()
)
_MUTATORS = frozenset("append extend insert pop remove clear sort reverse update setdefault popitem".split())

_STATE = "keep what changes in a `tf.variable`"
_TROUBLE = {
    "STORE_GLOBAL": ("it sets the global `{}`", _STATE),
    "DELETE_GLOBAL": ("it deletes the global `{}`", _STATE),
    "STORE_ATTR": ("it sets the attribute `{}`", _STATE),
    "DELETE_ATTR": ("it deletes the attribute `{}`", _STATE),
    "STORE_DEREF": ("it sets `{}` of the function around it", _STATE),
    "DELETE_DEREF": ("it deletes `{}` of the function around it", _STATE),
    "STORE_SUBSCR": ("it sets an item", "build the list or tensor anew"),
    "STORE_SLICE": ("it sets items", "build the list or tensor anew"),
    "DELETE_SUBSCR": ("it deletes an item", "build the list or tensor anew"),
    "IMPORT_NAME": ("it imports `{}`", "import at the top of the file"),
}


class Reads(NamedTuple):
    """`trouble`: (what makes the code open, the remedy, the line), or None.

    `globals` and `cells` are chains: a name, and the attributes read of it (`("tf", "math", "pi")`);
    `attributes` are the names read of any other value.
    """

    trouble: tuple[str, str, int] | None
    globals: frozenset[Chain]
    cells: frozenset[Chain]
    attributes: frozenset[str]
    mutates: bool  # it may change a list or dict in place


@lru_cache(maxsize=2048)
def reads_of(code: CodeType) -> Reads:
    """What a function of this code reads, with the functions that it defines."""
    reader = _Reader()
    reader.read(code, frozenset(code.co_freevars))
    return Reads(
        reader.trouble,
        frozenset(reader.globals),
        frozenset(reader.cells),
        frozenset(reader.attributes),
        reader.mutates,
    )


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    return (each for each in dis.get_instructions(code) if each.opname not in _SILENT)


class _Reader:
    def __init__(self) -> None:
        self.trouble: tuple[str, str, int] | None = None
        self.globals: set[Chain] = set()
        self.cells: set[Chain] = set()
        self.attributes: set[str] = set()
        self.mutates = False

    def read(self, code: CodeType, outer: frozenset[str]) -> None:
        """`outer`: the free variables whose cells outlive a call."""
        line = code.co_firstlineno
        found = list(_instructions(code))
        index = 0
        while index < len(found):
            each = found[index]
            index += 1
            name, value = each.opname, each.argval
            line = _line_of(each) or line
            if name == "LOAD_GLOBAL":
                index = self._chain(self.globals, value, found, index, line)
            elif name in _CELLS or (name == "LOAD_FAST" and value in outer):
                if value in outer:
                    index = self._chain(self.cells, value, found, index, line)
            elif name in _ATTRIBUTES:
                self._attribute(value, line)
            elif name not in ALLOWED or (name in _CELL_STORES and value in outer):
                what, remedy = _TROUBLE.get(name, (f"it uses the instruction {name}", "write it plainly"))
                self._open(what.format(value), remedy, line)
            elif name.startswith("INPLACE_") or (name == "BINARY_OP" and each.argrepr.endswith("=")):
                self.mutates = True
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                self.read(inner, outer - frozenset(code.co_cellvars))

    def _chain(
        self, chains: set[Chain], name: str, found: list[dis.Instruction], index: int, line: int
    ) -> int:
        """Takes the attributes that are read of the name right after it; the index behind them."""
        chain = [name]
        while index < len(found) and found[index].opname in ("LOAD_ATTR", "LOAD_METHOD"):
            attribute = found[index].argval
            if found[index].is_jump_target:
                # It is also read of something else.
                self._attribute(attribute, line)
            chain.append(attribute)
            index += 1
        for attribute in chain[1:]:
            self._check(attribute, line)
        chains.add(tuple(chain))
        return index

    def _attribute(self, name: str, line: int) -> None:
        self._check(name, line)
        self.attributes.add(name)

    def _check(self, name: str, line: int) -> None:
        if name in _MUTATORS:
            self.mutates = True
        elif name.startswith("__") and name.endswith("__") and name not in _PLAIN_DUNDERS:
            self._open(f"it reads `{name}`", "name the attributes themselves", line)
        elif name in _IMPURE:
            self._open(f"it calls `{name}`", "call it outside of the step", line)

    def _open(self, what: str, remedy: str, line: int) -> None:
        if self.trouble is None:
            self.trouble = what, remedy, line


def _line_of(each: dis.Instruction) -> int | None:
    """The line that begins at an instruction."""
    line = each.starts_line
    if isinstance(line, bool):  # since Python 3.13
        return getattr(each, "line_number", None)
    return line
