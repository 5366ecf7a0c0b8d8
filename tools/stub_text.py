"""Pieces of stub files: imports by need, signatures of options, of functions and of operations."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import sys
import typing
from collections.abc import Iterable
from typing import Any

HEAD = "# Written by tools/make_stubs.py; change the sources and run it again.\n"

# Names in annotations that have a meaning of their own, and where they live.
IDENTIFIERS = "lamina._typed.identifiers"
FROM_IDENTIFIERS = {
    "ActivationIdentifier",
    "Callbacks",
    "CellIdentifier",
    "ClassWeights",
    "ConstraintIdentifier",
    "DTypeName",
    "InitializerIdentifier",
    "Loss",
    "Metrics",
    "RegularizerIdentifier",
    "SymbolicTensors",
    "TensorLike",
}
FROM_ABC = {"AsyncIterator", "Awaitable", "Callable", "Coroutine", "Iterable", "Iterator", "Mapping"}
FROM_ABC |= {"Sequence"}

PLACES = {
    "Layer": ("lamina.layers.base", "Layer"),
    "Optimizer": ("lamina.train.optimizer", "Optimizer"),
    "Tensor": ("lamina._core", "Tensor"),
    "Variable": ("lamina._core", "Variable"),
}


class Module:
    """The text of one stub: statements, and the imports that their names need."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.imports: dict[str, set[str]] = {}
        # Names that the module itself defines.
        self.local: set[str] = set()
        self.body: list[str] = []

    def use(self, annotation: str, origin: str | None = None) -> str:
        """The annotation, its names imported. `origin` is the module whose source it comes from."""
        text = annotation
        if "Literal" not in annotation:
            text = re.sub(r"'([A-Za-z_][\w.\[\], |]*)'", r"\1", annotation)
        for name in set(re.findall(r"(?<![\w.\"'])[A-Za-z_]\w*", re.sub(r"\"[^\"]*\"", "", text))):
            self._import(name, origin)
        return text

    def _import(self, name: str, origin: str | None) -> None:
        if name in self.local or name in ("None", "True", "False") or hasattr(builtins, name):
            return
        if name in FROM_IDENTIFIERS:
            self.add(IDENTIFIERS, name)
        elif name in FROM_ABC:
            self.add("collections.abc", name)
        elif hasattr(typing, name):
            self.add("typing", name)
        elif name in ("Required", "NotRequired"):
            self.add("typing_extensions", name)
        else:
            source = PLACES.get(name) or (import_of(origin, name) if origin else None)
            if source is None:
                raise LookupError(f"{self.name}: the annotation {name!r} (from {origin}) is not known")
            self.add(*source)

    def add(self, module: str, name: str, shown: str | None = None) -> None:
        if module != self.name or shown is not None:
            self.imports.setdefault(module, set()).add(name if shown is None else f"{name} as {shown}")

    def text(self) -> str:
        lines = [HEAD]
        for module in sorted(self.imports):
            found = self.imports[module]
            names = sorted(name for name in found if f"{name} as {name}" not in found)
            line = f"from {module} import {', '.join(names)}"
            if len(line) > 110:
                line = f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
            lines.append(line)
        return "\n".join([*lines, "", *self.body]).rstrip() + "\n"


_sources: dict[str, dict[str, tuple[str, str]]] = {}


def import_of(origin: str, name: str) -> tuple[str, str] | None:
    """(module, name) that a name stands for in a module: imported there, for type checkers too, or its
    own.
    """
    if origin not in _sources:
        _sources[origin] = _names_of(origin)
    return _sources[origin].get(name)


def _names_of(origin: str) -> dict[str, tuple[str, str]]:
    module = sys.modules[origin]
    path = module.__file__ or ""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    package = origin if path.endswith("__init__.py") else origin.rpartition(".")[0]
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                found[alias.asname or alias.name] = (source, alias.name)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = (origin, node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, (origin, node.targets[0].id))
    return found


def doc(text: str | None, indent: str) -> list[str]:
    """The first line of a docstring, as a docstring."""
    first = (text or "").strip().partition("\n")[0].replace("\\", "\\\\").replace('"""', "'''")
    return [f'{indent}"""{first}"""'] if first else []


# --- options ---


def option_type(module: Module, option: Any, optional: bool) -> str:
    annotation = module.use(option.kind.annotation, type(option.kind).__module__)
    return f"{annotation} | None" if optional and annotation not in ("Any",) else annotation


def typed_dict(module: Module, name: str, options: Any) -> None:
    """A TypedDict of all options; aliases are keys, too."""
    module.add("typing", "TypedDict")
    lines = [f"class {name}(TypedDict, total=False):"]
    for option in options:
        required = option.required and not option.aliases
        kind = option_type(module, option, not option.required)
        if required:
            module.add("typing_extensions", "Required")
            kind = f"Required[{kind}]"
        lines.append(f"    {option.name}: {kind}")
        lines += doc(option.doc, "    ")
        lines += [f"    {alias}: {option_type(module, option, True)}" for alias in option.aliases]
    module.body += ["\n".join(lines if len(lines) > 1 else [lines[0], "    pass"]), ""]


def keyword_parameters(
    module: Module, options: Iterable[Any], positional: tuple[str, ...], aliases: bool
) -> str:
    """The options as parameters: those of `positional` first, then keyword-only ones.

    With `aliases` these are parameters, too, and what has one need not be given by its own name.
    """
    options = list(options)
    by_position = [next(o for o in options if o.name == name) for name in positional]
    rest = [o for o in options if o.name not in positional]
    required = {o.name for o in options if o.required and not (aliases and o.aliases)}

    def shown(option: Any) -> str:
        kind = option_type(module, option, option.name not in required)
        return f"{option.name}: {kind}" + ("" if option.name in required else " = ...")

    parts = [shown(o) for o in by_position]
    keywords = [shown(o) for o in sorted(rest, key=lambda o: o.name not in required)]
    if aliases:
        keywords += [f"{alias}: {option_type(module, o, True)} = ..." for o in options for alias in o.aliases]
    if keywords:
        parts += ["*", *keywords]
    return ", ".join(parts)


def overloads(
    module: Module,
    name: str,
    config: str,
    options: Any,
    *,
    leading: str = "",
    result: str = "Any",
    positional: tuple[str, ...] = (),
    text: str | None = None,
    extra: tuple[str, ...] = (),
    indent: str = "",
) -> list[str]:
    """A function that takes a config dict or keywords."""
    needed = any(o.required for o in options)
    first = f"config: {config}, /" if needed else f"config: {config} | None = ..., /"
    keywords = [keyword_parameters(module, options, positional, False)] if any(True for _ in options) else []
    if any(o.aliases for o in options):
        keywords.append(keyword_parameters(module, options, (), True))
    before = f"{leading}, " if leading else ""
    # Whatever stands before a positional-only config is positional, too.
    forms = [f"({before}{each}) -> {result}".replace(", )", ")") for each in (first, *keywords)]
    forms += extra
    lines = []
    for form in forms:
        if len(forms) > 1:
            module.add("typing", "overload")
            lines.append(f"{indent}@overload")
        lines.append(f"{indent}def {name}{form}: ...")
    if text:
        lines[-1] = lines[-1].removesuffix(" ...")
        lines += [*doc(text, indent + "    "), f"{indent}    ..."]
    return lines


# --- functions ---


def function(
    module: Module, name: str, value: Any, indent: str = "", *, skip: int = 0, first: str = ""
) -> list[str]:
    """A Python function by its annotations; `first` replaces the first `skip` parameters."""
    signature = inspect.signature(value)
    origin = value.__module__
    parameters = list(signature.parameters.values())[skip:]
    shown = parameters_text(module, parameters, origin)
    if first:
        shown = f"{first}, {shown}" if shown else first
    result = annotation_text(module, signature.return_annotation, origin)
    return [f"{indent}def {name}({shown}) -> {result}: ..."]


def annotation_text(module: Module, annotation: Any, origin: str) -> str:
    if annotation is inspect.Signature.empty:
        return module.use("Any")
    return module.use(annotation if isinstance(annotation, str) else annotation.__name__, origin)


def parameters_text(module: Module, parameters: list[inspect.Parameter], origin: str) -> str:
    shown: list[str] = []
    last = None
    for p in parameters:
        if last is p.POSITIONAL_ONLY and p.kind is not p.POSITIONAL_ONLY:
            shown.append("/")
        if p.kind is p.KEYWORD_ONLY and last not in (p.KEYWORD_ONLY, p.VAR_POSITIONAL):
            shown.append("*")
        last = p.kind
        stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        text = stars + p.name
        if p.name != "self":
            text += f": {annotation_text(module, p.annotation, origin)}"
        shown.append(text + ("" if p.default is p.empty else " = ..."))
    if last is inspect.Parameter.POSITIONAL_ONLY:
        shown.append("/")
    return ", ".join(shown)


# --- operations ---

_ATTRS = {
    "boolean": "bool",
    "count_or_sizes": "int | Sequence[int]",
    "dtype": "DTypeName",
    "integer": "int",
    "ints": "int | Sequence[int]",
    "number": "float",
    "pairs": "int | Sequence[int] | Sequence[Sequence[int]]",
    "padding": 'Literal["valid", "same"] | int | Sequence[Sequence[int]]',
    "seed": "int | str",
    "string": "str",
}
_LOOSE = {"dtype": "str", "padding": "str | int | Sequence[Sequence[int]]"}
_INPUTS = {
    "one": "TensorLike",
    "optional": "TensorLike | None",
    "list": "Sequence[TensorLike]",
    "variables": "Sequence[Variable]",
}


def operation(
    module: Module, name: str, op: Any, indent: str = "", *, method: bool = False, strict: bool = True
) -> list[str]:
    """An operation by its declaration; as a method its first input is the tensor.

    Without `strict` any string stands for an enumeration, for callers that pass on what they checked.
    """
    spec = op.spec
    if spec["effect"] == "updates" and not strict:
        return [f"{indent}def {name}(*args: {module.use('Any')}) -> None: ..."]
    parts = ["self"] if method else []
    for declared in spec["inputs"][1 if method else 0 :]:
        default = " = ..." if declared["arity"] == "optional" else ""
        parts.append(f"{declared['name']}: {module.use(_INPUTS[declared['arity']], 'lamina._core')}{default}")
    for attr in spec["attrs"]:
        kind = _ATTRS[attr["type"]]
        if not strict:
            kind = _LOOSE.get(attr["type"], kind)
        elif attr["choices"]:
            kind = "Literal[" + ", ".join(f'"{c}"' for c in attr["choices"]) + "]"
        if attr["nullable"]:
            kind += " | None"
        parts.append(f"{attr['name']}: {module.use(kind)}" + ("" if attr["required"] else " = ..."))
    # Python has no way to leave out what stands before a required parameter.
    last = max((i for i, part in enumerate(parts) if not part.endswith(" = ...")), default=-1)
    parts = [part.removesuffix(" = ...") if i < last else part for i, part in enumerate(parts)]
    outputs = spec["outputs"]
    if outputs == ["*"]:
        result = "list[Tensor]"
    elif len(outputs) > 1:
        result = f"tuple[{', '.join(['Tensor'] * len(outputs))}]"
    else:
        result = "Tensor" if outputs else "None"
    head = f"{indent}def {name}({', '.join(parts)}) -> {result}:"
    return [head, *doc(spec["doc"], indent + "    "), f"{indent}    ..."]
